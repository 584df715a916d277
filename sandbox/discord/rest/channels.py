"""One channel or thread: read, changed, deleted. Source: "Get Channel", "Modify Channel", "Delete/Close Channel"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import errors, payloads
from sandbox.discord.errors import FormErrors
from sandbox.discord.models import DM, NAME_CHANGED
from sandbox.discord.permissions import Permission
from sandbox.discord.pipeline import Answer, Call, Route
from sandbox.discord.rest.messages import channel_of
from sandbox.discord.threads import ARCHIVE_MINUTES

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Json, JsonValue

BY_OWNER = frozenset({"name", "archived", "auto_archive_duration"})
MAX_SLOWMODE = 21600


async def fetch(call: Call) -> Answer:
    which = call.state.channels.get(call.id("channel"))
    if which is None:
        raise errors.unknown_channel()
    bot = call.state.application.bot
    if not call.state.permissions(which, bot) & Permission.VIEW_CHANNEL or (
        which.guild_id is None and which.type != DM
    ):
        raise errors.missing_access()
    return Answer(payloads.thread(which, bot.id))


async def edit(call: Call) -> Answer:
    channel = channel_of(call)
    if channel.guild_id is None:
        raise errors.not_in_a_dm()
    if channel.is_thread:
        return _edit_thread(call, channel)
    state, form = call.state, call.body.form
    if not state.permissions(channel, state.application.bot) & Permission.MANAGE_CHANNELS:
        raise errors.missing_permissions()
    form_errors = FormErrors()
    check_name(form_errors, form, required=False)
    form_errors.raise_if_any()
    _count_name(call, channel, form)
    state.edit_channel(channel, name=form.get("name"), nsfw=form.get("nsfw"))
    return Answer(payloads.channel(channel))


def _edit_thread(call: Call, thread: Channel) -> Answer:
    """Its creator may rename, archive and wake it while it is not locked; everything else is a moderator's.

    Raises: 50083 for a change of an archived thread that does not wake it, 160005, 50013, 50035.
    """
    state, form, bot = call.state, call.body.form, call.state.application.bot
    granted = state.permissions(thread, bot)
    if not granted & Permission.MANAGE_THREADS:
        if thread.locked:
            raise errors.locked_thread()
        only_wakes = set(form) == {"archived"} and form["archived"] is False
        may = granted & Permission.SEND_MESSAGES_IN_THREADS if only_wakes else thread.owner_id == bot.id
        if not may or set(form) - BY_OWNER:
            raise errors.missing_permissions()
    if thread.archived and form.get("archived") is not False:
        raise errors.archived_thread()
    form_errors = FormErrors()
    check_name(form_errors, form, required=False)
    check_times(form_errors, form)
    form_errors.raise_if_any()
    _count_name(call, thread, form)
    name: str | None = form.get("name")
    renamed = name is not None and name != thread.name
    if renamed:
        # Before the change itself: what is said in a thread would wake one that is archived in the same request.
        state.note(thread, bot, NAME_CHANGED, str(name))
    state.edit_thread(
        thread,
        name=name,
        archived=form.get("archived"),
        locked=form.get("locked"),
        archive_minutes=form.get("auto_archive_duration"),
        slowmode=form.get("rate_limit_per_user"),
    )
    return Answer(payloads.thread(thread, bot.id))


def _count_name(call: Call, channel: Channel, form: Json) -> None:
    """A change of name has a limit of its own: two in ten minutes (not published; widely met). Raises: 429."""
    if form.get("name") not in (None, channel.name):
        call.spend("channel.name", str(channel.id))


def check_name(form_errors: FormErrors, form: Json, *, required: bool = True) -> None:
    if required or "name" in form:
        form_errors.length(("name",), form.get("name"), 1, 100)


def check_times(form_errors: FormErrors, form: Json) -> None:
    """`auto_archive_duration` and `rate_limit_per_user`; null is as good as absent."""
    minutes: JsonValue = form.get("auto_archive_duration")
    if minutes is not None:
        form_errors.choice(("auto_archive_duration",), minutes, ARCHIVE_MINUTES)
    seconds: JsonValue = form.get("rate_limit_per_user")
    if seconds is not None and not (isinstance(seconds, int) and 0 <= seconds <= MAX_SLOWMODE):
        text = f"int value should be between 0 and {MAX_SLOWMODE}."
        form_errors.add(("rate_limit_per_user",), "NUMBER_TYPE_MAX", text)


async def delete(call: Call) -> Answer:
    state, channel = call.state, channel_of(call)
    if channel.guild_id is None:
        raise errors.not_in_a_dm()
    needed = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
    if not state.permissions(channel, state.application.bot) & needed:
        raise errors.missing_permissions()
    state.delete_channel(channel)
    return Answer(payloads.channel(channel))


ROUTES = (
    Route("GET", "/channels/{channel}", fetch, resource=("channel",)),
    Route("PATCH", "/channels/{channel}", edit, "channel.patch", ("channel",)),
    Route("DELETE", "/channels/{channel}", delete, "channel.patch", ("channel",)),
)
