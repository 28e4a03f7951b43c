"""The ladder of levels: which of two levels of theory is the better one."""

from __future__ import annotations

from typing import Final

LADDER: Final[tuple[str, ...]] = ("screen", "standard-lcao", "standard", "reference")


DFT_LEVELS: Final[tuple[str, ...]] = LADDER[1:]
"""Levels that state an uncertainty of their own."""


def place(level: str) -> int:
    """Return the place of a level on the ladder; -1 for named alternatives."""
    return LADDER.index(level) if level in LADDER else -1
