"""Barring a person for what was typed, by a command or in a form: beside a report, too."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bot.errors import BadValue
from bot.i18n import locale_of, text
from bot.kit.bar_forms import REASON_LIMIT, SPAN, BarForm, began, began_card
from bot.kit.refused_forms import refuse
from bot.kit.responses import tell_with
from bot.kit.written import with_names
from bot.orders import bars
from bot.store import events
from bot.store.database import Database
from bot.text import escape, one_line, shorten

if TYPE_CHECKING:
    import discord

    from bot.kit.bot import Interaction


async def bar(
    interaction: Interaction, person: discord.User | discord.Member, span: str | None, reason: str, again: str
) -> bool:
    """Bar a person who may be barred (`bot.kit.barring`), and say so. False: the length can't be used; it was said why,
    with the button `again` that opens the form with what was typed.
    """
    locale = locale_of(interaction.locale)
    try:
        seconds = bars.parse_span(span)
    except BadValue as refused:
        heading = text(locale, "report.bar_title", person=person.mention)
        await refuse(interaction, refused, again, heading=heading, filled={SPAN: [span or ""], BarForm.name: [reason]})
        return False
    why, now = shorten(one_line(await with_names(interaction, reason)), REASON_LIMIT), time.time()
    until = None if seconds is None else now + seconds
    await interaction.client.the(Database).run(
        events.once(interaction.id, bars.bar),
        guild_id=interaction.guild_id or 0,
        person_id=person.id,
        until=until,
        reason=why,
        by=interaction.user.id,
        now=now,
    )
    said = began(locale, person.mention, None if until is None else f"<t:{int(until)}:f>", escape(why))
    await tell_with(interaction, began_card(locale, person.id, said))
    return True
