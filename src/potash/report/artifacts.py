"""What Prefect's UI shows of a campaign: the answer as text, and short tables."""

from __future__ import annotations

import re
from collections.abc import Sequence

from potash.columns import interval_names
from potash.quantities import name_of, with_unit
from potash.ranking.table import Entry, RankedTable
from potash.report.first import Shown, Verdict

MOST_ROWS = 30
"""Rows of a table; the files and the report have all."""


def answer_markdown(answers: Sequence[Verdict], report: str) -> str:
    """Return the answer of a campaign as Markdown.

    Parameters
    ----------
    answers
        Of :func:`potash.report.first.verdicts`.
    report
        Where the report is.
    """
    parts = [_part(found) for found in answers]
    if not parts:
        parts = ["Nothing is ranked yet: no candidate has all that the criteria need."]
    return "\n\n".join([*parts, f"Everything else: `{report}`"])


def _part(found: Verdict) -> str:
    head = "Make these next" if found.answered else "Best picks so far"
    kind = found.kind if found.choose > 1 else found.kind.removesuffix("s")
    lines = [f"## {head}: {found.choose} {kind}", ""]
    counts = f"{found.n_in} in, {found.n_doubt} in doubt, {found.n_out} out."
    if found.confidence is not None:
        asked = ""
        if found.asked_confidence is not None:
            asked = f" ({found.asked_confidence:.0%} asked for)"
        counts = f"{found.confidence:.0%} of them are expected to be right{asked}; {counts}"
    # A list and no table: Prefect's UI does not wrap the cells of one.
    lines += [counts, "", *(_line(i, pick) for i, pick in enumerate(found.picks, 1))]
    if found.doubts:
        lines += ["", f"Also in question: {', '.join(_plain(d.name) for d in found.doubts)}"]
    return "\n".join(lines)


def _line(place: int, pick: Shown) -> str:
    probability = "" if pick.probability_in is None else f" ({pick.probability_in:.0%})"
    tier = pick.tier.replace("_", " ")
    return f"{place}. **{_plain(pick.name)}**, {tier}{probability}: {_plain(pick.why)}"


def _plain(text: str) -> str:
    """Return text in which Markdown finds nothing to format."""
    return re.sub(r"([\\`*_<>\[\]|])", r"\\\1", " ".join(text.split()))


def short_table(table: RankedTable) -> list[dict[str, str]]:
    """Return the most probable entries of a ranking with at most eight columns each."""
    columns = [c.column for c in table.criteria if c.weight > 0][:3]
    return [_row(entry, columns) for entry in table.ranked[:MOST_ROWS]]


def _row(entry: Entry, columns: Sequence[str]) -> dict[str, str]:
    row = {
        "candidate": entry.name,
        "tier": entry.tier.replace("_", " "),
        "probability": "" if entry.probability_in is None else f"{entry.probability_in:.0%}",
    }
    for column in columns:
        low, high = (entry.values.get(end) for end in interval_names(column))
        row[name_of(column)] = with_unit(column, entry.central[column], low, high)
    row["level"] = ", ".join(entry.levels)
    row["to know"] = "; ".join(entry.flags)
    return row
