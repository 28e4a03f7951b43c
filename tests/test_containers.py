"""The recipes of containers name what there is, and everything that the package needs.

They are not built here: that takes a network and a container engine.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "containers" / "Dockerfile").read_text()
APPTAINER = (ROOT / "containers" / "potash.def").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKED = (ROOT / "constraints.txt").read_text()


def instructions() -> list[tuple[str, str]]:
    """Return instruction and arguments of the Dockerfile, lines that go on joined."""
    lines = [x for x in DOCKERFILE.splitlines() if not x.startswith("#")]
    text = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    found = [line.partition(" ") for line in text.splitlines() if line.strip()]
    return [(word, rest.strip()) for word, _, rest in found]


def copied_by_docker() -> set[str]:
    copies = [shlex.split(rest) for word, rest in instructions() if word == "COPY"]
    return {name for words in copies if "--from" not in words[0] for name in words[:-1]}


def sections() -> dict[str, str]:
    parts = re.split(r"^%(\w+)$", APPTAINER, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def copied_by_apptainer() -> set[str]:
    lines = [line.split() for line in sections()["files"].splitlines() if line.strip()]
    assert all(target == f"/source/{name}" for name, target in lines)
    return {name for name, _ in lines}


def sent_to_the_builder() -> set[str]:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines, "all else stays here"
    return {line[1:] for line in lines if line.startswith("!")}


def test_instructions_are_those_of_docker() -> None:
    known = {"FROM", "ENV", "WORKDIR", "RUN", "COPY", "ENTRYPOINT", "CMD"}
    assert {word for word, _ in instructions()} == known
    assert DOCKERFILE.count("FROM ") == 2


def test_sections_are_those_of_apptainer() -> None:
    assert set(sections()) == {"files", "post", "environment", "runscript", "test"}


@pytest.mark.parametrize("copied", [copied_by_docker(), copied_by_apptainer()])
def test_what_they_copy_is_there_and_all_that_the_package_is_built_from(copied: set[str]) -> None:
    assert [name for name in copied if not (ROOT / name).exists()] == []
    build = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*build["force-include"], "pyproject.toml", "constraints.txt", "src"}
    needed |= {PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]}
    assert needed <= copied


def test_the_builder_gets_just_what_is_copied() -> None:
    assert sent_to_the_builder() == copied_by_docker() == copied_by_apptainer()


def test_both_install_the_same_from_the_lock_file() -> None:
    for text in (DOCKERFILE, APPTAINER):
        (extras,) = re.findall(r"pip install -c constraints\.txt '\.\[([\w,]+)\]'", text)
        assert set(extras.split(",")) <= PROJECT["project"]["optional-dependencies"].keys()
        assert extras == "postgres,dask,slurm"
        assert "$(grep '^torch==' constraints.txt)" in text
    assert len(re.findall(r"^torch==", LOCKED, flags=re.MULTILINE)) == 1


def test_the_extras_of_the_container_are_locked() -> None:
    names = {re.split(r"[<>=;\[ ]", line)[0].lower() for line in LOCKED.splitlines()}
    for extra in ("postgres", "dask", "slurm"):
        for needed in PROJECT["project"]["optional-dependencies"][extra]:
            assert re.split(r"[<>=;\[ ]", needed)[0].lower() in names, needed


def test_python_is_one_that_the_package_takes() -> None:
    found = set(re.findall(r"python:(\d\.\d+)-slim", DOCKERFILE + APPTAINER))
    assert found == {"3.11"}
    assert PROJECT["project"]["requires-python"] == ">=3.11"
