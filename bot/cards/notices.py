"""Tells people that what they waited for is done: a reply to its card that mentions them, and nobody else."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import ui

from bot.clock import steady
from bot.generation import notices
from bot.generation.rows import generations
from bot.i18n import text
from bot.kinds import Kind
from bot.kit.components import Card, button, only_answered, row
from bot.kit.edits import TOKEN_MARGIN
from bot.kit.posting import NotNow, mentioning
from bot.kit.responses import PASSING
from bot.states import State
from bot.store.writes import backoff, until_committed

if TYPE_CHECKING:
    from bot.generation.rows.records import Generation
    from bot.kit.bot import Bot
    from bot.kit.posting import Posting
    from bot.store.database import Database

log = logging.getLogger(__name__)

STOP: Final = "own:stop"
"""The custom_id of Stop pinging me: whoever presses it is mentioned no more."""
TRIES: Final = 5
_UNCERTAIN: Final[dict[str, str]] = {
    State.EXPIRED: "notice.expired",
    State.UNKNOWN: "notice.unknown",
    State.UNFETCHED: "notice.unfetched",
}
"""Of these nobody may say that it couldn't be made."""


class Notices:
    """What is due stands in the store (`bot.generation.notices`); here it is posted."""

    def __init__(self, bot: Bot, database: Database, posting: Posting) -> None:
        self._bot = bot
        self._database = database
        self._posting = posting

    async def tell(self, order: Generation) -> None:
        """Tell the person of a row that has ended, if that is due. Never raises for what Discord says."""
        if await until_committed(self._database, notices.open_of, order.id):
            await self._tell(order)

    async def catch_up(self) -> None:
        """What the process before this one did not get to; once, at the start."""
        since = time.time() - notices.STALE_SECONDS
        for id_ in await until_committed(self._database, notices.still_open, since=since):
            order = await until_committed(self._database, generations.get, id_)
            if order is None:
                continue
            found = None if _by_token(order) else await self._posted_before(order)
            if found is not None:
                await self._note(order, found)
            else:
                await self._tell(order)

    async def _posted_before(self, order: Generation) -> int | None:
        def is_it(message: discord.Message) -> bool:
            return message.reference is not None and message.reference.message_id == order.message_id

        try:
            return await self._posting.posted_before(order.channel_id, is_it)
        except NotNow as error:
            log.info("whether a person was told can't be seen: %s", error, extra=order.logged)
            return None

    async def _tell(self, order: Generation) -> None:
        if _by_token(order):
            await self._tell_by_token(order)
            return
        for attempt in range(TRIES):
            try:
                message_id = await self._posting.post(
                    order.channel_id,
                    self._view(order),
                    nonce=f"n{order.id}",
                    mentioned=[order.person_id],
                    replies_to=order.message_id,
                )
            except NotNow as error:
                log.warning("a person is not told yet: %s", error, extra=order.logged)
                await asyncio.sleep(backoff(attempt, ceiling=30))
            else:
                await self._note(order, message_id or notices.GIVEN_UP)
                return
        await self._note(order, notices.GIVEN_UP)

    async def _tell_by_token(self, order: Generation) -> None:
        """Where nobody else sees it, or the bot itself is not: while the token lives. Else it came as a message, which
        tells by itself, or nothing can be said there any more.
        """
        # Before it is sent: a follow-up knows no nonce, and twice is worse than not at all.
        mine = await self._note(order, notices.GIVEN_UP)
        if not mine or order.token is None or (order.token_expires_at or 0) - TOKEN_MARGIN < steady():
            return
        # As the library makes an interaction's own: only an application's may send what one person sees.
        data: Any = {"id": str(order.application_id), "type": 3, "token": order.token}
        state = self._bot._connection  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        webhook = discord.Webhook.from_state(data=data, state=state)
        try:
            only = mentioning([order.person_id])
            await webhook.send(view=self._view(order), ephemeral=order.private, allowed_mentions=only)
        except PASSING as error:
            log.info("a person is not told: %s", error, extra=order.logged)

    def _view(self, order: Generation) -> Card:
        stop = button(text(order.locale, "notice.stop"), STOP)
        said: ui.TextDisplay[Card] = ui.TextDisplay(words(order))
        return only_answered(Card(said, row(stop)), self._bot.items)

    async def _note(self, order: Generation, message_id: int) -> bool:
        return await until_committed(self._database, notices.note, order.id, message_id)


def _by_token(order: Generation) -> bool:
    return order.private or order.token_only


def words(order: Generation) -> str:
    """The sentence that mentions the person: true of how it ended."""
    who = f"<@{order.person_id}>"
    if (key := _UNCERTAIN.get(order.state)) is not None:
        return text(order.locale, key, who=who)
    if order.kind == Kind.VIDEO:
        key = "notice.video" if order.state == State.DELIVERED else "notice.video_failed"
        return text(order.locale, key, who=who)
    key = "notice.images" if order.state == State.DELIVERED else "notice.images_failed"
    return text(order.locale, key, who=who, count=order.count)
