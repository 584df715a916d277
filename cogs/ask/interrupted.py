"""Answers that a process left growing when it died: the next one takes their cursor away and says why they end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import discord
from discord import ui
from sqlalchemy import Connection

from bot.i18n import text
from bot.kit.edits import Handle, MessageGone, OutOfReach, edit
from bot.kit.message_parts import texts_in
from bot.kit.responses import PASSING
from bot.reasons import Step
from bot.store import questions
from bot.store.database import Database, StoreUnavailable
from bot.store.questions import Asked
from cogs.ask import rows as growing
from cogs.ask.cards import CURSOR, broken_off, finished
from cogs.ask.custom_ids import again_rows
from cogs.ask.rows import Growing

if TYPE_CHECKING:
    from bot.kit.bot import Bot

log = logging.getLogger(__name__)


class InterruptedAnswers:
    """Notes where answers grow, beside them: no answer waits for it."""

    def __init__(self, bot: Bot, database: Database) -> None:
        self._database = database
        self._notes: dict[int, asyncio.Task[None]] = {}
        self._bot = bot

    def note(self, key: int, handle: Handle, locale: str) -> None:
        """The answer `key` grows in this message now."""
        grows = Growing(
            key=key,
            application_id=handle.application_id,
            channel_id=handle.channel_id,
            message_id=handle.message_id or 0,
            original=handle.original,
            token_only=handle.token_only,
            token=handle.token or "",
            token_expires_at=handle.token_expires_at or 0.0,
            locale=locale,
        )
        self._notes[key] = asyncio.create_task(self._note(grows, self._notes.get(key)))

    def keep(self, asked: Asked) -> None:
        """The question that an answer begins to grow for: what it takes to ask it once more."""
        self._notes[asked.key] = asyncio.create_task(self._write(questions.keep, asked))

    async def again(self, key: int, locale: str) -> list[ui.ActionRow[Any]]:
        """What may help where the answer `key` broke off, if its question is kept."""
        asked = await self._database.run(questions.get, key, now=time.time())
        return [] if asked is None else again_rows(key, {Step.RETRY}, locale=locale)

    async def forget(self, key: int, *, question: bool = True) -> None:
        """The answer `key` has ended; `question`: it will not be asked once more."""
        noted = self._notes.pop(key, None)
        if noted is None:
            return
        await asyncio.wait([noted])
        try:
            await self._database.run(_forget, key, question=question)
        except StoreUnavailable as error:
            # The next process looks at a message that is well, and leaves it.
            log.warning("an answer's end was not noted: %s", error)

    async def mend(self) -> None:
        """Mend what the last process left; once, at the start."""
        for left in await self._database.run(growing.all_of_them):
            if left.key in self._notes:
                continue
            try:
                await self._mend(left)
            except (MessageGone, OutOfReach) as error:
                log.info("an answer that was left growing is out of reach (%s)", type(error).__name__)
            except PASSING as error:
                log.warning("an answer that was left growing is not mended: %s", error)
                continue
            except Exception:
                log.exception("an answer that was left growing can't be mended")
            await self._database.run(growing.forget, left.key)

    async def _note(self, grows: Growing, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        await self._write(growing.note, grows)

    async def _write(self, write: Callable[[Connection, Any], None], noted: Asked | Growing) -> None:
        try:
            await self._database.run(write, noted)
        except StoreUnavailable as error:
            log.warning("what the next process would need of an answer was not noted: %s", error)

    async def _mend(self, left: Growing) -> None:
        if not left.message_id:
            await self._say_so(left)
            return
        handle = Handle(
            application_id=left.application_id,
            token=left.token,
            token_expires_at=left.token_expires_at,
            channel_id=left.channel_id,
            message_id=left.message_id,
            token_only=left.token_only,
            original=left.original,
        )
        message = await _message(self._bot, handle)
        if any(getattr(part, "children", None) for part in message.components):  # the row with Stop
            await edit(self._bot, handle, broken_off(message, left.locale, await self.again(left.key, left.locale)))

    async def _say_so(self, left: Growing) -> None:
        """Nothing stands yet of an answer to a message, or what was posted last is not known: by its nonce it is."""
        place = self._bot.get_partial_messageable(left.channel_id)
        asked = discord.MessageReference(message_id=left.key, channel_id=left.channel_id, fail_if_not_exists=False)
        again = await self.again(left.key, left.locale)
        view = finished(None, f"-# {text(left.locale, 'ask.interrupted')}", again=again)
        try:
            sent = await place.send(view=view, nonce=f"{left.key}-0", reference=asked, mention_author=False)
        except (discord.NotFound, discord.Forbidden):
            raise OutOfReach from None
        if CURSOR in "".join(texts_in(sent.components)):
            await sent.edit(view=broken_off(sent, left.locale, again))


def _forget(connection: Connection, key: int, *, question: bool) -> None:
    growing.forget(connection, key)
    if question:
        questions.take(connection, key)


async def _message(bot: Bot, handle: Handle) -> discord.Message:
    """The message as it stands. OutOfReach: the bot may not read it, or nothing can any more."""
    try:
        if handle.token is not None and handle.token_lives:
            webhook = discord.Webhook.partial(handle.application_id, handle.token, client=bot)
            return await webhook.fetch_message(handle.name)
        if not handle.token_only:
            return await bot.get_partial_messageable(handle.channel_id).fetch_message(handle.message_id or 0)
    except (discord.NotFound, discord.Forbidden):
        pass
    raise OutOfReach
