"""The ladder of levels: which of two levels of theory is the better one."""

from __future__ import annotations

from typing import Final

LADDER: Final[tuple[str, ...]] = ("screen", "standard-lcao", "standard", "reference")


def rung(level: str) -> int:
    """Return the place of a level on the ladder; -1 for named alternatives."""
    return LADDER.index(level) if level in LADDER else -1


def is_potential(level: str) -> bool:
    """Tell whether a level is one of Potash's own potentials, which know no electrons."""
    return level == "screen" or level.startswith("screen-")


def is_dft(level: str) -> bool:
    """Tell whether a level is one of DFT: above screening."""
    return rung(level) > rung("screen")
