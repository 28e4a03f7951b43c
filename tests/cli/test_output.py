"""Output that people read: it fits, breaks no word, and names what was asked for."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from potash.catalog import load_catalog
from potash.store import Store
from tests.cli.conftest import Potash
from tests.synthetic_rows import adsorption, liquid, make_row

COMMANDS = [
    ("--help",),
    ("hosts",),
    ("hosts", "cu6sn5_cu"),
    ("hosts", "cu_111"),
    ("molecules",),
    ("molecules", "dme"),
    ("molecules", "kfsi"),
    ("electrolytes",),
    ("electrolytes", "kfsi_dme_1m"),
    ("claims",),
    ("claims", "ads_al"),
    ("claims", "eq1"),
    ("rank", "hosts"),
    ("rank", "electrolytes"),
    ("doctor",),
]


def words(text: str) -> set[str]:
    """Return the words of an output, without rules and what stands for left-out columns."""
    told = re.sub(r"Not shown in \d+ columns:.*?--json\s+has\s+everything\.", "", text, flags=re.S)
    return {word for word in told.split() if set(word) != {"-"}}


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_it_fits_60_80_and_100_columns_and_breaks_no_word(
    potash: Potash, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "2000")
    whole = words(potash(*command).out)
    for width in (60, 80, 100):
        monkeypatch.setenv("COLUMNS", str(width))
        shown = potash(*command)
        too_long = [line for line in shown.lines if len(line) > width]
        assert not too_long
        broken = {w for w in words(shown.out) - whole if len(w) < width // 2}
        assert command == ("--help",) or not broken


ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}


def test_a_pipe_gets_100_columns_unless_told_otherwise() -> None:
    call = [sys.executable, "-m", "potash", "hosts"]
    done = subprocess.run(call, capture_output=True, text=True, check=True, env=ENVIRONMENT)
    longest = max(map(len, done.stdout.splitlines()))
    assert 80 < longest <= 100
    narrow = ENVIRONMENT | {"COLUMNS": "60"}
    done = subprocess.run(call, capture_output=True, text=True, check=True, env=narrow)
    assert max(map(len, done.stdout.splitlines())) <= 60


@pytest.mark.parametrize("width", [60, 80])
def test_a_terminal_gets_its_own_width(width: int) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    # The width is that of standard output; everything else of the process is our own.
    process = subprocess.Popen(
        [sys.executable, "-m", "potash", "claims", "ads_al"],
        stdout=theirs,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT | {"TERM": "xterm"},
    )
    os.close(theirs)
    read = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        read += part
    os.close(ours)
    assert process.wait(timeout=120) == 0
    coloured = read.decode().replace("\r\n", "\n")
    assert "\x1b[1m" in coloured, "headings are bold in a terminal"
    lines = re.sub(r"\x1b\[[0-9;]*m", "", coloured).splitlines()
    assert width - 15 < max(map(len, lines)) <= width


def test_hosts_and_models_are_named_as_they_were_asked_for(potash: Potash) -> None:
    catalog = load_catalog()
    shown = potash("hosts", "cu_111").out
    assert shown.splitlines()[0] == f"{catalog.models['cu_111'].label} (cu_111)"
    assert "porous_metal_foams" in shown, "and the hosts that it stands for"
    host = potash("hosts", "cu6sn5_cu").out
    assert host.splitlines()[0] == f"{catalog.hosts['cu6sn5_cu'].name} (cu6sn5_cu)"


def test_an_entry_tells_what_the_review_says(
    potash: Potash, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    host = potash("hosts", "cu6sn5_cu").out
    assert "K adsorption energy: -4.98 eV" in host
    assert "dense K deposition" in host
    assert "doi 10.1039/d4cs00845f" in host
    assert "facet, reference state and coverage" in host
    electrolyte = potash("electrolytes", "kfsi_dme_1m").out
    assert "kfsi, salt: 1 mol/L" in electrolyte
    assert "Na co-deposits with K" in electrolyte
    assert "cointercalation" in potash("molecules", "dme").out
    assert "gamma_NE" in potash("claims", "eq1").out


def test_small_numbers_are_shown_in_units_that_show_them(
    potash: Potash, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shown = potash("electrolytes", "kfsi_dme_1m").out
    (line,) = [x for x in shown.splitlines() if x.strip().startswith("diffusion K ")]
    value = float(line.split()[2])
    assert 0.1 < value < 20
    assert line.endswith("1e-10 m2/s")
    assert "conductivity" in shown


@pytest.fixture
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a store with a host, a failed simulation and a refused molecule of the user's."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "own.sqlite"
    store = Store(path)
    for row in (
        adsorption("zn_0001", -0.9),
        make_row("liquid", "kfsi_tep_vc", status="failed", reason="the box blew up"),
        make_row("liquid", "kfsi_dme_hc", status="refused", reason="no amount"),
        liquid("kfsi_ecdec_1m", seed=77, production_ps=1e6),
    ):
        store.put(row)
    store.close()
    return path


def test_own_rows_are_told_from_reference_rows(potash: Potash, own_store: Path) -> None:
    import json

    records = json.loads(potash("electrolytes", "--json", "--store", str(own_store)).out)
    sources = {r["id"]: r["source"] for r in records}
    assert sources["kfsi_ecdec_1m"] == "own"
    assert sources["kfsi_dme_1m"] == "reference"
    shown = potash("electrolytes", "--store", str(own_store)).out
    assert re.search(r"^kfsi_ecdec_1m .* own", shown, flags=re.M)
    assert re.search(r"^kfsi_dme_1m .* ref", shown, flags=re.M)
    assert "own = of your store" in shown
    assert "own = of your store" not in potash("electrolytes").out


def test_everything_failed_or_refused_has_its_line(
    potash: Potash, own_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    for arguments in (("electrolytes",), ("rank", "electrolytes"), ("electrolytes", "kfsi_tep_vc")):
        shown = potash(*arguments, "--store", str(own_store)).out
        assert "simulation at screen failed: the box blew up" in shown, arguments
        assert "not simulated yet: kfsi_tep_vc" not in shown
    one = potash("electrolytes", "kfsi_dme_hc", "--store", str(own_store)).out
    assert re.search(r"liquid +.*refused +own +.*no amount", one)


def test_the_counts_of_a_list_add_up(potash: Potash) -> None:
    title = potash("hosts").lines[0]
    total, *parts = map(int, re.findall(r"\d+", title))
    assert total == sum(parts) == len(load_catalog().hosts)
