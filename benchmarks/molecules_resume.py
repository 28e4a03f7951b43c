"""Kill a screening run with -9 in the middle, start it again, and check that nothing is lost.

Usage: python benchmarks/molecules_resume.py FOLDER [N [PROCESSES]]

Writes N enumerated solvents (1,000 by default), screens them, kills the whole process group
as soon as a third is in the store, and starts again. Passes if every row that was finished
before the kill is still the very same row (same start time), and every molecule has a row.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from molecules_throughput import enumerated

from potash.store import Store


def finished(folder: Path) -> dict[str, str]:
    """Return key to start time of the rows in the store."""
    path = folder / "rows.sqlite"
    return {r.key: r.started for r in Store(path).rows()} if path.exists() else {}


def main() -> int:
    """Run, kill, resume, compare; return 0 if nothing was lost."""
    folder = Path(sys.argv[1])
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    processes = sys.argv[3] if len(sys.argv) > 3 else "2"
    folder.mkdir(parents=True, exist_ok=True)
    if finished(folder):
        print(f"{folder} holds rows of an earlier run; give an empty folder", file=sys.stderr)
        return 2
    library = folder / "library.smi"
    library.write_text("\n".join(enumerated(n)) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "potash", "screen", str(library)]
    command += ["--output", str(folder), "--processes", processes]
    first = subprocess.Popen(command, start_new_session=True)
    while first.poll() is None and len(finished(folder)) < n // 3:
        time.sleep(0.5)
    if first.poll() is not None:
        print("the run ended before it could be killed", file=sys.stderr)
        return 1
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    before = finished(folder)
    print(f"killed after {len(before)} of {n} rows")
    subprocess.run(command, check=False)
    after = finished(folder)
    kept = sum(after.get(key) == started for key, started in before.items())
    print(f"{kept} of {len(before)} rows untouched, {len(after)} of {n} molecules have a row")
    return 0 if kept == len(before) and len(after) == n else 1


if __name__ == "__main__":
    raise SystemExit(main())
