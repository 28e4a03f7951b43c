"""What a calculation is and what it returns: the contract between all rooms.

A :class:`Calculation` is a complete, JSON-able description of one result; its
key is a hash of that description and nothing else, so the same question has
the same key in any process. An :class:`Outcome` is what the science returns.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

SCHEMA_VERSION = 1

Status = Literal["ok", "failed", "refused", "anomalous"]


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


@dataclass(frozen=True)
class Calculation:
    """One result to be computed.

    Attributes
    ----------
    kind
        What is computed: ``k_metal``, ``adsorption``, ``species``, ``liquid``.
    item
        Catalogue id (host, species or formulation); a label, not part of the key.
    model
        Atomistic model or label; not part of the key.
    level
        Name of the level of theory as users see it; a label, its parameters
        are in ``inputs``.
    inputs
        Everything that determines the result, as plain JSON data: the recipe
        or atoms, the level's parameters and engine fingerprint, seeds.
    needs
        Keys of results that this one is computed from, by role, such as
        ``{"k_metal": "<key>"}``.
    cost_s
        Rough core-seconds, for cutting the work into chunks.
    """

    kind: str
    item: str
    model: str
    level: str
    inputs: Mapping[str, Any]
    needs: Mapping[str, str] = field(default_factory=dict)
    cost_s: float = 30.0

    @property
    def key(self) -> str:
        """64 hexadecimal digits: SHA-256 of kind, inputs, needs and schema version."""
        text = canonical_json(
            {
                "schema": SCHEMA_VERSION,
                "kind": self.kind,
                "inputs": self.inputs,
                "needs": self.needs,
            }
        )
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Outcome:
    """What one calculation gave.

    Attributes
    ----------
    status
        ``ok``; ``anomalous`` (computed, but not what was asked, such as a
        desorbed adsorbate); ``refused`` (outside the method's validity);
        ``failed``.
    values
        Column name (ending in its unit) to JSON value. No NaN: a value that
        was not computed is absent.
    reason
        One line for every status but ``ok``; also a remark on an ``ok`` row.
    uncertainty
        Column name to a half-width or ``[low, high]`` in the column's unit,
        where the calculation itself gives one (block averages, convergence).
    reference_state
        What energies are measured from, in words.
    engine, engine_version
        Program and version (or weight hash) that produced the numbers.
    structures
        Name to extended-XYZ text.
    """

    status: Status
    values: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    uncertainty: Mapping[str, Any] = field(default_factory=dict)
    reference_state: str = ""
    engine: str = ""
    engine_version: str = ""
    structures: Mapping[str, str] = field(default_factory=dict)
