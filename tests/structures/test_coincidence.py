"""Common cells of a surface and a film, against cells that are known beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bcc110, fcc100, fcc111, graphene

from potash.errors import RefusedError
from potash.structures.coincidence import Coincidence, coincidence, smallest_cell
from potash.structures.recipes import recipe_from_data

pytestmark = pytest.mark.physics  # numba compiles pymatgen's search in every process


def square(a: float, symbol: str = "Cu") -> Atoms:
    return fcc100(symbol, (1, 1, 1), a=a * np.sqrt(2), vacuum=8.0)


def k_film(a: float = 5.33) -> Atoms:
    return bcc110("K", (1, 1, 2), a=a, vacuum=8.0)


def nearest_distance(atoms: Atoms) -> float:
    big = atoms.repeat((3, 3, 1))
    distances = big.get_all_distances(mic=True)
    return float(distances[distances > 1e-6].min())


@pytest.mark.parametrize("stretch", [-0.04, -0.01, 0.0, 0.02, 0.045])
def test_the_strain_is_that_of_the_film_and_has_its_sign(stretch: float) -> None:
    """A substrate that is longer than the film stretches it: positive."""
    found = coincidence(square(3.0 * (1 + stretch)), square(3.0, "Ag"))
    assert (len(found.substrate), len(found.film)) == (1, 1)
    strains = (found.mismatch_a, found.mismatch_b, *found.principal_strains)
    assert strains == pytest.approx([stretch] * 4, abs=1e-9)
    assert found.mismatch_angle_deg == pytest.approx(0.0, abs=1e-9)


def test_a_turned_cell_is_found_where_it_fits_without_strain() -> None:
    """Sqrt(2) of a square lattice is its cell turned by 45 degrees."""
    found = coincidence(square(3.0), square(3.0 * np.sqrt(2), "Ag"), max_mismatch=0.01)
    assert (found.substrate_cells, found.film_cells) == (2, 1)
    assert found.principal_strains == pytest.approx((0.0, 0.0), abs=1e-9)
    assert nearest_distance(found.substrate) == pytest.approx(3.0)
    assert nearest_distance(found.film) == pytest.approx(3.0 * np.sqrt(2))


def naive(substrate: Atoms, film: Atoms, max_mismatch: float) -> int:
    """Return the fewest atoms of a common cell: every pair of small integer matrices is tried."""
    span = range(-2, 3)
    every = (np.array([[i, j], [k, m]]) for i in span for j in span for k in span for m in span)
    matrices = [(round(np.linalg.det(m)), m) for m in every if np.linalg.det(m) > 0.5]
    best = 99
    for cells, m in matrices:
        for others, n in matrices:
            size = cells * len(substrate) + others * len(film)
            if size < best:
                ours, theirs = m @ substrate.cell.array[:2, :2], n @ film.cell.array[:2, :2]
                stretches = np.linalg.svd(np.linalg.solve(theirs, ours), compute_uv=False)
                best = size if np.abs(stretches - 1.0).max() <= max_mismatch else best
    return best


@pytest.mark.parametrize(("a", "size"), [(3.4, 9), (3.1, 2), (4.2, 3)])
def test_no_smaller_cell_exists_than_the_one_that_is_found(a: float, size: int) -> None:
    """Of 3.0 and 3.4 angstrom: sqrt(5) cells by 2 cells, 5 + 4 atoms."""
    substrate, film = square(3.0), square(a, "Ag")
    found = coincidence(substrate, film, max_mismatch=0.04)
    assert len(found.substrate) + len(found.film) == naive(substrate, film, 0.04) == size


@pytest.mark.parametrize("substrate", [graphene(vacuum=8.0), fcc111("Ag", (1, 1, 3), vacuum=8.0)])
def test_both_parts_are_whole_in_one_cell_and_keep_their_shape(substrate: Atoms) -> None:
    found: Coincidence = coincidence(substrate, k_film(), max_mismatch=0.05)
    assert np.allclose(found.substrate.cell.array[:2], found.film.cell.array[:2])
    assert np.linalg.det(found.substrate.cell.array) > 0
    assert len(found.substrate) == found.substrate_cells * len(substrate)
    assert len(found.film) == found.film_cells * 2
    assert max(map(abs, found.principal_strains)) <= 0.05
    assert nearest_distance(found.substrate) == pytest.approx(nearest_distance(substrate))
    bond = nearest_distance(k_film())
    assert nearest_distance(found.film) == pytest.approx(bond, rel=0.05)
    area = np.linalg.norm(np.cross(*found.film.cell.array[:2])) / found.film_cells
    smaller, larger = found.principal_strains
    free = np.linalg.norm(np.cross(*k_film().cell.array[:2]))
    assert area / free == pytest.approx((1 + smaller) * (1 + larger))


def test_a_mirrored_film_keeps_its_distances() -> None:
    """Skewed cells of opposite hand: the film that fits is the mirror image."""
    skewed = Atoms("Cu2", [[0, 0, 0], [0.9, 0.4, 1.5]], cell=[[3, 0, 0], [0.7, 4, 0], [0, 0, 20]])
    mirrored = Atoms(
        "Ag2", [[0, 0, 0], [0.9, -0.4, 1.5]], cell=[[3, 0, 0], [0.7, -4, 0], [0, 0, 20]]
    )
    for one in (skewed, mirrored):
        one.pbc = (True, True, False)
    found = coincidence(skewed, mirrored, max_mismatch=0.01)
    assert len(found.film) == 2
    assert nearest_distance(found.film) == pytest.approx(nearest_distance(mirrored))


def test_a_cell_that_would_hold_too_many_atoms_is_refused() -> None:
    with pytest.raises(RefusedError, match=r"no common cell of up to 6 atoms \(\d+ square angst"):
        coincidence(square(3.0), square(3.0 * 1.2, "Ag"), max_mismatch=0.001, max_atoms=6)


def test_only_what_does_not_repeat_a_dopant_gets_a_smaller_cell() -> None:
    plain = recipe_from_data({"builder": "graphene"})
    doped = recipe_from_data({"builder": "graphene", "motif": "substitution", "element": "N"})
    sheet = recipe_from_data({"builder": "mxene", "termination": "O"})
    assert smallest_cell(plain).supercell == (1, 1)
    assert smallest_cell(doped) == doped
    assert smallest_cell(sheet).supercell == (1, 1)
