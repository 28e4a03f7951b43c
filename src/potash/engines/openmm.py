"""OpenMM: the force-field topology as a system, and simulations of it.

Coulomb (particle-mesh Ewald) is a NonbondedForce; Lennard-Jones with geometric
mixing is a CustomNonbondedForce in the product form ``a1 a2 / r^12 - b1 b2 / r^6``,
because OPLS parameters obey ``A_ij = sqrt(A_i A_j)``: two multiplications a
pair instead of square roots and powers. Where molecules mix otherwise among
themselves the general form is taken. Pairs three bonds apart are exceptions. What the
pair terms of a cation add to the mixed parameters is a product too: one factor marks the
cation, the other holds the difference, so that no table is looked up.

Measured on one core with 1,000 atoms and a 10 A cutoff: 10.7 ms a step, of which
5 are Lennard-Jones, 4 direct and 0.6 reciprocal Coulomb. Writing the powers
otherwise changes less than 10 %; multiple time steps (non-bonded forces every
4 fs) save 15 % and lower the temperature by 2 %, and are not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import openmm
from numpy.typing import NDArray
from openmm import unit

from potash.engines.md import HYDROGEN_MAX_MASS_U, Settings, repartitioned_masses
from potash.engines.openmm_platforms import platforms, usable_platform
from potash.engines.topology import KJ_PER_A2_TO_NM2, Molecule, Topology
from potash.errors import CalculationError

_PRODUCT_FORM = "a1*a2*s*s - b1*b2*s"
_GENERAL_FORM = "root1*root2*(t*t - t)"
_PRODUCT_RULES = "; s = q*q*q; q = 1/(r*r)"
_GENERAL_RULES = (
    "; t = (sigma/r)^6;"
    "sigma = select(arithmetic1*arithmetic2, (sigma1 + sigma2)/2, sqrt(sigma1*sigma2))"
)
ENERGY_GROUPS = {0: "bonded", 1: "lennard_jones", 2: "coulomb"}


def version() -> str:
    """Return the OpenMM version."""
    return str(openmm.version.version)


def build_system(
    topology: Topology,
    box_angstrom: NDArray[np.float64],
    settings: Settings,
    *,
    constrain_hydrogens: bool = True,
    periodic: bool = True,
) -> Any:
    """Return the OpenMM System of a topology.

    Parameters
    ----------
    box_angstrom
        Three box vectors as rows.
    constrain_hydrogens
        Fix the length of bonds to hydrogen (the bond term stays out then).
    periodic
        Without it, all pairs interact directly and nothing is cut off.
    """
    system = openmm.System()
    system.setDefaultPeriodicBoxVectors(*(openmm.Vec3(*(row / 10)) for row in box_angstrom))
    for molecule, count in topology.molecules:
        masses = repartitioned_masses(molecule.masses_u, molecule.bonds, settings.hydrogen_mass_u)
        for mass in masses * count:
            system.addParticle(mass)
    nonbonded, dispersion = _nonbonded_forces(topology, settings, periodic)
    bonded = (
        openmm.HarmonicBondForce(),
        openmm.HarmonicAngleForce(),
        openmm.RBTorsionForce(),
        openmm.PeriodicTorsionForce(),
    )
    for molecule, first in topology.instances():
        _add_bonded(system, bonded, molecule, first, constrain_hydrogens)
        _add_pairs(nonbonded, dispersion, topology, molecule, first)
    for group, forces in ((0, bonded), (1, (dispersion,)), (2, (nonbonded,))):
        for force in forces:
            force.setForceGroup(group)
            system.addForce(force)
    return system


def _nonbonded_forces(topology: Topology, settings: Settings, periodic: bool) -> tuple[Any, Any]:
    coulomb = openmm.NonbondedForce()
    coulomb.setNonbondedMethod(
        openmm.NonbondedForce.PME if periodic else openmm.NonbondedForce.NoCutoff
    )
    coulomb.setCutoffDistance(settings.cutoff_angstrom / 10)
    coulomb.setEwaldErrorTolerance(settings.ewald_tolerance)
    coulomb.setUseDispersionCorrection(False)
    geometric = all(m.mixing == "geometric" for m, _ in topology.molecules)
    extra = _pair_columns(topology)
    form = "".join((_PRODUCT_FORM if geometric else _GENERAL_FORM, *_pair_forms(extra)))
    if not geometric:
        form += _GENERAL_RULES
    lj = openmm.CustomNonbondedForce(form + (_PRODUCT_RULES if geometric or extra else ""))
    for name in (*(("a", "b") if geometric else ("sigma", "root", "arithmetic")), *extra):
        lj.addPerParticleParameter(name)
    lj.setNonbondedMethod(
        openmm.CustomNonbondedForce.CutoffPeriodic
        if periodic
        else openmm.CustomNonbondedForce.NoCutoff
    )
    lj.setCutoffDistance(settings.cutoff_angstrom / 10)
    lj.setUseLongRangeCorrection(periodic and settings.dispersion_correction)
    sigma = topology.per_atom("sigma_angstrom") / 10
    root = 2 * np.sqrt(topology.per_atom("epsilon_kj_mol"))
    arithmetic = np.concatenate(
        [np.full(m.n_atoms * n, float(m.mixing != "geometric")) for m, n in topology.molecules]
    )
    own = (root * sigma**6, root * sigma**3) if geometric else (sigma, root, arithmetic)
    for charge, *values in zip(topology.per_atom("charges_e"), *own, *extra.values(), strict=True):
        coulomb.addParticle(float(charge), 1.0, 0.0)
        lj.addParticle([float(v) for v in values])
    return coulomb, lj


def _pair_columns(topology: Topology) -> dict[str, NDArray[np.float64]]:
    """Return per-atom parameters of the pair terms, by name, in nm and kJ/mol.

    For the cation of number ``n``: ``p`` marks its atoms; ``u``, ``v`` and, where there is
    an r^-4 term, ``w`` hold of each other atom what is added to the factors of r^-12,
    -r^-6 and -r^-4 of the pair.
    """
    types = topology.types()
    cations = sorted({t.cation for t in topology.pairs} & set(types.tolist()))
    sigma = topology.per_atom("sigma_angstrom") / 10
    epsilon = topology.per_atom("epsilon_kj_mol")
    columns: dict[str, NDArray[np.float64]] = {}
    for n, cation in enumerate(cations):
        first = int(np.argmax(types == cation))
        found = {name: np.zeros(len(types)) for name in "uvw"}
        for term in (t for t in topology.pairs if t.cation == cation):
            here = types == term.donor
            mixed_epsilon = 4 * np.sqrt(epsilon[first] * epsilon[here])
            cubed = (sigma[first] * sigma[here]) ** 3
            asked = term.sigma_angstrom / 10
            found["u"][here] = 4 * term.epsilon_kj_mol * asked**12 - mixed_epsilon * cubed**2
            found["v"][here] = 4 * term.epsilon_kj_mol * asked**6 - mixed_epsilon * cubed
            found["w"][here] = term.c4_kj_mol_a4 * 1e-4
        columns[f"p{n}x"] = (types == cation).astype(float)
        columns |= {f"{k}{n}x": v for k, v in found.items() if k != "w" or v.any()}
    return columns


def _pair_forms(columns: Mapping[str, Any]) -> list[str]:
    """Return what is added to the energy expression for each cation with pair terms."""
    powers = {"u": " + ({})*s*s", "v": " - ({})*s", "w": " - ({})*q*q"}
    return [
        powers[name[0]].format(f"p{name[1:]}1*{name}2 + {name}1*p{name[1:]}2")
        for name in columns
        if name[0] in powers
    ]


def _add_bonded(
    system: Any, forces: tuple[Any, Any, Any, Any], molecule: Molecule, first: int, fix_h: bool
) -> None:
    bonds, angles, dihedrals, impropers = forces
    light = [m < HYDROGEN_MAX_MASS_U for m in molecule.masses_u]
    for i, j, r0, k in molecule.bonds:
        if fix_h and (light[i] or light[j]):
            system.addConstraint(first + i, first + j, r0 / 10)
        else:
            bonds.addBond(first + i, first + j, r0 / 10, k * KJ_PER_A2_TO_NM2)
    for i, j, distance in molecule.constraints:
        system.addConstraint(first + i, first + j, distance / 10)
    for i, j, k3, theta0, k in molecule.angles:
        angles.addAngle(first + i, first + j, first + k3, float(np.radians(theta0)), k)
    for i, j, k3, last, *v in molecule.dihedrals:
        dihedrals.addTorsion(
            first + i, first + j, first + k3, first + last, *ryckaert_bellemans(*v)
        )
    for i, j, k3, last, v2 in molecule.impropers:
        impropers.addTorsion(
            first + i, first + j, first + k3, first + last, 2, float(np.pi), v2 / 2
        )


def ryckaert_bellemans(
    v1: float, v2: float, v3: float, v4: float
) -> tuple[float, float, float, float, float, float]:
    """Return the Ryckaert-Bellemans coefficients of an OPLS Fourier dihedral (same unit).

    With psi = phi - 180 degrees, as GROMACS and OpenMM define it.
    """
    return (
        v2 + (v1 + v3) / 2,
        (3 * v3 - v1) / 2,
        4 * v4 - v2,
        -2 * v3,
        -4 * v4,
        0.0,
    )


def _add_pairs(coulomb: Any, lj: Any, topology: Topology, molecule: Molecule, first: int) -> None:
    near, third = molecule.pairs_by_distance()
    coulomb_14, lennard_jones_14 = topology.scale_14(molecule)
    for i, j in sorted(near):
        coulomb.addException(first + i, first + j, 0.0, 1.0, 0.0)
        lj.addExclusion(first + i, first + j)
    for i, j in sorted(third):
        charge = molecule.charges_e[i] * molecule.charges_e[j] * coulomb_14
        sigma, epsilon = molecule.lennard_jones(i, molecule, j)
        coulomb.addException(
            first + i, first + j, charge, sigma / 10 or 1.0, epsilon * lennard_jones_14
        )
        lj.addExclusion(first + i, first + j)


def make_context(system: Any, integrator: Any, platform: str = "") -> Any:
    """Return a Context that computes the same way every time (one CPU thread, deterministic).

    Parameters
    ----------
    platform
        OpenMM platform name; empty takes CUDA, OpenCL or CPU, the first that works.

    Raises
    ------
    CalculationError
        If the named platform does not exist.
    """
    name = platform or usable_platform()[0]
    if name not in platforms():
        raise CalculationError(f"OpenMM has no platform {name!r} here, only {platforms()}")
    properties = {"DeterministicForces": "true"} if name in ("CPU", "CUDA") else {}
    if name == "CPU":
        properties["Threads"] = "1"
    return openmm.Context(system, integrator, openmm.Platform.getPlatformByName(name), properties)


def energies_kj_mol(context: Any) -> dict[str, float]:
    """Return the potential energy, total and by group (bonded, lennard_jones, coulomb).

    Lennard-Jones of pairs three bonds apart is counted in ``coulomb``.
    """
    parts = {
        name: _energy(context.getState(getEnergy=True, groups={group}))
        for group, name in ENERGY_GROUPS.items()
    }
    parts["total"] = sum(parts.values())
    return parts


def _energy(state: Any) -> float:
    return float(state.getPotentialEnergy().value_in_unit(unit.kilojoule_per_mole))
