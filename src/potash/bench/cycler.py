"""Cycler files in the Battery Data Format (BDF): coulombic efficiency and overpotential."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pydantic import ValidationError
from scipy.special import stdtrit

from potash.bench.results_files import Line
from potash.errors import InputError
from potash.results.measurement import MeasurementInputs
from potash.results.model import first_of

_NAMES: Mapping[str, tuple[str, str]] = {
    "time": ("Test Time / s", "test_time_second"),
    "voltage": ("Voltage / V", "voltage_volt"),
    "current": ("Current / A", "current_ampere"),
    "cycle": ("Cycle Count / 1", "cycle_count"),
}
"""Column to its label and its machine-readable name in BDF."""
SYMMETRIC = "symmetric"
"""Protocol of cells that have no coulombic efficiency."""
LEAST_CYCLES = 2
FIRST_CYCLES = 1
"""Cycles at the beginning that do not count: there the surface forms."""


@dataclass(frozen=True)
class Cycling:
    """What a cycler file says of a half cell or a symmetric cell.

    Attributes
    ----------
    coulombic_efficiency
        Of each whole cycle but the first: charge that came back / charge that was plated. The
        direction of the cell's first current is plating.
    overpotential_mv
        Median of the absolute voltage while current flows, mV.
    hours
        Length of the test.
    """

    coulombic_efficiency: tuple[float, ...]
    overpotential_mv: float
    hours: float

    def efficiency(self) -> tuple[float, float | None]:
        """Return the mean efficiency and the half-width of its 95 % interval over cycles.

        None where there are fewer than :data:`LEAST_CYCLES`.
        """
        values = self.coulombic_efficiency
        n = len(values)
        mean = math.fsum(values) / n
        if n < LEAST_CYCLES:
            return mean, None
        sd = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1))
        return mean, float(stdtrit(n - 1, 0.975)) * sd / math.sqrt(n)


def cycler_lines(
    path: Path, *, candidate: str, protocol: str, replicate: str, by: str
) -> tuple[Line, ...]:
    """Return what a cycler file measured, as lines of a results file.

    The coulombic efficiency with its interval over the cycles (not of a symmetric cell, which
    has none), and the overpotential.

    Parameters
    ----------
    path
        BDF, as CSV.
    candidate, protocol, replicate, by
        What the file itself does not say.

    Raises
    ------
    InputError
        As :func:`read_bdf`, or if one of them is empty.
    """
    for option, text in (
        ("--candidate", candidate), ("--protocol", protocol), ("--replicate", replicate),
        ("--by", by),
    ):  # fmt: skip
        if not text:
            raise InputError("a cycler file does not say it: name it", source=option)
    found = read_bdf(path)
    mean, half_width = found.efficiency()
    note = f"{path.name}: {len(found.coulombic_efficiency)} cycles, {found.hours:.1f} h"
    values: list[tuple[str, float, float | None]] = [
        ("overpotential_mv", found.overpotential_mv, None)
    ]
    if protocol != SYMMETRIC:
        values.insert(0, ("coulombic_efficiency", mean, half_width))
    try:
        return tuple(
            Line(
                number,
                MeasurementInputs(
                    candidate=candidate,
                    quantity=quantity,
                    value=value,
                    uncertainty=uncertainty,
                    protocol=protocol,
                    replicate=replicate,
                    source=by,
                ),
                note,
            )
            for number, (quantity, value, uncertainty) in enumerate(values, start=1)
        )
    except ValidationError as error:
        message = first_of(error)[1].removeprefix("Value error, ").split(", not {")[0]
        raise InputError(message, source=str(path)) from None


def is_bdf(path: Path) -> bool:
    """Return whether a file's first line has the columns that BDF requires."""
    try:
        with path.open(encoding="utf-8-sig") as handle:
            heads = next(csv.reader(handle), [])
    except (OSError, UnicodeDecodeError, csv.Error):
        return False
    return all(_column(heads, name) is not None for name in ("time", "voltage", "current"))


def read_bdf(path: Path) -> Cycling:
    """Read a BDF file (CSV) of a half cell or symmetric cell and evaluate it.

    Charge is integrated by the trapezoidal rule between points of one cycle.

    Raises
    ------
    InputError
        If a column is missing, a cell is no number, time runs backwards, or no cycle is whole.
    """
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot be read: {error}", source=str(path)) from None
    heads = rows[0] if rows else []
    columns: dict[str, int] = {}
    for name, labels in _NAMES.items():
        found = _column(heads, name)
        if found is None:
            raise InputError(f"has no column {labels[0]!r}", source=str(path))
        columns[name] = found
    points = [
        _point(number, row, columns, path) for number, row in enumerate(rows[1:], start=2) if row
    ]
    for number, (before, after) in enumerate(pairwise(points), start=3):
        if after[0] < before[0]:
            raise InputError("time runs backwards", source=str(path), field=f"line {number}")
    return _evaluated(points, path)


Point = tuple[float, float, float, float]


def _column(heads: Sequence[str], name: str) -> int | None:
    wanted = {label.lower() for label in _NAMES[name]}
    return next((k for k, head in enumerate(heads) if head.strip().lower() in wanted), None)


def _point(number: int, row: Sequence[str], columns: Mapping[str, int], path: Path) -> Point:
    values = []
    for name, k in columns.items():
        text = row[k] if k < len(row) else ""
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            field = f"line {number}, {_NAMES[name][0]}"
            raise InputError(f"{text!r} is not a number", source=str(path), field=field)
        values.append(value)
    time, voltage, current, cycle = values
    return time, voltage, current, cycle


def _evaluated(points: Sequence[Point], path: Path) -> Cycling:
    flowing = [p for p in points if p[2] != 0]
    if not flowing:
        raise InputError("no current flows", source=str(path), field="Current / A")
    plating = math.copysign(1.0, flowing[0][2])
    charges: dict[float, list[float]] = {}
    for before, after in pairwise(points):
        if before[3] == after[3]:
            charge = (before[2] + after[2]) / 2 * (after[0] - before[0]) * plating
            plated, stripped = charges.setdefault(before[3], [0.0, 0.0])
            charges[before[3]] = [plated + max(charge, 0.0), stripped + max(-charge, 0.0)]
    whole = [
        stripped / plated
        for _, (plated, stripped) in sorted(charges.items())[FIRST_CYCLES:]
        if plated > 0 and stripped > 0
    ]
    if not whole:
        raise InputError(
            f"no whole cycle after the first {FIRST_CYCLES}", source=str(path), field="Cycle Count"
        )
    voltages = sorted(abs(p[1]) for p in flowing)
    middle = len(voltages) // 2
    median = (
        voltages[middle] if len(voltages) % 2 else (voltages[middle - 1] + voltages[middle]) / 2
    )
    return Cycling(tuple(whole), 1e3 * median, (points[-1][0] - points[0][0]) / 3600)
