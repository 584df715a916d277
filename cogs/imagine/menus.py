"""What a message's menu offers: its picture to be changed, in a form."""

from __future__ import annotations

import discord

from bot.cards.caller import caller_of
from bot.errors import NotAllowed
from bot.generation import rows as generations
from bot.generation.orders import Orders
from bot.kinds import Kind
from bot.kit.bot import Interaction
from bot.store.database import Database
from cogs.imagine.modals import PictureForm
from cogs.imagine.selections import Selections, pick


async def remix_picture(interaction: Interaction, message: discord.Message) -> None:
    """Ask what is to be changed about the first picture.

    NotAllowed: there is none, no model for it here, or it stands on a card that is not this person's to press.
    """
    picked = await pick(interaction, message)
    if picked is None:
        raise NotAllowed("error.no_picture")
    the = interaction.client.the
    row = None if picked.parent_id is None else await the(Database).run(generations.get, picked.parent_id)
    asked_by = None if row is None else row.person_id
    rules = await the(Orders).may(caller_of(interaction), Kind.IMAGE, asked_by=asked_by)
    if not rules.made_with("edit_model"):
        raise NotAllowed("error.no_edit_model")
    the(Selections).put((interaction.user.id, message.id), picked)
    channel_id = interaction.channel_id or message.channel.id
    await PictureForm(channel_id, message.id, locale=interaction.locale).open(interaction)
