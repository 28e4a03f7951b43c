"""Every example in a docstring gives what it says; heavy ones (``+SKIP``) are physics tests."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import potash
from tests.docs.files import write_trajectory

SOURCE = Path(potash.__file__).parent
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
WITH_EXAMPLES = sorted(
    "potash." + ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    for path in SOURCE.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8") and path.name != "__init__.py"
)
FRONT_DOOR = ("potash.api.compute", "potash.api.known")
TOO_LONG = ("simulate",)
"""Of the heavy examples: a simulation, which tests/api runs with other arguments."""


def _tests(module: str) -> list[doctest.DocTest]:
    loaded = importlib.import_module(module)
    return [t for t in doctest.DocTestFinder().find(loaded) if t.examples]


def _run(test: doctest.DocTest) -> None:
    said: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS).run(test, out=said.append)
    assert not said, "".join(said)


def test_examples_are_found():
    assert set(FRONT_DOOR) <= set(WITH_EXAMPLES)
    assert "potash.catalog.catalog" in WITH_EXAMPLES


@pytest.mark.parametrize("module", [*WITH_EXAMPLES, "potash"])
def test_the_examples_of_a_module(module, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for test in _tests(module):
        _run(test)


@pytest.mark.physics
@pytest.mark.parametrize("module", FRONT_DOOR)
def test_the_heavy_examples_of_the_front_door(module, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_trajectory(tmp_path)
    for test in _tests(module):
        if test.name.rsplit(".", 1)[1] in TOO_LONG:
            continue
        for example in test.examples:
            if example.options.pop(doctest.SKIP, False):
                # What it prints is not part of the docstring: that it runs is checked.
                example.source = (
                    f"_ = {example.source}" if "=" not in example.source else (example.source)
                )
                example.want = ""
        _run(test)
