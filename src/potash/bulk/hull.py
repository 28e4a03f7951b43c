"""Which of some bulk phases are stable: formation energies and the convex hull."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from pymatgen.core import Composition
from scipy.optimize import linprog

from potash.bulk.thermodynamics import (
    LEAST_AMOUNT,
    PhaseEnergy,
    atoms_in,
    composition_of,
    elements_of,
    lowest_energies,
    one_level,
    reduced_formula,
    treated_alike,
)
from potash.errors import CalculationError, InputError

_ON_THE_HULL_EV_PER_ATOM = 1e-8
_INFEASIBLE = 2
"""What the solver answers where no mixture holds the atoms."""


@dataclass(frozen=True)
class HullPoint:
    """A phase against the convex hull.

    Attributes
    ----------
    formula, name
        The phase.
    formation_energy_ev_per_atom
        From the elements.
    above_hull_ev_per_atom
        0 for a stable phase.
    decomposition
        Stable phases that a phase above the hull falls apart into, with atomic fractions.
    """

    formula: str
    name: str
    formation_energy_ev_per_atom: float
    above_hull_ev_per_atom: float
    decomposition: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def composition(self) -> Composition:
        """Atoms per formula unit."""
        return Composition(self.formula)

    @property
    def stable(self) -> bool:
        """Whether the phase is on the hull."""
        return self.above_hull_ev_per_atom == 0.0


def convex_hull(phases: Sequence[PhaseEnergy]) -> list[HullPoint]:
    """Return every phase against the convex hull of all of them.

    Parameters
    ----------
    phases
        With at least one phase of every element that occurs.

    Raises
    ------
    InputError
        Where an element has no phase of its own, or levels are mixed.
    """
    one_level(phases)
    elements = {e for p in phases for e in p.elements}
    for element in sorted(elements):
        if not treated_alike(element, phases):
            raise InputError(f"energies of {element} with and without +U do not make one hull")
    alone = {e: [p for p in phases if p.elements == {e}] for e in elements}
    missing = sorted(e for e, found in alone.items() if not found)
    if missing:
        raise InputError(f"the hull needs an energy of elemental {', '.join(missing)}")
    element_ev = {e: min(map(_per_atom_ev, found)) for e, found in alone.items()}
    energies = lowest_energies(phases)
    points = []
    for phase in phases:
        n_atoms = float(phase.composition.num_atoms)
        apart = sum(element_ev[str(e)] * n for e, n in phase.composition.items())
        parts = lowest_mixture(energies, phase.composition)
        assert parts is not None, "a phase is a mixture of itself"
        mixture = sum(energies[f] * n for f, n in parts.items())
        above = (phase.energy_ev - mixture) / n_atoms
        stable = above < _ON_THE_HULL_EV_PER_ATOM
        points.append(
            HullPoint(
                formula=phase.reduced,
                name=phase.name,
                formation_energy_ev_per_atom=(phase.energy_ev - apart) / n_atoms,
                above_hull_ev_per_atom=0.0 if stable else above,
                decomposition={}
                if stable
                else {f: atoms_in({f: n}) / n_atoms for f, n in parts.items()},
            )
        )
    return points


def _per_atom_ev(phase: PhaseEnergy) -> float:
    return phase.energy_ev / float(phase.composition.num_atoms)


def lowest_mixture(
    energies: Mapping[str, float], wanted: Composition, *, reservoir: str | None = None
) -> dict[str, float] | None:
    """Return the mixture of phases of lowest energy that holds some atoms.

    A linear programme over the amounts of the phases.

    Parameters
    ----------
    energies
        Formula to energy per formula unit, eV.
    wanted
        The atoms; phases with other elements are left out.
    reservoir
        An element that the mixture may hold more or less of, at its energy in
        ``energies``; its own phase is then no part of the mixture.

    Returns
    -------
    dict or None
        Formula to amount; None where the phases cannot hold the atoms.

    Raises
    ------
    CalculationError
        If the solver fails.
    """
    frame = [e for e in wanted.elements if str(e) != reservoir]
    allowed = elements_of(wanted) | ({reservoir} if reservoir else set())
    parts = {f: composition_of(f) for f in energies if f != reservoir}
    parts = {f: c for f, c in parts.items() if elements_of(c) <= allowed}
    if not frame or not parts:
        return None
    mu = energies[reservoir] if reservoir else 0.0
    solved = linprog(
        [energies[f] - (mu * c[reservoir] if reservoir else 0.0) for f, c in parts.items()],
        A_eq=np.array([[c[e] for c in parts.values()] for e in frame]),
        b_eq=np.array([wanted[e] for e in frame]),
        bounds=(0, None),
        method="highs",
    )
    if solved.status == _INFEASIBLE:
        return None
    if not solved.success:
        raise CalculationError(f"no lowest mixture found: {solved.message}")
    amounts = np.asarray(solved.x, dtype=float)
    return {f: float(n) for f, n in zip(parts, amounts, strict=True) if n > LEAST_AMOUNT}


def lowest_compound(phases: Sequence[PhaseEnergy], elements: Iterable[str]) -> HullPoint | None:
    """Return the compound of exactly these elements with the lowest formation energy.

    Parameters
    ----------
    phases
        Any phases; those of other elements are left out.
    elements
        Symbols, such as ``("K", "Ag")``.

    Returns
    -------
    HullPoint or None
        Against the hull of the phases of these elements, whatever its sign; None where
        no phase given holds all of them.

    Raises
    ------
    InputError
        As :func:`convex_hull`.
    """
    wanted = frozenset(elements)
    points = [p for p in hull_of(phases, wanted) if elements_of(p.composition) == wanted]
    return min(points, key=lambda p: p.formation_energy_ev_per_atom, default=None)


def lowest_phase(phases: Sequence[PhaseEnergy], formula: str) -> HullPoint:
    """Return the structure of a composition with the lowest energy, on the hull of its elements.

    Raises
    ------
    InputError
        Without an energy of this composition, or as :func:`convex_hull`.
    """
    reduced = reduced_formula(Composition(formula))
    points = [p for p in hull_of(phases, elements_of(Composition(formula))) if p.formula == reduced]
    if not points:
        raise InputError(f"no energy of {reduced}")
    return min(points, key=lambda p: p.formation_energy_ev_per_atom)


def hull_of(phases: Sequence[PhaseEnergy], elements: frozenset[str]) -> list[HullPoint]:
    """Return the convex hull of the phases that hold no other elements than these."""
    return convex_hull([p for p in phases if p.elements <= elements])
