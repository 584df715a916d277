"""What is noted of answers beside them, as they grow; and those that a process left growing when it died: the next one
takes their cursor away and says why they end.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import discord
from discord import ui
from sqlalchemy import Connection

from bot.i18n import text
from bot.kit.edits import Handle, MessageGone, OutOfReach, edit, edit_by_itself
from bot.kit.message_parts import custom_ids_in, texts_in
from bot.kit.own_messages import answers, own_message, own_messages
from bot.kit.replying import reply_to, send_reply
from bot.kit.responses import PASSING
from bot.reasons import Step
from bot.store.database import Database, StoreUnavailable
from cogs.ask import rows as growing
from cogs.ask import turn_rows as turns
from cogs.ask.cards import broken_off, finished
from cogs.ask.channel_surface import nonce
from cogs.ask.custom_ids import rows_below, stop_id
from cogs.ask.records import INTERRUPTED, Turn
from cogs.ask.rows import Growing
from cogs.ask.surfaces import handle_of

if TYPE_CHECKING:
    from bot.kit.bot import Bot
    from bot.orders.callers import Caller

log = logging.getLogger(__name__)

P = ParamSpec("P")
LOOK_SECONDS = 5.0
"""Between two looks at what other processes left."""
WRITE_SECONDS = 1.0
"""A store that takes longer holds no answer up."""


class InterruptedAnswers:
    """Notes how answers grow. Everything is noted in its order, and what comes while some of it is written goes into
    one transaction. What is shown of an answer waits until it is `written`.
    """

    def __init__(self, bot: Bot, database: Database) -> None:
        self._database = database
        self._bot = bot
        self._noted: set[int] = set()
        """Answers that something was noted of."""
        self._waiting: list[Callable[[Connection], None]] = []
        self._writes: asyncio.Task[None] | None = None
        """What writes all that is waiting, once what is written now is done."""

    def begins(self, connection: Connection, key: int, caller: Caller) -> None:
        """Within the transaction that keeps the question: nothing stands of its answer yet."""
        self._noted.add(key)
        growing.note(connection, self._grows(key, handle_of(caller, None, original=True), caller.locale))

    def note(self, key: int, handle: Handle, locale: str) -> None:
        """The answer `key` grows in this message now."""
        self._then(key, _stands, self._grows(key, handle, locale))

    def _grows(self, key: int, handle: Handle, locale: str) -> Growing:
        return Growing(
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

    async def written(self) -> None:
        """Wait until all that was noted so far is kept, as long as the store is quick."""
        await _ended(self._writes, within=WRITE_SECONDS)

    async def again(self, key: int, locale: str) -> list[ui.ActionRow[Any]]:
        """What may help where the answer `key` broke off, if its question is kept; and it is known that it did."""
        await self._database.run(turns.broke_off, key, INTERRUPTED)
        return await self._helps(key, locale)

    async def _helps(self, key: int, locale: str) -> list[ui.ActionRow[Any]]:
        turn, beside = await self._database.run(_with_beside, key)
        if turn is None:
            return []
        said, direct = bool(turn.answer), turn.guild_id is None
        return rows_below(key, said=said, steps={Step.RETRY}, beside=beside, cut=said, direct=direct, locale=locale)

    async def forgetting(self, key: int) -> Callable[[Connection], None]:
        """What notes that the answer `key` has ended, and its messages say so, once all else of it is noted; then it is
        `forgotten`.
        """
        await _ended(self._writes)
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
            await self._database.run(_is_over, left.key)

    def _then(self, key: int, write: Callable[Concatenate[Connection, P], None], *args: P.args, **kw: P.kwargs) -> None:
        """Note something of the answer `key`, after all that was noted before."""
        self._noted.add(key)
        self._waiting.append(lambda connection: write(connection, *args, **kw))
        if len(self._waiting) == 1:
            self._writes = asyncio.create_task(self._write(self._writes))

    async def _write(self, before: asyncio.Task[None] | None) -> None:
        await _ended(before)
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
        if not (left.message_id or left.token):
            await self._say_so(left)
            return
        handle = Handle(
            application_id=left.application_id,
            token=left.token,
            token_expires_at=left.token_expires_at,
            channel_id=left.channel_id,
            message_id=left.message_id or None,
            token_only=left.token_only,
            original=left.original,
        )
        message = await _message(self._bot, handle, left.key)
        if not custom_ids_in(message.components):  # a full one: the next may have been posted
            message = await self._next(left, message) or message
        if message.id != left.message_id:
            await self._database.run(turns.stands_in, left.key, message.id)
            handle = replace(handle, message_id=message.id, original=not left.message_id)
        if await self._is_cut(left.key, message):
            await edit(self._bot, handle, broken_off(message, left.locale, await self.again(left.key, left.locale)))

    async def _next(self, left: Growing, message: discord.Message) -> discord.Message | None:
        """Of the answer, the message behind this one, whose id was not noted any more."""
        stop, place = stop_id(left.key), self._bot.get_partial_messageable(left.channel_id)

        def grows(one: discord.Message) -> bool:
            return stop in custom_ids_in(one.components)

        with contextlib.suppress(discord.NotFound, discord.Forbidden):
            if not left.token_only and (ids := await own_messages(self._bot, left.channel_id, grows, after=message.id)):
                return await place.fetch_message(ids[-1])
        return None

    async def _is_cut(self, key: int, message: discord.Message) -> bool:
        """Whether the last message of the answer `key` shows no end of it."""
        names = custom_ids_in(message.components)
        if names:
            return stop_id(key) in names
        turn = await self._database.run(turns.get, key)
        return turn is not None and bool(turn.answer)  # under which it would say how it is gone on from

    async def _say_so(self, left: Growing) -> None:
        """Nothing stands yet of an answer to a message, or what was posted last is not known: by its nonce it is."""
        place = self._bot.get_partial_messageable(left.channel_id)
        why, helps = f"-# {text(left.locale, 'ask.interrupted')}", await self._helps(left.key, left.locale)
        view = finished(None, why, again=helps)
        try:
            sent = await send_reply(place, reply_to(left.key, left.channel_id), view, nonce=nonce(left.key, 0))
        except (discord.NotFound, discord.Forbidden):
            raise OutOfReach from None
        await self._database.run(turns.stands_in, left.key, sent.id)
        if texts_in(sent.components) == [why]:
            await self._database.run(turns.broke_off, left.key, INTERRUPTED)
        elif await self._is_cut(left.key, sent):
            handle = Handle.by_itself(left.application_id, left.channel_id, sent.id)
            view = broken_off(sent, left.locale, await self.again(left.key, left.locale))
            await edit_by_itself(self._bot, handle, view)


async def _ended(task: asyncio.Task[None] | None, *, within: float | None = None) -> None:
    if task is not None and not task.done():
        await asyncio.wait([task], timeout=within)


def _with_beside(connection: Connection, key: int) -> tuple[Turn | None, list[int]]:
    """Its turn, and all answers beside it."""
    turn = turns.get(connection, key)
    return turn, [] if turn is None else turns.answers_beside(connection, turn.first_id)


def _is_over(connection: Connection, key: int) -> None:
    """Nothing is added to it any more, whatever can be seen of it."""
    growing.forget(connection, key)
    turns.cut_once_more(connection, key, INTERRUPTED)


def _all(connection: Connection, writes: Sequence[Callable[[Connection], None]]) -> None:
    for write in writes:
        write(connection)


def _stands(connection: Connection, grows: Growing) -> None:
    growing.note(connection, grows)
    if grows.message_id:
        turns.stands_in(connection, grows.key, grows.message_id)


async def _message(bot: Bot, handle: Handle, key: int) -> discord.Message:
    """The message as it stands. OutOfReach: the bot may not read it, or nothing can any more."""
    with contextlib.suppress(discord.NotFound, discord.Forbidden):
        if handle.token and handle.token_lives:
            webhook = discord.Webhook.partial(handle.application_id, handle.token, client=bot)
            return await webhook.fetch_message(handle.name)
    with contextlib.suppress(discord.NotFound, discord.Forbidden):
        if not handle.token_only and (
            id_ := handle.message_id or await own_message(bot, handle.channel_id, answers(key))
        ):
            return await bot.get_partial_messageable(handle.channel_id).fetch_message(id_)
    raise OutOfReach
