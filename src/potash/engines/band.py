"""Climbing-image nudged elastic bands with any ASE calculator, counting force calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.mep import NEB
from ase.optimize import BFGS, FIRE


@dataclass(frozen=True)
class Band:
    """What a band ended with.

    Attributes
    ----------
    energies_ev
        Of all images, the ends included.
    converged
        Whether the forces across the path fell below the limit.
    residual_force_ev_angstrom
        Largest of them that is left.
    force_calls
        Evaluations.
    """

    energies_ev: tuple[float, ...]
    converged: bool
    residual_force_ev_angstrom: float
    force_calls: int


def climb(
    images: Sequence[Atoms], *, max_force: float, max_steps: int, newton: bool = False
) -> Band:
    """Relax a band (improved tangent), first without and then with a climbing image.

    Parameters
    ----------
    images
        With a calculator each, which may be one; the first and last stay. Changed in place.
    max_force
        Convergence, eV/angstrom; without climbing three times as much is enough.
    max_steps
        Limit of each of the two relaxations.
    newton
        By BFGS, which takes fewer steps than FIRE where the path is short and smooth.

    Notes
    -----
    Henkelman, Uberuaga, Jonsson, J. Chem. Phys. 113, 9901 (2000), doi:10.1063/1.1329672.
    """
    for end in (images[0], images[-1]):  # a shared calculator would do them again at each step
        energy, forces = end.get_potential_energy(), end.get_forces()
        end.calc = SinglePointCalculator(end, energy=energy, forces=forces)
    band = NEB(list(images), method="improvedtangent", climb=False, allow_shared_calculator=True)
    calls, converged = 2, False
    for climbing, force in ((False, 3 * max_force), (True, max_force)):
        band.climb = climbing
        optimizer = (BFGS if newton else FIRE)(band, logfile=None, maxstep=0.1)
        converged = bool(optimizer.run(fmax=force, steps=max_steps))
        calls += (len(images) - 2) * (optimizer.nsteps + 1)
    return Band(
        energies_ev=tuple(float(energy) for energy in band.energies),
        converged=converged,
        residual_force_ev_angstrom=float(band.get_residual()),
        force_calls=calls,
    )
