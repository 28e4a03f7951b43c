"""Who is asked about: the candidates of a ranking with the conditions of a question.

A condition of the catalogue (role, class, elements) is met or not; one that rests on
calculations (whether a host survives contact with potassium) may also be unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypedDict

import numpy as np

from potash.bulk.contact import ContactVerdict
from potash.calibration import HALF_WIDTH_PER_SD
from potash.catalog.catalog import Catalog
from potash.catalog.hosts import Host
from potash.catalog.question import (
    Among,
    ElectrolyteQuestion,
    HostQuestion,
    Kind,
    MoleculeQuestion,
    PartQuestion,
    Question,
)
from potash.columns import interval_names
from potash.evidence.contact import contact_verdicts
from potash.ranking.answering import Asked, Condition, PartAnswer, answer_question
from potash.ranking.electrolytes import electrolyte_candidates
from potash.ranking.hosts import host_candidates
from potash.ranking.molecules import molecule_candidates
from potash.ranking.order import Candidate
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
        conditions = [_host_conditions(question, h, catalog, contact) for h in hosts]
        found.append(
            Asked(
                with_drawn_intervals(members[0], rng, n_draws),
                tuple(h.name for h in hosts),
                tuple(_any_met(of_all) for of_all in zip(*conditions, strict=True)),
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
        held = {c.species for c in formulation.components}
        species = [catalog.species[s] for s in catalog.species_in(formulation.id)]
        elements = {e for s in species for e in s.composition}
        conditions = [
            *_common(question.among, formulation.id, elements),
            *_one_of("salts", question.among.salts, held),
            *_one_of("solvents", question.among.solvents, held),
        ]
        found.append(
            Asked(
                with_drawn_intervals(candidate, rng, n_draws),
                (formulation.name,),
                tuple(conditions),
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
    """Return the species of a catalogue with the conditions of a question.

    Parameters are those of :func:`asked_hosts`.
    """
    candidates = molecule_candidates(
        rows, catalog, calibration_rows=calibration_rows, seed=seed, n_draws=n_draws
    )
    found = []
    for candidate in candidates:
        species = catalog.species[candidate.entry.id]
        conditions = [
            *_common(question.among, species.id, species.composition),
            *_one_of("roles", question.among.roles, set(species.roles)),
        ]
        found.append(Asked(candidate, (species.name,), tuple(conditions)))
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


def with_drawn_intervals(candidate: Candidate, rng: np.random.Generator, n_draws: int) -> Candidate:
    """Return a candidate with draws of every quantity whose interval is known.

    A quantity that the ranking has no joint draws of is drawn by itself, as normal with the
    width of its 95 % interval.
    """
    values = candidate.entry.values
    central, draws = dict(candidate.central), dict(candidate.draws)
    for column, value in values.items():
        low, high = (values.get(end) for end in interval_names(column))
        if column in draws or value is None or low is None or high is None:
            continue
        central[column] = float(value)
        draws[column] = rng.normal(float(value), (high - low) / (2 * HALF_WIDTH_PER_SD), n_draws)
    return replace(candidate, central=central, draws=draws)


def _host_conditions(
    question: HostQuestion,
    host: Host,
    catalog: Catalog,
    contact: Mapping[str, ContactVerdict],
) -> list[Condition]:
    among = question.among
    models = [catalog.models[m] for m in host.models]
    elements = {e for m in models for e in re.findall(r"[A-Z][a-z]?", m.formula)}
    conditions = [
        *_common(among, host.id, elements),
        *_one_of("roles", among.roles, set(host.roles)),
        *_one_of("classes", among.classes, {host.material_class}),
    ]
    if among.stable_with_k is not None:
        verdicts = [contact[m.id] for m in models if m.id in contact]
        conditions.append(_stability(among.stable_with_k, verdicts[0] if verdicts else None))
    return conditions


def _stability(wanted: bool, verdict: ContactVerdict | None) -> Condition:
    name = "stable_with_k"
    if verdict is None:
        return Condition(name, None, "no energies of its bulk phases")
    if verdict.verdict in ("survives", "reacts"):
        return Condition(name, (verdict.verdict == "survives") == wanted, verdict.reason)
    return Condition(name, None, verdict.reason)


def _common(among: Among, name: str, elements: Iterable[str]) -> list[Condition]:
    conditions = []
    if among.only or among.without:
        allowed = (not among.only or name in among.only) and name not in among.without
        conditions.append(Condition("only", allowed, "not among those asked about"))
    if among.without_elements:
        held = sorted(set(elements) & set(among.without_elements))
        conditions.append(Condition("without_elements", not held, f"holds {', '.join(held)}"))
    return conditions


def _one_of(name: str, wanted: Sequence[str], held: set[str]) -> list[Condition]:
    if not wanted:
        return []
    why = f"{name} {', '.join(sorted(held))}, not {' or '.join(wanted)}"
    return [Condition(name, bool(held & set(wanted)), why)]


def _any_met(conditions: Sequence[Condition]) -> Condition:
    """Return the condition of a group: met if any member meets it, else unknown, else failed."""
    for state in (True, None):
        for condition in conditions:
            if condition.met is state:
                return condition
    return conditions[0]
