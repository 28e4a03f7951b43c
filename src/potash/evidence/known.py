"""The rows that are known: those of the reference campaign, a store's, a campaign's."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, get_args

from potash.catalog.catalog import Catalog
from potash.errors import InputError
from potash.evidence.equivalence import under_species_ids
from potash.resources import data_dir
from potash.results.calculation import Status
from potash.results.kinds import MODELS
from potash.results.measurement import MeasurementInputs
from potash.store.rows import Row

if TYPE_CHECKING:
    from potash.store import Store


RowSource = Literal["own", "reference"]
"""Whose rows a number is from."""


@lru_cache(maxsize=1)
def reference_rows() -> tuple[Row, ...]:
    """Return the committed rows of the reference campaign (none if there are none)."""
    from potash.store.importing import import_rows

    try:
        return tuple(import_rows(data_dir("results/reference")))
    except FileNotFoundError:
        return ()


def campaign_rows(keys: Iterable[str], store: Store, catalog: Catalog) -> list[Row]:
    """Return the rows that a store has of these keys, under catalogue ids, and its measurements.

    What was measured counts in every table, report and answer, whatever a campaign computes; it
    comes after the rows of the keys, which are in their order.
    """
    rows = store.get_many(keys)
    rows |= {row.key: row for row in store.rows(kind=MeasurementInputs.KIND)}
    return under_species_ids([r for r in rows.values() if _fits(r, store)], catalog.species)


def known_rows(
    store: Store | None, catalog: Catalog, kinds: Collection[str] | None = None
) -> list[Row]:
    """Return the reference rows and those of a store, under catalogue ids; the store's win.

    Rows of a store that do not fit the models of their kind are left out
    (:attr:`~potash.store.Store.damaged`): one bad row makes no table impossible.

    Parameters
    ----------
    store
        The user's own.
    catalog
        Species and their ids.
    kinds
        Only rows of these kinds are wanted.
    """
    rows = {row.key: row for row in reference_rows() if kinds is None or row.kind in kinds}
    if store is not None:
        rows.update((row.key, row) for row in store.rows(kind=kinds) if _fits(row, store))
    return under_species_ids(list(rows.values()), catalog.species)


def own_keys(rows: Iterable[Row]) -> frozenset[str]:
    """Return the keys of the rows that are not of the reference campaign."""
    reference = {row.key: row.started for row in reference_rows()}
    return frozenset(row.key for row in rows if reference.get(row.key) != row.started)


def source_of(keys: Iterable[str], own: Collection[str]) -> RowSource | None:
    """Return ``own`` if one of the rows is, ``reference`` if none is, None without rows."""
    found = set(keys)
    if not found:
        return None
    return "own" if not found.isdisjoint(own) else "reference"


def _fits(row: Row, store: Store) -> bool:
    """Tell whether a row of a store can be read; note it where it cannot."""
    try:
        models = MODELS[row.kind]
        if row.status in ("ok", "anomalous"):
            row.read(models.values, keep=False)
        elif row.status not in get_args(Status):
            raise InputError(f"{row.status!r} is no status")
    except (InputError, KeyError):
        store.damaged.add(row.key)
        return False
    return True
