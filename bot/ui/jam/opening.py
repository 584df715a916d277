"""How a jam begins: its word in the channel, a thread from it, and the first round's card in there."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord

from bot.errors import NotAllowed
from bot.i18n import locale_of, text
from bot.jam.host import NotNow
from bot.store.database import StoreUnavailable
from bot.text import one_line, shorten
from bot.ui.callers import caller_of, is_user_installed_only
from bot.ui.jam.cards import word
from bot.ui.jam.reading import word_channel
from bot.ui.layouts import custom_ids_in
from bot.ui.notes import note
from bot.ui.responses import PASSING, answer

if TYPE_CHECKING:
    from bot.store.jams import Jam
    from bot.ui.typing import Bot, Interaction

log = logging.getLogger(__name__)

ARCHIVE_MINUTES = 1440
"""A jam goes on for three hours at most, and votes come after."""
HAS_THREAD, TOO_MANY_THREADS = 160004, 160006
NAME_LIMIT = 100
"""Characters of a thread's name (Discord)."""
LOOK_THROUGH = 50
"""A channel's newest messages, among which its word is looked for."""
_IN_THREAD = {
    "view_channel": "jam.may_view",
    "send_messages_in_threads": "jam.may_send_in_threads",
    "attach_files": "jam.may_attach",
}
_IN_CHANNEL = _IN_THREAD | {"send_messages": "jam.may_send", "create_public_threads": "jam.may_create_threads"}
"""What the bot needs → what Discord calls it."""


def check_here(interaction: Interaction) -> None:
    """NotAllowed, with what is missing, where the bot can't open a thread and post in it."""
    channel = interaction.channel
    if interaction.guild_id is None:
        raise NotAllowed("jam.only_in_servers")
    if is_user_installed_only(interaction):
        raise NotAllowed("config.not_a_member")
    in_thread = isinstance(channel, discord.Thread)
    if not in_thread and not isinstance(channel, discord.TextChannel):
        raise NotAllowed("jam.no_threads_here")
    locale = locale_of(interaction.locale)
    missing = [
        text(locale, key)
        for name, key in (_IN_THREAD if in_thread else _IN_CHANNEL).items()
        if not getattr(interaction.app_permissions, name)
    ]
    if missing:
        if not interaction.app_permissions.view_channel:
            # Discord then counts the others as missing, too.
            missing = [text(locale, _IN_THREAD["view_channel"])]
        raise NotAllowed("jam.missing", permissions=("、" if locale.startswith("zh") else ", ").join(missing))


async def open_jam(interaction: Interaction, *, theme: str, style: str | None, minutes: int) -> None:
    """Start a jam as the answer to a command. NotAllowed: not here, not now, or not by this person."""
    check_here(interaction)
    bot, jams = interaction.client, interaction.client.resources.jams
    jam = await jams.start(caller_of(interaction, private=False), theme=theme, style=style, minutes=minutes)
    thread_id = jam.thread_id
    said = False
    try:
        message_id = await answer(interaction, word(jam))
        said = True
        await jams.note_opening(jam.id, message_id=message_id)
        if thread_id is None:
            thread_id = await begin_thread(bot, jam, message_id)
            await jams.note_opening(jam.id, thread_id=thread_id)
        facts = await jams.facts(jam.id)
        card_id = await bot.resources.jam_host.post_round(facts) if facts is not None else None
    except (NotNow, *PASSING, StoreUnavailable) as error:
        log.warning("jam %s could not be opened: %s", jam.id, error)
        await jams.abandon(jam.id)
        if not said:
            raise
        await _give_up(interaction, error)
        return
    if facts is None or card_id is None:
        await jams.abandon(jam.id)
        await _give_up(interaction, None)
        return
    opened = await jams.opened(jam.id, thread_id=thread_id, message_id=message_id, card_id=card_id)
    if opened is not None:
        await _say(interaction, word(opened))


async def begin_thread(bot: Bot, jam: Jam, message_id: int) -> int:
    """The public thread of the jam's word, begun unless it is there: it has the message's id (Discord)."""
    channel = bot.get_partial_messageable(jam.channel_id, guild_id=jam.guild_id)
    try:
        thread = await channel.get_partial_message(message_id).create_thread(
            name=shorten(one_line(jam.theme), NAME_LIMIT), auto_archive_duration=ARCHIVE_MINUTES
        )
    except discord.HTTPException as error:
        if error.code != HAS_THREAD:
            raise
        return message_id
    return thread.id


async def find_word(bot: Bot, jam: Jam) -> int | None:
    """The message that a jam was begun with, where its id could not be noted. None: there is none to be seen."""
    join = f"jam:{jam.id}:join"
    async for message in bot.get_partial_messageable(word_channel(jam)).history(limit=LOOK_THROUGH):
        if message.author == bot.user and join in custom_ids_in(message.components):
            return message.id
    return None


async def _give_up(interaction: Interaction, error: Exception | None) -> None:
    """The word in the channel says why there is no jam. `error` None: Discord took the thread, but no message in it."""
    match error:
        case None | discord.Forbidden() | discord.NotFound():
            key = "jam.not_opened"
        case discord.HTTPException(code=code) if code == TOO_MANY_THREADS:
            key = "jam.too_many_threads"
        case _:
            key = "jam.try_again"
    await _say(interaction, note(text(locale_of(interaction.locale), key)))


async def _say(interaction: Interaction, view: discord.ui.LayoutView) -> None:
    """Never raises: the jam is there, or is not, whatever its word says."""
    try:
        await interaction.edit_original_response(view=view)
    except PASSING as error:
        log.warning("the word of a jam stays as it is: %s", error)
