"""The row: one finished calculation with everything needed to trust or repeat it."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from potash.errors import InputError
from potash.results.calculation import Calculation, Outcome, Status
from potash.results.model import Inputs, Values, record_from
from potash.store.json_text import JsonText

M = TypeVar("M", bound=Inputs | Values)


@dataclass(frozen=True)
class Row:
    """One result, as the store keeps it.

    ``values`` and ``provenance`` are plain JSON data, for storing and showing whole
    rows. Whoever wants a number reads it typed:

    >>> from potash.results.k_metal import KMetalValues
    >>> row = Row(
    ...     key="0f3a", kind="k_metal", item="k_metal", model="bcc", level="screen", status="ok",
    ...     values={
    ...         "energy_ev_per_atom": -1.1,
    ...         "lattice_constant_angstrom": 5.36,
    ...         "level_sha256": "c0de",
    ...     },
    ... )
    >>> row.read(KMetalValues).lattice_constant_angstrom
    5.36

    Attributes
    ----------
    key
        Hash of what determines the result (:attr:`Calculation.key`).
    kind, item, model, level
        What was computed, on which catalogue entry, model and level of theory.
    status
        ``ok``, ``anomalous``, ``refused``, ``failed`` or ``quarantined``.
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
        Wall-clock seconds of the calculation; more on a machine that does other things too.
    host
        Name of the machine.
    provenance
        ``inputs`` (what was hashed) and ``needs`` (role to key of the rows used).
    reason
        One line for every status but ``ok``, or a remark.
    attempt
        1 for the first try.
    cpu_seconds
        Core-seconds that the calculation took: of its process and of the programs that it
        started. None in rows of before this was measured.
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
    cpu_seconds: float | None = None

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
        inputs = calculation.inputs.plain()
        seed = inputs.get("seed")
        return cls(
            key=calculation.key,
            kind=calculation.kind,
            item=calculation.item,
            model=calculation.model,
            level=calculation.level,
            status=outcome.status,
            values={} if outcome.values is None else outcome.values.plain(),
            uncertainty=dict(outcome.uncertainty),
            reference_state=outcome.reference_state,
            structures=dict(outcome.structures),
            engine=outcome.engine,
            engine_version=outcome.engine_version,
            seed=seed if isinstance(seed, int) else None,
            started=started,
            seconds=round(seconds, 3),
            host=socket.gethostname(),
            provenance={"inputs": inputs, "needs": dict(calculation.needs)},
            reason=" ".join(outcome.reason.split()),
            attempt=attempt,
            cpu_seconds=outcome.cpu_seconds,
        )

    def read(self, model: type[M], *, keep: bool = True) -> M:
        """Return the values, or the inputs, of this row as their typed model.

        Validated once and kept with the row, so that it can be called wherever a
        number is wanted. What was not computed is ``None`` there. Failed and
        refused rows have no values: ask for the ``status`` first.

        Parameters
        ----------
        model
            Of this row's kind (:mod:`potash.results.kinds`): its values, such as
            :class:`~potash.results.adsorption.AdsorptionValues`, or its inputs.
        keep
            Whether the typed values stay with the row: not where very many rows are gone
            through once, for they take up to ten times the memory of the row.

        Raises
        ------
        TypeError
            If the model is that of another kind.
        InputError
            If the row does not fit the model; it names key, field and value.
        """
        if self.kind != model.KIND:
            raise TypeError(f"{model.__name__} reads {model.KIND!r} rows, not {self.kind!r}")
        known: dict[type[Any], Any] = self.__dict__.get("_read", {})
        found: M | None = known.get(model)
        if found is None:
            found = self._validated(model)
            if keep:
                self.__dict__.setdefault("_read", {})[model] = found
        return found

    def _validated(self, model: type[M]) -> M:
        source = f"row {self.key[:12]} ({self.kind} of {self.item} at {self.level})"
        if issubclass(model, Inputs):
            return record_from(model, self.provenance.get("inputs", {}), source=source)
        if self.status not in ("ok", "anomalous"):
            raise InputError(f"it is {self.status} and has no values", source=source)
        values = self.values.text if isinstance(self.values, JsonText) else self.values
        return record_from(model, values, source=source)

    @property
    def core_seconds(self) -> float:
        """What the calculation cost: core-seconds, or wall-clock seconds where those are not known.

        Every calculation has one core.
        """
        return self.seconds if self.cpu_seconds is None else self.cpu_seconds

    @property
    def needs(self) -> Mapping[str, str]:
        """Role to the key of a row that this one was computed from."""
        found: Mapping[str, str] = self.provenance.get("needs", {})
        return found

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
