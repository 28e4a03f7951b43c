from __future__ import annotations

import tempfile
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from ase.io import read
from ase.optimize import BFGS
from ase.thermochemistry import IdealGasThermo
from ase.vibrations import Vibrations

from potash.catalog.species import Salt, Species
from potash.engines.molecule_levels import screen_level, standard_level
from potash.engines.xtb_ase import XtbCalculator
from potash.errors import InputError, RefusedError
from potash.molecules.assembly import Part
from potash.molecules.complexes import (
    complex_calculation,
    compute_complex,
    counterpoise,
    ion_distances,
    salt_calculation,
)
from potash.results.calculation import Calculation, Outcome
from potash.results.model import NoNeeds
from potash.results.species import ConformerSearch
from potash.structures.molecule import Structure

WATER = Species(id="water", name="water", smiles="O")
DME = Species(id="dme", name="1,2-dimethoxyethane", smiles="COCCOC")
FSI = Species(id="fsi_minus", name="FSI", smiles="O=S(=O)(F)[N-]S(=O)(=O)F", charge=-1)
QUICK = ConformerSearch(per_rotor=1, most=4, relaxed=1)


def _run(calculation: Calculation, folder: Path) -> Outcome:
    return compute_complex(
        calculation.inputs, NoNeeds(), workdir=folder, progress=lambda _f, _t: None
    )


def test_screen_binding_falls_from_lithium_to_potassium_and_is_flagged(tmp_path: Path) -> None:
    found = [
        _run(complex_calculation(m, [WATER], screen_level()), tmp_path) for m in ("Li", "Na", "K")
    ]
    energies = [o.values.binding_energy_ev for o in found]
    assert energies == sorted(energies, reverse=True)
    assert energies[2] > 0
    distances = [o.values.ion_distances_angstrom[0] for o in found]
    assert distances == sorted(distances)
    assert all("overbinds" in o.reason for o in found)


def test_dme_chelates_potassium(tmp_path: Path) -> None:
    outcome = _run(complex_calculation("K", [DME], screen_level(), search=QUICK), tmp_path)
    assert len(outcome.values.ion_distances_angstrom) == 2
    assert outcome.values.metal == "K"
    assert outcome.values.ligands == ("dme",)
    assert outcome.values.charge == 1


def test_a_second_ligand_binds_less_than_the_first(tmp_path: Path) -> None:
    one, two = (
        _run(
            complex_calculation("K", [WATER] * n, screen_level()), tmp_path
        ).values.binding_energy_ev
        for n in (1, 2)
    )
    assert one < two < 2 * one


def test_ion_pair_binds_far_more_strongly_than_a_solvent(tmp_path: Path) -> None:
    salt = Salt(id="kfsi", name="KFSI", cation="k_plus", anion="fsi_minus")
    potassium = Species(id="k_plus", name="potassium cation", smiles="[K+]", charge=1)
    outcome = _run(salt_calculation(salt, potassium, FSI, screen_level(), search=QUICK), tmp_path)
    assert outcome.values.charge == 0
    assert outcome.values.binding_energy_ev > 4
    assert outcome.values.metal == "K"


def test_molecular_ion_pair_is_put_in_contact(tmp_path: Path) -> None:
    cation = Species(id="nme4_plus", name="NMe4+", smiles="C[N+](C)(C)C", charge=1)
    anion = Species(id="pf6_minus", name="PF6-", smiles="F[P-](F)(F)(F)(F)F", charge=-1)
    salt = Salt(id="pair", name="pair", cation="nme4_plus", anion="pf6_minus")
    outcome = _run(salt_calculation(salt, cation, anion, screen_level(), search=QUICK), tmp_path)
    assert 2 < outcome.values.binding_energy_ev < 6
    assert outcome.values.metal == ""
    assert outcome.values.ion_distances_angstrom is None


def test_label_and_key_of_a_complex() -> None:
    level = screen_level()
    assert complex_calculation("K", [DME], level).item == "k_plus_dme"
    assert complex_calculation("Na", [DME, DME], level).item == "na_plus_dme_x2"
    assert complex_calculation("K", [DME], level).key != complex_calculation("Na", [DME], level).key
    assert complex_calculation("K", [DME], level).key == complex_calculation("K", [DME], level).key


def test_bad_complexes_are_input_errors() -> None:
    with pytest.raises(InputError, match="'Fe' is no alkali metal"):
        complex_calculation("Fe", [DME], screen_level())
    with pytest.raises(InputError, match="at least one ligand"):
        complex_calculation("K", [], screen_level())


def test_part_without_structure_is_refused(tmp_path: Path) -> None:
    cage = Species(id="cage", name="cage", formula="B11H14", charge=-1, no_smiles_reason="a cage")
    with pytest.raises(RefusedError, match="cage"):
        _run(complex_calculation("K", [cage], screen_level()), tmp_path)


def test_ion_distances_count_donors_only() -> None:
    structure = Structure(
        (19, 8, 6, 1), np.array([[0.0, 0, 0], [2.7, 0, 0], [0, 2.8, 0], [0, 0, 2.0]]), 1
    )
    assert ion_distances(structure, 1) == (2.7,)
    assert ion_distances(structure, 0) == ()


@pytest.mark.physics
def test_potassium_water_at_standard(tmp_path: Path) -> None:
    outcome = _run(complex_calculation("K", [WATER], standard_level()), tmp_path)
    values = outcome.values
    assert values.binding_energy_ev - values.counterpoise_ev == pytest.approx(0.78, abs=0.06)
    assert 0 < values.counterpoise_ev < 0.06
    assert values.ion_distances_angstrom[0] == pytest.approx(2.60, abs=0.08)
    assert values.metal_share_of_lumo > 0.5
    corrected = values.binding_energy_ev - values.counterpoise_ev
    assert values.binding_energy_counterpoise_ev == pytest.approx(corrected, abs=1e-9)
    # By ASE: its vibrations of the GFN2-xTB surface, its ideal gas; the ion has 5/2 kT.
    change = ideal_gas_enthalpy(outcome.structures["geometry"]) - ideal_gas_enthalpy(WATER_XYZ)
    change -= 2.5 * BOLTZMANN_EV_K * 298.15
    assert abs(change) > 0.012
    assert values.binding_enthalpy_298k_ev == pytest.approx(corrected - change, abs=0.006)


BOLTZMANN_EV_K = 8.617333262e-5
WATER_XYZ = "3\n\nO 0 0 0.1173\nH 0 0.7572 -0.4692\nH 0 -0.7572 -0.4692\n"


def ideal_gas_enthalpy(xyz: str) -> float:
    """Return H(298 K) - E of a molecule or cation complex in eV, by ASE on the GFN2-xTB surface."""
    is_complex = "K" in xyz.split("\n", 2)[2]
    atoms = read(StringIO(xyz), format="extxyz" if is_complex else "xyz")
    atoms.calc = XtbCalculator(charge=int(is_complex))
    if not is_complex:
        BFGS(atoms, logfile=None).run(fmax=0.005)
    with tempfile.TemporaryDirectory() as folder:
        vibrations = Vibrations(atoms, name=f"{folder}/vib")
        vibrations.run()
        energies = np.real(vibrations.get_energies())
    real = np.sort(energies)[6:]
    return IdealGasThermo(real, "nonlinear", atoms=atoms, symmetrynumber=1, spin=0).get_enthalpy(
        298.15, verbose=False
    )


def test_counterpoise_is_what_the_basis_of_the_others_lowers_each_part_by(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """K+ falls by 0.02 eV, water by 0.05 eV: the complex is bound 0.07 eV too strongly."""
    energies = {(1, False): -100.0, (3, False): -200.0, (1, True): -100.02, (3, True): -200.05}

    def single_point(structure: Structure, _method: object, ghosts: tuple[int, ...] = ()) -> object:
        real = len(structure.numbers) - len(ghosts)
        return SimpleNamespace(energy_ev=energies[real, bool(ghosts)])

    monkeypatch.setattr("potash.molecules.complexes.single_point", single_point)
    ion = Structure((19,), np.zeros((1, 3)), 1)
    water = Structure((8, 1, 1), np.eye(3), 0)
    both = Structure((19, 8, 1, 1), np.arange(12.0).reshape(4, 3), 1)
    parts = [Part(ion, None), Part(water, None)]
    error = counterpoise(both, (slice(0, 1), slice(1, 4)), parts, object())  # type: ignore[arg-type]
    assert error == pytest.approx(0.07)


def test_part_of_several_molecules_is_refused(tmp_path: Path) -> None:
    dye = Species(id="dye", name="dye", smiles="[Cu+2].[NH-]CC[NH-]", multiplicity=2)
    with pytest.raises(RefusedError, match="dye: the SMILES"):
        _run(complex_calculation("K", [dye], screen_level()), tmp_path)


def test_solvated_ion_pair_is_neutral_and_bound_more_than_the_pair(tmp_path: Path) -> None:
    pair, solvated = (
        _run(complex_calculation("K", ligands, screen_level(), search=QUICK), tmp_path).values
        for ligands in ([FSI], [FSI, WATER])
    )
    assert solvated.charge == pair.charge == 0
    assert sorted(solvated.ligands) == ["fsi_minus", "water"]
    assert solvated.binding_energy_ev > pair.binding_energy_ev
