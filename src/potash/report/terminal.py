"""Ranked tables for the terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from potash.ranking.table import Entry, RankedTable

_Column = tuple[str, Callable[[Entry], str]]


def _number(value: Any, digits: int = 2) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _interval(entry: Entry, value: str, low: str, high: str, digits: int = 2) -> str:
    """Format ``value [low, high]``; an unknown interval is said to be so."""
    v = entry.values
    if v.get(value) is None:
        return "-"
    if v.get(low) is None or v.get(high) is None:
        return f"{v[value]:.{digits}f} [unknown]"
    return f"{v[value]:.{digits}f} [{v[low]:.{digits}f}, {v[high]:.{digits}f}]"


def _scaled(entry: Entry, value: str, low: str, high: str, scale: float) -> str:
    v = {n: entry.values.get(n) for n in (value, low, high)}
    if v[value] is None:
        return "-"
    numbers = {n: None if x is None else x * scale for n, x in v.items()}
    if numbers[low] is None or numbers[high] is None:
        return f"{numbers[value]:.2f} [unknown]"
    return f"{numbers[value]:.2f} [{numbers[low]:.2f}, {numbers[high]:.2f}]"


def _diffusion(entry: Entry) -> str:
    apparent = entry.values.get("diffusion_k_apparent_m2_s")
    if apparent is not None:
        return f"({apparent * 1e10:.2f} apparent)"
    columns = ("diffusion_k_m2_s", "diffusion_k_low_m2_s", "diffusion_k_high_m2_s")
    return _scaled(entry, *columns, 1e10)


def _oxidation(entry: Entry) -> str:
    """Format the limit that the order follows: in V where there are potentials, else in eV."""
    if "oxidation_limit_v" in entry.central:
        name, unit, by = "oxidation_limit_v", "V", "oxidation_limited_by_in_solution"
        ends = ("oxidation_limit_low_v", "oxidation_limit_high_v")
    else:
        name, unit, by = "oxidation_limit_ip_ev", "eV (IP)", "oxidation_limited_by"
        ends = ("oxidation_limit_ip_low_ev", "oxidation_limit_ip_high_ev")
    return f"{_interval(entry, name, *ends)} {unit}, {entry.values.get(by) or '-'}"


def _rank(entry: Entry) -> str:
    if entry.rank is None:
        return ""
    if entry.rank_low == entry.rank_high:
        return str(entry.rank)
    return f"{entry.rank} ({entry.rank_low}-{entry.rank_high})"


def _speciation(entry: Entry) -> str:
    parts = [entry.values.get(f"per_anion_{x}") for x in ("ssip", "cip", "agg")]
    return "-" if None in parts else " / ".join(f"{p:.2f}" for p in parts)


_HOST_COLUMNS: tuple[_Column, ...] = (
    ("rank", _rank),
    ("host", lambda e: e.name),
    ("model", lambda e: str(e.values.get("model") or "-")),
    ("level", lambda e: str(e.values.get("level") or "-")),
    (
        "E ads, eV",
        lambda e: _interval(
            e, "adsorption_energy_ev", "adsorption_energy_low_ev", "adsorption_energy_high_ev"
        ),
    ),
    ("raw, eV", lambda e: _number(e.values.get("adsorption_energy_raw_ev"))),
    ("next", lambda e: e.verdict),
    ("flags", lambda e: "; ".join(e.flags)),
)

_ELECTROLYTE_COLUMNS: tuple[_Column, ...] = (
    ("rank", _rank),
    ("electrolyte", lambda e: e.name),
    ("oxidation limit", _oxidation),
    (
        "D(K+), 1e-10 m2/s",
        _diffusion,
    ),
    ("SSIP / CIP / AGG per anion", _speciation),
    (
        "density, g/mL",
        lambda e: _interval(e, "density_g_ml", "density_low_g_ml", "density_high_g_ml", 3),
    ),
    ("next", lambda e: e.verdict),
    ("flags", lambda e: "; ".join(e.flags)),
)


_WIDE = 120
_ONLY_WIDE = frozenset({"model", "raw, eV", "density, g/mL"})


def _name(entry: Entry, sharing: int) -> str:
    return entry.name if sharing == 0 else f"{entry.name} (and {sharing} with the same model)"


def _grouped(entries: tuple[Entry, ...]) -> list[tuple[Entry, int]]:
    """Fold neighbours that share rank and model into one line; return how many were folded."""
    lines: list[tuple[Entry, int]] = []
    for entry in entries:
        if lines and lines[-1][0].verdict == "tie":
            first, sharing = lines[-1]
            lines[-1] = (replace(first, verdict=entry.verdict), sharing + 1)
        else:
            lines.append((entry, 0))
    return lines


def print_ranked_table(table: RankedTable, *, console: Console) -> None:
    """Print the ranked entries, the verdict and how many were not ranked.

    Candidates that tie because they share a model take one line. A console narrower
    than 120 columns gets the table without its least needed ones.
    """
    columns = _HOST_COLUMNS if table.kind == "hosts" else _ELECTROLYTE_COLUMNS
    if console.width < _WIDE:
        columns = tuple(column for column in columns if column[0] not in _ONLY_WIDE)
    shown = Table(
        title=f"{table.kind.capitalize()}, ranked", title_justify="left", header_style="bold"
    )
    for heading, _ in columns:
        shown.add_column(heading, overflow="fold")
    for entry, sharing in _grouped(table.ranked):
        named = replace(entry, name=_name(entry, sharing))
        shown.add_row(*(escape(cell(named)) for _, cell in columns))
    console.print(shown)
    console.print(escape(table.verdict))
    left_out = len(table.entries) - len(table.ranked)
    if left_out:
        console.print(f"{left_out} {table.kind} without the quantities needed are not ranked.")
