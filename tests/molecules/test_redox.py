from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from potash.catalog.species import Species
from potash.engines.molecule_levels import screen_level, standard_level
from potash.errors import CalculationError, InputError, RefusedError
from potash.molecules.conformers import embed
from potash.molecules.electron_transfer import molecule_bonds, transfer, weak_bonds
from potash.molecules.orbitals import compute_species, smiles_calculation
from potash.molecules.redox import absolute_potassium_v, compute_redox, redox_calculation
from potash.results.calculation import Outcome
from potash.results.model import NoNeeds
from potash.results.species import ConformerSearch
from potash.structures.molecule import Structure
from potash.structures.smiles import parse_smiles

QUICK = ConformerSearch(per_rotor=0, most=2, relaxed=1)


def _run(smiles: str, folder: Path, charge: int = 0, **options: float) -> Outcome:
    species = Species(id="it", name="it", smiles=smiles, charge=charge)
    options.setdefault("dielectric_constant", 7.2)
    calculation = redox_calculation(species, screen_level(), search=QUICK, **options)
    return compute_redox(
        calculation.inputs, NoNeeds(), workdir=folder, progress=lambda _f, _t: None
    )


def test_absolute_scale() -> None:
    assert absolute_potassium_v(4.44) == pytest.approx(1.509)
    assert absolute_potassium_v(4.28) == pytest.approx(1.349)
    with pytest.raises(InputError, match=r"4\.44 and 4\.28"):
        absolute_potassium_v(3.0)


def test_oxidation_lies_above_reduction_and_carries_its_interval(tmp_path: Path) -> None:
    outcome = _run("CS(C)=O", tmp_path)
    values = outcome.values
    assert values.window_v == pytest.approx(
        values.potential_oxidation_v_vs_k - values.potential_reduction_v_vs_k
    )
    assert values.window_v > 2
    assert values.potential_oxidation_v_vs_k <= values.potential_oxidation_vertical_v_vs_k
    assert values.potential_reduction_v_vs_k >= values.potential_reduction_vertical_v_vs_k
    # Tight binding's own 0.9 and 1.5 V, with the 0.2 V of the scale in quadrature.
    assert outcome.uncertainty["potential_oxidation_v_vs_k"] == pytest.approx(0.85**0.5)
    assert outcome.uncertainty["potential_reduction_v_vs_k"] == pytest.approx(2.29**0.5)
    assert "1.51 V absolute" in outcome.reference_state


def test_ether_without_a_bound_reduced_state_gets_an_upper_limit(tmp_path: Path) -> None:
    outcome = _run("COC", tmp_path)
    assert outcome.values.reduction_is_upper_limit is True
    assert outcome.values.reduction_dissociative is False
    assert outcome.values.reduction_fragments is None
    assert "upper limit" in outcome.reason


def test_adiabatic_energies_in_the_gas_phase(tmp_path: Path) -> None:
    """Below the vertical ionisation energy; quinone binds an electron, an ether does not."""
    ether, quinone = _run("COC", tmp_path), _run("O=C1C=CC(=O)C=C1", tmp_path)
    verticals = []
    for smiles, outcome in (("COC", ether), ("O=C1C=CC(=O)C=C1", quinone)):
        plain = smiles_calculation(smiles, screen_level(), search=QUICK)
        species = compute_species(
            plain.inputs, NoNeeds(), workdir=tmp_path, progress=lambda _f, _t: None
        )
        verticals.append(species.values)
        ip = species.values.ip_vertical_ev
        assert ip - 1.5 < outcome.values.ip_adiabatic_ev < ip + 1e-6
    assert ether.values.ea_adiabatic_bound is False
    assert ether.values.ea_adiabatic_ev is None
    assert quinone.values.ea_adiabatic_bound is True
    assert quinone.values.ea_adiabatic_ev > verticals[1].ea_vertical_ev - 1e-6


def test_fragments_come_with_a_dissociative_reduction(tmp_path: Path) -> None:
    values = _run("ClC(Cl)(Cl)Cl", tmp_path).values
    assert values.reduction_dissociative is True
    assert values.reduction_broken_bonds == ("C-Cl",)
    assert values.potential_reduction_v_vs_k > values.potential_reduction_vertical_v_vs_k


def test_oxidation_stands_where_reduction_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_oxidation(*arguments: object, **options: object) -> object:
        if arguments[2] == 1:
            raise CalculationError("it flew apart")
        return transfer(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("potash.molecules.redox.transfer", only_oxidation)
    outcome = _run("COC", tmp_path)
    assert outcome.reason == "no reduction potential: it flew apart"
    assert outcome.values.potential_oxidation_v_vs_k is not None
    assert outcome.values.potential_reduction_v_vs_k is None
    assert outcome.values.window_v is None


def test_scale_shifts_both_potentials_alike(tmp_path: Path) -> None:
    one, two = (_run("CC#N", tmp_path, absolute_she_v=v).values for v in (4.44, 4.28))
    for side in ("oxidation", "reduction"):
        column = f"potential_{side}_v_vs_k"
        assert getattr(two, column) - getattr(one, column) == pytest.approx(0.16, abs=1e-9)


@pytest.mark.physics
def test_a_more_polar_medium_protects_an_anion_and_eases_oxidation_of_a_neutral(
    tmp_path: Path,
) -> None:
    def oxidation(smiles: str, charge: int) -> list[float]:
        return [
            _run(smiles, tmp_path, charge, dielectric_constant=e).values.potential_oxidation_v_vs_k
            for e in (2.0, 50.0)
        ]

    neutral, anion = oxidation("COC", 0), oxidation("[O-][N+](=O)[O-]", -1)
    assert neutral[1] < neutral[0]
    assert anion[1] > anion[0]


def test_tetrachloromethane_loses_chloride_on_reduction() -> None:
    mol = parse_smiles("ClC(Cl)(Cl)Cl")
    full, _ = embed(mol, seed=1, search=QUICK)
    structure = Structure(
        tuple(a.GetAtomicNum() for a in full.GetAtoms()),
        np.array(full.GetConformer(0).GetPositions()),
    )
    state = transfer(structure, molecule_bonds(full), 1, 7.2, weak_bonds=weak_bonds(mol))
    assert state.broken_bonds == ("C-Cl",)
    assert any(f.startswith("Cl (-") for f in state.fragments)
    assert not state.frees_fluoride
    assert state.structure.charge == -1
    assert state.gain_ev >= 0


def test_weak_bonds_prefer_activated_ones() -> None:
    carbonate = parse_smiles("CCOC(=O)OCC")
    symbols = {
        frozenset(carbonate.GetAtomWithIdx(i).GetSymbol() for i in pair)
        for pair in weak_bonds(carbonate)
    }
    assert symbols == {frozenset({"C", "O"})}
    fsi = parse_smiles("O=S(=O)(F)[N-]S(=O)(=O)F")
    kinds = {frozenset(fsi.GetAtomWithIdx(i).GetSymbol() for i in pair) for pair in weak_bonds(fsi)}
    assert frozenset({"S", "F"}) in kinds
    assert weak_bonds(parse_smiles("CCC")) == []


def test_what_has_no_potential_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="bare ion"):
        _run("[K+]", tmp_path, 1)
    with pytest.raises(InputError, match="no dielectric constant"):
        _run("O", tmp_path, dielectric_constant=0.5)


@pytest.mark.physics
def test_standard_oxidation_potential_lies_near_that_of_screen(tmp_path: Path) -> None:
    species = Species(id="it", name="it", smiles="CO")
    rows = [
        compute_redox(
            redox_calculation(species, level, dielectric_constant=7.2, search=QUICK).inputs,
            NoNeeds(),
            workdir=tmp_path,
            progress=lambda _f, _t: None,
        )
        for level in (screen_level(), standard_level())
    ]
    potentials = [r.values.potential_oxidation_v_vs_k for r in rows]
    widths = [r.uncertainty["potential_oxidation_v_vs_k"] for r in rows]
    assert abs(potentials[0] - potentials[1]) < sum(widths)
    assert widths[1] < widths[0]
