"""What OpenMM computes on: a GPU that is listed but does not work is passed over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from potash.engines import openmm_platforms
from potash.engines.openmm_platforms import platforms, usable_platform, why_not
from potash.errors import CalculationError


@pytest.fixture(autouse=True)
def _asked_again() -> Iterator[None]:
    why_not.cache_clear()
    yield
    why_not.cache_clear()


def test_what_works_here_has_no_reason_against_it() -> None:
    assert {"Reference", "CPU"} <= set(platforms())
    assert why_not("Reference") == ""
    assert why_not("CPU") == ""


def test_the_fastest_that_works_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openmm_platforms, "platforms", lambda: ["Reference", "CPU"])
    assert usable_platform() == ("CPU", "")


def test_a_gpu_that_is_only_listed_is_passed_over_with_a_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(openmm_platforms, "platforms", lambda: ["Reference", "CPU", "CUDA"])
    if "CUDA" in platforms():
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    name, line = usable_platform()
    assert name == "CPU"
    assert line.startswith("CUDA (")
    assert line.endswith(") is listed but cannot be used; computing on CPU")
    assert "\n" not in line


def test_a_gpu_that_computes_nonsense_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    class Energy:
        def value_in_unit(self, _unit: object) -> float:
            return 4.0

    monkeypatch.setattr("openmm.State.getPotentialEnergy", lambda _self: Energy())
    assert why_not("Reference") == "it gives 4 kJ/mol where 5 is right"


def test_nothing_that_works_is_an_error_of_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openmm_platforms, "platforms", lambda: ["OpenCL"])
    monkeypatch.setattr(openmm_platforms, "why_not", lambda name: "no driver")
    with pytest.raises(CalculationError, match=r"can be used here: OpenCL \(no driver\)"):
        usable_platform()


def test_a_simulation_says_so_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from potash.engines import openmm_run
    from potash.engines.md import Stage
    from tests.engines.test_openmm import SETTINGS, small_liquid

    monkeypatch.setattr(openmm_run, "usable_platform", lambda: ("CPU", "CUDA (x) is listed"))
    told: list[str] = []
    topology, positions, edge = small_liquid()
    stage = Stage("short", "nvt", 0.02, 300.0)
    openmm_run.run(
        topology, positions, edge, [stage], SETTINGS,
        workdir=tmp_path, progress=lambda _f, note: told.append(note),
    )  # fmt: skip
    assert told[0] == "CUDA (x) is listed"
