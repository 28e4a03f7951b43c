"""Schedules as users write them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from potash.errors import InputError
from potash.workflows.when import When, local_timezone, when


@pytest.mark.parametrize(
    "text, seconds, said",
    [
        ("90s", 90, "every 90 s"),
        ("30m", 1800, "every 30 min"),
        (" 1.5 h", 5400, "every 90 min"),
        ("1d", 86400, "every 1 d"),
    ],
)
def test_intervals(text: str, seconds: float, said: str) -> None:
    found = when(None, text, None)
    assert found.every == timedelta(seconds=seconds)
    assert str(found) == said


def test_a_cron_line_is_read_in_this_machine_s_time_zone_or_the_named_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert when("0 20 * * *", None, None) == When(cron="0 20 * * *", timezone="Asia/Tokyo")
    assert when("0 20 * * *", None, "Europe/Berlin").timezone == "Europe/Berlin"
    monkeypatch.delenv("TZ")
    assert local_timezone()
    assert str(when(None, None, None)) == "on request"


@pytest.mark.parametrize(
    "cron, every, timezone, field, right",
    [
        ("0 20 * *", None, None, "--cron", "0 20 * * *"),
        ("61 20 * * *", None, None, "--cron", "0 20 * * *"),
        ("", None, None, "--cron", "0 20 * * *"),
        (None, "soon", None, "--every", "30m"),
        (None, "0s", None, "--every", "30m"),
        (None, "1e9d", None, "--every", "30m"),
        (None, "9" * 20 + "d", None, "--every", "too long"),
        ("0 20 * * *", "30m", None, "--every", "not both"),
        ("0 20 * * *", None, "Mars/Crater", "--timezone", "Europe/Berlin"),
        ("0 20 * * *", None, "../../etc/passwd", "--timezone", "Europe/Berlin"),
        (None, "30m", "Europe/Berlin", "--timezone", "--cron"),
    ],
)
def test_bad_schedules_say_what_would_be_right(
    cron: str | None, every: str | None, timezone: str | None, field: str, right: str
) -> None:
    with pytest.raises(InputError) as error:
        when(cron, every, timezone)
    assert error.value.source == field
    assert right in str(error.value)
    assert "\n" not in str(error.value)
