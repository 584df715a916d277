"""Threads: begun with and without a message; people added. Source: Discord's "Channels" resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import errors, payloads
from sandbox.discord.errors import FormErrors
from sandbox.discord.mentions import Allowed
from sandbox.discord.models import (
    ANNOUNCEMENT,
    PRIVATE_THREAD,
    TEXT,
    THREAD_CREATED,
    THREAD_MEMBER_ADDED,
)
from sandbox.discord.permissions import Permission
from sandbox.discord.pipeline import Answer, Call, Route
from sandbox.discord.rest.messages import channel_of, message_of
from sandbox.discord.state import Draft
from sandbox.discord.threads import ARCHIVE_MINUTES, public_kind

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Json


def _may_begin(call: Call, needed: Permission) -> Channel:
    """The channel of the path. Raises: 50024 where threads don't begin, 50013, 50035, 160006 when it is full."""
    state, channel = call.state, channel_of(call)
    if channel.type not in (TEXT, ANNOUNCEMENT) or channel.guild_id is None:
        raise errors.wrong_channel_type()
    if not state.permissions(channel, state.application.bot) & needed:
        raise errors.missing_permissions()
    form = call.body.form
    form_errors = FormErrors()
    form_errors.length(("name",), form.get("name"), 1, 100)
    if form.get("auto_archive_duration") is not None:
        form_errors.choice(("auto_archive_duration",), form["auto_archive_duration"], ARCHIVE_MINUTES)
    form_errors.raise_if_any()
    if len(state.active_threads(channel.guild_id)) >= state.rules.active_threads:
        raise errors.too_many_threads()
    return channel


def _minutes(form: Json) -> int:
    return form.get("auto_archive_duration") or 1440


async def begin_from(call: Call) -> Answer:
    """A public thread from a message. Raises: as `_may_begin`; 10008, 50021 for a system message, 160004."""
    state, form = call.state, call.body.form
    channel = _may_begin(call, Permission.CREATE_PUBLIC_THREADS)
    message = message_of(call, channel)
    if message.system:
        raise errors.system_message()
    if message.id in state.channels:
        raise errors.thread_exists()
    bot = state.application.bot
    thread = state.begin_thread(message, form["name"], bot, archive_minutes=_minutes(form))
    return Answer(payloads.thread(thread, bot.id), 201)


async def begin(call: Call) -> Answer:
    """A thread without a message: public (type 11; in an announcement channel 10), or private (12, which is what no
    type means, and only text channels have).
    """
    state, form = call.state, call.body.form
    kind = form.get("type")
    private = kind is None or kind == PRIVATE_THREAD
    needed = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
    channel = _may_begin(call, needed)
    form_errors = FormErrors()
    kinds = (public_kind(channel), *((PRIVATE_THREAD,) if channel.type == TEXT else ()))
    form_errors.choice(("type",), PRIVATE_THREAD if kind is None else kind, kinds)
    form_errors.raise_if_any()
    bot = state.application.bot
    thread = state.thread(channel, form["name"], owner=bot, private=private, archive_minutes=_minutes(form))
    if not private:
        # "OneKey Bot started a thread: …", in the channel.
        state.note(channel, bot, THREAD_CREATED, str(thread.name), started=thread)
    return Answer(payloads.thread(thread, bot.id), 201)


async def add(call: Call) -> Answer:
    """Somebody is added: the thread says so and mentions them. Raises: 50083, 10007 (no member), 50001 (unseen)."""
    state = call.state
    thread = channel_of(call, Permission.SEND_MESSAGES_IN_THREADS)
    if not thread.is_thread:
        raise errors.wrong_channel_type()
    if thread.archived:
        raise errors.archived_thread()
    user, guild = state.users.get(call.id("user")), state.guild_of(thread)
    if user is None:
        raise errors.unknown_user()
    if guild is None or user.id not in guild.members:
        raise errors.unknown_member()
    parent = guild.channels.get(thread.parent_id or 0)
    if parent is None or not state.permissions(parent, user) & Permission.VIEW_CHANNEL:
        raise errors.missing_access()
    if user.id not in thread.joined:
        state.join_thread(thread, user)
        draft = Draft(content=user.mention, allowed=Allowed(users=frozenset({user.id})))
        state.create_message(thread, state.application.bot, draft, kind=THREAD_MEMBER_ADDED)
    return Answer(status=204)


CHANNEL = "/channels/{channel}"
ROUTES = (
    Route("POST", CHANNEL + "/messages/{message}/threads", begin_from, "thread.post", ("channel",)),
    Route("POST", CHANNEL + "/threads", begin, "thread.post", ("channel",)),
    Route("PUT", CHANNEL + "/thread-members/{user}", add, "thread.member", ("channel",)),
)
