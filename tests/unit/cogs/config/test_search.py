"""Settings are found by what people call them."""

from __future__ import annotations

import pytest

from bot.settings import SETTINGS
from cogs.config.search import _WORDS, found  # pyright: ignore[reportPrivateUsage] - the table itself


@pytest.mark.parametrize(
    ("typed", "among"),
    [
        ("limit", {"max_images", "max_running_videos", "daily_credits"}),
        ("ban", {"blocked_words", "roles", "commands"}),
        ("quota", {"daily_credits", "server_pool"}),
        ("额度", {"daily_credits", "server_pool"}),
        ("禁词", {"blocked_words"}),
        ("nsfw", {"age_restricted_only", "blocked_words"}),
        ("敏感词", {"blocked_words"}),
        ("权限", {"roles", "button_roles", "jam_roles"}),
        ("次数", {"max_images"}),
        ("语言", {"language"}),
        ("visibility", {"answers"}),
        ("谁能看到", {"answers"}),
        ("notifications", {"notify"}),
        ("通知", {"notify", "alert_channel"}),
        ("answers", {"answers", "notify", "language"}),
        ("回答", {"answers", "notify", "language"}),
        ("timer", {"jam_round"}),
        ("点数", {"daily_credits", "prices", "server_pool"}),
        ("safety", {"blocked_words", "age_restricted_only"}),
        ("who", {"roles"}),
        ("how much", {"max_images", "max_running_videos"}),
        ("credits", {"daily_credits", "confirm_above", "alert_channel"}),
        ("Blocked words", {"blocked_words"}),
        ("max-images", {"max_images"}),
    ],
)
def test_by_topic_and_by_everyday_words(typed: str, among: set[str]) -> None:
    assert among <= set(found(typed))


def test_every_setting_has_other_words_that_people_use() -> None:
    assert set(_WORDS) == set(SETTINGS)


def test_nothing_typed_finds_all_and_nonsense_none() -> None:
    assert set(found("")) == set(SETTINGS)
    assert found("zzz") == []
