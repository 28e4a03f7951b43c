"""Columns of the lists of hosts, molecules, electrolytes and claims in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from potash.columns import interval_names, unit_of
from potash.quantities import measured, number
from potash.report.text import Column, Record, paragraph, plain, words

_MARKS: Mapping[str | None, str] = {"own": "own", "reference": "ref", None: "-"}


def _measured(column: str) -> Callable[[Record], str]:
    _, unit = unit_of(column)

    def cell(record: Record) -> str:
        low, high = (record.get(name) for name in interval_names(column))
        return measured(record.get(column), low, high, scale=unit.scale, decimals=unit.decimals)

    return cell


def _number(column: str) -> Callable[[Record], str]:
    _, unit = unit_of(column)
    return lambda record: number(record.get(column), decimals=unit.decimals)


def _status(record: Record) -> str:
    return str(record["status"]).replace("_", " ")


ROWS = Column("rows", lambda record: _MARKS[record.get("source")], need=2)
"""Whose rows a value is from."""

STATUS = Column("status", _status, need=3)

_FIRST = (plain("id", "id"),)
_LAST = (
    ROWS,
    STATUS,
    plain("levels", "levels", need=5, wraps=True),
    plain("name", "name", need=6, wraps=True),
)


def reasons_lines(records: Sequence[Record], width: int) -> list[str]:
    """Return why values are missing, and remarks, with the ids that each is about."""
    found: dict[str, list[str]] = {}
    for record in records:
        if record.get("reason"):
            found.setdefault(str(record["reason"]), []).append(str(record["id"]))
    lines = ["", "Why not, and remarks"] if found else []
    for reason, ids in found.items():
        lines += paragraph(f"{reason}: {', '.join(ids)}", width, first="- ", indent="  ")
    return lines


HOSTS = (
    *_FIRST,
    Column("E ads, eV [95 %]", _measured("adsorption_energy_ev")),
    *_LAST,
)


def _affinity(record: Record) -> str:
    """Return the electron affinity; an electron that is not bound has none."""
    if record.get("ea_bound") is False:
        return "unbound"
    return number(record.get("ea_vertical_ev"), decimals=2)


def _ionisation(record: Record) -> str:
    """Return the corrected ionisation energy with its interval, else the computed one."""
    low, high = record.get("ip_vertical_low_ev"), record.get("ip_vertical_high_ev")
    corrected = record.get("ip_vertical_corrected_ev")
    if corrected is None:
        raw = record.get("ip_vertical_ev")
        return measured(raw, None, None, decimals=2)
    return measured(corrected, low, high, decimals=2)


MOLECULES = (
    *_FIRST,
    Column("IP, eV [95 %]", _ionisation),
    Column("EA, eV", _affinity, need=1),
    Column("HOMO, eV", _number("homo_ev"), need=3),
    Column("LUMO, eV", _number("lumo_ev"), need=3),
    Column("to K+, eV", _number("k_binding_energy_ev"), need=4),
    *_LAST,
)


def _diffusion(record: Record) -> str:
    """Return D of K+ in 1e-10 m2/s; a slope of motion that is not diffusive in brackets."""
    apparent = record.get("diffusion_k_apparent_m2_s")
    if apparent is not None:
        return f"({number(apparent * 1e10)} apparent)"
    return _measured("diffusion_k_m2_s")(record)


def _pairing(record: Record) -> str:
    parts = [record.get(f"per_anion_{x}") for x in ("ssip", "cip", "agg")]
    return "-" if None in parts else " / ".join(f"{p:.2f}" for p in parts)


ELECTROLYTES = (
    *_FIRST,
    Column("SSIP / CIP / AGG", _pairing),
    Column("D(K+), 1e-10 m2/s", _diffusion, need=1),
    *_LAST,
)


def _value(record: Record) -> str:
    value, unit = record.get("value"), record.get("unit") or ""
    if value is None:
        return "-"
    if isinstance(value, Mapping):
        listed = ", ".join(f"{name} {number(x)}" for name, x in value.items())
        return f"{listed} {unit}".rstrip()
    return f"{number(value)} {unit}".rstrip()


CLAIMS = (
    *_FIRST,
    Column("verdict", lambda record: str(record["verdict"]).replace("_", " ")),
    Column("value", _value, need=1, wraps=True),
    plain("expected", "the review", need=2, wraps=True),
    Column("rows", lambda record: _MARKS[record.get("source")], need=3),
    plain("level", "level", need=4, wraps=True),
    plain("reason", "why", wraps=True),
)


def _corrected(name: str) -> Callable[[Record], str]:
    """Return the cell of a value corrected by an error model, with its interval."""

    def cell(record: Record) -> str:
        ends = (record.get(f"{name}_low_ev"), record.get(f"{name}_high_ev"))
        return measured(record.get(f"{name}_corrected_ev"), *ends, decimals=2)

    return cell


def _reason(record: Record) -> str:
    """Return what became of a calculation that is not simply done, and why."""
    status, reason = record["status"], record.get("reason") or ""
    return words(reason) if status == "ok" else f"{status}: {reason or 'no reason given'}"


REASON = Column("why not, or remark", _reason, wraps=True)

ADSORPTION = (
    plain("model", "surface", wraps=True),
    Column("E ads, eV", _number("adsorption_energy_ev")),
    Column("corrected [95 %]", _corrected("adsorption_energy")),
    plain("site", "site", need=3, wraps=True),
    Column("height, A", _number("height_angstrom"), need=4),
    REASON,
)
"""Surfaces computed just now."""

ORBITALS = (
    plain("id", "molecule"),
    Column("HOMO, eV", _number("homo_ev"), need=2),
    Column("LUMO, eV", _number("lumo_ev"), need=2),
    Column("IP, eV", _number("ip_vertical_ev")),
    Column("corrected [95 %]", _corrected("ip_vertical")),
    Column("EA, eV", _affinity, need=1),
    REASON,
)
"""Molecules computed just now."""

BARRIER_NETWORKS = (
    plain("ion", "ion"),
    plain("mechanism", "mechanism"),
    Column("barrier, eV", _number("migration_barrier_ev")),
    Column("2 directions, eV", _number("barrier_2d_ev")),
    Column("3 directions, eV", _number("barrier_3d_ev")),
    plain("n_atoms", "atoms", need=2),
    plain("n_images", "images", need=2),
    Column("force left, eV/A", _number("residual_force_ev_angstrom"), need=3),
    REASON,
)
"""Barrier of a network of hops computed just now."""

BARRIER_HOPS = (
    Column("distance, A", _number("distance_angstrom")),
    plain("per_cell", "per cell"),
    Column("barrier, eV", _number("barrier_ev")),
    Column("way back, eV", _number("barrier_back_ev")),
    Column("force left, eV/A", _number("residual_force_ev_angstrom"), need=2),
    REASON,
)
"""The hops that it is made of."""

TROUBLE = (
    plain("kind", "kind"),
    plain("item", "item"),
    plain("model", "model", need=1, wraps=True),
    plain("level", "level", need=2),
    plain("status", "status"),
    plain("reason", "reason", wraps=True),
)
"""Calculations of a campaign that did not give what was asked for."""

CALCULATIONS = (
    plain("kind", "kind"),
    plain("model", "model", need=1, wraps=True),
    plain("level", "level"),
    plain("status", "status"),
    Column("rows", lambda record: _MARKS[record.get("source")], need=2),
    Column("value", lambda record: words(record.get("value")), need=3, wraps=True),
    plain("reason", "reason", wraps=True),
)
"""Single rows of the store or the reference campaign."""


def _value_measured(record: Record) -> str:
    half = record.get("uncertainty")
    _, unit = unit_of(str(record["quantity"]))
    text = number(record["value"] * unit.scale)
    spread = "" if half is None else f" ± {number(half * unit.scale)}"
    return f"{text}{spread} {unit.text}".rstrip()


def _cell(record: Record) -> str:
    current, capacity = record.get("current_ma_cm2"), record.get("capacity_mah_cm2")
    parts = [f"{current:g} mA/cm2"] if current is not None else []
    parts += [f"{capacity:g} mA h/cm2"] if capacity is not None else []
    return ", ".join(parts) or "-"


MEASUREMENTS = (
    plain("candidate", "candidate"),
    Column("quantity", lambda record: unit_of(str(record["quantity"]))[0]),
    Column("value", _value_measured),
    plain("protocol", "protocol", need=2, wraps=True),
    Column("cell", _cell, need=3),
    plain("replicate", "replicate", need=4),
    plain("holds", "holds", need=1),
    plain("measured_by", "source", need=5, wraps=True),
)


def _price(record: Record) -> str:
    hours = record.get("core_hours")
    return "-" if hours is None else f"{hours:.2g}"


DECIDERS = (
    Column("claims", lambda record: str(len(record["claims"]))),
    plain("what", "what would decide them", wraps=True),
    Column("core-hours", _price),
    Column("calculations", lambda record: words(record.get("calculations")), need=2),
    plain("basis", "cost from", need=3, wraps=True),
    Column("which", lambda record: ", ".join(record["claims"]), need=4, wraps=True),
)
"""Open claims by what would decide them."""
