"""/config bar, unbar and bars: people who may order nothing in this server, each noted in the history."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

import discord
from discord import app_commands

from bot.errors import BadValue
from bot.i18n import locale_of, text
from bot.kit.barring import check_bars, check_may_bar
from bot.kit.bot import Interaction
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised
from bot.kit.short_cards import note
from bot.orders import bars
from bot.orders.bars import REASON_LIMIT, Bar, BarValue, parse_span
from bot.store import events
from bot.store.database import Database
from bot.text import escape, one_line, shorten
from cogs.config import cards

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.settings.changes import Changed

SHOWN_LIMIT = 100
"""Of a reason in a list, in characters before escaping."""
MOST_SHOWN = 20
"""People in the list: with their reasons they stay within a message's 4,000 characters."""


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
        line = await bar(interaction, person, span, reason)
        locale = locale_of(interaction.locale)
        said = f"{sentence(locale, line, REASON_LIMIT)}\n-# {text(locale, 'bar.how_to_end')}"
        await cards.respond(interaction, note(said))

    @app_commands.command(name="unbar", description=localised("command.config.unbar"))
    @app_commands.describe(person=localised("command.config.unbarred"))
    async def unbar_person(self, interaction: Interaction, person: discord.User) -> None:
        line = await unbar(interaction, person)
        await cards.respond(interaction, note(sentence(locale_of(interaction.locale), line)))

    @app_commands.command(name="bars", description=localised("command.config.bars"))
    async def show_bars(self, interaction: Interaction) -> None:
        guild = check_bars(interaction)
        found = await interaction.client.the(Database).run(bars.all_of, guild.id, time.time(), limit=MOST_SHOWN + 1)
        await cards.respond(interaction, note(listing(locale_of(interaction.locale), found)))


async def bar(
    interaction: Interaction, person: discord.User | discord.Member, span: str | None, reason: str | None
) -> Changed:
    """Bar a person for what was typed (None: for good). A `Refusal` says why not."""
    check_may_bar(interaction, person)
    seconds, why, now = parse_span(span), one_line(reason or ""), time.time()
    if len(why) > REASON_LIMIT:
        raise BadValue("config.bad_text", most=REASON_LIMIT, length=len(why))
    guild_id, by, until = interaction.guild_id or 0, interaction.user.id, None if seconds is None else now + seconds

    def change(connection: Connection) -> Changed:
        return bars.bar(connection, guild_id=guild_id, person_id=person.id, until=until, reason=why, by=by, now=now)

    return await interaction.client.the(Database).run(events.once(interaction.id, change))


async def unbar(interaction: Interaction, person: discord.User | discord.Member) -> Changed:
    """Let a person in again. A `Refusal`: they are not barred."""
    guild, by, now = check_bars(interaction), interaction.user.id, time.time()

    def change(connection: Connection) -> Changed | None:
        return bars.unbar(connection, guild_id=guild.id, person_id=person.id, by=by, now=now)

    line = await interaction.client.the(Database).run(events.once(interaction.id, change))
    if line is None:
        raise BadValue("bar.is_not", person=f"<@{person.id}>")
    return line


def listing(locale: str, found: list[Bar]) -> str:
    """Who is barred, until when, and why."""
    if not found:
        return text(locale, "bar.nobody")
    lines = [f"### {text(locale, 'bar.title')}"]
    for one in found[:MOST_SHOWN]:
        until = text(locale, "bar.no_end") if one.until is None else _until(locale, one.until)
        why = f" · {escape(shorten(one.reason, SHOWN_LIMIT))}" if one.reason else ""
        lines.append(f"<@{one.person_id}> · {until}{why}")
    if len(found) > MOST_SHOWN:
        lines.append(f"-# {text(locale, 'bar.more', count=MOST_SHOWN)}")
    return "\n".join(lines)


def _until(locale: str, seconds: float) -> str:
    return text(locale, "bar.until_when", until=f"<t:{int(seconds)}:f>")


def sentence(locale: str, line: Changed, limit: int = SHOWN_LIMIT) -> str:
    """“Barred @carol until tomorrow: a reason”, “Let @carol in again”; what was forgotten is left out."""
    return _sentence(locale, line, limit, plain=False)


def plainly(locale: str, line: Changed) -> str:
    """The same where Discord shows letters only."""
    return _sentence(locale, line, SHOWN_LIMIT, plain=True)


def _sentence(locale: str, line: Changed, limit: int, *, plain: bool) -> str:
    became = cast("BarValue | None", line.after)
    about = became or cast("BarValue", line.before)
    name = about.get("person")
    who = text(locale, "bar.forgotten") if name is None else name if plain else f"<@{name}>"
    if became is None:
        return text(locale, "bar.ended", person=who)
    if became["until"] is None:
        said = text(locale, "bar.began", person=who)
    else:
        said = text(locale, "bar.began_until", person=who, until=_moment(became["until"], plain=plain))
    why = shorten(became.get("reason", ""), limit)
    return text(locale, "bar.because", said=said, reason=why if plain else escape(why)) if why else said


def _moment(seconds: float, *, plain: bool) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds)) if plain else f"<t:{int(seconds)}:f>"
