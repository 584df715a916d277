"""What moderators read of a reported message."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import ui

from bot.generation.ordering.orders import Orders
from bot.i18n import locale_of, text
from bot.kit.components import Card, button, row
from bot.kit.links import message_link
from bot.kit.message_parts import texts_in
from bot.kit.places import place_at
from bot.orders import bars
from bot.store.database import Database
from bot.text import title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.kit.bot import Bot
    from bot.orders.bars import Bar
    from cogs.remove.report_rows import Line


_QUOTE: Final = "> "
_REASON: Final = "↳ "
REASONS_SHOWN: Final = 5


async def line_locale(bot: Bot, guild: discord.Guild, log_channel_id: int) -> str:
    """The language of whoever reads the log channel: its own, or the server's."""
    channel = guild.get_channel_or_thread(log_channel_id)
    rules = await bot.the(Orders).rules(place_at(channel, log_channel_id, guild.id))
    return rules.value("language") or locale_of(guild.preferred_locale)


def reason_line(person_id: int, reason: str) -> str:
    """Nothing, where none was given."""
    said = title(reason, 300)
    return f"{_REASON}<@{person_id}>: {said}" if said else ""


def reasons_in(message: discord.Message) -> list[str]:
    """The reasons that stand in a line of a log channel."""
    return [one for one in _lines(message) if one.startswith(_REASON)]


def quote_in(message: discord.Message) -> str | None:
    """The quote that stands in one. None: there is none."""
    return next((one.removeprefix(_QUOTE) for one in _lines(message) if one.startswith(_QUOTE)), None)


def _lines(message: discord.Message) -> list[str]:
    return "\n".join(texts_in(message.components)).splitlines()


async def bar_of(bot: Bot, line: Line) -> Bar | None:
    """How the person that a reported message is for is blocked now. None: they are not."""
    if line.asked_by is None:
        return None
    return await bot.the(Database).run(bars.barred, line.guild_id, line.asked_by, time.time())


async def card_again(bot: Bot, guild: discord.Guild, line: Line, shown: discord.Message) -> Card:
    """The line as it is now, with the quote and the reasons that stand in it."""
    locale = await line_locale(bot, guild, line.log_channel_id)
    return line_card(line, locale, quote_in(shown), reasons_in(shown), await bar_of(bot, line))


def line_card(line: Line, locale: str, quote: str | None, reasons: Sequence[str], bar: Bar | None) -> Card:
    """`quote`: what the message is about, made safe; None: others than those who may know read the channel too."""
    removed, closed = line.removed_at is not None, line.closed_at is not None
    link = message_link(line.guild_id, line.channel_id, line.message_id)
    facts = [f"<#{line.channel_id}>"]
    if line.asked_by is not None:
        facts.insert(0, text(locale, "report.made_for", who=f"<@{line.asked_by}>"))
    if not removed:
        facts.append(f"[{text(locale, 'jobs.message')}]({link})")
    others = line.count - 1
    key = "report.line_more" if others else "report.line"
    said = [f"**{text(locale, key, who=_who(locale, line.reported_by), count=others)}**"]
    if removed:
        said.append(text(locale, "report.removed_by", who=_who(locale, line.removed_by)))
    if closed:
        said.append(text(locale, "report.closed_by", who=_who(locale, line.closed_by)))
    if bar is not None:
        key = "report.barred" if bar.until is None else "report.barred_until"
        who, until = _who(locale, bar.barred_by), f"<t:{int(bar.until or 0)}:f>"
        said.append(text(locale, key, who=who, person=f"<@{bar.person_id}>", until=until))
    shown = text(locale, "card.prompt_unseen") if quote == "" else quote
    said.append(text(locale, "log.hidden") if shown is None else f"{_QUOTE}{shown}")
    said += reasons[-REASONS_SHOWN:]
    said.append(f"-# {' · '.join(facts)}")
    display: ui.TextDisplay[ui.LayoutView] = ui.TextDisplay("\n".join(said))
    name = f"report:{line.message_id}"
    buttons: list[ui.Item[Any]] = []
    if not (removed or closed):
        buttons.append(button(text(locale, "command.remove"), f"{name}:remove", style=discord.ButtonStyle.danger))
    if bar is None and not closed and line.asked_by is not None and line.asked_by != line.reported_by:
        buttons.append(button(text(locale, "report.bar"), f"{name}:bar"))
    if not (removed or closed):
        buttons.append(button(text(locale, "report.close"), f"{name}:close"))
    return Card(display, *([row(*buttons)] if buttons else []))


def _who(locale: str, person_id: int | None) -> str:
    return text(locale, "config.somebody") if person_id is None else f"<@{person_id}>"
