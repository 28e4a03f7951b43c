"""Kill a simulation with -9 twice, start it again, and compare with an undisturbed run.

Usage: python benchmarks/liquids_resume.py FOLDER [PRODUCTION_PS]

``potash simulate`` (OpenMM, one thread) is killed once in the middle of the production and
once while its trajectory is analysed. Passes if the row that a third start leaves has the
same values, to the last digit, as that of a run that nothing disturbed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

FORMULATION = "kfsi_dme_1m"
# The state is saved every 5 ps: after two segments, a third is under way.
KILL_AFTER_SEGMENTS = 2


def command(folder: Path, production_ps: str) -> list[str]:
    """Return the command line of the run that keeps everything in a folder."""
    words = [sys.executable, "-m", "potash", "simulate", FORMULATION, "--json"]
    words += ["--equilibration-ps", "10", "--production-ps", production_ps]
    return [*words, "--store", f"sqlite:///{(folder / 'rows.sqlite').resolve()}"]


def kill_when(folder: Path, production_ps: str, ready: Callable[[], bool], what: str) -> None:
    """Start the run and kill its process group as soon as ``ready`` says so.

    Raises
    ------
    SystemExit
        If the run ends before.
    """
    process = subprocess.Popen(
        command(folder, production_ps),
        cwd=folder,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
    )
    while not ready():
        if process.poll() is not None:
            raise SystemExit(f"the run ended before it could be killed {what}")
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    print(f"killed {what}", flush=True)


def finish(folder: Path, production_ps: str) -> dict[str, object]:
    """Run to the end and return the values of the row."""
    folder.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    done = subprocess.run(
        command(folder, production_ps), cwd=folder, stdout=subprocess.PIPE, text=True, check=True
    )
    row = json.loads(done.stdout)
    print(f"{folder.name}: {row['status']} after {time.monotonic() - start:.0f} s", flush=True)
    values: dict[str, object] = row["values"]
    return values


def main() -> int:
    """Kill, resume, compare; return 0 if nothing differs."""
    root = Path(sys.argv[1])
    production_ps = sys.argv[2] if len(sys.argv) > 2 else "20"
    killed = root / "killed"
    killed.mkdir(parents=True, exist_ok=True)
    if (killed / "results").exists():
        print(f"{root} holds an earlier run; give an empty folder", file=sys.stderr)
        return 2
    work = killed / "results" / "work"
    kill_when(
        killed,
        production_ps,
        lambda: len(list(work.glob("*/*/production_[0-9]*.xtc"))) >= KILL_AFTER_SEGMENTS,
        "during the production",
    )
    segments = sorted(path.name for path in work.glob("*/*/production_[0-9]*.xtc"))
    print("on disk:", ", ".join(segments), flush=True)
    kill_when(
        killed,
        production_ps,
        lambda: any(work.glob("*/*/topology.gro")),
        "during the analysis",
    )
    resumed = finish(killed, production_ps)
    undisturbed = finish(root / "undisturbed", production_ps)
    different = sorted(
        name
        for name in resumed.keys() | undisturbed.keys()
        if resumed.get(name) != undisturbed.get(name)
    )
    print(f"{len(undisturbed)} values, {len(different)} differ: {', '.join(different) or 'none'}")
    print(f"SSIP {resumed['per_anion_ssip']}, density {resumed['density_g_ml']} g/mL")
    return 1 if different else 0


if __name__ == "__main__":
    raise SystemExit(main())
