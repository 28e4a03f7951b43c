"""Whole small campaigns on real engines: run, kill -9, resume, run again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from potash.store import Store

CAMPAIGN = """
name: small
seed: 3
hosts: {items: [al_111], levels: [screen]}
molecules: {items: [dme, ec, dec, tmp, tte, pf6_minus], levels: [screen]}
complexes: {items: [{metal: K, ligands: [dme]}]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small.yaml").write_text(CAMPAIGN)
    return tmp_path


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "potash", *arguments]


def run(folder: Path, *arguments: str) -> dict[str, object]:
    done = subprocess.run(
        command("run", "small.yaml", "--json", *arguments),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    result: dict[str, object] = json.loads(done.stdout)
    return result


def energies(folder: Path) -> dict[tuple[str, str], float]:
    store = Store(folder / "results" / "store.sqlite")
    names = ("adsorption_energy_ev", "energy_ev", "energy_ev_per_atom")
    return {
        (row.kind, row.item): row.values[name]
        for row in store.rows()
        for name in names
        if name in row.values
    }


@pytest.mark.campaign
@pytest.mark.timeout(1500)
def test_kill_9_and_resume_gives_the_undisturbed_result(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    undisturbed = tmp_path_factory.mktemp("undisturbed")
    (undisturbed / "small.yaml").write_text(CAMPAIGN)
    whole = run(undisturbed)
    planned = whole["planned"]
    assert whole["computed"] == planned

    kills = 0
    for wanted in (1, 2):
        process = subprocess.Popen(
            command("run", "small.yaml"),
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        database = folder / "results" / "store.sqlite"
        while process.poll() is None:
            time.sleep(0.05)
            if database.is_file() and len(Store(database).keys()) >= wanted:
                break
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
    assert kills >= 1, "a quick machine may be done before the second"
    run(folder)

    assert energies(folder) == pytest.approx(energies(undisturbed), abs=1e-3)
    store = Store(database)
    assert set(store.events("finished").values()) == {1}, "nothing finished is computed twice"
    assert sum(store.events("started").values()) <= planned + 2 * kills  # type: ignore[operator]
    assert store.leases() == []

    again = run(folder)
    assert again["computed"] == 0
    assert (folder / "results" / "small" / "report.html").is_file()


@pytest.mark.campaign
@pytest.mark.timeout(900)
def test_dask_runner_computes_the_same(folder: Path) -> None:
    pytest.importorskip("prefect_dask")
    summary = run(folder, "--runner", "dask", "--only", "molecules")
    assert summary["computed"] == summary["planned"] == 7
    assert summary["statuses"] == {"ok": 7}


@pytest.mark.campaign
@pytest.mark.timeout(900)
def test_what_was_measured_leads_in_the_tables_and_the_report_of_a_run(folder: Path) -> None:
    (folder / "small.yaml").write_text("name: small\nmolecules: {items: [dme], levels: [screen]}\n")
    head = "candidate,property,value,uncertainty,unit,protocol,replicate"
    (folder / "filled.csv").write_text(f"{head}\nkfsi_dme_1m,density_g_ml,1.23,0.01,g/mL,bulk,1\n")
    add = command("measured", "add", "filled.csv", "--by", "Ada")
    subprocess.run(add, cwd=folder, check=True, capture_output=True)
    (folder / "tell.sh").write_text(
        '#!/bin/sh\necho "$POTASH_CAMPAIGN $POTASH_STATE: $POTASH_TEXT $1" > told.txt\n'
    )
    (folder / "tell.sh").chmod(0o755)
    summary = run(folder, "--notify", "./tell.sh")
    out = folder / "results" / "small"
    assert (out / "told.txt").read_text() == (
        f"small done: {summary['planned']} calculations: {summary['planned']} ok "
        f"{summary['report']}\n"
    )
    assert summary["planned"] == summary["computed"], "what was measured is no calculation of it"
    assert summary["statuses"] == {"ok": summary["planned"]}
    table = json.loads((folder / "results" / "small" / "electrolytes.json").read_text())
    (entry,) = [e for e in table["entries"] if e["id"] == "kfsi_dme_1m"]
    assert (entry["density_g_ml"], entry["measured"]) == (1.23, ["density_g_ml"])
    report = (folder / "results" / "small" / "report.html").read_text()
    assert "measured: density_g_ml 1.23" in report


def test_bad_campaigns_end_with_one_line_and_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("name: x\nmolecules: {items: [dmee]}\n")
    done = subprocess.run(
        command("run", "bad.yaml"), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "dmee" in done.stderr
    assert "bad.yaml" in done.stderr
    assert not (tmp_path / "results").exists(), "nothing is begun with bad input"
