"""What a run stands on goes away or changes: the database, the clock, the name of loopback."""

from __future__ import annotations

import os
import random
import subprocess
import time
from pathlib import Path

import pytest

from tests.faults.harness import Books, Run, items_of, make_campaign
from tests.faults.postgres import cluster
from tests.faults.test_faults import asked_for

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3000)]


def test_database_restarted(tmp_path: Path, few: int) -> None:
    """A run waits for a database that is started again, after a crash too, and goes on."""
    fault = "PostgreSQL stopped (as by a crash) and started"
    left = asked_for(fault, few)
    make_campaign(tmp_path, 16 + 3 * left)
    books = Books(fault)
    with cluster() as server:
        run = Run.start(tmp_path, store=server.url)
        for n in range(left):
            run.wait_for(lambda: run.processes("running.worker"))
            run.wait_for(lambda n=n: run.rows() > 2 * n)
            time.sleep(random.random())
            server.stop("immediate" if n % 2 == 0 else "fast")
            time.sleep(3.0 * random.random())
            server.start()
            books.stopped(0.0, [])
        books.seconds.append(run.end())
        assert run.process.returncode == 0, run.errors()
        assert "Traceback" not in run.errors()
        books.processes_left += run.left()
        assert books.check(tmp_path, store=server.url)["computed"] == 0


PATCHED_CLOCK = """
import os, time
_real, _file = time.time, os.environ["POTASH_TEST_CLOCK"]
def _jumped():
    with open(_file) as opened:
        return _real() + float(opened.read() or 0.0)
time.time = _jumped
time.time_ns = lambda: int(_jumped() * 1e9)
"""


def test_clock_jumps(tmp_path: Path, few: int) -> None:
    """The clock of every process of a run jumps forwards and backwards, by hours and days."""
    fault = "clock jumps by hours and days, both ways"
    left = asked_for(fault, few)
    make_campaign(tmp_path, 16 + 3 * left)
    (tmp_path / "patched").mkdir()
    (tmp_path / "patched" / "sitecustomize.py").write_text(PATCHED_CLOCK)
    offset = tmp_path / "offset"
    offset.write_text("0")
    paths = os.pathsep.join(filter(None, (str(tmp_path / "patched"), os.environ.get("PYTHONPATH"))))
    books = Books(fault)
    run = Run.start(tmp_path, environment={"PYTHONPATH": paths, "POTASH_TEST_CLOCK": str(offset)})
    for n, jump in zip(range(left), (7200, -86400, 3 * 86400, -3600, 0, 1e7, -1e7), strict=False):
        run.wait_for(lambda n=n: run.rows() > 2 * n)
        (tmp_path / "new").write_text(str(jump))
        (tmp_path / "new").replace(offset)
        books.stopped(0.0, [])
    books.seconds.append(run.end())
    assert run.process.returncode == 0, run.errors()
    assert "Traceback" not in run.errors()
    books.processes_left += run.left()
    assert books.check(tmp_path)["computed"] == 0


def test_no_name_of_loopback(folder: Path, few: int) -> None:
    """Where 'localhost' is not known (an empty /etc/hosts, no name server) a run works."""
    (folder / "hosts").write_text("")
    (folder / "resolv").write_text("nameserver 127.0.0.1\n")
    inside = (
        f"mount --bind {folder}/hosts /etc/hosts && "
        f'mount --bind {folder}/resolv /etc/resolv.conf && exec "$@"'
    )
    before = ("unshare", "--mount", "sh", "-c", inside, "sh")
    if subprocess.run([*before, "true"], capture_output=True, check=False).returncode:
        pytest.skip("namespaces of mounts need root")
    fault = "no name resolution of loopback"
    books = Books(fault)
    for n in range(asked_for(fault, few)):
        run = Run.start(folder, *(() if n % 2 == 0 else ("--runner", "dask")), before=before)
        seconds = run.end()
        assert run.process.returncode == 0, run.errors()
        assert "Traceback" not in run.errors()
        books.stopped(seconds, run.left())
        assert run.rows() == items_of(folder)
    books.check(folder)
