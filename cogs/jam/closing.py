"""What is asked about first: ending a jam for everybody, and taking it over from a host who is away."""

from __future__ import annotations

from typing import Any

from discord import ui

from bot.cards.caller import caller_of
from bot.i18n import locale_of, text
from bot.kit.bot import Interaction
from bot.kit.components import Card, KeyButton, row
from bot.kit.responses import answer, replace_message
from bot.kit.short_cards import note
from cogs.jam.custom_ids import jam_button, round_price
from cogs.jam.pressed import facts_here, jam_here, may_lead
from cogs.jam.service import Jams

_JAM = r"jam:(?P<key>\d{1,80})"


class CloseButton(KeyButton, template=rf"{_JAM}:close"):
    """Asks whether the jam is to end."""

    async def pressed(self, interaction: Interaction) -> None:
        jam = await may_lead(interaction, self.key, moderators=True, away=False)
        locale = locale_of(interaction.locale)
        later = jam.state in {"merging", "making", "voting"}
        said = ui.TextDisplay[Any](text(locale, "jam.close_later" if later else "jam.close_now"))
        await answer(interaction, Card(said, row(jam_button(jam.id, "end", locale))), ephemeral=True)


class EndButton(KeyButton, template=rf"{_JAM}:end"):
    """The jam ends: at once, or with the round that is under way."""

    async def pressed(self, interaction: Interaction) -> None:
        jam = await jam_here(interaction, self.key)
        ended = await interaction.client.the(Jams).close(caller_of(interaction), jam.id)
        key = "jam.closes_later" if ended.closing else "jam.closed"
        await replace_message(interaction, note(text(locale_of(interaction.locale), key)))


class TakeOverButton(KeyButton, template=rf"{_JAM}:takeover"):
    """Asks whether one means to lead the jam, and to pay for it."""

    async def pressed(self, interaction: Interaction) -> None:
        jam = await may_lead(interaction, self.key)
        facts = await facts_here(interaction, self.key)
        locale = locale_of(interaction.locale)
        price = round_price(facts)
        key = "jam.take_over" if not price else "jam.take_over_pool" if facts.pool_pays else "jam.take_over_pays"
        said = ui.TextDisplay[Any](text(locale, key, price=price))
        await answer(interaction, Card(said, row(jam_button(jam.id, "lead", locale))), ephemeral=True)


class LeadButton(KeyButton, template=rf"{_JAM}:lead"):
    """They lead the jam from now on."""

    async def pressed(self, interaction: Interaction) -> None:
        jam = await jam_here(interaction, self.key)
        await interaction.client.the(Jams).take_over(caller_of(interaction), jam.id)
        await replace_message(interaction, note(text(locale_of(interaction.locale), "jam.leads_now")))


CLOSING_BUTTONS = (CloseButton, EndButton, TakeOverButton, LeadButton)
