"""What of an order's price is kept in the end, and what of the day is given back: by how its row ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from bot.generation.requests import EACH_SECOND
from bot.generation.rows import generations, result_rows
from bot.generation.rows.records import Generation, Result
from bot.kinds import Kind
from bot.orders import cost_rows, ledger, limit_rows
from bot.orders import daily_rows as daily
from bot.orders.cost_rows import Ended
from bot.orders.daily_limits import forgive_day, forgive_price
from bot.periods import DAY_SECONDS
from bot.reasons import NOTHING_SPENT, Reason
from bot.states import LIVE, State


def settle(
    connection: Connection,
    row: Generation,
    *,
    now: float,
    arrived: int | None = None,
    calls: Sequence[str] = (),
    actual: int | None = None,
) -> Generation:
    """Settle what was reserved for a row, by the state that it ended in; return it as it is then. `arrived`: how many
    pictures came. `calls`, `actual`: what the service called the requests, and what it says that they cost.

    In the transaction that ends the row, so that nothing hangs between them. Once only; a second call does nothing.
    """
    if row.price is not None:
        row = _settle_credits(connection, row, now=now, arrived=arrived)
    noted = cost_rows.of_generation(connection, row.id)
    if noted is not None:
        cost_rows.end(connection, noted[0], Ended(calls, _made_nothing(row), actual), now=now)
    return row


def _made_nothing(row: Generation) -> bool:
    """Whether it is known to have cost the owner nothing."""
    return row.submitted_at is None or (row.state == State.FAILED and row.reason in NOTHING_SPENT)


def _settle_credits(connection: Connection, row: Generation, *, now: float, arrived: int | None) -> Generation:
    reservation_id = ledger.of_generation(connection, row.id)
    if reservation_id is None or _waits_for_length(row):
        return row
    if _is_lost(row):
        row = forgive_lost(connection, row)
    results = result_rows.of_generation(connection, row.id) if EACH_SECOND in row.parameters else ()
    pools, person = _kept(row, _by_length(row, results), row.count if arrived is None else arrived)
    ledger.settle(connection, reservation_id, pools=pools, person=person, now=now)
    return row


def settle_by_length(connection: Connection, row: Generation, *, now: float) -> None:
    """Settle the credits of a row that was made and has ended, if they wait for how long it is."""
    if row.price is not None and EACH_SECOND in row.parameters:
        _settle_credits(connection, row, now=now, arrived=None)


def _waits_for_length(row: Generation) -> bool:
    """How long it is, is known once its file is here."""
    return row.state == State.GENERATED and EACH_SECOND in row.parameters


def _by_length(row: Generation, results: Sequence[Result]) -> int:
    """Its price, or less where each second has one and it came shorter: more than was reserved is nobody's to pay."""
    each, price = row.parameters.get(EACH_SECOND), row.price or 0
    seconds = next((one.seconds for one in results if one.seconds), None)
    return price if each is None or seconds is None else min(price, int(each) * max(1, round(seconds)))


def kept_of(row: Generation, results: Sequence[Result]) -> int | None:
    """What a row costs its person, as far as it is known: what is on its way, its price. None: nothing. `results`: its
    own, if it has any.
    """
    if row.price is None:
        return None
    if row.state in LIVE - {State.GENERATED}:
        return row.price
    return _kept(row, _by_length(row, results), len(results))[1] or None


def settle_what_was_open(connection: Connection, *, before: float, now: float) -> int:
    """Settle what a process that is no more left open: questions, and rows that ended. Returns how many."""
    asks = ledger.open_asks(connection, before=before)
    for reservation_id in asks:
        # It was reserved right before it was sent: the service may have answered.
        ledger.settle(connection, reservation_id, pools=ledger.WHOLE, person=0, now=now)
    found = [generations.get(connection, id_) for id_ in ledger.open_of_ended(connection)]
    ended = [row for row in found if row is not None and not _waits_for_length(row)]
    for row in ended:
        settle(connection, row, now=now, arrived=len(result_rows.of_generation(connection, row.id)) or None)
    cost_rows.end_what_was_open(connection, before=before, now=now)
    return len(asks) + len(ended)


def _is_lost(row: Generation) -> bool:
    """Whether it may have been made, and billed, without its person having anything of it."""
    # A bad answer: it was answered with success.
    return row.state in {State.UNKNOWN, State.EXPIRED} or (
        row.state == State.FAILED and row.reason == Reason.BAD_ANSWER
    )


def _kept(row: Generation, price: int, arrived: int) -> tuple[int, int]:
    if _is_lost(row):
        return price, price if row.unforgiven else 0
    match row.state:
        case State.GENERATED | State.DELIVERED | State.DROPPED | State.UNFETCHED:
            # Fewer pictures than were asked for cost less; rounded up, since credits are whole.
            made = -(-price * min(arrived, row.count) // row.count)
            return made, made
        case State.CANCELLED if row.submitted_at is not None:
            return price, price
        case _:
            return 0, 0


def give_back(connection: Connection, row: Generation, counts: Collection[int]) -> None:
    """Undo what `row`, which nobody ever saw, took from its person's day, on the day it was taken, and of moderators'
    limits: these `counts`.
    """
    daily.give_back(connection, person_id=row.person_id, kind=Kind(row.kind).command, day=_day(row))
    limit_rows.give_back(connection, counts)


def forgive_order(connection: Connection, row: Generation) -> Generation:
    """`row` made nothing: give back what it took of the day and of limits, or note that it was counted all the same."""
    counts = limit_rows.taken(connection, row.id)
    if forgive_day(connection, row.person_id, Kind(row.kind), _day(row), counts, row.id):
        return row
    return generations.change(connection, row.id, row.epoch, unforgiven=True) or row


def forgive_lost(connection: Connection, row: Generation) -> Generation:
    """`row` may have been made, and its person has nothing: as `forgive_price`, or note that its price is kept."""
    if not row.price or forgive_price(connection, row.person_id, _day(row)):
        return row
    return generations.change(connection, row.id, row.epoch, unforgiven=True) or row


def _day(row: Generation) -> int:
    return int(row.created_at // DAY_SECONDS)
