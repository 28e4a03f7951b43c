"""What a worker measures of a calculation."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from potash.errors import RefusedError
from potash.results.calculation import Outcome
from potash.results.kinds import MODELS
from potash.running import worker
from potash.store import Row
from tests.synthetic_calculations import calculation

CPU_S = 0.3
SPIN = f"import time\nwhile time.process_time() < {CPU_S}: pass"


def computed(run: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    one = calculation(1)
    kind = SimpleNamespace(models=MODELS[one.kind], compute=run)
    monkeypatch.setattr(worker, "kind_of", lambda _name: kind)
    return worker.compute(one.kind, one.inputs, {}, workdir=tmp_path, progress=lambda *_: None)


def test_core_seconds_are_of_the_process_and_of_the_programs_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*_args: object, **_kwargs: object) -> Outcome:
        subprocess.run([sys.executable, "-c", SPIN], check=True)
        end = time.process_time() + CPU_S
        while time.process_time() < end:
            pass
        return Outcome(status="ok")

    outcome = computed(run, tmp_path, monkeypatch)
    assert outcome.cpu_seconds is not None
    # The system counts in hundredths of a second.
    assert outcome.cpu_seconds >= 2 * CPU_S - 0.05
    row = Row.from_outcome(calculation(1), outcome, started="", seconds=1000.0)
    assert row.core_seconds == row.cpu_seconds == outcome.cpu_seconds
    assert row.key == calculation(1).key


def test_waiting_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spent = iter([(1.0, 0.5, 2.0, 0.0), (1.25, 0.5, 6.0, 0.0)])
    names = ("user", "system", "children_user", "children_system")
    monkeypatch.setattr(
        "potash.running.worker.os.times",
        lambda: SimpleNamespace(**dict(zip(names, next(spent), strict=True))),
    )

    def run(*_args: object, **_kwargs: object) -> Outcome:
        raise RefusedError("not for this")

    outcome = computed(run, tmp_path, monkeypatch)
    assert (outcome.status, outcome.cpu_seconds) == ("refused", 4.25)


def test_rows_without_core_seconds_cost_their_wall_clock() -> None:
    row = Row.from_outcome(calculation(1), Outcome(status="ok"), started="", seconds=7.0)
    assert (row.cpu_seconds, row.core_seconds) == (None, 7.0)
