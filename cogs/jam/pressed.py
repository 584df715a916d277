"""The jam behind a pressed button or a sent form."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bot.cards.caller import caller_of
from bot.cards.row_pressed import LARGEST_ID
from bot.environment import Environment
from bot.errors import NotAllowed
from bot.generation.ordering.orders import Orders
from bot.i18n import locale_of, text
from bot.kit.responses import acknowledge, tell
from bot.store.database import Database
from cogs.jam import rights
from cogs.jam import rows as jams
from cogs.jam.facts import JamFacts, place_of, read_facts
from cogs.jam.service import Jams
from cogs.jam.thread.host import JamHost

if TYPE_CHECKING:
    from bot.kit.bot import Interaction
    from cogs.jam.records import Jam


async def jam_here(interaction: Interaction, jam_id: int) -> Jam:
    """The jam of an id that came in a custom_id, which anybody can forge. NotAllowed: none, or it is elsewhere."""
    jam = None
    if jam_id <= LARGEST_ID:
        jam = await interaction.client.the(Database).run(jams.get, jam_id)
    if jam is None or interaction.channel_id not in {jam.thread_id, jam.channel_id}:
        raise NotAllowed("error.gone")
    return jam


async def facts_here(interaction: Interaction, jam_id: int) -> JamFacts:
    """All that the card of its round shows. NotAllowed as above."""
    jam = await jam_here(interaction, jam_id)
    the = interaction.client.the
    facts = await the(Database).run(read_facts, jam.id, the(Environment))
    if facts is None:
        raise NotAllowed("error.gone")
    return facts


async def may_lead(interaction: Interaction, jam_id: int, *, moderators: bool = False, away: bool = True) -> Jam:
    """As `jam_here`, for who leads the jam: its host (with `moderators`, those who moderate here, too), and while that
    one is away anybody who is in it. NotAllowed: somebody else does.

    `away` False: who is to take over first. That a host left the server is found out here.
    """
    jam = await jam_here(interaction, jam_id)
    caller, now = caller_of(interaction), time.time()
    the = interaction.client.the
    if await the(Database).run(rights.is_host, caller, jam):
        return jam
    moderators = moderators or rights.pool_pays(jam, await the(Orders).rules(place_of(jam)))
    if caller.moderates and moderators:
        return jam
    if not rights.is_away(jam, now=now):
        if not await the(JamHost).is_gone(jam) or not await the(Jams).host_left(jam):
            raise rights.not_host("jam.leads_only" if moderators else "jam.starter_only", jam, now=now)
        return jam
    if not away and caller.person_id != jam.host_id:
        raise NotAllowed("jam.take_over_first")
    await the(Database).run(rights.check_in, caller, jam)
    return jam


def welcome(interaction: Interaction, jam: Jam) -> None:
    """Who joined has the thread among theirs."""
    if jam.thread_id is not None:
        interaction.client.the(JamHost).add_to_thread(jam.thread_id, interaction.user.id)


async def give_idea(interaction: Interaction, jam: Jam, said: str) -> None:
    """An idea of who typed it, who is in the jam with it; where they don't see its card, they are told where it is."""
    given = await interaction.client.the(Jams).add_idea(caller_of(interaction, private=False), jam.id, said)
    if given.joined:
        welcome(interaction, jam)
    if interaction.channel_id != jam.thread_id or interaction.message is None:
        thread = f"<#{jam.thread_id}>"
        await tell(interaction, text(locale_of(interaction.locale), "jam.idea_given", thread=thread))


async def acknowledged(interaction: Interaction) -> None:
    """Answer a press of a card, or a form that it opened, at once; the card is then edited through it."""
    await acknowledge(interaction)
    interaction.client.the(JamHost).pressed(interaction)
