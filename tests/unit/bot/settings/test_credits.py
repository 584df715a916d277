"""Prices, shares and pools as moderators write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadValue
from bot.kinds import Kind
from bot.settings.credits import (
    PER_TOKENS,
    Allowance,
    Ceiling,
    Pool,
    Price,
    Prices,
    allowance_of,
    ceiling_of,
    price_of,
    with_price,
)

TABLE = ["ask=2", "video:wan*=80", "video:wan2.7*=90", "video:wan2.7-t2v=100", "ask:gpt*=3/1k"]


@pytest.mark.parametrize(
    ("kind", "model", "price"),
    [
        (Kind.ASK, "deepseek-chat", Price(2)),
        (Kind.ASK, "GPT-5", Price(3, PER_TOKENS)),
        (Kind.IMAGE, "wan2.7-image", Price(5)),
        (Kind.VIDEO, "wan1", Price(80)),
        (Kind.VIDEO, "wan2.7-i2v", Price(90)),
        (Kind.VIDEO, "Wan2.7-t2v", Price(100)),
        (Kind.VIDEO, "veo", Price(50)),
    ],
)
def test_the_most_particular_price_counts(kind: Kind, model: str, price: Price) -> None:
    assert price_of(TABLE, kind, model) == price
    assert price_of(TABLE[::-1], kind, model) == price


BY_SECONDS = ["video=4/s", "video@1080p=8/s", "video:wan*=3/s", "video:wan*@1080p=6/s", "video:veo=300"]


@pytest.mark.parametrize(
    ("model", "quality", "seconds", "comes_to"),
    [
        ("kling", "720P", 3, 12),
        ("kling", "1080P", 3, 24),
        ("kling", None, None, 20),  # as long as videos are
        ("wan2.7-t2v", "720P", 10, 30),
        ("wan2.7-t2v", "1080P", 10, 60),
        ("veo", "1080P", 10, 300),  # the model before the quality
    ],
)
def test_a_video_by_its_seconds_and_quality(
    model: str, quality: str | None, seconds: int | None, comes_to: int
) -> None:
    for table in (BY_SECONDS, BY_SECONDS[::-1]):
        assert price_of(table, Kind.VIDEO, model, quality).of(seconds=seconds) == comes_to


def test_what_they_come_to() -> None:
    assert Price(5).of(3) == 15
    assert [Price(3, PER_TOKENS).of(tokens=tokens) for tokens in (0, 1, 1000, 1001, 2500)] == [3, 3, 3, 6, 9]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ask",
        "ask=",
        "ask=-1",
        "dance=1",
        "ask=1.5",
        "video=5/1k",
        "ask:a b=1",
        "ask=9999999999",
        "ask=1/s",
        "imagine@1080p=1",
    ],
)
def test_what_is_no_price(typed: str) -> None:
    with pytest.raises(BadValue):
        Prices().parse(typed)


def test_prices_as_they_are_typed() -> None:
    assert Prices().parse(" ask=01, VIDEO:Wan*=80；ask:gpt*=2/1k\nask=3") == ["ask=3", "video:wan*=80", "ask:gpt*=2/1k"]
    assert Prices().parse("图片=5，视频=80，对话：gpt*＝2/1k") == ["imagine=5", "video=80", "ask:gpt*=2/1k"]
    assert Prices().parse("视频＠1080P=8/秒, video:Wan*@720p=3/second, video=4/s") == [
        "video@1080p=8/s",
        "video:wan*@720p=3/s",
        "video=4/s",
    ]
    assert with_price(["video=4/s", "video@1080p=8/s"], Kind.VIDEO, "@1080P", "9/S") == ["video=4/s", "video@1080p=9/s"]


def test_roles_raise_the_share() -> None:
    stored = Allowance().parse("100, <@&7>=500 <@&8>=20")
    assert stored == ["100", "7=500", "8=20"]
    assert isinstance(stored, list)
    entries = [str(entry) for entry in stored]
    assert [allowance_of(entries, roles) for roles in ({1}, {7}, {8}, {7, 8})] == [100, 500, 100, 500]
    assert allowance_of(["0", "7=5"], {1}) == 0
    assert Allowance().show(stored) == "100, <@&7>=500, <@&8>=20"


@pytest.mark.parametrize("typed", ["", "lots", "-5", "1.5", "@artists=5", "<@&7>", "<@&7>=x"])
def test_what_is_no_share(typed: str) -> None:
    with pytest.raises(BadValue):
        Allowance().parse(typed)


@pytest.mark.parametrize(
    ("typed", "ceiling"),
    [
        ("500/day", Ceiling(500, "day")),
        (" 020000 / Month ", Ceiling(20000, "month")),
        ("5/月", Ceiling(5, "month")),
        ("每月2000", Ceiling(2000, "month")),
        ("每天 50 点", Ceiling(50, "day")),
        ("每月2000点数", Ceiling(2000, "month")),
    ],
)
def test_pools(typed: str, ceiling: Ceiling) -> None:
    assert ceiling_of(str(Pool().parse(typed))) == ceiling


@pytest.mark.parametrize("typed", ["", "500", "500/week", "-5/day", "x/day", "99999999999/day"])
def test_what_is_no_pool(typed: str) -> None:
    with pytest.raises(BadValue):
        Pool().parse(typed)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=5))
def test_what_is_shown_can_be_typed_again(amounts: list[int]) -> None:
    for kind, typed in (
        (Prices(), ", ".join(f"video:m{number}*={amount}" for number, amount in enumerate(amounts))),
        (Allowance(), ", ".join(["7", *(f"{number + 1}={amount}" for number, amount in enumerate(amounts))])),
        (Pool(), f"{amounts[0]}/day"),
    ):
        stored = kind.parse(typed)
        assert kind.parse(kind.show(stored)) == stored
