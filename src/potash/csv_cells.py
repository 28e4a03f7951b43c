"""Text cells of CSV files that a spreadsheet does not take for formulas.

A cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return is run as a
formula by spreadsheets (https://owasp.org/www-community/attacks/CSV_Injection). An
apostrophe in front makes it text there, and is taken away when Potash reads the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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


def inert_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with its text as :func:`inert` writes it; numbers stay what they are.

    >>> inert_record({"name": "=1+1", "ip_ev": -1.5})
    {'name': "'=1+1", 'ip_ev': -1.5}
    """
    return {k: inert(v) if isinstance(v, str) else v for k, v in record.items()}
