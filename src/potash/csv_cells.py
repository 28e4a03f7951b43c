"""Text cells of CSV files that a spreadsheet does not take for formulas.

A cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return is run as a
formula by spreadsheets (https://owasp.org/www-community/attacks/CSV_Injection). An
apostrophe in front makes it text there, and is taken away when Potash reads the file.
"""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def inert(text: str) -> str:
    """Return text as it is written into a cell.

    >>> inert("=1+1"), inert("KFSI"), inert("'=x")
    ("'=1+1", 'KFSI', "''=x")
    """
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA) else text


def read_inert(cell: str) -> str:
    """Return the text that :func:`inert` wrote.

    >>> read_inert("'=1+1"), read_inert("KFSI"), read_inert("''=x"), read_inert("'n")
    ('=1+1', 'KFSI', "'=x", "'n")
    """
    quoted = cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA)
    return cell[1:] if quoted else cell
