"""Ranked tables for the terminal: the order, what it is worth, and what is not in it and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from potash.columns import unit_of
from potash.quantities import measured, number
from potash.ranking.table import Entry, RankedTable
from potash.report.text import Column, Record, paragraph, table_lines


@dataclass(frozen=True)
class _Line:
    """Entries that share rank and model, on one line."""

    entries: tuple[Entry, ...]
    verdict: str

    @property
    def first(self) -> Entry:
        return self.entries[0]


def ranked_lines(
    table: RankedTable,
    width: int,
    *,
    asked: Collection[str] = (),
    sources: Mapping[str, str | None] | None = None,
) -> list[str]:
    """Return a ranked table as lines of text.

    Parameters
    ----------
    table
        Of hosts or electrolytes.
    width
        No line is longer.
    asked
        Ids of hosts, models or electrolytes that were asked for: they name the lines.
    sources
        Id of an entry to whose rows it is from, shown as a column; no column without.
    """
    grouped = _grouped(table.ranked)
    records: list[Record] = [{"line": line} for line in grouped]
    columns = _columns(table, asked, sources)
    lines = [f"{table.kind.capitalize()}, ranked"]
    if records:
        lines += table_lines(columns, records, width)
    lines.append("")
    lines += paragraph(table.verdict, width)
    lines += paragraph(_count(table), width)
    return lines + not_ranked_lines(table, width)


def not_ranked_lines(table: RankedTable, width: int) -> list[str]:
    """Return why each entry that has no rank has none, equal reasons joined."""
    reasons: dict[str, list[str]] = {}
    for entry in table.entries:
        if entry.rank is None:
            reason = entry.reason or "a quantity that the criteria need is missing"
            reasons.setdefault(reason, []).append(entry.id)
    if not reasons:
        return []
    lines = ["", "Not ranked, because"]
    for reason, ids in reasons.items():
        lines += paragraph(f"{reason}: {', '.join(ids)}", width, first="- ", indent="  ")
    return lines


def _count(table: RankedTable) -> str:
    """Say how many entries there are, how many are ranked, and what else is in the table."""
    review = [e for e in table.entries if not e.is_model]
    ranked = [e for e in review if e.rank is not None]
    models = len(table.ranked) - len(ranked)
    text = f"{len(ranked)} of {len(review)} {table.kind} are ranked"
    partial = sum(e.status == "partial" for e in ranked)
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
            lines[-1] = _Line((*lines[-1].entries, entry), entry.verdict)
        else:
            lines.append(_Line((entry,), entry.verdict))
    return lines


def _columns(
    table: RankedTable, asked: Collection[str], sources: Mapping[str, str | None] | None
) -> list[Column]:
    def of(cell: Callable[[Entry], str]) -> Callable[[Record], str]:
        return lambda record: cell(record["line"].first)

    named = Column(table.kind.removesuffix("s"), lambda r: _name(r["line"], asked), wraps=True)
    verdict = Column("next", lambda r: r["line"].verdict or "-", need=3)
    flags = Column("to know", of(lambda e: "; ".join(e.flags)), need=4, wraps=True)
    columns = [Column("rank", of(_rank)), named]
    if table.kind == "hosts":
        columns += [
            Column("E ads, eV [95 %]", of(_adsorption)),
            verdict,
            Column("level", of(lambda e: str(e.values.get("level") or "-")), need=2),
            Column("model", of(lambda e: str(e.values.get("model") or "-")), need=5),
            Column("raw, eV", of(_raw), need=6),
        ]
    else:
        columns += [
            Column("oxidation limit", of(_oxidation)),
            Column("D(K+), 1e-10 m2/s", of(_diffusion), need=1),
            verdict,
            Column("SSIP / CIP / AGG", of(_pairing), need=5),
            Column("density, g/mL", of(_density), need=6),
        ]
    if sources is not None:
        marks = {"own": "own", "reference": "ref"}
        columns.append(
            Column("rows", of(lambda e: marks.get(sources.get(e.id) or "", "-")), need=2)
        )
    return [*columns, flags]


def _name(line: _Line, asked: Collection[str]) -> str:
    """Return what a line is about: what was asked for, else the ids that share the model."""
    ids = [e.id for e in line.entries]
    model = line.first.values.get("model")
    wanted = [x for x in (*ids, model) if x in asked]
    if wanted:
        return ", ".join(dict.fromkeys(str(x) for x in wanted))
    if len(ids) == 1:
        return f"{ids[0]}: {line.first.name}"
    return f"{', '.join(ids)} (one model)"


def _rank(entry: Entry) -> str:
    if entry.rank_low == entry.rank_high:
        return str(entry.rank)
    return f"{entry.rank} ({entry.rank_low}-{entry.rank_high})"


def _interval(entry: Entry, value: str, low: str, high: str) -> str:
    v = entry.values
    _, unit = unit_of(value)
    ends = (v.get(low), v.get(high))
    return measured(v.get(value), *ends, scale=unit.scale, decimals=unit.decimals)


def _adsorption(entry: Entry) -> str:
    return _interval(
        entry, "adsorption_energy_ev", "adsorption_energy_low_ev", "adsorption_energy_high_ev"
    )


def _raw(entry: Entry) -> str:
    return number(entry.values.get("adsorption_energy_raw_ev"), decimals=2)


def _diffusion(entry: Entry) -> str:
    apparent = entry.values.get("diffusion_k_apparent_m2_s")
    if apparent is not None:
        return f"({number(apparent * 1e10)} apparent)"
    columns = ("diffusion_k_m2_s", "diffusion_k_low_m2_s", "diffusion_k_high_m2_s")
    return _interval(entry, *columns)


def _oxidation(entry: Entry) -> str:
    """Format the limit that the order follows: in V where there are potentials, else in eV."""
    if "oxidation_limit_v" in entry.central:
        name, unit, by = "oxidation_limit_v", "V", "oxidation_limited_by_in_solution"
        ends = ("oxidation_limit_low_v", "oxidation_limit_high_v")
    else:
        name, unit, by = "oxidation_limit_ip_ev", "eV (IP)", "oxidation_limited_by"
        ends = ("oxidation_limit_ip_low_ev", "oxidation_limit_ip_high_ev")
    return f"{_interval(entry, name, *ends)} {unit}, {entry.values.get(by) or '-'}"


def _pairing(entry: Entry) -> str:
    parts = [entry.values.get(f"per_anion_{x}") for x in ("ssip", "cip", "agg")]
    return "-" if None in parts else " / ".join(f"{p:.2f}" for p in parts)


def _density(entry: Entry) -> str:
    return _interval(entry, "density_g_ml", "density_low_g_ml", "density_high_g_ml")
