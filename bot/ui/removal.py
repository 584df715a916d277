"""Remove, in a message's menu: the message is gone, and what belongs to it. For moderators, and each for their own."""

from __future__ import annotations

import logging
from contextlib import suppress

import discord

from bot.errors import NotAllowed
from bot.i18n import locale_of, text
from bot.store import generations, jams
from bot.ui.answer_cards import ROOM
from bot.ui.callers import is_moderator
from bot.ui.edits import Handle, delete
from bot.ui.notes import note
from bot.ui.pictures.redraw import redraw_children
from bot.ui.responses import acknowledge
from bot.ui.typing import Interaction

log = logging.getLogger(__name__)

HANDED_ON = 3
"""Rows in a row that one message may have been the card of while it is removed."""
LOOK_THROUGH = 100
"""Messages after the first of an answer among which the others are looked for."""


async def remove(interaction: Interaction, message: discord.Message) -> None:
    """Remove `message` and what belongs to it, and say so privately. NotAllowed: it is not the bot's, or not theirs."""
    bot = interaction.client
    if bot.user is None or message.author.id != bot.user.id:
        raise NotAllowed("remove.not_mine")
    resources = bot.resources
    channel_id = interaction.channel_id or message.channel.id
    row = await resources.database.run(generations.of_message, channel_id=channel_id, message_id=message.id)
    metadata = message.interaction_metadata
    asked_by = row.person_id if row is not None else metadata.user.id if metadata is not None else None
    # The end of a jam is no interaction's answer; it is its starter's.
    jam = await resources.database.run(jams.of_message, message.id) if asked_by is None else None
    if jam is not None:
        asked_by = jam.started_by
    theirs = interaction.user.id == asked_by or interaction.context.dm_channel
    if not theirs and not is_moderator(interaction):
        raise NotAllowed("remove.not_yours")
    await acknowledge(interaction, ephemeral=True, thinking=True)
    if row is not None:
        handles, sure = await _taken(interaction, message, row), True
    else:
        handles, sure = await _answer_of(interaction, message)
    log.info("message %s is removed for a person (generation %s)", message.id, row.id if row else "none")
    gone = [await delete(bot, handle) for handle in handles]
    if row is None and (jam_id := await resources.database.run(jams.of_card, message.id)) is not None:
        resources.desk.show(jam_id)  # it finds that the card is gone, and posts another while people need it
    if jam is not None and jam.final_message_id == message.id:
        await resources.jams.end_removed(jam.id)
    key = "remove.done" if sure else "remove.done_one"
    if not all(gone):
        key = "remove.out_of_reach_card" if row is not None else "remove.out_of_reach"
    await interaction.edit_original_response(view=note(text(locale_of(interaction.locale), key)))


async def _taken(interaction: Interaction, message: discord.Message, row: generations.Generation) -> list[Handle]:
    """Take away what the card stands for, before the card: from then on nothing that is under way can bring it back.

    Returns the messages to delete. A Retry may have handed the message on to another row in the meantime. What names
    its pictures elsewhere is brought up to date by and by.
    """
    resources = interaction.client.resources
    handles = {message.id: _handle(interaction, message.id)}
    removed: list[int] = []
    for _ in range(HANDED_ON):
        taken = await resources.claims.remove(row.id, by=interaction.user.id)
        removed.append(row.id)
        handles |= {each.message_id: Handle.of(each) for each in taken if each.message_id is not None}
        follower = await resources.database.run(
            generations.of_message, channel_id=row.channel_id, message_id=message.id
        )
        if follower is None:
            break
        row = follower
    await redraw_children(resources.database, resources.deliverer, resources.boards, removed)
    await resources.jams.pictures_removed(removed)
    return list(handles.values())


async def _answer_of(interaction: Interaction, message: discord.Message) -> tuple[list[Handle], bool]:
    """The messages of the answer that `message` is one of, and whether these are sure to be all.

    One that still grows is stopped first. A long one goes on in follow-ups, which name the same interaction.
    """
    metadata = message.interaction_metadata
    if metadata is None:
        return [_handle(interaction, message.id)], True
    known = await interaction.client.resources.answers.end(metadata.id, by=interaction.user.id)
    if known:
        return known, True
    first = metadata.original_response_message_id or message.id
    ids = {first, message.id}
    sure = first == message.id and _length(message) < ROOM // 2
    # Without that permission Discord answers with an empty list.
    if not sure and (interaction.guild_id is None or interaction.app_permissions.read_message_history):
        channel = interaction.client.get_partial_messageable(interaction.channel_id or message.channel.id)
        with suppress(discord.Forbidden, discord.NotFound):
            async for other in channel.history(after=discord.Object(first), limit=LOOK_THROUGH, oldest_first=True):
                if other.interaction_metadata is not None and other.interaction_metadata.id == metadata.id:
                    ids.add(other.id)
            sure = True
    return [_handle(interaction, id_) for id_ in sorted(ids)], sure


def _length(message: discord.Message) -> int:
    return sum(len(each.content) for each in message.components if isinstance(each, discord.TextDisplay))


def _handle(interaction: Interaction, message_id: int) -> Handle:
    return Handle.by_itself(interaction.application_id, interaction.channel_id or 0, message_id)
