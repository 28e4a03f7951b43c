"""Bulk phases: formation energies, convex hulls and named reactions.

Energies are those of whole crystals per formula unit, from any one level of
theory; energies of different levels are never combined. Entropy and pressure
are left out (solids, near room temperature). Potassium is bulk metal, that is
0 V against K/K+.

Two normalisations are printed: a *formation energy* is per atom of the phase; a
*reaction energy* is per formula unit of the first reactant and, where it is compared
with a resolution or between reactions, per atom that takes part. That is the number
of atoms of all reactants, K among them, which is that of all products
(``Reaction.n_atoms``): the usual eV/atom of interface reactions, as of pymatgen's
``InterfacialReactivity``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pymatgen.analysis.reaction_calculator import Reaction as BalancedReaction
from pymatgen.analysis.reaction_calculator import ReactionError
from pymatgen.core import Composition

from potash.errors import InputError
from potash.results.phase import PhaseValues

RESERVOIR = "K"
LEAST_AMOUNT = 1e-6
"""Smaller amounts of a phase are rounding of the solver."""


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
        return elements_of(self.composition)

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


def phase_energy(values: PhaseValues, level: str, name: str = "") -> PhaseEnergy:
    """Return the values of a ``phase`` calculation as an energy for thermodynamics."""
    return PhaseEnergy(
        formula=values.formula,
        energy_ev=values.energy_ev_per_formula,
        level=level,
        name=name,
        hubbard_elements=frozenset(values.hubbard_elements),
    )


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
    n_atoms
        Atoms that take part, per formula unit of the first reactant: those of all
        reactants, which is those of all products.
    potassium
        K atoms taken up, per formula unit of the first reactant.
    products
        Reduced formula to amount.
    level
        Level of theory of the energies.
    """

    equation: str
    energy_ev: float
    n_atoms: float
    potassium: float
    products: Mapping[str, float]
    level: str

    @property
    def energy_ev_per_atom(self) -> float:
        """Energy per atom that takes part."""
        return self.energy_ev / self.n_atoms

    @property
    def energy_ev_per_k(self) -> float | None:
        """Energy per K taken up; None where no K is."""
        return self.energy_ev / self.potassium if self.potassium > LEAST_AMOUNT else None

    @property
    def voltage_v(self) -> float | None:
        """Average potential against K/K+ at which the reaction runs; None without K."""
        per_k = self.energy_ev_per_k
        return None if per_k is None else -per_k


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
    missing = elements - {p.reduced for p in phases} - _molecular(phases)
    for element in sorted(elements):
        if not treated_alike(element, phases):
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
    reduced = _reduced(Composition(formula))
    points = [p for p in hull_of(phases, elements_of(Composition(formula))) if p.formula == reduced]
    if not points:
        raise InputError(f"no energy of {reduced}")
    return min(points, key=lambda p: p.formation_energy_ev_per_atom)


def hull_of(phases: Sequence[PhaseEnergy], elements: frozenset[str]) -> list[HullPoint]:
    """Return the convex hull of the phases that hold no other elements than these."""
    return convex_hull([p for p in phases if p.elements <= elements])


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
    level = one_level(phases)
    energies = lowest_energies(phases)
    sides = [[Composition(f) for f in side] for side in (reactants, products)]
    for composition in (*sides[0], *sides[1]):
        if _reduced(composition) not in energies:
            raise InputError(f"no energy of {_reduced(composition)} for the reaction")
    names = {_reduced(c) for side in sides for c in side}
    involved = [p for p in phases if p.reduced in names]
    for element in sorted({e for side in sides for c in side for e in elements_of(c)}):
        if not treated_alike(element, involved):
            raise InputError(f"{element} is computed with +U on one side of the reaction only")
    try:
        balanced = BalancedReaction(*sides)
    except ReactionError as error:
        text = f"{' + '.join(reactants)} -> {' + '.join(products)}"
        raise InputError(f"{text} cannot be balanced: {error}") from error
    first = _reduced(sides[0][0])
    amounts = {_reduced(c): float(balanced.get_coeff(c)) for c in balanced.all_comp}
    if abs(amounts.get(first, 0.0)) < LEAST_AMOUNT:
        raise InputError(f"{first} does not take part in the reaction")
    scale = 1 / abs(amounts[first])
    amounts = {f: n * scale for f, n in amounts.items() if abs(n) > LEAST_AMOUNT}
    made = {f: n for f, n in amounts.items() if n > 0}
    used = {f: -n for f, n in amounts.items() if n < 0}
    return Reaction(
        equation=equation(used, made, phases),
        energy_ev=sum(n * energies[f] for f, n in amounts.items()),
        n_atoms=atoms_in(used),
        potassium=used.get(RESERVOIR, 0.0),
        products=made,
        level=level,
    )


def elements_of(composition: Composition) -> frozenset[str]:
    """Return the symbols of the elements of a composition."""
    return frozenset(str(e) for e in composition.elements)


def atoms_in(amounts: Mapping[str, float]) -> float:
    """Return the number of atoms in some amounts of formula units."""
    return sum(n * float(Composition(f).num_atoms) for f, n in amounts.items())


def one_level(phases: Sequence[PhaseEnergy]) -> str:
    """Return the one level of some energies, refusing a mixture."""
    levels = sorted({p.level for p in phases})
    if len(levels) != 1:
        raise InputError(f"energies of one level are needed, not of {', '.join(levels) or 'none'}")
    return levels[0]


def treated_alike(element: str, phases: Sequence[PhaseEnergy]) -> bool:
    """Return whether an element has +U in all phases that hold it, or in none."""
    holding = [p for p in phases if element in p.elements]
    return len({element in p.hubbard_elements for p in holding}) <= 1


def _reduced(composition: Composition) -> str:
    return str(composition.get_reduced_formula_and_factor()[0])


def lowest_energies(phases: Sequence[PhaseEnergy]) -> dict[str, float]:
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


def equation(
    used: Mapping[str, float], made: Mapping[str, float], phases: Iterable[PhaseEnergy]
) -> str:
    """Return a reaction as text, with formulas written as the phases write them."""
    written = {p.reduced: p.formula for p in phases if p.units_per_formula == 1}

    def side(amounts: Mapping[str, float]) -> str:
        named = [(written.get(f, f), n) for f, n in amounts.items()]
        return " + ".join(f if abs(n - 1) < 1e-4 else f"{n:.4g} {f}" for f, n in named)

    return f"{side(used)} -> {side(made)}"
