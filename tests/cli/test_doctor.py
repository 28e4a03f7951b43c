"""Advice of the doctor: whole, and right for the installation."""

from __future__ import annotations

import json

import pytest

from potash.cli import doctor
from tests.cli.conftest import Potash


@pytest.fixture(autouse=True)
def _missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("dask-jobqueue-absent", "no-such-package"))
    extra = {"dask-jobqueue-absent": "pip install 'potash[slurm]'"}
    monkeypatch.setattr(doctor, "OPTIONAL", extra)


def test_brackets_of_an_extra_are_not_taken_for_markup(potash: Potash) -> None:
    assert "pip install 'potash[slurm]'" in potash("doctor").out


@pytest.mark.parametrize(
    ("checkout", "advice"), [(True, "make setup"), (False, "pip install no-such-package")]
)
def test_make_is_advised_only_where_there_is_a_makefile(
    potash: Potash, monkeypatch: pytest.MonkeyPatch, checkout: bool, advice: str
) -> None:
    monkeypatch.setattr(doctor, "in_checkout", lambda: checkout)
    packages = json.loads(potash("doctor", "--json").out)["packages"]
    notes = {p["name"]: p["note"] for p in packages}
    assert notes["no-such-package"] == f"missing: {advice}"
