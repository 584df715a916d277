"""What helps after something failed, as buttons and a menu: Retry, Edit and retry, other models."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import discord
from discord import ui

from bot.i18n import text
from bot.kit.again_form import options_of
from bot.kit.components import button, row
from bot.reasons import Step


def again_looks(
    prefix: str, steps: Collection[Step], models: Sequence[str], locale: str
) -> tuple[list[ui.Item[Any]], list[ui.ActionRow[Any]]]:
    """The buttons for `steps`, and the menu in a row of its own. Their ids are `<prefix>:retry`, `:edit` and `:model`.

    `models`: those to choose from; where there are none, Edit and retry lets a name be typed.
    """
    primary = discord.ButtonStyle.primary
    buttons: list[ui.Item[Any]] = []
    if Step.RETRY in steps:
        buttons.append(button(text(locale, "button.retry"), f"{prefix}:retry", style=primary))
    if Step.EDIT in steps or (Step.MODEL in steps and not models):
        buttons.append(button(text(locale, "button.edit_retry"), f"{prefix}:edit", style=primary))
    if not models or Step.MODEL not in steps:
        return buttons, []
    menu: ui.Select[Any] = ui.Select(
        custom_id=f"{prefix}:model",
        placeholder=text(locale, "menu.other_model"),
        options=options_of(models) or [discord.SelectOption(label="–")],
    )
    return buttons, [row(menu)]
