"""What the slash commands share: their localised descriptions, and the models that autocompletion offers."""

from __future__ import annotations

import asyncio
import logging

import discord
from discord import app_commands

from bot.environment import Kind
from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.ui.callers import place_of
from bot.ui.typing import Interaction

log = logging.getLogger(__name__)

CHOICES = 25
LOOKUP_SECONDS = 1.5
"""Discord drops an autocompletion after 3 s; without the channel's own model the list is still of use."""


def localised(key: str) -> app_commands.locale_str:
    """A description by its key: English for Discord's default, the other languages through `CatalogueTranslator`."""
    return app_commands.locale_str(text(DEFAULT_LOCALE, key), key=key)


class CatalogueTranslator(app_commands.Translator):
    """Descriptions from the catalogues. Names stay English: they are what people tell each other to type."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        del context
        key = string.extras.get("key")
        catalogue = locale_of(locale)
        # Simplified Chinese is written for zh-CN alone; zh-TW falls back to what Discord shows by default.
        if key is None or catalogue == DEFAULT_LOCALE or locale is not discord.Locale.chinese:
            return None
        return text(catalogue, str(key))


async def model_choices(interaction: Interaction, kind: Kind, typed: str) -> list[app_commands.Choice[str]]:
    """Models that contain what was typed, the one in use here first. From memory and one short look-up."""
    resources = interaction.client.resources
    names = resources.catalogue.names()
    try:
        async with asyncio.timeout(LOOKUP_SECONDS):
            rules = await resources.orders.rules(place_of(interaction))
        names = rules.offered(kind, resources.catalogue)
    except Exception:  # a choice list is no place to fail: the person can type the name
        log.warning("the channel's model could not be looked up for autocompletion", exc_info=True)
    wanted = typed.strip().lower()
    found = [name for name in names if wanted in name.lower() and len(name) <= 100]
    return [app_commands.Choice(name=name, value=name) for name in found[:CHOICES]]


def matching(options: tuple[str, ...], typed: str) -> list[app_commands.Choice[str]]:
    """The options that contain what was typed."""
    wanted = typed.strip().lower()
    return [app_commands.Choice(name=option, value=option) for option in options if wanted in option][:CHOICES]
