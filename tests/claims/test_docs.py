"""What the page on claims says about resolutions is what the code has."""

from __future__ import annotations

import re
from pathlib import Path

from potash.calibration.resolution import RESOLUTIONS, resolution

PAGE = Path(__file__).resolve().parents[2] / "docs" / "claims.md"


def test_the_table_of_resolutions():
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    assert {(q, level): text for q, level, text in rows} == {
        (q, level): str(resolution(q, level)) for q, level in RESOLUTIONS
    }
