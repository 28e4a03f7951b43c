"""Compiled per-frame kernels: periodic neighbour search, histograms, unwrapping.

All kernels take positions as they come from a reader (float32, wrapped or not)
and the box as MDAnalysis gives it (three lengths in angstrom, three angles in
degrees). Distances use the minimum image, which is exact up to half of the
smallest perpendicular height of the box (:func:`minimum_height`); callers keep
their cutoffs below that. Everything works on any triclinic box.

``fastmath`` is off: results do not depend on the compiler reordering sums.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from potash.compiled import compiled

Floats = NDArray[np.float64] | NDArray[np.float32]
Positions = NDArray[np.float32]
Ints = NDArray[np.int64]


@compiled
def box_vectors(dimensions: Floats) -> Floats:
    """Return the lower-triangular box (3, 3), rows a, b, c, of a (6,) box."""
    box = np.zeros((3, 3))
    lx, ly, lz = float(dimensions[0]), float(dimensions[1]), float(dimensions[2])
    if dimensions[3] == 90.0 and dimensions[4] == 90.0 and dimensions[5] == 90.0:
        box[0, 0], box[1, 1], box[2, 2] = lx, ly, lz
        return box
    cos_a = np.cos(np.deg2rad(float(dimensions[3])))
    cos_b = np.cos(np.deg2rad(float(dimensions[4])))
    cos_c = np.cos(np.deg2rad(float(dimensions[5])))
    sin_c = np.sqrt(max(0.0, 1.0 - cos_c * cos_c))
    if sin_c == 0.0:
        return box
    box[0, 0] = lx
    box[1, 0], box[1, 1] = ly * cos_c, ly * sin_c
    cx, cy = lz * cos_b, lz * (cos_a - cos_b * cos_c) / sin_c
    box[2, 0], box[2, 1] = cx, cy
    box[2, 2] = np.sqrt(max(0.0, lz * lz - cx * cx - cy * cy))
    return box


@compiled
def _heights(box: Floats) -> Floats:
    """Return the distances between opposite faces, along a, b and c; zeros without a box."""
    heights = np.zeros(3)
    volume = box[0, 0] * box[1, 1] * box[2, 2]
    if not volume > 0.0:
        return heights
    ax, bx, by = box[0, 0], box[1, 0], box[1, 1]
    cx, cy, cz = box[2, 0], box[2, 1], box[2, 2]
    heights[0] = volume / np.sqrt((by * cz) ** 2 + (bx * cz) ** 2 + (bx * cy - by * cx) ** 2)
    heights[1] = volume / np.sqrt((ax * cz) ** 2 + (ax * cy) ** 2)
    heights[2] = cz
    return heights


@compiled
def minimum_height(dimensions: Floats) -> float:
    """Return the smallest perpendicular height of the box in angstrom; 0 without a box."""
    return float(np.min(_heights(box_vectors(dimensions))))


@compiled
def volume(dimensions: Floats) -> float:
    """Return the volume of the box in cubic angstrom; 0 without a box."""
    box = box_vectors(dimensions)
    return float(box[0, 0] * box[1, 1] * box[2, 2])


@compiled
def nearest_image(dx: float, dy: float, dz: float, box: Floats) -> tuple[float, float, float]:
    """Return the displacement moved to its nearest image.

    Exact whenever the nearest image is closer than half the smallest height.
    """
    image = np.rint(dz / box[2, 2])
    dz -= image * box[2, 2]
    dy -= image * box[2, 1]
    dx -= image * box[2, 0]
    image = np.rint(dy / box[1, 1])
    dy -= image * box[1, 1]
    dx -= image * box[1, 0]
    return dx - np.rint(dx / box[0, 0]) * box[0, 0], dy, dz


@compiled
def _cell_index(point: Floats, box: Floats, n_cells: Ints, cell: Ints) -> int:
    """Write the cell (3,) that holds ``point`` after wrapping; return its flat index."""
    sz = point[2] / box[2, 2]
    sy = (point[1] - sz * box[2, 1]) / box[1, 1]
    sx = (point[0] - sy * box[1, 0] - sz * box[2, 0]) / box[0, 0]
    for k, s in enumerate((sx, sy, sz)):
        # A fraction of -1e-17 wraps to exactly 1; not-a-number must not leave the array.
        cell[k] = max(0, min(int((s - np.floor(s)) * n_cells[k]), n_cells[k] - 1))
    return int((cell[0] * n_cells[1] + cell[1]) * n_cells[2] + cell[2])


@compiled
def build_cells(
    positions: Positions, index: Ints, box: Floats, cutoff: float
) -> tuple[Ints, Ints, Ints, Floats]:
    """Sort points into cells at least ``cutoff`` wide.

    Returns the number of cells along a, b, c; the start of each cell in the
    sorted points; the sorted points' places in ``index``; their coordinates.
    """
    n = index.shape[0]
    heights = _heights(box)
    n_cells = np.ones(3, np.int64)
    most = int(np.ceil(n ** (1.0 / 3.0))) + 1
    for k in range(3):
        n_cells[k] = max(1, min(most, int(heights[k] / cutoff)))
    start = np.zeros(n_cells[0] * n_cells[1] * n_cells[2] + 1, np.int64)
    home = np.empty(n, np.int64)
    cell = np.empty(3, np.int64)
    point = np.empty(3)
    for i in range(n):
        for k in range(3):
            point[k] = positions[index[i], k]
        home[i] = _cell_index(point, box, n_cells, cell)
        start[home[i] + 1] += 1
    for c in range(start.shape[0] - 1):
        start[c + 1] += start[c]
    fill = start[:-1].copy()
    order = np.empty(n, np.int64)
    points = np.empty((n, 3))
    for i in range(n):
        slot = fill[home[i]]
        fill[home[i]] += 1
        order[slot] = i
        for k in range(3):
            points[slot, k] = positions[index[i], k]
    return n_cells, start, order, points


@compiled
def neighbours(
    point: Floats,
    box: Floats,
    cutoff: float,
    n_cells: Ints,
    start: Ints,
    order: Ints,
    points: Floats,
    found: Ints,
    distance: Floats,
) -> int:
    """Write the points within ``cutoff`` (inclusive) of ``point``; return how many.

    ``found`` holds places in the ``index`` that :func:`build_cells` was given,
    ``distance`` the distances in angstrom; both as long as ``index``.
    """
    cell = np.empty(3, np.int64)
    _cell_index(point, box, n_cells, cell)
    low = np.empty(3, np.int64)
    count = np.empty(3, np.int64)
    for k in range(3):
        # With fewer than three cells a neighbour would be visited twice.
        low[k] = cell[k] - 1 if n_cells[k] >= 3 else 0
        count[k] = min(n_cells[k], 3)
    n = 0
    limit = cutoff * cutoff
    for p in range(count[0]):
        a = (low[0] + p) % n_cells[0]
        for q in range(count[1]):
            b = (low[1] + q) % n_cells[1]
            for r in range(count[2]):
                flat = (a * n_cells[1] + b) * n_cells[2] + (low[2] + r) % n_cells[2]
                for slot in range(start[flat], start[flat + 1]):
                    dx, dy, dz = nearest_image(
                        points[slot, 0] - point[0],
                        points[slot, 1] - point[1],
                        points[slot, 2] - point[2],
                        box,
                    )
                    square = dx * dx + dy * dy + dz * dz
                    if square <= limit:
                        found[n] = order[slot]
                        distance[n] = np.sqrt(square)
                        n += 1
    return n


@compiled
def pair_histogram(
    positions: Positions,
    dimensions: Floats,
    first: Ints,
    second: Ints,
    molecule: Ints,
    exclude_molecule: bool,
    bin_width: float,
    histogram: Ints,
) -> None:
    """Add the distances from ``first`` to ``second`` atoms to ``histogram``.

    An atom is never paired with itself; with ``exclude_molecule`` neither with
    another atom of its molecule (``molecule`` holds the molecule of every atom).
    """
    box = box_vectors(dimensions)
    n_bins = histogram.shape[0]
    cutoff = bin_width * n_bins
    n_cells, start, order, points = build_cells(positions, second, box, cutoff)
    found = np.empty(second.shape[0], np.int64)
    distance = np.empty(second.shape[0])
    point = np.empty(3)
    for atom in first:
        for k in range(3):
            point[k] = positions[atom, k]
        n = neighbours(point, box, cutoff, n_cells, start, order, points, found, distance)
        for m in range(n):
            other = second[found[m]]
            if other == atom or (exclude_molecule and molecule[other] == molecule[atom]):
                continue
            place = int(distance[m] / bin_width)
            if place < n_bins:
                histogram[place] += 1


@compiled
def molecule_centres(
    positions: Positions,
    dimensions: Floats,
    atoms: Ints,
    start: Ints,
    parent: Ints,
    masses: Floats,
    whole: Floats,
    centres: Floats,
) -> None:
    """Write the centre of mass of every molecule, made whole, into ``centres``.

    Molecule ``m`` owns ``atoms[start[m]:start[m + 1]]``. Each atom is placed at
    its nearest image to its parent, the atom that it is bonded to, which stands
    earlier in the list: bonds must be shorter than half the box, the molecule may
    be larger. Without a box positions are taken as they are. ``whole`` (n_atoms, 3)
    receives the positions of the whole molecules.
    """
    box = box_vectors(dimensions)
    periodic = float(np.min(_heights(box))) > 0.0
    for m in range(start.shape[0] - 1):
        x = y = z = 0.0
        cx = cy = cz = total = 0.0
        for slot in range(start[m], start[m + 1]):
            atom, before = atoms[slot], parent[slot]
            if before < 0 or not periodic:
                x, y, z = positions[atom, 0], positions[atom, 1], positions[atom, 2]
            else:
                x, y, z = whole[before, 0], whole[before, 1], whole[before, 2]
                dx, dy, dz = nearest_image(
                    positions[atom, 0] - x, positions[atom, 1] - y, positions[atom, 2] - z, box
                )
                x, y, z = x + dx, y + dy, z + dz
            whole[atom, 0], whole[atom, 1], whole[atom, 2] = x, y, z
            mass = masses[atom]
            cx, cy, cz, total = cx + mass * x, cy + mass * y, cz + mass * z, total + mass
        centres[m, 0], centres[m, 1], centres[m, 2] = cx / total, cy / total, cz / total


@compiled
def unwrap_step(
    centres: Floats, dimensions: Floats, wrapped: Floats, unwrapped: Floats, first: bool
) -> float:
    """Advance ``unwrapped`` by one frame with the toroidal-view-preserving scheme.

    The centres are wrapped into this frame's box, and the minimum-image step
    from the last frame's wrapped centre is added:
    ``u(t+1) = u(t) + [w(t+1) - w(t)]`` with the image taken in the box of
    ``t+1``. Unlike lattice-based unwrapping this keeps diffusion coefficients
    right when the box fluctuates (Bullerjahn, von Bulow, Heidari, Henin and
    Hummer, J. Chem. Theory Comput. 2023, doi:10.1021/acs.jctc.3c00308). ``wrapped`` and
    ``unwrapped`` are updated in place. Returns the largest step in units of
    the smallest height of the box; near 0.5 the images are ambiguous.
    """
    box = box_vectors(dimensions)
    height = float(np.min(_heights(box)))
    largest = 0.0
    for m in range(centres.shape[0]):
        x, y, z = centres[m, 0], centres[m, 1], centres[m, 2]
        if height > 0.0:
            image = np.floor(z / box[2, 2])
            z -= image * box[2, 2]
            y -= image * box[2, 1]
            x -= image * box[2, 0]
            image = np.floor(y / box[1, 1])
            y -= image * box[1, 1]
            x -= image * box[1, 0]
            x -= np.floor(x / box[0, 0]) * box[0, 0]
        if first:
            unwrapped[m, 0], unwrapped[m, 1], unwrapped[m, 2] = x, y, z
        else:
            dx, dy, dz = x - wrapped[m, 0], y - wrapped[m, 1], z - wrapped[m, 2]
            if height > 0.0:
                dx, dy, dz = nearest_image(dx, dy, dz, box)
                largest = max(largest, np.sqrt(dx * dx + dy * dy + dz * dz) / height)
            unwrapped[m, 0] += dx
            unwrapped[m, 1] += dy
            unwrapped[m, 2] += dz
        wrapped[m, 0], wrapped[m, 1], wrapped[m, 2] = x, y, z
    return float(largest)
