"""The commands' JSON contract, on the shipped catalogue and real calculations."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import pytest
from ase.build import graphene
from ase.io import write

from potash import cli
from potash.catalog.catalog import load_catalog
from potash.claims.verdict import Verdict
from tests.cli.conftest import Potash


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Any:
        monkeypatch.setattr(sys, "argv", ["potash", *arguments, "--json"])
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert not end.value.code
        return json.loads(capsys.readouterr().out)

    return run


@pytest.mark.parametrize(
    ("command", "number"), [("hosts", 109), ("molecules", 102), ("electrolytes", 77)]
)
def test_catalogue_lists_are_complete(call: Any, command: str, number: int) -> None:
    records = call(command)
    assert len(records) == number
    for record in records:
        assert {"id", "name", "status", "levels", "reason"} <= set(record)
        assert record["status"] in ("computed", "partial", "not_computed")
        assert record["reason"] or record["status"] != "not_computed", record["id"]


def test_the_table_says_how_many_have_which_status(
    call: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = Counter(r["status"] for r in call("hosts"))
    monkeypatch.setattr(sys, "argv", ["potash", "hosts"])
    with pytest.raises(SystemExit):
        cli.main()
    title = capsys.readouterr().out.splitlines()[0]
    assert title.startswith("Hosts (109: ")
    assert all(f"{n} {status.replace('_', ' ')}" in title for status, n in counts.items())


def test_every_claim_has_a_verdict(call: Any) -> None:
    records = call("claims")
    assert len(records) == 130
    for record in records:
        assert set(record) >= {"id", "verdict", "value", "expected", "level", "reason"}
        assert record["verdict"] in get_args(Verdict)


def test_one_entry(call: Any) -> None:
    assert [r["id"] for r in call("hosts", "cu6sn5_cu")] == ["cu6sn5_cu"]


def test_orbitals_are_computed_once(call: Any, tmp_path: Path) -> None:
    first = call("orbitals", "COCCOC", "C1COC(=O)O1")
    assert [r["status"] for r in first] == ["ok", "ok"]
    dme, ec = first
    assert dme["ip_vertical_ev"] < ec["ip_vertical_ev"], "carbonates are harder to oxidise"
    assert set(dme) >= {"smiles", "level", "homo_ev", "lumo_ev", "ea_vertical_ev", "reason"}
    assert call("orbitals", "COCCOC")[0]["key"] == dme["key"]
    assert (tmp_path / "results" / "store.sqlite").is_file()


def test_molecules_are_labelled_as_they_were_typed(
    potash: Potash, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    done = potash("orbitals", "COCCOC", "dme", "[K+]")
    assert done.code == 0
    rows = {line.split()[0]: line for line in done.lines[3:6]}
    assert list(rows) == ["COCCOC", "dme", "[K+]"]
    assert "unbound" in rows["COCCOC"]
    assert re.search(r"\d\.\d\d \[\d\.\d\d, \d+\.\d\d\]", rows["dme"]), "corrected, with interval"
    assert "refused: " in rows["[K+]"]
    assert "screen corrected to experiment" in done.out


def test_rank_and_report(call: Any, tmp_path: Path) -> None:
    hosts, table = call("hosts"), call("rank", "hosts")
    entries = [*table["ranked"], *table["not_ranked"]]
    assert {r["id"] for r in hosts} <= {r["id"] for r in entries}, "models may be ranked beside"
    assert all(r["reason"] for r in table["not_ranked"])
    assert {r["source"] for r in table["ranked"]} == {"reference"}
    written = call("report", "--out", "somewhere")
    assert (tmp_path / written["report"]).stat().st_size > 10_000


def test_rank_says_how_many_of_all_pairs_are_resolved(call: Any) -> None:
    table = call("rank", "hosts")
    n = len(table["ranked"])
    assert table["pairs"] == n * (n - 1) // 2
    assert 0 < table["resolved_pairs"] < table["pairs"] - table["tied_pairs"]
    assert sum(r["told_apart_from"] for r in table["ranked"]) == 2 * table["resolved_pairs"]
    share = f"{table['resolved_pairs']} of all {table['pairs']} pairs are resolved"
    assert share in table["verdict"]


def test_rank_and_report_follow_the_ranking_of_a_campaign(call: Any, tmp_path: Path) -> None:
    """By the least diffusion alone: the ranks of the electrolytes are those of D, from below."""
    (tmp_path / "slow.yaml").write_text(
        "name: slow\nliquids: {items: [kfsi_dme_1m]}\nranking:\n  electrolytes:\n"
        "    - {column: diffusion_k_m2_s, worst: 1.0e-9, best: 0.0, weight: 1}\n"
    )
    table = call("rank", "electrolytes", "--campaign", "slow.yaml")
    assert [c["column"] for c in table["criteria"]] == ["diffusion_k_m2_s"]
    by_rank = sorted(table["ranked"], key=lambda r: r["rank"])
    found = [r["diffusion_k_m2_s"] or r["diffusion_k_apparent_m2_s"] for r in by_rank]
    assert len(found) > 5
    assert found == sorted(found)
    written = call("report", "--campaign", "slow.yaml", "--out", "slow")
    [document] = [f for f in written["files"] if f.endswith("electrolytes.json")]
    reported = json.loads((tmp_path / document).read_text())
    assert [c["column"] for c in reported["criteria"]] == ["diffusion_k_m2_s"]
    assert [e["id"] for e in reported["entries"] if e["rank"]] == [r["id"] for r in table["ranked"]]
    assert reported["pairs"] == table["pairs"]


@pytest.mark.parametrize("kind", ["hosts", "electrolytes", "molecules"])
def test_rank_puts_every_candidate_in_a_tier(call: Any, kind: str) -> None:
    table = call("rank", kind)
    assert table["kind"] == kind
    assert 0 < table["choose"] <= 10
    assert {r["tier"] for r in table["ranked"]} <= {"in", "in_doubt", "out"}
    for record in table["ranked"]:
        assert 0 <= record["probability_in"] <= 1
        assert f"among the best {table['choose']} in" in record["why"]
        assert not {"verdict", "probability_above_next"} & set(record)
    assert all(r["reason"] for r in table["not_ranked"])


def test_filters_of_rank_leave_out_who_fails(call: Any) -> None:
    """Against the catalogue itself."""
    catalog = load_catalog()
    arguments = ("rank", "molecules", "--role", "solvent", "--without", "S,F", "--choose", "3")
    table = call(*arguments)
    found = {r["id"] for r in (*table["ranked"], *table["not_ranked"])}
    assert found == {
        s.id
        for s in catalog.species.values()
        if "solvent" in s.roles and not {"S", "F"} & set(s.composition)
    }
    light = call(*arguments, "--where", "molar_mass_g_mol<=100")
    heavy = {r["id"] for r in light["ranked"] if r["molar_mass_g_mol"] > 100}
    assert heavy
    assert all(r["tier"] == "out" for r in light["ranked"] if r["id"] in heavy)
    hosts = call("rank", "hosts", "--class", "mxene")
    classes = {r["id"]: r["class"] for r in hosts["ranked"]}
    assert classes
    assert set(classes.values()) == {"mxene"}
    held = call("rank", "hosts", "--with", "Sn", "--role", "host")
    assert {r["id"] for r in held["ranked"]} <= {
        h.id
        for h in catalog.hosts.values()
        if "host" in h.roles and any("Sn" in catalog.models[m].formula for m in h.models)
    }


def test_salts_are_ranked_by_their_ions(call: Any) -> None:
    table = call("rank", "molecules", "--role", "salt")
    found = {r["id"]: r for r in table["ranked"]}
    anions = {r["id"]: r for r in call("rank", "molecules", "--role", "salt_anion")["ranked"]}
    for name, anion in (("kfsi", "fsi_minus"), ("kpf6", "pf6_minus"), ("kno3", "no3_minus")):
        assert found[name]["oxidation_limit_v"] == anions[anion]["oxidation_limit_v"]
    assert found["kpf6"]["probability_in"] > found["ktfsi"]["probability_in"]


def test_doctor_names_every_level(call: Any) -> None:
    levels = call("doctor")["levels"]
    assert {x["property"] for x in levels} == {"adsorption", "molecules", "liquids"}
    for level in levels:
        assert level["method"] if level["available"] else level["note"]


@pytest.mark.reference
def test_analyze_a_trajectory_of_others(call: Any, reference_data: Path) -> None:
    folder = reference_data / "kfsi_dme_md"
    result = call(
        "analyze",
        str(folder / "kfsi_dme.gro"),
        str(folder / "kfsi_dme.xtc"),
        *("--cation", "name K", "--anion", "resname FSI", "--cutoff", "3.6"),
    )
    assert result["per_anion"]["ssip"] == pytest.approx(0.5132, abs=1e-3)
    assert result["per_anion"]["cip"] == pytest.approx(0.2565, abs=1e-3)
    assert result["per_anion"]["agg"] == pytest.approx(0.2303, abs=1e-3)
    assert result["per_cation"]["agg"] == pytest.approx(0.0991, abs=1e-3)
    assert result["coordination"]["K-O(DME)"]["value"] == pytest.approx(5.905, abs=1e-2)


@pytest.mark.physics
def test_adsorption_is_shown_raw_and_corrected(call: Any, tmp_path: Path) -> None:
    sheet = graphene(size=(3, 3, 1), vacuum=7.5)
    sheet.pbc = (True, True, False)
    write(tmp_path / "sheet.xyz", sheet, format="extxyz")
    record = call("adsorb", "sheet.xyz")
    corrected = record["adsorption_energy_corrected_ev"]
    assert record["adsorption_energy_ev"] < corrected, "7net-0 overbinds K on carbon"
    assert record["adsorption_energy_low_ev"] < corrected < record["adsorption_energy_high_ev"]
