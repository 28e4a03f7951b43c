"""Geometry relaxation of molecules: quasi-Newton steps from a model Hessian.

Cartesian optimisers that start from a unit Hessian waste most of their steps on
finding out that stretches are stiff and torsions soft. Here the first Hessian is
Lindh's model (bends, stretches and torsions whose force constants follow from
distances alone), updated by BFGS; the result does not depend on the model, only
the number of gradients does. Works with any energy function.

Lindh, Bernhardsson, Karlstrom, Malmqvist, doi:10.1016/0009-2614(95)00646-L.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from ase.data import covalent_radii
from numpy.typing import NDArray

from potash.errors import CalculationError
from potash.units import BOHR_ANGSTROM, HARTREE_EV

FloatArray = NDArray[np.float64]
EnergyGradient = Callable[[FloatArray], tuple[float, FloatArray]]

# Exponents (1/bohr^2) and reference distances (bohr) by row of the periodic table (H-He, Li-Ne,
# Na and below), and force constants (hartree) of stretch, bend and torsion.
_ALPHA = np.array([[1.0, 0.3949, 0.3949], [0.3949, 0.28, 0.28], [0.3949, 0.28, 0.28]])
_R_REF = np.array([[1.35, 2.10, 2.53], [2.10, 2.87, 3.40], [2.53, 3.40, 3.40]])
_K_STRETCH, _K_BEND, _K_TORSION = 0.45, 0.15, 0.005
_SMALLEST_RHO = 1e-2
# Curvature given to directions that the model leaves flat, eV/A^2.
_FLOOR = 0.4


@dataclass(frozen=True)
class Relaxation:
    """Result of :func:`relax`.

    Attributes
    ----------
    positions
        Relaxed Cartesian coordinates in A, shape (n_atoms, 3).
    energy_ev
        Energy there.
    largest_force_ev_angstrom
        Norm of the largest force on an atom.
    evaluations
        Number of energy-and-gradient calls.
    converged
        Whether the force threshold was reached.
    """

    positions: FloatArray
    energy_ev: float
    largest_force_ev_angstrom: float
    evaluations: int
    converged: bool


def relax(
    numbers: Sequence[int],
    positions: FloatArray,
    energy_gradient: EnergyGradient,
    *,
    force_ev_angstrom: float = 0.02,
    max_evaluations: int = 300,
    trust_angstrom: float = 0.25,
) -> Relaxation:
    """Relax a molecule until the largest force is below ``force_ev_angstrom``.

    Parameters
    ----------
    numbers
        Atomic numbers.
    positions
        Start geometry in A, shape (n_atoms, 3).
    energy_gradient
        Function of positions (A) that returns energy (eV) and gradient (eV/A).
    force_ev_angstrom
        Convergence threshold on the largest force on any atom.
    max_evaluations
        Gradients spent before giving up (``converged`` is then ``False``).
    trust_angstrom
        Largest displacement of any atom in one step; adapted on the way.

    Returns
    -------
    Relaxation
        The geometry with the lowest energy met.
    """
    x = np.array(positions, dtype=float)
    energy, gradient = energy_gradient(x)
    evaluations, trust = 1, trust_angstrom
    hessian = model_hessian(numbers, x)
    while True:
        largest = float(np.sqrt((gradient**2).sum(axis=1)).max())
        if largest < force_ev_angstrom or len(x) == 1:
            return Relaxation(x, energy, largest, evaluations, True)
        if evaluations >= max_evaluations or trust < 1e-4:
            return Relaxation(x, energy, largest, evaluations, False)
        step = _rational_step(hessian, gradient.ravel()).reshape(x.shape)
        length = float(np.sqrt((step**2).sum(axis=1)).max())
        if length > trust:
            step *= trust / length
        predicted = float((gradient * step).sum() + 0.5 * step.ravel() @ hessian @ step.ravel())
        evaluations += 1
        try:
            new_energy, new_gradient = energy_gradient(x + step)
        except CalculationError:  # a step into a clash, or into no self-consistency
            trust = 0.3 * min(length, trust)
            continue
        hessian = _bfgs(hessian, step.ravel(), (new_gradient - gradient).ravel())
        # Noise of an approximate self-consistent energy is of the order of 1e-5 eV.
        if new_energy > energy + 2e-5 and predicted < 0:
            trust = 0.4 * min(length, trust)
            if new_energy > energy + 0.02:
                continue
        elif length >= trust:
            trust = min(1.5 * trust, 0.5)
        x, energy, gradient = x + step, new_energy, new_gradient


def relax_with(
    numbers: Sequence[int],
    positions: FloatArray,
    energy_gradient: EnergyGradient,
    *,
    what: str,
    force_ev_angstrom: float = 0.02,
    max_evaluations: int = 300,
) -> Relaxation:
    """Return :func:`relax`, or raise :class:`CalculationError` where it did not converge."""
    result = relax(
        numbers,
        positions,
        energy_gradient,
        force_ev_angstrom=force_ev_angstrom,
        max_evaluations=max_evaluations,
    )
    # A flat, floppy surface may stop short of the threshold without any harm to energies.
    if not result.converged and result.largest_force_ev_angstrom > 5 * force_ev_angstrom:
        raise CalculationError(
            f"{what}: not relaxed after {result.evaluations} steps "
            f"(largest force {result.largest_force_ev_angstrom:.2f} eV/A)"
        )
    return result


def _rational_step(hessian: FloatArray, gradient: FloatArray) -> FloatArray:
    """Return the rational-function step: -(H - lambda)^-1 g with lambda below every curvature."""
    curvature, modes = np.linalg.eigh(hessian)
    slope = modes.T @ gradient
    shift = 0.0
    for _ in range(50):  # lambda = sum g_i^2 / (lambda - h_i), by fixed-point iteration
        lowest = min(float(curvature[0]), 0.0)
        new = float((slope**2 / (shift - curvature - 1e-12)).sum())
        new = min(new, lowest - 1e-3) if lowest < 0 else new
        if abs(new - shift) < 1e-8:
            break
        shift = 0.5 * (shift + new)
    return np.asarray(-(modes @ (slope / (curvature - shift))))


def _bfgs(hessian: FloatArray, step: FloatArray, change: FloatArray) -> FloatArray:
    """Return the BFGS-updated Hessian, unchanged where the update would not be positive."""
    curvature = float(step @ change)
    if curvature < 1e-8 * float(step @ step):
        return hessian
    image = hessian @ step
    return np.asarray(
        hessian
        + np.outer(change, change) / curvature
        - np.outer(image, image) / float(step @ image)
    )


def model_hessian(numbers: Sequence[int], positions: FloatArray) -> FloatArray:
    """Return Lindh's model Hessian in eV/A^2, shape (3n, 3n), positive definite.

    k = k0 * product of rho over the bonds of the internal coordinate, with
    rho_ij = exp(alpha_ij (r_ref,ij^2 - r_ij^2)); flat directions get ``0.4 eV/A^2``.
    """
    x = np.asarray(positions) / BOHR_ANGSTROM
    n = len(x)
    z = np.asarray(numbers)
    row = np.where(z <= 2, 0, np.where(z <= 10, 1, 2))
    delta = x[:, None] - x[None, :]
    r2 = (delta**2).sum(axis=2)
    pair = (row[:, None], row[None, :])
    rho = np.exp(_ALPHA[pair] * (_R_REF[pair] ** 2 - r2))
    np.fill_diagonal(rho, 0.0)
    hessian = np.zeros((3 * n, 3 * n))

    def add(atoms: Sequence[int], rows: FloatArray, constant: float) -> None:
        index = (3 * np.array(atoms)[:, None] + np.arange(3)).ravel()
        b = rows.ravel()
        hessian[np.ix_(index, index)] += constant * np.outer(b, b)

    for i, j in np.argwhere(np.triu(rho) > _SMALLEST_RHO).tolist():
        u = delta[i, j] / np.sqrt(r2[i, j])
        add((i, j), np.array([u, -u]), _K_STRETCH * rho[i, j])
    radii = covalent_radii[z] / BOHR_ANGSTROM
    bonded = r2 < (1.3 * (radii[:, None] + radii[None, :])) ** 2
    np.fill_diagonal(bonded, False)
    neighbours: list[list[int]] = [np.flatnonzero(bonded[i]).tolist() for i in range(n)]
    for j in range(n):
        for i, k in combinations(neighbours[j], 2):
            rows = _bend_rows(x[i], x[j], x[k])
            if rows is not None:
                add((i, j, k), rows, _K_BEND * min(rho[i, j] * rho[j, k], 2.0))
        for k in neighbours[j]:
            if k <= j:
                continue
            for i in neighbours[j]:
                for m in neighbours[k]:
                    if len({i, j, k, m}) < 4:
                        continue
                    rows = _torsion_rows(x[i], x[j], x[k], x[m])
                    if rows is not None:
                        add(
                            (i, j, k, m),
                            rows,
                            _K_TORSION * min(rho[i, j] * rho[j, k] * rho[k, m], 3.0),
                        )
    hessian *= HARTREE_EV / BOHR_ANGSTROM**2
    return hessian + _FLOOR * np.eye(3 * n)


def _bend_rows(a: FloatArray, b: FloatArray, c: FloatArray) -> FloatArray | None:
    """Return the derivatives of the angle a-b-c, shape (3, 3); ``None`` if it is straight."""
    u, v = a - b, c - b
    nu, nv = np.linalg.norm(u), np.linalg.norm(v)
    u, v = u / nu, v / nv
    cosine = float(u @ v)
    sine = np.sqrt(max(1.0 - cosine**2, 0.0))
    if sine < 0.1:
        return None
    da = (cosine * u - v) / (nu * sine)
    dc = (cosine * v - u) / (nv * sine)
    return np.array([da, -da - dc, dc])


def _torsion_rows(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> FloatArray | None:
    """Return the derivatives of the dihedral a-b-c-d, shape (4, 3); ``None`` if undefined."""
    b1, b2, b3 = b - a, c - b, d - c
    length = np.linalg.norm(b2)
    n1, n2 = np.cross(b1, b2), np.cross(b2, b3)
    s1, s2 = float(n1 @ n1), float(n2 @ n2)
    if s1 < 0.05 * float(b1 @ b1) * length**2 or s2 < 0.05 * float(b3 @ b3) * length**2:
        return None
    da = -length / s1 * n1
    dd = length / s2 * n2
    p, q = float(b1 @ b2) / length**2, float(b3 @ b2) / length**2
    db = -(1 + p) * da + q * dd
    dc = -(1 + q) * dd + p * da
    return np.array([da, db, dc, dd])
