"""Who is asked about: the candidates of a ranking with the conditions of a question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from potash.catalog.catalog import Catalog
from potash.catalog.question import (
    ElectrolyteQuestion,
    HostQuestion,
    Kind,
    MoleculeQuestion,
    PartQuestion,
    Question,
)
from potash.errors import InputError
from potash.evidence.contact import contact_verdicts
from potash.ranking.answering import Asked, PartAnswer, answer_question
from potash.ranking.conditions import (
    electrolyte_conditions,
    host_conditions,
    molecule_conditions,
    most_allowed,
)
from potash.ranking.electrolytes import electrolyte_candidates
from potash.ranking.further import with_further_electrolytes, with_further_hosts
from potash.ranking.host_candidates import host_candidates
from potash.ranking.molecules import molecule_candidates
from potash.ranking.montecarlo import N_DRAWS, draws_for
from potash.ranking.order import Candidate, with_drawn_intervals
from potash.spelling import nearest
from potash.store.rows import Row

MIN_POPULATION = 3
"""Values from which the spread of a population is learnt."""


@dataclass(frozen=True, eq=False)
class Knowledge:
    """What a question is answered from.

    Attributes
    ----------
    rows, catalog
        What is known, and of what.
    calibration_rows
        Further rows for the error models only.
    seed, n_draws
        Of the joint draws; the same seed gives the same answer.
    """

    rows: Sequence[Row]
    catalog: Catalog
    calibration_rows: Sequence[Row] = ()
    seed: int = 1
    n_draws: int = N_DRAWS


def asked_hosts(question: HostQuestion, known: Knowledge) -> list[Asked]:
    """Return the hosts of a catalogue with the conditions of a question.

    Hosts that share the model of their value are one candidate with all their names: nothing
    that Potash computes tells them apart. It is allowed if any of them is.
    """
    rows, catalog, n_draws = known.rows, known.catalog, known.n_draws
    contact = contact_verdicts(known.calibration_rows or rows, catalog)
    candidates, _ = host_candidates(
        rows,
        catalog,
        calibration_rows=known.calibration_rows,
        contact=contact,
        with_models=False,
        seed=known.seed,
        n_draws=n_draws,
    )
    candidates = with_further_hosts(candidates, rows, catalog, seed=known.seed, n_draws=n_draws)
    groups: dict[str, list[Candidate]] = {}
    for candidate in _among(question, candidates, known):
        groups.setdefault(candidate.tie_key, []).append(candidate)
    found = []
    for members in groups.values():
        hosts = [catalog.hosts[c.entry.id] for c in members]
        conditions = [host_conditions(question.among, h, catalog, contact) for h in hosts]
        first = most_allowed(conditions)
        hosts.insert(0, hosts.pop(first))
        found.append(Asked(members[first], tuple(h.name for h in hosts), conditions[first]))
    return found


def asked_electrolytes(question: ElectrolyteQuestion, known: Knowledge) -> list[Asked]:
    """Return the formulations of a catalogue with the conditions of a question."""
    rows, catalog, n_draws = known.rows, known.catalog, known.n_draws
    candidates, _ = electrolyte_candidates(
        rows,
        catalog,
        calibration_rows=known.calibration_rows,
        seed=known.seed,
        n_draws=n_draws,
    )
    candidates = with_further_electrolytes(
        candidates,
        rows,
        catalog,
        calibration_rows=known.calibration_rows,
        seed=known.seed,
        n_draws=n_draws,
    )
    found = []
    for candidate in _among(question, candidates, known):
        formulation = catalog.electrolytes[candidate.entry.id]
        found.append(
            Asked(
                candidate,
                (formulation.name,),
                electrolyte_conditions(question.among, formulation, catalog),
            )
        )
    return found


def asked_molecules(question: MoleculeQuestion, known: Knowledge) -> list[Asked]:
    """Return the species and salts of a catalogue with the conditions of a question."""
    rows, catalog, n_draws = known.rows, known.catalog, known.n_draws
    candidates = molecule_candidates(
        rows,
        catalog,
        calibration_rows=known.calibration_rows,
        seed=known.seed,
        n_draws=n_draws,
    )
    found = []
    for candidate in _among(question, candidates, known):
        conditions = molecule_conditions(question.among, candidate.entry.id, catalog)
        found.append(Asked(candidate, (candidate.entry.name,), conditions))
    return found


def _among(
    question: PartQuestion, candidates: Sequence[Candidate], known: Knowledge
) -> list[Candidate]:
    """Return those asked about, with draws of everything that has an interval.

    Where hardly any of them has a value yet, all others stay, ruled out: they say how such
    values are spread.
    """
    rng = np.random.default_rng(known.seed + 7)
    everybody = [with_drawn_intervals(c, rng, known.n_draws) for c in candidates]
    only = set(question.among.only)
    chosen = [c for c in everybody if not only or c.entry.id in only]
    columns = (*question.by, *question.among.bounds)
    fewest = min(sum(column in c.draws for c in chosen) for column in columns)
    return chosen if fewest >= MIN_POPULATION else everybody


ASKED: Mapping[Kind, Callable[[Any, Knowledge], list[Asked]]] = {
    "hosts": asked_hosts,
    "electrolytes": asked_electrolytes,
    "molecules": asked_molecules,
}
"""Kind of candidates to who is asked about; each takes the question of its kind."""


def answers(
    question: Question,
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row] = (),
    seed: int = 1,
    n_draws: int | None = None,
) -> dict[Kind, PartAnswer]:
    """Return the answer to every part of a question, from what is known.

    Parameters
    ----------
    question
        As the campaign file asks it.
    rows, catalog
        What is known.
    calibration_rows
        Further rows for the error models only.
    seed, n_draws
        Of the joint draws; the same seed gives the same answers. By default 4000 draws, fewer
        of thousands of candidates.

    Raises
    ------
    InputError
        If a part cannot be answered at all; see
        :func:`potash.ranking.answering.answer_question`.
    """
    sizes: Mapping[Kind, int] = {
        "hosts": len(catalog.hosts),
        "electrolytes": len(catalog.electrolytes),
        "molecules": len(catalog.species) + len(catalog.salts),
    }
    found: dict[Kind, PartAnswer] = {}
    for kind, part in question.parts.items():
        n = n_draws or draws_for(sizes[kind])
        asked = ASKED[kind](part, Knowledge(rows, catalog, calibration_rows, seed, n))
        _check(kind, part, asked)
        found[kind] = answer_question(kind, part, asked, seed=seed, n_draws=n)
    return found


def _check(kind: Kind, part: PartQuestion, asked: Sequence[Asked]) -> None:
    """Refuse what cannot be answered whatever is computed: too many, or by what nobody has."""
    possible = [a for a in asked if a.possible]
    if part.choose > len(possible):
        raise InputError(
            f"{part.choose} cannot be chosen of {len(possible)} {kind} that meet the conditions",
            field=f"question.{kind}.choose",
        )
    drawn = {column for a in asked for column in a.candidate.draws}
    shown = {column for a in asked for column in (*a.candidate.central, *a.candidate.entry.values)}
    for key, columns in (("by", part.by), ("among", part.among.bounds)):
        for column in columns:
            if column in drawn:
                continue
            why = (
                "its error is known of none"
                if column in shown
                else f"no such quantity is known{nearest(column, sorted(drawn))}"
            )
            raise InputError(
                f"the {kind} cannot be judged by {column!r}: {why}", field=f"question.{kind}.{key}"
            )
