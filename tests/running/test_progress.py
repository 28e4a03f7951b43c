"""Live progress: what the store knows, per stage."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from potash.running.progress import Watch
from potash.running.schedule import Stage
from potash.store import Store
from tests.running.test_schedule import put
from tests.synthetic_calculations import calculation


def test_counts_come_from_the_store(tmp_path: Path) -> None:
    store, text = Store(tmp_path / "s.sqlite"), io.StringIO()
    members = tuple(calculation(n) for n in range(4))
    put(store, members[0])
    store.claim(members[1].key, "somebody")
    store.beat(members[1].key, "somebody", progress=0.5, note="NPT")
    console = Console(file=text, force_terminal=True, width=140)
    with Watch([Stage("molecules", members)], store, 2, console):
        put(store, members[2], "failed")
    shown = text.getvalue()
    assert "2/4 done, 1 failed, 1 running (m1: NPT)" in shown
    assert "left" in shown
