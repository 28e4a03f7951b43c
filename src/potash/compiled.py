"""Functions compiled with numba, kept on disk between processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile ``function`` with numba, cached where any cache folder can be written.

    The code is kept next to the source, else in the user's cache folder, so that a fresh
    process does not compile again. The cache notices changes of a function's own file only:
    after editing a function that others call, delete the ``*.nbi`` files of those that call it.
    """
    try:
        return numba.njit(cache=True, nogil=True)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # installed read-only and no user cache folder either
        return numba.njit(nogil=True)(function)  # type: ignore[no-any-return]
