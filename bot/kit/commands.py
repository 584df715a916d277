"""What the slash commands share: their localised descriptions, and the models that autocompletion offers."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

import discord
from discord import app_commands

from bot.i18n import DEFAULT_LOCALE, locale_of, text

log = logging.getLogger(__name__)

CHOICES = 25


def localised(key: str) -> app_commands.locale_str:
    """A description by its key: English for Discord's default, the other languages through `CatalogueTranslator`."""
    return app_commands.locale_str(text(DEFAULT_LOCALE, key), key=key)


class CommandIds:
    """What Discord calls the commands, known once it was told them: a mention with its id can be clicked."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def learn(self, ids: Mapping[str, int]) -> None:
        self._ids.update(ids)

    def of(self, name: str) -> int | None:
        return self._ids.get(name)

    def mention(self, name: str) -> str:
        """A command or sub-command ("jam start") as one clicks it; while its id is not known, as one types it."""
        id_ = self._ids.get(name.partition(" ")[0])
        return f"/{name}" if id_ is None else f"</{name}:{id_}>"


class CatalogueTranslator(app_commands.Translator):
    """Descriptions from the catalogues. Names stay English: they are what people tell each other to type."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        del context
        # Simplified Chinese is written for zh-CN alone; zh-TW falls back to what Discord shows by default. Asked first:
        # the library comes with each description in each of Discord's thirty languages.
        if locale is not discord.Locale.chinese or (key := string.extras.get("key")) is None:
            return None
        return text(locale_of(locale), str(key))


def matching(named: Iterable[tuple[str, str]], typed: str) -> list[app_commands.Choice[str]]:
    """Those in whose name what was typed stands; `named`: the name and value of each."""
    wanted = typed.strip().casefold()
    found = [app_commands.Choice(name=name, value=value) for name, value in named if wanted in name.casefold()]
    return found[:CHOICES]
