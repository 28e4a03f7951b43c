"""Calculators that do what no Python code can stop: for tests of limits and of crashes."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.lj import LennardJones

LJ: dict[str, float] = {"sigma": 4.2, "epsilon": 0.1, "rc": 12.0}
"""Roughly potassium: its bcc crystal has a minimum between 4.9 and 5.8 angstrom."""


class _Hard(Calculator):
    """Does something on its way to an energy."""

    implemented_properties = ("energy", "forces", "stress")

    def calculate(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError


class Loops(_Hard):
    """Stays in C code and keeps the interpreter's lock: a regular expression without end."""

    def calculate(self, *_: Any, **__: Any) -> None:
        re.match(r"(a+)+$", "a" * 64 + "b")


class Allocates(_Hard):
    """Takes memory from C code, 50 MB at a time, and touches it."""

    def calculate(self, *_: Any, **__: Any) -> None:
        libc = ctypes.CDLL(None)
        libc.malloc.restype = ctypes.c_void_p
        size = 50_000_000
        for _n in range(100):
            ctypes.memset(libc.malloc(ctypes.c_size_t(size)), 1, size)
            time.sleep(0.05)


class ChildAllocates(_Hard):
    """Lets a program that it starts take the memory."""

    def calculate(self, *_: Any, **__: Any) -> None:
        code = "x = bytearray(600_000_000); import time; time.sleep(600)"
        subprocess.run(["python3", "-c", code], check=True)


class Dies(LennardJones):  # type: ignore[misc]
    """Is killed as often as the file of the environment variable says."""

    def calculate(
        self, atoms: Any = None, properties: Any = None, system_changes: Any = all_changes
    ) -> None:
        file = Path(os.environ["POTASH_TEST_DEATHS"])
        left = int(file.read_text())
        if left:
            file.write_text(str(left - 1))
            os.kill(os.getpid(), signal.SIGKILL)
        super().calculate(atoms, properties or ["energy"], system_changes)


def loops() -> Calculator:
    return Loops()


def allocates() -> Calculator:
    return Allocates()


def child_allocates() -> Calculator:
    return ChildAllocates()


def dies() -> Calculator:
    return Dies(**LJ)
