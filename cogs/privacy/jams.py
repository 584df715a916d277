"""What is stored of a person in jams and votes, as lines of the file that they get."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cogs.privacy import jam_rows as privacy_jams

if TYPE_CHECKING:
    from bot.store.database import Database

PAGE = 500
"""Rows read in one transaction."""


async def of_person(database: Database, person_id: int) -> dict[str, Any]:
    """The jams they started, closed or were in; what they gave to them; and their votes."""
    memberships = {one.jam_id: one for one in await database.run(privacy_jams.memberships_of, person_id)}
    ideas: list[dict[str, Any]] = []
    after = 0
    while page := await database.run(privacy_jams.ideas_by, person_id, after_id=after, limit=PAGE):
        ideas.extend(
            facts(
                jam=idea.jam_id, round=idea.round, said=idea.said or None, part=idea.part, given=moment(idea.created_at)
            )
            for idea in page
        )
        after = page[-1].id
    votes: list[dict[str, Any]] = []
    after = 0
    while cast := await database.run(privacy_jams.votes_by, person_id, after_id=after, limit=PAGE):
        votes.extend(facts(order=order, picture=position + 1, voted=moment(at)) for order, position, at in cast)
        after = cast[-1][0]
    jams = await database.run(privacy_jams.jams_of, person_id)
    return {
        "jams": [_jam(jam, memberships.get(jam.id), person_id) for jam in jams],
        "ideas": ideas,
        "votes": votes,
    }


def facts(**facts: object) -> dict[str, Any]:
    """What there is: a line that says nothing is left out."""
    return {name: value for name, value in facts.items() if value is not None}


def moment(seconds: float | None, form: str = "%Y-%m-%d %H:%M:%S UTC") -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime(form)


def _jam(
    jam: Any,  # noqa: ANN401 - a row
    member: Any,  # noqa: ANN401 - likewise
    person_id: int,
) -> dict[str, Any]:
    mine = jam.started_by == person_id
    return facts(
        jam=jam.id,
        server=jam.guild_id,
        channel=jam.channel_id,
        thread=jam.thread_id,
        # What somebody else typed is theirs.
        theme=jam.theme or None if mine else None,
        style=jam.style if mine else None,
        started=moment(jam.created_at) if mine else None,
        closed_by_you=True if jam.ended_by == person_id else None,
        joined=moment(member.joined_at) if member is not None else None,
        left=moment(member.left_at) if member is not None else None,
    )
