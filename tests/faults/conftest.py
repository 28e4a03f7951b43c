"""The table of faults, printed after the tests; ``POTASH_FAULTS`` says how often each is tried."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.faults.harness import HEADING, TABLE, make_campaign


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Folder with a campaign."""
    make_campaign(tmp_path)
    return tmp_path


@pytest.fixture
def times() -> int:
    """How often a fault is tried: 2 in short runs."""
    return int(os.environ.get("POTASH_FAULTS", "2"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table."""
    if TABLE:
        terminalreporter.section("faults")
        for line in (HEADING, *TABLE):
            terminalreporter.write_line(line)
