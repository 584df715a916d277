"""What the buttons of an answer look like, `ask:<key>:<action>`; their presses are in `buttons`, `again` and `talk`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import discord
from discord import ui

from bot.i18n import text
from bot.kit.again import again_looks
from bot.kit.components import button, row
from bot.reasons import Step

ROW = 5
"""Buttons that stand side by side (Discord)."""


def stop_button(key: int, locale: str) -> ui.Button[Any]:
    """Ends the answer `key` with what came."""
    return button(text(locale, "button.stop"), f"ask:{key}:stop")


def again_rows(
    key: int, steps: Collection[Step], models: Sequence[str] = (), *, locale: str
) -> list[ui.ActionRow[Any]]:
    """What may help: buttons, and a menu in a row of its own."""
    buttons, menus = again_looks(f"ask:{key}", steps, models, locale)
    return [*([row(*buttons)] if buttons else []), *menus]


def talk_rows(
    key: int,
    beside: Sequence[int],
    *,
    cut: bool = False,
    fresh: bool = True,
    direct: bool = False,
    locale: str,
) -> list[ui.ActionRow[Any]]:
    """How the answer `key` is gone on from. `beside`: all answers to its question, oldest first.

    `cut`: the length limit ended it. `fresh`: another answer may be asked for. `direct`: in direct messages, where
    every message goes on.
    """
    buttons: list[ui.Item[Any]] = []
    if cut:
        buttons.append(button(text(locale, "button.go_on"), f"ask:{key}:on", style=discord.ButtonStyle.primary))
    buttons.append(button(text(locale, "button.reply"), f"ask:{key}:reply"))
    if fresh:
        buttons.append(button(text(locale, "button.regenerate"), f"ask:{key}:beside"))
    if direct:
        buttons.append(button(text(locale, "button.new_topic"), f"ask:{key}:topic"))
    others: list[ui.Item[Any]] = []
    if len(beside) > 1 and key in beside:
        at, count = beside.index(key), len(beside)
        before, after = beside[at - 1], beside[(at + 1) % count]
        here = ui.Button[Any](label=f"{at + 1}/{count}", custom_id=f"ask:{key}:at", disabled=True)
        back, on = button("‹", f"ask:{before}:show:0"), button("›", f"ask:{after}:show:1")
        back.disabled, on.disabled = at == 0, at == count - 1
        others = [back, here, on]
    if len(buttons) + len(others) <= ROW:
        return [row(*buttons, *others)]
    return [row(*buttons), row(*others)]
