"""The password of a store's URL is nowhere: not in files, messages, Prefect or processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

SECRET = "Zq7-vErY_s3cret"


@pytest.fixture
def url() -> Iterator[str]:
    """Yield the URL of an empty schema for a user whose password is easily found."""
    given = os.environ.get("POTASH_TEST_POSTGRES", "")
    if not given:
        pytest.skip("POTASH_TEST_POSTGRES does not name a PostgreSQL database")
    name, parsed = f"secret_{os.getpid()}", make_url(given)
    engine = create_engine(
        parsed.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        try:
            connection.execute(text(f"CREATE ROLE {name} LOGIN PASSWORD '{SECRET}'"))
        except ProgrammingError:
            pytest.skip("the user of the test database may not make another")
        connection.execute(text(f"CREATE SCHEMA {name}"))
        connection.execute(text(f"GRANT ALL ON SCHEMA {name} TO {name}"))
    own = parsed.set(username=name, password=SECRET).render_as_string(hide_password=False)
    yield f"{own}?options=-csearch_path%3D{name}"
    with engine.connect() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
        connection.execute(text(f"DROP ROLE {name}"))
    engine.dispose()


def holding(folder: Path) -> list[str]:
    """Return the files below a folder that hold the password."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in files if SECRET.encode() in path.read_bytes()]


def shown_by_processes() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if SECRET.encode() in path.read_bytes():
                found.append(path.read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return found


@pytest.mark.campaign
@pytest.mark.server
@pytest.mark.parametrize("runner", ["local", "dask"])
def test_it_is_in_nothing_that_a_campaign_leaves(tmp_path: Path, url: str, runner: str) -> None:
    (tmp_path / "c.yaml").write_text("name: secret\nmolecules: {items: [water, dme]}\n")
    environment = {**os.environ, "HOME": str(tmp_path), "POTASH_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "potash", "run", "c.yaml", "--store", url, "--runner", runner]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    time.sleep(3)
    seen = []
    while process.poll() is None:
        seen += shown_by_processes()
        time.sleep(0.2)
    assert process.stdout is not None
    output = process.stdout.read().decode()
    assert process.returncode == 0, output
    assert SECRET not in output
    assert seen == []
    assert list(tmp_path.rglob("prefect.db")), "Prefect's database was looked through"
    assert holding(tmp_path) == []


@pytest.mark.server
def test_it_is_in_no_error(tmp_path: Path, url: str) -> None:
    nowhere = make_url(url).set(port=1).render_as_string(hide_password=False)
    other = make_url(url).set(database="no_such_db").render_as_string(hide_password=False)
    for wrong in (nowhere, other, url.replace("@", "/x@host:port/y@", 1)):
        for command in (["store", "check"], ["import", "."]):
            done = subprocess.run(
                [sys.executable, "-m", "potash", *command, "--store", wrong],
                cwd=tmp_path, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 2, done
            assert len(done.stderr.splitlines()) == 1
            assert SECRET not in done.stdout + done.stderr
    assert holding(tmp_path) == []
