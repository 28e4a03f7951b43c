from __future__ import annotations

import numpy as np
import pytest
from ase.data import vdw_radii

from potash.molecules.coordination import contacts, donor_distance, donor_sets, embed_around_ion
from potash.structures.molecule import Structure
from potash.structures.smiles import parse_smiles


@pytest.mark.parametrize(
    ("smiles", "expected"),
    [
        ("O", {(0,)}),
        ("COCCOC", {(1,), (1, 4)}),
        ("COCCOCCOC", {(1, 4, 7), (1, 4), (1,), (4,)}),
        ("CC(=O)N(C)C", {(2,)}),
        ("CC#N", {(2,)}),
        ("CCF", {(2,)}),
        ("CCC", set()),
        ("C[N+](C)(C)C", set()),
    ],
)
def test_donor_sets(smiles: str, expected: set[tuple[int, ...]]) -> None:
    assert set(donor_sets(parse_smiles(smiles))) == expected


def test_ether_oxygens_donate_before_fluorine() -> None:
    mol = parse_smiles("FC(F)COCC(F)F")
    symbols = {mol.GetAtomWithIdx(i).GetSymbol() for chosen in donor_sets(mol) for i in chosen}
    assert symbols == {"O"}


def test_larger_ions_sit_farther_away() -> None:
    middles = [np.mean(donor_distance(m, "O")) for m in ("Li", "Na", "K")]
    assert middles == sorted(middles)
    assert donor_distance("K", "S")[0] > donor_distance("K", "O")[0]
    # Ionic radii of the donors over that of O (1.40 A; Shannon, doi:10.1107/S0567739476001551).
    for donor, longer in (("S", 0.44), ("Cl", 0.41), ("Br", 0.56), ("I", 0.80)):
        for bound, plain in zip(donor_distance("K", donor), donor_distance("K", "O"), strict=True):
            assert bound - plain == pytest.approx(longer, abs=0.06)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_chelates_fold_around_potassium(n: int) -> None:
    dme = parse_smiles("COCCOC")
    starts = embed_around_ion([dme] * n, "K", 1, seed=1)
    assert starts
    best = min(
        (sorted(np.linalg.norm(s.positions[1:] - s.positions[0], axis=1)) for s in starts),
        key=lambda d: d[2 * n - 1],
    )
    assert starts[0].numbers[0] == 19
    assert starts[0].charge == 1
    assert best[0] > 2.2
    assert best[2 * n - 1] < 3.6


def test_contacts_touch_without_overlap() -> None:
    cage = Structure((5, 5, 1), np.array([[0.0, 0, 0], [1.8, 0, 0], [-1.2, 0, 0]]), -1)
    ion = Structure((19,), np.zeros((1, 3)), 1)
    found = contacts(cage, ion, seed=1, directions=12)
    assert len(found) == 12
    for start in found:
        ratio = np.linalg.norm(start.positions[:3] - start.positions[3], axis=1) / (
            vdw_radii[[5, 5, 1]] + vdw_radii[19]
        )
        assert ratio.min() == pytest.approx(0.85, abs=1e-6)
        assert start.charge == 0
    spread = np.array([s.positions[3] - s.positions[:3].mean(axis=0) for s in found])
    assert np.linalg.matrix_rank(spread) == 3


def test_contacts_come_evenly_from_all_sides() -> None:
    """Between an atom and a diatomic: no direction is preferred, no two are alike."""
    ion = Structure((19,), np.zeros((1, 3)), 1)
    pair = Structure((6, 8), np.array([[0.0, 0, 0], [0.0, 0, 1.2]]), 0)
    found = contacts(ion, pair, seed=1, directions=60)
    away = np.array([s.positions[1:].mean(axis=0) for s in found])
    away /= np.linalg.norm(away, axis=1)[:, None]
    assert np.linalg.norm(away.mean(axis=0)) < 0.02
    assert np.allclose(away.T @ away / 60, np.eye(3) / 3, atol=0.02)
    angles = away @ away.T - 2 * np.eye(60)
    assert np.degrees(np.arccos(angles.max())) > 15
    # The second species is turned as a rigid body, evenly too.
    axes = np.array([s.positions[2] - s.positions[1] for s in found])
    assert np.allclose(np.linalg.norm(axes, axis=1), 1.2)
    assert np.linalg.norm(axes.mean(axis=0)) < 0.35
