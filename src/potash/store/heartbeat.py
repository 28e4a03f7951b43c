"""A sign of life beside a running calculation."""

from __future__ import annotations

import contextlib
import threading
import time

from potash.errors import StoreError
from potash.store.store import Store

HEARTBEAT_S = 10.0
_PROGRESS_S = 1.0


class Heartbeat:
    """Keeps a lease alive while its key is computed, and records the progress."""

    def __init__(self, store: Store, key: str, owner: str) -> None:
        self._store, self._key, self._owner = store, key, owner
        self._fraction, self._note, self._written = 0.0, "", 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def progress(self, fraction: float, note: str) -> None:
        """Record how far the calculation has come, at most once a second."""
        self._fraction, self._note = fraction, note
        if time.monotonic() - self._written > _PROGRESS_S:
            self._write()

    def _beat(self) -> None:
        while not self._done.wait(HEARTBEAT_S):
            self._write()

    def _write(self) -> None:
        self._written = time.monotonic()
        # A database that does not answer, or a full disk, must not end what is computed: whether
        # the row can be written will be seen when there is one.
        with contextlib.suppress(StoreError):
            self._store.beat(self._key, self._owner, progress=self._fraction, note=self._note)
