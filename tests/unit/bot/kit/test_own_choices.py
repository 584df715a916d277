"""What people chose for themselves: kept on both databases, known after a restart, and spoken."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import discord
import pytest

from bot.kit.own_choices import Choices
from bot.orders.policy import Rules
from bot.settings import Effective, Origin
from bot.store.own_choices import OwnChoices
from tests.unit.ordering import caller

if TYPE_CHECKING:
    from bot.store.database import Database

ANNE, BOB = 1, 2


async def test_each_choice_by_itself(database: Database) -> None:
    choices = Choices(database)
    assert choices.of(ANNE) == OwnChoices(None, private=False, notify="always")
    await choices.choose(ANNE, "language", "zh_CN")
    await choices.choose(ANNE, "private", value=True)
    assert await choices.choose(ANNE, "notify", "long") == OwnChoices("zh_CN", private=True, notify="long")
    later = Choices(database)
    await later.load()
    assert later.of(ANNE) == OwnChoices("zh_CN", private=True, notify="long")
    assert later.of(BOB) == OwnChoices()
    await later.choose(ANNE, "language", None)
    assert later.of(ANNE).language is None
    later.forget(ANNE)
    assert later.of(ANNE) == OwnChoices()


async def test_they_are_spoken_to_in_their_language_and_back_in_discord_s(database: Database) -> None:
    choices = Choices(database)
    said: Any = SimpleNamespace(user=SimpleNamespace(id=ANNE), locale=discord.Locale.french, extras={})
    choices.speak(said)
    assert said.locale is discord.Locale.french
    await choices.choose(ANNE, "language", "zh_CN")
    choices.speak(said)
    assert said.locale is discord.Locale.chinese
    await choices.choose(ANNE, "language", None)
    choices.speak(said)
    assert said.locale is discord.Locale.french


def rules(answers: str, origin: Origin, language: str | None = None) -> Rules:
    found = {"answers": Effective(answers, origin), "language": Effective(language, Origin.SERVER)}
    return Rules(found, None)


@pytest.mark.parametrize(
    ("given", "own", "answers", "origin", "private"),
    [
        (None, True, "public", Origin.DEFAULT, True),
        (None, False, "public", Origin.DEFAULT, False),
        (None, True, "public", Origin.SERVER, False),  # the place says that all see it
        (None, False, "private", Origin.CHANNEL, True),
        (False, True, "public", Origin.DEFAULT, False),  # the command said so
        (True, False, "public", Origin.SERVER, True),
    ],
)
def test_private_by_default(given: bool | None, own: bool, answers: str, origin: Origin, private: bool) -> None:
    ruled = caller(private=given, private_by_default=own, locale="en").ruled_by(rules(answers, origin, "zh_CN"))
    assert ruled.private is private
    assert ruled.locale == ("en" if private else "zh_CN"), "what others see is in the place's language"
