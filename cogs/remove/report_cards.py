"""What moderators read of a reported message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.i18n import text
from bot.kit.components import Card, button, row
from bot.kit.links import message_link

if TYPE_CHECKING:
    from cogs.remove.report_rows import Line


def line_card(line: Line, locale: str, quote: str | None) -> Card:
    """`quote`: what the message is about, made safe; None: others than those who may know read the channel too."""
    removed = line.removed_at is not None
    link = message_link(line.guild_id, line.channel_id, line.message_id)
    facts = [f"<#{line.channel_id}>"]
    if line.asked_by is not None:
        facts.insert(0, text(locale, "report.made_for", who=f"<@{line.asked_by}>"))
    if not removed:
        facts.append(f"[{text(locale, 'jobs.message')}]({link})")
    who = text(locale, "config.somebody") if line.reported_by is None else f"<@{line.reported_by}>"
    others = line.count - 1
    key = "report.line_more" if others else "report.line"
    said = [f"**{text(locale, key, who=who, count=others)}**"]
    if removed:
        by = text(locale, "config.somebody") if line.removed_by is None else f"<@{line.removed_by}>"
        said.append(text(locale, "report.removed_by", who=by))
    else:
        said.append(text(locale, "log.hidden") if quote is None else f"> {quote}")
    said.append(f"-# {' · '.join(facts)}")
    display: ui.TextDisplay[ui.LayoutView] = ui.TextDisplay("\n".join(said))
    name = f"report:{line.message_id}"
    buttons: list[ui.Item[Any]] = []
    if not removed:
        buttons.append(button(text(locale, "command.remove"), f"{name}:remove", style=discord.ButtonStyle.danger))
    if line.asked_by is not None:
        buttons.append(button(text(locale, "report.bar"), f"{name}:bar"))
    return Card(display, *([row(*buttons)] if buttons else []))
