"""What is seen while something is computed: bars on standard error, nothing on standard output."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

from potash.cli.common import messages


@contextlib.contextmanager
def progress_bars() -> Iterator[Callable[[str, float, str], None]]:
    """Yield a function that moves a bar per item, on standard error."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[note]}", markup=False),
    )
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=messages,
        transient=True,
        disable=not messages.is_terminal,
    ) as progress:
        bars: dict[str, Any] = {}

        def report(item: str, fraction: float, note: str) -> None:
            if item not in bars:
                bars[item] = progress.add_task(item, total=1.0, note="")
            progress.update(bars[item], completed=fraction, note=note)

        yield report


@contextlib.contextmanager
def prints_to_stderr() -> Iterator[None]:
    """Send what libraries print to standard error, whether they print from Python or below it.

    Standard output is for results: with ``--json`` one stray line of an engine would spoil it.
    """
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        # What C code has printed may still be in its buffer, and would come out later.
        ctypes.CDLL(None).fflush(None)
        os.dup2(kept, 1)
        os.close(kept)
