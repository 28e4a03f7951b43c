from __future__ import annotations

import pytest
from ase import Atoms
from ase.neighborlist import neighbor_list

from potash.catalog.catalog import load_catalog
from potash.errors import InputError
from potash.structures.building import build
from potash.structures.crystals import PrototypeCrystal
from potash.structures.recipes import recipe_from_data
from potash.structures.saturation import hydroxylated
from potash.structures.unit_cells import crystal_atoms, primitive_atoms, primitive_setting

MODELS = load_catalog().models


def partners(atoms: Atoms, one: str, other: str, cutoff: float) -> list[int]:
    i, j = neighbor_list("ij", atoms, cutoff)
    return [
        int(sum(1 for a, b in zip(i, j, strict=True) if a == k and atoms.symbols[b] == other))
        for k in range(len(atoms))
        if atoms.symbols[k] == one
    ]


def test_hydroxylated_silica_has_no_dangling_bond() -> None:
    recipe = MODELS["sio2_hydroxylated_001"].recipe
    assert recipe is not None
    surface = build(recipe)[0]
    assert set(partners(surface.atoms, "Si", "O", 2.0)) == {4}
    silicon = partners(surface.atoms, "O", "Si", 2.0)
    hydrogen = partners(surface.atoms, "O", "H", 1.1)
    assert {s + h for s, h in zip(silicon, hydrogen, strict=True)} == {2}
    assert set(partners(surface.atoms, "H", "O", 1.1)) == {1}


def test_silicon_that_lost_too_much_is_refused() -> None:
    lone = Atoms("SiO", positions=[[0, 0, 0], [0, 0, 1.6]], cell=[8, 8, 20], pbc=(1, 1, 0))
    with pytest.raises(InputError, match="choose another cut"):
        hydroxylated(lone)


def test_bilayer_holds_its_lower_sheet() -> None:
    data = {"builder": "graphene", "motif": "monovacancy", "layers": 2, "spacing_angstrom": 5.0}
    surface = build(recipe_from_data(data))[0]
    assert len(surface.atoms) == 31 + 32
    assert len(surface.fixed) == 32
    low = surface.atoms.positions[list(surface.fixed), 2]
    assert surface.atoms.positions[:, 2].max() - low.max() == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("prototype", "elements", "n_primitive"),
    [
        ("fcc", ("Cu",), 1),
        ("bcc", ("K",), 1),
        ("diamond", ("Ge",), 2),
        ("fluorite", ("S", "K"), 3),
        ("l1_2", ("Cu", "Pt"), 4),
        ("d0_3", ("K", "Bi"), 4),
    ],
)
def test_primitive_cells_hold_the_same_crystal(
    prototype: str, elements: tuple[str, ...], n_primitive: int
) -> None:
    crystal = PrototypeCrystal.model_validate(
        {"prototype": prototype, "elements": elements, "a": 5.0}
    )
    conventional = crystal_atoms(crystal)
    cell = primitive_atoms(conventional, *primitive_setting(conventional))
    assert len(cell) == n_primitive
    counts = [len(neighbor_list("d", atoms, 4.9)) / len(atoms) for atoms in (conventional, cell)]
    assert counts[0] == pytest.approx(counts[1])
    assert cell.cell.volume / len(cell) == pytest.approx(
        conventional.cell.volume / len(conventional)
    )
