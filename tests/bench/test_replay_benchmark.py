"""The replay of published efficiencies: what it counts, and that it goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.benchmark_modules import benchmark


@pytest.fixture(scope="module")
def replay() -> ModuleType:
    return benchmark("suggest_replay")


def test_codes_of_the_table(replay: ModuleType) -> None:
    assert replay.solvent_fractions("DME") == {"DME": 1.0}
    assert replay.solvent_fractions("DME:DEGDBE=1:5") == {"DME": 1 / 6, "DEGDBE": 5 / 6}
    assert replay.solvent_fractions("TTEDGM37") == {"TTE": 0.3, "DGM": 0.7}
    assert replay.solvent_fractions("DBE+DEGDME 15") == {"DBE": 1 / 6, "DGM": 5 / 6}


def test_experiments_are_counted_by_whole_batches(replay: ModuleType) -> None:
    truth = {f"e{k:02d}": float(k) for k in range(20)}
    first = ["e00", "e01", "e02", "e03"]

    def upwards(_measured: dict[str, float], left: list[str], _step: int) -> list[str]:
        return sorted(left)

    assert replay.experiments(truth, upwards, {"e09"}, first) == 12
    assert replay.experiments(truth, upwards, {"e02"}, first) == 4


def test_a_replay_goes_on_where_it_was(
    replay: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    asked: list[int] = []

    def best_first(
        features: Any, targets: Sequence[Any], left: Sequence[str], *, batch: int, seed: int
    ) -> Sequence[str]:
        asked.append(seed)
        return sorted(left, reverse=True)[:batch]

    monkeypatch.setattr(replay, "modelled_batch", best_first)
    monkeypatch.setattr(replay, "QUICK_REPETITIONS", 20)
    table = tmp_path / "table.csv"
    lines = ["electrolyte,solvent_code,salt_molarity_M,CE_mean_pct"]
    lines += [f"e{k:02d},DME,{1 + k / 10},{90 + k / 10}" for k in range(40)]
    table.write_text("\n".join(lines) + "\n")
    output = tmp_path / "done.jsonl"
    replay.main(table, 3, output)
    done = [json.loads(line) for line in output.read_text().splitlines()]
    assert [d["seed"] for d in done] == [0, 1, 2]
    assert all(d["needed"] <= 12 for d in done), "two random batches, then the best"
    printed = capsys.readouterr().out
    assert "suggest: " in printed
    assert "3 repetitions" in printed
    asked.clear()
    replay.main(table, 4, output)
    assert set(asked) <= {3}
