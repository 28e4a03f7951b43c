"""The report in a real browser without network: tables, sorting, 3D views, plots, provenance."""

from __future__ import annotations

import os
import shutil

import pytest

from potash.catalog.catalog import load_catalog
from potash.ranking.electrolytes import rank_electrolytes
from potash.ranking.hosts import rank_hosts
from potash.report.page import write_report
from tests.synthetic_rows import host_rows, liquid_rows, molecule_rows

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
SCROLL = "document.getElementById(arguments[0]).scrollIntoView({behavior: 'instant'})"
DRIVER = shutil.which("chromedriver")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    if CHROMIUM is None or DRIVER is None:
        message = "Chromium and chromedriver are not installed"
        pytest.fail(message) if os.environ.get("POTASH_REQUIRE_BROWSER") else pytest.skip(message)
    rows = [*host_rows(), *molecule_rows(), *liquid_rows()]
    catalog = load_catalog()
    tables = {"hosts": rank_hosts(rows, catalog), "electrolytes": rank_electrolytes(rows, catalog)}
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(path, rows, catalog, title="Browser test", tables=tables)
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--window-size=1400,1000",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=DRIVER)
    driver = webdriver.Chrome(options=options, service=service)
    try:
        driver.execute_cdp_cmd("Network.enable", {})
        driver.set_network_conditions(
            offline=True, latency=0, download_throughput=0, upload_throughput=0
        )
        driver.get(path.as_uri())
        wait_for(driver, "return document.body.dataset.ready === '1'")
        driver.tables = tables
        yield driver
    finally:
        driver.quit()


def wait_for(driver, script, seconds=20):
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(driver, seconds).until(lambda d: d.execute_script(script))


def column(driver, table, index):
    script = (
        "return [...document.getElementById(arguments[0]).tBodies]"
        ".map(b => b.rows[0].cells[arguments[1]].dataset.sort)"
    )
    return driver.execute_script(script, table, index)


def test_tables_have_the_ranked_rows(page):
    ids = page.execute_script(
        "return [...document.querySelectorAll('#host-table tbody.entry')].map(b => b.dataset.id)"
    )
    assert ids == [e.id for e in page.tables["hosts"].ranked]
    n = page.execute_script(
        "return document.querySelectorAll('#electrolyte-table > tbody.entry').length"
    )
    assert n == 2


def test_sorting_by_energy_both_ways_moves_whole_entries(page):
    head = "document.querySelectorAll('#host-table th')[4].click()"
    page.execute_script(head)
    up = [float(x) for x in column(page, "host-table", 4)]
    assert up == sorted(up)
    page.execute_script(head)
    down = [float(x) for x in column(page, "host-table", 4)]
    assert down == sorted(down, reverse=True)
    page.execute_script("document.querySelector('#host-table th').click()")
    ranks = [int(x) for x in column(page, "host-table", 0)]
    assert ranks == sorted(ranks)


def test_filter_hides_what_does_not_match(page):
    set_value(page, "[data-filter=host-table]", "Pd on Cu foam")
    found = shown(page, "host-table")
    set_value(page, "[data-filter=host-table]", "")
    assert found == ["pd_cu_foam"]


def set_value(page, selector, value):
    page.execute_script(
        "const i = document.querySelector(arguments[0]); i.value = arguments[1];"
        "i.dispatchEvent(new Event('input', {bubbles: true}))",
        selector,
        value,
    )


def shown(page, table):
    return page.execute_script(
        "return [...document.querySelectorAll(`#${arguments[0]} > tbody.entry:not(.hidden)`)]"
        ".map(b => b.dataset.id)",
        table,
    )


def test_filters_by_role_element_tier_and_range_and_the_count_follows(page):
    hosts = page.tables["hosts"].ranked
    catalog = load_catalog()
    bar = ".toolbar[data-for=host-table] "
    collectors = {
        e.id
        for e in hosts
        if e.id in catalog.hosts and "current_collector" in catalog.hosts[e.id].roles
    }
    for selector, value, wanted in (
        ("[data-fact=roles]", "current_collector", collectors),
        ("[data-fact=tier]", "in_doubt", {e.id for e in hosts if e.tier == "in_doubt"}),
        ("[data-high]", "-0.5", {e.id for e in hosts if e.values["adsorption_energy_ev"] <= -0.5}),
    ):
        assert wanted
        set_value(page, bar + selector, value)
        assert set(shown(page, "host-table")) == wanted
        count = page.execute_script(
            "return document.querySelector('[data-count=host-table]').textContent"
        )
        assert count.startswith(f"{len(wanted)} ")
        set_value(page, bar + selector, "")
    set_value(page, bar + "[data-elements]", "Cu -Sn")
    held = set(shown(page, "host-table"))
    set_value(page, bar + "[data-elements]", "")
    elements = "return document.getElementById(`hosts/${arguments[0]}`).dataset.elements"
    assert held
    assert all(" Cu " in page.execute_script(elements, h) for h in held)
    assert all(" Sn " not in page.execute_script(elements, h) for h in held)


def test_the_first_screen_is_the_answer_and_a_pick_opens_its_candidate(page):
    page.execute_script("scrollTo(0, 0)")
    top = page.execute_script(
        "const r = document.querySelector('#answer .picks').getBoundingClientRect();"
        "return r.top < innerHeight"
    )
    assert top
    picks = page.execute_script(
        "return [...document.querySelectorAll('.answer[data-kind=hosts] .picks > li a')]"
        ".map(a => a.getAttribute('href'))"
    )
    assert len(picks) == page.tables["hosts"].choose
    page.execute_script("document.querySelector('.answer .picks a').click()")
    opened = wait_for(
        page,
        "const b = document.getElementById(location.hash.slice(1));"
        "return b && b.classList.contains('open') && b.innerText",
    )
    assert "Models of this host" in opened
    page.execute_script(
        "document.querySelectorAll('tbody.open').forEach(b => b.className = 'entry')"
    )


def test_nothing_is_wider_than_a_phone(page):
    page.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 400, "height": 900, "deviceScaleFactor": 1, "mobile": True},
    )
    wide = page.execute_script(
        "const w = document.documentElement.clientWidth;"
        "return [...document.querySelectorAll('main *')].filter(e => "
        "e.getBoundingClientRect().right > w + 1 && !e.closest('.tablewrap, .pane, pre, .plot'))"
        ".map(e => e.tagName + '.' + e.className)"
    )
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide == []


def test_geometries_are_drawn_and_turn(page):
    canvas = "document.querySelector('#geometries .viewer canvas')"
    page.execute_script(
        "document.getElementById('geometries').scrollIntoView({behavior: 'instant'})"
    )
    wait_for(page, f"return {canvas} !== null && Number({canvas}.dataset.drawn) > 5")
    picture = f"return {canvas}.toDataURL()"
    before = page.execute_script(picture)
    assert len(before) > 5000  # an empty canvas compresses to a tenth of that
    from selenium.webdriver.common.action_chains import ActionChains

    view = page.execute_script(f"return {canvas}")
    ActionChains(page).click_and_hold(view).move_by_offset(60, 25).release().perform()
    assert page.execute_script(picture) != before


def test_plots_are_drawn(page):
    page.execute_script(SCROLL, "liquids")
    wait_for(page, "return document.querySelectorAll('#liquids .plot svg.main-svg').length >= 2")
    bars = page.execute_script("return document.querySelectorAll('#liquids .bars .point').length")
    assert bars == 6


def test_details_and_provenance_open(page):
    page.execute_script("document.querySelector('#host-table tr.main').click()")
    assert page.execute_script(
        "return document.querySelector('#host-table tbody.open tr.detail').offsetHeight > 50"
    )
    page.execute_script("document.querySelector('#host-table tbody.open button.prov').click()")
    text = wait_for(
        page, "const d = document.getElementById('drawer');"
        "return d.classList.contains('open') && d.innerText"
    )  # fmt: skip
    for word in ("level", "engine", "synthetic", "reference state", "key", "nowhere", "12.5 s"):
        assert word in text


def test_no_error_and_no_request_in_the_console(page):
    assert [e for e in page.get_log("browser") if e["level"] in ("SEVERE", "WARNING")] == []
    fetched = page.execute_script(
        "return performance.getEntriesByType('resource').map(e => e.name)"
        ".filter(n => !n.startsWith('data:') && !n.startsWith('blob:'))"
    )
    assert fetched == []
