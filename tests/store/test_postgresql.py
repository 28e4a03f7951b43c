"""A store on a PostgreSQL server: creation by many at once, migration, NaN, passwords."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from potash.errors import InputError, StoreError
from potash.store import Store, this_owner
from potash.store.schema import ADDED
from tests.store.test_store import a_row

pytestmark = pytest.mark.server


@pytest.fixture
def url() -> Iterator[str]:
    """Yield the URL of an empty schema of its own in the database that tests may use."""
    given = os.environ.get("POTASH_TEST_POSTGRES", "")
    if not given:
        pytest.skip("POTASH_TEST_POSTGRES does not name a PostgreSQL database")
    schema = f"test_{os.getpid()}"
    parsed = make_url(given).set(drivername="postgresql+psycopg")
    engine = create_engine(parsed, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield f"{given}?options=-csearch_path%3D{schema}"
    with engine.connect() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


def test_leases_are_timed_by_the_clock_of_the_server(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, key = Store(url), a_row().key
    assert store.claim(key, "elsewhere:1:1")
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 86_400.0)
    assert store.reap() == 0, "our clock has jumped; the other machine lives"
    store.beat(key, "elsewhere:1:1", progress=0.5)
    monkeypatch.undo()
    assert abs(store.leases()[0].heartbeat - time.time()) < 60.0
    with store.writing.begin() as connection:
        connection.execute(text("UPDATE leases SET heartbeat = heartbeat - 400"))
    assert store.reap() == 1


def test_it_behaves_as_on_sqlite(url: str) -> None:
    store = Store(url)
    row = a_row()
    assert store.claim(row.key, this_owner())
    assert not store.claim(row.key, "you")
    store.put(row)
    store.put(row)
    assert store.get(row.key) == row
    before = store.last_event()
    seen = store.fingerprint()
    assert store.add_missing([row, a_row(5)]) == 1
    assert store.fingerprint() != seen
    keys = [a_row(5).key, "0" * 64, row.key]
    assert list(store.get_many(keys)) == [keys[0], keys[2]]
    after, written = store.written_since(before)
    assert after == before + 1
    assert a_row(5).key in written
    assert store.rows()[0].structures == row.structures
    assert store.damaged == set()


def test_numbers_and_text_come_back_to_the_last_digit(url: str) -> None:
    """JSONB would give 1e22 back as an integer, and refuse a NUL."""
    odd = {"homo_ev": 1e22, "tiny": 5e-324, "one": 1.0, "text": "a\x00b\ud800"}
    row = replace(a_row(), values=odd, item="n" * 300, reason="half \x00 a line")
    store = Store(url)
    store.put(row)
    found = store.get(row.key)
    assert found is not None
    assert dict(found.values) == odd
    assert (found.item, found.reason) == (row.item, "half \ufffd a line")
    assert repr(found.values["one"]) == "1.0"


def _create(url: str, number: int, failed: multiprocessing.Queue[str]) -> None:
    try:
        Store(url).put(a_row(number))
        failed.put("")
    except Exception as error:  # whatever it is, the test shows it
        failed.put(repr(error))


def test_many_processes_create_it_at_once(url: str) -> None:
    context = multiprocessing.get_context("fork")
    answers: multiprocessing.Queue[str] = context.Queue()
    workers = [context.Process(target=_create, args=(url, k, answers)) for k in range(12)]
    for worker in workers:
        worker.start()
    assert [answers.get(timeout=120) for _ in workers] == [""] * 12
    for worker in workers:
        worker.join()
    assert len(Store(url).rows()) == 12


def test_version_1_is_migrated_once_by_many(url: str) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    columns = (
        '"values" JSONB', "uncertainty JSONB", "reference_state TEXT", "structures JSONB",
        "engine VARCHAR(120)", "engine_version VARCHAR(200)", "seed BIGINT", "started VARCHAR(40)",
        "seconds FLOAT", "host VARCHAR(200)", "provenance JSONB", "reason TEXT",
        "attempt INTEGER", "kind VARCHAR(32)", "item VARCHAR(200)", "model VARCHAR(200)",
        "level VARCHAR(80)", "status VARCHAR(16)",
    )  # fmt: skip
    row = a_row()
    record = {
        **{name: cell for name, cell in row.as_dict().items() if name not in ADDED},
        "values": '{"homo_ev": -10.5, "sites": [{"site": "top"}]}',
        "uncertainty": "{}",
        "structures": '{"geometry": "1\\n\\nK 0 0 0\\n"}',
        "provenance": '{"needs": {}}',
    }
    names = ", ".join(f'"{name}"' for name in record)
    with engine.begin() as connection:
        connection.execute(
            text(f"CREATE TABLE results (key VARCHAR(64) PRIMARY KEY, {', '.join(columns)})")
        )
        connection.execute(text("CREATE INDEX ix_results_kind_item ON results (kind, item)"))
        connection.execute(
            text(
                "CREATE TABLE leases (key VARCHAR(64) PRIMARY KEY, owner VARCHAR(200), "
                "heartbeat FLOAT, progress FLOAT, note TEXT)"
            )
        )
        connection.execute(
            text(
                "CREATE TABLE ledger (id SERIAL PRIMARY KEY, time FLOAT, key VARCHAR(64), "
                "event VARCHAR(16), owner VARCHAR(200))"
            )
        )
        marks = ", ".join(f":{name}" for name in record)
        connection.execute(text(f"INSERT INTO results ({names}) VALUES ({marks})"), record)
    engine.dispose()
    test_many_processes_create_it_at_once(url)
    found = Store(url).get(row.key)
    assert found is not None
    assert found.values == row.values


def test_no_number_that_is_none_gets_in(url: str) -> None:
    store = Store(url)
    bad = replace(a_row(1), values={"sites": [{"energy_ev": float("nan")}]})
    with pytest.raises(InputError, match=r"values\.sites\.0\.energy_ev: is nan, not a finite"):
        store.put(bad)
    assert store.rows() == []


def test_a_server_that_does_not_answer_or_let_in_is_one_line(url: str) -> None:
    parsed = make_url(url)
    wrong = parsed.set(password="wr0ng-secret").render_as_string(hide_password=False)
    nowhere = parsed.set(port=1).render_as_string(hide_password=False)
    for bad, says in ((wrong, "password authentication failed"), (nowhere, "refused")):
        with pytest.raises(StoreError, match=says) as caught:
            Store(bad)
        assert "\n" not in str(caught.value)
        assert "wr0ng-secret" not in str(caught.value)
        assert "potash:potash" not in str(caught.value)


def test_the_url_of_a_store_has_no_password_and_opens_it_again(url: str, tmp_path: Path) -> None:
    store = Store(url)
    secret = make_url(url).password
    assert secret
    assert f":{secret}@" not in store.url
    store.put(a_row())
    assert len(Store(store.url).rows()) == 1
    program = "import sys; from potash.store import Store; print(len(Store(sys.argv[1]).rows()))"
    done = subprocess.run(
        [sys.executable, "-c", program, store.url], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("1\n", ""), "a child process, such as a Dask worker"
