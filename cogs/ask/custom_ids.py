"""What the buttons of an answer look like, `ask:<key>:<action>`; their presses are in `buttons` and `again`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import discord
from discord import ui

from bot.i18n import text
from bot.kit.again_form import options_of
from bot.kit.components import button, row
from bot.reasons import Step


def stop_button(key: int, locale: str) -> ui.Button[Any]:
    """Ends the answer `key` with what came."""
    return button(text(locale, "button.stop"), f"ask:{key}:stop")


def model_menu(key: int, models: Sequence[str], locale: str) -> ui.Select[Any]:
    """Other models for a question."""
    options = options_of(models) or [discord.SelectOption(label="–")]
    return ui.Select(custom_id=f"ask:{key}:model", placeholder=text(locale, "menu.other_model"), options=options)


def again_rows(
    key: int, steps: Collection[Step], models: Sequence[str] = (), *, locale: str
) -> list[ui.ActionRow[Any]]:
    """What may help: buttons, and a menu in a row of its own."""
    buttons: list[ui.Item[Any]] = []
    if Step.RETRY in steps:
        buttons.append(button(text(locale, "button.retry"), f"ask:{key}:retry", style=discord.ButtonStyle.primary))
    # Where there is no other to choose from, its name can be typed.
    if Step.EDIT in steps or (Step.MODEL in steps and not models):
        buttons.append(button(text(locale, "button.edit_retry"), f"ask:{key}:edit", style=discord.ButtonStyle.primary))
    rows = [row(*buttons)] if buttons else []
    return [*rows, row(model_menu(key, models, locale))] if models and Step.MODEL in steps else rows
