"""Rankings for the terminal: the answer first, then who is in, in doubt, out, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from potash.columns import interval_names, unit_of
from potash.quantities import measured, number
from potash.report.text import Column, Record, fields, paragraph, table_lines

Entry = Mapping[str, Any]
"""Record of a candidate, as :meth:`potash.ranking.table.Entry.record` makes it."""


SHOWN_IN_DOUBT = 5
"""Candidates in doubt that are shown beside the picks; the others are named."""


@dataclass(frozen=True)
class _Line:
    """Entries that share one model and so one place, on one line."""

    entries: tuple[Entry, ...]

    @property
    def first(self) -> Entry:
        return self.entries[0]


def ranked_lines(
    ranking: Mapping[str, Any],
    width: int,
    *,
    asked: Collection[str] = (),
    concerned: Collection[str] | None = None,
) -> list[str]:
    """Return a ranking as lines of text: the answer, the picks, who may be one, who is not.

    Parameters
    ----------
    ranking
        What ``potash rank --json`` prints: ``kind``, ``verdict``, ``criteria``, ``ranked``
        and ``not_ranked``. Where the entries say their ``source``, there is a column of it.
    width
        No line is longer.
    asked
        Ids of hosts, models or electrolytes that were asked for: they name the lines.
    concerned
        Ids of the entries whose reasons are told where they have no rank; the others are
        counted. All by default.
    """
    ranked = _grouped(ranking["ranked"])
    lines = paragraph(f"{ranking['kind'].capitalize()}. {ranking['verdict']}", width)
    lines += paragraph(_count(ranking), width)
    picks = [x for x in ranked if x.first["chosen"]]
    others = [x for x in ranked if not x.first["chosen"] and x.first["tier"] != "out"]
    out = [x for x in ranked if not x.first["chosen"] and x.first["tier"] == "out"]
    if picks:
        settled = all(x.first["tier"] == "in" for x in picks)
        title = "The best" if settled else "Most probable so far"
        lines += _part(title, picks, ranking, width, asked)
    lines += _part("Also in question", others[:SHOWN_IN_DOUBT], ranking, width, asked)
    more = f"{'In doubt, too' if picks else 'In doubt'}: "
    for title, some in ((more, others[SHOWN_IN_DOUBT:]), ("Out: ", out)):
        if some:
            names = ", ".join(_name(x, asked, short=True) for x in some)
            lines += ["", *paragraph(f"{title}{names}", width, indent="  ")]
    if picks:
        lines += ["", "Why"]
        why = [(_name(x, asked, short=True), str(x.first["why"])) for x in picks]
        lines += fields(why, width)
        lines += paragraph(_SHRUNK, width)
    return lines + not_ranked_lines(ranking["not_ranked"], width, concerned)


_SHRUNK = (
    "Values under 'Why' are shrunk towards all candidates, because the best of many uncertain "
    "numbers are too good; the table has them as they are."
)


def _part(
    title: str,
    lines: Sequence[_Line],
    ranking: Mapping[str, Any],
    width: int,
    asked: Collection[str],
) -> list[str]:
    if not lines:
        return []
    records: list[Record] = [{"line": line} for line in lines]
    return ["", f"{title}:", *table_lines(_columns(ranking, asked), records, width)]


def not_ranked_lines(
    entries: Sequence[Entry], width: int, concerned: Collection[str] | None = None
) -> list[str]:
    """Return why each entry that has no rank has none, equal reasons joined; others are counted.

    What is ranked in another table is left out.
    """
    reasons: dict[str, list[str]] = {}
    apart = [e for e in entries if e.get("ranked_apart")]
    entries = [e for e in entries if not e.get("ranked_apart")]
    told = [e for e in entries if concerned is None or e["id"] in concerned]
    others = len(entries) - len(told)
    for entry in told:
        reason = entry["reason"] or "a quantity that the criteria need is missing"
        reasons.setdefault(reason, []).append(entry["id"])
    lines = ["", "Not ranked, because"] if reasons else []
    for reason, ids in reasons.items():
        lines += paragraph(f"{reason}: {', '.join(ids)}", width, first="- ", indent="  ")
    if others:
        lines += ["", *paragraph(f"{others} others of the catalogue were not asked for.", width)]
    for population in dict.fromkeys(e["population"] for e in apart if concerned is None):
        names = ", ".join(e["id"] for e in apart if e["population"] == population)
        text = f"Ranked apart, --population {population} shows them: {names}"
        lines += ["", *paragraph(text, width, indent="  ")]
    return lines


def _is_model(entry: Entry) -> bool:
    return bool(entry.get("entry") == "model")


def _count(ranking: Mapping[str, Any]) -> str:
    """Say how many entries there are, how many are ranked, and what else is in the table."""
    ranked = [e for e in ranking["ranked"] if not _is_model(e)]
    models = len(ranking["ranked"]) - len(ranked)
    others = [e for e in ranking["not_ranked"] if not _is_model(e) and not e.get("ranked_apart")]
    total = len(ranked) + len(others)
    text = f"{len(ranked)} of {total} {ranking['kind']} are ranked"
    partial = sum(e["status"] == "partial" for e in ranked)
    if partial:
        text += f", {partial} of them by some of what belongs to it only"
    if models:
        text += f"; {models} models that set the value of no host are ranked beside them"
    return f"{text}."


def _grouped(entries: Sequence[Entry]) -> list[_Line]:
    """Join entries of one place: one model sets the value of all of them."""
    lines: dict[tuple[object, ...], list[Entry]] = {}
    for entry in entries:
        model = entry.get("model") or entry["id"]
        lines.setdefault((model, entry["probability_in"]), []).append(entry)
    return [_Line(tuple(members)) for members in lines.values()]


def _columns(ranking: Mapping[str, Any], asked: Collection[str]) -> list[Column]:
    def of(cell: Callable[[Entry], str]) -> Callable[[Record], str]:
        return lambda record: cell(record["line"].first)

    kind = ranking["kind"]
    columns = [
        Column(kind.removesuffix("s"), lambda r: _name(r["line"], asked), wraps=True),
        Column("tier", of(lambda e: str(e["tier"]).replace("_", " "))),
        Column("right", of(_probability)),
    ]
    if kind == "hosts":
        columns += [
            Column("E ads, eV [95 %]", of(_adsorption)),
            Column("level", of(lambda e: str(e.get("level") or "-")), need=2),
            Column("model", of(lambda e: str(e.get("model") or "-")), need=5),
            Column("raw, eV", of(_raw), need=6),
        ]
    elif kind == "electrolytes":
        in_volt = any(c["column"] == "oxidation_limit_v" for c in ranking["criteria"])
        columns += [
            Column("oxidation limit", of(_potential if in_volt else _ionisation)),
            Column("D(K+), 1e-10 m2/s", of(_diffusion), need=1),
            Column("SSIP / CIP / AGG", of(_pairing), need=5),
            Column("density, g/mL", of(_density), need=6),
        ]
    else:
        columns += [
            Column("oxidation, V vs K/K+", of(_of("oxidation_limit_v"))),
            Column("reduction, V vs K/K+", of(_of("reduction_limit_v")), need=1),
            Column("role", of(lambda e: str(e["class"]).replace("_", " ")), need=2, wraps=True),
            Column("LUMO, eV", of(lambda e: number(e.get("lumo_ev"), decimals=2)), need=4),
        ]
    if any("source" in e for e in ranking["ranked"]):
        marks = {"own": "own", "reference": "ref"}
        columns.append(Column("rows", of(lambda e: marks.get(e.get("source") or "", "-")), need=2))
    columns.append(Column("apart from", of(_apart(len(ranking["ranked"]))), need=3))
    return [*columns, Column("to know", of(lambda e: "; ".join(e["flags"])), need=4, wraps=True)]


def _name(line: _Line, asked: Collection[str], *, short: bool = False) -> str:
    """Return what a line is about: what was asked for, else the ids that share the model."""
    ids = [str(e["id"]) for e in line.entries]
    wanted = [x for x in (*ids, line.first.get("model")) if x in asked]
    if wanted:
        return ", ".join(dict.fromkeys(str(x) for x in wanted))
    if len(ids) == 1:
        return ids[0] if short else f"{ids[0]}: {line.first['name']}"
    return ", ".join(ids) if short else f"{', '.join(ids)} (one model)"


def _probability(entry: Entry) -> str:
    probability = entry["probability_in"]
    return "-" if probability is None else f"{probability:.0%}"


def _apart(n: int) -> Callable[[Entry], str]:
    return lambda entry: f"{entry['told_apart_from']} of {n - 1}"


def _of(column: str) -> Callable[[Entry], str]:
    return lambda entry: _interval(entry, column, *interval_names(column))


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
