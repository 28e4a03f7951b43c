"""Phases against potassium: convex hulls, reactions, and whether a host survives contact.

Energies are those of whole crystals per formula unit, from any one level of
theory; energies of different levels are never combined. Entropy and pressure
are left out (solids, near room temperature). The reservoir is bulk potassium,
that is 0 V against K/K+.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from pymatgen.analysis.reaction_calculator import Reaction as BalancedReaction
from pymatgen.analysis.reaction_calculator import ReactionError
from pymatgen.core import Composition
from scipy.optimize import linprog

from potash.errors import CalculationError, InputError, RefusedError

RESERVOIR = "K"
RESOLUTION_EV_PER_ATOM = 0.05
"""Reaction energies below this, per atom that takes part, are called unresolved.

A cautious choice, not a measured error: the phases have not been computed by DFT,
so that no error model of the potentials exists for them yet.
"""

_LEAST_AMOUNT = 1e-6


@dataclass(frozen=True)
class PhaseEnergy:
    """Energy of a crystal.

    Attributes
    ----------
    formula
        Formula unit that the energy is for.
    energy_ev
        Energy per formula unit.
    level
        Level of theory; all energies of one analysis have the same.
    name
        Catalogue id of the phase, for tables.
    hubbard_elements
        Elements whose d states carry a +U in this energy. Energies of one
        element with and without +U are never combined.
    """

    formula: str
    energy_ev: float
    level: str
    name: str = ""
    hubbard_elements: frozenset[str] = frozenset()

    @cached_property
    def composition(self) -> Composition:
        """Atoms per formula unit."""
        return Composition(self.formula)

    @cached_property
    def elements(self) -> frozenset[str]:
        """Symbols of its elements."""
        return frozenset(str(e) for e in self.composition.elements)

    @cached_property
    def _reduced_and_factor(self) -> tuple[str, float]:
        text, factor = self.composition.get_reduced_formula_and_factor()
        return str(text), float(factor)

    @property
    def reduced(self) -> str:
        """Reduced formula: what identifies the phase in a reaction."""
        return self._reduced_and_factor[0]

    @property
    def units_per_formula(self) -> float:
        """Reduced formula units in its formula."""
        return self._reduced_and_factor[1]

    @property
    def energy_per_reduced_ev(self) -> float:
        """Energy per reduced formula unit."""
        return self.energy_ev / self.units_per_formula


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

    @property
    def stable(self) -> bool:
        """Whether the phase is on the hull."""
        return self.above_hull_ev_per_atom < 1e-8


@dataclass(frozen=True)
class Reaction:
    """A balanced reaction.

    Attributes
    ----------
    equation
        As text, amounts per formula unit of the first reactant.
    energy_ev
        Products minus reactants, per formula unit of the first reactant;
        negative is exothermic.
    potassium
        K atoms taken up, per formula unit of the first reactant.
    products
        Reduced formula to amount.
    level
        Level of theory of the energies.
    """

    equation: str
    energy_ev: float
    potassium: float
    products: Mapping[str, float]
    level: str

    @property
    def energy_ev_per_k(self) -> float | None:
        """Energy per K taken up; None where no K is."""
        return self.energy_ev / self.potassium if self.potassium > _LEAST_AMOUNT else None

    @property
    def voltage_v(self) -> float | None:
        """Average potential against K/K+ at which the reaction runs; None without K."""
        per_k = self.energy_ev_per_k
        return None if per_k is None else -per_k


@dataclass(frozen=True)
class ContactVerdict:
    """Whether a host survives contact with potassium at 0 V against K/K+.

    Attributes
    ----------
    host
        Formula.
    verdict
        ``survives``, ``reacts``, or ``unresolved`` where the energy is within
        the resolution of the energies. All three hold for the phases given.
    reaction
        The reaction with K that gains most (or costs least); None where the
        phases given allow none.
    competing
        Reduced formulas that the host was tested against.
    reason
        One line for tables.
    """

    host: str
    verdict: Literal["survives", "reacts", "unresolved"]
    reaction: Reaction | None
    competing: tuple[str, ...]
    reason: str


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
    _one_level(phases)
    elements = {e for p in phases for e in p.elements}
    missing = elements - {p.reduced for p in phases} - _molecular(phases)
    for element in sorted(elements):
        if not _alike(element, phases):
            raise InputError(f"energies of {element} with and without +U do not make one hull")
    if missing:
        raise InputError(f"the hull needs an energy of elemental {', '.join(sorted(missing))}")
    # Loads two plotting libraries; only a hull needs it, not a reaction.
    from pymatgen.analysis.phase_diagram import PDEntry, PhaseDiagram

    entries = [PDEntry(p.composition, p.energy_ev, name=p.reduced) for p in phases]
    diagram = PhaseDiagram(entries)
    points = []
    for phase, entry in zip(phases, entries, strict=True):
        parts, above = diagram.get_decomp_and_e_above_hull(entry)
        parts = {} if above is not None and above < 1e-8 else parts
        points.append(
            HullPoint(
                formula=phase.reduced,
                name=phase.name,
                formation_energy_ev_per_atom=float(diagram.get_form_energy_per_atom(entry)),
                above_hull_ev_per_atom=max(0.0, float(above or 0.0)),
                decomposition={e.composition.reduced_formula: float(x) for e, x in parts.items()},
            )
        )
    return points


def forms_compound(phases: Sequence[PhaseEnergy], other: str) -> HullPoint | None:
    """Return the K compound of lowest formation energy with one other element, or None.

    None means that no phase given of K and ``other`` lies below the two
    elements, as the review says of K-Ag, K-Al and K-Cu.
    """
    binary = {RESERVOIR, other}
    chosen = [p for p in phases if p.elements <= binary]
    mixed = [
        point
        for point in convex_hull(chosen)
        if len(Composition(point.formula).elements) == 2 and point.formation_energy_ev_per_atom < 0
    ]
    return min(mixed, key=lambda p: p.formation_energy_ev_per_atom, default=None)


def reaction(
    reactants: Sequence[str], products: Sequence[str], phases: Sequence[PhaseEnergy]
) -> Reaction:
    """Return a named reaction, balanced, per formula unit of the first reactant.

    Where a formula has several energies, the lowest is taken.

    Raises
    ------
    InputError
        For a formula without energy, mixed levels, or sides that cannot be balanced.
    """
    level = _one_level(phases)
    energies = _lowest(phases)
    sides = [[Composition(f) for f in side] for side in (reactants, products)]
    for composition in (*sides[0], *sides[1]):
        if _reduced(composition) not in energies:
            raise InputError(f"no energy of {_reduced(composition)} for the reaction")
    names = {_reduced(c) for side in sides for c in side}
    involved = [p for p in phases if p.reduced in names]
    for element in sorted({str(e) for side in sides for c in side for e in c.elements}):
        if not _alike(element, involved):
            raise InputError(f"{element} is computed with +U on one side of the reaction only")
    try:
        balanced = BalancedReaction(*sides)
    except ReactionError as error:
        text = f"{' + '.join(reactants)} -> {' + '.join(products)}"
        raise InputError(f"{text} cannot be balanced: {error}") from error
    first = _reduced(sides[0][0])
    amounts = {_reduced(c): float(balanced.get_coeff(c)) for c in balanced.all_comp}
    if abs(amounts.get(first, 0.0)) < _LEAST_AMOUNT:
        raise InputError(f"{first} does not take part in the reaction")
    scale = 1 / abs(amounts[first])
    amounts = {f: n * scale for f, n in amounts.items() if abs(n) > _LEAST_AMOUNT}
    made = {f: n for f, n in amounts.items() if n > 0}
    used = {f: -n for f, n in amounts.items() if n < 0}
    return Reaction(
        equation=_equation(used, made, phases),
        energy_ev=sum(n * energies[f] for f, n in amounts.items()),
        potassium=used.get(RESERVOIR, 0.0),
        products=made,
        level=level,
    )


def reaction_with_potassium(host: PhaseEnergy, phases: Sequence[PhaseEnergy]) -> Reaction | None:
    """Return the reaction of a host with as much K as it wants that gains most.

    Among all mixtures of the other phases that hold the host's atoms (K apart,
    which comes from the metal), the one of lowest energy: a linear programme.
    The host itself is left out, so the energy is positive where the host is
    stable; None where the other phases cannot hold its atoms. Phases that
    treat an element of the host differently (+U or not) are left out.

    Raises
    ------
    InputError
        For mixed levels or without an energy of K.
    """
    level = _one_level([host, *phases])
    own = [str(e) for e in host.composition.elements]
    energies = _lowest([p for p in phases if all(_alike(e, [host, p]) for e in own)])
    if RESERVOIR not in energies:
        raise InputError("no energy of K metal, the reservoir")
    mu = energies[RESERVOIR]
    composition = Composition(host.reduced)
    frame = [e for e in composition.elements if str(e) != RESERVOIR]
    if not frame:
        return None
    within = {p.reduced for p in phases if p.elements <= {*own, RESERVOIR}}
    others = {f: Composition(f) for f in energies if f in within - {RESERVOIR, host.reduced}}
    if not others:
        return None
    holds = np.array([[c[e] for c in others.values()] for e in frame])
    wanted = np.array([composition[e] for e in frame])
    cost = np.array([energies[f] - mu * c[RESERVOIR] for f, c in others.items()])
    solved = linprog(cost, A_eq=holds, b_eq=wanted, bounds=(0, None), method="highs")
    if solved.status == 2:
        return None
    if not solved.success:
        raise CalculationError(f"no lowest mixture found: {solved.message}")
    amounts = np.asarray(solved.x, dtype=float)
    made = {f: float(n) for f, n in zip(others, amounts, strict=True) if n > _LEAST_AMOUNT}
    bound = sum(n * others[f][RESERVOIR] for f, n in made.items())
    taken = float(bound - composition[RESERVOIR])
    start = host.energy_per_reduced_ev - mu * composition[RESERVOIR]
    used = {host.reduced: 1.0}
    if taken > _LEAST_AMOUNT:
        used[RESERVOIR] = taken
    elif taken < -_LEAST_AMOUNT:
        made[RESERVOIR] = -taken
    return Reaction(
        equation=_equation(used, made, [host, *phases]),
        energy_ev=float(cost @ amounts) - start,
        potassium=max(0.0, taken),
        products=made,
        level=level,
    )


def contact_verdict(
    host: PhaseEnergy,
    phases: Sequence[PhaseEnergy],
    *,
    resolution_ev_per_atom: float = RESOLUTION_EV_PER_ATOM,
) -> ContactVerdict:
    """Return whether a host survives contact with K at 0 V against K/K+.

    Parameters
    ----------
    host
        Its energy.
    phases
        What it may turn into; K metal among them.
    resolution_ev_per_atom
        How well energies are known, per atom of host and K that take part.

    Returns
    -------
    ContactVerdict
        ``reacts`` where a reaction gains energy; ``survives`` where the best
        one costs; ``unresolved`` within the resolution, where no phase given
        competes, or where competitors were left out because of +U.

    Raises
    ------
    RefusedError
        For a host of K alone.
    """
    if host.elements == {RESERVOIR}:
        raise RefusedError("potassium is the reservoir; it cannot react with itself")
    found = reaction_with_potassium(host, phases)
    competing = tuple(sorted({p.reduced for p in phases} - {host.reduced}))

    def verdict(word: Literal["survives", "reacts", "unresolved"], reason: str) -> ContactVerdict:
        return ContactVerdict(host.reduced, word, found, competing, reason)

    own = [str(e) for e in host.composition.elements]
    near = [p for p in phases if p.elements <= {*own, RESERVOIR}]
    apart = sorted({e for e in own for p in near if not _alike(e, [host, p])})
    left_out = f"phases of {', '.join(apart)} with other +U were left out"
    if found is None:
        return verdict("unresolved", left_out if apart else "no phase given competes")
    per_atom = found.energy_ev / (Composition(host.reduced).num_atoms + found.potassium)
    text = f"{found.equation}: {found.energy_ev:+.2f} eV"
    if abs(per_atom) < resolution_ev_per_atom:
        return verdict("unresolved", f"{text}, within {resolution_ev_per_atom} eV per atom")
    if per_atom < 0:
        return verdict("reacts", text)
    return verdict("unresolved", f"{text}; {left_out}") if apart else verdict("survives", text)


def _one_level(phases: Sequence[PhaseEnergy]) -> str:
    levels = sorted({p.level for p in phases})
    if len(levels) != 1:
        raise InputError(f"energies of one level are needed, not of {', '.join(levels) or 'none'}")
    return levels[0]


def _alike(element: str, phases: Sequence[PhaseEnergy]) -> bool:
    """Return whether an element has +U in all phases that hold it, or in none."""
    holding = [p for p in phases if element in p.elements]
    return len({element in p.hubbard_elements for p in holding}) <= 1


def _reduced(composition: Composition) -> str:
    return str(composition.get_reduced_formula_and_factor()[0])


def _lowest(phases: Sequence[PhaseEnergy]) -> dict[str, float]:
    """Return the lowest energy per reduced formula unit of each composition."""
    energies: dict[str, float] = {}
    for phase in phases:
        energy = phase.energy_per_reduced_ev
        energies[phase.reduced] = min(energy, energies.get(phase.reduced, energy))
    return energies


def _molecular(phases: Sequence[PhaseEnergy]) -> set[str]:
    """Return elements given as molecules, whose reduced formula is O2, N2, ..."""
    single = [p for p in phases if len(p.composition.elements) == 1]
    return {str(p.composition.elements[0]) for p in single}


def _equation(
    used: Mapping[str, float], made: Mapping[str, float], phases: Sequence[PhaseEnergy]
) -> str:
    """Return a reaction as text, with formulas written as the phases write them."""
    written = {p.reduced: p.formula for p in phases if p.units_per_formula == 1}

    def side(amounts: Mapping[str, float]) -> str:
        named = [(written.get(f, f), n) for f, n in amounts.items()]
        return " + ".join(f if abs(n - 1) < 1e-4 else f"{n:.4g} {f}" for f, n in named)

    return f"{side(used)} -> {side(made)}"
