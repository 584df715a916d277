"""Ask about this: a message's menu, its form, and what is made of it. Catch me up: what was said since a message."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

import discord
from babel import Locale, UnknownLocaleError
from discord import app_commands, ui
from sqlalchemy import Connection

from bot.cards.behind import order_behind
from bot.cards.caller import caller_of
from bot.cards.confirm import submit
from bot.cards.deliverer import CardDeliverer
from bot.errors import BadValue, NotAllowed
from bot.generation.ordering.orders import Orders
from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.kinds import Kind
from bot.kit import written
from bot.kit.bot import Bot, Interaction
from bot.kit.cog import features
from bot.kit.commands import localised
from bot.kit.components import INPUT_LIMIT, text_input
from bot.kit.places import is_direct
from bot.kit.responses import PASSING
from bot.kit.text_modals import WrittenForm
from bot.recent import Recent
from bot.store.database import Database
from bot.text import is_blank
from cogs.ask import said
from cogs.ask.answers import Answers
from cogs.ask.asking import Asking
from cogs.ask.records import Quote

if TYPE_CHECKING:
    from bot.generation.rows.records import Generation
    from bot.orders.callers import Caller

MOST_CHOSEN: Final = 1000
CHOSEN_SECONDS: Final = 3600.0
_IMAGE: Final = "image"
_WAYS: Final[Mapping[str, tuple[str, str | None]]] = {
    "explain": ("about.explain", "about.explain_prompt"),
    "translate": ("about.translate", "about.translate_prompt"),
    "summarise": ("about.summarise", "about.summarise_prompt"),
    _IMAGE: ("about.image", None),
}
"""What each is called, and what the model is asked."""
MOST_READ: Final = 200
"""Messages that are told of when somebody is caught up: the newest."""
MOST_TOLD: Final = 24_000
"""Characters of them."""


class Chosen(Recent[tuple[int, int], discord.Message]):
    """Messages whose form is open, by person: later Discord hides what others wrote from a bot. After a restart the
    message is asked for, which helps where it can be read.
    """

    def __init__(self) -> None:
        super().__init__(MOST_CHOSEN, seconds=CHOSEN_SECONDS)


@app_commands.context_menu(name=localised("command.ask_about"))
async def ask_about(interaction: Interaction, message: discord.Message) -> None:
    if not said.is_readable(message):
        raise NotAllowed("about.nothing")
    await _refuse_in_vain(interaction)
    interaction.client.the(Chosen).put((interaction.user.id, message.id), message)
    channel_id = interaction.channel_id or message.channel.id
    await AboutForm(channel_id, message.id, locale=interaction.locale).open(interaction)


async def _refuse_in_vain(interaction: Interaction) -> None:
    """NotAllowed: nothing that the form offers is theirs to use here."""
    orders, caller = interaction.client.the(Orders), caller_of(interaction)
    await orders.refuse_barred(caller)
    rules = await orders.rules(caller.place)
    if not caller.may(rules, Kind.IMAGE):
        caller.check_command(rules, Kind.ASK)


@app_commands.context_menu(name=localised("command.catch_up"))
async def catch_up(interaction: Interaction, message: discord.Message) -> None:
    """What was said from this message on, for whoever may read it: who asks, and the bot."""
    theirs, its = interaction.permissions, interaction.app_permissions
    reads = theirs.read_message_history and its.read_message_history and its.view_channel
    # Discord reckons neither for direct messages.
    if not (is_direct(interaction) or (interaction.guild_id is not None and reads)):
        raise NotAllowed("about.no_history")
    channel = interaction.client.get_partial_messageable(interaction.channel_id or message.channel.id)
    found = [one async for one in channel.history(limit=MOST_READ, after=discord.Object(message.id - 1))]
    quotes = caught([one for one in found if one.type in written.WRITTEN])
    if not quotes:
        raise NotAllowed("about.nothing")
    prompt = text(locale_of(interaction.locale), "about.catch_up_prompt", language=language_of(interaction.locale))
    await interaction.client.the(Answers).ask(interaction, Asking(prompt=prompt, quotes=quotes), private=True)


def caught(messages: Sequence[discord.Message]) -> list[Quote]:
    """Who said what, one after the other, as much of the end as is told; who goes on is told once."""
    quotes: list[Quote] = []
    left = MOST_TOLD
    for message in reversed(messages):
        one = next(iter(said.quotes(message)), None)
        if one is None:
            continue
        left -= len(one.text)
        if left < 0:
            break
        if quotes and (quotes[-1].person_id, quotes[-1].name) == (one.person_id, one.name):
            one = Quote(f"{one.text}\n{quotes.pop().text}", one.name, one.person_id)
        quotes.append(one)
    return quotes[::-1]


class AboutForm(WrittenForm):
    """What is to be done with a message, in one choice or one's own words."""

    template: ClassVar[re.Pattern[str]] = re.compile(r"ask:about:(?P<channel>\d{1,20}):(?P<message>\d{1,20})")
    name: ClassVar[str] = "words"

    def __init__(self, channel_id: int, message_id: int, *, locale: object = DEFAULT_LOCALE) -> None:
        language = locale_of(locale)
        super().__init__(title=text(language, "about.form"), custom_id=f"ask:about:{channel_id}:{message_id}")
        self.channel_id = channel_id
        self.message_id = message_id
        ways: ui.RadioGroup[Any] = ui.RadioGroup(custom_id="way", required=False)
        for way, (label, _) in _WAYS.items():
            ways.add_option(label=text(language, label), value=way, default=way == "explain")
        self.add_item(ui.Label(text=text(language, "about.way"), component=ways))
        words = text_input(self.name, text(language, "about.words"), text(language, "about.words_help"), required=False)
        self.add_item(words)
        public: ui.Checkbox[Any] = ui.Checkbox(custom_id="public")
        help_ = text(language, "about.public_help")
        self.add_item(ui.Label(text=text(language, "about.public"), description=help_, component=public))

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["channel"]), int(match["message"]))

    async def use(self, interaction: Interaction, typed: str) -> None:
        message = await self._message(interaction)
        way, private = self.values.get("way", ""), None if self.values.get("public") == "true" else True
        if way == _IMAGE:
            await _draw(interaction, message, typed.strip())
            return
        _, key = _WAYS.get(way, ("", None))
        prompt = typed
        if is_blank(typed):
            if key is None:
                raise BadValue("form.no_words")
            prompt = text(locale_of(interaction.locale), key, language=language_of(interaction.locale))
        asking = Asking(prompt=prompt, quotes=said.quotes(message), files=said.files(message), about_id=message.id)
        await interaction.client.the(Answers).ask(interaction, asking, private=private)

    async def _message(self, interaction: Interaction) -> discord.Message:
        known = interaction.client.the(Chosen).get((interaction.user.id, self.message_id))
        # What a form names may be forged: only where it was sent from.
        if known is not None and known.channel.id == interaction.channel_id:
            return known
        if self.channel_id == interaction.channel_id:
            channel = interaction.client.get_partial_messageable(self.channel_id)
            try:
                message = await channel.fetch_message(self.message_id)
            except PASSING:
                pass
            else:
                if said.is_readable(message):
                    return message
        raise NotAllowed("about.forgotten")


async def _draw(interaction: Interaction, message: discord.Message, typed: str) -> None:
    """An image of one's own words, of the prompt of a card, or of a message's words."""
    the = interaction.client.the
    channel_id = interaction.channel_id or message.channel.id
    behind = await the(Database).run(_prompt_behind, interaction.client, channel_id, message.id)
    prompt = (typed or behind or said.words(message))[:INPUT_LIMIT]
    if is_blank(prompt):
        raise BadValue("form.no_words")

    def order(caller: Caller) -> Awaitable[Generation]:
        return the(Orders).image(caller, prompt=prompt, count=1, size=None, model=None)

    await submit(interaction, order, the(CardDeliverer).post)


def _prompt_behind(connection: Connection, bot: Bot, channel_id: int, message_id: int) -> str | None:
    """The prompt of a card, or the words that a feature has for its own message. None: it is another message."""
    row = order_behind(connection, bot, channel_id=channel_id, message_id=message_id)
    if row is not None:
        return row.prompt
    found = (feature.words_of(connection, message_id) for feature in features(bot))
    return next((each for each in found if each is not None), None)


def language_of(locale: object) -> str:
    """What a language is called in the catalogue's own, by Discord's name for it."""
    code = str(getattr(locale, "value", locale))
    special: Mapping[str, str] = {"zh-CN": "zh_Hans", "zh-TW": "zh_Hant", "en-US": "en", "en-GB": "en"}
    try:
        spoken = Locale.parse(special.get(code, code.replace("-", "_")))
        name = spoken.get_display_name(locale_of(locale).partition("_")[0]) or code
    except (UnknownLocaleError, ValueError):
        return code
    return re.sub(r" ?\(([^)]*)\)", r"（\1）", name) if locale_of(locale).startswith("zh") else name
