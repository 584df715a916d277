"""Hours, days, weeks and months by number, in UTC: what limits, credits and budgets begin anew with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

HOUR_SECONDS: Final = 3600
DAY_SECONDS: Final = 86_400


def period_start(period: str, now: float) -> int:
    """The number since 1970 of the hour, day, week (from Monday) or month that `now` (Unix seconds) lies in; 0 for a
    period without end.
    """
    if period == "hour":
        return int(now // HOUR_SECONDS)
    day = int(now // DAY_SECONDS)
    if period == "day":
        return day
    if period == "week":
        return (day + 3) // 7  # 1970-01-01 was a Thursday
    if period == "month":
        date = datetime.fromtimestamp(now, UTC)
        return (date.year - 1970) * 12 + date.month - 1
    return 0


def period_end(period: str, starts: int) -> float | None:
    """Unix seconds of the end of a period; None: it has none."""
    return _begin(period, starts + 1) if period in {"hour", "day", "week", "month"} else None


def first_day(period: str, starts: int) -> int:
    """The day (from 1970-01-01) that a day, week or month begins with."""
    return int(_begin(period, starts) // DAY_SECONDS)


def _begin(period: str, starts: int) -> float:
    if period == "month":
        year, month = divmod(starts, 12)
        return datetime(1970 + year, month + 1, 1, tzinfo=UTC).timestamp()
    if period == "week":
        return float((starts * 7 - 3) * DAY_SECONDS)
    return float(starts * (HOUR_SECONDS if period == "hour" else DAY_SECONDS))
