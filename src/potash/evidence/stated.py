"""What a row itself says that its numbers are uncertain by."""

from __future__ import annotations

from collections.abc import Sequence

from potash.store.rows import Row


def stated_half_width(row: Row, column: str, value: float) -> float | None:
    """Return a row's own half-width (about 95 %) of a column; None where it states none.

    Of an interval that is not symmetric about the value the larger side counts.

    Parameters
    ----------
    row
        Any row.
    column
        Name of the column.
    value
        The row's number in it.
    """
    stated = row.uncertainty.get(column)
    if stated is None:
        return None
    if isinstance(stated, Sequence):
        return max(value - float(stated[0]), float(stated[1]) - value)
    return float(stated)
