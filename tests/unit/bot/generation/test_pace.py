"""The numbers of durable work stay inside their bounds, whatever a stranger's link says."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from bot.generation.pace import POLLS_PER_SECOND, RESULT_LINK_SECONDS, Pacer, expiry_of
from bot.store.writes import backoff

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC).timestamp()
DAY = 86_400.0
DEFAULT = NOW + RESULT_LINK_SECONDS


@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        (f"Expires={NOW + 7200:.0f}&Signature=x", 7200),
        (f"a=b&EXPIRES={NOW + 60:.0f}", 60),
        ("X-Amz-Date=20260601T113000Z&X-Amz-Expires=3600", 1800),
        ("x-oss-date=20260601T120000Z&x-oss-expires=86400", DAY),
        (f"Expires={NOW + 9 * 365 * DAY:.0f}", 9 * 365 * DAY),
        ("X-Tos-Date=20260601T120000Z&X-Tos-Expires=60", 60),
        ("st=2026-06-01T11%3A00%3A00Z&se=2026-06-01T13%3A00%3A00Z&sp=r&sig=x", 3600),
    ],
)
def test_a_link_s_own_end_is_believed(query: str, seconds: float) -> None:
    assert expiry_of(f"https://example.com/a.mp4?{query}", NOW) == pytest.approx(NOW + seconds)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "Expires=",
        "Expires=soon",
        "Expires=nan",
        "Expires=inf",
        "Expires=-inf",
        "Expires=-1",
        "Expires=0",
        "Expires=3600",  # seconds from when?
        f"Expires={NOW:.0f}",
        f"Expires={NOW - 1:.0f}",
        f"Expires={NOW * 1000:.0f}",  # milliseconds
        f"Expires={NOW + 11 * 366 * DAY:.0f}",
        "Expires=1e400",
        "X-Amz-Expires=3600",
        "X-Amz-Date=yesterday&X-Amz-Expires=3600",
        "X-Amz-Date=20260601T113000Z&X-Amz-Expires=x",
        "X-Amz-Date=20260601T113000Z",
        "X-Amz-Date=20260501T113000Z&X-Amz-Expires=60",
        "x-oss-date=99999999T999999Z&x-oss-expires=60",
        "se=soon&sig=x",
    ],
)
def test_without_one_that_can_be_it_is_a_day(query: str) -> None:
    assert expiry_of(f"https://example.com/a.mp4?{query}", NOW) == DEFAULT


def test_polls_begin_at_the_base_slow_down_with_age_and_never_pass_a_minute() -> None:
    pacer = Pacer(5)
    for age, most in ((0, 5), (90, 5), (200, 10), (1200, 60), (86_400, 60)):
        waits = [pacer.next(age) for _ in range(50)]
        assert most * 0.85 <= min(waits) <= max(waits) <= most, age
        assert len(set(waits)) > 1, "not in step"
    assert Pacer(120).next(0) >= 100, "an owner may ask more rarely than once a minute"


def test_many_open_ones_share_what_polls_there_may_be() -> None:
    pacer = Pacer(5)
    with pacer.watching():
        assert pacer.next(0) <= 5
    with ExitStack() as stack:
        for _ in range(10_000):
            stack.enter_context(pacer.watching())
        assert pacer.next(0) >= 10_000 / POLLS_PER_SECOND * 0.85
    assert pacer.next(0) <= 5, "and when they have ended it is as before"


def test_first_polls_after_a_restart_are_spread_out_however_they_come() -> None:
    pacer, began = Pacer(5), time.monotonic()
    assert max(Pacer(5).first() for _ in range(50)) <= 5
    polled = [time.monotonic() - began + pacer.first() for _ in range(10_000)]
    assert 10_000 / POLLS_PER_SECOND * 0.99 < max(polled) < 10_000 / POLLS_PER_SECOND + 1
    assert max(Counter(int(at) for at in polled).values()) <= 2 * POLLS_PER_SECOND


def test_waits_after_failures_are_bounded() -> None:
    assert [Pacer(5).after_failure(failures) for failures in (1, 2, 100)] == [5, 10, 60]
    for attempt in range(1000):
        assert 0.5 <= backoff(attempt, ceiling=30) <= 30
