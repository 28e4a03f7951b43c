"""Who is asked about: the candidates of a ranking with the conditions of a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

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
from potash.evidence.contact import contact_verdicts
from potash.ranking.answering import Asked, PartAnswer, answer_question
from potash.ranking.conditions import (
    any_met,
    electrolyte_conditions,
    host_conditions,
    molecule_conditions,
)
from potash.ranking.electrolytes import electrolyte_candidates
from potash.ranking.hosts import host_candidates
from potash.ranking.molecules import molecule_candidates
from potash.ranking.order import Candidate, with_drawn_intervals
from potash.store.rows import Row


class _Given(TypedDict):
    calibration_rows: Sequence[Row]
    seed: int
    n_draws: int


def asked_hosts(
    question: HostQuestion,
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row] = (),
    seed: int = 1,
    n_draws: int = 4000,
) -> list[Asked]:
    """Return the hosts of a catalogue with the conditions of a question.

    Hosts that share the model of their value are one candidate with all their names: nothing
    that Potash computes tells them apart. It is allowed if any of them is.

    Parameters
    ----------
    question
        Its ``among`` is turned into conditions.
    rows, catalog, calibration_rows
        As of :func:`potash.ranking.hosts.rank_hosts`.
    seed, n_draws
        Of the joint draws.
    """
    contact = contact_verdicts(calibration_rows or rows, catalog)
    candidates, _ = host_candidates(
        rows,
        catalog,
        calibration_rows=calibration_rows,
        contact=contact,
        with_models=False,
        seed=seed,
        n_draws=n_draws,
    )
    rng = np.random.default_rng(seed + 7)
    groups: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(candidate.tie_key, []).append(candidate)
    found = []
    for members in groups.values():
        hosts = [catalog.hosts[c.entry.id] for c in members]
        conditions = [host_conditions(question.among, h, catalog, contact) for h in hosts]
        found.append(
            Asked(
                with_drawn_intervals(members[0], rng, n_draws),
                tuple(h.name for h in hosts),
                tuple(any_met(of_all) for of_all in zip(*conditions, strict=True)),
            )
        )
    return found


def asked_electrolytes(
    question: ElectrolyteQuestion,
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row] = (),
    seed: int = 1,
    n_draws: int = 4000,
) -> list[Asked]:
    """Return the formulations of a catalogue with the conditions of a question.

    Parameters are those of :func:`asked_hosts`.
    """
    candidates, _ = electrolyte_candidates(
        rows, catalog, calibration_rows=calibration_rows, seed=seed, n_draws=n_draws
    )
    rng = np.random.default_rng(seed + 7)
    found = []
    for candidate in candidates:
        formulation = catalog.electrolytes[candidate.entry.id]
        found.append(
            Asked(
                with_drawn_intervals(candidate, rng, n_draws),
                (formulation.name,),
                electrolyte_conditions(question.among, formulation, catalog),
            )
        )
    return found


def asked_molecules(
    question: MoleculeQuestion,
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row] = (),
    seed: int = 1,
    n_draws: int = 4000,
) -> list[Asked]:
    """Return the species and salts of a catalogue with the conditions of a question.

    Parameters are those of :func:`asked_hosts`.
    """
    candidates = molecule_candidates(
        rows, catalog, calibration_rows=calibration_rows, seed=seed, n_draws=n_draws
    )
    found = []
    for candidate in candidates:
        conditions = molecule_conditions(question.among, candidate.entry.id, catalog)
        found.append(Asked(candidate, (candidate.entry.name,), conditions))
    return found


def answers(
    question: Question,
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row] = (),
    seed: int = 1,
    n_draws: int = 4000,
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
        Of the joint draws; the same seed gives the same answers.

    Raises
    ------
    InputError
        If a part cannot be answered at all; see
        :func:`potash.ranking.answering.answer_question`.
    """

    def asked(part: PartQuestion) -> list[Asked]:
        given = _Given(calibration_rows=calibration_rows, seed=seed, n_draws=n_draws)
        if isinstance(part, HostQuestion):
            return asked_hosts(part, rows, catalog, **given)
        if isinstance(part, ElectrolyteQuestion):
            return asked_electrolytes(part, rows, catalog, **given)
        assert isinstance(part, MoleculeQuestion)
        return asked_molecules(part, rows, catalog, **given)

    return {
        kind: answer_question(kind, part, asked(part), seed=seed, n_draws=n_draws)
        for kind, part in question.parts.items()
    }
