"""How often each fault is tried (``POTASH_FAULTS``), and the table after the tests."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.faults import table
from tests.faults.harness import make_campaign


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Folder with a short campaign."""
    make_campaign(tmp_path)
    return tmp_path


@pytest.fixture
def times() -> int:
    """How often a fault of driver or worker is tried: 2 in short runs."""
    return int(os.environ.get("POTASH_FAULTS", "2"))


@pytest.fixture
def few(times: int) -> int:
    """How often the other faults are tried, which take longer."""
    return max(1, times // 4)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table, and write the page where counts are kept."""
    if table.SESSION:
        terminalreporter.section("faults")
        terminalreporter.write_line(table.page(table.SESSION))
    file = table.counting()
    if file is not None and file.resolve() == table.COUNTS:
        table.PAGE.write_text(table.page(table.counted(file)))
