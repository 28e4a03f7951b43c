"""The sheet of a candidate: what it says, and how it leaves the program."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from potash.bench.markdown import markdown
from potash.bench.pdf import qr_text
from potash.bench.predictions import host_predictions
from potash.bench.preparation import Batch
from potash.bench.sheet import RESULT_COLUMNS, Sheet, sheet
from potash.bench.written import write_sheet, written_files
from potash.calibration import Estimate
from potash.catalog.catalog import load_catalog
from potash.errors import InputError
from potash.results.measurement import PROPERTIES

CATALOG = load_catalog()
LHCE: dict[str, Any] = {
    "name": "LHCE2: KFSI/DME/TTE 1:2:1",
    "rank": 8,
    "rank_low": 1,
    "rank_high": 11,
    "level": "screen-gromacs",
    "density_g_ml": 1.3764,
    "density_low_g_ml": 1.373,
    "density_high_g_ml": 1.3799,
    "oxidation_limit_v": 5.44,
    "oxidation_limit_low_v": 4.5,
    "oxidation_limit_high_v": 6.38,
    "oxidation_limited_by_in_solution": "dme",
    "flags": ["not converged"],
    "keys": {"liquid 1": "0f"},
}
CU6SN5: dict[str, Any] = {
    "name": "Cu6Sn5 layer on Cu foil",
    "rank": 49,
    "rank_low": 20,
    "rank_high": 125,
    "model": "cu6sn5_001",
    "level": "screen",
    "adsorption_energy_ev": -0.71,
    "adsorption_energy_low_ev": -1.53,
    "adsorption_energy_high_ev": 0.22,
    "contact_with_k": "reacts",
    "reacts_with_k": "Cu6Sn5 + 5 K -> 6 Cu + 5 KSn",
}


def lhce() -> Sheet:
    return sheet("lhce2_kfsi_dme_tte", LHCE, CATALOG, batch=Batch(10.0), date="2026-11-27")


def cu6sn5() -> Sheet:
    return sheet(
        "cu6sn5_cu", CU6SN5, CATALOG, batch=Batch(10.0), date="2026-11-27", state="approved"
    )


def test_an_electrolyte_is_made_tested_and_predicted() -> None:
    made = lhce()
    assert made.preparation is not None
    # 22.42 mmol in 14.159 g at the simulated density, by hand.
    assert made.preparation.molarity["kfsi"] == pytest.approx(22.420 / (14.1592 / 1.3764), rel=1e-4)
    density, oxidation = made.predictions
    assert density.confirms == "1.3730 to 1.3799 g/mL"
    assert "force field" in density.caution
    assert oxidation.level == "redox of dme"
    assert [t.id for t in made.tests] == ["bulk", "k_cu_ce", "symmetric"]
    assert "14 of 42 rows" in made.tests[1].settings["current, capacity"]
    assert made.rank == "rank 8, between 1 and 11 within the uncertainties"
    assert "not converged" in made.to_know


def test_a_measured_density_gives_the_molarity() -> None:
    made = sheet(
        "lhce2_kfsi_dme_tte",
        LHCE,
        CATALOG,
        batch=Batch(10.0),
        date="",
        measured_density=Estimate(raw=1.30, value=1.30, components=()),
    )
    assert made.preparation is not None
    assert made.preparation.molarity["kfsi"] == pytest.approx(22.420 / (14.1592 / 1.30), rel=1e-4)
    assert made.preparation.density is not None
    assert made.preparation.density.words() == "1.30 [1.30, 1.30] g/mL, measured"
    assert made.predictions[0].number == 1.3764


def test_a_host_has_no_amounts_and_says_what_groups_did() -> None:
    made = cu6sn5()
    assert made.preparation is None
    assert made.tests[0].settings["current, capacity"].startswith("1 mA/cm², 1 mA h/cm² (ref. 204")
    assert any(line.startswith("average CE: 99.69 %") for line in made.reported)
    energy, contact = made.predictions
    assert energy.confirms.startswith("not decidable: the interval includes 0")
    assert contact.confirms == "product phases are found"


def test_an_energy_whose_sign_is_known_says_what_would_refute_it() -> None:
    bound = {**CU6SN5, "adsorption_energy_high_ev": -0.2}
    (energy, _) = host_predictions(bound)
    assert "larger than on bare Cu" in energy.refutes


def test_an_unknown_error_decides_nothing() -> None:
    record = {**LHCE, "density_low_g_ml": None, "density_high_g_ml": None}
    made = sheet("lhce2_kfsi_dme_tte", record, CATALOG, batch=Batch(10.0), date="")
    assert made.predictions[0].confirms.startswith("not decidable")


def test_what_is_no_candidate_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'cu6sn5_cu'"):
        sheet("cu6sn5", {}, CATALOG, batch=Batch(10.0), date="")


@pytest.mark.parametrize("made", [lhce(), cu6sn5()], ids=lambda s: s.kind)
def test_files(made: Sheet, tmp_path: Path) -> None:
    files = write_sheet(made, tmp_path, CATALOG)
    assert sorted(map(str, files)) == written_files(made, tmp_path)
    pdf = (tmp_path / f"{made.id}.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1, "one page"
    data = json.loads((tmp_path / f"{made.id}.json").read_text())
    assert data["id"] == made.id
    with (tmp_path / f"{made.id}-results.csv").open() as handle:
        template = list(csv.DictReader(handle))
    assert tuple(template[0]) == RESULT_COLUMNS
    assert len(template) == 3 * sum(len(t.properties) for t in made.tests)
    assert all(r["value"] == "" and r["unit"] in PROPERTIES[r["property"]].units for r in template)


def test_the_amounts_are_in_every_file(tmp_path: Path) -> None:
    write_sheet(lhce(), tmp_path, CATALOG)
    with (tmp_path / "lhce2_kfsi_dme_tte.csv").open() as handle:
        amounts = {r["species"]: r["mass_g"] for r in csv.DictReader(handle)}
    assert amounts == {"kfsi": "4.9149", "dme": "4.0411", "tte": "5.2032"}
    page = markdown(lhce())
    assert all(mass in page for mass in amounts.values())
    assert "| not in a source here |" in page, "no CAS number of KFSI is made up"
    assert "see the safety data sheet" in page


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler's pdftotext")
def test_the_page_can_be_read(tmp_path: Path) -> None:
    write_sheet(lhce(), tmp_path, CATALOG)
    file = tmp_path / "lhce2_kfsi_dme_tte.pdf"
    done = subprocess.run(
        ["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True
    )
    for words in (
        "4.9149",
        "4.0411",
        "5.2032",
        "16627-68-2",
        "1.3730 to 1.3799",
        "µL",
        "signature",
    ):
        assert words in done.stdout


def test_the_code_names_candidate_and_day() -> None:
    assert qr_text(lhce()).startswith("potash:lhce2_kfsi_dme_tte?date=2026-11-27&")
