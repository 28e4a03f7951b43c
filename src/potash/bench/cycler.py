"""Cycler files in the Battery Data Format (BDF): coulombic efficiency, life, overpotential."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

from pydantic import ValidationError
from scipy.special import stdtrit

from potash.bench.results_files import Line
from potash.errors import InputError
from potash.results.measurement import MeasurementInputs
from potash.results.model import first_of

_NAMES: Mapping[str, tuple[str, str, Mapping[str, float]]] = {
    "time": ("Test Time", "test_time_second", {"s": 1.0, "ms": 1e-3, "min": 60.0, "h": 3600.0}),
    "voltage": ("Voltage", "voltage_volt", {"V": 1.0, "mV": 1e-3}),
    "current": ("Current", "current_ampere", {"A": 1.0, "mA": 1e-3, "uA": 1e-6, "µA": 1e-6}),
    "cycle": ("Cycle Count", "cycle_count", {"1": 1.0}),
}
"""Column to its label and its machine-readable name in BDF, and the units that a label may name."""
SYMMETRIC = "symmetric"
"""Protocol of cells that have no coulombic efficiency."""
LEAST_CYCLES = 2
FIRST_CYCLES = 1
"""Cycles at the beginning that do not count: there the surface forms."""
REFERENCE_CYCLES = 3
"""Cycles after those whose median voltage is what a symmetric cell is compared with."""
DEAD_BELOW = 0.8
"""A half cell is at its end in the first cycle of a smaller coulombic efficiency."""
VOLTAGE_FACTOR = 2.0
"""A symmetric cell is at its end in the first cycle whose median voltage is larger by this factor
(polarised), or smaller by it (short-circuited)."""


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
    cycles
        Every cycle that counts: its beginning since that of the test (h), its median absolute
        voltage under current (V), its efficiency.
    """

    coulombic_efficiency: tuple[float, ...]
    overpotential_mv: float
    hours: float
    cycles: tuple[tuple[float, float, float], ...] = ()

    def life_h(self, *, symmetric: bool) -> tuple[float | None, str]:
        """Return when the cell came to its end, and how; None: it did not within the test.

        Parameters
        ----------
        symmetric
            Whether to judge by the voltage instead of the efficiency.
        """
        reference = [voltage for _, voltage, _ in self.cycles[:REFERENCE_CYCLES]]
        usual = sorted(reference)[len(reference) // 2] if reference else math.nan
        for begun, voltage, efficiency in self.cycles:
            if not symmetric and efficiency < DEAD_BELOW:
                return begun, f"coulombic efficiency {efficiency:.2f}"
            if symmetric and voltage > VOLTAGE_FACTOR * usual:
                return begun, f"polarised, {voltage / usual:.1f} times the voltage"
            if symmetric and voltage < usual / VOLTAGE_FACTOR:
                return begun, f"short circuit, {voltage / usual:.2f} of the voltage"
        return None, f"no end within {self.hours:.1f} h"

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
    has none), the overpotential, and the life where the cell came to its end.

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
    life, end = found.life_h(symmetric=protocol == SYMMETRIC)
    note = f"{path.name}: {len(found.coulombic_efficiency)} cycles, {found.hours:.1f} h; {end}"
    values: list[tuple[str, float, float | None]] = [
        ("overpotential_mv", found.overpotential_mv, None)
    ]
    if protocol != SYMMETRIC:
        values.insert(0, ("coulombic_efficiency", mean, half_width))
    if life is not None:
        values.append(("life_h", life, None))
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
    columns: dict[str, tuple[int, float]] = {}
    for name, (label, _, units) in _NAMES.items():
        found = _column(heads, name)
        if found is None:
            wanted = " or ".join(f"'{label} / {unit}'" for unit in units)
            raise InputError(f"has no column {wanted}", source=str(path))
        columns[name] = found
    points = [
        _point(number, row, columns, path) for number, row in enumerate(rows[1:], start=2) if row
    ]
    for number, (before, after) in enumerate(pairwise(points), start=3):
        if after[0] < before[0]:
            raise InputError("time runs backwards", source=str(path), field=f"line {number}")
    return _evaluated(points, path)


Point = tuple[float, float, float, float]


def _column(heads: Sequence[str], name: str) -> tuple[int, float] | None:
    """Return where a column is, and the factor that brings its unit to that of BDF."""
    label, machine, units = _NAMES[name]
    for k, head in enumerate(heads):
        text, _, unit = head.strip().partition(" / ")
        if text.lower() == machine and not unit:
            return k, 1.0
        if text.lower() == label.lower() and unit.strip() in units:
            return k, units[unit.strip()]
    return None


def _point(
    number: int, row: Sequence[str], columns: Mapping[str, tuple[int, float]], path: Path
) -> Point:
    values = []
    for name, (k, factor) in columns.items():
        text = row[k] if k < len(row) else ""
        try:
            value = float(text) * factor
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
        raise InputError("no current flows", source=str(path), field="Current")
    plating = math.copysign(1.0, flowing[0][2])
    charges: dict[float, list[float]] = {}
    for before, after in pairwise(points):
        if before[3] == after[3]:
            charge = (before[2] + after[2]) / 2 * (after[0] - before[0]) * plating
            plated, stripped = charges.setdefault(before[3], [0.0, 0.0])
            charges[before[3]] = [plated + max(charge, 0.0), stripped + max(-charge, 0.0)]
    counted = sorted(charges.items())[FIRST_CYCLES:]
    whole = [(n, b / a) for n, (a, b) in counted if a > 0 and b > 0]
    if not whole:
        raise InputError(
            f"no whole cycle after the first {FIRST_CYCLES}", source=str(path), field="Cycle Count"
        )
    began: dict[float, float] = {}
    voltages: dict[float, list[float]] = {}
    for time, voltage, current, cycle in points:
        began.setdefault(cycle, time)
        if current != 0:
            voltages.setdefault(cycle, []).append(abs(voltage))
    start = points[0][0]
    cycles = tuple(
        ((began[n] - start) / 3600, median(voltages[n]), efficiency) for n, efficiency in whole
    )
    overall = median(abs(p[1]) for p in flowing)
    hours = (points[-1][0] - start) / 3600
    return Cycling(tuple(e for _, e in whole), 1e3 * overall, hours, cycles)
