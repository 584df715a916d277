"""The message that a generation's card stands in: edited by whichever token reaches it, else posted anew."""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from bot.cards.handles import handle_of
from bot.cards.uploads import Upload, opened
from bot.clock import steady
from bot.generation.rows import generations
from bot.generation.rows.records import Generation
from bot.kit.edits import NOT_HERE, Handle, edit_by_itself, edit_by_token
from bot.kit.own_token import OwnToken
from bot.kit.responses import BROKEN
from bot.recent import Recent
from bot.states import LIVE, State
from bot.store.database import Database
from bot.store.writes import until_committed

if TYPE_CHECKING:
    from bot.kit.bot import Bot

log = logging.getLogger(__name__)

NO_DIRECT_MESSAGE = frozenset({50007, 50033, 50278})
"""Discord's answers where a person takes none of the bot, shares no server with it, or has an account no more."""
DONE_KEPT = 1000
ENDED_EARLY_KEPT = 10_000
OPENING = 0
"""Stands for a channel's id while direct messages are opened: all of that shares one limit."""


class CardMessages:
    """One a row. Raises what Discord says, where it is not said otherwise."""

    def __init__(self, bot: Bot, database: Database, own_token: OwnToken) -> None:
        self._bot = bot
        self._database = database
        self._own_token = own_token
        # Tokens that Discord ended early, until they would have ended anyway: each refusal counts against the bot.
        self._ended_early: Recent[str, None] = Recent(ENDED_EARLY_KEPT)
        # Rows whose card shows the results: what was true of them before must not be shown any more.
        self._done: Recent[int, None] = Recent(DONE_KEPT)
        # One edit of a card at a time, in the order they were asked for.
        self._locks: weakref.WeakValueDictionary[int, asyncio.Lock] = weakref.WeakValueDictionary()

    async def post(self, row: Generation, view: discord.ui.LayoutView) -> int:
        """Post the card of a new order in its channel with the bot's own token; return the message's id."""
        channel = self._bot.get_partial_messageable(row.channel_id)
        async with self._own_token.turn(row.channel_id):
            try:
                sent = await channel.send(view=view, nonce=f"g{row.id}", suppress_embeds=True)
            except BROKEN:  # it may stand: Discord gives the same message for the same nonce
                sent = await channel.send(view=view, nonce=f"g{row.id}", suppress_embeds=True)
        return sent.id

    def shows_results(self, row: Generation) -> bool:
        """Whether its card was seen to show them by this process; the row says so a moment later."""
        return row.id in self._done

    async def edit(
        self,
        row: Generation,
        view: discord.ui.LayoutView,
        uploads: Sequence[Upload] | None = None,
        *,
        token_only: bool = False,
    ) -> None:
        """Edit by the interaction's token, or with the bot's own once that is over; `token_only`: not with that.

        MessageGone, OutOfReach: nothing is there to be edited, or nothing reaches it.
        """
        handle = await self._handle(row)
        lock = self._locks.setdefault(row.id, asyncio.Lock())
        async with lock:
            if row.id in self._done and row.state in LIVE:
                return
            if handle.token is not None and handle.token_lives:
                async with opened(uploads) as files:
                    if await edit_by_token(self._bot, handle, view, attachments=files):
                        self._note(row, uploads)
                        return
                self._ended_early.put(handle.token, None, seconds=(handle.token_expires_at or 0) - steady())
            if not token_only:
                async with self._own_token.turn(row.channel_id), opened(uploads) as files:
                    await edit_by_itself(self._bot, handle, view, attachments=files)
                    self._note(row, uploads)

    async def anew(self, row: Generation, view: discord.ui.LayoutView, uploads: list[Upload]) -> State:
        """Its message is gone or out of reach: a new one in its channel, else a direct message, else it is kept."""
        fresh = await until_committed(self._database, generations.get, row.id)
        if fresh is None or fresh.removed_at is not None:
            return State.DROPPED  # it was taken away, maybe by another process
        if not row.token_only and not row.private:
            channel = self._bot.get_partial_messageable(row.channel_id)
            try:
                async with self._own_token.turn(row.channel_id), opened(uploads) as files:
                    # Not the nonce of what is gone: Discord would answer with that.
                    message = await channel.send(view=view, files=files or [], nonce=f"a{row.id}", suppress_embeds=True)
            except discord.HTTPException as error:
                closed = isinstance(error, (discord.NotFound, discord.Forbidden))
                if not closed and error.code not in NOT_HERE:
                    raise
                log.info("no new message in a generation's channel (%s)", error.text, extra=row.logged)
            else:
                await until_committed(
                    self._database, generations.store_message, row.id, message_id=message.id, channel_id=row.channel_id
                )
                return State.DELIVERED
        return State.DELIVERED if await self.by_dm(row, view, uploads) else State.DROPPED

    async def by_dm(
        self, row: Generation, view: discord.ui.LayoutView, uploads: Sequence[Upload] | None = None
    ) -> bool:
        """Send the card to its person, where its buttons work from now on. False: their direct messages are closed."""
        try:
            async with self._own_token.turn(OPENING):
                channel = await self._bot.create_dm(discord.Object(row.person_id))
            async with self._own_token.turn(channel.id), opened(uploads) as files:
                message = await channel.send(
                    view=view, files=files or [], nonce=f"g{row.id}.{row.state}"[:25], suppress_embeds=True
                )
        except discord.HTTPException as error:
            closed = isinstance(error, (discord.NotFound, discord.Forbidden))
            if not closed and error.code not in NO_DIRECT_MESSAGE:
                raise
            log.info("no direct message to a generation's person (%s)", error.text, extra=row.logged)
            return False
        moved = {"message_id": message.id, "channel_id": message.channel.id}
        await until_committed(self._database, generations.moved_to_dm, row.id, **moved)
        return True

    async def _handle(self, row: Generation) -> Handle:
        handle = handle_of(row)
        if handle.token_only and (not handle.token_lives or handle.token in self._ended_early):
            # A press may have brought another since the row was read.
            fresh = await until_committed(self._database, generations.get, row.id)
            if fresh is not None:
                handle = handle_of(fresh)
        return replace(handle, token=None) if handle.token in self._ended_early else handle

    def _note(self, row: Generation, uploads: Sequence[Upload] | None) -> None:
        """Under the card's lock: the row itself says that it is delivered a moment later."""
        if uploads is not None:
            self._done.put(row.id, None)
