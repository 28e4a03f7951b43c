"""Who is computing what: owners, and whether they are still alive."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

STALE_AFTER_S = 300.0
"""A lease of another machine without a heartbeat for this long is dead."""


@dataclass(frozen=True)
class Lease:
    """A key that somebody is computing: owner, time of the last sign of life, progress."""

    key: str
    owner: str
    heartbeat: float
    progress: float
    note: str


def this_owner() -> str:
    """Return an owner name that tells whether its process is still alive."""
    return owner_of(os.getpid())


def owner_of(pid: int) -> str:
    """Return the owner name of a process of this machine."""
    return f"{socket.gethostname()}:{pid}:{_process_start(pid)}"


def owner_is_dead(owner: str, heartbeat: float, now: float) -> bool:
    """Tell whether an owner's process is gone, or of another machine and silent for too long."""
    host, pid, start = [*owner.split(":"), "", ""][:3]
    if host == socket.gethostname() and start and pid.isdigit():
        return _process_start(int(pid)) != start
    return now - heartbeat > STALE_AFTER_S


def _process_start(pid: int) -> str:
    """Return the kernel's start time of a process, or '' where it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return text.rsplit(")", 1)[1].split()[19]
