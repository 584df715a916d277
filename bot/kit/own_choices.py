"""What people chose for themselves, in memory: everything that is said to somebody asks for their language.

What is here is what is stored: of several processes, one that changed it tells the others. A person who never chose
takes no room.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import discord

from bot.store import own_choices as rows
from bot.store.failures import StoreUnavailable
from bot.store.own_choices import OwnChoices
from bot.store.signals import Signals

if TYPE_CHECKING:
    from bot.kit.bot import Interaction
    from bot.store.database import Database
    from bot.store.own_choices import Choice

log = logging.getLogger(__name__)

_LOCALES: Final = {"en": discord.Locale.american_english, "zh_CN": discord.Locale.chinese}
_DISCORDS = "discord_locale"
"""In an interaction's extras: the language that the person's Discord is set to."""
_USUAL: Final = OwnChoices()


class Choices:
    """`load()` once, before anybody is answered; until then everybody has what is usual."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._chosen: dict[int, OwnChoices] = {}
        self._signals = Signals(database)
        self._reading: set[asyncio.Task[None]] = set()

    async def load(self) -> None:
        # What is chosen while it loads is newer.
        self._chosen = await self._database.run(rows.all_of_them) | self._chosen

    def listen(self, signals: Signals) -> None:
        """Hear of what is chosen in other processes, and tell them."""
        self._signals = signals
        signals.on("choice", self._chosen_elsewhere)

    def _chosen_elsewhere(self, said: str) -> None:
        task = asyncio.create_task(self._read(int(said)))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _read(self, person_id: int) -> None:
        try:
            chosen = await self._database.run(rows.of, person_id)
        except StoreUnavailable as error:
            log.warning("what a person chose in another process is not known here: %s", error)
        else:
            if chosen is None:
                self._chosen.pop(person_id, None)
            else:
                self._chosen[person_id] = chosen

    def of(self, person_id: int) -> OwnChoices:
        return self._chosen.get(person_id, _USUAL)

    async def choose(self, person_id: int, choice: Choice, value: object) -> OwnChoices:
        """Keep a choice, and return all of theirs."""
        await self._database.run(rows.put, person_id, choice, value, now=time.time())
        self._chosen[person_id] = replace(self.of(person_id), **{choice: value})
        await self._signals.send("choice", str(person_id))
        return self._chosen[person_id]

    def forget(self, person_id: int) -> None:
        self._chosen.pop(person_id, None)

    def speak(self, interaction: Interaction) -> None:
        """Have an interaction answered in the language that its person chose."""
        discords = interaction.extras.setdefault(_DISCORDS, interaction.locale)
        language = self.of(interaction.user.id).language
        interaction.locale = discords if language is None else _LOCALES[language]
