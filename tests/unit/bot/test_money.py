"""Amounts, prices and budgets as they are written, and what an order costs at most by them."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from bot.kinds import Kind
from bot.money import MICRO, Budget, Price, exact, parse_budget, parse_prices, price_of, shown


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("typed", "budget"),
    [
        ("", None),
        ("50/month", Budget(50 * MICRO, "month")),
        ("2.5/Day", Budget(2_500_000, "day")),
        ("0.000001 / week", Budget(1, "week")),
        ("0/day", Budget(0, "day")),
    ],
)
def test_a_budget(typed: str, budget: Budget | None) -> None:
    assert parse_budget(typed) == budget


@pytest.mark.parametrize("typed", ["50", "50/year", "-1/day", "1e3/day", "5,0/day", "$5/day", "/day", "٥/day"])
def test_what_is_no_budget(typed: str) -> None:
    with pytest.raises(ValueError, match="50/month"):
        parse_budget(typed)


@pytest.mark.parametrize(
    ("period", "now", "first", "end"),
    [
        ("day", "2027-03-14T23:59:59", "2027-03-14", "2027-03-15"),
        ("week", "2027-03-14T23:59:59", "2027-03-08", "2027-03-15"),  # a Sunday
        ("week", "2027-03-15T00:00:00", "2027-03-15", "2027-03-22"),
        ("month", "2027-12-31T23:00:00", "2027-12-01", "2028-01-01"),
        ("month", "2028-02-29T00:00:00", "2028-02-01", "2028-03-01"),
    ],
)
def test_periods(period: Any, now: str, first: str, end: str) -> None:
    budget = Budget(1, period)
    start = budget.start(at(now))
    assert budget.first_day(start) * 86_400 == at(first)
    assert budget.end(start) == at(end)
    assert budget.start(at(first)) == start
    assert budget.start(at(end)) == start + 1


def most(prices: str, kind: Kind, model: str, **size: Any) -> int | None:
    price = price_of(parse_prices(prices), model, kind)
    return None if price is None else price.most(kind, **size)


@pytest.mark.parametrize(
    ("prices", "kind", "model", "size", "amount"),
    [
        ("m=0.02/image", Kind.IMAGE, "M", {"count": 4}, 80_000),
        ("m=0.02/call", Kind.IMAGE, "m", {"count": 3}, 60_000),
        ("m=0.02/image", Kind.ASK, "m", {}, None),
        ("m=0.5/video", Kind.VIDEO, "m", {"count": 1}, 500_000),
        ("m=0.1/second", Kind.VIDEO, "m", {"seconds": 5}, 500_000),
        ("m=0.1/second", Kind.VIDEO, "m", {"seconds": None}, 1_500_000),  # the longest there is
        ("m=0.27:1.10/1M", Kind.ASK, "m", {"told": 1000, "answered": 4096}, 4776),  # 270 + 4505.6, up
        ("m=1/1m", Kind.ASK, "m", {"told": 1, "answered": 1}, 2),
        ("m=0.0000001/call", Kind.ASK, "m", {}, 1),
        ("m=0/call", Kind.ASK, "m", {}, 0),
        ("other=1/call", Kind.ASK, "m", {}, None),
        # The most particular pattern counts.
        ("*=1/call, deep*=2/call, deepseek-chat=3/call", Kind.ASK, "DeepSeek-Chat", {}, 3_000_000),
        ("*=1/call, deep*=2/call, deepseek-chat=3/call", Kind.ASK, "deepseek-r1", {}, 2_000_000),
        # Of those that say something of such an order.
        ("*=1/call, wan*=0.5/video", Kind.IMAGE, "wan2.7", {}, 1_000_000),
    ],
)
def test_the_owner_s_prices(prices: str, kind: Kind, model: str, size: dict[str, Any], amount: int | None) -> None:
    assert most(prices, kind, model, **size) == amount


@pytest.mark.parametrize(
    "typed", ["m", "m=1", "m=1/hour", "m=1:2/image", "m=-1/call", "m=1..2/call", "m=/call", "=1/call", "m=1e9/call"]
)
def test_what_is_no_price(typed: str) -> None:
    with pytest.raises(ValueError, match="must look like"):
        parse_prices(typed)


def test_floats_are_read_as_they_are_written() -> None:
    assert exact(0.1) == Fraction(1, 10)
    assert exact("0.37") == Fraction(37, 100)
    odd: tuple[Any, ...] = (-1, float("nan"), float("inf"), None, True, "x", [], 1e300)
    assert [exact(one) for one in odd] == [None] * 8
    tenth = exact(0.1)
    assert tenth is not None
    assert Price("call", tenth).most(Kind.IMAGE, count=3) == 300_000  # 0.1 * 3 is no 0.3 for a float


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "$0.00"),
        (12_345_678, "$12.35"),
        (123_456, "$0.123"),
        (500_100, "$0.50"),
        (500_000, "$0.50"),
        (225_000, "$0.225"),
        (900, "$0.0009"),
        (182, "$0.0002"),
        (42, "<$0.0001"),
    ],
)
def test_amounts_for_people(amount: int, text: str) -> None:
    assert shown(amount, "$") == text
