"""Who may bar whom from ordering in a server: checked when a command is typed or a button pressed."""

from __future__ import annotations

import discord

from bot.errors import NotAllowed
from bot.kit.bot import Interaction
from bot.kit.places import is_user_installed_only


def check_bars(interaction: Interaction) -> discord.Guild:
    """The server, if the person may bar people in it, and let them in again. NotAllowed: they lack Manage Server."""
    guild = interaction.guild
    if interaction.guild_id is None:
        raise NotAllowed("config.only_in_servers")
    if guild is None or is_user_installed_only(interaction):
        raise NotAllowed("config.not_a_member")
    if not interaction.permissions.manage_guild:
        raise NotAllowed("bar.not_allowed")
    return guild


def check_may_bar(interaction: Interaction, person: discord.User | discord.Member) -> None:
    """NotAllowed: not theirs to bar, or not this person: oneself, a bot, or somebody who manages the server, too.

    Somebody who left the server can be barred: they may come back.
    """
    guild = check_bars(interaction)
    if person.id == interaction.user.id:
        raise NotAllowed("bar.oneself")
    if person.bot:
        raise NotAllowed("bar.bots")
    manages = isinstance(person, discord.Member) and person.guild_permissions.manage_guild
    if manages or person.id == guild.owner_id:
        raise NotAllowed("bar.manager", person=f"<@{person.id}>")


async def whom_to_bar(interaction: Interaction, person_id: int) -> discord.User | discord.Member:
    """As `check_may_bar`, of a person who is only known by their id."""
    guild = check_bars(interaction)
    try:
        person = await guild.fetch_member(person_id)
    except discord.NotFound:
        person = await interaction.client.fetch_user(person_id)  # they left, and may come back
    check_may_bar(interaction, person)
    return person
