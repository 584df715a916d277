"""/jam start: the word in the channel, the thread, and the first card, as the answer to the command."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord

from bot.cards.caller import caller_of
from bot.errors import NotAllowed
from bot.i18n import listed, locale_of, text
from bot.kit.in_time import expect
from bot.kit.places import is_user_installed_only
from bot.kit.posting import NotNow
from bot.kit.responses import PASSING, Posted, answer, change
from bot.kit.short_cards import note
from bot.kit.threads import TOO_MANY_THREADS
from bot.store.database import StoreUnavailable
from cogs.jam.new_jam import Asked
from cogs.jam.posted import Opened
from cogs.jam.service import Jams
from cogs.jam.thread.host import JamHost
from cogs.jam.thread.opening import begin_thread
from cogs.jam.thread.word import so_far, word

if TYPE_CHECKING:
    from bot.kit.bot import Interaction

log = logging.getLogger(__name__)

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
        raise NotAllowed("jam.missing", permissions=listed(locale, missing))


async def open_jam(interaction: Interaction, asked: Asked) -> None:
    """Start a jam as the answer to a command or a form. NotAllowed: not here, not now, or not by this person."""
    check_here(interaction)
    expect(interaction, private=False)
    bot, jams = interaction.client, interaction.client.the(Jams)
    jam = await jams.start(caller_of(interaction, private=False), asked)
    thread_id = jam.thread_id
    posted: Posted | None = None
    try:
        posted = await answer(interaction, word(jam))
        await jams.note_opening(jam.id, message_id=posted.id)
        if thread_id is None:
            thread_id = await begin_thread(bot, jam, posted.id)
            await jams.note_opening(jam.id, thread_id=thread_id)
        facts = await jams.facts(jam.id)
        card = await bot.the(JamHost).post_round(facts) if facts is not None else None
    except (NotNow, *PASSING, StoreUnavailable) as error:
        log.warning("jam %s could not be opened: %s", jam.id, error)
        await jams.abandon(jam.id)
        if posted is None:
            raise
        await _give_up(interaction, posted, error)
        return
    if facts is None or card is None:
        await jams.abandon(jam.id)
        await _give_up(interaction, posted, None)
        return
    opened = await jams.opened(jam.id, Opened(thread_id, posted.id, card))
    if opened is not None:
        for member in facts.present:
            bot.the(JamHost).add_to_thread(thread_id, member.person_id)
        await _say(interaction, posted, word(opened, told=so_far(facts)))


async def _give_up(interaction: Interaction, posted: Posted, error: Exception | None) -> None:
    """The word in the channel says why there is no jam. `error` None: Discord took the thread, but no message in it."""
    match error:
        case None | discord.Forbidden() | discord.NotFound():
            key = "jam.not_opened"
        case discord.HTTPException(code=code) if code in TOO_MANY_THREADS:
            key = "jam.too_many_threads"
        case _:
            key = "jam.try_again"
    await _say(interaction, posted, note(text(locale_of(interaction.locale), key)))


async def _say(interaction: Interaction, posted: Posted, view: discord.ui.LayoutView) -> None:
    """Never raises: the jam is there, or is not, whatever its word says."""
    try:
        await change(interaction, posted, view)
    except PASSING as error:
        log.warning("the word of a jam stays as it is: %s", error)
