"""What a message's menu offers: its picture to be changed, its words as a prompt. Each opens a form."""

from __future__ import annotations

import discord
from sqlalchemy import Connection

from bot.cards.behind import order_behind
from bot.cards.caller import caller_of
from bot.errors import NotAllowed
from bot.generation import rows as generations
from bot.generation.orders import Orders
from bot.kit.bot import Bot, Interaction
from bot.kit.cog import features
from bot.kit.message_parts import texts_in
from bot.store.database import Database
from bot.text import is_blank
from cogs.imagine.modals import PictureForm, WordsForm
from cogs.imagine.selections import Selections, pick


async def remix_picture(interaction: Interaction, message: discord.Message) -> None:
    """Ask what is to be changed about the first picture.

    NotAllowed: there is none, no model for it here, or it stands on a card that is not this person's to press.
    """
    picked = await pick(interaction, message)
    if picked is None:
        raise NotAllowed("error.no_picture")
    the = interaction.client.the
    caller = caller_of(interaction)
    rules = await the(Orders).rules(caller.place)
    if not rules.value("edit_model"):
        raise NotAllowed("error.no_edit_model")
    if picked.parent_id is not None and (row := await the(Database).run(generations.get, picked.parent_id)):
        caller.check_press(rules, row.person_id)
    the(Selections).put((interaction.user.id, message.id), picked)
    channel_id = interaction.channel_id or message.channel.id
    await PictureForm(channel_id, message.id, locale=interaction.locale).open(interaction)


async def use_as_prompt(interaction: Interaction, message: discord.Message) -> None:
    """Show the message's words, or the prompt of a card, to be changed and ordered. NotAllowed: there are none."""
    channel_id = interaction.channel_id or message.channel.id
    database = interaction.client.the(Database)
    words = await database.run(_prompt_behind, interaction.client, channel_id=channel_id, message_id=message.id)
    if words is None:
        words = _words(message)
    if is_blank(words):
        raise NotAllowed("form.no_words")
    await WordsForm(prompt=words, locale=interaction.locale).open(interaction)


def _prompt_behind(connection: Connection, bot: Bot, *, channel_id: int, message_id: int) -> str | None:
    """The prompt of a card, or the words that a feature has for its own message. None: it is another message."""
    row = order_behind(connection, bot, channel_id=channel_id, message_id=message_id)
    if row is not None:
        return row.prompt
    said = (feature.words_of(connection, message_id) for feature in features(bot))
    return next((each for each in said if each is not None), None)


def _words(message: discord.Message) -> str:
    """What stands in a message, or in one that it forwards: its text, else that of its embeds or its layout."""
    for part in (message, *message.message_snapshots):
        if not is_blank(part.content):
            return part.content
        embedded = [embed.description for embed in part.embeds if embed.description]
        shown = texts_in(part.components)
        if embedded or shown:
            return "\n".join((*embedded, *shown))
    return ""
