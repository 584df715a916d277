"""Posting in a channel by the bot's own token. Nothing stands twice, whenever the process ends.

What is posted has a nonce, which Discord keeps for some minutes; what may be older is looked for before it is posted.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord

from bot.kit.edits import NOT_HERE, Handle, MessageGone, OutOfReach, edit_by_itself
from bot.kit.own_messages import own_message
from bot.kit.replying import reply_to, send_reply
from bot.kit.responses import PASSING, may_pass

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from discord import ui

    from bot.kit.bot import Bot
    from bot.kit.own_token import OwnToken

log = logging.getLogger(__name__)


class NotNow(Exception):
    """Discord did not take it this time, and may later. Nothing is lost."""


class Refused(NotNow):
    """Discord does not take it in this form, now or later."""


class Posting:
    def __init__(self, bot: Bot, own_token: OwnToken) -> None:
        self.bot = bot
        self._own_token = own_token

    async def post(
        self,
        place: int,
        view: ui.LayoutView,
        *,
        nonce: str,
        files: Sequence[discord.File] = (),
        silent: bool = False,
        mentioned: Sequence[int] = (),
        replies_to: int | None = None,
    ) -> int | None:
        """The message's id. None: nothing can be posted there. NotNow: it may be later, or, if Refused, otherwise.

        `mentioned`: people whom what it says notifies. `replies_to`: a message there, which may be gone.
        """
        try:
            async with self._own_token.turn(place):
                sent = await send_reply(
                    self.bot.get_partial_messageable(place),
                    None if replies_to is None else reply_to(replies_to, place),
                    view,
                    files=files,
                    nonce=nonce,
                    silent=silent,
                    allowed_mentions=mentioning(mentioned),
                )
                return sent.id
        except PASSING as error:
            if isinstance(error, (discord.NotFound, discord.Forbidden)) or getattr(error, "code", None) in NOT_HERE:
                log.info("nothing can be posted in %s: %s", place, error)
                return None
            raise _not_taken(error) from error

    async def posted_before(self, place: int, is_it: Callable[[discord.Message], bool]) -> int | None:
        """A message of the bot's own that was posted before. None: none that may be seen. NotNow."""
        try:
            return await own_message(self.bot, place, is_it)
        except PASSING as error:
            raise NotNow(str(error)) from error

    async def edit(
        self, application_id: int, place: int, message_id: int, view: ui.LayoutView, *, files: Sequence[discord.File]
    ) -> None:
        """Show `view` with these files, and no others. MessageGone, OutOfReach, NotNow (Refused)."""
        handle = Handle.by_itself(application_id, place, message_id)
        try:
            async with self._own_token.turn(place):
                await edit_by_itself(self.bot, handle, view, attachments=files)
        except PASSING as error:
            raise _not_taken(error) from error

    async def try_to_edit(self, application_id: int, place: int, message_id: int, view: ui.LayoutView) -> None:
        """What is nice to have up to date: Discord need not take it."""
        try:
            await self.edit(application_id, place, message_id, view, files=())
        except (MessageGone, OutOfReach, NotNow) as error:
            log.info("what was said in %s stays as it is: %r", place, error)


def mentioning(people: Sequence[int]) -> discord.AllowedMentions:
    """Whom a message notifies: these, and nobody else."""
    return discord.AllowedMentions(
        everyone=False, roles=False, users=[discord.Object(id_) for id_ in people], replied_user=False
    )


def _not_taken(error: Exception) -> NotNow:
    refused = isinstance(error, discord.HTTPException) and not may_pass(error)
    return Refused(str(error)) if refused else NotNow(str(error))
