"""A moderator's private list of a round's ideas, of which one may be removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.cards.caller import caller_of
from bot.errors import NotAllowed
from bot.i18n import locale_of, text
from bot.kit.bot import Interaction
from bot.kit.components import Card, KeyMenu, row
from bot.kit.responses import replace_message
from bot.kit.short_cards import note
from bot.text import one_line, shorten
from cogs.jam.custom_ids import jam_button
from cogs.jam.pressed import jam_here
from cogs.jam.service import Jams

if TYPE_CHECKING:
    from cogs.jam.facts import JamFacts

OPTIONS = 25
"""Of a menu (Discord)."""
LABEL = 100


def ideas_card(facts: JamFacts, locale: str, *, own: bool) -> Card:
    """The menus of the shown round's ideas. `own`: who asks has some of their own, which they may change."""
    items: list[ui.Item[Any]] = [ui.TextDisplay(text(locale, "jam.remove_or_change" if own else "jam.remove_idea"))]
    for page, begin in enumerate(range(0, len(facts.ideas), OPTIONS)):
        options = [
            discord.SelectOption(label=shorten(one_line(idea.said), LABEL) or "–", value=str(idea.id))
            for idea in facts.ideas[begin : begin + OPTIONS]
        ]
        menu: ui.Select[Any] = ui.Select(
            custom_id=f"jam:{facts.jam.id}:remove:{page}",
            placeholder=text(locale, "jam.choose_idea"),
            options=options,
        )
        items.append(row(menu))
    if own:
        items.append(row(jam_button(facts.jam.id, "own", locale)))
    return Card(*items)


class RemoveIdeaMenu(KeyMenu, template=r"jam:(?P<key>\d{1,80}):remove:\d"):
    """Removes the idea that is chosen."""

    async def pressed(self, interaction: Interaction) -> None:
        jam = await jam_here(interaction, self.key)
        chosen = self.chosen(interaction)
        if len(chosen) != 1 or not chosen[0].isascii() or not chosen[0].isdigit() or len(chosen[0]) > 18:
            raise NotAllowed("error.gone")
        await interaction.client.the(Jams).remove_idea(caller_of(interaction), jam.id, int(chosen[0]))
        await replace_message(interaction, note(text(locale_of(interaction.locale), "jam.idea_removed")))
