"""Waiting for a database that does not answer, such as one that is started again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from potash.errors import StoreAwayError

T = TypeVar("T")

PATIENCE_S = 300.0
"""How long a computed row is held until the database takes it."""

_PAUSE_S = (0.2, 5.0)


def patiently(
    action: Callable[[], T],
    *,
    before_again: Callable[[], object] = lambda: None,
    patience_s: float = PATIENCE_S,
) -> T:
    """Do something with a store, again while its database cannot be reached; return the result.

    Parameters
    ----------
    action
        What to do; it must do no harm when it is done twice.
    before_again
        Done before each further try, to undo a try of which only the answer was lost.
    patience_s
        How long to try.

    Raises
    ------
    StoreAwayError
        If the database does not come back.
    """
    end = time.monotonic() + patience_s
    pause, longest = _PAUSE_S
    undo: Callable[[], object] = lambda: None  # noqa: E731 - nothing to undo the first time
    while True:
        try:
            undo()
            return action()
        except StoreAwayError:
            if time.monotonic() > end:
                raise
        undo = before_again
        time.sleep(pause)
        pause = min(2 * pause, longest)
