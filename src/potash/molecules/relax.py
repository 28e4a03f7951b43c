"""Geometry relaxation of molecules: quasi-Newton steps in internal coordinates.

Cartesian optimisers that start from a unit Hessian waste most of their steps on
finding out that stretches are stiff and torsions soft, and on the bonds that a
rotation along a straight line stretches. Here the Hessian lives in redundant internal
coordinates (:mod:`potash.molecules.internal_coordinates`), starts from a model or from
a force field, is updated by BFGS, and each step follows the curved coordinates. The
minimum does not depend on the model, only the number of gradients does. Works with any
energy function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from potash.errors import CalculationError
from potash.molecules.internal_coordinates import InternalCoordinates, internal_coordinates

FloatArray = NDArray[np.float64]
EnergyGradient = Callable[[FloatArray], tuple[float, FloatArray]]

# Powell's damping: the least curvature along a step that an update keeps, as a
# fraction of the present one; the Hessian stays positive definite.
_LEAST_CURVATURE = 0.2
_LARGEST_TRUST_A = 0.6


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
        Whether the thresholds on force and gain were reached.
    """

    positions: FloatArray
    energy_ev: float
    largest_force_ev_angstrom: float
    evaluations: int
    converged: bool


@dataclass(frozen=True)
class _Point:
    """A geometry with its gradient in Cartesian and in internal coordinates."""

    positions: FloatArray
    energy_ev: float
    gradient: FloatArray
    values: FloatArray
    derivatives: FloatArray
    metric: tuple[FloatArray, bool]  # Cholesky factor of B^T k B
    internal_gradient: FloatArray

    @classmethod
    def at(
        cls, q: InternalCoordinates, x: FloatArray, energy: float, gradient: FloatArray
    ) -> _Point:
        b, k = q.derivatives(x), q.force_constants
        metric = cho_factor((b.T * k) @ b)
        # Of all internal gradients g with B^T g = dE/dx, the one that is smallest in units
        # of the force constants.
        internal = k * (b @ cho_solve(metric, gradient.ravel()))
        return cls(x, energy, gradient, q.values(x), b, metric, internal)

    @property
    def largest_force(self) -> float:
        return float(np.sqrt((self.gradient**2).sum(axis=1)).max())


def relax(
    numbers: Sequence[int],
    positions: FloatArray,
    energy_gradient: EnergyGradient,
    *,
    hessian: FloatArray | None = None,
    force_ev_angstrom: float = 0.02,
    gain_ev: float = 2.5e-4,
    max_evaluations: int = 300,
    trust_angstrom: float = 0.3,
) -> Relaxation:
    """Relax a molecule until forces and the energy still to be gained are small.

    Forces alone would stop on the shoulders of floppy molecules, tens of meV above
    the minimum.

    Parameters
    ----------
    numbers
        Atomic numbers.
    positions
        Start geometry in A, shape (n_atoms, 3).
    energy_gradient
        Function of positions (A) that returns energy (eV) and gradient (eV/A).
    hessian
        Positive definite Cartesian Hessian to start from, eV/A^2, shape
        (3 n_atoms, 3 n_atoms), such as that of a cheaper method
        (:func:`positive_definite`); Lindh's model by default.
    force_ev_angstrom
        Convergence threshold on the largest force on any atom.
    gain_ev
        Convergence threshold on what the next step is predicted to gain.
    max_evaluations
        Gradients spent before giving up (``converged`` is then ``False``).
    trust_angstrom
        Largest displacement of any atom in one step; adapted on the way.

    Returns
    -------
    Relaxation
        The last geometry that a step was taken to.
    """
    x = np.array(positions, dtype=float)
    energy, gradient = energy_gradient(x)
    evaluations, trust = 1, trust_angstrom
    if len(x) == 1:
        return Relaxation(x, energy, float(np.linalg.norm(gradient)), 1, True)
    q = internal_coordinates(numbers, x)
    here = _Point.at(q, x, energy, gradient)
    stiffness = _internal_hessian(q, here, hessian)
    while True:
        b = here.derivatives
        curvature = b.T @ stiffness @ b
        step = -cho_solve(cho_factor(curvature), here.gradient.ravel())
        # A Newton step gains half of what its slope promises.
        gain = -0.5 * float(here.gradient.ravel() @ step)
        largest = here.largest_force
        converged = largest < force_ev_angstrom and gain < gain_ev
        if converged or evaluations >= max_evaluations or trust < 1e-4:
            return Relaxation(here.positions, here.energy_ev, largest, evaluations, converged)
        length = _longest(step)
        if length > trust:
            step *= trust / length
        evaluations += 1
        x = _follow(q, here, step)
        try:
            there = _Point.at(q, x, *energy_gradient(x))
        except CalculationError:  # a step into a clash, or into no self-consistency
            trust = 0.3 * min(length, trust)
            continue
        stiffness = _bfgs(
            stiffness,
            q.difference(there.values, here.values),
            there.internal_gradient - here.internal_gradient,
        )
        # Noise of an approximate self-consistent energy is of the order of 1e-5 eV.
        if there.energy_ev > here.energy_ev + 2e-5:
            trust = 0.4 * min(length, trust)
            if there.energy_ev > here.energy_ev + 0.02:
                continue
        elif length >= trust:
            trust = min(1.5 * trust, _LARGEST_TRUST_A)
        here = there
        if q.has_straight_bend(x):
            curvature = here.derivatives.T @ stiffness @ here.derivatives
            q = internal_coordinates(numbers, x)
            here = _Point.at(q, x, here.energy_ev, here.gradient)
            stiffness = _internal_hessian(q, here, curvature)


def relax_with(
    numbers: Sequence[int],
    positions: FloatArray,
    energy_gradient: EnergyGradient,
    *,
    what: str,
    hessian: FloatArray | None = None,
    force_ev_angstrom: float = 0.02,
    gain_ev: float = 2.5e-4,
    max_evaluations: int = 300,
) -> Relaxation:
    """Return :func:`relax`, or raise :class:`CalculationError` where it did not converge."""
    result = relax(
        numbers,
        positions,
        energy_gradient,
        hessian=hessian,
        force_ev_angstrom=force_ev_angstrom,
        gain_ev=gain_ev,
        max_evaluations=max_evaluations,
    )
    # A flat, floppy surface may stop short of the threshold without any harm to energies.
    if not result.converged and result.largest_force_ev_angstrom > 5 * force_ev_angstrom:
        raise CalculationError(
            f"{what}: not relaxed after {result.evaluations} steps "
            f"(largest force {result.largest_force_ev_angstrom:.2f} eV/A)"
        )
    return result


def positive_definite(hessian: FloatArray, *, floor: float = 0.02) -> FloatArray:
    """Return a Hessian (eV/A^2) without its negative curvatures, ``floor`` added to all.

    Makes that of a cheaper method one that :func:`relax` can start from: the motion of
    the whole molecule, and slopes off the minimum, have no positive curvature.
    """
    curvature, modes = np.linalg.eigh(0.5 * (hessian + hessian.T))
    return np.asarray((modes * (np.maximum(curvature, 0.0) + floor)) @ modes.T)


def _internal_hessian(
    q: InternalCoordinates, here: _Point, hessian: FloatArray | None
) -> FloatArray:
    """Return a Hessian in internal coordinates, shape (n_q, n_q), that gives the Cartesian one.

    With P = (B^T k B)^-1 B^T k, so that P B = 1, it is k + P^T (hessian - B^T k B) P.
    """
    b, k = here.derivatives, q.force_constants
    model = np.diag(k)
    if hessian is None:
        return model
    p = cho_solve(here.metric, b.T * k)
    return np.asarray(model + p.T @ (hessian - (b.T * k) @ b) @ p)


def _follow(q: InternalCoordinates, here: _Point, step: FloatArray) -> FloatArray:
    """Return the positions where the internal coordinates have changed as the step says.

    The straight step is only the first guess: a rotation along a straight line stretches
    the bonds. Corrections are least-squares solutions in the metric of the force constants.
    """
    b, k = here.derivatives, q.force_constants
    goal = here.values + b @ step
    shape = here.positions.shape
    x = here.positions + step.reshape(shape)
    before = _longest(step)
    for _ in range(3):
        left = q.difference(goal, q.values(x))
        correction = cho_solve(here.metric, b.T @ (k * left))
        size = _longest(correction)
        if size > before:  # no convergence: the straight step has to do
            return np.asarray(here.positions + step.reshape(shape))
        x, before = x + correction.reshape(shape), size
        if size < 1e-3:
            break
    return np.asarray(x)


def _bfgs(hessian: FloatArray, step: FloatArray, change: FloatArray) -> FloatArray:
    """Return the BFGS update, damped so that it stays positive definite.

    Powell's damping: Nocedal and Wright, Numerical Optimization, procedure 18.2.
    """
    image = hessian @ step
    present, found = float(step @ image), float(step @ change)
    if present <= 0.0:
        return hessian
    if found < _LEAST_CURVATURE * present:
        share = (1.0 - _LEAST_CURVATURE) * present / (present - found)
        change = share * change + (1.0 - share) * image
        found = float(step @ change)
    return np.asarray(hessian + np.outer(change, change) / found - np.outer(image, image) / present)


def _longest(step: FloatArray) -> float:
    """Return the largest displacement of an atom in a flat step."""
    return float(np.sqrt((step.reshape(-1, 3) ** 2).sum(axis=1)).max())
