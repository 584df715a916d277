"""Remove, in a message's menu: the message is gone, and what belongs to it. For moderators, and each for their own."""

from __future__ import annotations

import logging
from contextlib import suppress

import discord
from sqlalchemy import Connection

from bot.cards.deliverer import CardDeliverer
from bot.cards.handles import handle_of
from bot.cards.redraw import redraw_children
from bot.errors import NotAllowed
from bot.generation.rows import generations
from bot.generation.rows.records import Generation
from bot.generation.work.claims import Claims
from bot.i18n import locale_of, text
from bot.kit.bot import Bot, Interaction
from bot.kit.coalesced_edits import CoalescedEdits
from bot.kit.cog import features
from bot.kit.edits import Handle, delete
from bot.kit.own_messages import answers, is_own, own_messages
from bot.kit.places import is_direct, is_moderator, log_fields
from bot.kit.responses import acknowledge, answer
from bot.kit.short_cards import note
from bot.store.database import Database

log = logging.getLogger(__name__)

HANDED_ON = 3
"""Rows in a row that one message may have been the card of while it is removed."""
LONG = 1800
"""Characters from which on an answer may go on in another message."""


async def remove(interaction: Interaction, message: discord.Message) -> None:
    """Remove `message` and what belongs to it, and say so privately; of what a person wrote, what came of it.

    NotAllowed: it is neither the bot's nor was it asked of the bot, or it is not theirs.
    """
    bot = interaction.client
    own = is_own(bot, message)
    row, asked_by = await behind(bot, message)
    if not own and asked_by is None:
        raise NotAllowed("remove.not_mine")
    theirs = interaction.user.id == asked_by or is_direct(interaction)
    if not theirs and not is_moderator(interaction):
        raise NotAllowed("remove.not_yours")
    await acknowledge(interaction, ephemeral=True, thinking=True)
    looks = interaction.guild_id is None or interaction.app_permissions.read_message_history
    key = await take_away(interaction, message, row, looks=looks)
    key = key if own or key != "remove.done" else "remove.done_asked"
    await answer(interaction, note(text(locale_of(interaction.locale), key)), ephemeral=True)


async def behind(bot: Bot, message: discord.Message) -> tuple[Generation | None, int | None]:
    """The order whose card a message of the bot's is, and the person it is for; None: it is none, it is not known."""
    database = bot.the(Database)
    row = await database.run(generations.of_message, channel_id=message.channel.id, message_id=message.id)
    metadata = message.interaction_metadata
    asked_by = row.person_id if row is not None else metadata.user.id if metadata is not None else None
    if asked_by is None:
        asked_by = await database.run(_asker, bot, message.id)
    return row, asked_by


async def take_away(interaction: Interaction, message: discord.Message, row: Generation | None, *, looks: bool) -> str:
    """Remove a message and what belongs to it for a person who may; the key of what is to be said of it.

    `looks`: the bot may look for other messages of an answer there.
    """
    bot = interaction.client
    if row is not None:
        handles, sure = await _taken(interaction, message, row), True
    else:
        handles, sure = await _answer_of(interaction, message, looks=looks)
    removed = {"message_id": message.id, "generation": row.id if row else None}
    log.info("a message is removed", extra=log_fields(interaction) | removed)
    gone = [await delete(bot, handle) for handle in handles]
    if row is None:
        for feature in features(bot):
            await feature.on_message_removed(message.id)
    if not all(gone):
        return "remove.out_of_reach_card" if row is not None else "remove.out_of_reach"
    return "remove.done" if sure else "remove.done_one"


def _asker(connection: Connection, bot: Bot, message_id: int) -> int | None:
    """Whose a message is that is neither a card nor the answer to an interaction."""
    found = (feature.asker_of(connection, message_id) for feature in features(bot))
    return next((each for each in found if each is not None), None)


async def _taken(interaction: Interaction, message: discord.Message, row: Generation) -> list[Handle]:
    """Take away what the card stands for, before the card: from then on nothing that is under way can bring it back.

    Returns the messages to delete. A Retry may have handed the message on to another row in the meantime. What names
    its pictures elsewhere is brought up to date by and by.
    """
    the = interaction.client.the
    handles = {message.id: _handle(interaction, message, message.id)}
    removed: list[int] = []
    for _ in range(HANDED_ON):
        taken = await the(Claims).remove(row.id, by=interaction.user.id)
        removed.append(row.id)
        handles |= {each.message_id: handle_of(each) for each in taken if each.message_id is not None}
        follower = await the(Database).run(generations.of_message, channel_id=row.channel_id, message_id=message.id)
        if follower is None:
            break
        row = follower
    await redraw_children(the(Database), the(CardDeliverer), the(CoalescedEdits), removed)
    for feature in features(interaction.client):
        await feature.on_removed(removed)
    return list(handles.values())


async def _answer_of(interaction: Interaction, message: discord.Message, *, looks: bool) -> tuple[list[Handle], bool]:
    """The messages of the answer that `message` is one of, and whether these are sure to be all.

    One that still grows is stopped first. A long one goes on in follow-ups, which name the same interaction.
    """
    for feature in features(interaction.client):
        if known := await feature.messages_with(message.id, by=interaction.user.id):
            return known, True
    metadata = message.interaction_metadata
    if metadata is None:
        own = is_own(interaction.client, message)
        return [_handle(interaction, message, message.id)] if own else [], True
    for feature in features(interaction.client):
        if known := await feature.stop_growing(metadata.id, by=interaction.user.id):
            return known, True
    first = metadata.original_response_message_id or message.id
    ids = {first, message.id}
    sure = first == message.id and _length(message) < LONG
    # Without that permission Discord answers with an empty list.
    if not sure and looks:
        with suppress(discord.Forbidden, discord.NotFound):
            ids.update(await own_messages(interaction.client, message.channel.id, answers(metadata.id), after=first))
            sure = True
    return [_handle(interaction, message, id_) for id_ in sorted(ids)], sure


def _length(message: discord.Message) -> int:
    return sum(len(each.content) for each in message.components if isinstance(each, discord.TextDisplay))


def _handle(interaction: Interaction, message: discord.Message, message_id: int) -> Handle:
    return Handle.by_itself(interaction.application_id, message.channel.id, message_id)
