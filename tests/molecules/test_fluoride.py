from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem

from potash.catalog.species import Species
from potash.engines.levels import Level
from potash.engines.molecule_levels import screen_level, standard_level
from potash.engines.xtb import XtbEngine
from potash.errors import RefusedError
from potash.molecules.conformers import relaxed_conformers
from potash.molecules.fluoride import (
    compute_fluoride_release,
    fluoride_release_calculation,
    fluorine_sites,
    without_atom,
)
from potash.molecules.tight_binding import relax_gfn2
from potash.results.calculation import Outcome
from potash.results.model import NoNeeds
from potash.results.species import ConformerSearch
from potash.structures.molecule import Structure
from potash.structures.smiles import parse_smiles
from potash.units import COHESIVE_ENERGY_K_EV


def _release(smiles: str, folder: Path, level: Level, charge: int = 0) -> Outcome:
    species = Species(id="x", name="x", smiles=smiles, charge=charge)
    calculation = fluoride_release_calculation(species, level)
    return compute_fluoride_release(
        calculation.inputs, NoNeeds(), workdir=folder, progress=lambda *_: None
    )


@pytest.mark.parametrize(
    ("smiles", "expected"),
    [
        ("F[P-](F)(F)(F)(F)F", 1),
        ("O=S(=O)([N-]S(=O)(=O)C(F)(F)F)C(F)(F)F", 1),
        ("FC(F)C(F)(F)COC(F)(F)C(F)F", 4),
        ("FF", 0),
        ("CCO", 0),
    ],
)
def test_one_fluorine_atom_of_each_class(smiles: str, expected: int) -> None:
    sites = fluorine_sites(Chem.AddHs(parse_smiles(smiles)))
    assert len(sites) == expected


def test_taking_an_atom_out_keeps_the_charge_and_changes_one_spin() -> None:
    whole = Structure((6, 9, 1), np.arange(9.0).reshape(3, 3), charge=-1)
    left = without_atom(whole, 1)
    assert (left.numbers, left.charge, left.unpaired) == ((6, 1), -1, 1)
    np.testing.assert_array_equal(left.positions, [[0, 1, 2], [6, 7, 8]])
    assert without_atom(left, 1).unpaired == 0


def test_the_energy_is_that_of_its_parts_computed_apart(tmp_path: Path) -> None:
    found = _release("CF", tmp_path, screen_level())
    search = ConformerSearch()
    methyl = relaxed_conformers(parse_smiles("[CH3]"), seed=1, search=search, unpaired=1)
    fluoromethane = relaxed_conformers(parse_smiles("CF"), seed=1, search=search)
    _, fluoride = relax_gfn2(Structure((9, 19), np.array([[0.0, 0, 0], [0, 0, 2.0]])))
    potassium = XtbEngine([19], unpaired=1).evaluate(np.zeros((1, 3))).energy_ev
    expected = methyl.energies_ev[0] + fluoride.energy_ev
    expected -= fluoromethane.energies_ev[0] + potassium
    values = found.values
    assert values.reaction_energy_k_atom_ev == pytest.approx(expected, abs=3e-3)
    assert values.reaction_energy_ev == pytest.approx(expected + COHESIVE_ENERGY_K_EV, abs=3e-3)
    assert (values.bond, values.radical_intact) == ("C-F", True)


def test_the_weakest_bond_is_the_one_reported(tmp_path: Path) -> None:
    both = _release("FCCS(=O)(=O)F", tmp_path, screen_level()).values
    assert both.n_fluorine_sites == 2
    alone = [
        _release(s, tmp_path, screen_level()).values.reaction_energy_ev
        for s in ("CCF", "CCS(=O)(=O)F")
    ]
    weaker = ("C-F", "S-F")[int(np.argmin(alone))]
    assert both.bond == weaker
    assert both.reaction_energy_ev == pytest.approx(min(alone), abs=0.3)


@pytest.mark.physics
def test_dft_gives_the_same_reaction(tmp_path: Path) -> None:
    found = _release("CF", tmp_path, standard_level())
    assert (found.status, found.engine) == ("ok", "pyscf")
    assert found.values.bond == "C-F"
    tight_binding = _release("CF", tmp_path, screen_level()).values.reaction_energy_ev
    assert found.values.reaction_energy_ev == pytest.approx(tight_binding, abs=1.5)


@pytest.mark.parametrize("smiles", ["CCO", "FF"])
def test_without_a_bond_to_fluorine_it_is_refused(smiles: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="holds no fluorine"):
        _release(smiles, tmp_path, screen_level())
