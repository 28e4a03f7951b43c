from __future__ import annotations

import numpy as np
import pytest
import spglib
from ase import Atoms
from ase.build import (
    bcc110,
    fcc100,
    fcc110,
    fcc111,
    graphene,
    graphene_nanoribbon,
    hcp0001,
    molecule,
    nanotube,
    surface,
)
from ase.build import bulk as ase_bulk
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from potash.errors import RefusedError
from potash.hosts.sites import contact_distances, find_sites
from tests.counting import calls


def sheet(n: int, vacuum: float = 10.0) -> Atoms:
    return graphene("C2", a=2.46, size=(n, n, 1), vacuum=vacuum)


def summary(atoms: Atoms) -> list[str]:
    return sorted(s.label for s in find_sites(atoms, max_sites=None))


def density(atoms: Atoms) -> dict[str, float]:
    """Sites per unit area by label, which no supercell may change."""
    area = float(np.linalg.norm(np.cross(*atoms.cell.array[:2])))
    found: dict[str, float] = {}
    for site in find_sites(atoms, max_sites=None):
        found[site.label] = found.get(site.label, 0.0) + site.multiplicity / area
    return {label: round(value, 6) for label, value in found.items()}


def test_graphene_has_hollow_bridge_and_top():
    sites = find_sites(sheet(4), max_sites=None)
    assert [(s.label, s.multiplicity) for s in sites] == [
        ("hollow-6(C6)", 16),
        ("bridge(C2)", 48),
        ("top(C)", 32),
    ]


def test_graphene_heights_follow_from_the_contact_distance():
    contact = float(contact_distances([6])[0])
    plane = sheet(1).positions[0, 2]
    heights = {s.kind: s.position[2] - plane for s in find_sites(sheet(1))}
    bond = 2.46 / np.sqrt(3)
    assert heights["top"] == pytest.approx(contact)
    assert heights["bridge"] == pytest.approx(np.sqrt(contact**2 - (bond / 2) ** 2))
    assert heights["hollow-6"] == pytest.approx(np.sqrt(contact**2 - bond**2), abs=1e-3)


@pytest.mark.parametrize(
    ("build", "symbol", "expected"),
    [
        (fcc111, "Cu", ["bridge(Cu2)", "hollow-3(Cu3)", "hollow-3(Cu3) over Cu", "top(Cu)"]),
        (fcc100, "Cu", ["bridge(Cu2)", "hollow-4(Cu4) over Cu", "top(Cu)"]),
        (fcc110, "Cu", ["bridge(Cu2)", "bridge(Cu2)", "hollow-4(Cu4) over Cu", "top(Cu)"]),
        (bcc110, "Fe", ["bridge(Fe2)", "bridge(Fe2)", "hollow-3(Fe3)", "top(Fe)"]),
        (hcp0001, "Zn", ["bridge(Zn2)", "hollow-3(Zn3)", "hollow-3(Zn3) over Zn", "top(Zn)"]),
    ],
)
def test_textbook_sites_of_low_index_metals(build, symbol, expected):
    assert summary(build(symbol, (2, 2, 4), vacuum=8)) == expected


def test_rocksalt_100_has_both_tops_and_the_hollow_between():
    atoms = surface(ase_bulk("NiO", "rocksalt", a=4.18, cubic=True), (1, 0, 0), 3, vacuum=8)
    assert summary(atoms) == ["bridge(Ni2)", "top(Ni)", "top(O)"]


@settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(
    repeats=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    vacuum=st.floats(7.0, 30.0),
    facet=st.sampled_from(["fcc111", "fcc100", "hcp0001", "graphene"]),
)
def test_sites_depend_neither_on_vacuum_nor_on_supercell(repeats, vacuum, facet):
    def build(size, gap):
        if facet == "graphene":
            atoms = graphene("C2", a=2.46, size=(*size, 1), vacuum=gap)
        else:
            builder = {"fcc111": fcc111, "fcc100": fcc100, "hcp0001": hcp0001}[facet]
            atoms = builder("Zn" if facet == "hcp0001" else "Cu", (*size, 3), vacuum=gap)
        return atoms

    assert density(build(repeats, vacuum)) == density(build((1, 1), 10.0))


@settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(
    angle=st.floats(0, 360),
    shift=st.tuples(st.floats(-5, 5), st.floats(-5, 5)),
    order=st.randoms(use_true_random=False),
)
def test_sites_depend_on_nothing_but_the_structure(angle, shift, order):
    atoms = sheet(3)
    atoms.symbols[7] = "N"
    expected = [(s.label, s.multiplicity) for s in find_sites(atoms, max_sites=None)]
    moved = atoms.copy()
    moved.translate([*shift, 0.0])
    moved.rotate(angle, "z", rotate_cell=True)
    index = list(range(len(moved)))
    order.shuffle(index)
    found = [(s.label, s.multiplicity) for s in find_sites(moved[index], max_sites=None)]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("dopant", ["N", "B"])
def test_inequivalent_atoms_agree_with_the_space_group(dopant):
    """Top sites are one per symmetry orbit of the atoms (spglib as the judge)."""
    atoms = sheet(4)
    atoms.symbols[9] = dopant
    cell = (atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers)
    orbits = spglib.get_symmetry_dataset(cell, symprec=1e-3).equivalent_atoms
    tops = [s for s in find_sites(atoms, max_sites=None) if s.kind == "top"]
    assert sorted(s.multiplicity for s in tops) == sorted(np.unique(orbits, return_counts=True)[1])


def test_no_contact_is_shorter_than_the_contact_distance():
    atoms = sheet(3)
    del atoms[4]
    contact = contact_distances(atoms.numbers)
    for site in find_sites(atoms, max_sites=None):
        probe = atoms + Atoms("K", [site.position])
        distance = probe.get_distances(len(atoms), range(len(atoms)), mic=True)
        assert np.all(distance > contact - 0.02)


def test_a_tube_has_sites_outside_and_inside():
    tube = nanotube(8, 8, length=1)
    tube.center(vacuum=8, axis=(0, 1))
    tube.pbc = (False, False, True)
    axis = tube.get_center_of_mass()[:2]
    radius = np.linalg.norm(tube.positions[0, :2] - axis)
    distance = [np.linalg.norm(s.position[:2] - axis) for s in find_sites(tube)]
    assert min(distance) < radius < max(distance)


def test_ribbon_and_molecule_have_sites_at_their_edges():
    ribbon = graphene_nanoribbon(3, 2, type="zigzag", saturated=True, vacuum=8)
    assert {"hollow-6", "bridge", "top"} <= {s.kind for s in find_sites(ribbon)}
    benzene = molecule("C6H6")
    benzene.center(vacuum=8)
    by_label = {s.label: s for s in find_sites(benzene)}
    assert by_label["hollow-6(C6)"].multiplicity == 2
    assert abs(by_label["top(H)"].normal[2]) < 1e-6


def test_top_pole_of_a_lone_atom_pair_points_outward():
    pair = Atoms("O2", [[0, 0, 0], [0, 0, 1.2]], cell=[20, 20, 20])
    tops = [s for s in find_sites(pair) if s.kind == "top"]
    assert len(tops) == 1
    assert tops[0].multiplicity == 2
    assert abs(tops[0].normal[2]) == pytest.approx(1.0)


def test_the_cap_keeps_the_rarest_of_every_label():
    atoms = sheet(4)
    atoms.symbols[9] = "N"
    everything = {s.label for s in find_sites(atoms, max_sites=None)}
    capped = find_sites(atoms, max_sites=len(everything))
    assert {s.label for s in capped} == everything
    assert all(s.multiplicity <= 3 for s in capped)


def test_a_bulk_crystal_is_refused():
    with pytest.raises(RefusedError, match="not a surface"):
        find_sites(ase_bulk("Cu", cubic=True))


def test_the_sites_of_a_larger_sheet_cost_in_proportion():
    small, large = sheet(2), sheet(4)
    find_sites(small)
    assert calls(lambda: find_sites(large)) < 6 * calls(lambda: find_sites(small))


def test_what_lies_under_an_overhang_is_not_reached_from_above():
    """An atom 0.6 A higher than a site, right over it, closes its way up."""
    atoms = fcc100("Cu", (3, 3, 2), a=4.1, vacuum=10)
    atoms.pbc = (True, True, False)
    open_ = {s.label for s in find_sites(atoms) if s.kind == "hollow-4"}
    assert open_
    (site,) = [s for s in find_sites(atoms) if s.kind == "hollow-4"]
    for height in (0.6, 3.0):
        covered = atoms.copy()
        for copy in site.copies:
            covered += Atoms("Cu", [copy + np.array([0.0, 0.0, height])])
        assert not any(
            np.linalg.norm(s.position - site.position) < 0.3 for s in find_sites(covered)
        )
