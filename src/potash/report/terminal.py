"""Ranked tables for the terminal: the order, what it is worth, and what is not in it and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from potash.columns import unit_of
from potash.quantities import measured, number
from potash.report.text import Column, Record, paragraph, table_lines

Entry = Mapping[str, Any]
"""Record of a candidate, as :meth:`potash.ranking.table.Entry.record` makes it."""


@dataclass(frozen=True)
class _Line:
    """Entries that share rank and model, on one line."""

    entries: tuple[Entry, ...]
    verdict: str

    @property
    def first(self) -> Entry:
        return self.entries[0]


def ranked_lines(
    ranking: Mapping[str, Any], width: int, *, asked: Collection[str] = ()
) -> list[str]:
    """Return a ranked table as lines of text.

    Parameters
    ----------
    ranking
        What ``potash rank --json`` prints: ``kind``, ``verdict``, ``criteria``, ``ranked``
        and ``not_ranked``. Where the entries say their ``source``, there is a column of it.
    width
        No line is longer.
    asked
        Ids of hosts, models or electrolytes that were asked for: they name the lines.
    """
    kind, ranked = ranking["kind"], ranking["ranked"]
    records: list[Record] = [{"line": line} for line in _grouped(ranked)]
    lines = [f"{kind.capitalize()}, ranked"]
    if records:
        lines += table_lines(_columns(ranking, asked), records, width)
    lines.append("")
    lines += paragraph(ranking["verdict"], width)
    lines += paragraph(_count(ranking), width)
    return lines + not_ranked_lines(ranking["not_ranked"], width)


def not_ranked_lines(entries: Sequence[Entry], width: int) -> list[str]:
    """Return why each entry that has no rank has none, equal reasons joined."""
    reasons: dict[str, list[str]] = {}
    for entry in entries:
        reason = entry["reason"] or "a quantity that the criteria need is missing"
        reasons.setdefault(reason, []).append(entry["id"])
    if not reasons:
        return []
    lines = ["", "Not ranked, because"]
    for reason, ids in reasons.items():
        lines += paragraph(f"{reason}: {', '.join(ids)}", width, first="- ", indent="  ")
    return lines


def _is_model(entry: Entry) -> bool:
    return bool(entry.get("entry") == "model")


def _count(ranking: Mapping[str, Any]) -> str:
    """Say how many entries there are, how many are ranked, and what else is in the table."""
    ranked = [e for e in ranking["ranked"] if not _is_model(e)]
    models = len(ranking["ranked"]) - len(ranked)
    total = len(ranked) + sum(not _is_model(e) for e in ranking["not_ranked"])
    text = f"{len(ranked)} of {total} {ranking['kind']} are ranked"
    partial = sum(e["status"] == "partial" for e in ranked)
    if partial:
        text += f", {partial} of them by some of what belongs to it only"
    if models:
        text += f"; {models} models that set the value of no host are ranked beside them"
    return f"{text}."


def _grouped(entries: Sequence[Entry]) -> list[_Line]:
    """Join neighbours that tie because they share a model."""
    lines: list[_Line] = []
    for entry in entries:
        if lines and lines[-1].verdict == "tie":
            lines[-1] = _Line((*lines[-1].entries, entry), entry["verdict"])
        else:
            lines.append(_Line((entry,), entry["verdict"]))
    return lines


def _columns(ranking: Mapping[str, Any], asked: Collection[str]) -> list[Column]:
    def of(cell: Callable[[Entry], str]) -> Callable[[Record], str]:
        return lambda record: cell(record["line"].first)

    kind = ranking["kind"]
    named = Column(kind.removesuffix("s"), lambda r: _name(r["line"], asked), wraps=True)
    verdict = Column("next", lambda r: r["line"].verdict or "-", need=3)
    flags = Column("to know", of(lambda e: "; ".join(e["flags"])), need=4, wraps=True)
    columns = [Column("rank", of(_rank)), named]
    if kind == "hosts":
        columns += [
            Column("E ads, eV [95 %]", of(_adsorption)),
            verdict,
            Column("level", of(lambda e: str(e.get("level") or "-")), need=2),
            Column("model", of(lambda e: str(e.get("model") or "-")), need=5),
            Column("raw, eV", of(_raw), need=6),
        ]
    else:
        in_volt = any(c["column"] == "oxidation_limit_v" for c in ranking["criteria"])
        columns += [
            Column("oxidation limit", of(_potential if in_volt else _ionisation)),
            Column("D(K+), 1e-10 m2/s", of(_diffusion), need=1),
            verdict,
            Column("SSIP / CIP / AGG", of(_pairing), need=5),
            Column("density, g/mL", of(_density), need=6),
        ]
    if any("source" in e for e in ranking["ranked"]):
        marks = {"own": "own", "reference": "ref"}
        columns.append(Column("rows", of(lambda e: marks.get(e.get("source") or "", "-")), need=2))
    return [*columns, flags]


def _name(line: _Line, asked: Collection[str]) -> str:
    """Return what a line is about: what was asked for, else the ids that share the model."""
    ids = [str(e["id"]) for e in line.entries]
    wanted = [x for x in (*ids, line.first.get("model")) if x in asked]
    if wanted:
        return ", ".join(dict.fromkeys(str(x) for x in wanted))
    if len(ids) == 1:
        return f"{ids[0]}: {line.first['name']}"
    return f"{', '.join(ids)} (one model)"


def _rank(entry: Entry) -> str:
    if entry["rank_low"] == entry["rank_high"]:
        return str(entry["rank"])
    return f"{entry['rank']} ({entry['rank_low']}-{entry['rank_high']})"


def _interval(entry: Entry, value: str, low: str, high: str) -> str:
    _, unit = unit_of(value)
    ends = (entry.get(low), entry.get(high))
    return measured(entry.get(value), *ends, scale=unit.scale, decimals=unit.decimals)


def _adsorption(entry: Entry) -> str:
    return _interval(
        entry, "adsorption_energy_ev", "adsorption_energy_low_ev", "adsorption_energy_high_ev"
    )


def _raw(entry: Entry) -> str:
    return number(entry.get("adsorption_energy_raw_ev"), decimals=2)


def _diffusion(entry: Entry) -> str:
    apparent = entry.get("diffusion_k_apparent_m2_s")
    if apparent is not None:
        return f"({number(apparent * 1e10)} apparent)"
    columns = ("diffusion_k_m2_s", "diffusion_k_low_m2_s", "diffusion_k_high_m2_s")
    return _interval(entry, *columns)


def _potential(entry: Entry) -> str:
    ends = ("oxidation_limit_low_v", "oxidation_limit_high_v")
    by = entry.get("oxidation_limited_by_in_solution") or "-"
    return f"{_interval(entry, 'oxidation_limit_v', *ends)} V, {by}"


def _ionisation(entry: Entry) -> str:
    ends = ("oxidation_limit_ip_low_ev", "oxidation_limit_ip_high_ev")
    by = entry.get("oxidation_limited_by") or "-"
    return f"{_interval(entry, 'oxidation_limit_ip_ev', *ends)} eV (IP), {by}"


def _pairing(entry: Entry) -> str:
    parts = [entry.get(f"per_anion_{x}") for x in ("ssip", "cip", "agg")]
    return "-" if None in parts else " / ".join(f"{p:.2f}" for p in parts)


def _density(entry: Entry) -> str:
    return _interval(entry, "density_g_ml", "density_low_g_ml", "density_high_g_ml")
