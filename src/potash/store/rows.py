"""The row: one finished calculation with everything needed to trust or repeat it."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from potash.results.calculation import Calculation, Outcome, Status


@dataclass(frozen=True)
class Row:
    """One result, as the store keeps it.

    Attributes
    ----------
    key
        Hash of what determines the result (:attr:`Calculation.key`).
    kind, item, model, level
        What was computed, on which catalogue entry, model and level of theory.
    status
        ``ok``, ``anomalous``, ``refused`` or ``failed``.
    values
        Column name (ends in its unit) to value; absent means not computed.
    uncertainty
        Column name to half-width or ``[low, high]``, where the calculation gives one.
    reference_state
        What energies are measured from, in words.
    structures
        Name to extended-XYZ text.
    engine, engine_version
        What produced the numbers.
    seed
        Random seed, where one was used.
    started
        UTC time, ISO 8601.
    seconds
        Wall-clock seconds of the calculation.
    host
        Name of the machine.
    provenance
        ``inputs`` (what was hashed) and ``needs`` (role to key of the rows used).
    reason
        One line for every status but ``ok``, or a remark.
    attempt
        1 for the first try.
    """

    key: str
    kind: str
    item: str
    model: str
    level: str
    status: Status
    values: Mapping[str, Any] = field(default_factory=dict)
    uncertainty: Mapping[str, Any] = field(default_factory=dict)
    reference_state: str = ""
    structures: Mapping[str, str] = field(default_factory=dict)
    engine: str = ""
    engine_version: str = ""
    seed: int | None = None
    started: str = ""
    seconds: float = 0.0
    host: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    attempt: int = 1

    @classmethod
    def from_outcome(
        cls,
        calculation: Calculation,
        outcome: Outcome,
        *,
        started: str,
        seconds: float,
        attempt: int = 1,
    ) -> Row:
        """Join a calculation and its outcome into a row."""
        seed = calculation.inputs.get("seed")
        return cls(
            key=calculation.key,
            kind=calculation.kind,
            item=calculation.item,
            model=calculation.model,
            level=calculation.level,
            status=outcome.status,
            values=dict(outcome.values),
            uncertainty=dict(outcome.uncertainty),
            reference_state=outcome.reference_state,
            structures=dict(outcome.structures),
            engine=outcome.engine,
            engine_version=outcome.engine_version,
            seed=seed if isinstance(seed, int) else None,
            started=started,
            seconds=round(seconds, 3),
            host=socket.gethostname(),
            provenance={"inputs": dict(calculation.inputs), "needs": dict(calculation.needs)},
            reason=" ".join(outcome.reason.split()),
            attempt=attempt,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the row as a dictionary of its fields."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}


ROW_FIELDS: tuple[str, ...] = tuple(f.name for f in dataclasses.fields(Row))


def by_item(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return item to its rows, both in the order in which they come."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.item, []).append(row)
    return found
