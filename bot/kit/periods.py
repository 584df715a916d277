"""How far back a list reaches, as one chooses it and as a custom_id keeps it."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import Final

from discord import app_commands

from bot.i18n import text
from bot.kit.commands import localised


class Period(StrEnum):
    DAY = "d"
    WEEK = "w"
    MONTH = "m"

    @property
    def since(self) -> float:
        """Where it begins, in Unix seconds."""
        return time.time() - _SECONDS[self]

    def named(self, locale: str) -> str:
        return text(locale, _NAMES[self])


PERIODS: Final = [
    app_commands.Choice(name=localised("command.gallery.day"), value=Period.DAY.value),
    app_commands.Choice(name=localised("command.gallery.week"), value=Period.WEEK.value),
    app_commands.Choice(name=localised("command.gallery.month"), value=Period.MONTH.value),
]
_SECONDS: Final = {Period.DAY: 86_400, Period.WEEK: 7 * 86_400, Period.MONTH: 30 * 86_400}
_NAMES: Final = {Period.DAY: "gallery.day", Period.WEEK: "gallery.week", Period.MONTH: "gallery.month"}
