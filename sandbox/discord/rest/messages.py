"""Messages of a channel, with the bot's own token and its permissions there."""

from __future__ import annotations

from sandbox.discord import errors, payloads, uploads, validation
from sandbox.discord.models import CATEGORY, DM, FORUM, GROUP_DM, MESSAGE_CONTENT, Channel, Json, Message
from sandbox.discord.permissions import Permission
from sandbox.discord.pipeline import Answer, Call, Route
from sandbox.discord.state import State


def channel_of(call: Call, needed: int = 0) -> Channel:
    """The channel of the path. Raises: 10003; 50001 when the bot can't see it; 50013 when it lacks `needed`."""
    state = call.state
    channel = state.channels.get(call.id("channel"))
    if channel is None:
        raise errors.unknown_channel()
    granted = state.permissions(channel, state.application.bot)
    if channel.type == GROUP_DM or not granted & Permission.VIEW_CHANNEL:
        raise errors.missing_access()
    if needed & ~granted:
        raise errors.missing_permissions()
    return channel


def message_of(call: Call, channel: Channel) -> Message:
    """A message that the bot's token reaches: ephemeral ones exist only for their interaction's token."""
    found = channel.messages.get(call.id("message"))
    if found is None or found.deleted or found.visible_to is not None:
        raise errors.unknown_message()
    return found


def _to_send(channel: Channel) -> int:
    return int(Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES)


def _reference(state: State, channel: Channel, form: Json) -> Message | None:
    reference: Json | None = form.get("message_reference")
    if not reference:
        return None
    granted = state.permissions(channel, state.application.bot)
    if not granted & Permission.READ_MESSAGE_HISTORY:
        raise errors.no_reply_without_history()
    found = channel.messages.get(int(reference["message_id"]))
    if found is not None and not found.deleted and found.visible_to is None:
        return found
    if reference.get("fail_if_not_exists", True):
        raise errors.form_error(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
    return None


def _read(state: State, message: Message) -> Json:
    """A message as the bot's token reads it."""
    made = payloads.message(message, state.guild_of(message.channel))
    content = state.application.intents & MESSAGE_CONTENT
    return made if content else payloads.blanked(made, message, state.application.bot)


async def create(call: Call) -> Answer:
    state, bot = call.state, call.state.application.bot
    channel = channel_of(call)
    if channel.type == DM:
        person = channel.recipients[0]
        if person.dms_closed or not (state.shares_guild(person) or person.app_installed):
            raise errors.cannot_send_to_user()
    if channel.type in (CATEGORY, FORUM):
        raise errors.no_text_channel()
    granted = state.permissions(channel, bot)
    needed = _to_send(channel)
    if call.body.files:
        needed |= Permission.ATTACH_FILES
    if needed & ~granted:
        raise errors.missing_permissions()
    form = call.body.form
    nonce = form.get("nonce")
    if nonce is not None and len(str(nonce)) > 25:
        raise errors.form_error(("nonce",), "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    if nonce is not None and form.get("enforce_nonce"):
        sent = state.remembered(channel, bot, str(nonce))
        if sent is not None:
            return Answer(_read(state, sent))
    reference = _reference(state, channel, form)
    attachments = uploads.merged(state, channel, form, call.body.files)
    draft = validation.new_message(form, attachments)
    made = state.create_message(
        channel,
        bot,
        draft,
        nonce=None if nonce is None else str(nonce),
        reference=reference,
    )
    return Answer(_read(state, made))


async def history(call: Call) -> Answer:
    channel = channel_of(call)
    state = call.state
    if not state.permissions(channel, state.application.bot) & Permission.READ_MESSAGE_HISTORY:
        return Answer([])
    limit = int(call.query.get("limit", "50"))
    if not 1 <= limit <= 100:
        raise errors.form_error(("limit",), "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
    found = [each for each in channel.messages.values() if not each.deleted and each.visible_to is None]
    if "before" in call.query:
        found = [each for each in found if each.id < int(call.query["before"])]
    if "after" in call.query:
        found = [each for each in found if each.id > int(call.query["after"])][:limit]
    return Answer([_read(state, each) for each in reversed(found[-limit:])])


async def fetch(call: Call) -> Answer:
    channel = channel_of(call, Permission.READ_MESSAGE_HISTORY)
    return Answer(_read(call.state, message_of(call, channel)))


async def edit(call: Call) -> Answer:
    state = call.state
    channel = channel_of(call)
    message = message_of(call, channel)
    if message.author is not state.application.bot:
        raise errors.not_the_author()
    if call.body.files and not state.permissions(channel, state.application.bot) & Permission.ATTACH_FILES:
        raise errors.missing_permissions()
    if channel.archived:
        raise errors.archived_thread()
    form = call.body.form
    attachments = uploads.merged(state, channel, form, call.body.files, kept=message.attachments)
    draft = validation.edited_message(message, form, attachments)
    state.edit_message(message, draft)
    return Answer(_read(state, message))


async def delete(call: Call) -> Answer:
    state = call.state
    channel = channel_of(call)
    message = message_of(call, channel)
    if message.author is not state.application.bot:
        if channel.guild_id is None:
            raise errors.not_in_a_dm()
        if not state.permissions(channel, state.application.bot) & Permission.MANAGE_MESSAGES:
            raise errors.missing_permissions()
    state.delete_message(message)
    return Answer(status=204)


async def react(call: Call) -> Answer:
    """The bot reacts. Raises: 50013 without Add Reactions, where nobody did so with this emoji before; 10014."""
    state = call.state
    channel = channel_of(call, Permission.READ_MESSAGE_HISTORY)
    message, emoji = message_of(call, channel), call.params["emoji"]
    if emoji.isascii():
        raise errors.unknown_emoji()
    may = state.permissions(channel, state.application.bot) & Permission.ADD_REACTIONS
    if emoji not in message.reactions and not may:
        raise errors.missing_permissions()
    state.react(message, state.application.bot, emoji)
    return Answer(status=204)


async def typing(call: Call) -> Answer:
    state = call.state
    channel = channel_of(call)
    if _to_send(channel) & ~state.permissions(channel, state.application.bot):
        raise errors.missing_permissions()
    state.typing(channel, state.application.bot)
    return Answer(status=204)


_REACTION = "/channels/{channel}/messages/{message}/reactions/{emoji}/@me"
ROUTES = (
    Route("POST", "/channels/{channel}/messages", create, "message.post", ("channel",)),
    Route("GET", "/channels/{channel}/messages", history, "message.get", ("channel",)),
    Route("GET", "/channels/{channel}/messages/{message}", fetch, "message.get", ("channel",)),
    Route("PATCH", "/channels/{channel}/messages/{message}", edit, "message.patch", ("channel",)),
    Route("DELETE", "/channels/{channel}/messages/{message}", delete, "message.delete", ("channel",)),
    Route("PUT", _REACTION, react, "reaction", ("channel",)),
    Route("POST", "/channels/{channel}/typing", typing, "typing", ("channel",)),
)
