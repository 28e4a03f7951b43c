"""Every key of a campaign file changes the plan or what is written, or is refused.

The keys are taken from the model, so that a new one fails here until it has an effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from ase.build import bulk
from ase.io import write
from pydantic import BaseModel

from potash.catalog.campaign import Campaign
from potash.engines import gpaw
from potash.errors import InputError
from potash.ranking.table import RankedTable
from potash.ranking.tables import ranked_tables
from potash.report.written import write_results
from potash.workflows.planned import Planned, plan_file
from tests.synthetic_rows import host_rows, liquid_rows

Plain = dict[str, Any]

HOSTS: Plain = {"hosts": {"items": ["al_111"]}}
FILES: Plain = {"hosts": {"files": [{"file": "copper.cif"}]}}
BARRIERS: Plain = {"barriers": {"items": ["k2s"]}}
MOLECULES: Plain = {"molecules": {"items": ["dme", "kfsi"]}}
COMPLEX: Plain = {"complexes": {"items": [{"metal": "K", "ligands": ["dme"]}]}}
LIQUIDS: Plain = {"liquids": {"items": ["kfsi_dme_1m"], "production_ps": 6000}}
CRITERION: Plain = {
    "column": "adsorption_energy_ev",
    "worst": 0.0,
    "best": -1.5,
    "weight": 1.0,
    "label": "strength",
    "why": "because",
}
OF_LIQUIDS: Plain = CRITERION | {"column": "diffusion_k_m2_s", "worst": 0.0, "best": 1e-9}


def reversed_(criterion: Plain) -> Plain:
    """Return a criterion that rewards the contrary, so that relative weights count."""
    return criterion | {"worst": 2 * criterion["best"], "best": criterion["worst"]}


CHANGES: dict[str, tuple[Plain, Any]] = {
    "name": (HOSTS, "a_name_of_its_own"),
    "description": (HOSTS, "What it is for."),
    "seed": (MOLECULES, 7),
    "catalog": (MOLECULES, "own"),
    "hosts.items": (HOSTS, ["cu_111"]),
    "hosts.files.file": (FILES, "silver.cif"),
    "hosts.files.facets": (FILES, ["(110)"]),
    "hosts.levels": (HOSTS, ["screen-chgnet"]),
    "hosts.extra": (HOSTS, {"screen-chgnet": ["cu_111"]}),
    "hosts.calculator": (HOSTS, "calculators:emt"),
    "hosts.facets": (HOSTS, "all"),
    "hosts.also": (HOSTS, ["hop"]),
    "hosts.phases": (HOSTS, True),
    "barriers.items": (BARRIERS, ["kf"]),
    "barriers.files": (BARRIERS, ["kf.cif"]),
    "barriers.levels": (BARRIERS, ["screen-chgnet"]),
    "barriers.ion": ({"barriers": {"items": ["na2k"]}}, "Na"),
    "barriers.mechanism": (BARRIERS, "interstitial"),
    "barriers.image_distance_angstrom": (BARRIERS, 14.0),
    "molecules.items": (MOLECULES, ["ec"]),
    "molecules.levels": (MOLECULES, ["standard"]),
    "molecules.extra": (MOLECULES, {"standard": ["dme"]}),
    "molecules.redox": (MOLECULES, True),
    "molecules.ion_pairs": (MOLECULES, True),
    "molecules.fluoride_release": (MOLECULES, True),
    "molecules.medium": ({"molecules": {"items": ["dme"], "redox": True}}, "pc"),
    "complexes.items.metal": (COMPLEX, "Na"),
    "complexes.items.ligands": (COMPLEX, ["dme", "ec"]),
    "complexes.levels": (COMPLEX, ["standard"]),
    "liquids.items": (LIQUIDS, ["kpf6_dme_1m"]),
    "liquids.level": (LIQUIDS, "standard-openmm"),
    "liquids.n_atoms": (LIQUIDS, 1400),
    "liquids.temperature_k": (LIQUIDS, 333.0),
    "liquids.equilibration_ps": (LIQUIDS, 77.0),
    "liquids.production_ps": (LIQUIDS, 7000.0),
    "liquids.seeds": (LIQUIDS, [1, 2]),
    "liquids.charge_scale": (LIQUIDS, 0.7),
    **{
        f"ranking.{kind}.{key}": (
            {**HOSTS, "ranking": {kind: [criterion, reversed_(criterion)]}},
            value,
        )
        for kind, criterion, column in (
            ("hosts", CRITERION, "binding_energy_ev"),
            ("electrolytes", OF_LIQUIDS, "oxidation_limit_ip_ev"),
        )
        for key, value in {
            "column": column,
            "worst": 0.3 * criterion["best"],
            "best": 2.0 * criterion["best"],
            "weight": 0.25,
            "label": "name of it",
            "why": "for another reason",
        }.items()
    },
}
"""Key to a campaign and the value that changes it."""


def models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for part in get_args(annotation) for m in models_in(part)]


def keys(model: type[BaseModel], before: tuple[str, ...] = ()) -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = models_in(field.annotation)
        for found in inner:
            yield from keys(found, (*before, name))
        if not inner:
            yield ".".join((*before, name))


def with_value(campaign: Any, path: list[str], value: Any) -> Any:
    """Return plain data with a value at a path; lists are entered at their first member."""
    if isinstance(campaign, list):
        return [with_value(campaign[0], path, value), *campaign[1:]]
    if len(path) == 1:
        return {**campaign, path[0]: value}
    return {**campaign, path[0]: with_value(campaign.get(path[0], {}), path[1:], value)}


def planned(folder: Path, campaign: Plain) -> Planned:
    file = folder / "campaign.yaml"
    file.write_text(yaml.safe_dump({"name": "base", **campaign}))
    return plan_file(file)


def page(planned: Planned, folder: Path) -> str:
    """Return the report that a campaign ends with, on synthetic rows."""
    rows = [*host_rows(), *liquid_rows()]
    found = write_results(rows, planned.catalog, folder, campaign=planned.campaign)
    return found.report.read_text()


def effect(folder: Path, campaign: Plain) -> Any:
    """Return what a campaign plans and how it ranks synthetic rows, or why it is refused."""
    try:
        found = planned(folder, campaign)
    except InputError as error:
        return str(error)
    tables: Mapping[str, RankedTable] = {}
    if "ranking" in campaign:
        rows = [*host_rows(), *liquid_rows()]
        tables = ranked_tables(rows, found.catalog, found.campaign.ranking)
    return (
        {
            (stage.name, c.kind, c.item, c.model, c.level, c.key)
            for stage in found.stages
            for c in stage.calculations
        },
        {name: table.records() for name, table in tables.items()},
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "calculators.py").write_text(
        "from ase.calculators.emt import EMT\ndef emt():\n    return EMT()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "own").mkdir()
    write(tmp_path / "copper.cif", bulk("Cu"))
    write(tmp_path / "silver.cif", bulk("Ag"))
    write(tmp_path / "kf.cif", bulk("KF", "rocksalt", a=5.35))
    return tmp_path


def test_every_key_is_here() -> None:
    # A question is not planned but answered: test_every_question_key.py changes its keys. Limits
    # change how a plan is computed: tests/running/test_limits.py.
    # What is kept: tests/running/test_keeping.py.
    # A gate: test_gate.py. A budget ends the climbing: test_climbing.py.
    elsewhere = ("question.", "limits.", "gate.", "budget.", "keep.")
    planned_keys = {key for key in keys(Campaign) if not key.startswith(elsewhere)}
    assert set(CHANGES) == planned_keys


SHOWN = {key for key in CHANGES if key.endswith((".label", ".why"))} | {"name", "description"}


@pytest.mark.parametrize("key", sorted(CHANGES.keys() - SHOWN - {"catalog"}))
def test_a_key_changes_the_plan_or_the_ranking(folder: Path, key: str) -> None:
    base, value = CHANGES[key]
    before = effect(folder, base)
    assert effect(folder, with_value(base, key.split("."), value)) != before


def test_words_are_where_people_see_them(folder: Path) -> None:
    base: Plain = {**HOSTS, "ranking": {"hosts": [CRITERION], "electrolytes": [OF_LIQUIDS]}}
    campaign = base
    for key in SHOWN:
        campaign = with_value(campaign, key.split("."), f"words of {key}".replace(" ", "_"))
    before = page(planned(folder, base), folder / "before")
    after = page(planned(folder, campaign), folder / "after")
    for key in SHOWN:
        assert f"words_of_{key}" in after
        assert f"words_of_{key}" not in before


def test_the_folder_of_a_catalogue_adds_its_entries(folder: Path) -> None:
    (folder / "own" / "species.yaml").write_text(
        "species:\n  - {id: my_ether, name: diethoxyethane, smiles: CCOCCOCC}\n"
    )
    own = {"molecules": {"items": ["my_ether"]}}
    with pytest.raises(InputError, match="my_ether"):
        planned(folder, own)
    (stage,) = planned(folder, {**own, "catalog": "own"}).stages
    assert [c.item for c in stage.calculations] == ["my_ether"]


@pytest.mark.skipif(gpaw.interpreter() is None, reason="GPAW is not installed")
@pytest.mark.parametrize("value", ["thickness", "hop", "charge", "adhesion"])
def test_each_value_of_also_counts(folder: Path, value: str) -> None:
    both = {"hosts": {"items": ["al_111"], "levels": ["screen", "standard"]}}
    before, _ = effect(folder, both)
    after, _ = effect(folder, with_value(both, ["hosts", "also"], [value]))
    assert {kind for _, kind, *_ in after - before} == {value}


def test_a_key_that_does_not_exist_is_refused_everywhere(folder: Path) -> None:
    for key, (base, value) in CHANGES.items():
        path = key.split(".")
        changed = with_value(with_value(base, path, value), [*path[:-1], "surprise"], 1)
        with pytest.raises(InputError, match="unknown key 'surprise'"):
            planned(folder, changed)
