"""Commands that lead to the bench and back."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from tests.bench.test_cycler import half_cell
from tests.cli.conftest import Potash


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("POTASH_STORE", raising=False)


def test_the_best_that_can_be_made_are_handed_over(potash: Potash) -> None:
    done = potash("handoff", "--top", "2", "--volume", "5mL", "--json")
    assert done.code == 0, done.err
    sheets = json.loads(done.out)
    assert len(sheets) == 2
    batch = {"amount": 5.0, "by_mass": False}
    assert all(s["preparation"]["batch"] == batch for s in sheets)
    assert all(Path(f).is_file() for s in sheets for f in s["files"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("kfsi_dme_hc",), "open composition"),
        (("kfsi_dme_1m", "--volume", "0mL"), "a volume of 0mL cannot be made"),
        (("kfsi_dme_1m", "--top", "2"), "name candidates, or say how many"),
        ((), "name candidates, or say how many"),
        (("kfsi_dme_1",), "did you mean 'kfsi_dme_1m'"),
        (("didbe_d",), "no amount of"),
        (("peo_ktfsi_4",), "is a polymer electrolyte; a volume is made of liquids only: ask"),
        (("peo_ktfsi_4", "--mass", "0g"), "a mass of 0g cannot be made"),
        (("aviimfsi_il",), "no density of aviimfsi is known"),
        (("beta_al2o3_k", "--mass", "1g"), "its formula fixes the amount of k_plus"),
    ],
)
def test_the_impossible_is_refused_in_one_line(
    potash: Potash, arguments: tuple[str, ...], says: str
) -> None:
    done = potash("handoff", *arguments)
    assert done.code == 2
    assert says in done.err
    assert len(done.err.splitlines()) == 1
    assert not Path("results/handoff").exists()


def test_decisions_are_shown_with_the_candidate(potash: Potash) -> None:
    assert potash("approve", "cu6sn5_cu", "--by", "Ada", "--why", "reported well").code == 0
    assert potash("reject", "cu6sn5_cu", "--by", "Ben", "--why", "dear").code == 0
    record = json.loads(potash("hosts", "cu6sn5_cu", "--json").out)[0]
    assert [(d["state"], d["by"]) for d in record["decisions"]] == [
        ("rejected", "Ben"),
        ("approved", "Ada"),
    ]
    assert "rejected by Ben on" in potash("hosts", "cu6sn5_cu").out
    sheets = json.loads(potash("handoff", "cu6sn5_cu", "--json").out)
    assert sheets[0]["state"].startswith("rejected by Ben on")


def test_nobody_decides_about_what_does_not_exist(potash: Potash) -> None:
    done = potash("approve", "cu6sn5", "--by", "Ada", "--why", "x")
    assert done.code == 2
    assert "did you mean 'cu6sn5_cu'" in done.err
    assert not Path("results").exists()


def test_measurements_come_back_and_change_the_table(potash: Potash) -> None:
    head = "candidate,property,value,uncertainty,unit,protocol,replicate\n"
    good = [
        "kfsi_dme_1m,conductivity_s_m,14.2,0.3,mS/cm,bulk,1",
        *(f"kfsi_dme_1m,density_g_ml,{d},0.01,g/mL,bulk,{n}" for n, d in enumerate((1.1, 1.2))),
        *(f"cu6sn5_cu,coulombic_efficiency,99.{n},0.2,%,half_cell_ce,{n}" for n in range(7)),
    ]
    bad = ["cu6sn5_cu,coulombic_efficiency,120,,%,half_cell_ce,9", "cu6sn5,life_h,5,,h,x,1"]
    Path("filled.csv").write_text(head + "\n".join([*good, *bad]) + "\n")
    before = json.loads(potash("electrolytes", "kfsi_dme_1m", "--json").out)[0]
    done = potash("measured", "add", "filled.csv", "--by", "Ada", "--json")
    assert done.code == 2
    found = json.loads(done.out)
    assert found["added"] == 10
    assert [r["line"] for r in found["refused"]] == [12, 13]
    after = json.loads(potash("electrolytes", "kfsi_dme_1m", "--json").out)[0]
    assert after["density_g_ml"] == pytest.approx(1.15) != before["density_g_ml"]
    assert after["conductivity_s_m"] == pytest.approx(1.42)
    assert "experiment" in after["levels"]
    (sheet,) = json.loads(potash("handoff", "kfsi_dme_1m", "--json").out)
    predicted = {p["column"]: p["number"] for p in sheet["predictions"]}
    assert predicted["density_g_ml"] == before["density_g_ml"], "what was measured is no prediction"
    host = json.loads(potash("hosts", "cu6sn5_cu", "--json").out)[0]
    assert sum(r["kind"] == "measurement" for r in host["rows"]) == 7
    assert host["decisions"][0]["state"] == "measured"
    compared = json.loads(potash("measured", "compare", "--json").out)
    assert {c["column"] for c in compared["properties"]} >= {"density_g_ml"}
    assert Path(compared["page"]).is_file()
    again = json.loads(potash("measured", "add", "filled.csv", "--by", "Ada", "--json").out)
    assert (again["added"], again["known_before"]) == (0, 10)


def test_a_cycler_file_comes_back(potash: Potash) -> None:
    half_cell(Path("cell.bdf.csv"), [0.8, 0.98, 0.99])
    add = ("measured", "add", "cell.bdf.csv", "--by", "Ada", "--candidate", "kfsi_dme_1m")
    done = potash(*add, "--protocol", "k_cu_ce", "--replicate", "1", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["added"] == 2
    listed = json.loads(potash("measured", "list", "kfsi_dme_1m", "--json").out)
    values = {r["quantity"]: r["value"] for r in listed if r["origin"] == "own"}
    assert values["coulombic_efficiency"] == pytest.approx(0.985)
    assert values["overpotential_mv"] == pytest.approx(60.0)
    done = potash(*add, "--protocol", "k_cu_ce")
    assert done.code == 2
    assert "--replicate: a cycler file does not say it" in done.err


def test_what_the_review_measured_is_listed(potash: Potash) -> None:
    listed = json.loads(potash("measured", "list", "cu6sn5_cu", "--json").out)
    assert {r["quantity"] for r in listed} >= {"life_h", "overpotential_mv"}
    assert {r["origin"] for r in listed} == {"shipped"}
    assert all("10.1039/d4cs00845f" in r["measured_by"] for r in listed)


def test_what_is_no_liquid_is_made_by_mass(potash: Potash) -> None:
    (made,) = json.loads(potash("handoff", "peo_ktfsi_8", "--mass", "500mg", "--json").out)
    assert made["preparation"]["batch"] == {"amount": 0.5, "by_mass": True}
    assert sum(w["mass_g"] for w in made["preparation"]["weighings"]) == pytest.approx(0.5)


def test_without_measurements_the_batch_is_spread(potash: Potash) -> None:
    assert potash("reject", "kfsi_dme_1m", "--by", "Ada", "--why", "known").code == 0
    first = json.loads(potash("suggest", "--batch", "3", "--json").out)
    assert len(set(first["candidates"])) == 3
    assert "kfsi_dme_1m" not in first["candidates"]
    assert first["learnt"] == []
    assert "too few to learn from" in first["why"]
    pending = first["candidates"][0]
    assert potash("approve", pending, "--by", "Ada", "--why", "yes").code == 0
    assert pending not in json.loads(potash("suggest", "--batch", "3", "--json").out)["candidates"]


def test_a_property_without_a_direction_is_not_improved(potash: Potash) -> None:
    done = potash("suggest", "--by", "raman_agg")
    assert done.code == 2
    assert "no direction of raman_agg can be defended" in done.err


@pytest.mark.skipif(importlib.util.find_spec("baybe") is None, reason="needs the extra 'suggest'")
def test_hosts_are_suggested_too(potash: Potash) -> None:
    found = json.loads(potash("suggest", "--of", "hosts", "--batch", "2", "--json").out)
    hosts = {h["id"] for h in json.loads(potash("hosts", "--json").out)}
    assert set(found["candidates"]) <= hosts
    assert found["properties"] == ["life_h"]
    assert found["measured"]["life_h"] >= 30, "the lives of the review's tables are data"


def test_of_a_sweep_only_its_formulations_are_suggested(potash: Potash, tmp_path: Path) -> None:
    campaign = tmp_path / "sweep.yaml"
    campaign.write_text(
        """\
name: sweep
question:
  electrolytes:
    choose: 2
    by: {oxidation_limit_v: {worst: 3, best: 6}}
    among:
      sweep:
        salts: [kfsi]
        solvents: [dme, g2]
        molarities_mol_l: [0.5, 1.0, 1.5, 2.0]
"""
    )
    ask = ("suggest", "--campaign", str(campaign), "--batch", "4", "--json")
    found = json.loads(potash(*ask).out)
    assert len(found["candidates"]) == 4
    assert all("g2" in c or "dme" in c for c in found["candidates"])
    assert json.loads(potash(*ask).out) == found


def test_two_properties_are_named_with_a_comma(potash: Potash) -> None:
    found = json.loads(
        potash("suggest", "--by", "conductivity_s_m,coulombic_efficiency", "--json").out
    )
    assert found["properties"] == ["conductivity_s_m", "coulombic_efficiency"]
    assert set(found["skill"]) == set(found["properties"])
    done = potash("suggest", "--by", "conductivity_s_m,coulombic")
    assert done.code == 2
    assert "'coulombic' is not a property" in done.err
