"""Who is in a jam, and who gave what to it, in lines that fit. What anybody wrote is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bot.i18n import listed, text
from bot.text import title

if TYPE_CHECKING:
    from cogs.jam.records import Idea

PEOPLE_NAMED = 8
ENTRY_LIMITS = (200, 120, 80, 50, 30, 15)
"""Characters of each entry of a list, from the first down until all of them fit."""
LEFT_OUT_ROOM = 60
"""For the line that counts what did not fit."""


def contributions(locale: str, ideas: Sequence[Idea], room: int, *, parts: bool = False) -> str:
    """Who gave what, a line a person, in at most `room` characters.

    `parts`: with the words of the prompt that come from each idea; one without is marked.
    """
    given: dict[int | None, list[Idea]] = {}
    for idea in ideas:
        given.setdefault(idea.person_id, []).append(idea)

    def line(person_id: int | None, limit: int) -> str:
        what = joined(locale, (_words(locale, idea, limit, part=parts) for idea in given[person_id]))
        return f"- {text(locale, 'jam.gave', who=mention(locale, person_id), what=what)}"

    for limit in ENTRY_LIMITS:
        # Escaping only adds to it: what can't fit is not written out.
        if sum(min(len(idea.said), limit) for idea in ideas) > room:
            continue
        lines = [line(person_id, limit) for person_id in given]
        if sum(map(len, lines)) + len(lines) <= room:
            return "\n".join(lines)
    kept: list[str] = []
    for person_id in given:
        shown = line(person_id, ENTRY_LIMITS[-1])
        room -= len(shown) + 1
        if room < LEFT_OUT_ROOM:
            break
        kept.append(shown)
    return "\n".join([*kept, text(locale, "jam.left_out", count=len(given) - len(kept))])


def joined(locale: str, ideas: Iterable[str]) -> str:
    """Several ideas one after another."""
    return ("；" if locale.startswith("zh") else "; ").join(ideas)


def _words(locale: str, idea: Idea, limit: int, *, part: bool) -> str:
    said = title(idea.said, limit)
    if not said:
        return "–"  # forgotten
    if not part or (idea.part is not None and idea.part.casefold() == idea.said.casefold()):
        return said
    if idea.part is None:
        return text(locale, "jam.not_found", idea=said)
    return text(locale, "jam.found", idea=said, words=title(idea.part, limit))


def people(locale: str, ids: Sequence[int]) -> str:
    """“3 people: @alice, @bob, @carol”, of many the first and how many more."""
    return text(locale, "jam.people", count=len(ids), who=named(locale, ids))


def named(locale: str, ids: Sequence[int]) -> str:
    names = listed(locale, (f"<@{id_}>" for id_ in ids[:PEOPLE_NAMED]))
    more = len(ids) - PEOPLE_NAMED
    return text(locale, "jam.and_more", who=names, more=more) if more > 0 else names


def mention(locale: str, person_id: int | None) -> str:
    """Somebody; what they were called is not known any more once they had their data deleted."""
    return f"<@{person_id}>" if person_id is not None else text(locale, "jam.someone")
