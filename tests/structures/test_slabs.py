from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc111
from ase.neighborlist import neighbor_list
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from potash.errors import CalculationError, InputError
from potash.structures.building import build, bulk_of
from potash.structures.checks import check_structure
from potash.structures.recipes import recipe_data, recipe_from_data
from potash.structures.slabs import thicker
from potash.structures.supercells import (
    best_supercell,
    repeats_for_distance,
    shortest_translation_angstrom,
)
from potash.structures.surface import Surface
from potash.structures.vacuum import widest_gap_angstrom

Data = dict[str, Any]


def fcc(element: str, a: float) -> Data:
    return {"kind": "prototype", "prototype": "fcc", "elements": [element], "a": a}


def ionic(
    prototype: str, elements: list[str], a: float, charges: Data, c: float | None = None
) -> Data:
    data: Data = {"kind": "prototype", "prototype": prototype, "elements": elements, "a": a}
    if c is not None:
        data["c"] = c
    return data | {"oxidation_states": charges}


def slab(crystal: Data, miller: list[int], **options: Any) -> Data:
    return {"builder": "slab", "crystal": crystal, "miller": miller, **options}


CU111 = slab(fcc("Cu", 3.615), [1, 1, 1])
ZNO = ionic("wurtzite", ["Zn", "O"], 3.25, {"Zn": 2, "O": -2}, c=5.207)
K2S = ionic("fluorite", ["S", "K"], 7.391, {"S": -2, "K": 1})
GRAPHENE: Data = {"builder": "graphene"}


def one(data: Data, bulk: Atoms | None = None) -> Surface:
    return build(recipe_from_data(data), bulk)[0]


def image_distance_brute_force(cell: np.ndarray, reach: int = 6) -> float:
    steps = np.arange(-reach, reach + 1)
    lengths = [
        np.linalg.norm(i * cell[0] + j * cell[1]) for i in steps for j in steps if (i, j) != (0, 0)
    ]
    return float(min(lengths))


def test_cu111_is_ase_fcc111() -> None:
    ours = one(CU111)
    ase = fcc111("Cu", (1, 1, 4), a=3.615, vacuum=8.0)
    assert len(ours.atoms) == 48
    ours_layers = np.unique(np.round(ours.atoms.positions[:, 2], 3))
    ase_layers = np.unique(np.round(ase.positions[:, 2], 3))
    assert np.diff(ours_layers) == pytest.approx(np.diff(ase_layers), abs=2e-3)
    counts = np.bincount(neighbor_list("i", ours.atoms, 2.7))
    assert sorted(set(counts)) == [9, 12]
    assert ours.fixed == tuple(range(24))
    assert ours.symmetric
    assert not ours.polar
    assert ours.stoichiometric


def test_min_k_k_distance_is_kept_with_the_fewest_atoms() -> None:
    for a in (3.5, 4.05, 5.0):
        surface = one(slab(fcc("Al", a), [1, 1, 1], layers=1))
        distance = image_distance_brute_force(surface.atoms.cell.array)
        assert distance >= 8.0
        # a triangular lattice has supercells of i^2 + ij + j^2 cells only as symmetric ones,
        # so no supercell with fewer atoms than the ideal density can do
        d = a / np.sqrt(2)
        assert len(surface.atoms) >= (8.0 / d) ** 2 - 1e-6


@given(
    a=st.floats(2.4, 6.0),
    ratio=st.floats(1.0, 1.8),
    gamma=st.floats(60.0, 120.0),
    distance=st.floats(4.0, 9.0),
)
@settings(max_examples=25, deadline=None)
def test_supercell_search_property(a: float, ratio: float, gamma: float, distance: float) -> None:
    angle = np.deg2rad(gamma)
    cell = np.array([[a, 0, 0], [a * ratio * np.cos(angle), a * ratio * np.sin(angle), 0]])
    repeats = repeats_for_distance(cell, distance)
    matrix, reported = best_supercell(cell, repeats)
    assert round(np.linalg.det(matrix)) == repeats
    assert image_distance_brute_force(matrix @ cell) == pytest.approx(reported, rel=1e-6)
    assert reported >= distance
    assert shortest_translation_angstrom(matrix @ cell) == pytest.approx(reported, rel=1e-6)
    if repeats > 1:
        assert best_supercell(cell, repeats - 1)[1] < distance * 1.01 + 1e-9


def test_relaxed_bulk_rescales_the_slab() -> None:
    recipe = recipe_from_data(CU111)
    bulk = bulk_of(recipe)
    assert bulk is not None
    before = build(recipe)[0].atoms
    bulk.set_cell(bulk.cell * 1.02, scale_atoms=True)
    after = build(recipe, bulk)[0].atoms
    assert after.cell[0, 0] == pytest.approx(1.02 * before.cell[0, 0], rel=1e-6)
    assert np.ptp(after.positions[:, 2]) == pytest.approx(1.02 * np.ptp(before.positions[:, 2]))
    assert after.cell[2, 2] - np.ptp(after.positions[:, 2]) == pytest.approx(16.0)


def test_relaxed_bulk_gives_the_same_terminations() -> None:
    recipe = recipe_from_data(slab(ZNO, [1, 0, 0]))
    bulk = bulk_of(recipe)
    assert bulk is not None
    bulk.positions += np.random.default_rng(3).normal(0, 0.01, bulk.positions.shape)
    names = [s.label for s in build(recipe)]
    assert [s.label for s in build(recipe, bulk)] == names
    assert len(names) == 2


def test_a_different_crystal_is_refused() -> None:
    recipe = recipe_from_data(CU111)
    with pytest.raises(CalculationError, match="does not have the atoms"):
        build(recipe, Atoms("Ag4", positions=np.eye(4, 3) * 2, cell=[4, 4, 4], pbc=True))


def test_polar_and_compensated_terminations() -> None:
    zno = build(recipe_from_data(slab(ZNO, [0, 0, 1])))
    assert all(s.polar for s in zno)
    assert {s.termination for s in zno} == {"Zn", "Zn-2", "O", "O-2"}
    assert not any(s.polar for s in build(recipe_from_data(slab(ZNO, [1, 0, 0]))))
    k2s = build(recipe_from_data(slab(K2S, [1, 1, 1])))
    assert (k2s[0].termination, k2s[0].polar, k2s[0].symmetric) == ("K", False, True)
    assert all(s.polar for s in k2s[1:])
    kf = ionic("rocksalt", ["K", "F"], 5.347, {"K": 1, "F": -1})
    assert not any(s.polar for s in build(recipe_from_data(slab(kf, [1, 0, 0]))))
    assert all(s.polar for s in build(recipe_from_data(slab(kf, [1, 1, 1]))))


def test_termination_by_name() -> None:
    assert one(slab(K2S, [1, 1, 1], termination="S")).termination == "S"
    with pytest.raises(InputError, match="there are K, S, K-2"):
        one(slab(K2S, [1, 1, 1], termination="Se"))


def test_both_sides_of_an_asymmetric_slab_are_seen() -> None:
    surfaces = build(recipe_from_data(slab(ZNO, [0, 0, 1])))
    tops = {str(s.atoms.symbols[np.argmax(s.atoms.positions[:, 2])]) for s in surfaces}
    assert tops == {"Zn", "O"}
    for surface in surfaces:
        bonds = neighbor_list("d", surface.atoms, 2.2)
        assert bonds.min() == pytest.approx(1.95, abs=0.03)


def test_thicker_adds_layers_and_keeps_the_plane() -> None:
    recipe = recipe_from_data(CU111)
    assert recipe.builder == "slab"
    thick = build(thicker(recipe))[0].atoms
    thin = build(recipe)[0].atoms
    assert len(thick) == len(thin) * 5 // 4
    assert thick.cell[:2] == pytest.approx(thin.cell[:2])


def test_building_is_deterministic_and_independent_of_vacuum() -> None:
    first, second = one(slab(ZNO, [1, 0, 0])), one(slab(ZNO, [1, 0, 0]))
    assert (first.atoms.positions == second.atoms.positions).all()
    wide = one(slab(ZNO, [1, 0, 0], vacuum_angstrom=24.0))
    assert (wide.atoms.numbers == first.atoms.numbers).all()
    shift = wide.atoms.positions - first.atoms.positions
    assert np.ptp(shift, axis=0) == pytest.approx(np.zeros(3), abs=1e-9)


def test_no_cut_may_break_kept_bonds() -> None:
    kept = [{"first": "Zn", "second": "O", "max_distance_angstrom": 2.2}]
    with pytest.raises(InputError, match="keeps the bonds"):
        one(slab(ZNO, [1, 0, 0], keep_bonds=kept))


MOTIFS = [
    ({"motif": "pristine"}, "C32"),
    ({"motif": "substitution", "element": "N"}, "C31N"),
    ({"motif": "monovacancy"}, "C31"),
    ({"motif": "divacancy"}, "C30"),
    ({"motif": "pyridinic", "element": "N", "count": 1}, "C30N"),
    ({"motif": "pyridinic", "element": "N", "count": 3}, "C28N3"),
    ({"motif": "pyridinic", "element": "N", "count": 4}, "C26N4"),
    ({"motif": "pyrrolic"}, "C30N"),
    ({"motif": "metal_n4", "element": "Co"}, "C26CoN4"),
    ({"motif": "metal_n3", "element": "Co"}, "C28CoN3"),
    ({"motif": "vacancy_bridge", "element": "S"}, "C30S"),
    ({"groups": ["epoxy"]}, "C32O"),
    ({"groups": ["hydroxyl"]}, "C32HO"),
    ({"groups": ["fluorine"]}, "C32F"),
    ({"motif": "monovacancy", "groups": ["epoxy", "hydroxyl"]}, "C31HO2"),
]


@pytest.mark.parametrize(("motif", "formula"), MOTIFS)
def test_graphene_motifs(motif: Data, formula: str) -> None:
    surface = one(GRAPHENE | motif)
    assert surface.atoms.get_chemical_formula() == formula
    assert surface.layered
    assert tuple(surface.atoms.pbc) == (True, True, False)


def test_coordination_around_motifs() -> None:
    pyridinic = one(GRAPHENE | {"motif": "pyridinic", "element": "N", "count": 3}).atoms
    counts = np.bincount(neighbor_list("i", pyridinic, 1.6), minlength=len(pyridinic))
    assert all(counts[i] == 2 for i, s in enumerate(pyridinic.symbols) if s == "N")
    cobalt = one(GRAPHENE | {"motif": "metal_n4", "element": "Co"}).atoms
    metal = next(i for i, s in enumerate(cobalt.symbols) if s == "Co")
    i, j = neighbor_list("ij", cobalt, 2.1)
    assert [str(cobalt.symbols[k]) for k in j[i == metal]] == ["N"] * 4
    epoxy = one(GRAPHENE | {"groups": ["epoxy"]}).atoms
    oxygen = next(i for i, s in enumerate(epoxy.symbols) if s == "O")
    i, j = neighbor_list("ij", epoxy, 1.6)
    assert [str(epoxy.symbols[k]) for k in j[i == oxygen]] == ["C", "C"]


def test_graphene_takes_the_relaxed_lattice() -> None:
    recipe = recipe_from_data(GRAPHENE)
    cell = bulk_of(recipe)
    assert cell is not None
    assert tuple(cell.pbc) == (True, True, False)
    cell.set_cell(cell.cell * [[1.01], [1.01], [1.0]], scale_atoms=True)
    assert build(recipe, cell)[0].atoms.cell[0, 0] == pytest.approx(4 * 2.46 * 1.01)


@pytest.mark.parametrize(
    ("termination", "formula"),
    [("O", "C2O2Ti3"), ("F", "C2F2Ti3"), ("OH", "C2H2O2Ti3"), ("bare", "C2Ti3")],
)
def test_mxene(termination: str, formula: str) -> None:
    data = {"builder": "mxene", "termination": termination, "supercell": [1, 1]}
    surface = one(data)
    assert surface.atoms.get_chemical_formula() == formula
    i, j = neighbor_list("ij", surface.atoms, 2.45)
    carbon = [k for k, s in enumerate(surface.atoms.symbols) if s == "C"]
    for k in carbon:
        metals = [surface.atoms.symbols[n] == "Ti" for n in j[i == k]]
        assert sum(metals) == 6


@pytest.mark.parametrize(
    ("group", "formula"),
    [
        ("hydrogen", "C32H8"),
        ("hydroxyl", "C32H8O"),
        ("carbonyl", "C32H7O"),
        ("carboxyl", "C33H8O2"),
        ("amine", "C32H9N"),
        ("amide", "C33H9NO"),
        ("ammonium_carboxylate", "C33H11NO2"),
        ("phosphonic", "C32H9O3P"),
    ],
)
def test_ribbon_edges(group: str, formula: str) -> None:
    surface = one({"builder": "ribbon", "group": group})
    assert surface.atoms.get_chemical_formula() == formula
    assert tuple(surface.atoms.pbc) == (True, False, False)
    assert widest_gap_angstrom(surface.atoms, 1) >= 15.9
    assert widest_gap_angstrom(surface.atoms, 2) >= 15.9


def test_nanotube_and_graphdiyne_bonds() -> None:
    tube = one({"builder": "nanotube", "n": 6, "m": 6, "length": 4}).atoms
    assert set(np.bincount(neighbor_list("i", tube, 1.6))) == {3}
    radius = 0.5 * np.ptp(tube.positions[:, 2])
    assert radius == pytest.approx(6 * 2.46 * np.sqrt(3) / (2 * np.pi), rel=0.02)
    graphdiyne = one({"builder": "graphdiyne"}).atoms
    counts = np.bincount(neighbor_list("i", graphdiyne, 1.6))
    assert sorted(counts) == [2] * 12 + [3] * 6


def test_composites() -> None:
    p4 = [[0, 0, 0], [2.2, 0, 0], [1.1, 1.9053, 0], [1.1, 0.6351, 1.7963]]
    decorated = one(
        {
            "builder": "decorated",
            "base": GRAPHENE | {"motif": "substitution", "element": "P"},
            "elements": ["P"] * 4,
            "positions": p4,
            "over": "motif",
        }
    )
    assert decorated.atoms.get_chemical_formula() == "C31P5"
    assert decorated.anchor is not None
    overlayer = one({"builder": "overlayer", "base": CU111, "element": "Pd"})
    assert overlayer.atoms.symbols.formula.count() == {"Cu": 36, "Pd": 12}
    top = overlayer.atoms.positions[:, 2] > overlayer.atoms.positions[:, 2].max() - 0.3
    assert set(overlayer.atoms.symbols[top]) == {"Pd"}
    stack = one(
        {
            "builder": "stack",
            "substrate": slab(fcc("Al", 4.05), [1, 1, 1], layers=3),
            "substrate_repeats": 12,
            "film": GRAPHENE,
            "gap_angstrom": 3.4,
        }
    )
    assert stack.atoms.symbols.formula.count() == {"Al": 36, "C": 32}
    carbon = stack.atoms.symbols == "C"
    gap = stack.atoms.positions[carbon, 2].min() - stack.atoms.positions[~carbon, 2].max()
    assert gap == pytest.approx(3.4)
    assert all(stack.atoms.symbols[i] == "Al" for i in stack.fixed)


def test_too_much_strain_is_refused() -> None:
    data = {
        "builder": "stack",
        "substrate": slab(fcc("Al", 4.05), [1, 1, 1], layers=1),
        "substrate_repeats": 9,
        "film": GRAPHENE,
        "gap_angstrom": 3.4,
    }
    with pytest.raises(InputError, match="strained"):
        one(data)


def test_bulk_with_replacement() -> None:
    crystal = {"kind": "prototype", "prototype": "bcc", "elements": ["K"], "a": 5.33}
    surface = one(
        {
            "builder": "bulk",
            "crystal": crystal,
            "supercell": [3, 3, 3],
            "replace": [{"element": "K", "by": "Na"}],
        }
    )
    assert surface.atoms.get_chemical_formula() == "K53Na"
    assert surface.kind == "bulk"


def test_molecules() -> None:
    surface = one({"builder": "molecule", "smiles": "Oc1ccccc1"})
    assert surface.atoms.get_chemical_formula() == "C6H6O"
    assert not surface.atoms.pbc.any()
    assert bulk_of(recipe_from_data({"builder": "molecule", "smiles": "C"})) is None
    with pytest.raises(InputError, match="cannot be read: syntax error"):
        one({"builder": "molecule", "smiles": "C(("})


BAD: list[tuple[Data, str]] = [
    ({"builder": "slob"}, "slob"),
    (slab(fcc("Cx", 3.6), [1, 1, 1]), "not a chemical symbol"),
    (slab(fcc("Cu", 3.6), [0, 0, 0]), "not a plane"),
    (GRAPHENE | {"motif": "pyridinic"}, "needs an element"),
    (GRAPHENE | {"supercell": [2, 2]}, "joins a motif"),
    (GRAPHENE | {"colour": "black"}, "colour"),
    (
        slab({"kind": "prototype", "prototype": "hcp", "elements": ["Zn"], "a": 2.6}, [0, 0, 1]),
        "c is",
    ),
    (slab(fcc("Cu", float("nan")), [1, 1, 1]), "finite"),
]


@pytest.mark.parametrize(("data", "message"), BAD)
def test_bad_recipes_are_refused(data: Data, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        recipe_from_data(data)


def test_a_citation_is_not_part_of_a_recipe() -> None:
    plain = recipe_from_data(CU111)
    crystal = fcc("Cu", 3.615) | {"source": "somebody, 1925"}
    cited = recipe_from_data(slab(crystal, [1, 1, 1], note="checked"))
    assert recipe_data(plain) == recipe_data(cited)
    assert recipe_from_data(recipe_data(cited)) == plain


def overlap() -> Atoms:
    return Atoms("Cu2", positions=[[0, 0, 9], [0, 0, 10]], cell=[8, 8, 20], pbc=(1, 1, 0))


def crowded() -> Atoms:
    return Atoms("Cu", positions=[[0, 0, 0]], cell=[8, 8, 5], pbc=(1, 1, 0))


@pytest.mark.parametrize(("make", "message"), [(overlap, "overlap"), (crowded, "vacuum along")])
def test_unphysical_structures_are_refused(make: Callable[[], Atoms], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_structure(make())


def test_sites_that_do_not_fit_the_space_group() -> None:
    crystal = {
        "kind": "spacegroup",
        "space_group": 225,
        "cell": {"a": 5.0, "b": 6.0, "c": 5.0},
        "sites": [
            {"element": "K", "x": 0, "y": 0, "z": 0},
            {"element": "F", "x": 0, "y": 0, "z": 0},
        ],
    }
    with pytest.raises(InputError, match="space group 225"):
        one(slab(crystal, [1, 0, 0]))
