from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from potash.catalog.catalog import load_catalog
from potash.ranking.electrolytes import rank_electrolytes
from potash.ranking.hosts import rank_hosts
from potash.ranking.tables import ranked_tables
from potash.report.page import write_report
from potash.report.rows import embedded, script_json
from tests.synthetic_rows import adsorption, host_rows, liquid_rows, make_row, molecule_rows

CATALOG = load_catalog()
ROWS = [*host_rows(), *molecule_rows(), *liquid_rows()]


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "deep" / "report.html"
    return write_report(path, ROWS, CATALOG, title="A <title>").read_text(encoding="utf-8")


def payload(html):
    return json.loads(re.search(r'id="potash-data">(.*?)</script>', html, re.S).group(1))


def test_every_row_is_embedded_with_its_provenance(html):
    rows = payload(html)["rows"]
    assert set(rows) == {r.key for r in ROWS}
    assert all(
        {"engine", "seed", "seconds", "host", "reference_state"} <= set(r) for r in rows.values()
    )


def test_every_number_that_opens_its_origin_names_a_row(html):
    keys = set(re.findall(r'data-key="([^"]*)"', html))
    assert keys
    assert keys <= {r.key for r in ROWS}


def test_pictures_and_plots_refer_to_embedded_data(html):
    data = payload(html)
    assert set(re.findall(r'data-structure="([^"]+)"', html)) <= set(data["structures"])
    assert set(re.findall(r'data-plot="([^"]+)"', html)) <= set(data["plots"])
    assert "rdf_kfsi_dme_1m" in data["plots"]


def test_nothing_is_loaded_from_elsewhere(html):
    tags = re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", html)
    addresses = [a for t in tags for a in re.findall(r"""(?:src|href)=["']?([^"'>\s]*)""", t)]
    assert [a for a in addresses if not a.startswith("data:")] == []


def test_text_is_escaped(html):
    assert "A &lt;title&gt;" in html
    assert "outside &lt;validity&gt;" in html
    assert "outside <validity>" not in html


def test_failures_are_listed_with_their_reason(html):
    table = html[html.index('id="failure-table"') :]
    assert "the cell did not relax" in table[: table.index("</table>")]


def test_an_empty_store_gives_an_honest_page(tmp_path):
    html = write_report(tmp_path / "r.html", [], CATALOG, title="Empty").read_text("utf-8")
    assert "No adsorption energy has been computed" in html
    assert "No electrolyte has been simulated" in html
    assert len(html) < 500_000  # no plotting library without plots


def test_tables_that_are_given_are_the_ones_shown(tmp_path):
    tables = {
        "hosts": rank_hosts(ROWS, CATALOG, only=["cu_foil"]),
        "electrolytes": rank_electrolytes(ROWS, CATALOG, measured_ip_ev={}),
    }
    html = write_report(tmp_path / "r.html", ROWS, CATALOG, title="t", tables=tables).read_text()
    assert 'data-id="cu_foil"' in html
    assert 'data-id="p_cc"' not in html


def test_separators_are_ranked_in_a_part_of_their_own(tmp_path):
    rows = [*ROWS, adsorption("cr3o_node_nh2", -2.5)]
    tables = ranked_tables(rows, CATALOG)
    html = write_report(tmp_path / "r.html", rows, CATALOG, title="t", tables=tables).read_text()
    assert 'data-id="pep_nm"' not in html
    apart = html[html.index('id="separators-table"') :]
    assert CATALOG.hosts["pep_nm"].name in apart[: apart.index("</table>")]
    assert 'data-key=""' not in html


def test_script_data_cannot_end_its_element():
    text = script_json({"a": "</script><b>\u2028"})
    assert "<" not in text
    assert json.loads(text) == {"a": "</script><b>\u2028"}


def test_bulky_values_and_nan_stay_out_of_the_page():
    values = {"rdf": {"a": 1}, "n": float("nan"), "d": [1.23456789]}
    row = replace(make_row("liquid", "x"), values=values)
    assert embedded(row)["values"] == {"n": None, "d": [1.23457]}
