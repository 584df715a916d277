"""How a jam ends: its picture in the channel, who gave what, and its rounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from discord import ui

from bot.i18n import text
from bot.kit.components import Card, row
from bot.kit.spoilers import attached
from bot.text import title
from cogs.jam.cards import ROOM, name
from cogs.jam.custom_ids import jam_button
from cogs.jam.naming import contributions, mention, named
from cogs.jam.reasons import RoundReason

if TYPE_CHECKING:
    from cogs.jam.facts import JamFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """What is shown beside the facts. `picture`, `strip`: names of the files that go along; `votes`: of all rounds;
    `menu`: of what may be done with the picture.
    """

    picture: str | None = None
    strip: str | None = None
    votes: int = 0
    menu: ui.Item[Any] | None = None


def final_card(facts: JamFacts, final: Final) -> Card:
    """The end, in the channel where the jam was started."""
    jam, locale = facts.jam, facts.jam.locale
    heading = f"### {name(jam)}"
    closed = _why(facts)
    again = jam_button(jam.id, "again", locale)
    if not facts.finished:
        key = "jam.pictures_removed" if facts.last_winner else "jam.without_picture"
        said = [heading, text(locale, key, thread=f"<#{jam.thread_id}>"), f"-# {closed}"]
        lines: list[ui.Item[Any]] = [ui.TextDisplay(each) for each in said]
        return Card(ui.Container(*lines, row(again)))
    footer = f"-# {_figures(facts, final)}"
    if jam.style:
        heading += f"\n-# {title(jam.style, 100)}"
    items: list[ui.Item[Any]] = [ui.TextDisplay(heading)]
    if final.picture is not None:
        items.append(ui.MediaGallery(attached(final.picture, description=jam.theme)))
    credit = text(locale, "jam.made_by")
    there = _also_there(facts)
    gave = contributions(locale, facts.credited, ROOM - len(heading) - len(footer) - len(credit) - len(there) - 100)
    items.append(ui.TextDisplay("\n".join(part for part in (credit, gave, there) if part)))
    if final.strip is not None:
        numbers = text(locale, "jam.count_rounds", count=len(facts.finished))
        items.append(ui.MediaGallery(attached(final.strip, description=numbers)))
    items.append(ui.TextDisplay(footer))
    if final.menu is not None and final.picture is not None:
        items.append(row(final.menu))
    items.append(row(again))
    return Card(ui.Container(*items))


def over(facts: JamFacts, link: str | None) -> str:
    """That it is over, and where its end stands. `link` None: nowhere any more."""
    if link is None:
        return text(facts.jam.locale, "jam.over")
    without = "jam.over_removed" if facts.last_winner else "jam.over_without"
    return text(facts.jam.locale, "jam.over_picture" if facts.finished else without, link=link)


def _why(facts: JamFacts) -> str:
    """Why it ended."""
    jam, locale = facts.jam, facts.jam.locale
    if jam.ended_by is not None:
        return text(locale, "jam.closed_by", who=f"<@{jam.ended_by}>")
    idle = bool(facts.rounds) and facts.rounds[-1].reason == RoundReason.NO_IDEAS
    return text(locale, RoundReason.NO_IDEAS if idle else "jam.time_up")


def _figures(facts: JamFacts, final: Final) -> str:
    jam, locale = facts.jam, facts.jam.locale
    parts = [
        text(locale, "jam.count_rounds", count=len(facts.finished)),
        text(locale, "jam.count_votes", count=final.votes),
        text(locale, "jam.started_by", who=mention(locale, jam.started_by)),
    ]
    if jam.thread_id is not None:
        parts.append(f"<#{jam.thread_id}>")
    return " · ".join(parts)


def _also_there(facts: JamFacts) -> str:
    """Who took part without an idea of their own that still stands with a name."""
    gave = {idea.person_id for idea in facts.credited}
    others = [member.person_id for member in facts.members if member.person_id not in gave]
    locale = facts.jam.locale
    return f"-# {text(locale, 'jam.also_there', who=named(locale, others))}" if others else ""
