"""Rows as the report embeds them: complete provenance, without the bulk data."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, get_args

from markupsafe import Markup

from potash.results.calculation import Status
from potash.store.rows import Row

_BULKY = ("rdf", "time_series", "msd", "trajectory")
"""Values that the report plots instead of printing."""
_MAX_INPUT_CHARACTERS = 4000


def embedded(row: Row) -> dict[str, Any]:
    """Return one row for the provenance panel.

    Bulky curves are left out of the values (they are plotted), and very long
    inputs are cut; the store keeps everything under the row's key.
    """
    inputs: Any = row.provenance.get("inputs", {})
    text = json.dumps(inputs, ensure_ascii=False, sort_keys=True)
    if len(text) > _MAX_INPUT_CHARACTERS:
        inputs = text[:_MAX_INPUT_CHARACTERS] + "\n... (the store holds the rest)"
    return {
        "kind": row.kind,
        "item": row.item,
        "model": row.model,
        "level": row.level,
        "status": row.status,
        "reason": row.reason,
        "values": {k: _short(v) for k, v in row.values.items() if k not in _BULKY},
        "uncertainty": {k: _short(v) for k, v in row.uncertainty.items()},
        "reference_state": row.reference_state,
        "engine": row.engine,
        "engine_version": row.engine_version,
        "seed": row.seed,
        "started": row.started,
        "seconds": row.seconds,
        "cpu_seconds": row.cpu_seconds,
        "host": row.host,
        "attempt": row.attempt,
        "key": row.key,
        "needs": dict(row.needs),
        "inputs": inputs,
    }


def _short(value: Any) -> Any:
    """Round floats to six significant digits, recursively; JSON has no NaN."""
    kind = type(value)
    if kind is float:
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if kind is str or kind is int:
        return value
    if isinstance(value, float):  # of NumPy
        return _short(float(value))
    if isinstance(value, Mapping):
        return {str(k): _short(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_short(v) for v in value[:60]]
    return value


def row_bodies(rows: Iterable[Row]) -> Markup:
    """Return the table of rows as HTML, one body a row.

    Written here and not in the template, which takes several times as long for a thousand rows.
    """
    return Markup("".join(map(_body, rows)))


def _body(row: Row) -> str:
    texts = (row.kind, row.item, row.model)
    cells = [f"<td>{escape(text.replace('_', ' '))}</td>" for text in texts]
    cells += [f"<td>{escape(text)}</td>" for text in (row.level, row.status)]
    return (
        f'<tbody class="entry"><tr>{"".join(cells)}'
        f"<td>{escape(row.engine)} {escape(row.engine_version[:12])}</td>"
        f'<td class="num" data-sort="{row.seconds}">{row.seconds:.1f}</td>'
        f'<td><button class="prov" data-key="{escape(row.key)}">'
        f"<code>{escape(row.key[:12])}</code></button></td></tr></tbody>"
    )


def script_json(data: Any) -> str:
    """Return JSON that can stand inside a script element whatever it contains."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character, escaped in (("<", "\\u003c"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029")):
        text = text.replace(character, escaped)
    return text


def count_statuses(rows: Iterable[Row]) -> dict[str, int]:
    """Return how many rows have each status."""
    counts = dict.fromkeys(get_args(Status), 0)
    for row in rows:
        counts[row.status] += 1
    return counts
