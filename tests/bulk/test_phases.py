from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.emt import EMT
from pymatgen.core import Composition
from scipy.optimize import minimize_scalar

from potash.bulk.hull import lowest_compound
from potash.bulk.phases import (
    compute_phase,
    formula_units,
    phase_calculation,
    primitive_cell,
)
from potash.bulk.thermodynamics import phase_energy
from potash.catalog.phases import Phase, load_phases
from potash.engines.adsorption_levels import adsorption_level
from potash.errors import InputError, RefusedError
from potash.results.model import NoNeeds
from potash.structures.checks import check_structure
from potash.structures.unit_cells import crystal_atoms

EMT_LEVEL = adsorption_level("emt", calculator="ase.calculators.emt:EMT")


def quiet(fraction: float, text: str) -> None:
    """Ignore progress."""


def made(phase: Phase) -> Atoms:
    return primitive_cell(phase.recipe.crystal)


@pytest.mark.parametrize("phase", load_phases().values(), ids=lambda p: p.id)
def test_every_phase_has_its_composition_and_no_overlap(phase: Phase) -> None:
    cell = made(phase)
    conventional = crystal_atoms(phase.recipe.crystal)
    check_structure(cell)
    assert len(conventional) % len(cell) == 0
    assert cell.cell.volume / len(cell) == pytest.approx(
        conventional.cell.volume / len(conventional), rel=1e-4
    )
    assert formula_units(cell, phase.formula) >= 1
    charges = phase.recipe.crystal.oxidation_states
    if charges:
        total = sum(charges[str(s)] for s in cell.symbols)
        assert total == pytest.approx(0)


def test_phases_of_the_claims_and_their_elements_are_there() -> None:
    phases = load_phases()
    formulas = {Composition(p.formula).reduced_formula for p in phases.values()}
    for formula in ("K3Bi", "KBi2", "K3Sb", "KSn", "KGe", "K2O", "KF", "K2S", "KCl", "K3ClO"):
        assert formula in formulas
    elements = {p.formula for p in phases.values() if len(Composition(p.formula)) == 1}
    assert {"K", "Bi", "Sb", "Sn", "Ge", "P", "Cu", "Ag", "Al", "V", "Te", "Se"} <= elements
    assert all(p.sources for p in phases.values())


def test_energy_of_copper_against_a_scan_of_the_lattice(tmp_path: Path) -> None:
    phase = load_phases()["cu_fcc"]
    calculation = phase_calculation(phase, EMT_LEVEL)
    outcome = compute_phase(calculation.inputs, NoNeeds(), workdir=tmp_path, progress=quiet)

    def energy(a: float) -> float:
        atoms = Atoms("Cu", cell=a / 2 * np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]]), pbc=True)
        atoms.calc = EMT()
        return float(atoms.get_potential_energy())

    best = minimize_scalar(energy, bounds=(3.3, 3.9), method="bounded")
    assert outcome.status == "ok"
    assert outcome.values.energy_ev_per_formula == pytest.approx(float(best.fun), abs=2e-3)
    assert outcome.values.hubbard_elements == ()
    energy_of_row = phase_energy(outcome.values, "emt", "cu_fcc")
    assert (energy_of_row.formula, energy_of_row.name) == ("Cu", "cu_fcc")
    assert energy_of_row.energy_ev == outcome.values.energy_ev_per_formula


def test_formation_energy_by_emt(tmp_path: Path) -> None:
    """Cu3Pt from the rows against Cu and Pt, by hand."""
    phases = load_phases()
    energies = []
    for name in ("cu_fcc", "pt_fcc", "cu3pt"):
        inputs = phase_calculation(phases[name], EMT_LEVEL).inputs
        values = compute_phase(inputs, NoNeeds(), workdir=tmp_path, progress=quiet).values
        energies.append(phase_energy(values, "emt", name))
    cu, pt, cu3pt = (p.energy_ev for p in energies)
    found = lowest_compound(energies, ("Cu", "Pt"))
    assert found is not None
    assert found.formation_energy_ev_per_atom == pytest.approx((cu3pt - 3 * cu - pt) / 4)


def test_inputs_determine_the_key() -> None:
    phases = load_phases()
    keys = {phase_calculation(p, EMT_LEVEL).key for p in phases.values()}
    assert len(keys) == len(phases)
    again = phase_calculation(phases["k3bi_hexagonal"], EMT_LEVEL)
    assert again.key == phase_calculation(phases["k3bi_hexagonal"], EMT_LEVEL).key


def test_wrong_composition_is_refused() -> None:
    cell = made(load_phases()["k3bi_hexagonal"])
    assert formula_units(cell, "K3Bi") == 2
    with pytest.raises(InputError, match="not KBi"):
        formula_units(cell, "KBi")


def test_dft_is_refused(tmp_path: Path) -> None:
    level = {
        "engine": "gpaw",
        "name": "standard",
        "versions": {"gpaw": "26"},
        "parameters": {"mode": "lcao"},
    }
    inputs = phase_calculation(load_phases()["cu_fcc"], EMT_LEVEL).inputs
    inputs = inputs.model_copy(update={"level": level})
    with pytest.raises(RefusedError, match="potentials"):
        compute_phase(inputs, NoNeeds(), workdir=tmp_path, progress=quiet)


@pytest.mark.physics
@pytest.mark.physics
def test_bismuth_alloys_and_silver_does_not(tmp_path: Path) -> None:
    level = adsorption_level("screen")
    names = ["k_bcc", "bi_a7", "k3bi_hexagonal", "kbi2", "ag_fcc"]
    names += [n for n, p in load_phases().items() if p.hypothetical and "Ag" in p.formula]
    energies = []
    for name in names:
        inputs = phase_calculation(load_phases()[name], level).inputs
        values = compute_phase(inputs, NoNeeds(), workdir=tmp_path, progress=quiet).values
        energies.append(phase_energy(values, "screen", name))
    compound = lowest_compound(energies, ("K", "Bi"))
    assert compound is not None
    assert compound.formation_energy_ev_per_atom < -0.2
    silver = lowest_compound(energies, ("K", "Ag"))
    # The potential gives a hypothetical K-Ag phase a few hundredths of an eV, which is
    # less than such a potential resolves; bismuth's is an order of magnitude more.
    assert (
        silver is None
        or silver.formation_energy_ev_per_atom > compound.formation_energy_ev_per_atom / 5
    )
