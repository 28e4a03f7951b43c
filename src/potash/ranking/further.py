"""Quantities that a question may name beside those that the rankings judge by.

Every one comes with its draws, or is left out: a number whose error nobody knows is shown, and a
candidate that is asked about by it is in doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from potash.calibration import Estimate, own_interval, sample
from potash.catalog.catalog import Catalog
from potash.evidence.electrolytes import neutral_components
from potash.evidence.element_costs import element_costs
from potash.evidence.liquid_properties import FLUORINE, liquid_properties
from potash.evidence.liquids import liquid_evidence
from potash.evidence.predicted import BINDING, predicted
from potash.evidence.stated import stated_half_width
from potash.ranking.host_candidates import WORK
from potash.ranking.order import Candidate
from potash.store.rows import Row
from potash.structures.substrate_classes import counts_from_formula

HOP, CHARGE = "hop_barrier_ev", "k_charge_e"
_STATED = {"hop": HOP, "adhesion": WORK}
"""Kind of row to the quantity whose error it states itself."""


def with_further_hosts(
    candidates: Sequence[Candidate],
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    seed: int,
    n_draws: int,
) -> list[Candidate]:
    """Return hosts with hop barrier, work of adhesion, charge, and price and HHI of their elements.

    Barrier and work have the error that their rows state, if any; the charge (Hirshfeld, at its
    level) and what the formula fixes are exact by definition. A formula of an open ratio has no
    price.

    Parameters
    ----------
    candidates
        From :func:`potash.ranking.hosts.host_candidates`.
    rows, catalog
        What is known.
    seed, n_draws
        Of the draws.
    """
    by_key = {row.key: row for row in rows if row.kind in _STATED}
    estimates: dict[tuple[str, str], Estimate] = {}
    for candidate in candidates:
        entry = candidate.entry
        for kind, column in _STATED.items():
            value, row = entry.values.get(column), by_key.get(entry.keys.get(kind, ""))
            if value is not None and row is not None:
                half = stated_half_width(row, column, float(value))
                estimates[entry.id, column] = own_interval(float(value), half)
        charge = entry.values.get(CHARGE)
        if charge is not None:
            estimates[entry.id, CHARGE] = _exact(float(charge))
        # What is made is the pristine host, whatever it turns into.
        made = entry.values.get("first_contact_model") or entry.values.get("model") or entry.id
        model = catalog.models.get(str(made))
        if model is not None and ":" not in model.formula and ";" not in model.formula:
            for column, value in element_costs(counts_from_formula(model.formula)).items():
                estimates[entry.id, column] = _exact(value)
    return _with(candidates, estimates, seed=seed, n_draws=n_draws)


def with_further_electrolytes(
    candidates: Sequence[Candidate],
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row],
    seed: int,
    n_draws: int,
) -> list[Candidate]:
    """Return formulations with what else their liquid says, and their strongest hold on K+.

    The binding of K+ is that of the neutral component that binds it most strongly in the gas
    phase: what has to be stripped off at the electrode. Parameters are those of
    :func:`with_further_hosts`, ``calibration_rows`` further rows for the error models only.
    """
    liquids = liquid_evidence(rows)
    binding = predicted(rows, None, calibration_rows=calibration_rows).estimates[BINDING]
    estimates: dict[tuple[str, str], Estimate] = {}
    for candidate in candidates:
        name = candidate.entry.id
        if name in liquids:
            measured = candidate.entry.values.get("measured", ())
            for column, estimate in liquid_properties(liquids[name], catalog).items():
                if column not in measured:  # what was measured counts instead
                    estimates[name, column] = estimate
        formulation = catalog.electrolytes[name]
        if (name, FLUORINE) not in estimates and not _holds_fluorine(name, catalog):
            estimates[name, FLUORINE] = _exact(0.0)
        neutral = neutral_components(formulation, catalog)
        if neutral and all(n in binding for n in neutral):
            strongest = max(neutral, key=lambda n: binding[n].value or 0.0)
            estimates[name, BINDING] = binding[strongest]
    return _with(candidates, estimates, seed=seed, n_draws=n_draws)


def _holds_fluorine(name: str, catalog: Catalog) -> bool:
    return any("F" in catalog.species[s].composition for s in catalog.species_in(name))


def _exact(value: float) -> Estimate:
    return Estimate(raw=value, value=value, components=(), basis="exact by definition")


def _with(
    candidates: Iterable[Candidate],
    estimates: Mapping[tuple[str, str], Estimate],
    *,
    seed: int,
    n_draws: int,
) -> list[Candidate]:
    """Return candidates with estimates and joint draws of those that have an interval."""
    rng = np.random.default_rng(seed + 11)
    drawn = sample(list(estimates.values()), n_draws=n_draws, rng=rng)
    of: dict[str, dict[str, tuple[Estimate, int]]] = {}
    for number, ((name, column), estimate) in enumerate(estimates.items()):
        of.setdefault(name, {})[column] = (estimate, number)
    found = []
    for candidate in candidates:
        central, draws = dict(candidate.central), dict(candidate.draws)
        predicted = set(candidate.predicted)
        for column, (estimate, number) in of.get(candidate.entry.id, {}).items():
            if column in draws:
                continue
            central[column] = estimate.raw if estimate.value is None else estimate.value
            if estimate.known:
                draws[column] = drawn[:, number]
            if estimate.predicted:
                predicted.add(column)
        found.append(
            replace(candidate, central=central, draws=draws, predicted=frozenset(predicted))
        )
    return found
