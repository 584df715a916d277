"""A page of the history, as nobody in the sandbox can bring it about quickly."""

from __future__ import annotations

from unittest.mock import AsyncMock, MagicMock

import discord
import pytest
from discord import ui

from bot.i18n import LOCALES
from bot.settings import SETTINGS
from bot.settings.changes import Changed, ChangeSet
from bot.settings.stored import Json
from bot.store.database import Database
from cogs.config.history import PAGE, history_card
from tests.words import en


def line(key: str, value: Json, *, before: Json | None = None, changed_by: int | None = 2**62) -> Changed:
    biggest, was = 2**62, value if before is None else before
    return Changed(biggest, biggest, biggest, 1, "channel", biggest, key, was, value, changed_by, 2.0**33)


async def card_of(locale: str, lines: list[Changed], *, before_id: int | None) -> ui.LayoutView:
    """What somebody is shown who may see these lines, newest first."""
    interaction = MagicMock(spec=discord.Interaction, locale=locale, permissions=discord.Permissions.all())
    interaction.client.the(Database).run = AsyncMock(return_value=[ChangeSet(1, (line,)) for line in lines])
    return await history_card(interaction, before_id=before_id)


def texts(card: ui.LayoutView) -> str:
    return "\n".join(item.content for item in card.walk_children() if isinstance(item, ui.TextDisplay))


async def test_a_person_whose_data_was_deleted_is_somebody() -> None:
    (entry,) = texts(await card_of("en-US", [line("max_images", 2, changed_by=None)], before_id=None)).splitlines()[2:]
    assert f" · {en('config.somebody')} · " in entry


async def test_of_a_long_list_it_is_told_what_came_and_went() -> None:
    words = [f"word {number}" for number in range(60)]
    changed = line("blocked_words", [*words[:-1], "casino"], before=words)
    (entry,) = texts(await card_of("en-US", [changed], before_id=None)).splitlines()[1:2]
    assert entry == f"{SETTINGS['blocked_words'].name('en')}: + **casino** · − word 59"


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_page_of_the_longest_values_fits_in_a_message(locale: str) -> None:
    worst: dict[str, Json] = {"system_prompt": "*" * 4000, "roles": [2**62 + number for number in range(25)]}
    worst |= {"styles": [{"name": "*" * 32, "words": "*" * 1000}], "blocked_words": ["*" * 50, "a" * 50] * 100}
    others: dict[str, Json] = {"system_prompt": "_" * 4000, "styles": [{"name": "*" * 32, "words": "_" * 1000}]}
    for key in SETTINGS.keys() & worst.keys():
        changed = line(key, worst[key], before=others.get(key))
        card = await card_of(locale, [changed] * (PAGE + 1), before_id=1)
        assert card.content_length() <= 4000, key
        assert len(list(card.walk_children())) <= 40
