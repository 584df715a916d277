"""Votes for the pictures of a card: one a person, which voting again changes."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from bot.errors import NotAllowed
from bot.generation.card_facts import shown_picture
from bot.generation.rows import result_rows, votes


def cast(
    connection: Connection,
    generation_id: int,
    person_id: int,
    position: int,
    *,
    now: float,
    is_open: Callable[[Connection, int, int], bool],
) -> None:
    """Vote for the picture at `position` (from 0). NotAllowed: there is none to vote for, or its vote is over."""
    row = shown_picture(connection, generation_id)
    if row.private or row.guild_id is None:
        raise NotAllowed("error.gone")
    if position not in {result.position for result in result_rows.of_generation(connection, row.id)}:
        raise NotAllowed("error.gone")
    if not is_open(connection, row.id, person_id):
        raise NotAllowed("error.vote_over")
    votes.cast(connection, row.id, person_id, position, now=now)
