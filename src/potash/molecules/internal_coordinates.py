"""Redundant internal coordinates of a molecule, with a model of their force constants.

Stretches, bends, torsions, and the Cartesian coordinates themselves held by a weak
spring: so that fragments, straight angles and the motion of the whole need no case of
their own. Force constants are Lindh's (doi:10.1016/0009-2614(95)00646-L), which follow
from distances alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from ase.data import covalent_radii
from numpy.typing import NDArray

from potash.units import BOHR_ANGSTROM, HARTREE_EV

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Exponents (1/bohr^2) and reference distances (bohr) by row of the periodic table (H-He, Li-Ne,
# Na and below), and force constants (hartree) of stretch, bend and torsion. The stretch is
# half of the published one: with the pairs of next neighbours, which count as stretches
# too, that one is twice as stiff as GFN2-xTB and B3LYP, and costs a third more gradients.
_ALPHA = np.array([[1.0, 0.3949, 0.3949], [0.3949, 0.28, 0.28], [0.3949, 0.28, 0.28]])
_R_REF = np.array([[1.35, 2.10, 2.53], [2.10, 2.87, 3.40], [2.53, 3.40, 3.40]])
_K_STRETCH, _K_BEND, _K_TORSION = 0.225, 0.15, 0.005
_SMALLEST_RHO = 1e-2
# Spring on each Cartesian coordinate, eV/A^2: softer than any torsion that matters.
_K_CARTESIAN = 0.1
# Atoms are neighbours within this multiple of the sum of their covalent radii.
_BONDED = 1.3
# Bends within 15 degrees of a straight line define no torsion, and are none themselves; one
# that comes within 10 degrees ends the use of the set.
_STRAIGHT, _TOO_STRAIGHT = (float(np.cos(np.radians(a))) for a in (15.0, 10.0))
_SMALLEST_SINE = 0.1


@dataclass(frozen=True)
class InternalCoordinates:
    """A set of internal coordinates q of n atoms, in the order of the attributes.

    Attributes
    ----------
    stretches, bends, torsions
        Indices of the atoms of each coordinate, shapes (n_s, 2), (n_b, 3), (n_t, 4).
    force_constants
        Model of the stiffness of every coordinate, the 3n Cartesian ones last,
        shape (n_q,): eV/A^2 for lengths, eV/rad^2 for angles.
    """

    stretches: IntArray
    bends: IntArray
    torsions: IntArray
    force_constants: FloatArray

    def values(self, positions: FloatArray) -> FloatArray:
        """Return q (A and radians) at ``positions`` (A, shape (n_atoms, 3)), shape (n_q,)."""
        x = positions
        i, j = self.stretches.T
        lengths = _norm(x[i] - x[j])
        i, j, k = self.bends.T
        u, v = x[i] - x[j], x[k] - x[j]
        angles = np.arccos(np.clip(_dot(u, v) / (_norm(u) * _norm(v)), -1.0, 1.0))
        b1, b2, b3 = _torsion_bonds(x, self.torsions)
        n1, n2 = np.cross(b1, b2), np.cross(b2, b3)
        dihedrals = np.arctan2(_norm(b2) * _dot(b1, n2), _dot(n1, n2))
        return np.concatenate([lengths, angles, dihedrals, x.ravel()])

    def has_straight_bend(self, positions: FloatArray) -> bool:
        """Return whether a bend is so straight that it is no coordinate there any more."""
        i, j, k = self.bends.T
        u, v = positions[i] - positions[j], positions[k] - positions[j]
        return bool((np.abs(_dot(u, v)) > _TOO_STRAIGHT * _norm(u) * _norm(v)).any())

    def difference(self, after: FloatArray, before: FloatArray) -> FloatArray:
        """Return ``after - before`` of two sets of values, torsions within half a turn."""
        change = np.asarray(after - before)
        first = len(self.stretches) + len(self.bends)
        turn = slice(first, first + len(self.torsions))
        change[turn] = (change[turn] + np.pi) % (2 * np.pi) - np.pi
        return change

    def derivatives(self, positions: FloatArray) -> FloatArray:
        """Return Wilson's B matrix dq/dx, shape (n_q, 3 n_atoms).

        Rows of bends that have become straight, and of torsions over them, are bounded.
        """
        x, n = positions, len(positions)
        b = np.zeros((len(self.force_constants), n, 3))
        row = np.arange(len(self.stretches))
        i, j = self.stretches.T
        along = x[i] - x[j]
        along /= _norm(along)[:, None]
        b[row, i], b[row, j] = along, -along

        row = len(row) + np.arange(len(self.bends))
        i, j, k = self.bends.T
        u, v = x[i] - x[j], x[k] - x[j]
        nu, nv = _norm(u)[:, None], _norm(v)[:, None]
        u, v = u / nu, v / nv
        cosine = _dot(u, v)[:, None]
        sine = np.sqrt(np.maximum(1.0 - cosine**2, _SMALLEST_SINE**2))
        di, dk = (cosine * u - v) / (nu * sine), (cosine * v - u) / (nv * sine)
        b[row, i], b[row, j], b[row, k] = di, -di - dk, dk

        row = len(self.stretches) + len(self.bends) + np.arange(len(self.torsions))
        b1, b2, b3 = _torsion_bonds(x, self.torsions)
        n1, n2 = np.cross(b1, b2), np.cross(b2, b3)
        length = _norm(b2)[:, None]
        least = (_SMALLEST_SINE * length) ** 2
        di = -length * n1 / np.maximum(_dot(n1, n1), least[:, 0] * _dot(b1, b1))[:, None]
        dm = length * n2 / np.maximum(_dot(n2, n2), least[:, 0] * _dot(b3, b3))[:, None]
        p, q = _dot(b1, b2)[:, None] / length**2, _dot(b3, b2)[:, None] / length**2
        i, j, k, m = self.torsions.T
        b[row, i], b[row, m] = di, dm
        b[row, j], b[row, k] = -(1 + p) * di + q * dm, -(1 + q) * dm + p * di

        matrix = b.reshape(len(b), 3 * n)
        matrix[-3 * n :] = np.eye(3 * n)
        return matrix


def internal_coordinates(numbers: Sequence[int], positions: FloatArray) -> InternalCoordinates:
    """Return the internal coordinates of a molecule, chosen at one geometry.

    Stretches are all pairs with a force constant that counts, bonded or not; bends and
    torsions run over atoms within 1.3 times the sum of covalent radii. Force constants
    are k0 times the product of rho over the bonds of a coordinate, with
    rho_ij = exp(alpha_ij (r_ref,ij^2 - r_ij^2)).
    """
    x, z, n = np.asarray(positions, dtype=float), np.asarray(numbers), len(numbers)
    distance = np.sqrt(((x[:, None] - x[None, :]) ** 2).sum(axis=2))
    row = np.where(z <= 2, 0, np.where(z <= 10, 1, 2))
    pair = (row[:, None], row[None, :])
    rho = np.exp(_ALPHA[pair] * (_R_REF[pair] ** 2 - (distance / BOHR_ANGSTROM) ** 2))
    np.fill_diagonal(rho, 0.0)
    radii = covalent_radii[z]
    bonded = distance < _BONDED * (radii[:, None] + radii[None, :])
    np.fill_diagonal(bonded, False)
    neighbours: list[list[int]] = [np.flatnonzero(line).tolist() for line in bonded]

    def is_bent(i: int, j: int, k: int) -> bool:
        u, v = x[i] - x[j], x[k] - x[j]
        return abs(float(u @ v)) < _STRAIGHT * float(np.sqrt((u @ u) * (v @ v)))

    bends = [
        (i, j, k) for j in range(n) for i, k in combinations(neighbours[j], 2) if is_bent(i, j, k)
    ]
    bent = set(bends) | {(k, j, i) for i, j, k in bends}
    torsions = [
        (i, j, k, m)
        for j in range(n)
        for k in neighbours[j]
        if k > j
        for i in neighbours[j]
        for m in neighbours[k]
        if i != m and (i, j, k) in bent and (j, k, m) in bent
    ]
    s = np.argwhere(np.triu(rho) > _SMALLEST_RHO)
    b = np.array(bends, dtype=int).reshape(-1, 3)
    t = np.array(torsions, dtype=int).reshape(-1, 4)
    bend_rho = rho[b[:, 0], b[:, 1]] * rho[b[:, 1], b[:, 2]]
    torsion_rho = rho[t[:, 0], t[:, 1]] * rho[t[:, 1], t[:, 2]] * rho[t[:, 2], t[:, 3]]
    constants = [
        _K_STRETCH * HARTREE_EV / BOHR_ANGSTROM**2 * rho[s[:, 0], s[:, 1]],
        _K_BEND * HARTREE_EV * np.minimum(bend_rho, 2.0),
        _K_TORSION * HARTREE_EV * np.minimum(torsion_rho, 3.0),
        np.full(3 * n, _K_CARTESIAN),
    ]
    return InternalCoordinates(s, b, t, np.concatenate(constants))


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.asarray((a * b).sum(axis=1))


def _norm(a: FloatArray) -> FloatArray:
    return np.sqrt(_dot(a, a))


def _torsion_bonds(x: FloatArray, torsions: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    i, j, k, m = torsions.T
    return x[j] - x[i], x[k] - x[j], x[m] - x[k]
