"""The reference pages hold every command, option, key and column, in words."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pydantic import BaseModel, Field
from typer.main import get_command

from potash.catalog.campaign import Campaign
from potash.cli import app
from potash.results.kinds import MODELS

EXTENSIONS = Path(__file__).resolve().parents[2] / "docs" / "_ext"
pytest.importorskip("sphinx", reason="the documentation's tools are an extra: pip install .[docs]")


@pytest.fixture(scope="module")
def reference():
    sys.path.insert(0, str(EXTENSIONS))
    try:
        import potash_reference
    finally:
        sys.path.remove(str(EXTENSIONS))
    return potash_reference


def commands(group, path=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def test_every_command_and_option_is_there(reference):
    page = reference.cli_page()
    for name, command in commands(get_command(app)):
        assert f"potash {name}\n---" in page
        for parameter in command.params:
            if parameter.param_type_name == "option" and parameter.name != "help":
                assert parameter.opts[0] in page


def test_every_key_of_a_campaign_is_there(reference):
    page = reference.campaign_page()
    for model in (Campaign, *reference.nested(Campaign)):
        for name, field in model.model_fields.items():
            assert f"``{field.alias or name}``" in page, (model, name)
    assert "list of text, at least 1" in page
    assert "integer, >= 100, <= 1e+06" in page


def test_every_column_of_every_kind_is_there(reference):
    page = reference.rows_page()
    for kind, models in MODELS.items():
        assert f"{kind}: values" in page
        for name in (*models.values.model_fields, *models.inputs.model_fields):
            assert f"``{name}``" in page, (kind, name)


def test_every_room_has_a_page(reference):
    made = reference.room_pages()
    rooms = {p.parent.name for p in Path(reference.potash.__file__).parent.glob("*/__init__.py")}
    assert set(made) == rooms | {"small"}
    assert "potash.hosts.screening" in made["hosts"]


def test_a_field_that_nobody_describes_stops_the_build(reference):
    class Bare(BaseModel):
        number: int = Field(default=3, ge=2)

    with pytest.raises(LookupError, match=r"Bare\.number is not described"):
        reference.meaning(Bare, "number")
    assert reference.limits_text(Bare.model_fields["number"]) == ">= 2"
    assert reference.default_text(Bare.model_fields["number"]) == "``3``"


def test_an_attributes_section_is_read_name_by_name(reference):
    found = reference.attributes_section(
        "A.\n\n    Attributes\n    ----------\n    one, two\n        Both of\n        them.\n"
        "    three\n        The third.\n\n    Notes\n    -----\n    No field."
    )
    assert found == {"one": "Both of them.", "two": "Both of them.", "three": "The third."}
