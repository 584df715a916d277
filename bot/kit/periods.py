"""How far back a list reaches, as one chooses it and as a custom_id keeps it."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import Final

from discord import app_commands

from bot.i18n import text
from bot.kit.commands import localised

_DAY: Final = 86_400


class Period(StrEnum):
    DAY = "d"
    WEEK = "w"
    MONTH = "m"

    @property
    def since(self) -> float:
        """Where it begins, in Unix seconds."""
        return time.time() - {Period.DAY: _DAY, Period.WEEK: 7 * _DAY, Period.MONTH: 30 * _DAY}[self]

    def named(self, locale: str) -> str:
        return text(locale, f"gallery.{self.name.lower()}")


PERIODS: Final = [
    app_commands.Choice(name=localised(f"command.gallery.{period.name.lower()}"), value=period.value)
    for period in Period
]
