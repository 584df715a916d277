"""The menus of what the server locks, on its page “Who”: names to choose from, a menu's worth in each (Discord)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.i18n import text
from bot.kit.commands import CHOICES
from bot.kit.components import row
from bot.settings import SETTINGS
from bot.settings.locks import is_locked
from bot.settings.table import lockable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cogs.config.spots import Spot

MENUS = 2


def lock_menus(locale: str, spot: Spot, locks: object) -> Iterator[ui.ActionRow[Any]]:
    """`locks`: what is locked now, or is to be."""
    for number in range(MENUS):
        options = [
            discord.SelectOption(label=SETTINGS[key].name(locale), value=key, default=is_locked(locks, key))
            for key in _keys(number)
        ]
        yield row(
            ui.Select(
                custom_id=f"{spot.custom_id('locks')}:{number}",
                placeholder=text(locale, "setup.lock" if number == 0 else "setup.lock_more"),
                options=options,
                min_values=0,
                max_values=len(options),
            )
        )


def with_locks(locks: object, number: int, chosen: Sequence[str]) -> str:
    """The list with what was chosen in one of the menus, as one types it."""
    mine = _keys(number)
    held = [key for key in _all() if key in chosen or (key not in mine and is_locked(locks, key))]
    return ", ".join(held) or "none"


def _all() -> list[str]:
    return [key for key in SETTINGS if key in set(lockable().values())]


def _keys(number: int) -> list[str]:
    keys = _all()
    half = -(-len(keys) // MENUS)
    assert half <= CHOICES, "more than the menus hold"  # noqa: S101 - of our own table
    return keys[number * half : (number + 1) * half]
