"""Which value holds where."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.environment import read_environment
from bot.errors import BadValue
from bot.settings import SETTINGS, Effective, Origin, Place, Scope, Values, resolve

ENVIRONMENT = read_environment(
    {"DISCORD_TOKEN": "token-of-a-bot", "ONEKEY_API_KEY": "sk-secret-key", "CHAT_MODEL": "of-the-owner"},
    Path("/nonexistent/.env"),
)
PLACE = Place(channel_id=2, thread_id=1, category_id=3, guild_id=4)
EVERYWHERE: Values = {
    (Scope.CHANNEL, 1): {"chat_model": "of-the-thread"},
    (Scope.CHANNEL, 2): {"chat_model": "of-the-channel"},
    (Scope.CATEGORY, 3): {"chat_model": "of-the-category"},
    (Scope.SERVER, 4): {"chat_model": "of-the-server"},
}
ORDER = [
    ((Scope.CHANNEL, 1), "of-the-thread", Origin.THREAD),
    ((Scope.CHANNEL, 2), "of-the-channel", Origin.CHANNEL),
    ((Scope.CATEGORY, 3), "of-the-category", Origin.CATEGORY),
    ((Scope.SERVER, 4), "of-the-server", Origin.SERVER),
]


@pytest.mark.parametrize("removed", range(5))
def test_the_nearest_value_holds_and_says_where_it_is_from(removed: int) -> None:
    gone = {place for place, _, _ in ORDER[:removed]}
    values = {place: stored for place, stored in EVERYWHERE.items() if place not in gone}
    expected = [*((value, origin) for _, value, origin in ORDER), ("of-the-owner", Origin.DEFAULT)][removed]
    assert resolve(SETTINGS["chat_model"], PLACE, values, ENVIRONMENT) == Effective(*expected)


def test_another_setting_and_another_place_do_not_count() -> None:
    values: Values = {(Scope.CHANNEL, 2): {"image_model": "x"}, (Scope.CHANNEL, 9): {"chat_model": "y"}}
    assert resolve(SETTINGS["chat_model"], PLACE, values, ENVIRONMENT).origin is Origin.DEFAULT


def test_a_category_and_a_channel_of_the_same_id_are_two_places() -> None:
    values: Values = {(Scope.SERVER, 2): {"chat_model": "x"}}
    assert resolve(SETTINGS["chat_model"], PLACE, values, ENVIRONMENT).origin is Origin.DEFAULT


def test_outside_a_server_only_the_channel_and_the_owner_speak() -> None:
    assert [origin for origin, _, _ in Place(channel_id=2).scopes()] == [Origin.CHANNEL]


@pytest.mark.parametrize("typed", ["two words", "", " ", "x" * 101, "<@1>", "a`b", "a\nb"])
def test_what_can_be_no_models_name_is_refused(typed: str) -> None:
    with pytest.raises(BadValue, match=r"config\.bad_model_name"):
        SETTINGS["chat_model"].parse(typed)


@pytest.mark.parametrize("typed", ["gpt-4o", " qwen/qwen3:32b ", "模型-1", "a.b_c@d+e"])
def test_names_as_services_write_them(typed: str) -> None:
    assert SETTINGS["chat_model"].parse(typed) == typed.strip()
