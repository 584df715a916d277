"""A jam's word in the channel, and how it is kept up to date: how many people and ideas it has, and whether they vote.

Not as closely as its card: others write in the channel, too, and what is edited there has one limit for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from discord import ui

from bot.i18n import text
from bot.kit.components import Card, row
from bot.kit.edits import Handle
from bot.recent import Recent
from bot.text import title
from cogs.jam.cards import name
from cogs.jam.custom_ids import jam_button
from cogs.jam.facts import JamFacts, read_facts
from cogs.jam.naming import mention
from cogs.jam.places import begun_in_thread, word_channel

if TYPE_CHECKING:
    from bot.environment import Environment
    from bot.kit.coalesced_edits import CoalescedEdits
    from bot.store.database import Database
    from cogs.jam.records import Jam

BETWEEN_SECONDS: Final = 10.0
_MOST: Final = 1000


def so_far(facts: JamFacts) -> str:
    """How far a jam is, for those who are not in its thread."""
    jam, locale = facts.jam, facts.jam.locale
    parts = [
        text(locale, "jam.round", number=jam.round),
        text(locale, "jam.count_people", count=len(facts.present)),
    ]
    match jam.state:
        case "opening" | "open":
            parts.append(text(locale, "jam.count_ideas", count=len(facts.ideas)))
        case "voting":
            parts.append(text(locale, "jam.votes_now"))
        case _:
            parts.append(text(locale, "jam.makes_now"))
    return " · ".join(parts)


def word(jam: Jam, *, told: str | None = None, over: str | None = None) -> Card:
    """What stands in the channel: it leads to the thread, and once the jam is over to its end at the link `over`.
    `told`: how far it is.
    """
    locale = jam.locale
    about = [text(locale, "jam.a_jam")]
    if jam.style:
        about.append(title(jam.style, 100))
    about.append(text(locale, "jam.started_by", who=mention(locale, jam.started_by)))
    if over is None:
        about.append(text(locale, "jam.ends", when=f"<t:{int(jam.ends_at)}:R>"))
        said = text(locale, "jam.opening")
        if jam.thread_id is not None:
            here = begun_in_thread(jam)
            said = text(locale, "jam.here") if here else text(locale, "jam.there", thread=f"<#{jam.thread_id}>")
    else:
        said = over
    if told is not None and over is None:
        said += f"\n-# {told}"
    items: list[ui.Item[Any]] = [
        ui.TextDisplay(f"### {name(jam)}\n-# {' · '.join(about)}"),
        ui.TextDisplay(said),
    ]
    if over is None:
        items.append(row(jam_button(jam.id, "enter", locale)))
    return Card(*items)


class ChannelWord:
    """`show` it. Until a jam ends: that is told by `Ending`."""

    def __init__(self, database: Database, environment: Environment, coalesced: CoalescedEdits) -> None:
        self._database = database
        self._environment = environment
        self._coalesced = coalesced
        self._said: Recent[int, str] = Recent(_MOST)

    def show(self, jam: Jam) -> None:
        """Soon, if there is anything new. Returns at once and never raises."""
        if jam.message_id is None or jam.thread_id is None:
            return
        handle = Handle.by_itself(jam.application_id, word_channel(jam), jam.message_id)

        async def render() -> ui.LayoutView | None:
            facts = await self._database.run(read_facts, jam.id, self._environment)
            if facts is None or facts.has_ended:
                return None
            told = so_far(facts)
            if self._said.get(jam.id) == told:
                return None
            self._said.put(jam.id, told)
            return word(facts.jam, told=told)

        self._coalesced.refresh(("jam-word", jam.id), handle, render, pause=BETWEEN_SECONDS)
