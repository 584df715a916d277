"""The end of a round: people are called to vote, and see who won, by how many votes, and whose ideas are in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from discord import ui

from bot.cards.button_looks import picture_menu
from bot.i18n import listed, text
from bot.kit.components import Card, row
from bot.kit.spoilers import attached
from bot.text import title
from cogs.jam.cards import ROOM
from cogs.jam.naming import contributions
from cogs.jam.places import pictures_link

if TYPE_CHECKING:
    from cogs.jam.facts import JamFacts


@dataclass(frozen=True, slots=True)
class Call:
    """`heading`: by what it is known again."""

    heading: str
    said: str


def call_to_vote(facts: JamFacts, people: Sequence[int]) -> Call:
    locale, until = facts.jam.locale, facts.round.votes_until or 0.0
    heading = _call_heading(facts)
    when = f"<t:{int(until)}:R>"
    link = pictures_link(facts)
    said = text(locale, "jam.call_there", link=link, when=when) if link else text(locale, "jam.call_until", when=when)
    return Call(heading, f"**{heading}**\n{said}\n-# {' '.join(f'<@{id_}>' for id_ in people)}")


def call_ended(facts: JamFacts) -> str:
    """What stands in its place once the votes are counted."""
    return f"**{_call_heading(facts)}**\n{text(facts.jam.locale, 'jam.call_over')}"


def _call_heading(facts: JamFacts) -> str:
    return text(facts.jam.locale, "jam.call", number=facts.round.number)


def reveal_heading(facts: JamFacts) -> str:
    told = {"number": (facts.round.winner or 0) + 1, "round": facts.round.number}
    return text(facts.jam.locale, "jam.reveal", **told)


def reveal_card(facts: JamFacts, picture: str | None, *, offers: Collection[str] = ()) -> Card:
    """The winner, large. `picture`: the name of its file; None: it can't be had any more."""
    locale, round_, made = facts.jam.locale, facts.round, facts.generation
    heading = f"### {reveal_heading(facts)}"
    items: list[ui.Item[Any]] = [ui.TextDisplay(heading)]
    if picture is not None:
        items.append(ui.MediaGallery(attached(picture, description=title(round_.prompt or facts.jam.theme, 256))))
    votes = "\n".join(_votes(facts))
    items.append(ui.TextDisplay(votes))
    ideas = [replace(idea, said=idea.part) for idea in facts.ideas if idea.part]
    if ideas:
        credit = text(locale, "jam.ideas_in_it")
        # Their words, or their image itself, are in it too.
        before = "" if facts.base_round is None else f"\n- {text(locale, 'jam.and_before', round=facts.base_round)}"
        room = ROOM - len(heading) - len(votes) - len(credit) - len(before)
        items.append(ui.TextDisplay(f"{credit}\n{contributions(locale, ideas, room)}{before}"))
    menu = picture_menu(made, offers, [round_.winner or 0], locale) if made is not None else None
    if menu is not None and picture is not None:
        items.append(row(menu))
    return Card(ui.Container(*items))


def _votes(facts: JamFacts) -> list[str]:
    """How many each picture has, the most first; of a tie, among which the lot was drawn."""
    locale, round_ = facts.jam.locale, facts.round
    winner = round_.winner or 0
    if facts.generation is not None and facts.generation.count == 1:
        return [text(locale, "jam.only_one")]
    if not facts.votes:
        return [text(locale, "jam.unvoted", number=winner + 1)]
    ranked = sorted(facts.votes.items(), key=lambda one: (-one[1], one[0] != winner, one[0]))
    lines = [
        f"- {'**' if position == winner else ''}{_vote(locale, position, count)}{'**' if position == winner else ''}"
        for position, count in ranked
    ]
    if round_.tied is not None:
        tied = [position for position, count in sorted(facts.votes.items()) if count == facts.votes.get(winner)]
        *others, last = [str(position + 1) for position in tied] or [""]
        if others:  # else votes went since, with people who left
            numbers = text(locale, "jam.lot_and", others=listed(locale, others), last=last)
            lines.insert(0, text(locale, "jam.lot", numbers=numbers, number=winner + 1))
    return lines


def _vote(locale: str, position: int, count: int) -> str:
    return text(locale, "jam.votes_of", number=position + 1, votes=text(locale, "jam.count_votes", count=count))
