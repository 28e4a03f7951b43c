"""Typed records: what is absent, what is refused, and what the error says."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest
from pydantic import ValidationError

import potash.results
from potash.errors import InputError
from potash.results.hop import HopValues
from potash.results.k_metal import KMetalValues
from potash.results.kinds import MODELS
from potash.results.model import Inputs, Record, Values, record_from

K = {"energy_ev_per_atom": -1.1, "lattice_constant_angstrom": 5.36, "level_sha256": "c0de"}


class Part(Record):
    name: str
    smiles: str | None
    note: str | None = None
    count: int = 1


class Whole(Record):
    parts: tuple[Part, ...]
    by_size: dict[int, float] | None = None


def test_absent_is_left_out_but_a_required_none_is_written() -> None:
    part = Part(name="a", smiles=None)
    assert part.plain() == {"name": "a", "smiles": None, "count": 1}
    assert Part(name="a", smiles=None, note="x").plain()["note"] == "x"
    whole = Whole(parts=(part,), by_size={3: 0.5})
    assert whole.plain() == {"parts": [part.plain()], "by_size": {"3": 0.5}}
    assert Whole.model_validate(whole.plain()) == whole


def test_plain_form_does_not_depend_on_how_it_was_made() -> None:
    assert (
        Part(name="a", smiles=None, note=None, count=1).plain()
        == Part(name="a", smiles=None).plain()
    )


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_not_a_number_is_no_value(bad: float) -> None:
    with pytest.raises(ValidationError, match="finite number"):
        KMetalValues(**{**K, "energy_ev_per_atom": bad})
    with pytest.raises(ValidationError, match="finite number"):
        KMetalValues(**K, functional_shift_ev={"RPBE": bad})


@pytest.mark.parametrize(
    "change, field, text",
    [
        ({"energy_ev_per_atom": "low"}, "energy_ev_per_atom", "valid number"),
        ({"energy_ev_per_atom": float("nan")}, "energy_ev_per_atom", "not nan"),
        ({"energy_kj_mol": 3.0}, "energy_kj_mol", "not permitted"),
        ({"functional_shift_ev": {"RPBE": "x"}}, "functional_shift_ev.RPBE", "not 'x'"),
    ],
)
def test_error_names_source_field_and_value(change, field: str, text: str) -> None:
    with pytest.raises(InputError) as caught:
        record_from(KMetalValues, {**K, **change}, source="row c0de")
    assert caught.value.source == "row c0de"
    assert caught.value.field == field
    assert text in caught.value.message


def test_several_errors_are_counted() -> None:
    with pytest.raises(InputError, match=r"Field required \(and 7 more\)"):
        record_from(HopValues, {}, source="row")


def test_records_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        KMetalValues(**K).energy_ev_per_atom = 0.0


def test_every_field_says_what_it_is() -> None:
    """Each field of a model is followed by its docstring, from which the pages are made."""
    folder = Path(inspect.getfile(potash.results)).parent
    bases = {"Record", "Inputs", "Values", "Models"}
    checked = 0
    for path in sorted(set(folder.glob("*.py")) - {folder / "calculation.py", folder / "kinds.py"}):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.ClassDef) or node.name in bases:
                continue
            for field, after in zip(node.body, [*node.body[1:], None], strict=True):
                if not isinstance(field, ast.AnnAssign) or ast.unparse(field.target) == "KIND":
                    continue
                documented = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
                assert documented, f"{path.name}: {field.lineno}"
                checked += 1
    assert checked > 150


@pytest.mark.parametrize("models", MODELS.values(), ids=lambda m: m.kind)
def test_models_of_a_kind_belong_together(models) -> None:
    assert models.inputs.KIND == models.values.KIND == models.kind
    assert models.main in models.values.model_fields
    for role, field in models.needs.model_fields.items():
        assert field.annotation is MODELS[role].values


def test_a_model_says_its_kind() -> None:
    assert KMetalValues.KIND == "k_metal"
    assert issubclass(KMetalValues, Values)
    assert not issubclass(KMetalValues, Inputs)
