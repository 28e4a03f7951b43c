"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

# One thread per process, before any numerical library is imported.
for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

from potash.store.importing import import_rows  # noqa: E402
from potash.store.rows import Row  # noqa: E402

# No test is timed: a full machine makes no test fail.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """Folder of other people's data; skips where it is not there."""
    named = os.environ.get("POTASH_REFERENCE_DATA", "")
    if not named or not Path(named).is_dir():
        pytest.skip("POTASH_REFERENCE_DATA does not name a folder of reference data")
    return Path(named)


@pytest.fixture(scope="session")
def reference_rows() -> list[Row]:
    """All rows of the committed reference campaign."""
    return import_rows(Path(__file__).parents[1] / "results" / "reference")
