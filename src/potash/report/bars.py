"""Intervals as bars on one common axis: where value, interval and raw number stand, in percent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """A common scale for the bars of one column."""

    low: float
    high: float

    def percent(self, value: float) -> float:
        """Return the place of a value between 0 and 100; what lies outside goes to the edge."""
        share = (value - self.low) / (self.high - self.low)
        return round(100 * min(max(share, 0.0), 1.0), 2)

    @property
    def zero(self) -> float | None:
        """Place of zero, where the axis contains it."""
        return self.percent(0.0) if self.low < 0 < self.high else None


def axis(values: Iterable[float | None], *, include: float | None = None) -> Axis:
    """Return an axis over the given values with a margin of 4 %.

    Parameters
    ----------
    values
        Numbers to show; None is skipped.
    include
        A further number that the axis has to contain, such as zero.
    """
    numbers = [v for v in values if v is not None]
    if include is not None:
        numbers.append(include)
    if not numbers:
        return Axis(0.0, 1.0)
    low, high = min(numbers), max(numbers)
    margin = 0.04 * (high - low) or 0.5
    return Axis(low - margin, high + margin)


@dataclass(frozen=True)
class Bar:
    """One value on an axis; places in percent of its width.

    ``left`` and ``width`` are None where the interval is not known; ``inner_*``
    is the interval of the value's own model, ``raw`` the uncorrected number.
    """

    place: float
    left: float | None = None
    width: float | None = None
    inner_left: float | None = None
    inner_width: float | None = None
    raw: float | None = None
    zero: float | None = None


def bar(
    scale: Axis,
    value: float | None,
    low: float | None,
    high: float | None,
    *,
    inner: tuple[float | None, float | None] = (None, None),
    raw: float | None = None,
) -> Bar | None:
    """Return the bar of one value, or None where there is no value."""
    if value is None:
        return None
    left, width = _span(scale, low, high)
    inner_left, inner_width = _span(scale, *inner)
    return Bar(
        place=scale.percent(value),
        left=left,
        width=width,
        inner_left=inner_left,
        inner_width=inner_width,
        raw=None if raw is None else scale.percent(raw),
        zero=scale.zero,
    )


def _span(scale: Axis, low: float | None, high: float | None) -> tuple[float | None, float | None]:
    if low is None or high is None:
        return None, None
    left = scale.percent(low)
    return left, round(scale.percent(high) - left, 2)
