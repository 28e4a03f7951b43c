"""What runs, tasks and artifacts are called where people see them: Prefect's UI."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from potash.results.calculation import Calculation
from potash.results.model import Inputs
from potash.running.kinds import kind_of
from potash.store import Store
from potash.structures.facets import cut_of
from potash.structures.planes import facet_text

BROWSE_PORT = 8377
"""Of 127.0.0.1, where people look for the pages of ``potash browse``."""
_LONGEST = 200
_MOST_TROUBLES = 20


def calculation_name(calculation: Calculation) -> str:
    """Return what a calculation is called, such as ``hosts: cu6sn5 (001), screen``.

    Parameters
    ----------
    calculation
        Of any kind; the part of a campaign that it belongs to comes first.
    """
    part = kind_of(calculation.kind).stage
    plane = _plane(calculation.inputs)
    item = f"{calculation.item} {plane}" if plane else calculation.item
    what = "" if calculation.kind in _EXPECTED[part] else f" {calculation.kind.replace('_', ' ')}"
    return f"{part}: {item}{what}, {calculation.level}"


_EXPECTED = {
    "references": {"k_metal"},
    "hosts": {"adsorption"},
    "molecules": {"species", "complex"},
    "liquids": {"liquid"},
}
"""Kinds that go without saying in their part of a campaign."""


def _plane(inputs: Inputs) -> str:
    recipe = getattr(inputs, "recipe", None)
    slab = None if recipe is None else cut_of(recipe)
    return "" if slab is None else facet_text(slab)


def portion_name(portion: Sequence[Calculation]) -> str:
    """Return the name of the task that computes a portion of a campaign."""
    first = calculation_name(portion[0])
    more = f" and {len(portion) - 1} more" if len(portion) > 1 else ""
    return first[: _LONGEST - len(more)] + more


def run_name(campaign_file: str, only: Sequence[str] | None, start: datetime) -> str:
    """Return the name of a flow run: its campaign, what of it, and when it was due.

    >>> run_name("campaigns/alloys.yaml", ["hosts"], datetime(2026, 11, 27, 20, 0))
    'alloys: hosts, 2026-11-27 20:00'
    """
    part = f": {', '.join(only)}" if only else ""
    return f"{Path(campaign_file).stem}{part}, {start:%Y-%m-%d %H:%M}"


def outcome_text(calculations: Sequence[Calculation], store: Store) -> str:
    """Return what became of a campaign's calculations, in a few lines: counts, then troubles."""
    keys = {c.key: c for c in calculations}
    statuses = store.statuses(keys)
    counts = ", ".join(f"{n} {s}" for s, n in sorted(Counter(statuses.values()).items()))
    lines = [f"{len(keys)} calculations: {counts or 'none computed'}"]
    trouble = [key for key, status in statuses.items() if status != "ok"]
    for key, row in store.get_many(trouble[:_MOST_TROUBLES]).items():
        lines.append(f"{calculation_name(keys[key])}: {row.status}: {row.reason}")
    if len(trouble) > _MOST_TROUBLES:
        lines.append(f"and {len(trouble) - _MOST_TROUBLES} more; potash status lists them")
    return "\n".join(lines)


def report_address(campaign: str) -> str:
    """Return where ``potash browse`` shows the report of a campaign.

    >>> report_address("alloys 2")
    'http://127.0.0.1:8377/reports/alloys%202/report.html'
    """
    return f"http://127.0.0.1:{BROWSE_PORT}/reports/{quote(campaign)}/report.html"


def artifact_key(campaign: str, what: str) -> str:
    """Return the key of an artifact: Prefect takes lower-case letters, digits and dashes.

    >>> artifact_key("Alloys_2.1", "hosts")
    'alloys-2-1-hosts'
    """
    return re.sub(r"[^a-z0-9]+", "-", f"{campaign} {what}".lower()).strip("-")
