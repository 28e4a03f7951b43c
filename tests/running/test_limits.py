"""Limits of a campaign file, and the memory of a process with all below it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from potash.catalog.campaign import load_campaign
from potash.errors import InputError
from potash.running.limits import DAY_S, Limit, Limits, memory_of_tree
from potash.workflows.planned import Planned, plan_file


def campaign(tmp_path: Path, limits: str) -> Path:
    file = tmp_path / "c.yaml"
    file.write_text(f"name: x\nmolecules: {{items: [dme]}}\nlimits: {limits}\n")
    return file


def of(tmp_path: Path, limits: str) -> Limits:
    planned, catalog = load_campaign(campaign(tmp_path, limits))
    return Planned(planned, catalog, ()).limits


def test_each_kind_has_the_limits_of_the_file_and_the_others_a_day(tmp_path: Path) -> None:
    limits = of(tmp_path, "{liquid: {hours: 12, memory_gb: 8}, species: {hours: 0.5}}")
    assert limits.of("liquid") == Limit(43_200.0, 8.0)
    assert limits.of("species") == Limit(1800.0, None)
    assert limits.of("adsorption") == Limit(DAY_S, None)
    memory_only = of(tmp_path, "{species: {memory_gb: 0.5}}")
    assert memory_only.of("species") == Limit(DAY_S, 0.5)


@pytest.mark.parametrize(
    "limits, words",
    [
        ("{liquids: {hours: 1}}", "'liquids' is no kind of calculation.*'liquid'"),
        ("{species: {}}", "give 'hours', 'memory_gb' or both"),
        ("{species: {hours: 0}}", "greater than 0"),
        ("{species: {hours: .nan}}", "hours"),
        ("{species: {memory_gb: -1}}", "memory_gb"),
        ("{species: {minutes: 3}}", "unknown key 'minutes'"),
    ],
)
def test_bad_limits_are_refused(tmp_path: Path, limits: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        of(tmp_path, limits)


def test_a_limit_of_what_is_not_computed_is_refused(tmp_path: Path) -> None:
    file = campaign(tmp_path, "{liquid: {hours: 1}}")
    with pytest.raises(InputError, match=r"limits/liquid.*has no effect.*only species"):
        plan_file(file)
    assert plan_file(file, ["molecules"]).stages


def test_memory_counts_the_programs_that_a_process_starts() -> None:
    before = memory_of_tree(os.getpid())
    code = "x = bytearray(200_000_000); print(flush=True); input()"
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.readline()
    grown = memory_of_tree(os.getpid()) - before
    child.communicate(b"\n")
    assert 200_000_000 < grown < 260_000_000
    assert memory_of_tree(child.pid) == 0
