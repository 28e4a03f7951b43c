"""What is misspelt is told with what was meant, before anything large is loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Potash

CAMPAIGN = "name: x\nhosts: {items: [cu_111]}\n"
CRITERION = CAMPAIGN + (
    "ranking:\n  hosts:\n  - {column: adsorption_enrgy_ev, worst: 0, best: -1, weight: 1}\n"
)
TYPOS = [
    (["hots"], "hosts"),
    (["hosts", "--jsn"], "--json"),
    (["simulate", "kfsi_dme_1m", "--production"], "--production-ps"),
    (["rank", "hostss"], "hosts"),
    (["run", "campaign.yaml", "--runner", "lcal"], "local"),
    (["run", "campaign.yaml", "--only", "host"], "hosts"),
    (["export", "rows", "--format", "cvs"], "csv"),
    (["hosts", "cu6sn5cu"], "cu6sn5_cu"),
    (["hosts", "cu_112"], "cu_111"),
    (["molecules", "dmee"], "dme"),
    (["molecules", "kfsii"], "kfsi"),
    (["molecules", "digylme"], "g2"),
    (["electrolytes", "kfsi_dme_1mm"], "kfsi_dme_1m"),
    (["claims", "ads_cu6sn"], "ads_cu6sn5"),
    (["claims", "eq5"], "eq4"),
    (["adsorb", "cu_112"], "cu_111"),
    (["adsorb", "cu_111", "--level", "screeen"], "screen"),
    (["orbitals", "dmee"], "dme"),
    (["orbitals", "dme", "--level", "standart"], "standard"),
    (["simulate", "kfsi_dme_1mm"], "kfsi_dme_1m"),
    (["simulate", "kfsi_dme_1m", "--level", "screem"], "screen"),
    (["screen", "x.smi", "--level", "referense"], "reference"),
    (["export", "rows", "--kind", "adsorbtion"], "adsorption"),
]
LARGE = {
    "MDAnalysis", "chgnet", "matplotlib", "openmm", "pandas", "plotly", "prefect", "pymatgen",
    "pyscf", "scipy", "sevenn", "sqlalchemy", "torch", "xtb",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "campaign.yaml").write_text(CAMPAIGN)
    (tmp_path / "criterion.yaml").write_text(CRITERION)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("arguments", "meant"), TYPOS, ids=lambda x: str(x))
def test_the_nearest_is_offered_in_one_line(
    potash: Potash, arguments: list[str], meant: str
) -> None:
    done = potash(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    assert f"did you mean {meant!r}" in done.err


def test_a_criterion_is_told_too(potash: Potash) -> None:
    done = potash("rank", "hosts", "--campaign", "criterion.yaml")
    assert done.code == 2
    assert "did you mean 'adsorption_energy_ev'" in done.err


def test_no_large_library_is_loaded_for_it() -> None:
    script = (
        "import io, json, sys\n"
        "from contextlib import redirect_stderr, redirect_stdout\n"
        "from potash import cli\n"
        f"found = {{}}\n"
        f"for arguments in json.loads({json.dumps(json.dumps([a for a, _ in TYPOS]))}):\n"
        "    sys.argv = ['potash', *arguments]\n"
        "    try:\n"
        "        with redirect_stderr(io.StringIO()), redirect_stdout(io.StringIO()):\n"
        "            cli.main()\n"
        "    except SystemExit:\n"
        "        pass\n"
        f"    loaded = sorted({LARGE!r} & set(sys.modules))\n"
        "    if loaded:\n"
        "        found[' '.join(arguments)] = loaded\n"
        "        break\n"
        "print(json.dumps(found))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {}


def test_help_and_version_load_nothing_either() -> None:
    script = (
        "import sys\nfrom potash import cli\n"
        "sys.argv = ['potash', sys.argv[1]]\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        f"print(sorted({LARGE | {'numpy', 'rdkit', 'ase', 'pydantic'}!r} & set(sys.modules)))\n"
    )
    for option in ("--help", "--version"):
        done = subprocess.run(
            [sys.executable, "-c", script, option], capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines()[-1] == "[]"
