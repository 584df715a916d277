"""How a jam ends on Discord: its end in the channel, and what leads there. Both can be done again."""

from __future__ import annotations

import io
import logging
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord

from bot.cards.sources import files_of
from bot.kit.components import Card, only_answered, row
from bot.kit.edits import MessageGone, OutOfReach
from bot.kit.links import message_link
from bot.kit.message_parts import texts_in
from bot.kit.posting import NotNow, Posting, Refused
from bot.kit.responses import PASSING
from bot.kit.short_cards import note
from bot.kit.spoilers import PREFIX
from cogs.jam.custom_ids import jam_button
from cogs.jam.places import word_channel
from cogs.jam.thread.final import Final, final_card, over
from cogs.jam.thread.pictures import Gathered, Gatherer
from cogs.jam.thread.word import word

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from typing import TypeVar

    from discord import ui

    from cogs.jam.facts import JamFacts
    from cogs.jam.records import Jam

    Sent = TypeVar("Sent")

log = logging.getLogger(__name__)


class Ending:
    """`gatherer`: has the pictures of a jam's rounds."""

    def __init__(self, posting: Posting, gatherer: Gatherer) -> None:
        self._posting = posting
        self._gatherer = gatherer

    async def post(self, facts: JamFacts) -> int | None:
        """As `Host.post_final`."""
        for place in _places(facts.jam):
            posted = await self._post(facts, place)
            if posted is not None:
                await self._tell(facts, posted, place, first=True)
                return posted
        return None

    async def renew(self, facts: JamFacts) -> int | None:
        """As `Host.renew_final`."""
        final_id = facts.jam.final_message_id
        if final_id is None:
            return None
        for place in _places(facts.jam):
            if await self._renewed(facts, place, final_id):
                await self._tell(facts, final_id, place)
                return final_id
        await self._tell(facts, final_id, None)
        return None

    async def _post(self, facts: JamFacts, place: int) -> int | None:
        """Post the end, unless it stands there: it is what leads to the thread, beside the word."""
        jam, thread = facts.jam, f"<#{facts.jam.thread_id}>"
        posted = await self._posting.posted_before(
            place, lambda message: message.id != jam.message_id and says(message, thread)
        )
        if posted is not None:
            return posted

        async def send(view: ui.LayoutView, files: Sequence[discord.File]) -> int | None:
            return await self._posting.post(place, view, nonce=f"jam{jam.id}", files=files)

        return await _in_some_form(facts, await self._gathered(facts, {}), send, self._posting.bot.items)

    async def _renewed(self, facts: JamFacts, place: int, message_id: int) -> bool:
        """Bring the end that stands there up to date. False: it does not stand there."""
        files: Mapping[str, str] = {}
        message = self._posting.bot.get_partial_messageable(place).get_partial_message(message_id)
        try:
            with suppress(discord.Forbidden):  # it may not be read, and be edited all the same
                files = files_of(await message.fetch())
        except discord.NotFound:
            return False
        except PASSING as error:
            raise NotNow(str(error)) from error

        async def send(view: ui.LayoutView, files: Sequence[discord.File]) -> bool:
            await self._posting.edit(facts.jam.application_id, place, message_id, view, files=files)
            return True

        try:
            renewed = await _in_some_form(facts, await self._gathered(facts, files), send, self._posting.bot.items)
            if not renewed:
                await message.delete()  # rather than that it shows what was removed
        except (MessageGone, discord.NotFound):
            return False
        except (OutOfReach, *PASSING) as error:
            raise NotNow(f"its end stays as it is: {error!r}") from error
        return bool(renewed)

    async def _gathered(self, facts: JamFacts, files: Mapping[str, str]) -> Gathered:
        if not facts.finished:
            return Gathered()
        try:
            return await self._gatherer.gather(self._posting.bot, facts, files=files)
        except PASSING as error:
            raise NotNow(str(error)) from error

    async def _tell(self, facts: JamFacts, final_id: int, place: int | None, *, first: bool = False) -> None:
        """Say in the thread, and in the word in the channel, where the end stands. `place` None: nowhere any more.

        `first`: the thread is told so in a message; later that one is edited, if it is there.
        """
        jam = facts.jam
        said = over(facts, None if place is None else message_link(jam.guild_id, place, final_id))
        if jam.thread_id is not None and jam.thread_id not in {place, word_channel(jam)}:
            link = f"/{final_id}"
            there = note(said).add_item(row(jam_button(jam.id, "again", jam.locale)))
            posted = await self._posting.posted_before(jam.thread_id, lambda message: says(message, link))
            if posted is not None:
                await self._posting.try_to_edit(jam.application_id, jam.thread_id, posted, there)
            elif first:
                await self._posting.post(jam.thread_id, there, nonce=f"jam{jam.id}.over")
        if jam.message_id is not None:
            await self._posting.try_to_edit(jam.application_id, word_channel(jam), jam.message_id, word(jam, over=said))


async def _in_some_form(
    facts: JamFacts,
    gathered: Gathered,
    send: Callable[[ui.LayoutView, Sequence[discord.File]], Awaitable[Sent]],
    items: Sequence[type[ui.DynamicItem[Any]]],
) -> Sent | None:
    """Send the end whole, with what `items` answer to; else without the strip, else without the picture, too.

    None: Discord takes it in no form.
    """
    for shown in (gathered, replace(gathered, strip=None), replace(gathered, strip=None, picture=None)):
        try:
            view, files = _shown(facts, shown)
            return await send(only_answered(view, items), files)
        except Refused as error:
            log.error("jam %s: Discord refuses its end: %s", facts.jam.id, error)  # noqa: TRY400 - expected: no trace
    return None


def _shown(facts: JamFacts, gathered: Gathered) -> tuple[Card, list[discord.File]]:
    strip = f"{PREFIX if gathered.spoiler else ''}jam-{facts.jam.id}.png"
    final = Final(
        picture=gathered.picture[0] if gathered.picture is not None else None,
        strip=strip if gathered.strip is not None else None,
        votes=gathered.votes,
        menu=gathered.menu,
    )
    files = [] if gathered.picture is None else [gathered.picture]
    if gathered.strip is not None:
        files.append((strip, gathered.strip))
    return final_card(facts, final), [discord.File(io.BytesIO(data), name) for name, data in files]


def says(message: discord.Message, words: str) -> bool:
    return any(words in part for part in texts_in(message.components))


def _places(jam: Jam) -> list[int]:
    """Where its end may stand: in the channel, else in its thread, which is one where it was begun in a thread."""
    return [place for place in dict.fromkeys((word_channel(jam), jam.thread_id)) if place is not None]
