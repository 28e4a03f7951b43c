"""Elements as given, by mass, by name; what is open is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from potash.errors import InputError
from potash.trajectories.analysis import analyze_files
from potash.trajectories.opening import open_universe
from potash.trajectories.parts import Component
from potash.trajectories.system import describe
from tests.trajectories.liquids import Liquid, liquid


def united_dme(n=4):
    """K and DME of beads (CH3, CH2) without hydrogens, PF6: names are kinds of beads."""
    made = liquid({"K": 4, "PF6": 4}, spacing=12.0)
    x = [0, 1.41, 1.9, 3.43, 3.9, 5.3]
    chain = np.stack([x, [0, 0, 1.33, 1.33, 2.66, 2.66], np.zeros(6)], axis=1)
    beads = ["C3", "O", "C2", "C2", "O", "C3"]
    places = np.stack([chain + np.array([6.0, 6.0 + 12 * k, 6.0]) for k in range(n)])
    frames = np.concatenate([made.frames, np.repeat(places.reshape(1, -1, 3), 3, axis=0)], axis=1)
    molecule = np.concatenate([made.molecule, 8 + np.repeat(np.arange(n), 6)])
    names = [*made.names, *["DME"] * n]
    return Liquid(names, [*made.symbols, *beads * n], molecule, frames, made.edge)


BEADS = {"C2": 14.027, "C3": 15.035}


def test_united_atoms_are_carbons_with_hydrogens(tmp_path):
    data, dump = united_dme().write_lammps(tmp_path, masses=BEADS)
    system = describe(open_universe(data, dump))
    assert system.formulas == ("K", "F6P", "C4H10O2")
    assert "N" not in system.elements
    assert system.notes == ("united atoms, with hydrogens lumped into them: CH2, CH3",)
    found = analyze_files(data, dump, cutoff=4.0)
    assert set(found.coordination) == {"K-F(PF6)", "K-O(C4H10O2)"}


def test_a_mass_between_nitrogen_and_ch2_is_asked_for(tmp_path):
    data, dump = united_dme().write_lammps(tmp_path, masses={"C2": 14.0, "C3": 15.035})
    with pytest.raises(InputError, match=r"^elements: atoms '1' of mass 14.000 may be N or CH2"):
        open_and_describe(data, dump)
    told = open_and_describe(data, dump, {"1": "CH2"})
    assert told.formulas == ("K", "F6P", "C4H10O2")


def open_and_describe(data, dump, elements=None):
    return describe(open_universe(data, dump), elements)


def test_repartitioned_masses_are_given_back(tmp_path):
    """Water with hydrogens of 4.032: its oxygen weighs 9.951, near no element or a boron."""
    made = liquid({"K": 4, "PF6": 4, "WAT": 8})
    for heavy in (3.024, 4.032):
        masses = {"H": heavy, "O": 15.999 - 2 * (heavy - 1.008)}
        data, dump = made.write_lammps(tmp_path, masses=masses)
        system = open_and_describe(data, dump)
        assert system.elements.tolist() == made.symbols
        assert any("repartitioned" in note for note in system.notes)


def test_deuterium_is_hydrogen(tmp_path):
    made = liquid({"K": 4, "PF6": 4, "WAT": 8})
    system = open_and_describe(*made.write_lammps(tmp_path, masses={"H": 2.014}))
    assert system.elements.tolist() == made.symbols


def test_ions_of_one_residue_are_ions(tmp_path):
    """All Na in one residue named NA: sodium ions, not nitrogen."""
    made = liquid({"WAT": 9, "PF6": 6, "Na": 6})
    residues = [
        (999, "NA") if made.names[m] == "Na" else (m + 1, made.names[m])
        for m in made.molecule.tolist()
    ]
    file = made.write_gro(tmp_path / "x.gro", residues=residues)
    system = describe(open_universe(file))
    assert system.formulas == ("H2O", "F6P", "Na")
    assert system.counts == (9, 6, 6)
    found = analyze_files(file, cation="resname NA", cutoff=4.5)
    assert list(found.per_ion) == ["NA", "PF6"]
    expected = made.counted({"Na"}, {"PF6": {"F"}}, 4.5)
    got = [round(getattr(found.per_ion["NA"], k) * 18) for k in ("ssip", "cip", "agg")]
    assert got == expected["Na"]


def test_one_residue_for_all_molecules_of_a_kind(tmp_path):
    made = liquid({"K": 6, "PF6": 6, "WAT": 9})
    residues = [
        ({"K": 1, "PF6": 2, "WAT": 3}[made.names[m]], made.names[m]) for m in made.molecule.tolist()
    ]
    file = made.write_gro(tmp_path / "x.gro", residues=residues)
    assert describe(open_universe(file)).counts == (6, 6, 9)
    named = analyze_files(file, anion="resname PF6", cutoff=4.5)
    assert named.composition["PF6"] == Component("F6P", 6)


def test_bonds_of_the_water_only(tmp_path):
    made = liquid({"WAT": 8, "PF6": 6, "K": 6})
    bonds = [(3 * k, 3 * k + h) for k in range(8) for h in (1, 2)]
    for style in ("full", "molecular"):
        data, dump = made.write_lammps(tmp_path, bonds=bonds, style=style)
        found = analyze_files(data, dump, cutoff=4.5)
        assert found.composition["PF6"].molecules == 6
        expected = made.counted({"K"}, {"PF6": {"F"}}, 4.5)
        for name in ("K", "PF6"):
            got = [round(getattr(found.per_ion[name], k) * 18) for k in ("ssip", "cip", "agg")]
            assert got == expected[name]


@pytest.mark.parametrize(
    "names, message",
    [
        (["SI1", "O1"], "atoms 'SI1' may be Si or S; say which by the argument elements"),
        (["Q7", "O1"], "the element of atoms 'Q7' is not known"),
    ],
)
def test_names_that_leave_it_open_are_asked_for(names, message):
    from tests.trajectories.synthetic import ORTHORHOMBIC, universe

    made = universe(names, [0, 0], ["RES"], np.array([[[1.0, 1, 1], [2.6, 1, 1]]]), ORTHORHOMBIC)
    made.del_TopologyAttr("masses")
    with pytest.raises(InputError, match=message):
        describe(made)
    assert describe(made, {names[0]: "Si"}).elements.tolist() == ["Si", "O"]


def test_what_is_said_of_elements_is_checked():
    from tests.trajectories.synthetic import ORTHORHOMBIC, atoms

    made = atoms(np.zeros((1, 1, 3)), ORTHORHOMBIC)
    with pytest.raises(InputError, match="no atom has the name or type 'Z'; there are K"):
        describe(made, {"Z": "O"})
    with pytest.raises(InputError, match="'Qq' for 'K' is no element"):
        describe(made, {"K": "Qq"})


def test_a_name_against_its_mass_is_asked_for():
    from tests.trajectories.synthetic import ORTHORHOMBIC, universe

    made = universe(
        ["O", "C"], [0, 0], ["CO"], np.array([[[1.0, 1, 1], [2.1, 1, 1]]]), ORTHORHOMBIC
    )
    made.atoms.masses = [15.999, 18.998]
    with pytest.raises(InputError, match=r"atoms 'C' of mass 18.998: the name says C, the mass F"):
        describe(made)
