"""The personas that one may choose where one is."""

from __future__ import annotations

from discord import app_commands

from bot.generation.ordering.orders import Orders
from bot.i18n import locale_of, text
from bot.kit.bot import Interaction
from bot.kit.commands import matching
from bot.kit.places import place_of
from bot.settings.personas import DEFAULT, personas_at


async def persona_choices(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Default, and those of the server, as far as they fit what is typed."""
    rules = await interaction.client.the(Orders).rules(place_of(interaction))
    known = [str(one.name) for one in personas_at(rules)]
    named = [(text(locale_of(interaction.locale), "personas.default"), DEFAULT), *((name, name) for name in known)]
    return matching(named, typed)
