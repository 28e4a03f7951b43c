"""Whether a host survives contact with potassium at 0 V against K/K+.

The reservoir is bulk potassium: a host may take up as much K as it wants.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pymatgen.core import Composition

from potash.bulk.hull import lowest_mixture
from potash.bulk.thermodynamics import (
    LEAST_AMOUNT,
    RESERVOIR,
    PhaseEnergy,
    Reaction,
    atoms_in,
    composition_of,
    equation,
    lowest_energies,
    one_level,
    treated_alike,
)
from potash.calibration.resolution import Resolution, resolution
from potash.errors import InputError, RefusedError

ContactWord = Literal["survives", "reacts", "unresolved", "not_known"]


@dataclass(frozen=True)
class ContactVerdict:
    """Whether a host survives contact with potassium at 0 V against K/K+.

    Attributes
    ----------
    host
        Formula.
    verdict
        ``survives``, ``reacts``, or ``unresolved`` where the energy is within
        the resolution of the energies; these hold for the phases given.
        ``not_known`` where the check itself could not be made.
    reaction
        The reaction with K that gains most (or costs least); None where the
        phases given allow none.
    competing
        Reduced formulas that the host was tested against.
    reason
        One line for tables: the reaction, its energy in eV per K taken up, and per atom that
        takes part beside the resolution, which is stated per atom.
    """

    host: str
    verdict: ContactWord
    reaction: Reaction | None
    competing: tuple[str, ...]
    reason: str


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
    level = one_level([host, *phases])
    own = host.elements
    # Nothing else can be made of its atoms.
    phases = [p for p in phases if p.elements <= own | {RESERVOIR}]
    energies = lowest_energies([p for p in phases if all(treated_alike(e, [host, p]) for e in own)])
    if RESERVOIR not in energies:
        raise InputError("no energy of K metal, the reservoir")
    mu = energies[RESERVOIR]
    composition = composition_of(host.reduced)
    others = {f: e for f, e in energies.items() if f != host.reduced}
    made = lowest_mixture(others, composition, reservoir=RESERVOIR)
    if made is None:
        return None
    bound = sum(n * composition_of(f)[RESERVOIR] for f, n in made.items())
    taken = float(bound - composition[RESERVOIR])
    energy = sum(n * energies[f] for f, n in made.items()) - taken * mu
    used = {host.reduced: 1.0}
    if taken > LEAST_AMOUNT:
        used[RESERVOIR] = taken
    elif taken < -LEAST_AMOUNT:
        made[RESERVOIR] = -taken
    return Reaction(
        equation=equation(used, made, [host, *phases]),
        energy_ev=energy - host.energy_per_reduced_ev,
        n_atoms=atoms_in(used),
        potassium=max(0.0, taken),
        products=made,
        level=level,
    )


def _least_costly_uptake(host: PhaseEnergy, phases: Sequence[PhaseEnergy]) -> Reaction | None:
    """Return the reaction with the least energy per atom of those that take up K.

    As much as the host's atoms allow is made of one phase that holds K, and the lowest mixture
    of the rest; None where no phase given holds K.
    """
    own = host.elements
    near = [p for p in phases if p.elements <= own | {RESERVOIR}]
    near = [p for p in near if all(treated_alike(e, [host, p]) for e in own)]
    energies = lowest_energies(near)
    composition = composition_of(host.reduced)
    without_k = {f: e for f, e in energies.items() if RESERVOIR not in composition_of(f)}
    without_k[host.reduced] = host.energy_per_reduced_ev
    found = []
    for formula in energies.keys() - without_k.keys() - {RESERVOIR}:
        made = composition_of(formula)
        frame = [e for e in made.elements if str(e) != RESERVOIR]
        amount = min(composition[e] / made[e] for e in frame)
        rest = {str(e): composition[e] - amount * made[e] for e in composition.elements}
        left = Composition({e: n for e, n in rest.items() if n > LEAST_AMOUNT})
        mixture = lowest_mixture(without_k, left) if left else {}
        if mixture is None:
            continue
        taken = float(amount * made[RESERVOIR])
        used = {host.reduced: 1.0, RESERVOIR: taken}
        products = {**mixture, formula: float(amount)}
        energy = sum(n * {**without_k, **energies}[f] for f, n in products.items())
        found.append(
            Reaction(
                equation=equation(used, products, [host, *phases]),
                energy_ev=energy - taken * energies[RESERVOIR] - host.energy_per_reduced_ev,
                n_atoms=atoms_in(used),
                potassium=taken,
                products=products,
                level=host.level,
            )
        )
    return min(found, key=lambda r: (r.energy_ev_per_atom, r.equation), default=None)


def contact_verdict(
    host: PhaseEnergy,
    phases: Sequence[PhaseEnergy],
    *,
    within: Resolution | None = None,
) -> ContactVerdict:
    """Return whether a host survives contact with K at 0 V against K/K+.

    Parameters
    ----------
    host
        Its energy.
    phases
        What it may turn into; K metal among them.
    within
        How well reaction energies are known, per atom that takes part; by default
        what is stated for the level.

    Returns
    -------
    ContactVerdict
        ``reacts`` where a reaction gains energy; ``survives`` where the best
        one costs (where a host without K would fall apart by itself, the best one that
        takes up K); ``unresolved`` within the resolution, where no phase given
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

    def verdict(word: ContactWord, reason: str) -> ContactVerdict:
        return ContactVerdict(host.reduced, word, found, competing, reason)

    own = host.elements
    near = [p for p in phases if p.elements <= {*own, RESERVOIR}]
    apart = sorted({e for e in own for p in near if not treated_alike(e, [host, p])})
    left_out = f"phases of {', '.join(apart)} with other +U were left out"
    if found is None:
        return verdict("unresolved", left_out if apart else "no phase given competes")
    limit = within or resolution("phase_energy", host.level)
    if RESERVOIR not in own and found.potassium <= LEAST_AMOUNT:
        # The host alone would fall apart, with or without K; what K does is another question.
        found = _least_costly_uptake(host, phases) or found
    per_atom, per_k = found.energy_ev_per_atom, found.energy_ev_per_k
    energy = f"{found.energy_ev:+.2f} eV" if per_k is None else f"{per_k:+.2f} eV per K"
    text = f"{found.equation}: {energy}, {per_atom:+.3f} eV/atom ({limit})"
    if abs(per_atom) <= limit.half_width:
        return verdict("unresolved", text)
    if per_atom < 0:
        return verdict("reacts", text)
    return verdict("unresolved", f"{text}; {left_out}") if apart else verdict("survives", text)
