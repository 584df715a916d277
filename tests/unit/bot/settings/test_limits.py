"""Limits as people type them, as they are stored and said again, and which one of a list is somebody's."""

from __future__ import annotations

import time

import pytest

from bot.errors import BadValue
from bot.i18n import LOCALES
from bot.kinds import Kind
from bot.settings.limits import Limit, Limits, in_words, limits_of, personal_limits
from bot.settings.names import Names, by_name
from bot.text import escape

KIND = Limits()
NAMES = Names(by_name([("Artists", 7), ("Very Important", 8), ("imagine", 9), ("Twins", 10), ("twins", 11)]))


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("video=3/day", ["video=3/day"]),
        ("video=3", ["video=3/day"]),
        ("/video 3", ["video=3/day"]),
        ("VIDEO : 3 / Day", ["video=3/day"]),
        ("video 3 per day", ["video=3/day"]),
        ("video 3 a day", ["video=3/day"]),
        ("video=3/d", ["video=3/day"]),
        ("ask=10/hour", ["ask=10/hour"]),
        ("ask=10/h, ask=50/day", ["ask=10/hour", "ask=50/day"]),
        ("imagine=300/month", ["imagine=300/month"]),
        ("images=20/day", ["imagine=20/day"]),
        ("video=3/day, imagine=20/day", ["video=3/day", "imagine=20/day"]),
        ("video=3/day，imagine=20/day；ask=9", ["video=3/day", "imagine=20/day", "ask=9/day"]),
        ("video=3/day\nimagine=20/day\n", ["video=3/day", "imagine=20/day"]),
        ("视频=每天3次，图片 每天 20 次", ["video=3/day", "imagine=20/day"]),
        ("video＝3次/天", ["video=3/day"]),
        ("video 3次每天", ["video=3/day"]),
        ("每天 video 3 次", ["video=3/day"]),
        ("ask 每小时 10 次, imagine=每月300", ["ask=10/hour", "imagine=300/month"]),
        ("合计 video=50/天", ["total video=50/day"]),
        ("total video=50/day", ["total video=50/day"]),
        ("video total=50/day", ["total video=50/day"]),
        ("<@&7> imagine=100/day", ["7 imagine=100/day"]),
        ("<@&7>imagine=100/day", ["7 imagine=100/day"]),
        ("imagine <@&7>=100/day", ["7 imagine=100/day"]),
        ("7 imagine=100/day", ["7 imagine=100/day"]),
        ("<@&7> imagine=unlimited", ["7 imagine=unlimited/day"]),
        ("<@&7> imagine 不限次数", ["7 imagine=unlimited/day"]),
        ("@everyone video=3/day", ["video=3/day"]),
        ("video=0", ["video=0/day"]),
        ("video=3/day, video=5/day", ["video=5/day"]),
        # The number first, as one says it.
        ("3 videos a day", ["video=3/day"]),
        ("3 videos per person per day", ["video=3/day"]),
        ("每天3个视频", ["video=3/day"]),
        ("视频每天3次，合计视频每天50次", ["video=3/day", "total video=50/day"]),
        ("每人视频每天3次，<@&7>图片每天100次", ["video=3/day", "7 imagine=100/day"]),
        ("每人每天3个视频，合计每天50个视频", ["video=3/day", "total video=50/day"]),
        ("<@&7> 100 images an hour", ["7 imagine=100/hour"]),
        ("20 images", ["imagine=20/day"]),
        ("none", []),
        ("无", []),
    ],
)
def test_what_may_be_typed(typed: str, stored: list[str]) -> None:
    assert KIND.parse(typed) == stored
    # As it is stored, and as it is shown, it may be typed again.
    assert KIND.parse(KIND.show(stored)) == stored
    for locale in LOCALES:
        assert KIND.parse(", ".join(in_words(locale, entry) for entry in stored) or "none") == stored


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "config.bad_limit"),
        ("video", "config.bad_limit"),
        ("video=three/day", "config.limit_number"),
        ("video=3/week", "config.limit_period"),
        ("video=3 per fortnight", "config.limit_period"),
        ("video 3/fortnight", "config.limit_period"),
        ("3 videos a fortnight", "config.limit_period"),
        ("total video: 3 fortnight", "config.limit_period"),
        ("3/day", "config.bad_limit"),
        ("vide=3/day", "config.limit_of_what"),
        ("video=-3/day", "config.limit_number"),
        ("video=3.5/day", "config.limit_number"),
        ("vide=three/day", "config.limit_number"),
        ("每天3个苹果", "config.limit_of_what"),
        ("视频3次/周", "config.limit_period"),
        ("Artists imagine=3", "config.limit_of_what"),
        ("video imagine=3", "config.limit_of_what"),
        ("total=3/day", "config.limit_command"),
        ("<@&7>=3/day", "config.limit_command"),
        ("total <@&7> video=3/day", "config.limit_total_role"),
        ("video=1000000/day", "config.limit_most"),
        ("<@&9999999999999999999> video=3", "config.limit_of_what"),
        (", ".join(f"<@&{n}> video=3" for n in range(1, 52)), "config.bad_list"),
    ],
)
def test_what_may_not(typed: str, key: str) -> None:
    with pytest.raises(BadValue) as refused:
        KIND.parse(typed)
    assert refused.value.key == key


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("video=3 per fortnight", "fortnight"),
        ("@everyone video: 3/week", "week"),
        ("3 videos a fortnight", "fortnight"),
        ("video=-3/day", "-3"),
        ("total video=lots/day", "lots"),
        ("vide=3/day", "vide"),
        ("3 cookies a day", "cookies"),
    ],
)
def test_the_part_that_is_wrong_is_named(typed: str, word: str) -> None:
    with pytest.raises(BadValue) as refused:
        KIND.parse(typed)
    assert refused.value.facts["word"] == escape(word)


def test_what_nobody_would_type_is_read_in_no_time() -> None:
    for typed in ("video " * 900, "=" * 5900, " 3" * 2900, "每天" * 2900, "<@&" * 1900, "3/" * 2900):
        began = time.thread_time()
        with pytest.raises(BadValue):
            KIND.parse(typed)
        assert time.thread_time() - began < 0.3  # some milliseconds


@pytest.mark.parametrize(
    ("typed", "resolved"),
    [
        ("@Artists imagine=100/day", "<@&7> imagine=100/day"),
        ("＠artists imagine=100/day", "<@&7> imagine=100/day"),
        ("@Very Important video=5，imagine=20", "<@&8> video=5，imagine=20"),
        # A role that is called like a command does not take its place.
        ("imagine=20/day", "imagine=20/day"),
        ("@imagine imagine=20/day", "<@&9> imagine=20/day"),
    ],
)
def test_roles_by_their_names(typed: str, resolved: str) -> None:
    assert NAMES.resolved(KIND, typed) == resolved


@pytest.mark.parametrize(
    ("typed", "key"), [("@Nobody video=3", "config.no_such_role"), ("@Twins video=3", "config.several_roles")]
)
def test_roles_that_are_not_to_be_told(typed: str, key: str) -> None:
    with pytest.raises(BadValue) as refused:
        NAMES.resolved(KIND, typed)
    assert refused.value.key == key


@pytest.mark.parametrize(
    ("entries", "roles", "mine"),
    [
        ("imagine=20", {}, ["imagine=20/day"]),
        ("imagine=20, <@&7> imagine=100", {}, ["imagine=20/day"]),
        ("imagine=20, <@&7> imagine=100", {7}, ["7 imagine=100/day"]),
        # A role's entry takes the place of everybody's, the largest of several, in whatever order.
        ("<@&7> imagine=5, imagine=20", {7}, ["7 imagine=5/day"]),
        ("<@&7> imagine=5, <@&8> imagine=9", {7, 8}, ["8 imagine=9/day"]),
        ("<@&8> imagine=9, <@&7> imagine=5", {7, 8}, ["8 imagine=9/day"]),
        ("<@&7> imagine=unlimited, <@&8> imagine=9", {7, 8}, ["7 imagine=unlimited/day"]),
        ("<@&7> imagine=100", {}, []),
        ("total imagine=50", {}, []),
        ("video=3", {}, []),
        # Each period for itself.
        ("imagine=5/hour, imagine=20/day, <@&7> imagine=100/day", {7}, ["imagine=5/hour", "7 imagine=100/day"]),
    ],
)
def test_whose_is_which(entries: str, roles: set[int], mine: list[str]) -> None:
    stored = KIND.parse(entries)
    assert isinstance(stored, list)
    found = personal_limits(limits_of(map(str, stored), Kind.IMAGE), frozenset(roles))
    assert [limit.stored for limit in found] == mine


def test_an_entry_is_read_as_it_was_stored() -> None:
    for entry in ("imagine=20/day", "7 imagine=unlimited/month", "total video=50/hour"):
        assert Limit.read(entry).stored == entry
    assert KIND.roles(["imagine=20/day", "7 imagine=5/day", "total video=5/day", "7 ask=1/day", "8 ask=1/day"]) == [
        7,
        8,
    ]
