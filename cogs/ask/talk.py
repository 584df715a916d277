"""How an answer is gone on from: Reply, Regenerate, Continue, and what is behind ‹ and ›. Each holds a turn's id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from discord import ui
from sqlalchemy import Connection

from bot.cards.caller import caller_of
from bot.cards.row_pressed import LARGEST_ID
from bot.errors import NotAllowed
from bot.generation.ordering.orders import Orders
from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.kinds import Kind
from bot.kit import written
from bot.kit.again import MODEL, model_input
from bot.kit.bot import Interaction
from bot.kit.components import KeyButton, SafeForm, file_input, text_input
from bot.kit.places import is_moderator, place_of
from bot.kit.responses import PASSING
from bot.kit.returning_forms import ReturningForm, files_of
from bot.store.database import Database
from cogs.ask import turn_rows as turns
from cogs.ask.answers import Answers
from cogs.ask.asking import Asking
from cogs.ask.shown_again import show_again

if TYPE_CHECKING:
    from cogs.ask.records import Turn

FILES = "files"
MOST_FILES = 10

_KEY = r"ask:(?P<key>\d{1,20})"


async def turn_here(interaction: Interaction, key: int, *, theirs: bool = False) -> Turn:
    """The turn of the pressed answer. NotAllowed: it is gone, or out of this person's sight; `theirs`: or another's."""
    database = interaction.client.the(Database)
    turn = await database.run(turns.get, key) if key <= LARGEST_ID else None
    if turn is None or not turn.is_before(interaction.user.id, interaction.channel_id):
        raise NotAllowed("error.gone")
    if theirs and turn.person_id != interaction.user.id:
        raise NotAllowed("ask.asker_only")
    return turn


async def shown_in(interaction: Interaction, turn: Turn) -> list[int]:
    """The messages where an answer to the same question as `turn` stands, the pressed one last.

    NotAllowed: no such answer is known to stand there. A forged press may come from any message.
    """
    pressed = interaction.message.id if interaction.message is not None else 0

    def read(connection: Connection) -> list[int] | None:
        shown = turns.of_message(connection, pressed)
        if shown is None or shown.first_id != turn.first_id:
            return None
        return turns.messages_of(connection, shown.id)

    known = await interaction.client.the(Database).run(read)
    if known is None or pressed not in known:
        raise NotAllowed("error.gone")
    return [*(id_ for id_ in known if id_ != pressed), pressed]


class ReplyButton(KeyButton, template=rf"{_KEY}:reply"):
    """A form for what comes next; in a conversation of several, for everybody who sees it."""

    async def pressed(self, interaction: Interaction) -> None:
        turn = await turn_here(interaction, self.key)
        rules = await interaction.client.the(Orders).may(caller_of(interaction), Kind.ASK)
        alone = turn.person_id != interaction.user.id and rules.value("conversations") == "own"
        await ReplyForm(self.key, locale=interaction.locale, alone=alone).open(interaction)


class ReplyForm(ReturningForm):
    """Words and files that answer to an answer. `alone`: the model is told that answer, and nothing before it."""

    template: ClassVar[re.Pattern[str]] = re.compile(rf"{_KEY}:reply")
    name: ClassVar[str] = "prompt"

    def __init__(self, key: int, *, locale: object = DEFAULT_LOCALE, alone: bool = False) -> None:
        language = locale_of(locale)
        super().__init__(title=text(language, "form.reply"), custom_id=f"ask:{key}:reply")
        self.key = key
        help_ = text(language, "form.reply_help_alone" if alone else "form.reply_help")
        words = text_input(self.name, text(language, "form.reply_words"), help_, required=False)
        self.add_item(words)
        label, help_ = text(language, "form.reply_files"), text(language, "form.reply_files_help", most=MOST_FILES)
        self.add_item(file_input(FILES, label, help_, most=MOST_FILES))

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["key"]))

    async def use(self, interaction: Interaction, typed: str) -> None:
        turn = await turn_here(interaction, self.key)
        asking = Asking(prompt=typed, files=files_of(interaction), answers_to=turn.id)
        await interaction.client.the(Answers).ask(interaction, asking, private=turn.private or None)


class BesideButton(KeyButton, template=rf"{_KEY}:beside"):
    """Regenerate: another answer by the same model, or by another where there are some."""

    async def pressed(self, interaction: Interaction) -> None:
        turn = await turn_here(interaction, self.key, theirs=True)
        await shown_in(interaction, turn)
        orders = interaction.client.the(Orders)
        await orders.may(caller_of(interaction), Kind.ASK)
        offered = await orders.offered(place_of(interaction), Kind.ASK)
        form = BesideForm(self.key, locale=interaction.locale)
        chooses = model_input(turn.model, offered, listed=orders.lists(turn.model) is not None, locale=form.language)
        if chooses is None:
            await answer_beside(interaction, turn, model=None)
        else:
            form.add_item(chooses)
            await form.open(interaction)


class BesideForm(SafeForm):
    """The model that is to answer."""

    template: ClassVar[re.Pattern[str]] = re.compile(rf"{_KEY}:beside")

    def __init__(self, key: int, *, locale: object = DEFAULT_LOCALE) -> None:
        self.language = locale_of(locale)
        super().__init__(title=text(self.language, "button.regenerate"), custom_id=f"ask:{key}:beside")
        self.key = key

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["key"]))

    async def submitted(self, interaction: Interaction, values: Mapping[str, str]) -> None:
        turn = await turn_here(interaction, self.key, theirs=True)
        await answer_beside(interaction, turn, model=values.get(MODEL, "").strip() or None)


async def answer_beside(interaction: Interaction, turn: Turn, *, model: str | None) -> None:
    asking = Asking(beside=turn.id, model=model, prompt=await _edited(interaction, turn))
    await interaction.client.the(Answers).ask(interaction, asking, shown=await shown_in(interaction, turn))


async def _edited(interaction: Interaction, turn: Turn) -> str | None:
    """What the message that asked says now, where it was edited and can be read."""
    bot = interaction.client
    first = turn if turn.id == turn.first_id else await bot.the(Database).run(turns.get, turn.first_id)
    if first is None or first.headed:
        return None  # no message asked it
    try:
        message = await bot.get_partial_messageable(turn.channel_id).fetch_message(turn.first_id)
    except PASSING:
        return None
    now = written.without_mention(message.content, bot.application_id or 0)
    return now if message.edited_at is not None and now and now != turn.prompt else None


class GoOnButton(KeyButton, template=rf"{_KEY}:on"):
    """Continue: the answer goes on where it was cut."""

    async def pressed(self, interaction: Interaction) -> None:
        turn = await turn_here(interaction, self.key, theirs=True)
        shown = await shown_in(interaction, turn)
        await interaction.client.the(Answers).ask(interaction, Asking(on=turn.id), shown=shown)


class ShowButton(KeyButton, template=rf"{_KEY}:show:[01]"):
    """‹ and ›: another answer to the same question, in the place of the one that is shown."""

    async def pressed(self, interaction: Interaction) -> None:
        turn = await turn_here(interaction, self.key)
        if turn.person_id != interaction.user.id and not is_moderator(interaction):
            raise NotAllowed("ask.not_yours_to_turn")
        shown = await shown_in(interaction, turn)
        beside = await interaction.client.the(Database).run(turns.answers_beside, turn.first_id)
        await show_again(interaction, turn, beside, shown)


TALK_ITEMS: tuple[type[ui.DynamicItem[Any]], ...] = (ReplyButton, BesideButton, GoOnButton, ShowButton)
TALK_FORMS: tuple[type[SafeForm], ...] = (ReplyForm, BesideForm)
