"""Pages of a list that work for ever: a button's custom_id holds where its page begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from discord import ui

from bot.i18n import text
from bot.kit.bot import Interaction
from bot.kit.components import Card, SafeButton, button, row
from bot.kit.responses import replace_message


class PageButton(SafeButton, template=r"(?!)"):
    """Turns the message into another page of a list, newest first: what is older than `before_id`, or, with 0, all."""

    def __init__(self, before_id: int, custom_id: str, locale: str) -> None:
        label = text(locale, "jobs.older" if before_id else "jobs.newest")
        super().__init__(button(label, f"{custom_id}:{before_id}"))
        self.before_id = before_id or None

    async def page(self, interaction: Interaction) -> Card:
        raise NotImplementedError

    async def pressed(self, interaction: Interaction) -> None:
        await replace_message(interaction, await self.page(interaction))


def page(items: Sequence[ui.Item[Any]], turns: Sequence[SafeButton]) -> Card:
    return Card(*items, row(*turns)) if turns else Card(*items)


def turns_from(before_id: int | None, ids: Sequence[int], size: int) -> list[int]:
    """Where the pages begin that a page of `size` leads to. `ids`: one more than fits, if there are older ones."""
    return [*([] if before_id is None else [0]), *(ids[size - 1 : size] if len(ids) > size else [])]
