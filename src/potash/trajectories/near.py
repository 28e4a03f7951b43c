"""Which atoms are near each other all along a trajectory."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import MDAnalysis as mda  # noqa: N813  (its documented short name)
import numpy as np
from MDAnalysis.lib.distances import self_capped_distance
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Pairs = tuple[Ints, Floats]
"""Pairs of near atoms, shape (n, 2), and their distances in angstrom."""

NEAR: Final = 3.0
"""Angstrom within which two atoms may be bonded."""
_FRAMES: Final = 5


def near_pairs(universe: mda.Universe) -> Pairs:
    """Return the pairs of atoms that are within 3 angstrom in most of a few frames.

    The current frame and others spread over the trajectory: atoms of one molecule stay
    together, those of two that lie on each other in a packed first frame do not. Frames that cannot
    be read are passed over here; whoever analyses them says what is wrong.

    Returns
    -------
    pairs, distances
        None where the topology has no coordinates, or where all atoms lie on each other.
    """
    try:
        trajectory = universe.trajectory
        here = int(trajectory.ts.frame)
    except AttributeError:
        return np.empty((0, 2), np.int64), np.empty(0)
    frames = [here]
    if not _is_bonded(universe):
        last = trajectory.n_frames - 1
        spread = np.linspace(0, last, min(_FRAMES, last + 1)).astype(int).tolist()
        frames += [f for f in spread if f != here][: _FRAMES - 1]
    found = [_near_now(universe)]
    for frame in frames[1:]:
        try:
            trajectory[frame]
            found.append(_near_now(universe))
        except Exception:  # a damaged frame: every reader has its own errors
            continue
    if len(frames) > 1:
        trajectory[here]
    used = [f for f in found if f is not None]
    if not used:
        return np.empty((0, 2), np.int64), np.empty(0)
    if len(used) == 1:
        return used[0]
    n = len(universe.atoms)
    together: defaultdict[int, list[float]] = defaultdict(list)
    for pairs, distances in used:
        codes = pairs.min(axis=1) * n + pairs.max(axis=1)
        for code, distance in zip(codes.tolist(), distances.tolist(), strict=True):
            together[code].append(distance)
    kept = {c: float(np.median(d)) for c, d in together.items() if len(d) > len(used) / 2}
    codes = np.array(sorted(kept), np.int64)
    return np.stack([codes // n, codes % n], axis=1), np.array([kept[c] for c in codes.tolist()])


def _is_bonded(universe: mda.Universe) -> bool:
    """Whether the topology has the bonds of every residue of more than one atom."""
    if not hasattr(universe.atoms, "bonds") or not len(universe.atoms.bonds):
        return False
    residue = np.asarray(universe.atoms.resindices)
    bonded = np.zeros(len(residue), bool)
    bonded[np.asarray(universe.atoms.bonds.indices, int).ravel()] = True
    return bool(np.all(bonded | (np.bincount(residue)[residue] == 1)))


def _near_now(universe: mda.Universe) -> Pairs | None:
    """Near pairs of the current frame; None if it has no usable coordinates."""
    try:
        positions = universe.atoms.positions
    except mda.NoDataError:
        return None
    if len(positions) < 2 or not np.all(np.isfinite(positions)):
        return None
    # A few atoms may coincide in made-up files; many mean that these are no coordinates.
    if len(np.unique(positions, axis=0)) < 0.9 * len(positions):
        return None
    box = universe.dimensions
    periodic = box is not None and np.all(np.isfinite(box)) and np.all(np.asarray(box[:3]) > 0)
    pairs, distances = self_capped_distance(positions, NEAR, box=box if periodic else None)
    return np.asarray(pairs, np.int64).reshape(-1, 2), np.asarray(distances, float)
