"""The states of a jam, and what brings it from one to the next: transactions, each for a jam that is locked first.

opening → open → merging → review → making → voting → open (the next round) …   → closing → over
            ↑________________|   ↑_____|________|  (the round failed)
A round with a maker goes through its review by itself; without one, people look at the prompt there.
open, merging and review close at once; what has a maker, making and voting are finished first (`closing` is set until
then).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from bot.generation.rows import generations, result_rows
from bot.generation.rows.records import WITHHELD, Generation
from bot.reasons import SAID_BY_SERVICE, Reason
from bot.states import LIVE, State
from bot.store import deletions
from cogs.jam import round_rows
from cogs.jam import rows as jams
from cogs.jam.posted import Opened
from cogs.jam.reasons import RoundReason
from cogs.jam.records import Jam, Round

VOTE_SECONDS: Final = 120.0
LAST_VOTE_SECONDS: Final = 30.0
"""Of a vote that is left when the jam's time is up, or when it was closed."""
GRACE_SECONDS: Final = 5.0
"""From when everybody has voted: one may still change one's mind."""
AWAY_SECONDS: Final = 180.0
"""A host who did nothing for so long, while the jam waits for them, is away."""


class JamState(StrEnum):
    OPENING = "opening"
    """Its thread and its messages are being made."""
    OPEN = "open"
    """Ideas come in."""
    MERGING = "merging"
    """The chat model makes one prompt of them."""
    REVIEW = "review"
    """The prompt stands; nothing was spent on pictures yet."""
    MAKING = "making"
    """The round's pictures are under way."""
    VOTING = "voting"
    """People vote until the round's `votes_until`."""
    CLOSING = "closing"
    """Its end is being posted."""
    OVER = "over"


WAITING: Final = frozenset({JamState.OPEN, JamState.REVIEW})
"""States in which it waits for its host."""
RUNNING: Final = frozenset(JamState) - {JamState.OPENING, JamState.CLOSING, JamState.OVER}


def is_idle(jam: Jam, *, now: float) -> bool:
    """Whether its host did nothing for a while that it waits for them."""
    return jam.state in WAITING and jam.host_seen_at + AWAY_SECONDS <= now


def opened(connection: Connection, jam_id: int, stands: Opened, *, now: float) -> Jam | None:
    """All that it needs stands: ideas come in. None: it was given up, or opened before."""
    jam = jams.get_locked(connection, jam_id)
    if jam is None or jam.state != JamState.OPENING:
        return None
    card = {"message_id": stands.card.message_id, "picture": stands.card.picture}
    round_rows.change_round(connection, jam.id, jam.round, **card)
    places = {"thread_id": stands.thread_id, "message_id": stands.message_id}
    return jams.move(connection, jam.id, jam.step, state=JamState.OPEN, **places, **_opens(jam, now))


def left(connection: Connection, jam_id: int, person_id: int, *, now: float) -> Jam | None:
    """Somebody left; without its host, others may go on. The jam as it was; None: they were not in it."""
    jam = jams.get_locked(connection, jam_id)
    if jam is None or not jams.leave(connection, jam_id, person_id, now=now):
        return None
    if jam.host_id == person_id:
        jams.note(connection, jam_id, away=True)
    return jam


def host_away(connection: Connection, jam_id: int, *, now: float) -> bool:
    """Note that its host did nothing for a while. False: they are there, or it was noted."""
    jam = jams.get_locked(connection, jam_id)
    if jam is None or jam.away or not is_idle(jam, now=now):
        return False
    jams.note(connection, jam.id, away=True)
    return True


def card_lost(connection: Connection, jam_id: int, number: int, message_id: int) -> bool:
    """The card of the round under way was deleted: where people go on by it, another is due. False: nothing is."""
    jam = jams.get_locked(connection, jam_id)
    if jam is None or jam.round != number or jam.state not in WAITING:
        return False
    shown = round_rows.get_round(connection, jam_id, number)
    if shown is None or shown.message_id != message_id:
        return False
    round_rows.change_round(connection, jam_id, number, message_id=None, picture=None)
    return jams.move(connection, jam_id, jam.step) is not None


def end_making(connection: Connection, jam_id: int, *, now: float) -> Jam | None:
    """The round's order has ended: to the vote, or back to the review. None: it has not, or somebody was first.

    It also takes back a vote on pictures that were removed.
    """
    jam = jams.get_locked(connection, jam_id)
    if jam is None or jam.state not in {JamState.MAKING, JamState.VOTING}:
        return None
    row = order_of(connection, round_rows.get_round(connection, jam.id, jam.round))
    reason = failed(row)
    if reason is None and row is not None and row.state == State.DELIVERED and not _shown(connection, row):
        reason = RoundReason.ROUND_WITHHELD
    if reason is not None:
        if jam.closing:
            return jams.move(connection, jam.id, jam.step, state=JamState.CLOSING)
        detail = row.detail if row is not None and row.reason in SAID_BY_SERVICE else None
        round_rows.change_round(connection, jam.id, jam.round, reason=reason, detail=detail, votes_until=None)
        return jams.move(connection, jam.id, jam.step, state=JamState.REVIEW, host_seen_at=now)
    if jam.state == JamState.VOTING or row is None or row.state in LIVE:
        return None
    seconds = LAST_VOTE_SECONDS if jam.closing or jam.ends_at <= now else VOTE_SECONDS
    if len(_shown(connection, row)) == 1:
        seconds = 0.0  # there is nothing to choose from
    round_rows.change_round(connection, jam.id, jam.round, votes_until=now + seconds)
    return jams.move(connection, jam.id, jam.step, state=JamState.VOTING)


def end_vote(
    connection: Connection, jam_id: int, *, now: float, draw: Callable[[Sequence[int]], int]
) -> tuple[Jam, Round] | None:
    """Count the votes; the winner is the base of the next round, which is open now. `draw` one of those with as many.

    The jam as it is now, and the round that was finished. None: the vote is not over, or somebody was first.
    """
    # From here on no vote comes in, and those that did are seen.
    jam = jams.get_locked(connection, jam_id)
    if jam is None or jam.state != JamState.VOTING:
        return None
    finished = round_rows.get_round(connection, jam.id, jam.round)
    row = order_of(connection, finished)
    if finished is None or row is None or failed(row) is not None or (finished.votes_until or 0) > now:
        return None
    positions = _shown(connection, row) or [0]
    counted = round_rows.votes_in(connection, jam.id, row.id)
    most = max(counted.get(position, 0) for position in positions)
    best = [position for position in positions if counted.get(position, 0) == most]
    tied = len(best) if most and len(best) > 1 else None
    winner = draw(best) if tied else best[0]  # where nobody voted, the first
    round_rows.change_round(connection, jam.id, jam.round, winner=winner, tied=tied)
    if jam.closing or jam.ends_at <= now:
        after = jams.move(connection, jam.id, jam.step, state=JamState.CLOSING)
    else:
        round_rows.add_round(connection, jam.id, jam.round + 1)
        opens = _opens(jam, now) | {"away": not jams.is_in(connection, jam.id, jam.host_id)}
        after = jams.move(connection, jam.id, jam.step, state=JamState.OPEN, round=jam.round + 1, **opens)
    done = round_rows.get_round(connection, jam.id, jam.round)
    return None if after is None or done is None else (after, done)


def shorten_vote(connection: Connection, jam_id: int, *, until: float) -> bool:
    """Let the vote that is on end at `until`. False: it ends sooner anyway, or is over."""
    jam = jams.get_locked(connection, jam_id)
    if jam is None or jam.state != JamState.VOTING:
        return False
    return round_rows.shorten_vote(connection, jam.id, jam.round, until=until)


def wind_up(connection: Connection, jam_id: int, *, now: float, by: int | None = None) -> Jam | None:
    """Close a jam, for `by`, or since its time is up: at once, or with the round under way. None: it is closing."""
    jam = jams.get_locked(connection, jam_id)
    if jam is None:
        return None
    match jam.state:
        case JamState.MERGING | JamState.REVIEW if _has_maker(connection, jam):
            if not jam.closing:
                # Its step stays: what is merged is meant all the same.
                jams.note(connection, jam.id, closing=True, ended_by=by)
            return jams.get(connection, jam.id)
        case JamState.OPEN | JamState.MERGING | JamState.REVIEW:
            return jams.move(connection, jam.id, jam.step, state=JamState.CLOSING, ended_by=by)
        case JamState.MAKING | JamState.VOTING if not jam.closing:
            if jam.state == JamState.VOTING:
                round_rows.shorten_vote(connection, jam.id, jam.round, until=now + LAST_VOTE_SECONDS)
            return jams.move(connection, jam.id, jam.step, closing=True, ended_by=by)
        case _:
            return None


def no_ideas(connection: Connection, jam_id: int, *, now: float) -> Jam | None:
    """The round's time is up, and nobody had an idea: the jam ends. None: somebody had one."""
    jam = jams.get_locked(connection, jam_id)
    if jam is None or jam.state != JamState.OPEN or jam.round_due is None or jam.round_due > now:
        return None
    if round_rows.count_ideas(connection, jam):
        return None
    round_rows.change_round(connection, jam.id, jam.round, reason=RoundReason.NO_IDEAS)
    return jams.move(connection, jam.id, jam.step, state=JamState.CLOSING)


def finish(connection: Connection, jam_id: int, *, final_message_id: int | None, now: float) -> Jam | None:
    """Its end stands in the channel, or can stand nowhere: it is over, and the channel free. None: it was before."""
    jam = jams.get_locked(connection, jam_id)
    if jam is None or jam.state != JamState.CLOSING:
        return None
    over = {"state": JamState.OVER, "slot": None, "ended_at": now, "final_message_id": final_message_id}
    return jams.move(connection, jam.id, jam.step, **over)


def end_removed(connection: Connection, jam_id: int) -> bool:
    """The message that it ended with is gone: what leads there is to be brought up to date. False: there is none."""
    jam = jams.get_locked(connection, jam_id)
    if jam is None or jam.state != JamState.OVER or jam.final_message_id is None:
        return False
    deletions.note(connection, message_id=jam.final_message_id)
    return jams.move(connection, jam.id, jam.step, end_due=True) is not None


def end_renewed(connection: Connection, jam: Jam, *, final_message_id: int | None) -> bool:
    """Its end is as `jam` says, or gone. False: something else was removed meanwhile."""
    renewed = {"end_due": False, "final_message_id": final_message_id}
    return jams.move(connection, jam.id, jam.step, **renewed) is not None


def _opens(jam: Jam, now: float) -> dict[str, object]:
    """What changes when a round begins: its clock, and that of its host."""
    due = now + jam.round_seconds if jam.round_seconds is not None else None
    return {"round_due": due, "host_seen_at": now}


def _has_maker(connection: Connection, jam: Jam) -> bool:
    shown = round_rows.get_round(connection, jam.id, jam.round)
    return shown is not None and shown.maker_id is not None


def order_of(connection: Connection, shown: Round | None) -> Generation | None:
    """The order of a round; None: it was taken back, or deleted."""
    if shown is None or shown.generation_id is None:
        return None
    return generations.get(connection, shown.generation_id)


def _shown(connection: Connection, row: Generation) -> list[int]:
    """The positions of its pictures, without those whose file could not be had. Where none is noted, all of them; of
    those that are withheld, none.
    """
    results = [one for one in result_rows.of_generation(connection, row.id) if one.form != WITHHELD]
    return [one.position for one in results if one.form is not None] or [one.position for one in results]


def failed(row: Generation | None) -> RoundReason | None:
    """Why there are no pictures to vote on; None: there are, or may be."""
    if row is None:
        return RoundReason.ROUND_GONE
    if row.removed_at is not None:
        return RoundReason.ROUND_REMOVED
    match row.state:
        case State.FAILED if row.reason == Reason.DECLINED:
            return RoundReason.ROUND_DECLINED
        case State.FAILED | State.EXPIRED:
            return RoundReason.ROUND_FAILED
        case State.UNKNOWN:
            return RoundReason.ROUND_UNKNOWN
        case State.CANCELLED:
            return RoundReason.ROUND_CANCELLED
        case State.UNFETCHED:
            return RoundReason.ROUND_UNFETCHED
        case State.DROPPED:
            return RoundReason.ROUND_GONE
        case _:
            return None
