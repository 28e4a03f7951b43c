"""How long one calculation may take and how much memory, by kind."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DAY_S = 86_400.0
GB = 1_000_000_000
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Limit:
    """What one calculation may use.

    Attributes
    ----------
    seconds
        Wall-clock time.
    memory_gb
        Resident memory of its process and of the programs that it starts, in 10^9 bytes;
        None for as much as there is.
    """

    seconds: float = DAY_S
    memory_gb: float | None = None


@dataclass(frozen=True)
class Limits:
    """Limits of a run.

    Attributes
    ----------
    default
        Of a kind that is not named.
    kinds
        Of the kinds that are.
    """

    default: Limit = Limit()
    kinds: Mapping[str, Limit] = field(default_factory=dict)

    def of(self, kind: str) -> Limit:
        """Return the limit of a kind of calculation."""
        return self.kinds.get(kind, self.default)


def memory_of_tree(pid: int) -> int:
    """Return the resident memory of a process and all below it, in bytes; Linux only."""
    total, left = 0, [pid]
    while left:
        at = left.pop()
        try:
            with open(f"/proc/{at}/statm") as file:
                total += int(file.read().split()[1]) * _PAGE
            for children in Path(f"/proc/{at}/task").glob("*/children"):
                left += [int(child) for child in children.read_text().split()]
        except (OSError, IndexError):
            continue  # it has just ended
    return total
