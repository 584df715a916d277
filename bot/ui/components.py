"""The safe bases that every view, modal and button stands on: an exception in any of them reaches the one error path.

discord.py sends an exception in a `DynamicItem`'s callback to the log only, and swallows those of `from_custom_id`
and `interaction_check`; a bare button in a layout is refused by Discord, not by the library.
"""

from __future__ import annotations

import re
from typing import Any, Self, cast

import discord
from discord import ui

from bot.ui.failures import report
from bot.ui.typing import Bot, Interaction


class Card(ui.LayoutView):
    """A Components V2 message without a time-out; its buttons are dynamic items, so they work for ever."""

    def __init__(self, *items: ui.Item[Any]) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception, item: ui.Item[Any], /) -> None:
        del item
        await report(cast("Interaction", interaction), error)


def row(*buttons: ui.Item[Any]) -> ui.ActionRow[Any]:
    """Buttons side by side: in a layout they stand in rows only."""
    return ui.ActionRow(*buttons)


def section(content: str, button: ui.Item[Any]) -> ui.Section[Any]:
    """A text with a button beside it."""
    return ui.Section(content, accessory=button)


class SafeButton(ui.DynamicItem[ui.Button[Any]], template=r"(?!)"):
    """A button that works after a restart: its custom_id holds all it needs, `pressed` does the work.

    Subclasses give `template=` and read the match in `from_match`.
    """

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        """The button of a pressed custom_id. Only cheap, sure work: ids are integers by the template."""
        raise NotImplementedError

    async def pressed(self, interaction: Interaction) -> None:
        """What the press does. Any exception reaches the error path."""
        raise NotImplementedError

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        del interaction, item
        return cls.from_match(match)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        checked = cast("discord.Interaction[Bot]", interaction)
        try:
            if await checked.client.tree.interaction_check(checked):
                await self.pressed(checked)
        except Exception as error:  # noqa: BLE001 - the one error path takes all of them
            await report(checked, error)
