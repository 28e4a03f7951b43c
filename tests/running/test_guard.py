"""What a process started ends with it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from tests.running.test_sandbox import alive, descendants, gone

CODE = """
import subprocess, sys, time
from potash.running.guard import guard
deaf = "import signal, subprocess, time; [signal.signal(s, signal.SIG_IGN) for s in (1, 2, 15)];"
deaf += "subprocess.Popen(['sleep', '600']); time.sleep(600)"
pids = []
for _ in range(2):
    child = subprocess.Popen([sys.executable, "-c", deaf], start_new_session=True)
    guard.add(child.pid)
    pids.append(child.pid)
kept = subprocess.Popen(["sleep", "600"], start_new_session=True)
guard.add(kept.pid)
guard.remove(kept.pid)
print(*pids, kept.pid, guard._process.pid, flush=True)
time.sleep(600)
"""


def started() -> tuple[subprocess.Popen[str], list[int], int, int]:
    parent = subprocess.Popen([sys.executable, "-c", CODE], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    *children, kept, watcher = map(int, parent.stdout.readline().split())
    while not all(descendants(child) for child in children):
        time.sleep(0.1)
    return parent, [*children, *(d for c in children for d in descendants(c))], kept, watcher


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGSEGV])
def test_groups_end_with_their_parent_however_it_dies(how: signal.Signals) -> None:
    parent, pids, kept, watcher = started()
    assert len(pids) == 4
    parent.send_signal(how)
    parent.wait()
    try:
        assert gone([*pids, watcher])
        assert alive(kept), "what was taken off the list is left alone"
    finally:
        subprocess.run(["kill", "-9", str(kept)], check=True)


def test_a_guard_that_was_killed_is_replaced() -> None:
    code = """
import os, signal, subprocess, time
from potash.running.guard import guard
first = subprocess.Popen(["sleep", "600"], start_new_session=True)
guard.add(first.pid)
os.kill(guard._process.pid, signal.SIGKILL)
guard._process.wait()
second = subprocess.Popen(["sleep", "600"], start_new_session=True)
guard.add(second.pid)
print(first.pid, second.pid, flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pids = list(map(int, parent.stdout.readline().split()))
    assert all(map(alive, pids))
    parent.kill()
    parent.wait()
    assert gone(pids)
