"""That members can't report messages where no log channel is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.i18n import locale_of, text
from bot.kit import missed_reports
from bot.settings.topics import TOPIC_NAMES, Topic
from bot.store.database import Database
from cogs.config.changes import LOG

if TYPE_CHECKING:
    from bot.kit.bot import Interaction
    from cogs.config.changes import Look


async def no_reports(interaction: Interaction, look: Look) -> str:
    """With the page where that is mended, and when somebody last tried; empty where members can report."""
    guild_id, locale = look.place.guild_id, locale_of(interaction.locale)
    if guild_id is None or look.rules.value(LOG):
        return ""
    said = text(locale, "config.no_reports", page=text(locale, TOPIC_NAMES[Topic.RECORD]))
    tried = await interaction.client.the(Database).run(missed_reports.last, guild_id)
    if tried is not None:
        said = text(locale, "config.report_missed", said=said, when=f"<t:{tried}:R>")
    return f"-# {said}"
