"""The repository's prefect.yaml on a real server with a real worker, and a run that is killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from potash.store import Store
from potash.store.runs import recent_runs
from potash.workflows.temporary_server import TemporaryServer
from tests.workflows.test_serve import environment, wait_for

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[2]
AUTOMATION = "workflows/automations/dead_runs.yaml"
DEPLOYMENT = "potash campaign/quickstart"


class Place:
    """A folder with a copy of what prefect.yaml needs, and a server."""

    def __init__(self, folder: Path, api_url: str) -> None:
        self.folder, self._api = folder, api_url
        self.environment = environment() | {
            "PREFECT_API_URL": api_url,
            "PREFECT_HOME": str(folder / "home"),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        }
        shutil.copy(ROOT / "prefect.yaml", folder)
        shutil.copytree(ROOT / "workflows", folder / "workflows")

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "prefect", "--no-prompt", *arguments]

    def prefect(self, *arguments: str) -> str:
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self._api}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or "null")

    def run(self, campaign: str, text: str) -> str:
        """Ask for a run of the quickstart's deployment with another campaign; return its id."""
        (self.folder / f"{campaign}.yaml").write_text(f"name: {campaign}\n{text}\n")
        self.prefect(
            *("deployment", "run", DEPLOYMENT, "-p", f"campaign_file={campaign}.yaml"),
            *("-p", f"output_dir=results/{campaign}"),
        )
        body = {"sort": "EXPECTED_START_TIME_DESC"}
        runs = self.ask("POST", "flow_runs/filter", body)
        return next(r["id"] for r in runs if r["parameters"]["campaign_file"].startswith(campaign))

    def state(self, run: str) -> str:
        return str(self.ask("GET", f"flow_runs/{run}")["state"]["type"])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    server = TemporaryServer(tmp_path_factory.mktemp("server"), serves=True)
    try:
        assert server.wait()
        yield Place(tmp_path_factory.mktemp("place"), server.url)
    finally:
        server.stop()


@pytest.fixture(scope="module")
def worker(place: Place) -> Iterator[subprocess.Popen[str]]:
    place.prefect("work-pool", "create", "potash", "--type", "process")
    place.prefect("deploy", "--all")
    # As it is, but sooner: two and a half minutes are long for a test.
    automation = place.folder / AUTOMATION
    text = automation.read_text(encoding="utf-8")
    assert "within: 150" in text
    automation.write_text(text.replace("within: 150", "within: 45"), encoding="utf-8")
    place.prefect("automation", "create", "--from-file", str(automation))
    with (place.folder / "worker.log").open("w") as log:
        process = subprocess.Popen(
            place.command("worker", "start", "--pool", "potash", "--limit", "1"),
            # Not the folder of the deployment: runs have to find that by themselves.
            cwd=place.folder.parent, env=place.environment, stdout=log, stderr=log, text=True,
            start_new_session=True,
        )  # fmt: skip
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.timeout(900)
def test_a_worker_runs_what_prefect_yaml_deploys(
    place: Place, worker: subprocess.Popen[str]
) -> None:
    [deployment] = place.ask("POST", "deployments/filter", {})
    assert deployment["tags"] == ["potash", "quickstart"]
    assert deployment["global_concurrency_limit"]["limit"] == 1
    assert deployment["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    [schedule] = deployment["schedules"]
    assert (schedule["active"], schedule["schedule"]["cron"]) == (False, "0 20 * * *")

    run = place.run("one", "molecules: {items: [dme], levels: [screen]}")
    wait_for(lambda: place.state(run) in ("COMPLETED", "FAILED", "CRASHED"), 600)
    assert place.state(run) == "COMPLETED", (place.folder / "worker.log").read_text()[-3000:]
    [row] = Store(place.folder / "results" / "store.sqlite").rows()
    assert (row.item, row.status) == ("dme", "ok")
    assert (place.folder / "results" / "one" / "report.html").is_file()
    assert place.ask("GET", f"flow_runs/{run}")["name"].startswith("one, 20")
    names = {task["name"] for task in place.ask("POST", "task_runs/filter", {})}
    assert names == {"molecules: dme, screen", "rank and report"}


@pytest.mark.timeout(900)
def test_a_run_that_is_killed_with_its_worker_is_marked_by_the_server(
    place: Place, worker: subprocess.Popen[str]
) -> None:
    run = place.run("long", "molecules: {items: [g2, tte], levels: [reference]}")
    wait_for(lambda: place.state(run) == "RUNNING", 300)
    beats = {"filter": {"event": {"name": ["prefect.flow-run.heartbeat"]}}}
    resource = f"prefect.flow-run.{run}"

    def alive() -> bool:
        events = place.ask("POST", "events/filter", beats)["events"]
        return any(e["resource"]["prefect.resource.id"] == resource for e in events)

    wait_for(alive, 120)
    store = Store(place.folder / "results" / "store.sqlite")
    owner = wait_for(lambda: [r.owner for r in recent_runs(store, campaign="long")], 120)[0]
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    os.kill(int(owner.split(":")[1]), signal.SIGKILL)  # a run outlives its worker
    time.sleep(5)
    assert place.state(run) == "RUNNING", "nobody has told the server"
    wait_for(lambda: place.state(run) == "CRASHED", 180)
    assert "silent" in place.ask("GET", f"flow_runs/{run}")["state"]["message"]
