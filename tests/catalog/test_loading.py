"""Reading YAML into models: every error is one line with file, line, entry and field."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from potash.catalog import yaml_text
from potash.catalog.loading import error_at, load_entries, load_model
from potash.catalog.yaml_text import load_yaml
from potash.errors import InputError


class Ball(BaseModel):
    model_config = ConfigDict(extra="forbid")
    shape: Literal["ball"]
    radius: float = Field(gt=0)


class Box(BaseModel):
    model_config = ConfigDict(extra="forbid")
    shape: Literal["box"]
    edges: dict[str, float] = Field(default_factory=dict)


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    colour: Literal["red", "green"] = "red"
    body: Annotated[Ball | Box, Field(discriminator="shape")] | None = None
    tags: tuple[str, ...] = ()


def write(folder: Path, text: str) -> Path:
    path = folder / "things.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def failure(folder: Path, text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        load_entries(write(folder, text), "things", Thing)
    assert "\n" not in str(caught.value)
    return caught.value


def message_of(path: Path) -> str:
    try:
        load_entries(path, "things", Thing)
    except InputError as error:
        return str(error)
    return ""


def test_good_file(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "things:\n  - {id: a, body: {shape: ball, radius: 1e-3}}\n  - {id: no, tags: [x]}\n",
    )
    first, second = load_entries(path, "things", Thing)
    assert isinstance(first.body, Ball)
    assert first.body.radius == pytest.approx(0.001)
    assert second.id == "no"
    assert second.tags == ("x",)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x: no", "no"),
        ("x: 1e-3", 1e-3),
        ("x: .5", 0.5),
        ("x: 2024-01-02", "2024-01-02"),
        ("x: 12:30", "12:30"),
        ("x: 007", 7.0),
        ("x: true", True),
        ("x: ~", None),
        ("x:", None),
        ("x: -12", -12),
        ("x: '12'", "12"),
    ],
)
def test_scalars_follow_yaml_1_2(tmp_path: Path, text: str, value: object) -> None:
    assert load_yaml(write(tmp_path, text)) == {"x": value}


@pytest.mark.parametrize(
    ("text", "line", "field", "words"),
    [
        ("things: [\n", 2, "", ["not valid YAML"]),
        ("things:\n  - id: a\n   colour: red\n", 3, "", ["not valid YAML"]),
        ("things:\n  - id: a\n    id: b\n", 3, "", ["the key 'id' is given twice"]),
        (
            "things:\n  - id: a\n    color: red\n",
            3,
            "things/a/color",
            ["unknown key 'color'; did you mean 'colour'?", "allowed: body, colour, id, tags"],
        ),
        ("stuff: []\n", 1, "stuff", ["unknown key 'stuff'", "allowed: things"]),
        (
            "things:\n  - id: a\n    colour: rde\n",
            3,
            "things/a/colour",
            ["'rde' is not one of red, green; did you mean 'red'?"],
        ),
        ("things:\n  - colour: red\n", 2, "things[0]", ["the key 'id' is missing"]),
        (
            "things:\n  - {id: a}\n  - id: b\n    body: {shape: bell}\n",
            4,
            "things/b/body",
            ["'bell' is not one of ball, box"],
        ),
        (
            "things:\n  - id: b\n    body:\n      radius: 1\n",
            3,
            "things/b/body",
            ["the key 'shape' is missing"],
        ),
        (
            "things:\n  - id: b\n    body:\n      shape: ball\n      radius: -1\n",
            5,
            "things/b/body/radius",
            ["-1", "greater than 0"],
        ),
        (
            "things:\n  - id: b\n    body:\n      shape: box\n      radius: 1\n",
            5,
            "things/b/body/radius",
            ["unknown key 'radius'", "allowed: edges, shape"],
        ),
        (
            "things:\n  - id: b\n    body: {shape: box, edges: {a: long}}\n",
            3,
            "things/b/body/edges/a",
            ["'long'", "number"],
        ),
        (
            "things:\n  - {id: a}\n  - {id: c}\n  - {id: a}\n",
            4,
            "things",
            ["the id 'a' is already used on line 2"],
        ),
        ("things:\n  - id: a\n    tags: x\n", 3, "things/a/tags", ["'x'", "tuple"]),
        (
            "things:\n  - {id: a, colour: 1, tags: 2}\n",
            2,
            "things/a/colour",
            ["and 1 more error in this file"],
        ),
    ],
)
def test_error_names_line_field_and_what_would_be_right(
    tmp_path: Path, text: str, line: int, field: str, words: list[str]
) -> None:
    error = failure(tmp_path, text)
    assert error.source.endswith(f"things.yaml:{line}")
    assert error.field == field
    for word in words:
        assert word in error.message


def test_top_level_has_to_be_a_mapping(tmp_path: Path) -> None:
    assert "mapping with the keys things" in failure(tmp_path, "- 1\n").message
    assert "mapping with the keys things" in failure(tmp_path, "").message


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_yaml(tmp_path / "absent.yaml")
    with pytest.raises(InputError, match="folder"):
        load_yaml(tmp_path)
    binary = tmp_path / "latin.yaml"
    binary.write_bytes(b"name: caf\xe9\n")
    with pytest.raises(InputError, match="UTF-8"):
        load_yaml(binary)


def test_unsafe_tags_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not"):
        load_yaml(write(tmp_path, "x: !!python/object/apply:os.getcwd []\n"))


def test_error_at_points_into_a_file(tmp_path: Path) -> None:
    path = write(tmp_path, "things:\n  - id: a\n    tags:\n      - x\n      - y\n")
    error = error_at(path, ("things", 0, "tags", 1), "is wrong")
    assert str(error).endswith("things.yaml:5: things/a/tags[1]: is wrong")


def test_context_names_the_folder(tmp_path: Path) -> None:
    from pydantic import ValidationInfo, field_validator

    class Named(BaseModel):
        file: str

        @field_validator("file")
        @classmethod
        def resolve(cls, value: str, info: ValidationInfo) -> str:
            return str(info.context["folder"] / value)

    assert load_model(write(tmp_path, "file: a.cif"), Named).file == str(tmp_path / "a.cif")


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(key=st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12))
def test_any_unknown_key_is_refused_by_name(tmp_path: Path, key: str) -> None:
    if key in Thing.model_fields or key in ("true", "false", "null"):
        return
    error = failure(tmp_path, f"things:\n  - id: a\n    {key}: 1\n")
    assert f"unknown key {key!r}" in error.message
    assert error.field == f"things/a/{key}"
    assert error.source.endswith(":3")


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(text=st.text(max_size=60))
def test_any_text_gives_data_or_an_input_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "any.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    assert "\n" not in message_of(path)


def without_libyaml(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the module as it is where PyYAML was built without libyaml."""
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert yaml_text.__file__ is not None
    spec = importlib.util.spec_from_file_location("without_libyaml", yaml_text.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert issubclass(module.CoreLoader, yaml.SafeLoader)
    return module


SHIPPED = sorted(
    path
    for folder in ("structures", "molecules", "workflows")
    for path in (Path(__file__).parents[2] / folder).rglob("*.y*ml")
)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_shipped_files_read_alike_without_libyaml(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = load_yaml(path)
    assert expected
    assert without_libyaml(monkeypatch).load_yaml(path) == expected


def test_all_shipped_files_are_there() -> None:
    names = {path.name for path in SHIPPED}
    assert {"hosts.yaml", "models.yaml", "phases.yaml", "species.yaml", "claims.yaml"} <= names
    assert {"electrolytes.yaml", "salts.yaml", "opls_clp.yaml", "quickstart.yaml"} <= names
