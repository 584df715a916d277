"""Editing a message that an interaction began: by the interaction's token while it lives, then as the bot itself.

The token's edits have a bucket of their own, so many cards in one channel do not slow each other. A token ends after
15 minutes, and sometimes earlier (401/50027, 404/10015, 404/10062); then the message is edited by its channel and id.

No answer unfurls: an unfurled link could carry what was said to its address. An edit's flags take the
place of the message's own, and the library's own edits send none but Components V2's, so these send them themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, cast

import discord
from discord import ui
from discord.http import handle_message_parameters
from discord.webhook.async_ import async_context

from bot.clock import steady

if TYPE_CHECKING:
    from discord.http import MultipartParameters

    from bot.kit.bot import Bot

TOKEN_MARGIN = 10.0
"""Seconds before its end from which a token is no longer relied on."""

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE = 10003, 10008
THREAD_ARCHIVED, THREAD_LOCKED = 50083, 160005
NOT_HERE = frozenset({UNKNOWN_CHANNEL, THREAD_ARCHIVED, THREAD_LOCKED})
"""Nothing can be written in this place, in whatever form; in a locked thread not by a token either."""


ORIGINAL = cast("int", "@original")


class MessageGone(Exception):
    """The message was deleted."""


class OutOfReach(Exception):
    """The message may stand, but nothing can edit it any more: the token is over and the bot is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handle:
    """All it takes to edit a message: the token with its end (by `bot.clock`), and the ids for afterwards."""

    application_id: int
    token: str | None
    token_expires_at: float | None
    channel_id: int
    message_id: int | None
    token_only: bool
    original: bool = True
    """Whether it is the interaction's own message; a follow-up otherwise."""

    @classmethod
    def by_itself(cls, application_id: int, channel_id: int, message_id: int) -> Self:
        """Of a message that the bot reaches without an interaction's token."""
        return cls(
            application_id=application_id,
            token=None,
            token_expires_at=None,
            channel_id=channel_id,
            message_id=message_id,
            token_only=False,
        )

    @property
    def name(self) -> int:
        """What the token's endpoints call the message: "@original" is documented; the library types ids only."""
        return ORIGINAL if self.original or self.message_id is None else self.message_id

    @property
    def token_lives(self) -> bool:
        """By our clock: Discord may have ended it earlier."""
        return self.token is not None and (self.token_expires_at or 0) - TOKEN_MARGIN > steady()


async def edit(
    bot: Bot,
    handle: Handle,
    view: ui.LayoutView,
    *,
    attachments: Sequence[discord.File | discord.Attachment] | None = None,
) -> None:
    """Show `view` in the message. MessageGone, OutOfReach, or discord.HTTPException for what may pass."""
    if await edit_by_token(bot, handle, view, attachments=attachments):
        return
    if attachments is not None:
        attachments = [_again(file) if isinstance(file, discord.File) else file for file in attachments]
    await edit_by_itself(bot, handle, view, attachments=attachments)


async def delete(bot: Bot, handle: Handle) -> bool:
    """Delete a message, as the bot or by its interaction's token. True: it is gone. False: Discord allows neither."""
    if handle.message_id is None:
        return True  # it was never posted
    bot.deleted.put(handle.message_id, None)
    if not handle.token_only:
        channel = bot.get_partial_messageable(handle.channel_id)
        if await _deleted(channel.get_partial_message(handle.message_id)):
            return True
    if handle.token is None or (handle.token_expires_at or 0) < steady():
        return False
    webhook = discord.Webhook.partial(handle.application_id, handle.token, client=bot)
    try:
        await webhook.delete_message(handle.name)
    except discord.HTTPException as error:
        if error.code == UNKNOWN_MESSAGE:
            return True
        if error.status in {401, 403, 404}:
            return False
        raise
    return True


async def edit_by_token(
    bot: Bot,
    handle: Handle,
    view: ui.LayoutView,
    *,
    attachments: Sequence[discord.File | discord.Attachment] | None = None,
) -> bool:
    """Show `view` by the interaction's token. False: it is over. Raises as `edit`."""
    if handle.token is None or not handle.token_lives:
        return False
    try:
        await edit_answer(bot, handle.application_id, handle.token, view, name=handle.name, attachments=attachments)
    except discord.HTTPException as error:
        if error.code == UNKNOWN_MESSAGE:
            raise MessageGone from None
        if error.code in NOT_HERE:
            raise OutOfReach from None
        # A webhook that answers so is not to be asked again (Discord, "Rate Limits"), whatever it calls that.
        if error.status not in {401, 404}:
            raise
        return False
    return True


async def edit_answer(
    bot: Bot,
    application_id: int,
    token: str,
    view: ui.LayoutView,
    *,
    name: int = ORIGINAL,
    attachments: Sequence[discord.File | discord.Attachment] | None = None,
) -> int:
    """Show `view` by the interaction's token; return the message's id. Raises what Discord says."""
    webhook = discord.Webhook.partial(application_id, token, client=bot)
    with _sent(bot, view, attachments) as sent:
        answered = await async_context.get().edit_webhook_message(
            application_id,
            token,
            name,
            session=webhook.session,
            proxy=webhook.proxy,
            proxy_auth=webhook.proxy_auth,
            payload=sent.payload,
            multipart=sent.multipart,
            files=sent.files,
            with_components=True,
        )
    return int(answered["id"])


async def edit_by_itself(
    bot: Bot,
    handle: Handle,
    view: ui.LayoutView,
    *,
    attachments: Sequence[discord.File | discord.Attachment] | None = None,
) -> None:
    """Show `view` with the bot's own token, which reaches what is not private where the bot is. Raises as `edit`."""
    if handle.token_only or handle.message_id is None:
        raise OutOfReach
    try:
        with _sent(bot, view, attachments) as sent:
            await bot.http.edit_message(handle.channel_id, handle.message_id, params=sent)
    except discord.HTTPException as error:
        if error.code == UNKNOWN_MESSAGE:
            raise MessageGone from None
        if error.code in NOT_HERE or isinstance(error, discord.Forbidden):
            raise OutOfReach from None
        raise


async def find(bot: Bot, application_id: int, token: str) -> int | None:
    """The id of the message that an interaction was answered with; None: it was not, or its token is over."""
    webhook = discord.Webhook.partial(application_id, token, client=bot)
    try:
        return (await webhook.fetch_message(ORIGINAL)).id
    except discord.HTTPException as error:
        if error.status in {401, 404}:
            return None
        raise


def _again(file: discord.File) -> discord.File:
    """`file` to be sent once more, from its beginning: the library has closed one that it opened by its path."""
    path = getattr(file.fp, "name", None)
    if isinstance(path, str):
        return discord.File(path, filename=file.filename)
    file.reset()
    return file


def _sent(
    bot: Bot, view: ui.LayoutView, attachments: Sequence[discord.File | discord.Attachment] | None
) -> MultipartParameters:
    """An edit's body; attachments of None leave the message its own."""
    return handle_message_parameters(
        view=view,
        attachments=discord.utils.MISSING if attachments is None else attachments,
        flags=discord.MessageFlags(suppress_embeds=True),
        allowed_mentions=bot.allowed_mentions,
    )


async def _deleted(message: discord.PartialMessage) -> bool:
    try:
        await message.delete()
    except discord.HTTPException as error:
        if error.code == UNKNOWN_MESSAGE:
            return True
        if error.code in {UNKNOWN_CHANNEL, THREAD_ARCHIVED} or error.status == 403:
            return False
        raise
    return True
