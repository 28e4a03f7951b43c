"""Tables and paragraphs as lines of text that fit a width, without breaking a word.

A table that is too wide loses its least needed columns, and says so; where even the
needed ones do not fit, each record becomes a short paragraph.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Record = Mapping[str, Any]

_GAP = 2
_LEAST_TEXT = 24
"""A column of sentences is not made narrower than this, if a less needed one can go."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    heading
        For people.
    cell
        Text of a record.
    need
        0: always shown; columns with larger numbers are left out first.
    wraps
        Sentences and lists, which may take several lines; numbers do not.
    """

    heading: str
    cell: Callable[[Record], str]
    need: int = 0
    wraps: bool = False


def plain(name: str, heading: str, *, need: int = 0, wraps: bool = False) -> Column:
    """Return a column that shows one entry of each record as it is."""
    return Column(heading, lambda record: words(record.get(name)), need, wraps)


def words(value: Any) -> str:
    """Return a value as text: a dash for None, lists joined by commas.

    >>> words(["screen", "standard"]), words(None), words(True)
    ('screen, standard', '-', 'yes')
    """
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(words(v) for v in value) or "-"
    return " ".join(str(value).split())


def table_lines(columns: Sequence[Column], records: Sequence[Record], width: int) -> list[str]:
    """Return a table as lines: headings, a rule, and the records.

    Parameters
    ----------
    columns
        In order.
    records
        One per row of the table.
    width
        No line is longer, unless a single word is.
    """
    cells = [[c.cell(r) for c in columns] for r in records]
    # A column in which no record says anything is no use.
    shown = [
        i for i in range(len(columns)) if i == 0 or any(row[i] not in ("", "-") for row in cells)
    ]
    said_nothing = set(range(len(columns))) - set(shown)
    while _least_total(columns, cells, shown) > width:
        droppable = [i for i in shown if columns[i].need > 0]
        if not droppable:
            return _paragraphs(columns, cells, width)
        shown.remove(max(droppable, key=lambda i: (columns[i].need, i)))
    widths = _widths(columns, cells, shown, width)
    lines = _row([columns[i].heading for i in shown], widths)
    lines.append((" " * _GAP).join("-" * w for w in widths))
    for row in cells:
        lines += _row([row[i] for i in shown], widths)
    left_out = [
        c.heading for i, c in enumerate(columns) if i not in shown and i not in said_nothing
    ]
    if left_out:
        note = f"Not shown in {width} columns: {'; '.join(left_out)}. --json has everything."
        lines += paragraph(note, width)
    return [line.rstrip() for line in lines]


def paragraph(text: str, width: int, *, first: str = "", indent: str = "") -> list[str]:
    """Return text wrapped at spaces; a word that is longer than the width is cut.

    Parameters
    ----------
    text
        One paragraph.
    width
        Of the lines, indents included.
    first, indent
        What the first and the other lines start with.
    """
    return textwrap.wrap(
        " ".join(text.split()),
        width=max(width, len(indent) + 1, len(first) + 1),
        initial_indent=first,
        subsequent_indent=indent,
        break_on_hyphens=False,
    ) or [first.rstrip()]


def fields(pairs: Iterable[tuple[str, str]], width: int, *, indent: str = "  ") -> list[str]:
    """Return named values, one under the other, with the names in a column of their own."""
    pairs = list(pairs)
    names = min(max((len(n) for n, _ in pairs), default=0), max(10, width // 3))
    lines = []
    for name, value in pairs:
        if len(name) > names:
            lines += paragraph(name, width, first=indent, indent=indent)
            name = ""
        start = f"{indent}{name:<{names}}  "
        lines += paragraph(value, width, first=start, indent=" " * len(start))
    return lines


def _longest_word(text: str) -> int:
    return max((len(word) for word in text.split()), default=0)


def _least(column: Column, texts: Sequence[str]) -> int:
    """Return the least width of a column."""
    heading = _longest_word(column.heading)
    if not column.wraps:
        return max([heading, *(len(t) for t in texts)])
    natural = max([len(column.heading), *(len(t) for t in texts)])
    return max([heading, min(natural, _LEAST_TEXT), *(_longest_word(t) for t in texts)])


def _least_total(
    columns: Sequence[Column], cells: Sequence[Sequence[str]], shown: Sequence[int]
) -> int:
    least = sum(_least(columns[i], [row[i] for row in cells]) for i in shown)
    return least + _GAP * (len(shown) - 1)


def _widths(
    columns: Sequence[Column], cells: Sequence[Sequence[str]], shown: Sequence[int], width: int
) -> list[int]:
    """Return the width of each column shown: what is spare goes where text would wrap."""
    texts = {i: [row[i] for row in cells] for i in shown}
    widths = {i: _least(columns[i], texts[i]) for i in shown}
    natural = {i: max([len(columns[i].heading), *(len(t) for t in texts[i])]) for i in shown}
    spare = width - _GAP * (len(shown) - 1) - sum(widths.values())
    wanting = sorted((i for i in shown if natural[i] > widths[i]), key=lambda i: natural[i])
    for n, i in enumerate(wanting):
        more = min(natural[i] - widths[i], spare // (len(wanting) - n))
        widths[i] += more
        spare -= more
    return [widths[i] for i in shown]


def _row(texts: Sequence[str], widths: Sequence[int]) -> list[str]:
    wrapped = [paragraph(t, w) for t, w in zip(texts, widths, strict=True)]
    height = max(len(part) for part in wrapped)
    return [
        (" " * _GAP).join(
            (part[i] if i < len(part) else "").ljust(w)
            for part, w in zip(wrapped, widths, strict=True)
        )
        for i in range(height)
    ]


def _paragraphs(columns: Sequence[Column], cells: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return each record as a heading (its first column) and one line per other value."""
    lines: list[str] = []
    for row in cells:
        lines += paragraph(row[0], width)
        rest = zip(columns[1:], row[1:], strict=True)
        lines += fields([(c.heading, t) for c, t in rest if t not in ("", "-")], width)
    return lines
