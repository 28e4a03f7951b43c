"""Small made-up trajectories whose answers are known."""

from __future__ import annotations

import MDAnalysis as mda  # noqa: N813
import numpy as np
from numpy.typing import NDArray

MASSES = {"K": 39.0983, "O": 15.999, "N": 14.007, "H": 1.008, "P": 30.974, "C": 12.011}


def ions_and_solvent(
    positions: NDArray[np.float64],
    box: NDArray[np.float64],
    n_cations: int,
    n_anions: int,
    dt_ps: float = 1.0,
) -> mda.Universe:
    """K ions, diatomic O-F anions 'ANI' and one-atom O solvents 'SOL', in this order.

    ``positions`` is (n_frames, n_atoms, 3), ``box`` (6,) or (n_frames, 6).
    """
    n_atoms = positions.shape[1]
    n_solvent = n_atoms - n_cations - 2 * n_anions
    names = ["K"] * n_cations + ["O1", "F1"] * n_anions + ["O"] * n_solvent
    resindex = [
        *range(n_cations),
        *np.repeat(np.arange(n_cations, n_cations + n_anions), 2),
        *range(n_cations + n_anions, n_cations + n_anions + n_solvent),
    ]
    resnames = ["K"] * n_cations + ["ANI"] * n_anions + ["SOL"] * n_solvent
    return universe(names, resindex, resnames, positions, box, dt_ps)


def atoms(
    positions: NDArray[np.float64],
    box: NDArray[np.float64] | None,
    name: str = "K",
    dt_ps: float = 1.0,
) -> mda.Universe:
    """Single atoms of one kind, each a molecule."""
    n = positions.shape[1]
    return universe([name] * n, list(range(n)), [name] * n, positions, box, dt_ps)


def universe(
    names: list[str],
    resindex: list[int],
    resnames: list[str],
    positions: NDArray[np.float64],
    box: NDArray[np.float64] | None,
    dt_ps: float = 1.0,
) -> mda.Universe:
    """A universe in memory; masses are those of the elements."""
    made = mda.Universe.empty(
        len(names), n_residues=len(resnames), atom_resindex=resindex, trajectory=True
    )
    made.add_TopologyAttr("names", names)
    made.add_TopologyAttr("resnames", resnames)
    made.add_TopologyAttr("resids", np.arange(1, len(resnames) + 1))
    made.add_TopologyAttr("masses", [MASSES.get(n[0], 18.998) for n in names])
    frames = np.asarray(positions, np.float32)
    cells = None
    if box is not None:
        cells = np.broadcast_to(np.asarray(box, np.float32), (len(frames), 6)).copy()
    made.load_new(frames, dimensions=cells, dt=dt_ps)
    return made


def wrap(positions: NDArray[np.float64], box: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each atom on its own wrapped into the box (molecules may be broken)."""
    vectors = mda.lib.mdamath.triclinic_vectors(box).astype(float)
    fractions = positions @ np.linalg.inv(vectors)
    return (fractions - np.floor(fractions)) @ vectors


ORTHORHOMBIC = np.array([14.0, 15.0, 16.0, 90.0, 90.0, 90.0])
TRICLINIC = np.array([15.0, 14.0, 16.0, 70.0, 80.0, 65.0])


def naive_distance(
    a: NDArray[np.float64], b: NDArray[np.float64], box: NDArray[np.float64]
) -> float:
    """Distance to the nearest of 125 images."""
    vectors = mda.lib.mdamath.triclinic_vectors(box).astype(float)
    fractions = (b - a) @ np.linalg.inv(vectors)
    fractions -= np.round(fractions)
    shifts = np.array(np.meshgrid(*[np.arange(-2, 3)] * 3)).reshape(3, -1).T
    return float(np.min(np.linalg.norm((fractions + shifts) @ vectors, axis=1)))
