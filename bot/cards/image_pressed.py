"""The image behind a pressed button or a sent form: which one of a card, and its file."""

from __future__ import annotations

import re
from typing import Self

from bot.cards.sources import files_of, files_of_card
from bot.errors import NotAllowed
from bot.generation.rows import result_rows
from bot.generation.rows.records import Generation, Result
from bot.kit.bot import Interaction
from bot.kit.components import KeyButton
from bot.store.database import Database


def for_one(action: str) -> str:
    """The template of an `ImageButton`."""
    return rf"image:(?P<key>\d{{1,80}}):{action}:(?P<number>\d{{1,3}})"


class ImageButton(KeyButton, template=r"(?!)"):
    """A press for one image of a card, `image:<id>:<action>:<number>`. `number` from 1, `position` from 0."""

    def __init__(self, custom_id: str, key: int, number: int) -> None:
        super().__init__(custom_id, key)
        self.number = number
        self.position = number - 1

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match.string, int(match["key"]), int(match["number"]))


async def result_at(interaction: Interaction, row: Generation, position: int) -> Result:
    """What stands there (from 0). NotAllowed: nothing."""
    result = await interaction.client.the(Database).run(result_rows.at, row.id, position)
    if result is None:
        raise NotAllowed("error.gone")
    return result


def files_pressed(interaction: Interaction) -> dict[str, str]:
    """`files_of` the message that was pressed."""
    return {} if interaction.message is None else files_of(interaction.message)


async def files_now(interaction: Interaction, row: Generation) -> dict[str, str]:
    """`files_of` its card: the message that was pressed, or, where that shows none, as the card is looked for."""
    return files_pressed(interaction) or await files_of_card(interaction.client, row)
