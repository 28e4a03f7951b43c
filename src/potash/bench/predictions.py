"""What was computed of a candidate, and which result would confirm or refute it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from potash.columns import interval_names, simulated_name, unit_of
from potash.quantities import number, with_unit

_STATISTICAL = "the interval is of the sampling only, the force field's own error adds to it"
_RAMAN = "Raman and simulated fractions are not the same quantity: a test of order"


@dataclass(frozen=True)
class Prediction:
    """One number and its test.

    Attributes
    ----------
    name
        What is predicted.
    value
        With its 95 % interval and unit, as text.
    column, number, low, high
        The same as data; None where a bound is not known.
    level
        Level of theory.
    how
        How to measure it.
    confirms, refutes
        Which result would.
    caution
        What limits the comparison, or ''.
    """

    name: str
    value: str
    column: str
    number: float | None
    low: float | None
    high: float | None
    level: str
    how: str
    confirms: str
    refutes: str
    caution: str = ""


_ELECTROLYTE: Mapping[str, tuple[str, str]] = {
    "density_g_ml": ("pycnometer, 25 °C", _STATISTICAL),
    "diffusion_k_m2_s": ("current transient or tracer at 25 °C", _STATISTICAL),
    "per_anion_ssip": ("Raman, anion band", _RAMAN),
    "per_anion_cip": ("Raman, anion band", _RAMAN),
    "per_anion_agg": ("Raman, anion band", _RAMAN),
    "oxidation_limit_v": ("LSV, inert electrode", ""),
    "reduction_limit_v": ("LSV, inert electrode", "an SEI hides the reduction"),
}


def electrolyte_predictions(record: Mapping[str, Any]) -> tuple[Prediction, ...]:
    """Return the predictions of an electrolyte from its ranked record.

    Of what was measured, the simulated value: a measured one is no prediction.
    """
    found = []
    for column, (how, caution) in _ELECTROLYTE.items():
        source = simulated_name(column) if column in record.get("measured", ()) else column
        value = record.get(source)
        if value is None:
            continue
        low, high = (record.get(name) for name in interval_names(source))
        found.append(_within(column, value, low, high, _level(record, column), how, caution))
    return tuple(found)


def _level(record: Mapping[str, Any], column: str) -> str:
    if column.endswith("limit_v"):
        species = record.get(column.replace("_limit_v", "_limited_by_in_solution"))
        return f"redox of {species}" if species else "redox"
    return str(record.get("level") or "")


def _within(
    column: str,
    value: float,
    low: float | None,
    high: float | None,
    level: str,
    how: str,
    caution: str,
) -> Prediction:
    name, unit = unit_of(column)
    if low is None or high is None:
        confirms = refutes = "not decidable: the error of this number is not known"
    else:
        half = unit.scale * (high - low) / 2
        ends = [
            number(x * unit.scale, half_width=half, decimals=unit.decimals) for x in (low, high)
        ]
        confirms = f"{ends[0]} to {ends[1]} {unit.text}".rstrip()
        refutes = "outside it"
    words = f"{name[-4:].strip().upper()} per anion" if name.startswith("per anion") else name
    words = words.replace("diffusion k", "diffusion of K+")
    return Prediction(
        words, with_unit(column, value, low, high), column, value, low, high, level, how,
        confirms, refutes, caution,
    )  # fmt: skip


def host_predictions(record: Mapping[str, Any]) -> tuple[Prediction, ...]:
    """Return the predictions of a host from its ranked record."""
    found = []
    column = "adsorption_energy_ev"
    value = record.get(column)
    if value is not None:
        low, high = (record.get(name) for name in interval_names(column))
        found.append(
            Prediction(
                f"K adsorption energy on {record.get('model')} vs bcc K",
                with_unit(column, value, low, high),
                column,
                value,
                low,
                high,
                str(record.get("level") or ""),
                "nucleation overpotential beside bare Cu, same cell and current (indirect: no "
                "conversion to eV)",
                *_sign(low, high),
            )
        )
    contact = record.get("contact_with_k")
    if contact in ("reacts", "survives"):
        reaction = str(record.get("reacts_with_k") or "no reaction is downhill")
        seen = "product phases are found", "none is found and the host's own lines stay"
        confirms, refutes = seen if contact == "reacts" else (seen[1], seen[0])
        found.append(
            Prediction(
                "contact with K at 0 V",
                f"{contact}: {reaction}",
                "contact_with_k",
                None,
                None,
                None,
                "bulk energies",
                "XRD after holding at 0 V vs K/K+",
                confirms,
                refutes,
            )
        )
    return tuple(found)


def _sign(low: float | None, high: float | None) -> tuple[str, str]:
    """Return what the sign of an adsorption energy lets one expect, and what contradicts it."""
    if low is None or high is None or low <= 0 <= high:
        text = "not decidable: the interval includes 0, that is K on K itself"
        return text, text
    if high < 0:
        return "K spreads: smaller than on bare K or Cu", "larger than on bare Cu, islands of K"
    return "K does not spread: larger than on bare Cu", "smaller than on bare Cu, dense film of K"
