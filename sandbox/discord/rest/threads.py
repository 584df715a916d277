"""Threads: begun with and without a message, and who is in them. Source: Discord's "Channels" resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import errors, payloads
from sandbox.discord.errors import FormErrors
from sandbox.discord.mentions import Allowed
from sandbox.discord.models import (
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    TEXT,
    THREAD_CREATED,
    THREAD_MEMBER_ADDED,
)
from sandbox.discord.permissions import Permission
from sandbox.discord.pipeline import Answer, Call, Route
from sandbox.discord.rest.channels import check_name, check_times
from sandbox.discord.rest.messages import channel_of, message_of
from sandbox.discord.state import Draft

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Json, User


def _may_begin(call: Call, needed: Permission) -> Channel:
    """The text channel of the path. Raises: 50024 where threads don't begin, 50013, 50035, 160006 when it is full."""
    state, channel = call.state, channel_of(call)
    if channel.type != TEXT or channel.guild_id is None:
        raise errors.wrong_channel_type()
    if not state.permissions(channel, state.application.bot) & needed:
        raise errors.missing_permissions()
    form = call.body.form
    form_errors = FormErrors()
    check_name(form_errors, form)
    check_times(form_errors, form)
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
    if form.get("rate_limit_per_user"):
        state.edit_thread(thread, slowmode=form["rate_limit_per_user"])
    return Answer(payloads.thread(thread, bot.id), 201)


async def begin(call: Call) -> Answer:
    """A thread without a message: public (type 11), or private (12, which is what no type means)."""
    state, form = call.state, call.body.form
    kind = form.get("type")
    private = kind is None or kind == PRIVATE_THREAD
    needed = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
    channel = _may_begin(call, needed)
    form_errors = FormErrors()
    if kind is not None:
        form_errors.choice(("type",), kind, (PUBLIC_THREAD, PRIVATE_THREAD))
    form_errors.raise_if_any()
    bot = state.application.bot
    thread = state.thread(
        channel,
        form["name"],
        owner=bot,
        private=private,
        archive_minutes=_minutes(form),
        slowmode=form.get("rate_limit_per_user") or 0,
    )
    if not private:
        # "OneKey Bot started a thread: …", in the channel.
        state.note(channel, bot, THREAD_CREATED, str(thread.name), started=thread)
    return Answer(payloads.thread(thread, bot.id), 201)


def _active(call: Call, needed: int = 0) -> Channel:
    """The thread of the path. Raises: 50024, 50083 when it is archived, 50013."""
    thread = channel_of(call, needed)
    if not thread.is_thread:
        raise errors.wrong_channel_type()
    if thread.archived:
        raise errors.archived_thread()
    return thread


def _user(call: Call) -> User:
    found = call.state.users.get(call.id("user"))
    if found is None:
        raise errors.unknown_user()
    return found


async def join(call: Call) -> Answer:
    call.state.join_thread(_active(call), call.state.application.bot)
    return Answer(status=204)


async def leave(call: Call) -> Answer:
    call.state.leave_thread(_active(call), call.state.application.bot)
    return Answer(status=204)


async def add(call: Call) -> Answer:
    """Somebody is added: the thread says so and mentions them. Raises: 10007 for who is no member, 50001 unseen."""
    state = call.state
    thread = _active(call, Permission.SEND_MESSAGES_IN_THREADS)
    user = _user(call)
    guild = state.guild_of(thread)
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


async def remove(call: Call) -> Answer:
    """Needs MANAGE_THREADS, or to have begun the private thread."""
    state, thread = call.state, _active(call)
    bot = state.application.bot
    mine = thread.type == PRIVATE_THREAD and thread.owner_id == bot.id
    if not mine and not state.permissions(thread, bot) & Permission.MANAGE_THREADS:
        raise errors.missing_permissions()
    state.leave_thread(thread, _user(call))
    return Answer(status=204)


async def member(call: Call) -> Answer:
    thread, user = channel_of(call), _user(call)
    if user.id not in thread.joined:
        raise errors.unknown_member()
    return Answer(payloads.thread_member(thread, user.id))


async def members(call: Call) -> Answer:
    """Only for applications with the privileged members intent, which the stand-in's has not been given."""
    channel_of(call)
    raise errors.missing_access()


async def archived(call: Call) -> Answer:
    """The archived public threads of a channel, the last archived first; needs READ_MESSAGE_HISTORY."""
    state = call.state
    channel = channel_of(call, Permission.READ_MESSAGE_HISTORY)
    guild = state.guild_of(channel)
    if guild is None:
        raise errors.wrong_channel_type()
    bot = state.application.bot
    inside = [each for each in guild.channels.values() if each.parent_id == channel.id and each.archived]
    found = [payloads.channel(each) for each in inside if each.type == PUBLIC_THREAD]
    found.sort(key=lambda each: str(each["thread_metadata"]["archive_timestamp"]), reverse=True)
    before = call.query.get("before", "~").replace("Z", "+00:00")
    found = [each for each in found if each["thread_metadata"]["archive_timestamp"] < before]
    limit = int(call.query.get("limit") or 50)
    mine = [payloads.thread_member(each, bot.id) for each in inside if bot.id in each.joined]
    return Answer({"threads": found[:limit], "members": mine, "has_more": len(found) > limit})


CHANNEL = "/channels/{channel}"
MEMBERS = CHANNEL + "/thread-members"
ROUTES = (
    Route("POST", CHANNEL + "/messages/{message}/threads", begin_from, "thread.post", ("channel",)),
    Route("POST", CHANNEL + "/threads", begin, "thread.post", ("channel",)),
    Route("GET", CHANNEL + "/threads/archived/public", archived, resource=("channel",)),
    Route("GET", MEMBERS, members, resource=("channel",)),
    Route("PUT", MEMBERS + "/@me", join, "thread.member", ("channel",)),
    Route("DELETE", MEMBERS + "/@me", leave, "thread.member", ("channel",)),
    Route("GET", MEMBERS + "/{user}", member, resource=("channel",)),
    Route("PUT", MEMBERS + "/{user}", add, "thread.member", ("channel",)),
    Route("DELETE", MEMBERS + "/{user}", remove, "thread.member", ("channel",)),
)
