"""Rows that answer a question as it was asked before a way of computing changed.

A new way has keys of its own. What a store knows by the former way is not computed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from potash.hosts.adsorption import former
from potash.results.calculation import Calculation
from potash.store import Store


def as_known(calculations: Iterable[Calculation], store: Store) -> list[Calculation]:
    """Return calculations in their order, each in the form of which the store has a usable row.

    In its own form where that has any row, or none has.

    Parameters
    ----------
    calculations
        As planned today.
    store
        Where rows are looked up.
    """
    asked = list(calculations)
    before = {c.key: f for c in asked if (f := former(c)) is not None}
    known = store.statuses([*before, *(f.key for f in before.values())])
    return [_known_form(c, before.get(c.key), known) for c in asked]


def _known_form(
    calculation: Calculation, before: Calculation | None, known: Mapping[str, str]
) -> Calculation:
    if before is None or calculation.key in known or known.get(before.key) != "ok":
        return calculation
    return before
