"""YAML that is nested without end, refers to itself or stands for too much: one line each."""

from __future__ import annotations

from pathlib import Path

import pytest

from potash.catalog.campaign import load_campaign
from potash.catalog.yaml_text import DEEPEST, load_yaml, read_text
from potash.errors import InputError

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]\n" for k in range(1, 9)
)


@pytest.mark.parametrize(
    "text, message",
    [
        ("[" * 100_000, "nested deeper than 60"),
        ("{a: " * 100_000, "nested deeper than 60"),
        ("- " * 100_000, "nested deeper than 60"),
        ("".join(" " * k + "a:\n" for k in range(2_000)), "nested deeper than 60"),
        ("a: &a {b: *a}", r"x\.yaml:1: .*alias \*a stands inside its own anchor"),
        ("a: &a\n  - 1\n  - *a\n", r"x\.yaml:3: .*alias \*a stands inside its own anchor"),
        (LAUGHS, "stand for more than 1000000 values"),
    ],
)
def test_odd_shapes_are_one_line(tmp_path, text, message):
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as error:
        load_yaml(path)
    assert "\n" not in str(error.value)
    with pytest.raises(InputError):
        load_campaign(path)


def test_ordinary_nesting_and_aliases_are_read(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("[" * DEEPEST + "]" * DEEPEST)
    load_yaml(path)
    path.write_text("a: &a [1, 2]\nb: *a\nc: {d: *a}\n")
    assert load_yaml(path) == {"a": [1, 2], "b": [1, 2], "c": {"d": [1, 2]}}


def test_names_that_are_too_long_are_one_line(tmp_path):
    long = "a" * 300
    with pytest.raises(InputError, match="cannot be read: File name too long"):
        read_text(Path(long))
    with pytest.raises(InputError, match="cannot be read"):
        read_text(Path("a\0b"))
    path = tmp_path / "x.yaml"
    path.write_text(f"name: x\ncatalog: {long}\nmolecules: {{items: [ec]}}\n")
    with pytest.raises(InputError, match="File name too long") as error:
        load_campaign(path)
    assert "\n" not in str(error.value)
