"""No NaN or infinity gets past an outcome, wherever it hides, and the reason says which."""

from __future__ import annotations

import io
from typing import Any

import ase
import ase.io
import numpy as np
import pytest
from pydantic import ValidationError

from potash.errors import CalculationError
from potash.results.calculation import Outcome
from potash.results.finite import first_not_finite, first_not_finite_line
from potash.results.hop import HopValues
from tests.synthetic_rows import REQUIRED

BAD = [float("nan"), float("inf"), -float("inf"), np.float64("nan"), np.float32("inf")]
HOP: dict[str, Any] = REQUIRED["hop"]


@pytest.mark.parametrize("bad", BAD, ids=repr)
@pytest.mark.parametrize(
    "hidden",
    [
        lambda bad: {"hop_barrier_ev": bad},
        lambda bad: {"path_energies_ev": [0.0, bad, 0.0]},
    ],
    ids=["a number", "in a list"],
)
def test_models_refuse_it(bad: Any, hidden: Any) -> None:
    with pytest.raises(ValidationError, match="finite number"):
        HopValues(**{**HOP, **hidden(bad)})


@pytest.mark.parametrize("bad", BAD, ids=repr)
def test_an_outcome_refuses_what_was_put_in_without_validation(bad: Any) -> None:
    values = HopValues(**HOP)
    with pytest.raises(CalculationError, match=r"hop_barrier_ev is -?(nan|inf)"):
        Outcome(status="ok", values=values.model_copy(update={"hop_barrier_ev": bad}))
    path = np.array([0.0, bad, 0.0])
    with pytest.raises(CalculationError, match=r"path_energies_ev\.1 is -?(nan|inf)"):
        Outcome(status="ok", values=values.model_copy(update={"path_energies_ev": path}))
    with pytest.raises(CalculationError, match=r"the uncertainty of hop_barrier_ev is -?(nan|inf)"):
        Outcome(status="ok", values=values, uncertainty={"hop_barrier_ev": bad})


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_structures_are_looked_through(bad: float) -> None:
    atoms = ase.Atoms("InNaN", positions=[[0, 0, 0], [0, 0, 3], [0, 3, 0]], cell=[9, 9, 9])
    good = io.StringIO()
    ase.io.write(good, atoms, format="extxyz")
    Outcome(status="ok", values=HopValues(**HOP), structures={"best": good.getvalue()})
    atoms.positions[1, 2] = bad
    text = io.StringIO()
    ase.io.write(text, atoms, format="extxyz")
    with pytest.raises(CalculationError, match=r"structure 'best' is not finite: 'Na +0"):
        Outcome(status="ok", values=HopValues(**HOP), structures={"best": text.getvalue()})


def test_a_cell_or_an_energy_in_a_comment_counts_and_a_word_does_not() -> None:
    head = "1\n{}\nIn 0.0 0.0 0.0\n"
    assert first_not_finite_line(head.format('Lattice="1 0 0 0 nan 0 0 0 1" pbc="T T T"'))
    assert first_not_finite_line(head.format("energy=-inf pbc=F"))
    assert first_not_finite_line(head.format('name="nan inf" title=infinite')) is None


def test_arrays_and_nesting_are_named() -> None:
    deep = {"a": [{"b": (1, 2.0)}, {"b": (1, np.array([[1.0], [np.inf]]))}], "c": "nan"}
    assert first_not_finite(deep) == ("a.1.b.1.1.0", float("inf"))
    assert first_not_finite({"n": 10**400, "x": None, "y": True, "z": "inf"}) is None
