"""What people chose for themselves, in memory: everything that is said to somebody asks for their language.

This process alone writes the database (`Database.hold_alone`), so what is here is what is stored. A person who never
chose takes no room.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import discord

from bot.store import own_choices as rows
from bot.store.own_choices import OwnChoices

if TYPE_CHECKING:
    from bot.kit.bot import Interaction
    from bot.store.database import Database
    from bot.store.own_choices import Choice

_LOCALES: Final = {"en": discord.Locale.american_english, "zh_CN": discord.Locale.chinese}
_DISCORDS = "discord_locale"
"""In an interaction's extras: the language that the person's Discord is set to."""
_USUAL: Final = OwnChoices()


class Choices:
    """`load()` once, before anybody is answered; until then everybody has what is usual."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._chosen: dict[int, OwnChoices] = {}

    async def load(self) -> None:
        # What is chosen while it loads is newer.
        self._chosen = await self._database.run(rows.all_of_them) | self._chosen

    def of(self, person_id: int) -> OwnChoices:
        return self._chosen.get(person_id, _USUAL)

    async def choose(self, person_id: int, choice: Choice, value: object) -> OwnChoices:
        """Keep a choice, and return all of theirs."""
        await self._database.run(rows.put, person_id, choice, value, now=time.time())
        self._chosen[person_id] = replace(self.of(person_id), **{choice: value})
        return self._chosen[person_id]

    def forget(self, person_id: int) -> None:
        self._chosen.pop(person_id, None)

    def speak(self, interaction: Interaction) -> None:
        """Have an interaction answered in the language that its person chose."""
        discords = interaction.extras.setdefault(_DISCORDS, interaction.locale)
        language = self.of(interaction.user.id).language
        interaction.locale = discords if language is None else _LOCALES[language]
