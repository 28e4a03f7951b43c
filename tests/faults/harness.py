"""A real campaign to be hurt, what is left of it, and the books afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from potash.store import Store
from tests.faults import table

SMILES = (
    "CO", "CCO", "COC", "CCOC", "CC#N", "CCC", "CF", "CCF", "C1CCOC1", "COCOC", "O=C=O", "CS",
    "CN", "CCN", "C=O", "CC=O", "CC", "C=C", "C#C", "C#N", "CCl", "CCCl", "FCF", "FC(F)F", "CSC",
    "CNC", "CN(C)C", "C=CC", "CC#C", "C1CC1", "C1CO1", "C1CCC1", "C1CCO1", "OCO", "OCCO", "NC=O",
    "OC=O", "COC=O", "CC(=O)C", "CC(=O)O", "C=CO", "C=CF", "CCC#N", "FCCF", "NCCO", "SCS", "COO",
    "CCS", "CCCO", "CC(C)O", "CCCN", "CC(C)C", "CCCC", "C=C=C", "C=CC=C", "CCCF", "CC(F)F",
    "O=CC=O", "CON", "NN", "OO", "CNN",
)  # fmt: skip
SHORT = 30
"""Items of a campaign: enough that it is not over when a fault comes."""
MARK = "POTASH_TEST_RUN"
"""Environment variable that every process of a run inherits."""


def make_campaign(folder: Path, n_items: int = SHORT) -> Path:
    """Write a campaign of small molecules of one's own; return its file."""
    (folder / "mine").mkdir(parents=True)
    n_items = min(n_items, len(SMILES))
    entries = [
        f"  - {{id: own_{n}, name: own {n}, smiles: '{s}', roles: [solvent]}}"
        for n, s in enumerate(SMILES[:n_items])
    ]
    (folder / "mine" / "species.yaml").write_text("species:\n" + "\n".join(entries) + "\n")
    items = ", ".join(f"own_{n}" for n in range(n_items))
    file = folder / "hurt.yaml"
    file.write_text(f"name: hurt\ncatalog: mine\nmolecules: {{items: [{items}]}}\n")
    return file


def items_of(folder: Path) -> int:
    """Return how many rows a folder's campaign asks for."""
    return (folder / "mine" / "species.yaml").read_text().count("smiles:")


@dataclass
class Run:
    """A run on its way."""

    folder: Path
    process: subprocess.Popen[str]
    mark: str
    store: str

    @classmethod
    def start(
        cls,
        folder: Path,
        *options: str,
        store: str | None = None,
        before: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Run:
        """Start ``potash run`` on a folder's campaign, ``before`` it a command that runs it."""
        mark = uuid.uuid4().hex
        where = store or str(folder / "results" / "store.sqlite")
        with (folder / f"{mark}.err").open("w") as errors:
            process = subprocess.Popen(
                [
                    *(*before, sys.executable, "-m", "potash", "run", "hurt.yaml", "--json"),
                    *("--workers", "2", "--store", where, *options),
                ],
                cwd=folder,
                env=os.environ | {MARK: mark} | (environment or {}),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        return cls(folder, process, mark, where)

    def processes(self, words: str = "") -> list[int]:
        """Return the living processes of this run, those with certain words in their command."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                marked = f"{MARK}={self.mark}".encode() in (entry / "environ").read_bytes()
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
            except OSError:
                continue
            if marked and state != "Z" and words in command:
                found.append(int(entry.name))
        return found

    def errors(self) -> str:
        """Return what it said on standard error."""
        return (self.folder / f"{self.mark}.err").read_text()

    def wait_for(self, condition: Callable[[], object], within_s: float = 580.0) -> None:
        """Wait until something holds; fail where the run ends before."""
        end = time.monotonic() + within_s
        while not condition():
            assert self.process.poll() is None, self.errors()
            assert time.monotonic() < end, "it takes too long"
            time.sleep(0.05)

    def rows(self) -> int:
        """Return how many rows there are by now."""
        file = Path(self.store)
        if "://" not in self.store and not file.is_file():
            return 0
        return len(finished(self.store))

    def end(self, within_s: float = 580.0) -> float:
        """Wait for the end of the driver; return the seconds that it took."""
        begun = time.monotonic()
        self.process.wait(within_s)
        return time.monotonic() - begun

    def left(self, within_s: float = 10.0) -> list[str]:
        """Return the commands that still live after a time, and kill them."""
        end = time.monotonic() + within_s
        while (pids := self.processes()) and time.monotonic() < end:
            time.sleep(0.1)
        commands = []
        for pid in pids:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            commands.append(f"{pid}: {command}")
            os.kill(pid, signal.SIGKILL)
        return commands


def finished(store: str) -> dict[str, int]:
    """Return how often each key was finished."""
    opened = Store(store)
    try:
        return dict(opened.events("finished"))
    finally:
        opened.close()


@dataclass
class Books:
    """What a fault cost, from the rows before and after."""

    fault: str
    times: int = 0
    lost: int = 0
    recomputed: int = 0
    processes_left: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def stopped(self, seconds: float, left: list[str]) -> None:
        """Write down one fault."""
        self.times += 1
        self.seconds.append(seconds)
        self.processes_left += left

    def check(self, folder: Path, store: str | None = None) -> dict[str, Any]:
        """Let the campaign go on to its end, and fail where anything was lost or done twice."""
        where = store or str(folder / "results" / "store.sqlite")
        before = finished(where) if store or Path(where).is_file() else {}
        run = Run.start(folder, store=store)
        out, _ = run.process.communicate(timeout=580)
        assert run.process.returncode == 0, run.errors()
        self.processes_left += run.left()
        summary: dict[str, Any] = json.loads(out)
        after = finished(where)
        opened = Store(where)
        keys = {row.key for row in opened.rows() if row.status == "ok"}
        leases = opened.leases()
        opened.close()
        asked = items_of(folder)
        self.lost += len(before.keys() - keys) + (asked - len(keys))
        self.recomputed += sum(n - 1 for n in after.values())
        table.record(self)
        assert summary["statuses"] == {"ok": asked}
        assert leases == []
        assert (self.lost, self.recomputed, self.processes_left) == (0, 0, [])
        return summary
