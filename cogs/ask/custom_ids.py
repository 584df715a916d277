"""What the buttons of an answer look like, `ask:<key>:<action>`; their presses are in `buttons` and `again`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from discord import ui

from bot.i18n import text
from bot.kit.again import again_looks
from bot.kit.components import button, row
from bot.reasons import Step


def stop_button(key: int, locale: str) -> ui.Button[Any]:
    """Ends the answer `key` with what came."""
    return button(text(locale, "button.stop"), f"ask:{key}:stop")


def again_rows(
    key: int, steps: Collection[Step], models: Sequence[str] = (), *, locale: str
) -> list[ui.ActionRow[Any]]:
    """What may help: buttons, and a menu in a row of its own."""
    buttons, menus = again_looks(f"ask:{key}", steps, models, locale)
    return [*([row(*buttons)] if buttons else []), *menus]
