"""Answers that a process left growing when it died: the next one takes their cursor away and says why they end."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord

from bot.store import growing
from bot.store.database import Database, StoreUnavailable
from bot.store.growing import Growing
from bot.ui.answer_cards import broken_off
from bot.ui.edits import Handle, MessageGone, OutOfReach, edit
from bot.ui.responses import PASSING

if TYPE_CHECKING:
    from bot.ui.typing import Bot

log = logging.getLogger(__name__)


class Leftovers:
    """Notes where answers grow, beside them: no answer waits for it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._notes: dict[int, asyncio.Task[None]] = {}
        self._bot: Bot | None = None

    def attach(self, bot: Bot) -> None:
        """From now on messages are mended through `bot`."""
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

    async def forget(self, key: int) -> None:
        """The answer `key` has ended."""
        noted = self._notes.pop(key, None)
        if noted is None:
            return
        await asyncio.wait([noted])
        try:
            await self._database.run(growing.forget, key)
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
        try:
            await self._database.run(growing.note, grows)
        except StoreUnavailable as error:
            log.warning("where an answer grows was not noted: %s", error)

    async def _mend(self, left: Growing) -> None:
        if self._bot is None:
            raise RuntimeError("there is no bot yet")
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
            await edit(self._bot, handle, broken_off(message, left.locale))


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
