"""Help, version, completion; every example parses, and the cheap ones run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
import typer.main

from potash import __version__, cli
from potash.resources import data_dir
from tests.cli.conftest import Potash

GROUP = typer.main.get_command(cli.app)
assert isinstance(GROUP, click.Group)


def commands(group: click.Group, before: str = "") -> dict[str, click.Command]:
    """Return name to command, those of groups as ``group command``."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        inner = isinstance(command, click.Group) or hasattr(command, "commands")
        found |= commands(command, f"{name} ") if inner else {f"{before}{name}": command}  # type: ignore[arg-type]
    return found


FOUND = commands(GROUP)
COMMANDS = sorted(FOUND)
CHEAP = {"hosts", "molecules", "electrolytes", "claims", "rank", "report", "import", "doctor"}


def example(name: str) -> str:
    """Return the example of a command's help."""
    text = FOUND[name].help or ""
    found = re.search(r"Example: (potash .*)", " ".join(text.split()))
    assert found, f"{name} has no example"
    return found[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example_that_parses(potash: Potash, name: str) -> None:
    done = potash(*name.split(), "--help")
    assert done.code == 0
    assert " ".join(example(name).split()) in " ".join(done.out.split())
    words = shlex.split(example(name))[1:]
    depth = len(name.split())
    assert words[:depth] == name.split()
    with FOUND[name].make_context(name, words[depth:]) as context:
        assert context.params


@pytest.mark.parametrize("name", sorted(CHEAP))
def test_cheap_examples_run(
    potash: Potash, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if name == "import":
        shutil.copytree(data_dir("results/reference") / "phases", "results/reference/phases")
    done = potash(*shlex.split(example(name))[1:])
    assert done.code == 0, done.err
    assert done.out


def test_the_list_of_commands_says_what_each_does(
    potash: Potash, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = potash("--help")
    listed = done.out.split("Commands:")[1]
    assert re.findall(r"^  (\w+) ", listed, flags=re.M) == list(GROUP.commands)  # type: ignore[attr-defined]
    assert "..." not in listed, "no description is cut"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_prints_json_on_request(name: str) -> None:
    assert "--json" in {o for p in FOUND[name].params for o in p.opts}


def test_without_a_command_the_help_is_shown(potash: Potash) -> None:
    done = potash()
    assert done.code == 2
    assert "Commands:" in done.out


def test_version(potash: Potash) -> None:
    assert potash("--version").out == f"potash {__version__}\n"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("potash ho", "hosts"),
        ("potash hosts cu6", "cu6sn5_cu"),
        ("potash hosts cu_1", "cu_111"),
        ("potash molecules kf", "kfsi"),
        ("potash electrolytes kfsi_dme", "kfsi_dme_1m"),
        ("potash claims ads_cu6", "ads_cu6sn5"),
        ("potash simulate kfsi_dme_1", "kfsi_dme_1m"),
        ("potash adsorb cu_111 --level screen-c", "screen-chgnet"),
    ],
)
def test_shells_complete_commands_and_ids(typed: str, offered: str) -> None:
    environment = os.environ | {
        "_POTASH_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-c", "from potash.cli import main; main()"],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert offered in done.stdout.split()
