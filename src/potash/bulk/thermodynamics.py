"""Bulk phases: their energies and named reactions between them.

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
from dataclasses import dataclass
from functools import cached_property, lru_cache

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
    sides = [[composition_of(f) for f in side] for side in (reactants, products)]
    for composition in (*sides[0], *sides[1]):
        if reduced_formula(composition) not in energies:
            raise InputError(f"no energy of {reduced_formula(composition)} for the reaction")
    names = {reduced_formula(c) for side in sides for c in side}
    involved = [p for p in phases if p.reduced in names]
    for element in sorted({e for side in sides for c in side for e in elements_of(c)}):
        if not treated_alike(element, involved):
            raise InputError(f"{element} is computed with +U on one side of the reaction only")
    try:
        balanced = BalancedReaction(*sides)
    except ReactionError as error:
        text = f"{' + '.join(reactants)} -> {' + '.join(products)}"
        raise InputError(f"{text} cannot be balanced: {error}") from error
    first = reduced_formula(sides[0][0])
    amounts = {reduced_formula(c): float(balanced.get_coeff(c)) for c in balanced.all_comp}
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


@lru_cache(maxsize=4096)
def composition_of(formula: str) -> Composition:
    """Return the composition of a formula; parsing one takes as long as a small matrix."""
    return Composition(formula)


def elements_of(composition: Composition) -> frozenset[str]:
    """Return the symbols of the elements of a composition."""
    return frozenset(str(e) for e in composition.elements)


def atoms_in(amounts: Mapping[str, float]) -> float:
    """Return the number of atoms in some amounts of formula units."""
    return sum(n * float(composition_of(f).num_atoms) for f, n in amounts.items())


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


def reduced_formula(composition: Composition) -> str:
    """Return what identifies a phase of a composition in a reaction."""
    return str(composition.get_reduced_formula_and_factor()[0])


def lowest_energies(phases: Sequence[PhaseEnergy]) -> dict[str, float]:
    """Return the lowest energy per reduced formula unit of each composition."""
    energies: dict[str, float] = {}
    for phase in phases:
        energy = phase.energy_per_reduced_ev
        energies[phase.reduced] = min(energy, energies.get(phase.reduced, energy))
    return energies


def equation(
    used: Mapping[str, float], made: Mapping[str, float], phases: Iterable[PhaseEnergy]
) -> str:
    """Return a reaction as text, with formulas written as the phases write them."""
    written = {p.reduced: p.formula for p in phases if p.units_per_formula == 1}

    def side(amounts: Mapping[str, float]) -> str:
        named = [(written.get(f, f), n) for f, n in amounts.items()]
        return " + ".join(f if abs(n - 1) < 1e-4 else f"{n:.4g} {f}" for f, n in named)

    return f"{side(used)} -> {side(made)}"
