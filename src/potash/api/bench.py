"""From Python to the bench: the sheets of candidates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from potash.bench.preparation import Batch, parse_mass_g, parse_volume_ml
from potash.bench.sheet import Kind, Sheet, kind_of, sheet
from potash.bench.written import write_sheet
from potash.catalog.catalog import Catalog, load_catalog
from potash.errors import InputError
from potash.evidence.known import known_rows
from potash.evidence.shipped import known_measurements
from potash.ranking.tables import ranked_electrolytes, ranked_hosts
from potash.store.decisions import states
from potash.store.rows import Row
from potash.store.store import Store


def handoff(
    candidates: str | Iterable[str],
    *,
    volume: str | float = "10mL",
    mass: str | float | None = None,
    folder: str | Path | None = None,
    store: Store | str | Path | None = None,
    catalog: Catalog | None = None,
) -> list[Sheet]:
    """Return what goes to the bench: amounts, tests, predictions, empty results.

    Parameters
    ----------
    candidates
        Ids of hosts and electrolytes.
    volume
        Of each electrolyte to make: text with a unit, or millilitres.
    mass
        Of each electrolyte, instead of a volume: text with a unit, or grams. What is no
        liquid, or has no density, can be made by mass only.
    folder
        Where each sheet is written as PDF, Markdown, JSON and CSV, in the formats of
        BattINFO or OPTIMADE, and all of it as an ``.eln`` archive; None writes nothing.
    store
        Its rows count beside the reference rows, and its decisions are printed.
    catalog
        Hosts and formulations; by default those that ship with Potash.

    Raises
    ------
    InputError
        If a candidate is not known or cannot be made, or volume or mass are impossible.

    Examples
    --------
    >>> import potash
    >>> (sheet,) = potash.handoff("kfsi_dme_1m", volume="10mL")
    >>> [(w.species, round(w.mass_g, 3)) for w in sheet.preparation.weighings]
    [('kfsi', 2.192), ('dme', 7.878)]
    """
    names = [candidates] if isinstance(candidates, str) else list(candidates)
    batch = batch_of(volume, mass)
    known = catalog or load_catalog()
    opened = store if store is None or isinstance(store, Store) else Store(store)
    kinds = {name: kind_of(name, known) for name in names}
    rows = known_rows(opened, known)
    records = ranked_records(set(kinds.values()), rows, known)
    measured = known_measurements(rows, known)
    decided = {} if opened is None else {n: d.words() for n, d in states(opened).items()}
    sheets = [
        sheet(
            name,
            records[kind][name],
            known,
            batch=batch,
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            state=decided.get(name, ""),
            measured_density=found.estimate
            if (found := measured.get((name, "density_g_ml"))) is not None
            else None,
        )
        for name, kind in kinds.items()
    ]
    if folder is not None:
        by_key = {row.key: row for row in rows}
        for made in sheets:
            structures = {
                f"{row.model}-{row.level}-{name}": text
                for key in made.keys.values()
                if made.kind == "host" and (row := by_key.get(key)) is not None
                for name, text in row.structures.items()
            }
            write_sheet(made, Path(folder), known, structures=structures)
    return sheets


def batch_of(volume: str | float, mass: str | float | None) -> Batch:
    """Return how much to make: a mass where one is given, else a volume.

    Raises
    ------
    InputError
        If it is no amount, or an impossible one.
    """
    if mass is None:
        return Batch(parse_volume_ml(volume) if isinstance(volume, str) else float(volume))
    return Batch(parse_mass_g(mass) if isinstance(mass, str) else float(mass), by_mass=True)


def ranked_records(
    kinds: Iterable[Kind], rows: Sequence[Row], catalog: Catalog
) -> dict[Kind, dict[str, Mapping[str, Any]]]:
    """Return the records of the ranked tables of these kinds by id, in their order."""
    ranked = {"electrolyte": ranked_electrolytes, "host": ranked_hosts}
    return {
        kind: {r["id"]: r for r in ranked[kind](rows, catalog).records()} for kind in set(kinds)
    }


def best(
    kind: Kind, number: int, rows: Sequence[Row], catalog: Catalog, *, batch: Batch
) -> tuple[list[str], list[str]]:
    """Return the ids of the best candidates that can be made, and why others were passed over.

    Parameters
    ----------
    kind
        Hosts or electrolytes.
    number
        How many.
    rows, catalog
        What is known, and of what.
    batch
        Of electrolyte.

    Raises
    ------
    InputError
        If none is ranked.
    """
    chosen: list[str] = []
    passed: list[str] = []
    for name, record in ranked_records([kind], rows, catalog)[kind].items():
        if len(chosen) == number or record.get("rank") is None:
            continue
        try:
            sheet(name, record, catalog, batch=batch, date="")
        except InputError as error:
            passed.append(error.message)
        else:
            chosen.append(name)
    if not chosen:
        raise InputError(f"no {kind} is ranked that could be made", source="--top")
    return chosen, passed
