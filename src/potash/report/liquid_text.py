"""The analysis of a liquid as text: ion pairing, coordination, transport, and what is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from potash.quantities import measured, number
from potash.report.text import Column, fields, paragraph, plain, table_lines

_PAIRING = ("ssip", "cip", "agg")
_D = 1e10
"""Diffusion coefficients are shown in 1e-10 m2/s."""


def liquid_lines(data: Mapping[str, Any], half_widths: Mapping[str, Any], width: int) -> list[str]:
    """Return everything that an analysis found, with intervals and with what is not converged.

    Parameters
    ----------
    data
        Columns of a ``liquid`` row (:class:`potash.results.liquid.LiquidValues` as plain data).
    half_widths
        Half of the 95 % interval of the fractions, coordination numbers and the density, or
        ``[low, high]``.
    width
        Of the lines.
    """
    lines: list[str] = []
    if data.get("per_anion_ssip") is not None:
        title = "Ion pairing [95 %]: none, one, or two and more counter-ions in the first shell"
        lines += paragraph(title, width)
        lines += table_lines(_pairing_columns(data, half_widths), _PER, width)
    if data.get("coordination"):
        lines += ["", "Coordination number [95 %]"]
        lines += table_lines(*_coordination(data["coordination"], half_widths), width)
    if data.get("diffusion_m2_s"):
        lines += ["", "Diffusion, 1e-10 m2/s [95 %]"]
        lines += table_lines(_DIFFUSION, _diffusion(data["diffusion_m2_s"]), width)
    lines += ["", *fields(_rest(data, half_widths), width, indent="")]
    return lines


_PER = ({"per": "anion"}, {"per": "cation"})


def _pairing_columns(data: Mapping[str, Any], half_widths: Mapping[str, Any]) -> list[Column]:
    def of(kind: str) -> Column:
        def cell(record: Mapping[str, Any]) -> str:
            column = f"per_{record['per']}_{kind}"
            return _known(data.get(column), half_widths.get(column), within=(0.0, 1.0))

        return Column(kind.upper(), cell)

    return [Column("per", lambda r: str(r["per"])), *(of(kind) for kind in _PAIRING)]


def _coordination(
    found: Mapping[str, Mapping[str, Any]], half_widths: Mapping[str, Any]
) -> tuple[list[Column], list[Mapping[str, Any]]]:
    columns = [
        plain("pair", "pair"),
        Column("number", lambda r: _known(r["value"], half_widths.get(r["pair"]))),
        Column("within, A", lambda r: number(r["cutoff_angstrom"]), need=1),
        plain("cutoff_source", "that is", need=2, wraps=True),
    ]
    return columns, [{"pair": pair, **entry} for pair, entry in found.items()]


_DIFFUSION = (
    plain("species", "species"),
    plain("value", "D"),
    plain("size", "box size", need=2),
    plain("status", "status", need=0, wraps=True),
)


def _diffusion(found: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    records: list[Mapping[str, Any]] = []
    for species, d in found.items():
        value = d.get("value")
        if value is not None:
            text = measured(value, d.get("low"), d.get("high"), scale=_D)
            size = "corrected" if d.get("finite_size") is not None else "uncorrected"
        elif d.get("apparent") is not None:
            text, size = f"({number(d['apparent'] * _D)} apparent)", "-"
        else:
            text = size = "-"
        status = str(d.get("status", ""))
        slope = d.get("loglog_slope")
        if slope is not None:
            half = d.get("loglog_slope_half_width")
            within = f" +- {number(half)}" if half is not None else ""
            status += f" (log-log slope {number(slope)}{within})"
        records.append({"species": species, "value": text, "size": size, "status": status})
    return records


def _rest(data: Mapping[str, Any], half_widths: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    density = data.get("density_g_ml")
    if density is not None:
        pairs.append(("density", f"{_known(density, half_widths.get('density_g_ml'))} g/mL"))
    pairs += conductivity_told(data.get("conductivity") or {})
    for species, stay in (data.get("residence_ps") or {}).items():
        pairs.append((f"residence of {species}", _residence(stay)))
    note = data.get("convergence_note") or ""
    if data.get("converged"):
        pairs.append(("converged", f"yes{'; ' + note if note else ''}"))
    elif "converged" in data:
        pairs.append(
            ("converged", f"no: {note.removeprefix('not converged: ') or 'not known why'}")
        )
    return pairs


def conductivity_told(conductivity: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return conductivity and transference numbers, or why there are none, as named texts."""
    if not conductivity:
        return []
    status = str(conductivity["status"])
    found = conductivity.get("formal_charges") or conductivity.get("apparent")
    if found is None:
        return [("conductivity", status)]
    remark = "" if conductivity.get("formal_charges") else f" (apparent: {status})"
    size = conductivity.get("finite_size")
    told = [
        (
            "conductivity",
            f"{_estimate(found['einstein_helfand_s_m'])} S/m{remark}, formal charges"
            + (f", box size {size}" if size else ""),
        ),
        ("Nernst-Einstein", f"{_estimate(found['nernst_einstein_s_m'])} S/m{remark}"),
        ("ionicity", number(found["ionicity"])),
    ]
    for species, share in found["transference"].items():
        told.append((f"transference {species}", f"{_estimate(share)}, {found['frame']} frame"))
    scaled = conductivity.get("force_field_charges")
    if scaled is not None:
        told.append(
            (
                "with scaled charges",
                f"{_estimate(scaled['einstein_helfand_s_m'])} S/m (Nernst-Einstein "
                f"{_estimate(scaled['nernst_einstein_s_m'])})",
            )
        )
    return told


def _residence(stay: Mapping[str, Any]) -> str:
    status = "" if stay.get("status") == "ok" else f" ({stay.get('status')})"
    value, low, high = stay.get("value"), stay.get("low"), stay.get("high")
    if value is None:
        bound = f"more than {number(low)} ps" if low is not None else "-"
        return f"{bound}{status}"
    return f"{measured(value, low, high)} ps{status}"


def _estimate(found: Mapping[str, float]) -> str:
    return measured(found["value"], found["low"], found["high"])


def _known(value: float | None, half: Any, *, within: tuple[float, float] | None = None) -> str:
    """Return a value with its interval from a half-width or from both ends."""
    if value is None or half is None:
        return measured(value, None, None)
    if isinstance(half, Sequence):
        low, high = float(half[0]), float(half[1])
    else:
        low, high = value - float(half), value + float(half)
    if within is not None:
        low, high = max(low, within[0]), min(high, within[1])
    return measured(value, low, high)
