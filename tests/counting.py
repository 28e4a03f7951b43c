"""Work counted instead of timed: the same number on every machine, however busy."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import event

from potash.store import Store


def calls(function: Callable[[], object]) -> int:
    """Return how many calls of Python and built-in functions are made.

    Examples
    --------
    >>> calls(lambda: [abs(k) for k in range(100)]) >= 100
    True
    """
    profile = cProfile.Profile()
    profile.runcall(function)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """Yield the SQL statements that a store executes inside."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield seen
    event.remove(store.engine, "before_cursor_execute", note)
