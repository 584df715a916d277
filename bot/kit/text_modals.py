"""Forms with one text. What was typed is never lost: whatever goes wrong, its person gets it back."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, ClassVar

import discord
from discord import ui

from bot.i18n import locale_of, text
from bot.kit.bot import Interaction
from bot.kit.components import Card, SafeForm, row
from bot.kit.error_path import report
from bot.kit.responses import PASSING, tell, tell_with
from bot.text import prompt_pieces

log = logging.getLogger(__name__)


class WrittenForm(SafeForm):
    """Subclasses say what their input is called, and what is done with its text."""

    name: ClassVar[str]
    values: Mapping[str, str]
    """All that was filled in or chosen, once it is submitted."""

    async def use(self, interaction: Interaction, typed: str) -> None:
        """What the submission does. Of what it raises the person is told, and gets the text back."""
        raise NotImplementedError

    def typed(self, values: Mapping[str, str]) -> str:
        """What was typed: what is given back."""
        return values.get(self.name, "")

    async def submitted(self, interaction: Interaction, values: Mapping[str, str]) -> None:
        self.values = values
        typed = self.typed(values)
        try:
            await self.use(interaction, typed)
        except Exception as error:  # noqa: BLE001 - the one error path takes all of them
            if await report(interaction, error):
                await self.give_back(interaction, typed)

    async def give_back(self, interaction: Interaction, typed: str) -> None:
        """What was typed, after what was said of it."""
        await give_back(interaction, typed)


async def give_back(interaction: Interaction, typed: str, *under: ui.Item[Any]) -> None:
    """To be copied: a form that was sent is gone. `under`: what can be pressed below it."""
    try:
        pieces = [piece for piece in prompt_pieces(typed) if piece]
        if pieces:
            pieces[0] = f"-# {text(locale_of(interaction.locale), 'form.your_words')}\n{pieces[0]}"
        for piece in pieces[:-1]:
            await tell(interaction, piece)
        last: list[ui.Item[Any]] = [ui.TextDisplay(piece) for piece in pieces[-1:]]
        if last or under:
            await tell_with(interaction, Card(*last, *([row(*under)] if under else [])))
    except (discord.ClientException, *PASSING) as error:
        log.warning("a person did not get back what they typed: %s", error)
