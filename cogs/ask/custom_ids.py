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
    return button(text(locale, "button.stop"), stop_id(key))


def stop_id(key: int) -> str:
    """What stands under the last message of an answer that grows."""
    return f"ask:{key}:stop"


def rows_below(
    key: int,
    *,
    said: bool,
    steps: Collection[Step] = (),
    models: Sequence[str] = (),
    beside: Sequence[int] = (),
    cut: bool = False,
    direct: bool = False,
    locale: str,
) -> list[ui.ActionRow[Any]]:
    """What may help where the answer `key` failed, and, where anything was `said`, how it is gone on from.

    A menu stands in a row of its own. `beside`: all answers to its question, oldest first. `cut`: it can be gone on
    with where it ends. `direct`: in direct messages, where every message goes on.
    """
    buttons, menus = again_looks(f"ask:{key}", steps, models, locale, stands_out=not (said and cut))
    others: list[ui.Item[Any]] = []
    if said:
        if cut:
            buttons.append(button(text(locale, "button.go_on"), f"ask:{key}:on", style=discord.ButtonStyle.primary))
        buttons.append(button(text(locale, "button.reply"), f"ask:{key}:reply"))
        if Step.RETRY not in steps:  # which asks the same
            buttons.append(button(text(locale, "button.regenerate"), f"ask:{key}:beside"))
        if direct:
            buttons.append(button(text(locale, "button.new_topic"), f"ask:{key}:topic"))
    if said and len(beside) > 1 and key in beside:
        at, count = beside.index(key), len(beside)
        before, after = beside[at - 1], beside[(at + 1) % count]
        here = ui.Button[Any](label=f"{at + 1}/{count}", custom_id=f"ask:{key}:at", disabled=True)
        back, on = button("‹", f"ask:{before}:show:0"), button("›", f"ask:{after}:show:1")
        back.disabled, on.disabled = at == 0, at == count - 1
        others = [back, here, on]
    rows = [[*buttons, *others]] if len(buttons) + len(others) <= ROW else [buttons, others]
    return [*(row(*each) for each in rows if each), *menus]
