"""Boxes: compositions to whole molecules, sizes, packing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from MDAnalysis.lib.distances import distance_array

from potash.engines.topology import Topology
from potash.errors import InputError
from potash.liquids.box import (
    CONTACT_ANGSTROM,
    PACKMOL_TOLERANCE_ANGSTROM,
    Part,
    box_edge_angstrom,
    check_box,
    mole_fractions,
    molecule_counts,
    pack,
)
from potash.liquids.forcefield import load_force_field
from potash.liquids.typing import parameterise

positive = st.floats(0.05, 20.0)


def salt(value: float, unit: str, volume: float = 85.0) -> Part:
    return Part("kfsi", {"k_plus": 1, "fsi_minus": 1}, value, unit, 219.2, volume, ionic=True)


def solvent(name: str, value: float, unit: str, mass: float, volume: float, of: str = "") -> Part:
    return Part(name, {name: 1}, value, unit, mass, volume, of=of)


def test_molarity_is_per_litre_of_solution() -> None:
    x = mole_fractions([salt(1.0, "mol/L", 100.0), solvent("dme", 0, "balance", 90.12, 100.0)])
    # One mole of salt takes 100 mL, so 900 mL are left for 9 mol of solvent.
    assert x["dme"] / x["k_plus"] == pytest.approx(9.0)
    assert x["k_plus"] == pytest.approx(x["fsi_minus"])


def test_molality_is_per_kilogram_of_solvent() -> None:
    x = mole_fractions([salt(2.0, "mol/kg"), solvent("dme", 0, "balance", 100.0, 100.0)])
    assert x["dme"] / x["k_plus"] == pytest.approx(10.0 / 2.0)


def test_volume_ratio_of_solvents_beside_a_molarity() -> None:
    x = mole_fractions([
        salt(0.8, "mol/L"),
        solvent("ec", 1, "volume_ratio", 88.06, 66.6),
        solvent("dec", 1, "volume_ratio", 118.13, 121.9),
    ])  # fmt: skip
    assert x["ec"] / x["dec"] == pytest.approx(121.9 / 66.6)


def test_molar_and_mass_ratios() -> None:
    x = mole_fractions([
        salt(1, "molar_ratio"),
        solvent("dme", 2, "molar_ratio", 90.12, 104.7),
        solvent("tte", 1, "molar_ratio", 232.1, 151.7),
    ])  # fmt: skip
    assert x["dme"] / x["fsi_minus"] == pytest.approx(2.0)
    assert x["tte"] / x["k_plus"] == pytest.approx(1.0)
    y = mole_fractions([
        solvent("a", 1, "mass_ratio", 50.0, 50.0),
        solvent("b", 3, "mass_ratio", 100.0, 50.0),
    ])  # fmt: skip
    assert y["b"] / y["a"] == pytest.approx(3 / 100 * 50)


def test_percent_of_the_whole_and_of_a_component() -> None:
    x = mole_fractions([
        solvent("dme", 0, "balance", 90.0, 100.0),
        solvent("vc", 10, "wt_percent", 86.0, 63.0),
    ])  # fmt: skip
    mass = x["vc"] * 86.0 / (x["vc"] * 86.0 + x["dme"] * 90.0)
    assert mass == pytest.approx(0.10)
    y = mole_fractions([
        solvent("dme", 0, "balance", 90.0, 100.0),
        solvent("vc", 10, "wt_percent", 86.0, 63.0, of="dme"),
    ])  # fmt: skip
    assert y["vc"] * 86.0 / (y["dme"] * 90.0) == pytest.approx(0.10)


@given(positive, positive, positive, st.floats(0.1, 10))
def test_ratios_do_not_depend_on_their_scale(a: float, b: float, c: float, k: float) -> None:
    def liquid(f: float) -> dict[str, float]:
        return mole_fractions([
            salt(f * a, "molar_ratio"),
            solvent("dme", f * b, "molar_ratio", 90.0, 100.0),
            solvent("tte", f * c, "molar_ratio", 232.0, 150.0),
        ])  # fmt: skip

    one, other = liquid(1.0), liquid(k)
    assert sum(one.values()) == pytest.approx(1.0)
    assert one == pytest.approx(other)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([], "at least one"),
        ([salt(-1, "mol/L"), solvent("dme", 0, "balance", 90, 100)], "must be positive"),
        ([salt(1, "mol/L")], "needs a solvent"),
        ([salt(20, "mol/L"), solvent("dme", 0, "balance", 90, 100)], "no room"),
        ([salt(1, "ratio"), solvent("dme", 0, "balance", 90, 100)], "open"),
        (
            [salt(1, "molar_ratio"), solvent("dme", 1, "mass_ratio", 90, 100)],
            "different kinds",
        ),
        ([salt(1, "molar_ratio"), solvent("dme", 0, "balance", 90, 100)], "beside ratios"),
        ([solvent("dme", 60, "wt_percent", 90, 100)], "add up to 100"),
    ],
)
def test_impossible_liquids(parts: list[Part], message: str) -> None:
    with pytest.raises(InputError, match=message):
        mole_fractions(parts)


CHARGES = {"k_plus": 1, "fsi_minus": -1, "dme": 0}
ATOMS = {"k_plus": 1, "fsi_minus": 9, "dme": 16}


@given(st.floats(0.2, 4.0), st.integers(300, 5000))
def test_counts_are_neutral_and_close_to_the_composition(molarity: float, n_atoms: int) -> None:
    x = mole_fractions([salt(molarity, "mol/L"), solvent("dme", 0, "balance", 90.12, 104.7)])
    counts = molecule_counts(x, CHARGES, ATOMS, n_atoms=n_atoms)
    assert sum(counts[s] * CHARGES[s] for s in counts) == 0
    assert counts["dme"] / counts["k_plus"] == pytest.approx(x["dme"] / x["k_plus"], abs=0.51)


def test_counts_with_three_ions_are_neutral() -> None:
    x = {"k_plus": 0.1, "fsi_minus": 0.07, "pf6_minus": 0.03, "dme": 0.8}
    charges = {**CHARGES, "pf6_minus": -1}
    counts = molecule_counts(x, charges, {**ATOMS, "pf6_minus": 7}, n_atoms=1000)
    assert sum(counts[s] * charges[s] for s in counts) == 0


def dme_box(n: int) -> Topology:
    return Topology(((parameterise("dme", load_force_field()), n),))


def test_edge_gives_the_density_back() -> None:
    topology = dme_box(50)
    edge = box_edge_angstrom(topology, 0.861)
    assert topology.density_g_ml(edge**3) == pytest.approx(0.861)
    with pytest.raises(InputError, match="impossible"):
        box_edge_angstrom(topology, 0.0)


def test_box_must_hold_twice_the_cutoff() -> None:
    check_box(21.0, 10.0)
    with pytest.raises(InputError, match=r"at least 21\.0 A"):
        check_box(20.9, 10.0)
    with pytest.raises(InputError, match=r"at least 20\.0 A"):
        check_box(15.0, 7.0)


def test_packing_is_periodic_apart_and_reproducible() -> None:
    topology = dme_box(20)
    edge = box_edge_angstrom(topology, 0.75)
    positions = pack(topology, edge, seed=7)
    assert np.array_equal(positions, pack(topology, edge, seed=7))
    assert not np.array_equal(positions, pack(topology, edge, seed=8))
    r = distance_array(positions, positions, box=np.array([edge] * 3 + [90.0] * 3))
    molecule = np.repeat(np.arange(20), 16)
    between = r[molecule[:, None] != molecule[None, :]]
    assert between.min() > 0.95 * PACKMOL_TOLERANCE_ANGSTROM


def test_a_paired_start_has_every_cation_next_to_an_anion() -> None:
    """The other start: same molecules in the same order, ions in contact instead of anywhere."""
    ff = load_force_field()
    names = (("k_plus", 4), ("dme", 30), ("fsi_minus", 3), ("pf6_minus", 1))
    topology = Topology(tuple((parameterise(name, ff), n) for name, n in names))
    edge = box_edge_angstrom(topology, 0.75)
    box = np.array([edge] * 3 + [90.0] * 3)
    nearest = {}
    for paired in (False, True):
        positions = pack(topology, edge, seed=2, paired=paired)
        assert positions.shape == (topology.n_atoms, 3)
        first = 4 + 30 * 16
        nearest[paired] = distance_array(positions[:4], positions[first:], box=box).min(axis=1)
        dme = positions[4 : 4 + 16]
        inside = np.linalg.norm(dme[:, None] - dme[None], axis=2)
        assert inside.max() < 12.0
    assert nearest[True] == pytest.approx([CONTACT_ANGSTROM] * 4, abs=0.01)
    assert nearest[False].max() > 4.0
