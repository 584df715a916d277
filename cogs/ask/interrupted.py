"""What is noted of answers beside them, as they grow; and those that a process left growing when it died: the next one
takes their cursor away and says why they end.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import discord
from discord import ui
from sqlalchemy import Connection

from bot.i18n import text
from bot.kit.edits import Handle, MessageGone, OutOfReach, edit
from bot.kit.message_parts import texts_in
from bot.kit.responses import PASSING
from bot.reasons import Step
from bot.store.database import Database, StoreUnavailable
from cogs.ask import rows as growing
from cogs.ask import turn_rows as turns
from cogs.ask.cards import CURSOR, broken_off, finished
from cogs.ask.channel_surface import nonce
from cogs.ask.custom_ids import rows_below
from cogs.ask.records import INTERRUPTED, Turn
from cogs.ask.rows import Growing

if TYPE_CHECKING:
    from bot.kit.bot import Bot

log = logging.getLogger(__name__)

P = ParamSpec("P")
LOOK_SECONDS = 5.0
"""Between two looks at what other processes left."""


class InterruptedAnswers:
    """Notes how answers grow, beside them: no answer waits for it. Everything is noted in its order, and what comes
    while some of it is written goes into one transaction.
    """

    def __init__(self, bot: Bot, database: Database) -> None:
        self._database = database
        self._bot = bot
        self._noted: set[int] = set()
        """Answers that something was noted of."""
        self._waiting: list[Callable[[Connection], None]] = []
        self._writes: asyncio.Task[None] | None = None
        """What writes all that is waiting, once what is written now is done."""

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
            process_id=self._database.process_id,
        )
        self._then(key, _stands, grows)

    def gone(self, key: int, handle: Handle) -> None:
        """The answer `key` stands no more in this message, which was deleted."""
        self._then(key, turns.stands_no_more, handle.message_id or 0)

    def has_read(self, key: int, read: str, files: list[dict[str, Any]]) -> None:
        """What was read of the files that came with it."""
        self._then(key, turns.has_read, key, read, files)

    def said(self, key: int, answer: str) -> None:
        """So much was said so far."""
        self._then(key, turns.grows, key, answer)

    def ended(self, key: int, answer: str, finish: str, tokens: tuple[int, int] | None) -> None:
        """All that was said."""
        self._then(key, turns.end, key, answer, finish, tokens, time.time())

    async def again(self, key: int, locale: str) -> list[ui.ActionRow[Any]]:
        """What may help where the answer `key` broke off, if its question is kept."""
        turn, beside = await self._database.run(_broken_off, key)
        if turn is None:
            return []
        said, direct = bool(turn.answer), turn.guild_id is None
        return rows_below(key, said=said, steps={Step.RETRY}, beside=beside, cut=said, direct=direct, locale=locale)

    async def forgetting(self, key: int) -> Callable[[Connection], None]:
        """What notes that the answer `key` has ended, and its messages say so, once all else of it is noted; then it is
        `forgotten`.
        """
        if self._writes is not None:
            await asyncio.wait([self._writes])
        return partial(growing.forget, key=key)

    def forgotten(self, key: int) -> None:
        """It is noted that the answer `key` has ended."""
        self._noted.discard(key)

    async def mend(self) -> None:
        """Mend what the last process left; once, at the start. Of several, what those left that are no more."""
        while not self._bot.share.is_whole:
            await self._mend_all()
            await asyncio.sleep(LOOK_SECONDS)
        await self._mend_all()

    async def _mend_all(self) -> None:
        for left in await self._database.run(growing.take_all, self._database.process_id):
            if left.key in self._noted:
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

    def _then(self, key: int, write: Callable[Concatenate[Connection, P], None], *args: P.args, **kw: P.kwargs) -> None:
        """Note something of the answer `key`, after all that was noted before."""
        self._noted.add(key)
        self._waiting.append(lambda connection: write(connection, *args, **kw))
        if len(self._waiting) == 1:
            self._writes = asyncio.create_task(self._write(self._writes))

    async def _write(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        waiting, self._waiting = self._waiting, []
        try:
            await self._database.run(_all, waiting)
        except StoreUnavailable as error:
            log.warning("what is to be known of answers later was not noted: %s", error)
        except Exception:
            log.exception("something of answers can't be noted; the rest is, each by itself")
            for write in waiting if len(waiting) > 1 else ():
                with contextlib.suppress(Exception):
                    await self._database.run(write)

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
            sent = await place.send(view=view, nonce=nonce(left.key, 0), reference=asked, mention_author=False)
        except (discord.NotFound, discord.Forbidden):
            raise OutOfReach from None
        await self._database.run(turns.stands_in, left.key, sent.id)
        if CURSOR in "".join(texts_in(sent.components)):
            await sent.edit(view=broken_off(sent, left.locale, again))


class AnswerNotes:
    """Notes where an answer stands that ended long ago."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stands: dict[int, int | None] = {}

    def note(self, key: int, handle: Handle, locale: str) -> None:
        del locale
        self._stands[handle.message_id or 0] = key

    def gone(self, key: int, handle: Handle) -> None:
        del key
        self._stands[handle.message_id or 0] = None

    async def written(self) -> None:
        """Keep what was noted."""

        def write(connection: Connection) -> None:
            for message_id, key in self._stands.items():
                if key is None:
                    turns.stands_no_more(connection, message_id)
                elif message_id:
                    turns.stands_in(connection, key, message_id)

        await self._database.run(write)


def _broken_off(connection: Connection, key: int) -> tuple[Turn | None, list[int]]:
    """Its turn, which is known from now on to have ended with its process, and all answers beside it."""
    turns.cut_once_more(connection, key, INTERRUPTED)
    turn = turns.get(connection, key)
    return turn, [] if turn is None else turns.answers_beside(connection, turn.first_id)


def _all(connection: Connection, writes: Sequence[Callable[[Connection], None]]) -> None:
    for write in writes:
        write(connection)


def _stands(connection: Connection, grows: Growing) -> None:
    growing.note(connection, grows)
    if grows.message_id:
        turns.stands_in(connection, grows.key, grows.message_id)


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
