"""What helps after an /ask failed: Retry, Edit and retry, and a menu of other models. Each holds the turn's id."""

from __future__ import annotations

import re
import time
from typing import ClassVar, Self

from bot.cards.caller import caller_of
from bot.cards.row_pressed import LARGEST_ID
from bot.errors import NotAllowed
from bot.generation.ordering.orders import Orders
from bot.i18n import DEFAULT_LOCALE
from bot.kinds import Kind
from bot.kit.again import AgainForm
from bot.kit.bot import Interaction
from bot.kit.components import KeyButton, KeyMenu
from bot.kit.places import is_moderator, place_of
from bot.store.database import Database
from cogs.ask import turn_rows as turns
from cogs.ask.answers import Answers
from cogs.ask.asking import Asking
from cogs.ask.attachments import refuse_ended
from cogs.ask.records import Turn

_KEY = r"ask:(?P<key>\d{1,20})"


async def asked_here(interaction: Interaction, key: int) -> Turn:
    """The turn of the pressed answer, for who asked and for moderators. NotAllowed: anything else.

    UnusableFile: its file can't be had any more.
    """
    database = interaction.client.the(Database)
    found = await database.run(turns.get_failed, key, now=time.time()) if key <= LARGEST_ID else None
    if found is None or not found.is_before(interaction.user.id, interaction.channel_id):
        raise NotAllowed("error.gone")
    moderates = is_moderator(interaction) and found.guild_id == interaction.guild_id
    if found.person_id != interaction.user.id and not moderates:
        raise NotAllowed("error.not_your_retry")
    refuse_ended(found.files or ())
    return found


async def ask_again(
    interaction: Interaction, turn: Turn, *, prompt: str | None = None, model: str | None = None
) -> None:
    """Ask a question that failed once more, as the answer to a press on it. NotAllowed: that was done before."""
    asking = Asking(again=turn.id, prompt=prompt, model=model)
    await interaction.client.the(Answers).ask(interaction, asking, private=turn.private or None)


class AskAgainButton(KeyButton, template=rf"{_KEY}:retry"):
    """Asks the same once more, in a new message."""

    async def pressed(self, interaction: Interaction) -> None:
        await ask_again(interaction, await asked_here(interaction, self.key))


class EditQuestionButton(KeyButton, template=rf"{_KEY}:edit"):
    """A form with the question in it."""

    async def pressed(self, interaction: Interaction) -> None:
        asked = await asked_here(interaction, self.key)
        await interaction.client.the(Orders).may(caller_of(interaction), Kind.ASK)
        form = QuestionForm(self.key, locale=interaction.locale)
        await form.fill(interaction, interaction.client.the(Orders), asked)
        await form.open(interaction)


class AskModelMenu(KeyMenu, template=rf"{_KEY}:model"):
    """Other models for a question: the chosen one is asked at once."""

    async def pressed(self, interaction: Interaction) -> None:
        asked = await asked_here(interaction, self.key)
        if not (chosen := self.chosen(interaction)):
            raise NotAllowed("error.gone")
        await ask_again(interaction, asked, model=chosen[0])


class QuestionForm(AgainForm):
    """The words and the model of a question, to be changed and asked once more."""

    template: ClassVar[re.Pattern[str]] = re.compile(rf"{_KEY}:edit")

    def __init__(self, key: int, *, locale: object = DEFAULT_LOCALE) -> None:
        super().__init__(f"ask:{key}:edit", locale=locale)
        self.key = key

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["key"]))

    async def fill(self, interaction: Interaction, orders: Orders, asked: Turn) -> None:
        self.ask_words(asked.prompt or "")
        offered = await orders.offered(place_of(interaction), Kind.ASK)
        model = asked.wanted_model or (offered[0] if offered else "")
        self.ask_model(model, offered, listed=orders.lists(model) is not None)

    async def order(self, interaction: Interaction, words: str, *, model: str | None, size: str | None) -> None:
        del size
        asked = await asked_here(interaction, self.key)
        await ask_again(interaction, asked, prompt=words, model=model)
