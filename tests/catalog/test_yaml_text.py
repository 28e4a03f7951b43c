"""YAML that is nested without end, refers to itself or stands for too much: one line each."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from potash.catalog import yaml_text
from potash.catalog.campaign import load_campaign
from potash.catalog.yaml_text import DEEPEST, load_shipped, load_yaml, read_text
from potash.errors import InputError
from potash.resources import data_dir

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


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """The files that are read as YAML, with a cache folder of the test's own."""
    read: list[Path] = []
    whole = yaml_text.load_yaml

    def counting(path: Path, *, ours: bool = False) -> object:
        read.append(path)
        return whole(path, ours=ours)

    monkeypatch.setenv("POTASH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(yaml_text, "load_yaml", counting)
    return read


def test_a_shipped_file_is_read_once_and_again_when_it_changes(
    tmp_path: Path, counted: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("a: [1, 2.5, no, null]\n")
    expected = {"a": [1, 2.5, "no", None]}
    assert load_shipped(file) == load_shipped(file) == expected
    assert len(counted) == 1
    file.write_text("a: [1, 2.5, no, ~]  # the same in other words\n")
    assert load_shipped(file) == expected
    assert len(counted) == 2
    (tmp_path / "changed.py").write_text("another reader")
    monkeypatch.setattr(yaml_text, "__file__", str(tmp_path / "changed.py"))
    assert load_shipped(file) == expected
    assert len(counted) == 3, "another program reads it anew"


def test_what_is_kept_in_pieces_or_is_no_plain_data_is_read_anew(
    tmp_path: Path, counted: list[Path]
) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("a: 1\n")
    assert load_shipped(file) == {"a": 1}
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_text('{"a": ')
    assert load_shipped(file) == {"a": 1}
    file.write_text("1: .inf\n")
    for _ in range(2):
        assert load_shipped(file) == {1: float("inf")}
    assert len(counted) == 4
    file.unlink()
    with pytest.raises(InputError, match="there is no such file"):
        load_shipped(file)


def test_nothing_is_kept_where_the_cache_is_off(
    tmp_path: Path, counted: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POTASH_CACHE", "off")
    (tmp_path / "x.yaml").write_text("a: 1\n")
    assert load_shipped(tmp_path / "x.yaml") == load_shipped(tmp_path / "x.yaml") == {"a": 1}
    assert (len(counted), (tmp_path / "cache").exists()) == (2, False)


def test_every_shipped_file_is_the_same_from_what_is_kept(counted: list[Path]) -> None:
    for folder in ("structures", "molecules"):
        for file in sorted(data_dir(folder).glob("*.yaml")):
            before = len(counted)
            data = load_shipped(file)
            assert load_shipped(file) == data == load_yaml(file)
            assert len(counted) == before + 1, file


def test_scalars_are_those_of_yaml_1_2(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(
        "a: [1, -0, +3, 1e-3, .5, -.inf, true, False, ~, '', no, 2026-11-27, 1_000, 0x1f, 12:30]\n"
        "b: &x {c: [1]}\nd: *x\n1: !!str 12\n"
    )
    data = load_yaml(file)
    assert repr(data["a"][:2]) == "[1, 0]"
    assert data["a"][2:10] == [3, 1e-3, 0.5, -math.inf, True, False, None, ""]
    assert data["a"][10:] == ["no", "2026-11-27", "1_000", "0x1f", "12:30"]
    assert (data["b"], data["d"], data[1]) == ({"c": [1]}, {"c": [1]}, "12")


def test_a_key_that_is_no_scalar_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("? {1: 2}\n: x\n")
    with pytest.raises(InputError, match="unhashable key"):
        load_yaml(tmp_path / "x.yaml")
