"""When a campaign runs: read from what a user writes."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from potash.errors import InputError

_UNITS = {"s": "s", "m": "min", "h": "h", "d": "d"}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class When:
    """A schedule: a cron line with its time zone, an interval, or neither (on request alone).

    Attributes
    ----------
    cron, timezone
        Five fields, read in this time zone.
    every
        Between two runs.
    """

    cron: str | None = None
    timezone: str = "UTC"
    every: timedelta | None = None

    def __str__(self) -> str:
        if self.cron is not None:
            return f"cron {self.cron} ({self.timezone})"
        if self.every is None:
            return "on request"
        seconds = self.every.total_seconds()
        unit = max(
            (u for u in _SECONDS if seconds % _SECONDS[u] == 0),
            key=_SECONDS.__getitem__,
            default="s",
        )
        return f"every {seconds / _SECONDS[unit]:g} {_UNITS[unit]}"


def when(cron: str | None, every: str | None, timezone: str | None) -> When:
    """Return the schedule that a user asks for.

    Raises
    ------
    InputError
        If both are given, or one cannot be read.

    Examples
    --------
    >>> print(when(None, "30m", None))
    every 30 min
    >>> print(when("0 20 * * *", None, "Europe/Berlin"))
    cron 0 20 * * * (Europe/Berlin)
    """
    if cron is not None and every is not None:
        raise InputError("give --cron or --every, not both", source="--every")
    if timezone is not None and cron is None:
        raise InputError("has no effect without --cron", source="--timezone")
    if every is not None:
        return When(every=_interval(every))
    if cron is None:
        return When()
    zone = timezone or local_timezone()
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(
            f"{zone!r} is no time zone; write one such as 'Europe/Berlin'", source="--timezone"
        ) from None
    from prefect.schedules import Cron

    try:
        Cron(cron, timezone=zone)
    except ValueError:
        raise InputError(
            f"{cron!r} is no cron line; write minute, hour, day, month and weekday, "
            "such as '0 20 * * *' for every evening at eight",
            source="--cron",
        ) from None
    return When(cron=cron, timezone=zone)


def _interval(text: str) -> timedelta:
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhd])\s*", text)
    seconds = float(found[1]) * _SECONDS[found[2]] if found else 0.0
    if seconds < 1.0:
        raise InputError(
            f"{text!r} is no interval of a second or more; write 90s, 30m, 6h or 1d",
            source="--every",
        )
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        raise InputError(f"{text!r} is too long", source="--every") from None


def local_timezone() -> str:
    """Return the name of this machine's time zone, ``UTC`` where it has none."""
    link = Path("/etc/localtime")
    named = os.environ.get("TZ", "").lstrip(":")
    if not named and link.is_symlink():
        named = str(link.resolve()).rpartition("zoneinfo/")[2]
    return named or "UTC"
