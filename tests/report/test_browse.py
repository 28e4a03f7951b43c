"""The pages of ``potash browse``: what they show, what they refuse, 100,000 rows, Chromium."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from potash.report.browse import PAGE_ROWS, Query, browse_app
from potash.store import Store
from potash.store.runs import put_run
from tests.chromium import chromium
from tests.counting import statements
from tests.store.test_runs import a_run
from tests.store.test_store import a_row

MANY = 100_000
HEADER = 'Properties=species:S:1:pos:R:3 pbc="F F F"'
EVIL = "<script>document.title='owned'</script>"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "results" / "store.sqlite")
    for number in range(3):
        store.put(a_row(number, structures={"geometry": f"1\n{HEADER}\nK 0 0 0\n", "odd": "x"}))
    store.put(a_row(3, status="failed", item="bad", reason=EVIL))
    put_run(store, a_run())
    folder = tmp_path / "results" / "alloys"
    folder.mkdir()
    (folder / "report.html").write_text("<title>the report</title>")
    (folder / "secret.txt").write_text("secret")
    return store


@pytest.fixture
def pages(store: Store, tmp_path: Path) -> TestClient:
    return TestClient(browse_app(store, tmp_path / "results"), base_url="http://127.0.0.1")


def test_rows_lead_to_a_row_with_values_origin_and_structure(pages: TestClient) -> None:
    key = a_row(1).key
    listed = pages.get("/").text
    assert f'href="/row/{key}"' in listed
    assert "4 rows, 1 to 4 shown" in listed
    row = pages.get(f"/row/{key}").text
    for told in ("homo_ev", "-10.5", "tblite 0.5", key, "K: 1 atoms (1 K)"):
        assert told in row
    assert "odd: cannot be drawn" in row
    assert pages.get(f"/row/{key}/geometry.xyz").text == f"1\n{HEADER}\nK 0 0 0\n"


def test_filters_and_sorting_are_those_of_the_address(pages: TestClient) -> None:
    failed = pages.get("/?status=failed").text
    assert "1 rows" in failed
    assert "bad" in failed
    down = pages.get("/?sort=item&order=down").text
    assert down.index(">m2<") < down.index(">m1<")
    assert 'aria-sort="descending"' in down
    assert "0 rows" in pages.get("/?text=nothing").text
    assert pages.get("/?page=9999999&sort=evil;drop&order=x").status_code == 200


def test_rows_leave_as_csv_and_json_as_they_are_filtered(pages: TestClient) -> None:
    page = pages.get("/?kind=species&sort=item&order=down").text
    assert "/rows.csv?kind=species&amp;order=down" in page
    lines = pages.get("/rows.csv?kind=species&order=down").text.splitlines()
    assert lines[0].startswith("key,kind,item,model,level,status,reason,")
    assert [line.split(",")[2] for line in lines[1:]] == ["m2", "m1", "m0", "bad"]
    told = pages.get("/rows.json?status=ok").json()
    assert (told["total"], told["next"]) == (3, None)
    assert [row["item"] for row in told["rows"]] == ["m0", "m1", "m2"]
    assert pages.get("/rows.csv?text=nothing").text.splitlines() == lines[:1]
    row = pages.get(f"/row/{a_row(1).key}.json").json()
    assert row["values"] == a_row(1).values
    assert pages.get("/row/nothing.json").status_code == 404


def test_csv_runs_nothing_in_a_spreadsheet(store: Store, pages: TestClient) -> None:
    store.put(a_row(9, item="=HYPERLINK(1)"))
    assert ",'=HYPERLINK(1)," in pages.get("/rows.csv").text


def test_a_choice_tells_how_many_rows_it_leaves(pages: TestClient) -> None:
    page = pages.get("/?status=failed").text
    assert ">failed (1)</option>" in page
    assert ">ok (3)</option>" in page, "another status stays within reach"
    assert ">species (1)</option>" in page


def test_what_rows_say_is_text_and_not_markup(pages: TestClient) -> None:
    page = pages.get("/?status=failed")
    assert EVIL not in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]


def test_reports_and_runs_are_shown_and_no_other_file(pages: TestClient) -> None:
    assert "/reports/alloys/report.html" in pages.get("/reports").text
    assert "the report" in pages.get("/reports/alloys/report.html").text
    assert "alloys" in pages.get("/runs").text
    for address in (
        "/reports/alloys/secret.txt",
        "/reports/..%2f..%2f/report.html",
        "/reports/alloys/..%2fstore.sqlite",
        "/reports/nobody/report.html",
        "/static/report.html.j2",
        "/row/nothing",
        f"/row/{a_row(1).key}/nothing.xyz",
        "/nowhere",
    ):
        answer = pages.get(address)
        assert answer.status_code == 404, address
        assert "<h1>Not found</h1>" in answer.text


def test_pages_only_read_and_answer_this_machine_s_names_alone(
    pages: TestClient, store: Store
) -> None:
    before = store.fingerprint()
    for method in ("post", "put", "delete", "patch"):
        assert getattr(pages, method)("/").status_code == 405
    assert pages.get("/", headers={"Host": "evil.example"}).status_code == 400
    assert store.fingerprint() == before


def test_an_address_says_only_what_is_not_usual() -> None:
    query = Query.read({"kind": "species", "page": "3", "other": "x"})
    assert query == Query(kind="species", page=3)
    assert query.address(page=4) == "/?kind=species&page=4"
    assert Query().address() == "/?"
    assert Query.read({"page": "-1"}) == Query.read({"page": "x"}) == Query()


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Path]:
    """A store of 100,000 rows of about the size of real ones."""
    folder = tmp_path_factory.mktemp("many")
    store = Store(folder / "store.sqlite")
    atoms = "K 0.123456 1.234567 2.345678\n" * 60
    model = replace(a_row(1), structures={"geometry": f"60\n{HEADER}\n{atoms}"})
    statuses = ("ok", "ok", "ok", "failed")
    for start in range(0, MANY, 5000):
        store.put_many(
            replace(
                model,
                key=f"{n:064x}",
                item=f"item_{n * 7919 % MANY:06d}",
                status=statuses[n % 4],
                seconds=n % 997,
            )
            for n in range(start, start + 5000)
        )
    return store, folder


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/?page=1000",
        "/?text=item_0123",
        "/?status=failed&page=100",
        "/?kind=species&level=screen",
        "/rows.json?page=1000",
        f"/row/{77:064x}",
    ],
)
def test_a_page_of_100_000_rows_loads_what_it_shows(many: tuple[Store, Path], address: str) -> None:
    store, folder = many
    pages = TestClient(browse_app(store, folder), base_url="http://127.0.0.1")
    # The first page imports what the others use.
    pages.get("/runs")
    with statements(store) as seen:
        page = pages.get(address)
    assert page.status_code == 200
    assert page.text.count("/row/") <= 2 * PAGE_ROWS
    assert 0 < len(seen) < 12
    if not address.startswith("/row/"):
        assert not [s for s in seen if "structures" in s], "structures are for the row's own page"


def test_100_000_rows_leave_as_csv(many: tuple[Store, Path]) -> None:
    store, folder = many
    pages = TestClient(browse_app(store, folder), base_url="http://127.0.0.1")
    with statements(store) as seen:
        assert pages.get("/rows.csv").text.count("\n") == MANY + 1
    assert seen
    assert not [s for s in seen if "structures" in s]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as driver:
        yield driver


@pytest.fixture
def address(many: tuple[Store, Path]) -> Iterator[str]:
    import socket

    import uvicorn

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(browse_app(*many), log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.mark.browser
def test_a_person_finds_a_structure_with_the_keyboard_alone(browser: Any, address: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait

    def shown() -> str:
        return str(browser.execute_script("return document.body.innerText"))

    def press(*keys: str) -> None:
        ActionChains(browser).send_keys(*keys).perform()

    def focused() -> str:
        script = "const e = document.activeElement; return e.name || e.innerText || e.tagName"
        return str(browser.execute_script(script))

    wait = WebDriverWait(browser, 30)
    browser.get(address)
    assert "100000 rows, 1 to 100 shown" in shown()
    press(Keys.TAB)
    assert focused() == "To the content"
    for _ in range(30):
        press(Keys.TAB)
        if focused() == "text":
            break
    assert focused() == "text"
    press("item_000077", Keys.ENTER)
    wait.until(lambda _: "1 rows, 1 to 1 shown" in shown())
    for _ in range(40):
        press(Keys.TAB)
        if focused() == "item_000077":
            break
    press(Keys.ENTER)
    wait.until(lambda b: b.title.startswith("item_000077"))
    canvas = wait.until(lambda b: b.find_element(By.CSS_SELECTOR, ".viewer canvas"))
    wait.until(lambda b: int(canvas.get_attribute("data-drawn") or 0) > 5)

    # What a screen reader is told: a name for each picture, table, field and part of the page.
    tree = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    told = [
        (n["role"]["value"], n.get("name", {}).get("value", ""))
        for n in tree
        if not n.get("ignored") and "role" in n
    ]
    assert ("image", "K60: 60 atoms (60 K)") in told
    assert ("table", "Values") in told
    assert ("navigation", "Pages") in told
    browser.get(address)
    tree = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    fields = [
        n.get("name", {}).get("value", "")
        for n in tree
        if n.get("role", {}).get("value") in ("combobox", "searchbox", "button", "table", "link")
    ]
    assert {"kind", "level", "status", "item or model", "Show"} <= set(fields)
    assert all(fields), "everything that can be used has a name"
    errors = [e for e in browser.get_log("browser") if e["level"] in ("SEVERE", "WARNING")]
    assert [e for e in errors if "favicon" not in e["message"]] == []
