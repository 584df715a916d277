"""An answer in regular messages of a channel: to a message, in a thread of its own, or in direct messages.

They are posted and edited with the bot's own token. The channel's limits are shared by all who wait there
(`bot.kit.channel_limits`), so nothing is posted before there are words: the first message is worth its permit.
"""

from __future__ import annotations

import logging
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.i18n import text
from bot.kit.channel_limits import ChannelLimits
from bot.kit.edits import NOT_HERE, Handle, OutOfReach, edit_by_itself
from bot.kit.replying import may_reply, reply_to, send_reply
from bot.kit.responses import PASSING
from bot.kit.short_cards import note
from bot.kit.typing import Typing

if TYPE_CHECKING:
    import asyncio

    from bot.kit.bot import Bot
    from bot.orders.callers import Caller

log = logging.getLogger(__name__)


def nonce(key: int, number: int) -> str:
    """Of the message `number`, from 0, of the answer `key`: by it the next process finds what was posted last."""
    return f"{key}-{number}"


class ChannelSurface:
    """`key`: the message that is answered. `note`: stands above the answer.

    Each of the answer's messages has a nonce, so that none stands twice.
    """

    silent = True
    command = "@"

    def __init__(self, bot: Bot, caller: Caller, key: int, *, note: str = "") -> None:
        self.bot = bot
        self.key = key
        place = caller.place
        # Where no reply shows it, the answer says whose question it is; nobody is pinged.
        whose = "" if may_reply(bot, place.here, place.guild_id) else f"<@{caller.person_id}>"
        above = " · ".join(filter(None, (whose, note)))
        self.head = f"-# {above}" if above else ""
        self._caller = caller
        self._channel_id = caller.place.here
        self._limits = bot.the(ChannelLimits)
        self._typing = self._grows = False
        self._posted = 0
        self._sent: tuple[ui.LayoutView, list[discord.File]] | None = None
        """What was posted last, for as long as nobody said that it stands."""

    @property
    def log_fields(self) -> dict[str, Any]:
        place = self._caller.place
        return {
            "asked_in": self.key,
            "command": self.command,
            "guild": place.guild_id,
            "channel": place.here,
            "person": self._caller.person_id,
        }

    def hold_until(self, edited_at: float) -> float:
        return self._limits.spare_at(self._channel_id, edited_at=edited_at)

    def turn(
        self, *, posts: bool, first: bool, unless: asyncio.Event | None
    ) -> AbstractAsyncContextManager[bool, bool | None]:
        """First words go before what follows, and last edits before those between."""
        later = not first if posts else unless is not None
        return self._limits.permit(self._channel_id, posts=posts, rank=int(later), unless=unless)

    async def begin(self, view: ui.LayoutView) -> Handle:
        del view
        self._typing = True
        self.bot.the(Typing).begin(self._channel_id)
        return self._handle(None)

    async def post(self, view: ui.LayoutView, files: list[discord.File]) -> Handle:
        self._sent = view, files
        handle = self._handle(await self._send(view, files))
        self._sent = None
        self._posted += 1
        self._stop_typing()
        if not self._grows:
            self._grows = True
            self._limits.grows(self._channel_id)
        return handle

    async def edit(self, handle: Handle, view: ui.LayoutView, files: list[discord.File] | None) -> None:
        await edit_by_itself(self.bot, handle, view, attachments=files)

    async def lost(self, known: set[int | None]) -> Handle | None:
        """By its nonce: where it stands, Discord answers with what is there."""
        del known
        return None if self._sent is None else await self.post(*self._sent)

    async def tell(self, key: str, **facts: object) -> None:
        """In direct messages; in a channel the others would have to read it."""
        if self._caller.place.guild_id is None:
            try:
                await self._channel.send(view=note(text(self._caller.locale, key, **facts)))
            except PASSING as error:
                log.info("a person is not told beside the answer (%s): %s", key, error)

    def ended(self) -> None:
        self._stop_typing()
        if self._grows:
            self._grows = False
            self._limits.grew(self._channel_id)

    def _stop_typing(self) -> None:
        if self._typing:
            self._typing = False
            self.bot.the(Typing).end(self._channel_id)

    @property
    def _channel(self) -> discord.PartialMessageable:
        return self.bot.get_partial_messageable(self._channel_id, guild_id=self._caller.place.guild_id)

    async def _send(self, view: ui.LayoutView, files: list[discord.File]) -> int:
        for file in files:
            file.reset()
        try:
            sent = await send_reply(
                self._channel,
                None if self._posted else reply_to(self.key, self._channel_id, self._caller.place.guild_id),
                view,
                files=files,
                nonce=nonce(self.key, self._posted),
            )
        except discord.HTTPException as error:
            if isinstance(error, discord.NotFound | discord.Forbidden) or error.code in NOT_HERE:
                raise OutOfReach from None
            raise
        return sent.id

    def _handle(self, message_id: int | None) -> Handle:
        return Handle(
            application_id=self._caller.application_id,
            token=None,
            token_expires_at=None,
            channel_id=self._channel_id,
            message_id=message_id,
            token_only=False,
        )
