"""Ranked tables: what a ranking returns, and how it leaves the program."""

from __future__ import annotations

import csv
import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from potash.calibration import ErrorModel
from potash.csv_cells import inert_record
from potash.errors import InputError
from potash.ranking.criteria import Criterion

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_SHOWN = 10

Coverage = Literal["computed", "partial", "not_computed"]
Tier = Literal["in", "in_doubt", "out", ""]


@dataclass(frozen=True)
class Entry:
    """One candidate of a ranked table.

    Attributes
    ----------
    id, name, group
        Catalogue id, name and class.
    status
        ``computed``: every required quantity at ``screen`` or better;
        ``partial``: some; ``not_computed``.
    reason
        Why it is not (fully) computed, or ''.
    levels
        Names of the levels that have a result.
    values
        Column name, ending in its unit, to value; None = not known.
    flags
        What a reader must know before using the numbers.
    rank
        1 is best; candidates with one score share it. None = not ranked.
    rank_low, rank_high
        Interval of the rank over the uncertainties; None = not ranked.
    desirability
        Overall desirability of the central values, 0 to 1.
    front
        Pareto front, 1 = not dominated; 0 = not placed.
    front_probability
        Share of the draws in which it is on the first front.
    central
        Column of each weighted criterion to the value that the order follows.
    tier
        Of the best ``choose`` of the table: ``in``, ``in_doubt`` or ``out``; '' = not ranked.
    probability_in
        Of belonging to them; None = not ranked, or too few intervals to tell.
    chosen
        Whether it is one of the ``choose`` most probable.
    why
        One sentence made from the numbers.
    told_apart_from
        From how many of the other ranked candidates it is told apart; None = not ranked.
    keys
        Keys of the rows that its numbers come from, by role.
    detail
        Further data for the report, as plain JSON.
    """

    id: str
    name: str
    group: str
    status: Coverage
    reason: str = ""
    levels: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    desirability: float | None = None
    front: int = 0
    front_probability: float | None = None
    central: Mapping[str, float] = field(default_factory=dict)
    tier: Tier = ""
    probability_in: float | None = None
    chosen: bool = False
    why: str = ""
    told_apart_from: int | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_model(self) -> bool:
        """Whether this is an atomistic model ranked under its own name, not a catalogue host."""
        return self.values.get("entry") == "model"

    def record(self) -> dict[str, Any]:
        """Return the flat record that ``--json`` prints and files hold."""
        return {
            "id": self.id,
            "name": self.name,
            "class": self.group,
            "status": self.status,
            "reason": self.reason,
            "levels": list(self.levels),
            **self.values,
            "flags": list(self.flags),
            "tier": self.tier or None,
            "probability_in": _rounded(self.probability_in),
            "chosen": self.chosen,
            "why": self.why or None,
            "rank": self.rank,
            "rank_low": self.rank_low,
            "rank_high": self.rank_high,
            "desirability": self.desirability,
            "pareto_front": self.front or None,
            "pareto_front_probability": self.front_probability,
            "told_apart_from": self.told_apart_from,
            "keys": dict(self.keys),
        }


@dataclass(frozen=True, repr=False)
class RankedTable:
    """Candidates in tiers, with the criteria that placed them.

    Attributes
    ----------
    kind
        ``hosts``, ``electrolytes`` or ``molecules``.
    entries
        Ranked ones first, the most probable of the best first; then the others in catalogue
        order.
    criteria
        What was rewarded.
    verdict
        In words: what the ranking is worth.
    choose
        How many make up the best.
    confidence
        Expected share of right ones among the ``choose`` most probable; None = too few
        intervals to tell.
    pairs, resolved_pairs, tied_pairs
        Pairs of ranked candidates; how many of them have a resolved order (one is better with
        at least 95 % probability); how many share their value by construction.
    notes
        Definitions and limits that belong to the numbers.
    error_models
        What the corrections and intervals rest on.
    possible_pairs
        Pairs of all candidates that belong here, those without a rank too: a value that is
        missing or refused leaves all its pairs unresolved.
    apart
        Population of hosts that is ranked in a table of its own to how many there are.
    seed, n_draws
        Of the Monte Carlo.
    """

    kind: str
    entries: tuple[Entry, ...]
    criteria: tuple[Criterion, ...]
    verdict: str
    choose: int = 0
    confidence: float | None = None
    pairs: int = 0
    resolved_pairs: int = 0
    tied_pairs: int = 0
    possible_pairs: int = 0
    apart: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    error_models: tuple[ErrorModel, ...] = ()
    seed: int = 0
    n_draws: int = 0

    @property
    def ranked(self) -> tuple[Entry, ...]:
        """Entries that have a rank."""
        return tuple(e for e in self.entries if e.rank is not None)

    def records(self, *, models: bool = False) -> list[dict[str, Any]]:
        """Return one flat record per catalogue entry (the ``--json`` contract).

        Parameters
        ----------
        models
            Also return the entries that are models and no hosts.
        """
        return [e.record() for e in self.entries if models or not e.is_model]

    def to_frame(self) -> pd.DataFrame:
        """Return the table as a data frame; lists are joined by '; '."""
        import pandas as pd

        return pd.DataFrame.from_records(self._flat)

    @cached_property
    def _flat(self) -> tuple[dict[str, Any], ...]:
        """Return one record per entry whose lists are joined by '; '."""
        records = []
        for entry in self.entries:
            record = entry.record()
            record["keys"] = "; ".join(f"{role}={key}" for role, key in record["keys"].items())
            records.append(
                {k: "; ".join(v) if isinstance(v, list) else v for k, v in record.items()}
            )
        return tuple(records)

    def plot(self, *, n: int = 20) -> Figure:
        """Return a figure of the first ``n`` ranked candidates with their 95 % intervals.

        By the first criterion that counts; a hollow point has no known interval.
        """
        from potash.ranking.plots import plot_ranking

        return plot_ranking(self, n=n)

    def __repr__(self) -> str:
        criteria = [c for c in self.criteria if c.weight > 0]
        lines = [
            f"{len(self.ranked)} of {len(self.entries)} {self.kind} ranked by "
            f"{' and '.join(c.label for c in criteria)}"
        ]
        for entry in self.ranked[:_SHOWN]:
            numbers = ", ".join(
                f"{c.column} {entry.central[c.column]:.3g}"
                for c in criteria
                if c.column in entry.central
            )
            sure = "" if entry.probability_in is None else f"{entry.probability_in:.0%}"
            place = f"{entry.tier.replace('_', ' ')} {sure}"
            lines.append(f"  {place:<13} {entry.id:<20} {numbers}".rstrip())
        if len(self.ranked) > _SHOWN:
            lines.append(f"  and {len(self.ranked) - _SHOWN} more: to_frame() has all")
        return "\n".join([*lines, self.verdict])

    def write(self, path: Path) -> Path:
        """Write the table; the suffix decides: ``.csv``, ``.parquet`` or ``.json``.

        Raises
        ------
        InputError
            If the suffix is another one.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".csv":
            records = self._flat
            with path.open("w", encoding="utf-8", newline="") as handle:
                writer = csv.DictWriter(handle, _columns(records), restval="", lineterminator="\n")
                writer.writeheader()
                writer.writerows(map(inert_record, records))
        elif path.suffix == ".parquet":
            import pyarrow as pa
            from pyarrow import parquet

            from potash.store.exchange import arrow_type, table_of

            records = self._flat
            columns = {name: [r.get(name) for r in records] for name in _columns(records)}
            kinds = {n: {type(x) for x in cells} - {type(None)} for n, cells in columns.items()}
            schema = pa.schema({n: arrow_type(k) if k else pa.null() for n, k in kinds.items()})
            parquet.write_table(table_of(columns, schema), path)
        elif path.suffix == ".json":
            document = {
                "kind": self.kind,
                "verdict": self.verdict,
                "choose": self.choose,
                "confidence": _rounded(self.confidence),
                "pairs": self.pairs,
                "resolved_pairs": self.resolved_pairs,
                "tied_pairs": self.tied_pairs,
                "possible_pairs": self.possible_pairs,
                "apart": dict(self.apart),
                "criteria": [c.model_dump() for c in self.criteria],
                "notes": list(self.notes),
                "error_models": [dataclasses.asdict(m) for m in self.error_models],
                "seed": self.seed,
                "n_draws": self.n_draws,
            }
            # An entry a line: a quarter of the time and size of an indented document.
            head = json.dumps(document, indent=1, ensure_ascii=False).removesuffix("\n}")
            lines = [json.dumps(r, ensure_ascii=False) for r in self.records(models=True)]
            text = ",\n".join(lines)
            path.write_text(f'{head},\n "entries": [\n{text}\n]\n}}\n', encoding="utf-8")
        else:
            raise InputError(
                f"cannot write a table as {path.suffix!r}; use .csv, .parquet or .json",
                source=str(path),
            )
        return path


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _columns(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of all columns, in the order in which they come up."""
    return list(dict.fromkeys(name for record in records for name in record))
