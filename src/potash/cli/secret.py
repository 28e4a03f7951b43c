"""Keeping a store's password out of the list of processes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from potash.store.default import password_of, without_password


def hide_passwords() -> None:
    """Start this program again without the password that its command line shows to everybody.

    The list of processes shows the arguments of every program to all users of a machine. The
    password goes on in ``PGPASSWORD``, which only the same user can read.
    """
    shown = _shown_arguments()
    secret = [password_of(argument) for argument in shown if "://" in argument]
    found = next((password for password in secret if password), None)
    if found is None:
        return
    os.environ["PGPASSWORD"] = found
    hidden = [without_password(a) if "://" in a else a for a in shown]
    sys.stdout.flush()
    os.execv(sys.executable, hidden)


def _shown_arguments() -> list[str]:
    """Return the arguments of this process as the system shows them; none where it does not."""
    try:
        raw = Path("/proc/self/cmdline").read_bytes()
    except OSError:
        return []
    return [os.fsdecode(part) for part in raw.split(b"\0")[:-1]]
