"""Start geometries of three species that neither a SMILES nor the review's data give.

Usage: python scripts/start_geometries.py [FOLDER]

nido-B11H14(-): the icosahedron without one vertex, eleven terminal hydrogen atoms and
three more on the open face, bridging its edges or sitting on its atoms. NH3-B3H7:
B3H8(-) with one hydrogen atom replaced by ammonia. Every isomer is relaxed with
GFN2-xTB, the three lowest with B3LYP-D3(BJ)/def2-SVP, and the one lowest there is
written to FOLDER (default: molecules/geometries). Prints all energies.
Pigment Green 7: a flat guess with copper in the middle, relaxed with GFN2-xTB as a doublet.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.io import read, write
from numpy.typing import NDArray

from potash.engines.dft_method import B3LYP_D3_SVP
from potash.engines.pyscf import single_point
from potash.errors import CalculationError
from potash.molecules.geometry import relax_dft
from potash.molecules.tight_binding import relax_gfn2
from potash.resources import data_dir
from potash.structures.molecule import Structure

FloatArray = NDArray[np.float64]
BORON_BORON_A, BORON_HYDROGEN_A, BRIDGE_A, BORON_NITROGEN_A = 1.77, 1.19, 1.30, 1.60
MOST_DFT, SAME_EV = 3, 0.01


def undecaborate() -> Iterator[tuple[str, Atoms]]:
    """Yield isomers of nido-B11H14(-): where the three extra hydrogen atoms sit."""
    golden = (1 + np.sqrt(5)) / 2
    corners = [p for a, b in product((-1, 1), (-golden, golden)) for p in _turns(0, a, b)]
    cage = np.array(corners) * BORON_BORON_A / 2
    removed, cage = cage[0], cage[1:]
    face = np.argsort(np.linalg.norm(cage - removed, axis=1))[:5]
    first = face[0]
    ring = sorted(face, key=lambda i: _angle(cage[i], cage[first], removed))
    shell = cage * (1 + BORON_HYDROGEN_A / np.linalg.norm(cage[0]))
    up = removed / np.linalg.norm(removed)
    edges = [(i, (i + 1) % 5) for i in range(5)]
    places = {f"bridge {a}{b}": _bridge(cage[ring[a]], cage[ring[b]], up) for a, b in edges}
    places |= {f"endo {i}": _endo(cage[ring[i]], removed) for i in range(5)}
    seen: set[tuple[tuple[int, ...], ...]] = set()
    for chosen in combinations(places, 3):
        pattern = _pattern(chosen)
        if pattern in seen:
            continue
        seen.add(pattern)
        extra = np.array([places[name] for name in chosen])
        apart = [np.linalg.norm(a - b) for a, b in combinations(extra, 2)]
        if min(apart) > 1.2:
            yield ", ".join(chosen), Atoms("B11H14", np.vstack([cage, shell, extra]))


def ammonia_triborane() -> Iterator[tuple[str, Atoms]]:
    """Yield NH3-B3H7 with ammonia in the place of each hydrogen atom of B3H8(-)."""
    anion = read(data_dir("molecules") / "geometries" / "b3h8_minus.xyz")
    for k in [atom.index for atom in anion if atom.symbol == "H"]:
        distance = anion.get_distances(k, [0, 1, 2])
        nearest = int(np.argmin(distance))
        if np.sort(distance)[1] < 1.7:  # a bridge is no place for ammonia
            continue
        out = anion.positions[k] - anion.positions[nearest]
        out /= np.linalg.norm(out)
        side = np.cross(out, [0.3, 0.5, 0.8])
        side /= np.linalg.norm(side)
        other = np.cross(out, side)
        nitrogen = anion.positions[nearest] + BORON_NITROGEN_A * out
        turns = 2 * np.pi * np.arange(3) / 3
        hydrogens = [
            nitrogen + 0.35 * out + 0.95 * (np.cos(t) * side + np.sin(t) * other) for t in turns
        ]
        rest = anion[[i for i in range(len(anion)) if i != k]]
        yield f"for H {k}", rest + Atoms("NH3", [nitrogen, *hydrogens])


def pigment_green() -> Structure:
    """Return copper hexadecachlorophthalocyanine, relaxed with GFN2-xTB from a flat guess."""
    quarter = [  # one of the four isoindole units along x, with the nitrogen bridge to the next
        (7, 1.95, 0.0), (7, 2.39, 2.39),
        *((z, x, sign * y) for sign in (1, -1) for z, x, y in (
            (6, 2.75, 1.11), (6, 4.15, 0.70), (6, 5.33, 1.42), (6, 6.52, 0.70),
            (17, 5.33, 3.15), (17, 8.00, 1.55),
        )),
    ]  # fmt: skip
    numbers, places = [29], [(0.0, 0.0)]
    for _ in range(4):
        numbers += [int(z) for z, _, _ in quarter]
        places += [(x, y) for _, x, y in quarter]
        quarter = [(z, -y, x) for z, x, y in quarter]
    x = np.column_stack([np.array(places), np.zeros(len(places))])
    x += np.random.default_rng(1).normal(scale=0.02, size=x.shape)  # flat might be a saddle point
    positions, result = relax_gfn2(Structure(tuple(numbers), x, unpaired=1), force_ev_angstrom=0.01)
    bonds = np.sort(np.linalg.norm(positions[1:] - positions[0], axis=1))[:4]
    print(f"  Cu-N {bonds.round(3)} A, HOMO {result.homo_ev:.2f}, LUMO {result.lumo_ev:.2f} eV")
    return Structure(tuple(numbers), positions, unpaired=1)


def lowest(isomers: Iterator[tuple[str, Atoms]], charge: int) -> Structure:
    """Return the isomer that is lowest with DFT; print the energies of all."""
    found: list[tuple[float, str, Structure]] = []
    for name, atoms in isomers:
        start = Structure(tuple(int(z) for z in atoms.numbers), atoms.positions, charge)
        try:
            positions, result = relax_gfn2(start)
        except CalculationError as error:
            print(f"  {name}: {error}")
            continue
        if all(abs(result.energy_ev - e) > SAME_EV for e, _, _ in found):
            found.append((result.energy_ev, name, Structure(start.numbers, positions, charge)))
    found.sort(key=lambda item: item[0])
    for energy, name, _ in found:
        print(f"  {name}: GFN2-xTB {energy - found[0][0]:+.3f} eV", flush=True)
    ranked: list[tuple[float, Structure]] = []
    for _, name, structure in found[:MOST_DFT]:
        relaxed = relax_dft(structure, B3LYP_D3_SVP)
        ranked.append((single_point(relaxed, B3LYP_D3_SVP).energy_ev, relaxed))
        print(f"  {name}: {B3LYP_D3_SVP.label} {ranked[-1][0]:.3f} eV", flush=True)
    return min(ranked, key=lambda item: item[0])[1]


def main() -> None:
    """Build, rank and write all."""
    default = data_dir("molecules") / "geometries"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    cages = {"b11h14_minus": (undecaborate(), -1), "nh3b3h7": (ammonia_triborane(), 0)}
    for name, (isomers, charge) in cages.items():
        print(name)
        best = lowest(isomers, charge)
        comment = (
            f"charge={charge} lowest isomer at {B3LYP_D3_SVP.label} (scripts/start_geometries.py)"
        )
        write(folder / f"{name}.xyz", Atoms(best.numbers, best.positions), comment=comment)
    print("pg7")
    best = pigment_green()
    comment = "charge=0 doublet, relaxed with GFN2-xTB (scripts/start_geometries.py)"
    write(folder / "pg7.xyz", Atoms(best.numbers, best.positions), comment=comment)


def _pattern(chosen: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    """Return the places on the ring in a form that its rotations and reflections share."""
    places = [tuple(int(c) for c in name.split()[1]) for name in chosen]
    images = [
        tuple(sorted(tuple(sorted((sign * i + turn) % 5 for i in place)) for place in places))
        for turn in range(5)
        for sign in (1, -1)
    ]
    return min(images)


def _turns(x: float, y: float, z: float) -> list[tuple[float, float, float]]:
    return [(x, y, z), (y, z, x), (z, x, y)]


def _angle(point: FloatArray, first: FloatArray, axis: FloatArray) -> float:
    axis = axis / np.linalg.norm(axis)
    u = first - (first @ axis) * axis
    return float(np.arctan2(np.cross(u, point) @ axis, u @ point) % (2 * np.pi))


def _bridge(a: FloatArray, b: FloatArray, up: FloatArray) -> FloatArray:
    """Return the place of a hydrogen atom that bridges two atoms, on the open side."""
    middle = 0.5 * (a + b)
    outward = middle - (middle @ up) * up
    direction = outward / np.linalg.norm(outward) + 1.5 * up
    height = np.sqrt(BRIDGE_A**2 - 0.25 * float((a - b) @ (a - b)))
    return np.asarray(middle + height * direction / np.linalg.norm(direction))


def _endo(a: FloatArray, removed: FloatArray) -> FloatArray:
    """Return the place of a second hydrogen atom on one atom, towards the open face."""
    direction = removed * 1.3 - a
    return np.asarray(a + BORON_HYDROGEN_A * direction / np.linalg.norm(direction))


if __name__ == "__main__":
    main()
