from __future__ import annotations

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from ase.io import read
from pydantic import ValidationError

from potash.catalog.species import Species
from potash.engines.molecule_levels import (
    methods_of,
    reference_level,
    screen_level,
    standard_level,
)
from potash.engines.pyscf import single_point
from potash.engines.xtb import vertical_ip_ea
from potash.errors import RefusedError
from potash.molecules.conformers import relaxed_conformers
from potash.molecules.orbitals import compute_species, smiles_calculation, species_calculation
from potash.results.calculation import Calculation, Outcome
from potash.results.model import NoNeeds
from potash.results.species import ConformerSearch
from potash.structures.molecule import Structure
from potash.structures.smiles import parse_smiles

QUICK = ConformerSearch(per_rotor=1, most=4, relaxed=1)


def _run(calculation: Calculation, folder: Path) -> Outcome:
    return compute_species(
        calculation.inputs, NoNeeds(), workdir=folder, progress=lambda _f, _t: None
    )


def _screen(smiles: str, folder: Path) -> Outcome:
    return _run(smiles_calculation(smiles, screen_level(), search=QUICK), folder)


def test_screen_gives_every_column_for_a_solvent(tmp_path: Path) -> None:
    outcome = _screen("COCCOC", tmp_path)
    assert outcome.status == "ok"
    values = outcome.values
    assert values.gap_ev == pytest.approx(values.lumo_ev - values.homo_ev)
    assert 8.5 < values.ip_vertical_ev < 10.5
    assert values.ea_bound is False
    assert values.ea_vertical_ev is None
    assert values.dipole_debye > 0
    assert "tblite" in outcome.engine_version
    assert outcome.structures["geometry"].startswith("16\n")


def test_fluorinated_ether_is_harder_to_oxidise_and_anion_easier(tmp_path: Path) -> None:
    ether, fluorinated, anion, hard = (
        _screen(s, tmp_path).values.ip_vertical_ev
        for s in (
            "CCOCC",
            "FC(F)C(F)(F)COC(F)(F)C(F)F",
            "O=S(=O)(F)[N-]S(=O)(=O)F",
            "F[P-](F)(F)(F)(F)F",
        )
    )
    assert anion < hard < ether < fluorinated


def test_conformers_that_share_the_weight_are_averaged(tmp_path: Path) -> None:
    search = ConformerSearch(per_rotor=4, most=20, relaxed=2)
    calculation = smiles_calculation("COCCOC", screen_level(), search=search)
    values = _run(calculation, tmp_path).values
    seed = calculation.inputs.seed
    found = relaxed_conformers(parse_smiles("COCCOC"), seed=seed, search=search)
    ips = [vertical_ip_ea(s)[0] for s in found.structures]
    assert len(ips) == 2
    weights = found.weights()
    assert values.ip_vertical_ev == pytest.approx(ips[0], abs=1e-3)
    assert values.ip_boltzmann_ev == pytest.approx(np.dot(weights, ips), abs=1e-3)
    assert values.ip_conformer_spread_ev == pytest.approx(abs(ips[0] - ips[1]), abs=2e-3)
    assert values.lowest_conformer_weight == pytest.approx(weights[0], abs=1e-3)


def test_a_single_conformer_has_no_average(tmp_path: Path) -> None:
    assert "ip_boltzmann_ev" not in _screen("C1COC(=O)O1", tmp_path).values


def test_a_peroxide_is_flagged_and_an_ester_is_not(tmp_path: Path) -> None:
    assert "peroxide" in _screen("OO", tmp_path).reason
    assert _screen("COC=O", tmp_path).reason == ""


def test_ion_has_no_dipole_column(tmp_path: Path) -> None:
    values = _screen("F[P-](F)(F)(F)(F)F", tmp_path).values
    assert values.dipole_debye is None
    assert values.charge == -1


def test_bound_electron_affinity_is_given(tmp_path: Path) -> None:
    values = _screen("N#CC(C#N)=C(C#N)C#N", tmp_path).values  # TCNE: 3.2 eV by experiment
    assert values.ea_bound is True
    assert 2.5 < values.ea_vertical_ev < 4.5


def test_bare_ion_is_refused_at_screen(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="bare atom"):
        _screen("[K+]", tmp_path)


def test_species_without_structure_is_planned_and_refused(tmp_path: Path) -> None:
    species = Species(
        id="mystery", name="mystery", formula="B3H10N", no_smiles_reason="a cage", charge=0
    )
    calculation = species_calculation(species, screen_level())
    assert len(calculation.key) == 64
    with pytest.raises(RefusedError, match="B3H10N"):
        _run(calculation, tmp_path)


def test_species_of_several_parts_is_refused(tmp_path: Path) -> None:
    species = Species(id="pair", name="pair", smiles="[Cu+2].[NH-]CC[NH-]", multiplicity=2)
    with pytest.raises(RefusedError, match="several molecules"):
        _run(species_calculation(species, screen_level()), tmp_path)


def test_cage_from_a_geometry_file(tmp_path: Path) -> None:
    file = tmp_path / "h3o.xyz"
    file.write_text("4\n\nO 0 0 0.1\nH 0.95 0 -0.2\nH -0.47 0.82 -0.2\nH -0.47 -0.82 -0.2\n")
    species = Species(
        id="h3o", name="oxonium", formula="H3O", no_smiles_reason="test", charge=1, geometry=file
    )
    values = _run(species_calculation(species, screen_level()), tmp_path).values
    assert values.charge == 1
    assert values.ip_vertical_ev > 15


def test_a_geometry_is_taken_before_a_smiles_that_cannot_be_embedded(tmp_path: Path) -> None:
    file = tmp_path / "chloride.xyz"
    file.write_text("3\n\nCu 0 0 0\nCl 0 0 2.1\nCl 0 0 -2.1\n")
    data = {"id": "x", "name": "x", "smiles": "[Cu+2].[Cl-].[Cl-]", "formula": "Cl2Cu"}
    species = Species.model_validate(data | {"multiplicity": 2, "geometry": file})
    values = _run(species_calculation(species, screen_level()), tmp_path).values
    assert values.n_atoms == 3
    with pytest.raises(ValidationError, match=r"'chloride.xyz' does not hold C2H6O"):
        Species(id="dme", name="dme", smiles="COC", geometry=file, formula="C2H6O")


def test_equal_molecules_share_a_key_and_levels_do_not() -> None:
    level = screen_level()
    assert smiles_calculation("COCCOC", level).key == smiles_calculation("C(OC)COC", level).key
    assert smiles_calculation("COCCOC", level).key != smiles_calculation("CCOCC", level).key
    assert (
        smiles_calculation("O", level).key
        != smiles_calculation("O", screen_level("xtb-python")).key
        != smiles_calculation("O", standard_level()).key
    )
    dme = Species(id="dme", name="1,2-dimethoxyethane", smiles="C(OC)COC")
    assert species_calculation(dme, level).key == smiles_calculation("COCCOC", level).key


@pytest.mark.parametrize(
    ("smiles", "message"),
    [("[U]", "element U"), ("C" * 100, "302 atoms"), ("[C-4]", "charge -4")],
)
def test_what_an_engine_cannot_do_is_refused_before_the_work(smiles: str, message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        smiles_calculation(smiles, screen_level())


def test_screen_row_is_reproducible(tmp_path: Path) -> None:
    first, second = (_screen("O=C1OCCO1", tmp_path).values for _ in range(2))
    assert first == second


@pytest.mark.physics
def test_delta_scf_of_water_against_experiment(tmp_path: Path) -> None:
    outcome = _run(smiles_calculation("O", standard_level()), tmp_path)
    # Vertical IP 12.62 eV (photoelectron value tabulated with GW100); basis error ~0.2 eV.
    assert outcome.values.ip_vertical_ev == pytest.approx(12.62, abs=0.35)
    assert outcome.values.ea_bound is False
    assert outcome.values.spin_contamination < 0.02
    # A neutral's own levels are those of the basis without diffuse functions.
    atoms = read(StringIO(next(iter(outcome.structures.values()))), format="extxyz")
    water = Structure(tuple(atoms.numbers), atoms.positions, 0)
    plain, diffuse = (
        single_point(water, getattr(methods_of(standard_level().fingerprint), kind)).homo_ev
        for kind in ("neutral", "anion")
    )
    assert outcome.values.homo_ev == pytest.approx(plain, abs=2e-3)
    assert abs(plain - diffuse) > 0.1


@pytest.mark.physics
def test_potassium_ion_at_standard_recovers_the_ionisation_energy_of_potassium(
    tmp_path: Path,
) -> None:
    outcome = _run(smiles_calculation("[K+]", standard_level()), tmp_path)
    # EA of K+ is the ionisation energy of the atom, 4.34 eV (NIST).
    assert outcome.values.ea_vertical_ev == pytest.approx(4.34, abs=0.25)


@pytest.mark.physics
def test_triplet_oxygen_stays_a_triplet(tmp_path: Path) -> None:
    outcome = _run(smiles_calculation("O=O", standard_level()), tmp_path)
    assert "unpaired_electrons=2" in outcome.structures["geometry"]
    assert 11.5 < outcome.values.ip_vertical_ev < 13.5  # 12.3 eV vertical


@pytest.mark.physics
def test_reference_level_of_water_against_ccsdt(tmp_path: Path) -> None:
    outcome = _run(smiles_calculation("O", reference_level()), tmp_path)
    # CCSD(T)/def2-TZVPP 12.565 eV, doi:10.1080/00268976.2015.1025113.
    assert outcome.values.ip_vertical_ev == pytest.approx(12.565, abs=0.3)
    assert "def2-TZVPD" in outcome.values.orbital_method
