"""Sheets in the formats of other tools: BattINFO, and an RO-Crate that notebooks import."""

from __future__ import annotations

import csv
import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from potash.bench.battinfo import battinfo_spec
from potash.bench.croissant import croissant, write_croissant
from potash.bench.written import write_sheet
from potash.catalog.catalog import load_catalog
from potash.store import Row, export_rows
from tests.bench.test_sheet import cu6sn5, lhce

CATALOG = load_catalog()


@pytest.fixture(scope="module")
def validator(reference_data: Path) -> Any:
    """Return the validator of BattINFO's electrolyte specification."""
    root = reference_data / "battinfo"
    schemas = [json.loads(f.read_text()) for f in root.rglob("*.schema.json")]
    registry: Any = Registry().with_resources(
        [(s["$id"], Resource.from_contents(s)) for s in schemas]
    )
    (schema,) = [s for s in schemas if s["$id"].endswith("/electrolyte-spec.schema.json")]
    return jsonschema.Draft202012Validator(schema, registry=registry)


@pytest.mark.reference
@pytest.mark.parametrize("name", CATALOG.electrolytes)
def test_every_formulation_is_a_valid_specification(name: str, validator: Any) -> None:
    document = battinfo_spec(CATALOG.electrolytes[name], CATALOG)
    assert [e.message for e in validator.iter_errors(document)] == []
    broken = {**document, "electrolyte_spec": {**document["electrolyte_spec"], "family": "oil"}}
    assert list(validator.iter_errors(broken))


def test_amounts_are_numbers_only_where_somebody_stated_them() -> None:
    document = battinfo_spec(CATALOG.electrolytes["kfsi_dme_hc"], CATALOG)
    amount = document["electrolyte_spec"]["salt"]["property"]["amount"]
    assert amount == {"value_text": "unspecified", "unit_text": "not a number"}
    assert "open composition: no amount of kfsi" in document["notes"]
    assumed = battinfo_spec(CATALOG.electrolytes["kpf6_ecdec_08"], CATALOG)
    (ec, _) = assumed["electrolyte_spec"]["solvent_mixture"]["component"]
    assert list(ec["property"]) == ["volume_parts_assumed"]


def test_identifiers_differ_and_stay() -> None:
    ids = {
        battinfo_spec(f, CATALOG)["electrolyte_spec"]["id"] for f in CATALOG.electrolytes.values()
    }
    assert len(ids) == len(CATALOG.electrolytes)
    spec = battinfo_spec(CATALOG.electrolytes["kfsi_dme_1m"], CATALOG)["electrolyte_spec"]
    assert spec == battinfo_spec(CATALOG.electrolytes["kfsi_dme_1m"], CATALOG)["electrolyte_spec"]


@pytest.mark.parametrize("made", [lhce(), cu6sn5()], ids=lambda s: s.kind)
def test_the_archive_describes_every_file_in_it(made: Any, tmp_path: Path) -> None:
    write_sheet(made, tmp_path, CATALOG)
    with zipfile.ZipFile(tmp_path / f"{made.id}.eln") as archive:
        names = [n for n in archive.namelist() if not n.endswith("/")]
        assert {n.split("/")[0] for n in names} == {made.id}, "one folder"
        graph = json.loads(archive.read(f"{made.id}/ro-crate-metadata.json"))
        nodes = {n["@id"]: n for n in graph["@graph"]}
        files = {i: n for i, n in nodes.items() if n["@type"] == "File"}
        assert {f"{made.id}/{i}" for i in files} == {n for n in names if "ro-crate" not in n}
        for identifier, node in files.items():
            content = archive.read(f"{made.id}/{identifier}")
            assert node["sha256"] == hashlib.sha256(content).hexdigest()
            assert node["contentSize"] == str(len(content))
    about = nodes["ro-crate-metadata.json"]
    assert about["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    root = nodes["./"]
    assert all(root[key] for key in ("name", "description", "datePublished", "license", "author"))


SLAB = """2
Lattice="4.0 0.0 0.0 0.0 4.0 0.0 0.0 0.0 20.0" Properties=species:S:1:pos:R:3 pbc="T T F"
Cu 0.0 0.0 5.0
K 0.0 0.0 8.0
"""


def test_structures_of_hosts_are_optimade_entries(tmp_path: Path) -> None:
    files = write_sheet(cu6sn5(), tmp_path, CATALOG, structures={"k_on_cu": SLAB})
    (file,) = [f for f in files if f.name.endswith(".optimade.json")]
    (entry,) = json.loads(file.read_text())["data"]
    found = entry["attributes"]
    assert entry["id"] == "k_on_cu"
    assert found["chemical_formula_anonymous"] == "AB"
    assert found["elements_ratios"] == [0.5, 0.5]
    assert found["nperiodic_dimensions"] == 2
    assert found["lattice_vectors"][:2] == [[4.0, 0.0, 0.0], [0.0, 4.0, 0.0]]
    assert found["lattice_vectors"][2] == [None, None, None]
    assert found["cartesian_site_positions"] == [[0.0, 0.0, 5.0], [0.0, 0.0, 8.0]]
    assert found["species_at_sites"] == ["Cu", "K"]


def test_rows_are_described_as_croissant(reference_rows: list[Row], tmp_path: Path) -> None:
    folder = Path(__file__).parents[2] / "results" / "reference"
    found = croissant(folder, name="reference", version="1")
    tables = sorted([*folder.rglob("*.parquet"), *folder.rglob("*.csv")])
    assert [f["@id"] for f in found["distribution"]] == [
        t.relative_to(folder).as_posix() for t in tables
    ]
    adsorption = folder / "hosts" / "adsorption.csv"
    name = adsorption.relative_to(folder).as_posix()
    (file,) = [f for f in found["distribution"] if f["@id"] == name]
    assert file["sha256"] == hashlib.sha256(adsorption.read_bytes()).hexdigest()
    (record,) = [r for r in found["recordSet"] if r["@id"] == name.removesuffix(".csv")]
    fields = {f["source"]["extract"]["column"]: f for f in record["field"]}
    with adsorption.open(encoding="utf-8") as handle:
        assert list(fields) == next(csv.reader(handle))
    assert fields["adsorption_energy_ev"]["description"] == "adsorption energy, eV"
    assert fields["adsorption_energy_ev"]["dataType"] == "sc:Float"


def test_an_export_is_described(reference_rows: list[Row], tmp_path: Path) -> None:
    phases = [r for r in reference_rows if r.kind == "phase"][:2]
    export_rows(phases, tmp_path / "mine", file_format="csv")
    found = json.loads(write_croissant(tmp_path / "mine", name="mine", version="1").read_text())
    assert [f["@id"] for f in found["distribution"]] == ["phase.csv"]
