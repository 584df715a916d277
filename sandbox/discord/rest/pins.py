"""Pinned messages. Source: Discord's "Get Channel Pins" and "Pin Message"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import errors, payloads
from sandbox.discord.permissions import Permission
from sandbox.discord.pipeline import Answer, Call, Route
from sandbox.discord.rest.messages import channel_of, message_of

if TYPE_CHECKING:
    from sandbox.discord.models import Message


async def listed(call: Call) -> Answer:
    """The last pinned first; nothing without READ_MESSAGE_HISTORY."""
    state, channel = call.state, channel_of(call)
    if not state.permissions(channel, state.application.bot) & Permission.READ_MESSAGE_HISTORY:
        return Answer({"items": [], "has_more": False})
    limit = int(call.query.get("limit", "50"))
    if not 1 <= limit <= 50:
        raise errors.form_error(("limit",), "NUMBER_TYPE_MAX", "int value should be between 1 and 50.")
    before = call.query.get("before", "~").replace("Z", "+00:00")
    found = [(payloads.timestamp(each.pinned_at), each) for each in state.pinned(channel) if each.pinned_at]
    items = [
        {"pinned_at": at, "message": payloads.message(each, state.guild_of(channel))}
        for at, each in found
        if at < before
    ]
    return Answer({"items": items[:limit], "has_more": len(items) > limit})


def _message(call: Call) -> Message:
    """The message of the path, in a channel where the bot may pin. Raises: 50013, 50083, 10008, 50021."""
    channel = channel_of(call, Permission.PIN_MESSAGES)
    if channel.archived:
        raise errors.archived_thread()
    message = message_of(call, channel)
    if message.system:
        raise errors.system_message()
    return message


async def pin(call: Call) -> Answer:
    state, message = call.state, _message(call)
    if message.pinned_at is None:
        if len(state.pinned(message.channel)) >= state.rules.pins:
            raise errors.too_many_pins(state.rules.pins)
        state.pin(message, state.application.bot)
    return Answer(status=204)


async def unpin(call: Call) -> Answer:
    message = _message(call)
    if message.pinned_at is not None:
        call.state.unpin(message)
    return Answer(status=204)


BASE = "/channels/{channel}/messages/pins"
ROUTES = (
    Route("GET", BASE, listed, resource=("channel",)),
    Route("PUT", BASE + "/{message}", pin, "pin", ("channel",)),
    Route("DELETE", BASE + "/{message}", unpin, "pin", ("channel",)),
)
