"""What is due with the jams that live, by what the database says of them. Nothing is changed here, nor locked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from bot.states import LIVE
from cogs.jam import round_rows
from cogs.jam import rows as jams
from cogs.jam.records import Jam
from cogs.jam.states import AWAY_SECONDS, GRACE_SECONDS, JamState, failed, order_of


class Due(StrEnum):
    """What the scheduler is to do with a jam."""

    FIND = "find"
    """See what became of one that was being opened."""
    REVEAL = "reveal"
    """Show the winner of a round that was finished."""
    POST_ROUND = "post_round"
    MAKE = "make"
    """The round's time is up."""
    SHOW_AWAY = "show_away"
    WIND_UP = "wind_up"
    MERGE = "merge"
    ORDER = "order"
    """Order the pictures of a round that has a maker."""
    CALL = "call"
    """Call people to vote."""
    END_MAKING = "end_making"
    END_VOTE = "end_vote"
    SHORTEN_VOTE = "shorten_vote"
    POST_FINAL = "post_final"
    RENEW_FINAL = "renew_final"
    """What it shows was removed, or it itself was."""


@dataclass(frozen=True, slots=True)
class Look:
    """A jam, what is due with it, and how many have voted in its round (None: nobody votes now)."""

    jam: Jam
    due: Due | None
    voted: int | None = None


def look(connection: Connection, *, now: float, opened_before: float) -> tuple[list[Look], float | None]:
    """What is due, and when the next time is up (Unix seconds) where nothing else moves. Nothing is locked."""
    waiting = jams.to_look_at(connection, now=now, seen_after=now - AWAY_SECONDS)
    found = [_look(connection, jam, now, opened_before) for jam in waiting]
    found += [Look(jam, Due.RENEW_FINAL) for jam in jams.ends_due(connection)]
    return found, jams.next_due(connection, away_after=AWAY_SECONDS)


def _look(connection: Connection, jam: Jam, now: float, opened_before: float) -> Look:
    match jam.state:
        case JamState.OPENING:
            return Look(jam, Due.FIND if jam.created_at < opened_before else None)
        case JamState.CLOSING:
            return Look(jam, Due.REVEAL if round_rows.unrevealed(connection, jam.id) else Due.POST_FINAL)
        case JamState.MAKING | JamState.VOTING:
            return _look_at_round(connection, jam, now)
        case JamState.OPEN | JamState.MERGING | JamState.REVIEW if jam.ends_at <= now and not jam.closing:
            return Look(jam, Due.WIND_UP)
        case JamState.MERGING:
            return Look(jam, Due.MERGE)
        case _:
            return Look(jam, _waiting(connection, jam, now))


def _waiting(connection: Connection, jam: Jam, now: float) -> Due | None:
    """What is due with a jam that is open, or in its review."""
    shown = round_rows.get_round(connection, jam.id, jam.round)
    if shown is None or (jam.state == JamState.REVIEW and shown.maker_id is not None):
        return Due.ORDER
    if jam.closing:  # what was to be finished first came to nothing
        return Due.WIND_UP
    if shown.message_id is None:
        return Due.REVEAL if round_rows.unrevealed(connection, jam.id) else Due.POST_ROUND
    if jam.state == JamState.OPEN and jam.round_due is not None and jam.round_due <= now:
        return Due.MAKE
    return None if jam.away else Due.SHOW_AWAY


def _look_at_round(connection: Connection, jam: Jam, now: float) -> Look:
    shown = round_rows.get_round(connection, jam.id, jam.round)
    row = order_of(connection, shown)
    if row is None or shown is None or failed(row) is not None:
        return Look(jam, Due.END_MAKING)
    late = Due.WIND_UP if jam.ends_at <= now and not jam.closing else None
    if jam.state == JamState.MAKING:
        return Look(jam, late or (None if row.state in LIVE else Due.END_MAKING))
    voted = sum(round_rows.votes_in(connection, jam.id, row.id).values())
    until = shown.votes_until or 0.0
    if until <= now:
        return Look(jam, Due.END_VOTE, voted)
    if shown.called_id is None:
        return Look(jam, Due.CALL, voted)
    all_voted = voted and until > now + GRACE_SECONDS and not round_rows.yet_to_vote(connection, jam.id, row.id)
    return Look(jam, late or (Due.SHORTEN_VOTE if all_voted else None), voted)
