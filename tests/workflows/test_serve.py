"""Campaigns on a schedule: on a real Prefect server, with real calculations."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from potash.store import Store
from potash.store.runs import recent_runs

pytestmark = pytest.mark.server

CAMPAIGN = """
name: small
molecules: {items: [dme, ec], levels: [screen]}
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-u", "-m", "potash", *arguments]


def environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    return kept | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}


def wait_for(what: Any, seconds: float) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(1.0)
    raise AssertionError(f"nothing after {seconds} s")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small.yaml").write_text(CAMPAIGN)
    notes = tmp_path / "note.sh"
    notes.write_text(
        '#!/bin/sh\necho "$POTASH_CAMPAIGN $POTASH_STATE $1" >> "$(dirname "$0")/notes.txt"\n'
    )
    notes.chmod(0o755)
    return tmp_path


@pytest.fixture
def served(folder: Path) -> Iterator[subprocess.Popen[str]]:
    with (folder / "out.txt").open("w") as out:
        process = subprocess.Popen(
            command(
                *("serve", "small.yaml", "--cron", "* * * * *", "--timezone", "UTC"),
                *("--notify", str(folder / "note.sh"), "--workers", "1"),
            ),
            cwd=folder,
            env=environment(),
            stdout=out,
            stderr=out,
            text=True,
            start_new_session=True,
        )
        yield process
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ended(folder: Path) -> list[Any]:
    file = folder / "results" / "store.sqlite"
    if not file.is_file():
        return []
    return [r for r in reversed(recent_runs(Store(file))) if r.state == "done"]


def ui(folder: Path) -> str:
    """Return the address of the server that was told last."""
    lines = (folder / "out.txt").read_text().splitlines()
    told = [line for line in lines if line.startswith("UI: ")]
    return told[-1].removeprefix("UI: ").removesuffix("/deployments")


def api(folder: Path, path: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(
        f"{ui(folder)}/api/{path}",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )

    def answer() -> Any:
        try:
            with urllib.request.urlopen(request, timeout=30) as found:
                return [json.load(found)]
        except urllib.error.HTTPError as error:
            if error.code == 503:  # a busy server asks to come again
                return None
            raise

    return wait_for(answer, 60)[0]


@pytest.mark.timeout(1200)
def test_a_cron_line_fires_twice_and_the_second_run_computes_nothing(
    folder: Path, served: subprocess.Popen[str]
) -> None:
    first, second = wait_for(lambda: len(ended(folder)) >= 2 and ended(folder)[:2], 900)
    assert (first.planned, first.known, first.done, first.failed) == (2, 0, 2, 0)
    assert (second.planned, second.known, second.done) == (2, 2, 0)
    store = Store(folder / "results" / "store.sqlite")
    assert set(store.events("started").values()) == {1}, "nothing is computed twice"

    [deployment] = api(folder, "deployments/filter", {})
    assert deployment["name"] == "small"
    assert set(deployment["tags"]) == {"potash", "small", "molecules"}
    assert deployment["global_concurrency_limit"]["limit"] == 1
    assert deployment["parameters"]["campaign_file"] == str(folder / "small.yaml")
    [schedule] = deployment["schedules"]
    assert schedule["active"]
    assert schedule["schedule"]["cron"] == "* * * * *"
    assert schedule["schedule"]["timezone"] == "UTC"
    done = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
    names = [run["name"] for run in api(folder, "flow_runs/filter", done)]
    assert names
    assert all(name.startswith("small, 20") for name in names)
    tasks = {run["name"] for run in api(folder, "task_runs/filter", {})}
    assert "rank and report" in tasks
    of_molecules = {f"molecules: {name}, screen" for name in ("dme", "ec")}
    assert of_molecules & {name.removesuffix(" and 1 more") for name in tasks}
    artifacts = api(folder, "artifacts/filter", {})
    assert {"small-report", "small-answer"} <= {artifact["key"] for artifact in artifacts}
    tables = [json.loads(a["data"]) for a in artifacts if a["type"] == "table"]
    assert all(len(row) <= 8 for table in tables for row in table)
    logs = [log["message"] for log in api(folder, "logs/filter", {})]
    assert "2 calculations: 2 ok" in logs

    report = folder / "results" / "small" / "report.html"
    assert f"small done {report}" in (folder / "notes.txt").read_text().splitlines()

    told = subprocess.run(
        command("status", "--json"),
        cwd=folder, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    [schedule] = json.loads(told.stdout)["schedules"]
    assert schedule["alive"]
    assert schedule["when"] == "cron * * * * * (UTC)"
    assert schedule["next_run"] is not None

    again = subprocess.run(
        command("serve", "small.yaml", "--every", "20s"),
        cwd=folder, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert again.returncode == 2
    assert "already served" in again.stderr

    served.send_signal(signal.SIGINT)
    assert served.wait(timeout=60) == 0, (folder / "out.txt").read_text()[-2000:]
    told = subprocess.run(
        command("status"), cwd=folder, env=environment(), capture_output=True, text=True, check=True
    )
    assert "No schedule" in told.stdout
    assert "2 rows: 2 ok" in told.stdout
