"""Shows jams on Discord: the `Host` of `cogs/jam/ports.py`. Cards of rounds are here, how a jam ends is in `ending`."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from bot.i18n import text
from bot.kit.coalesced_edits import CoalescedEdits, pressed_card
from bot.kit.edits import Handle
from bot.kit.message_parts import custom_ids_in
from bot.kit.posting import NotNow, Posting
from bot.kit.responses import PASSING
from bot.kit.short_cards import note
from bot.recent import Recent
from bot.store.writes import until_committed
from cogs.jam.cards import round_card, word
from cogs.jam.facts import JamFacts, read_facts
from cogs.jam.places import word_channel
from cogs.jam.ports import Opened
from cogs.jam.states import card_lost
from cogs.jam.thread.ending import Ending
from cogs.jam.thread.opening import begin_thread, find_word
from cogs.jam.thread.pictures import Gatherer

if TYPE_CHECKING:
    from collections.abc import Callable

    from discord import ui

    from bot.environment import Environment
    from bot.kit.bot import Bot, Interaction
    from bot.kit.own_token import OwnToken
    from bot.store.database import Database
    from cogs.jam.records import Jam, Round

PRESSES = 1000
"""Cards whose newest press is kept, by whose token they are edited."""


class JamHost:
    """`gatherer`: has the pictures of a jam's rounds."""

    def __init__(  # noqa: PLR0917 - what the cog opens, in order
        self,
        bot: Bot,
        database: Database,
        environment: Environment,
        coalesced: CoalescedEdits,
        own_token: OwnToken,
        gatherer: Gatherer,
    ) -> None:
        self._database = database
        self._environment = environment
        self._coalesced = coalesced
        self._posting = Posting(bot, own_token)
        self._ending = Ending(self._posting, gatherer)
        self._presses: Recent[int, Handle] = Recent(PRESSES)
        self.on_lost: Callable[[], None] = lambda: None
        """Called when a card was found to be gone, and another is due."""

    def pressed(self, interaction: Interaction) -> None:
        """A press that has been acknowledged, and nothing else: its card can be edited through it."""
        handle = pressed_card(interaction)
        if handle.message_id is not None:
            self._presses.put(handle.message_id, handle)

    def show(self, jam: Jam, round_: Round) -> None:
        if round_.message_id is None or jam.thread_id is None:
            return
        handle = self._presses.get(round_.message_id) or Handle.by_itself(
            jam.application_id, jam.thread_id, round_.message_id
        )

        async def render() -> ui.LayoutView | None:
            facts = await self._database.run(read_facts, jam.id, self._environment, number=round_.number)
            return None if facts is None else round_card(facts, now=time.time())

        async def gone() -> None:
            if await until_committed(self._database, card_lost, jam.id, round_.number, handle.message_id or 0):
                self.on_lost()

        self._coalesced.refresh(("jam", jam.id, round_.number), handle, render, gone=gone)

    async def post_round(self, facts: JamFacts) -> int | None:
        if facts.jam.thread_id is None:
            return None
        return await self._post_round(facts, facts.jam.thread_id)

    async def post_final(self, facts: JamFacts) -> int | None:
        return await self._ending.post(facts)

    async def renew_final(self, facts: JamFacts) -> int | None:
        return await self._ending.renew(facts)

    async def find_opening(self, jam: Jam) -> Opened | None:
        message_id = jam.message_id
        try:
            message_id = message_id or await find_word(self._posting.bot, jam)
            if message_id is None:
                return None
            thread_id = jam.thread_id or await begin_thread(self._posting.bot, jam, message_id)
        except (discord.NotFound, discord.Forbidden):
            if message_id is not None:
                given_up = note(text(jam.locale, "jam.not_opened"))
                await self._posting.try_to_edit(jam.application_id, word_channel(jam), message_id, given_up)
            return None
        except PASSING as error:
            raise NotNow(str(error)) from error
        facts = await self._database.run(read_facts, jam.id, self._environment)
        if facts is None:
            return None
        card_id = await self._post_round(facts, thread_id)
        if card_id is None:
            return None
        begun = replace(jam, thread_id=thread_id, message_id=message_id)
        await self._posting.try_to_edit(begun.application_id, word_channel(begun), message_id, word(begun))
        return Opened(thread_id, message_id, card_id)

    async def _post_round(self, facts: JamFacts, thread_id: int) -> int | None:
        known = {round_.message_id for round_ in facts.rounds}
        add = f"jam:{facts.jam.id}:add"
        posted = await self._posting.posted_before(
            thread_id, lambda message: message.id not in known and add in custom_ids_in(message.components)
        )
        if posted is not None:
            return posted
        # With the step: one that was deleted is posted anew.
        nonce = f"jam{facts.jam.id}.{facts.round.number}.{facts.jam.step}"
        return await self._posting.post(thread_id, round_card(facts, now=time.time()), nonce=nonce)
