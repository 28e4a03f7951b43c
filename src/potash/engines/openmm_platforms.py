"""On what OpenMM computes here: the fastest platform that is not only listed but works."""

from __future__ import annotations

from functools import cache

import openmm
from openmm import unit

from potash.errors import CalculationError

FASTEST_FIRST = ("CUDA", "OpenCL", "CPU", "Reference")


def platforms() -> list[str]:
    """Return the names of the platforms that OpenMM lists on this machine."""
    number = openmm.Platform.getNumPlatforms()
    return [str(openmm.Platform.getPlatform(i).getName()) for i in range(number)]


@cache
def why_not(name: str) -> str:
    """Return why a platform cannot be used, in a line, or '' where it can.

    A GPU may be listed whose driver is too old, or that others have taken: two atoms are
    computed on it, once in a process.
    """
    try:
        system = openmm.System()
        force = openmm.HarmonicBondForce()
        for _ in range(2):
            system.addParticle(1.0)
        force.addBond(0, 1, 0.1, 1000.0)
        system.addForce(force)
        integrator = openmm.VerletIntegrator(0.001)
        context = openmm.Context(system, integrator, openmm.Platform.getPlatformByName(name))
        context.setPositions([[0.0, 0.0, 0.0], [0.2, 0.0, 0.0]])
        energy = context.getState(getEnergy=True).getPotentialEnergy()
        found = energy.value_in_unit(unit.kilojoule_per_mole)
    except Exception as error:
        return " ".join(str(error).split()) or type(error).__name__
    return "" if abs(found - 5.0) < 1e-3 else f"it gives {found:g} kJ/mol where 5 is right"


def usable_platform() -> tuple[str, str]:
    """Return the fastest platform that works, and why faster ones are passed over, or ''."""
    passed: list[str] = []
    for name in (n for n in FASTEST_FIRST if n in platforms()):
        why = why_not(name)
        if not why:
            what = "is listed but cannot be used"
            return name, f"{', '.join(passed)} {what}; computing on {name}" if passed else ""
        passed.append(f"{name} ({why})")
    raise CalculationError(f"no platform of OpenMM can be used here: {', '.join(passed)}")
