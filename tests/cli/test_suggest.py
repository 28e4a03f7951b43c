"""``potash suggest`` from measured files to the next batch, as a program of its own."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.physics,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        importlib.util.find_spec("baybe") is None, reason="needs the extra 'suggest'"
    ),
]
SWEEP = """\
name: sweep
question:
  electrolytes:
    choose: 2
    by: {conductivity_s_m: {worst: 0, best: 2}}
    among:
      sweep:
        salts: [kfsi]
        solvents: [dme, g2, g4]
        molarities_mol_l: [0.5, 1.0, 1.5, 2.0]
"""
HEAD = "candidate,property,value,uncertainty,unit,protocol,replicate"


def run(folder: Path, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "potash", *arguments, "--json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_of_a_sweep_two_properties_are_learnt_from_what_was_measured(tmp_path: Path) -> None:
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    lines = [HEAD]
    for solvent, less in (("dme", 0.0), ("g2", 0.03), ("g4", 0.06)):
        for molarity, text in ((0.5, "0p5"), (1.0, "1"), (2.0, "2")):
            name = f"kfsi_{solvent}_{text}m"
            conductivity = 1.2 - 0.6 * (molarity - 1.4) ** 2 - less
            lines.append(f"{name},conductivity_s_m,{conductivity:.4f},0.02,S/m,bulk,1")
            efficiency = 0.95 + 0.02 * molarity - less / 10
            lines.append(f"{name},coulombic_efficiency,{efficiency:.4f},0.002,1,k_cu_ce,1")
    (tmp_path / "filled.csv").write_text("\n".join(lines) + "\n")
    of_sweep = ("--campaign", "sweep.yaml")
    assert run(tmp_path, "measured", "add", "filled.csv", "--by", "Ada", *of_sweep)["added"] == 18

    by = "conductivity_s_m,coulombic_efficiency"
    found = run(tmp_path, "suggest", "--batch", "2", "--by", by, *of_sweep)
    assert found["measured"] == {"conductivity_s_m": 9, "coulombic_efficiency": 9}
    assert found["learnt"] == ["conductivity_s_m", "coulombic_efficiency"]
    unmeasured = {f"kfsi_{solvent}_1p5m" for solvent in ("dme", "g2", "g4")}
    assert len(set(found["candidates"]) & unmeasured) == 2, (
        "what was measured is not measured again"
    )


def test_of_hosts_the_one_that_was_measured_gives_way_to_others(tmp_path: Path) -> None:
    ask = ("suggest", "--of", "hosts", "--batch", "2")
    before = run(tmp_path, *ask)
    first = before["candidates"][0]
    (tmp_path / "filled.csv").write_text(f"{HEAD}\n{first},life_h,1800,50,h,symmetric,1\n")
    assert run(tmp_path, "measured", "add", "filled.csv", "--by", "Ada")["added"] == 1
    after = run(tmp_path, *ask)
    assert after["measured"]["life_h"] == before["measured"]["life_h"] + 1 > 30
    assert first not in after["candidates"]
    assert len(set(after["candidates"])) == 2
    assert after["skill"] != before["skill"], "it was learnt from"
