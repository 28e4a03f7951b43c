"""What a calculation is and what it returns: the contract between all rooms.

A :class:`Calculation` is a complete description of one result; its key is a hash
of that description and nothing else, so the same question has the same key in
any process. An :class:`Outcome` is what the science returns.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Generic, Literal

from typing_extensions import TypeVar

from potash.errors import CalculationError
from potash.results.finite import first_not_finite, first_not_finite_line
from potash.results.model import Inputs, Values, ValuesT

SCHEMA_VERSION = 1

Status = Literal["ok", "failed", "refused", "anomalous", "quarantined"]


def _canonical(value: Any) -> Any:
    """Return ``value`` with floats rounded so that its JSON is reproducible."""
    if isinstance(value, bool) or value is None or isinstance(value, int | str):
        return value
    if isinstance(value, float):
        rounded = float(f"{value:.12g}")
        if rounded != rounded or rounded in (float("inf"), float("-inf")):
            raise ValueError("a calculation input must be finite")
        return int(rounded) if rounded.is_integer() and abs(rounded) < 2**53 else rounded
    if isinstance(value, Mapping):
        return {str(k): _canonical(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(v) for v in value]
    raise TypeError(f"a calculation input must be plain JSON data, not {type(value).__name__}")


def canonical_json(value: Any) -> str:
    """Return JSON text that is equal for equal inputs, in any process.

    Keys are sorted, floats are cut to 12 significant digits (1.0 and 1 are the
    same input), and anything that is not plain data raises ``TypeError``.
    """
    return json.dumps(_canonical(value), sort_keys=True, separators=(",", ":"), allow_nan=False)


Progress = Callable[[float, str], None]
"""Told a fraction (0 to 1) and a note, now and then."""


@dataclass(frozen=True)
class Calculation:
    """One result to be computed.

    Attributes
    ----------
    item
        Catalogue id (host, species or formulation); a label, not part of the key.
    model
        Atomistic model or label; not part of the key.
    level
        Name of the level of theory as users see it; a label, its parameters
        are in ``inputs``.
    inputs
        Everything that determines the result: the recipe or molecule, the level's
        fingerprint, seeds. Their type says which kind of calculation it is.
    needs
        Keys of results that this one is computed from, by role, such as
        ``{"k_metal": "<key>"}``.
    cost_s
        Rough core-seconds, for cutting the work into chunks.
    """

    item: str
    model: str
    level: str
    inputs: Inputs
    needs: Mapping[str, str] = field(default_factory=dict)
    cost_s: float = 30.0

    @property
    def kind(self) -> str:
        """What is computed: ``k_metal``, ``adsorption``, ``species``, ``liquid``, ..."""
        return self.inputs.KIND

    @cached_property
    def key(self) -> str:
        """64 hexadecimal digits: SHA-256 of kind, inputs, needs and schema version."""
        return key_of(self.kind, self.inputs.plain(), self.needs)

    def plain(self) -> dict[str, Any]:
        """Return JSON data, which :func:`potash.results.kinds.calculation_from` reads."""
        data = {f.name: getattr(self, f.name) for f in fields(self)}
        return {**data, "kind": self.kind, "inputs": self.inputs.plain(), "needs": {**self.needs}}


def key_of(kind: str, inputs: Mapping[str, Any], needs: Mapping[str, str]) -> str:
    """Return the key of a calculation: what determines its result, hashed.

    Parameters
    ----------
    kind
        Of the calculation.
    inputs
        In their plain form.
    needs
        Role to the key of a row that it is computed from.
    """
    text = canonical_json(
        {"schema": SCHEMA_VERSION, "kind": kind, "inputs": inputs, "needs": needs}
    )
    return hashlib.sha256(text.encode()).hexdigest()


V_co = TypeVar("V_co", bound=Values, covariant=True, default=Values)


@dataclass(frozen=True)
class Outcome(Generic[V_co]):
    """What one calculation gave.

    Attributes
    ----------
    status
        ``ok``; ``anomalous`` (computed, but not what was asked, such as a
        desorbed adsorbate); ``refused`` (outside the method's validity);
        ``failed``; ``quarantined`` (stopped by the machine or by a limit of the user's,
        which says nothing about the calculation).
    values
        What was computed; ``None`` where nothing was.
    reason
        One line for every status but ``ok``; also a remark on an ``ok`` row.
    uncertainty
        Name of a value to its half-width in the same unit, where the calculation
        itself gives one (block averages, convergence).
    reference_state
        What energies are measured from, in words.
    engine, engine_version
        Program and version (or weight hash) that produced the numbers.
    structures
        Name to extended-XYZ text.
    cpu_seconds
        Core-seconds that it took, of the process and of the programs that it started; None
        where nobody has measured them.

    Raises
    ------
    CalculationError
        If a number of the values, a half-width, or a line of a structure is NaN or infinite;
        it says which.
    """

    status: Status
    values: V_co | None = None
    reason: str = ""
    uncertainty: Mapping[str, float] = field(default_factory=dict)
    reference_state: str = ""
    engine: str = ""
    engine_version: str = ""
    structures: Mapping[str, str] = field(default_factory=dict)
    cpu_seconds: float | None = None

    def __post_init__(self) -> None:
        if bad := first_not_finite(self.uncertainty):
            raise CalculationError(f"the uncertainty of {bad[0]} is {bad[1]}")
        # Models refuse such numbers when they are validated, which copying one does not do,
        # and do not look into fields of any type.
        if self.values is not None and (bad := first_not_finite(self.values)):
            raise CalculationError(f"{bad[0]} is {bad[1]}")
        for name, text in self.structures.items():
            if line := first_not_finite_line(text):
                raise CalculationError(f"structure {name!r} is not finite: {line[:60]!r}")

    def plain(self) -> dict[str, Any]:
        """Return the outcome as JSON data, which :func:`outcome_from` reads."""
        data = {f.name: getattr(self, f.name) for f in fields(self)}
        data["values"] = {} if self.values is None else self.values.plain()
        return data


def outcome_from(data: Mapping[str, Any], model: type[ValuesT]) -> Outcome[ValuesT]:
    """Return the outcome that :meth:`Outcome.plain` wrote down, its values as their model."""
    values = model.model_validate(data["values"]) if data["values"] else None
    return Outcome(**{**data, "values": values})
