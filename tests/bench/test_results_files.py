"""Filled results files: good lines in, bad ones told by line; nothing is overwritten."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from openpyxl import Workbook

from potash.bench.recording import record
from potash.bench.results_files import read_results
from potash.catalog.catalog import load_catalog
from potash.errors import InputError
from potash.evidence.measurements import holding
from potash.results.measurement import MeasurementValues
from potash.store import Store
from potash.store.decisions import states

CATALOG = load_catalog()
HEAD = "candidate,property,value,uncertainty,unit,protocol,replicate,temperature_c,source\n"


def written(folder: Path, *lines: str, head: str = HEAD) -> Path:
    file = folder / "results.csv"
    file.write_text(head + "".join(f"{line}\n" for line in lines))
    return file


def test_units_of_the_instrument_become_ours(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "kfsi_dme_1m,conductivity_s_m,14.2,0.3,mS/cm,bulk,1,25,Ada",
        "cu6sn5_cu,coulombic_efficiency,99.2,0.2,%,half_cell_ce,1,,Ada",
        "kfsi_dme_1m,density_g_ml,1013,,kg/m3,bulk,1,25,Ada",
        "cu6sn5_cu,overpotential_mv,0.07,,V,symmetric,1,,Ada",
    )
    found = read_results(file, CATALOG)
    assert [line.inputs.value for line in found.lines] == [1.42, 0.992, 1.013, 70.0]
    assert found.lines[0].inputs.uncertainty == 0.03
    assert found.lines[0].inputs.temperature_k == 298.15
    assert [line.number for line in found.lines] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("cu6sn5,life_h,5,,h,symmetric,1,,Ada", "candidate: .*did you mean 'cu6sn5_cu'"),
        ("cu6sn5_cu,lif_h,5,,h,symmetric,1,,Ada", "property: .*did you mean 'life_h'"),
        ("cu6sn5_cu,life_h,5,,mV,symmetric,1,,Ada", "unit: 'mV' is no unit of life_h; use h, d"),
        ("cu6sn5_cu,life_h,-5,,h,symmetric,1,,Ada", "value: -5 is outside 0 to"),
        ("cu6sn5_cu,life_h,x,,h,symmetric,1,,Ada", "value: 'x' is not a number"),
        ("cu6sn5_cu,life_h,nan,,h,symmetric,1,,Ada", "value: 'nan' is not a finite number"),
        ("cu6sn5_cu,coulombic_efficiency,120,,%,k,1,,Ada", "value: 1.2 is outside 0 to 1.05"),
        ("cu6sn5_cu,life_h,5,-1,h,symmetric,1,,Ada", "an uncertainty cannot be negative"),
        ("cu6sn5_cu,life_h,5,,h,,1,,Ada", "protocol: is empty"),
        ("cu6sn5_cu,life_h,5,,h,symmetric,,,Ada", "replicate: is empty"),
        ("cu6sn5_cu,life_h,5,,h,symmetric,1,,", "source: is empty"),
    ],
)
def test_a_bad_line_is_told_and_the_others_kept(tmp_path: Path, line: str, says: str) -> None:
    good = "kfsi_dme_1m,density_g_ml,0.99,,g/mL,bulk,1,25,Ada"
    found = read_results(written(tmp_path, good, line), CATALOG)
    assert len(found.lines) == 1
    ((number, reason),) = found.refused
    assert number == 3
    assert re.search(says, reason), reason


def test_a_template_with_some_lines_filled(tmp_path: Path) -> None:
    empty = "kfsi_dme_1m,density_g_ml,,,g/mL,bulk,2,,"
    found = read_results(written(tmp_path, empty, empty), CATALOG)
    assert (found.lines, found.refused, found.empty) == ((), (), 2)


def test_a_workbook_reads_as_the_csv_does(tmp_path: Path) -> None:
    file = written(tmp_path, "kfsi_dme_1m,density_g_ml,0.99,0.01,g/mL,bulk,1,25,Ada")
    book = Workbook()
    assert book.active is not None
    with file.open() as handle:
        for row in csv.reader(handle):
            book.active.append([float(c) if c in ("0.99", "25") else c for c in row])
    book.save(tmp_path / "results.xlsx")
    assert read_results(tmp_path / "results.xlsx", CATALOG) == read_results(file, CATALOG)


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("candidate,propertie,value,unit,protocol,replicate\n", "no column 'property'; did you"),
        (HEAD.replace("source", "sorce"), "unknown column 'sorce'; did you mean 'source'"),
    ],
)
def test_a_file_of_other_columns_is_refused(tmp_path: Path, head: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_results(written(tmp_path, head=head), CATALOG)


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "results.xlsx").write_text("no")
    with pytest.raises(InputError, match="is no workbook"):
        read_results(tmp_path / "results.xlsx", CATALOG)


def test_a_correction_supersedes_and_the_old_value_stays(tmp_path: Path) -> None:
    store = Store(tmp_path / "rows.sqlite")
    old = "kfsi_dme_1m,density_g_ml,0.90,,g/mL,bulk,1,25,Ada"
    new = old.replace("0.90", "0.99")
    first = read_results(written(tmp_path, old), CATALOG).lines
    assert record(store, first).added == 1
    again = record(store, first)
    assert (again.added, again.known) == (0, 1)
    second = read_results(written(tmp_path, new), CATALOG).lines
    refused = record(store, second)
    assert refused.added == 0
    assert "was recorded as 0.9; correct it with --supersede" in refused.refused[0][1]
    assert record(store, second, supersede=True).superseded == 1
    assert record(store, second, supersede=True).known == 1
    rows = store.rows(kind="measurement")
    assert sorted(r.read(MeasurementValues).value for r in rows) == [0.90, 0.99]
    assert [r.read(MeasurementValues).value for r in holding(rows)] == [0.99]
    assert states(store)["kfsi_dme_1m"].state == "measured"


def test_a_file_that_was_stopped_half_way_goes_on(tmp_path: Path) -> None:
    store = Store(tmp_path / "rows.sqlite")
    lines = read_results(
        written(
            tmp_path,
            *(f"kfsi_dme_1m,density_g_ml,0.99,,g/mL,bulk,{n},25,Ada" for n in range(4)),
        ),
        CATALOG,
    ).lines
    record(store, lines[:2])  # each line is committed by itself
    rest = record(store, lines)
    assert (rest.added, rest.known) == (2, 2)
