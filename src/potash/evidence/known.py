"""The rows that are known: those of the reference campaign, a store's, a campaign's."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from potash.catalog.catalog import Catalog
from potash.evidence.equivalence import under_species_ids
from potash.resources import data_dir
from potash.store.rows import Row

if TYPE_CHECKING:
    from potash.store import Store


@lru_cache(maxsize=1)
def reference_rows() -> tuple[Row, ...]:
    """Return the committed rows of the reference campaign (none if there are none)."""
    from potash.store.exchange import import_rows

    try:
        return tuple(import_rows(data_dir("results/reference")))
    except FileNotFoundError:
        return ()


def campaign_rows(keys: Iterable[str], store: Store, catalog: Catalog) -> list[Row]:
    """Return the rows that a store has of these keys, in their order, under catalogue ids."""
    return under_species_ids(list(store.get_many(keys).values()), catalog.species)


def known_rows(store: Store | None, catalog: Catalog) -> list[Row]:
    """Return the reference rows and those of a store, under catalogue ids; the store's win."""
    rows = {row.key: row for row in reference_rows()}
    if store is not None:
        rows.update((row.key, row) for row in store.rows())
    return under_species_ids(list(rows.values()), catalog.species)
