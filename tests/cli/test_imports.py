"""Which libraries the reading commands load: loading them takes longer than the answer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "MDAnalysis", "matplotlib", "numba", "openmm", "pandas", "prefect", "pyscf", "sevenn", "torch",
}  # fmt: skip
READING = (
    ("hosts",),
    ("molecules",),
    ("electrolytes", "kfsi_dme_1m"),
    ("claims",),
    ("rank", "electrolytes"),
    ("report", "--out", "report"),
    ("ask", "question.yaml"),
)
QUESTION = """
name: q
question:
  hosts:
    choose: 5
    among: {roles: [host, current_collector], stable_with_k: true}
    by: {adsorption_energy_ev: {best: -1.5, worst: 0.0}}
    equal_within: {adsorption_energy_ev: 0.1}
"""


def loaded(commands: tuple[tuple[str, ...], ...], folder: Path) -> set[str]:
    """Return the modules that are loaded after some commands, run one after the other."""
    script = (
        "import json, sys\nfrom potash.cli import main\n"
        f"for command in {commands!r}:\n"
        "    sys.argv = ['potash', *command]\n"
        "    try:\n        main()\n"
        "    except SystemExit as end:\n        assert not end.code, command\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POTASH_CACHE", "off")
    (tmp_path / "question.yaml").write_text(QUESTION)
    return tmp_path


def test_reading_commands_load_no_large_library(folder: Path) -> None:
    assert loaded(READING, folder) & HEAVY == set()


def test_what_comes_next_for_hosts_loads_nothing_of_liquids_and_molecules(folder: Path) -> None:
    found = loaded((("next", "question.yaml"),), folder)
    assert found & {"MDAnalysis", "openmm", "pyscf", "torch", "numba", "pandas"} == set()
    assert not [m for m in found if m.startswith(("potash.trajectories.", "potash.liquids."))]
    assert "potash.molecules.redox" not in found
