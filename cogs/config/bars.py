"""/config bar, unbar and bars: people who may order nothing in this server, each noted in the history; their list,
with a button beside each that lets them in again.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, cast

import discord
from discord import app_commands, ui

from bot.cards.barring import bar
from bot.errors import BadValue
from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.kit import bar_forms
from bot.kit.bar_forms import REASON_LIMIT, SPAN, began
from bot.kit.barring import check_bars, check_may_bar, whom_to_bar
from bot.kit.bot import Interaction
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised
from bot.kit.components import Card, KeyButton, SafeButton, button, row, section
from bot.kit.pages import PageButton
from bot.kit.refused_forms import refill
from bot.kit.responses import replace_message
from bot.kit.short_cards import note
from bot.orders import bars
from bot.orders.bars import Bar, BarValue
from bot.settings import Scope
from bot.settings.topics import Topic
from bot.settings.values import LARGEST_ID
from bot.store import events
from bot.store.database import Database
from bot.text import escape, shorten
from cogs.config import cards
from cogs.config.spots import Spot

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.settings.changes import Changed

SHOWN_LIMIT = 100
"""Of a reason in a list, in characters before escaping."""
PAGE = 10
"""People on a page: with its button each is three of a message's 40 parts (Discord)."""
LIST: Final = "bars:page"


class BarCommands(FeatureCog):
    """The commands, for the group."""

    @app_commands.command(name="bar", description=localised("command.config.bar"))
    @app_commands.rename(span="for")
    @app_commands.describe(
        person=localised("command.config.barred"),
        span=localised("command.config.bar_for"),
        reason=localised("command.config.bar_reason"),
    )
    async def bar_person(
        self,
        interaction: Interaction,
        person: discord.User,
        span: app_commands.Range[str, 1, 30] | None = None,
        reason: app_commands.Range[str, 1, REASON_LIMIT] | None = None,
    ) -> None:
        check_may_bar(interaction, person)
        await bar(interaction, person, span, reason or "", f"bars:again:{person.id}")

    @app_commands.command(name="unbar", description=localised("command.config.unbar"))
    @app_commands.describe(person=localised("command.config.unbarred"))
    async def unbar_person(self, interaction: Interaction, person: discord.User) -> None:
        line = await unbar(interaction, person.id)
        if line is None:
            raise BadValue("bar.is_not", person=person.mention)
        await cards.respond(interaction, note(sentence(locale_of(interaction.locale), line)))

    @app_commands.command(name="bars", description=localised("command.config.bars"))
    async def show_bars(self, interaction: Interaction) -> None:
        await cards.respond(interaction, await bars_card(interaction))


async def unbar(interaction: Interaction, person_id: int) -> Changed | None:
    """Let a person in again. None: they are not barred. NotAllowed: not theirs to let in."""
    guild, by, now = check_bars(interaction), interaction.user.id, time.time()

    def change(connection: Connection) -> Changed | None:
        return bars.unbar(connection, guild_id=guild.id, person_id=person_id, by=by, now=now)

    return await interaction.client.the(Database).run(events.once(interaction.id, change))


async def bars_card(interaction: Interaction, first: int = 0, *, said: str = "") -> Card:
    """Who is barred, until when and why, some at a time. `said`: what was just done. NotAllowed: not theirs to see."""
    guild, locale = check_bars(interaction), locale_of(interaction.locale)
    database, now = interaction.client.the(Database), time.time()
    found = await database.run(bars.all_of, guild.id, now, first=first, limit=PAGE + 1)
    if first and not found:  # the last of a page was let in
        return await bars_card(interaction, max(0, first - PAGE), said=said)
    title = f"### {text(locale, 'bar.title')}" if found else text(locale, "bar.nobody")
    items: list[ui.Item[Any]] = [ui.TextDisplay("\n".join(filter(None, (title, said))))]
    label = text(locale, "button.unbar")
    items += [section(_line(locale, one), button(label, f"bars:unbar:{one.person_id}:{first}")) for one in found[:PAGE]]
    turns = [*([0] if first else []), *([first + PAGE] if len(found) > PAGE else [])]
    settings = button(text(locale, "button.all_settings"), Spot(Scope.SERVER, guild.id, Topic.WHO).custom_id("page"))
    return Card(*items, row(*(BarsButton(one, locale) for one in turns), settings))


def _line(locale: str, one: Bar) -> str:
    until = "bar.no_end" if one.until is None else "bar.until_when"
    why = f" · {escape(shorten(one.reason, SHOWN_LIMIT))}" if one.reason else ""
    return f"<@{one.person_id}> · {text(locale, until, until=f'<t:{int(one.until or 0)}:f>')}{why}"


class BarsButton(PageButton, template=r"bars:page:(?P<first>\d{1,6})"):
    """Some of those who are barred; from the panel the first of them."""

    def __init__(self, first: int, locale: str = DEFAULT_LOCALE) -> None:
        super().__init__(first, LIST, locale)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["first"]))

    async def page(self, interaction: Interaction) -> Card:
        return await bars_card(interaction, self.before_id or 0)


class UnbarButton(SafeButton, template=r"bars:unbar:(?P<person>\d{1,20})(?::(?P<first>\d{1,6}))?"):
    """Lets a person in again. `first`: of the list it stands in; None: under what was said when they were barred."""

    def __init__(self, person_id: int, first: int | None) -> None:
        super().__init__(button("–", f"bars:unbar:{person_id}" + ("" if first is None else f":{first}")))
        self.person_id, self.first = person_id, first

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        first = match["first"]
        return cls(min(int(match["person"]), LARGEST_ID), None if first is None else int(first))

    async def pressed(self, interaction: Interaction) -> None:
        line, locale = await unbar(interaction, self.person_id), locale_of(interaction.locale)
        said = text(locale, "bar.is_not", person=f"<@{self.person_id}>") if line is None else sentence(locale, line)
        if self.first is None:
            await replace_message(interaction, note(said))
        else:
            await replace_message(interaction, await bars_card(interaction, self.first, said=said))


class BarAgainButton(KeyButton, template=r"bars:again:(?P<key>\d{1,19})"):
    """Opens the form with what a command could not use."""

    async def pressed(self, interaction: Interaction) -> None:
        person = await whom_to_bar(interaction, self.key)
        form = BarForm(f"bars:form:{self.key}", locale=locale_of(interaction.locale), about=person)
        refill(interaction, form, self.custom_id)
        await form.open(interaction)


class BarForm(bar_forms.BarForm):
    template: ClassVar[re.Pattern[str]] = re.compile(r"bars:form:(?P<person>\d{1,19})")

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match.string)

    async def use(self, interaction: Interaction, typed: str) -> None:
        person = await whom_to_bar(interaction, int(self.custom_id.rpartition(":")[2]))
        await bar(interaction, person, self.values.get(SPAN), typed, f"bars:again:{person.id}")


BAR_ITEMS = (BarsButton, UnbarButton, BarAgainButton)


def sentence(locale: str, line: Changed) -> str:
    """“Barred @carol until tomorrow: a reason”, “Let @carol in again”; what was forgotten is left out."""
    return _sentence(locale, line, plain=False)


def plainly(locale: str, line: Changed) -> str:
    """The same where Discord shows letters only."""
    return _sentence(locale, line, plain=True)


def _sentence(locale: str, line: Changed, *, plain: bool) -> str:
    became = cast("BarValue | None", line.after)
    about = became or cast("BarValue", line.before)
    name = about.get("person")
    who = text(locale, "bar.forgotten") if name is None else name if plain else f"<@{name}>"
    if became is None:
        return text(locale, "bar.ended", person=who)
    until = None if became["until"] is None else _moment(became["until"], plain=plain)
    why = shorten(became.get("reason", ""), SHOWN_LIMIT)
    return began(locale, who, until, why if plain else escape(why))


def _moment(seconds: float, *, plain: bool) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds)) if plain else f"<t:{int(seconds)}:f>"
