"""Shows jams on Discord: the `Host` of `bot/jam/host.py`. Nothing is posted twice, whenever the process ends.

What is posted has a nonce, which Discord keeps for some minutes; what may be older is looked for before it is posted.
"""

from __future__ import annotations

import io
import logging
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from bot.generation.writes import surely
from bot.i18n import text
from bot.jam.facts import JamFacts, read_facts
from bot.jam.host import NotNow, Opened
from bot.jam.steps import card_lost
from bot.ui.boards import Boards, pressed_card
from bot.ui.edits import NOT_HERE, Handle, MessageGone, OutOfReach, edit_by_itself
from bot.ui.jam.cards import round_card, word
from bot.ui.jam.final import Final, final_card, over
from bot.ui.jam.opening import begin_thread, custom_ids, find_word, texts
from bot.ui.jam.pictures import Gathered, Gatherer
from bot.ui.jam.reading import word_channel
from bot.ui.links import message_link
from bot.ui.notes import note
from bot.ui.responses import PASSING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from discord import ui

    from bot.environment import Environment
    from bot.store.database import Database
    from bot.store.jams import Jam
    from bot.ui.own_token import OwnToken
    from bot.ui.typing import Bot, Interaction

log = logging.getLogger(__name__)

PRESSES = 1000
"""Cards whose newest press is kept, by whose token they are edited."""
LOOK_THROUGH = 100
"""Of a channel's newest messages, among which an end that was just posted is looked for."""


class JamHost:
    """`gatherer`: has the pictures of a jam's rounds."""

    def __init__(
        self,
        database: Database,
        environment: Environment,
        boards: Boards,
        own_token: OwnToken,
        gatherer: Gatherer,
    ) -> None:
        self._database = database
        self._environment = environment
        self._boards = boards
        self._own_token = own_token
        self._gatherer = gatherer
        self._presses: OrderedDict[int, Handle] = OrderedDict()
        self._bot: Bot | None = None
        self.on_lost: Callable[[], None] = lambda: None
        """Called when a card was found to be gone, and another is due."""

    def attach(self, bot: Bot) -> None:
        """From now on jams are shown through `bot`."""
        self._bot = bot

    def pressed(self, interaction: Interaction) -> None:
        """A press that has been acknowledged, and nothing else: its card can be edited through it."""
        handle = pressed_card(interaction)
        if handle.message_id is None:
            return
        self._presses[handle.message_id] = handle
        self._presses.move_to_end(handle.message_id)
        if len(self._presses) > PRESSES:
            self._presses.popitem(last=False)

    def show(self, facts: JamFacts) -> None:
        jam, round_ = facts.jam, facts.round
        if round_.message_id is None or jam.thread_id is None:
            return
        handle = self._presses.get(round_.message_id) or Handle.by_itself(
            jam.application_id, jam.thread_id, round_.message_id
        )

        async def render() -> ui.LayoutView | None:
            now = await self._database.run(read_facts, jam.id, self._environment, number=round_.number)
            return None if now is None else round_card(now, now=time.time())

        async def gone() -> None:
            if await surely(self._database, card_lost, jam.id, round_.number, handle.message_id or 0):
                self.on_lost()

        self._boards.refresh(("jam", jam.id, round_.number), handle, render, gone=gone)

    async def post_round(self, facts: JamFacts) -> int | None:
        if facts.jam.thread_id is None:
            return None
        return await self._post_round(facts, facts.jam.thread_id)

    async def post_final(self, facts: JamFacts) -> int | None:
        for place in _places(facts.jam):
            posted = await self._end(facts, place)
            if posted is not None:
                await self._tell_of_end(facts, posted, place)
                return posted
        return None

    async def renew_final(self, facts: JamFacts) -> int | None:
        final_id = facts.jam.final_message_id
        if final_id is None:
            return None
        for place in _places(facts.jam):
            if await self._renewed(facts, place, final_id):
                await self._tell_of_end(facts, final_id, place)
                return final_id
        await self._tell_of_end(facts, final_id, None)
        return None

    async def find_opening(self, jam: Jam) -> Opened | None:
        message_id = jam.message_id
        try:
            message_id = message_id or await find_word(self._client(), jam)
            if message_id is None:
                return None
            thread_id = jam.thread_id or await begin_thread(self._client(), jam, message_id)
        except (discord.NotFound, discord.Forbidden):
            given_up = replace(jam, message_id=message_id)
            await self._edit_word(given_up, note(text(jam.locale, "jam.not_opened")))
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
        await self._edit_word(begun, word(begun))
        return Opened(thread_id, message_id, card_id)

    async def _end(self, facts: JamFacts, place: int) -> int | None:
        """Post the end, unless it stands there: it is what leads to the thread, beside the word."""
        jam, thread = facts.jam, f"<#{facts.jam.thread_id}>"
        standing = await self._standing(
            place, lambda message: message.id != jam.message_id and thread in texts(message)
        )
        if standing is not None:
            return standing
        view, files = await self._final(facts)
        return await self._post(place, view, nonce=f"jam{jam.id}", files=files)

    async def _renewed(self, facts: JamFacts, place: int, message_id: int) -> bool:
        """Bring the end that stands there up to date. False: it does not stand there."""
        message = self._client().get_partial_messageable(place).get_partial_message(message_id)
        try:
            with suppress(discord.Forbidden):  # it may not be read, and be edited all the same
                await message.fetch()
            view, files = await self._final(facts)
            async with self._own_token.turn(place):
                await edit_by_itself(
                    self._client(),
                    Handle.by_itself(facts.jam.application_id, place, message_id),
                    view,
                    attachments=files,
                )
        except (discord.NotFound, MessageGone):
            return False
        except OutOfReach:
            log.info("jam %s: its end stays as it is", facts.jam.id)
        except PASSING as error:
            raise NotNow(str(error)) from error
        return True

    async def _final(self, facts: JamFacts) -> tuple[ui.LayoutView, list[discord.File]]:
        """The end as it is now, and its files."""
        jam = facts.jam
        try:
            gathered = await self._gatherer.gather(self._client(), facts) if facts.finished else Gathered()
        except PASSING as error:
            raise NotNow(str(error)) from error
        strip = f"jam-{jam.id}.png"
        shown = Final(
            picture=gathered.picture[0] if gathered.picture is not None else None,
            strip=strip if gathered.strip is not None else None,
            votes=gathered.votes,
            button=gathered.button,
        )
        files = [] if gathered.picture is None else [gathered.picture]
        if gathered.strip is not None:
            files.append((strip, gathered.strip))
        return final_card(facts, shown), [discord.File(io.BytesIO(data), name) for name, data in files]

    async def _post_round(self, facts: JamFacts, thread_id: int) -> int | None:
        known = {round_.message_id for round_ in facts.rounds}
        add = f"jam:{facts.jam.id}:add"
        standing = await self._standing(
            thread_id, lambda message: message.id not in known and add in custom_ids(message)
        )
        if standing is not None:
            return standing
        # With the step: one that was deleted is posted anew.
        nonce = f"jam{facts.jam.id}.{facts.round.number}.{facts.jam.step}"
        return await self._post(thread_id, round_card(facts, now=time.time()), nonce=nonce)

    async def _standing(self, place: int, is_it: Callable[[discord.Message], bool]) -> int | None:
        """A message of the bot's own that was posted before. None: none that may be seen."""
        bot = self._client()
        try:
            async for message in bot.get_partial_messageable(place).history(limit=LOOK_THROUGH):
                if message.author == bot.user and is_it(message):
                    return message.id
        except (discord.NotFound, discord.Forbidden):
            return None
        except PASSING as error:
            raise NotNow(str(error)) from error
        return None

    async def _tell_of_end(self, facts: JamFacts, final_id: int, place: int | None) -> None:
        """Say in the thread, and in the word in the channel, where the end stands. `place` None: nowhere any more."""
        jam = facts.jam
        said = over(facts, None if place is None else message_link(jam.guild_id, place, final_id))
        if jam.thread_id is not None and jam.thread_id not in {place, word_channel(jam)}:
            await self._tell_thread(jam, jam.thread_id, note(said), final_id, new=place is not None)
        await self._edit_word(jam, word(jam, over=said))

    async def _tell_thread(self, jam: Jam, thread_id: int, view: ui.LayoutView, final_id: int, *, new: bool) -> None:
        """Its last message leads to the end: there is one at most. `new`: it is posted where there is none."""
        standing = await self._standing(thread_id, lambda message: f"/{final_id}" in texts(message))
        if standing is not None:
            await self._edit(jam, thread_id, standing, view)
        elif new:
            await self._post(thread_id, view, nonce=f"jam{jam.id}.over")

    async def _edit_word(self, jam: Jam, view: ui.LayoutView) -> None:
        if jam.message_id is not None:
            await self._edit(jam, word_channel(jam), jam.message_id, view)

    async def _edit(self, jam: Jam, place: int, message_id: int, view: ui.LayoutView) -> None:
        """What is nice to have up to date: Discord need not take it."""
        try:
            async with self._own_token.turn(place):
                await edit_by_itself(self._client(), Handle.by_itself(jam.application_id, place, message_id), view)
        except (MessageGone, OutOfReach, *PASSING) as error:
            log.info("jam %s: what it said in %s stays as it is: %s", jam.id, place, error)

    async def _post(
        self, place: int, view: ui.LayoutView, *, nonce: str, files: Sequence[discord.File] = ()
    ) -> int | None:
        """The message's id. None: nothing can be posted there. NotNow: it may be later."""
        channel = self._client().get_partial_messageable(place)
        try:
            async with self._own_token.turn(place):
                return (await channel.send(view=view, files=files, nonce=nonce)).id
        except discord.HTTPException as error:
            if isinstance(error, (discord.NotFound, discord.Forbidden)) or error.code in NOT_HERE:
                log.info("nothing can be posted in %s: %s", place, error.text)
                return None
            raise NotNow(str(error)) from error
        except PASSING as error:
            raise NotNow(str(error)) from error

    def _client(self) -> Bot:
        if self._bot is None:
            raise RuntimeError("there is no bot yet")
        return self._bot


def _places(jam: Jam) -> list[int]:
    """Where its end may stand: in the channel, else in its thread, which is one where it was begun in a thread."""
    return [place for place in dict.fromkeys((word_channel(jam), jam.thread_id)) if place is not None]
