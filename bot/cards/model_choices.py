"""The models that autocompletion offers for a command, here."""

from __future__ import annotations

import asyncio
import logging

from discord import app_commands

from bot.api.catalogue import ModelCatalogue
from bot.api.models import by_kind, fitting
from bot.cards.caller import caller_of
from bot.generation.ordering.orders import Orders
from bot.kinds import Kind
from bot.kit.bot import Interaction
from bot.kit.commands import matching

log = logging.getLogger(__name__)


LOOKUP_SECONDS = 1.5
"""Discord drops an autocompletion after 3 s; without the channel's own model the list is still of use."""


async def model_choices(interaction: Interaction, kind: Kind, typed: str) -> list[app_commands.Choice[str]]:
    """Models that contain what was typed, the one in use here first; none, where the person can't use the command.

    From memory and one short look-up.
    """
    the = interaction.client.the
    names = fitting(kind, by_kind(kind, the(ModelCatalogue).names()))
    try:
        async with asyncio.timeout(LOOKUP_SECONDS):
            caller = caller_of(interaction)
            rules = await the(Orders).rules(caller.place)
        if not caller.may(rules, kind):
            return []
        names = rules.offered(kind, the(ModelCatalogue))
    except Exception:  # a choice list is no place to fail: the person can type the name
        log.warning("the channel's model could not be looked up for autocompletion", exc_info=True)
    return matching([(name, name) for name in names if len(name) <= 100], typed)
