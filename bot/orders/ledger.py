"""Credits: a hard ceiling on what is spent, in whole numbers.

An order is reserved on every account that it concerns (the server's pool, the channel's, the person's share of the
day and what they were granted) before anything is sent, and settled once: what it cost stays, the rest is free again.
Balances change by conditional UPDATE only, so orders at the same time can't pass a ceiling. The accounts are those of
the day or month of the order, however late it is settled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import case, insert, select, update

from bot.kinds import Kind
from bot.orders import pool_steps
from bot.periods import period_start
from bot.store.schema import ACCOUNTS, ENDED_STATES, charges, generations, reservations
from bot.store.schema import accounts as a
from bot.store.upsert import insert_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

SETTLED_STATES: Final = ("generated", *ENDED_STATES)
NEVER_ENDS: Final = "ever"
POOLS: Final = frozenset({"server", "channel"})
"""The accounts of everybody in a place."""
WHOLE: Final = 2**62
"""More than any price: all that was reserved."""


@dataclass(frozen=True, slots=True)
class Account:
    """`kind`: server, channel, person, grant. `owner_id`: the id of that server, channel or person.

    `period`: day, month, ever. `starts`: days since 1970-01-01 UTC, months since January 1970, or 0.
    """

    kind: str
    owner_id: int
    period: str
    starts: int

    @classmethod
    def at(cls, kind: str, owner_id: int, period: str, now: float) -> Account:
        """The account for the day or month that `now` (Unix seconds) lies in."""
        return cls(kind, owner_id, period, period_start(period, now))


@dataclass(frozen=True, slots=True)
class Ceiling:
    """An account that may hold at most `limit` credits, reserved and spent together."""

    account: Account
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be paid, by whom and for what. `generation_id` None: an /ask."""

    guild_id: int
    channel_id: int
    person_id: int
    kind: str
    model: str
    price: int
    generation_id: int | None = None


class Short(Exception):
    """An account has only `left` of the `price` credits. Raised in the transaction, it undoes the order."""

    def __init__(self, account: Account, price: int, left: int) -> None:
        super().__init__(f"{price} credits wanted, {left} left on the {account.kind}'s account")
        self.account = account
        self.price = price
        self.left = left


@dataclass(frozen=True, slots=True)
class Balance:
    """What stands on an account, in credits."""

    reserved: int = 0
    spent: int = 0
    granted: int = 0

    @property
    def used(self) -> int:
        return self.reserved + self.spent


def reserve(c: Connection, order: Order, *, pools: Sequence[Ceiling], share: Ceiling | None, now: float) -> int:
    """Reserve an order's price and return the reservation's id.

    `pools`: the server's and channel's ceilings, each charged whole. `share`: the person's share of the day; what it
    can't cover is taken from what they were granted. None: only the pools count. Raises Short, which must undo the
    transaction.
    """
    made = insert(reservations).values(
        guild_id=order.guild_id,
        channel_id=order.channel_id,
        person_id=order.person_id,
        kind=order.kind,
        model=order.model,
        generation_id=order.generation_id,
        price=order.price,
        day=period_start("day", now),
        created_at=now,
    )
    reservation_id: int = c.execute(made.returning(reservations.c.id)).scalar_one()
    if order.price == 0:
        return reservation_id
    # Server, channel, person, grant: always in this order, as in `settle`, so that none waits for another in a ring.
    for pool in pools:
        _take(c, order, reservation_id, pool, order.price)
    if share is not None:
        for ceiling, amount in _shared(c, order, share):
            _take(c, order, reservation_id, ceiling, amount)
    return reservation_id


def settle(c: Connection, reservation_id: int, *, pools: int, person: int, now: float) -> bool:
    """Settle a reservation at what it cost the pools and the person, each at most its price; the rest is free again.

    False: it was settled before, and nothing changes.
    """
    open_ = (reservations.c.id == reservation_id) & reservations.c.settled_at.is_(None)
    price = reservations.c.price
    settled = (
        update(reservations)
        .where(open_)
        .values(settled_at=now, spent=_least(pools, price), spent_by_person=_least(person, price))
        .returning(reservations.c.spent, reservations.c.spent_by_person)
    )
    row = c.execute(settled).first()
    if row is None:
        return False
    query = (
        select(a.c.id, a.c.kind, charges.c.amount)
        .join(charges, charges.c.account_id == a.c.id)
        .where(charges.c.reservation_id == reservation_id)
        .order_by(_rank())
    )
    person_left = row.spent_by_person
    for account_id, kind, amount in c.execute(query).all():
        spent = min(amount, row.spent)
        if kind in {"person", "grant"}:  # the day's share pays first
            spent = min(amount, person_left)
            person_left -= spent
        values = {"reserved": a.c.reserved - amount, "spent": a.c.spent + spent}
        paid = update(a).where(a.c.id == account_id).values(values)
        after = c.execute(paid.returning(a.c.spent, a.c.ceiling, a.c.alerted)).one()
        if kind in POOLS:
            pool_steps.notice(c, account_id, spent=after.spent, ceiling=after.ceiling, alerted=after.alerted)
    return True


def of_generation(c: Connection, generation_id: int) -> int | None:
    """The open reservation of a picture or video. None: it has none, or it is settled."""
    where = (reservations.c.generation_id == generation_id) & reservations.c.settled_at.is_(None)
    return c.execute(select(reservations.c.id).where(where)).scalar()


def open_asks(c: Connection, *, before: float) -> list[int]:
    """Reservations of /ask that a process which is no more left open."""
    where = (
        reservations.c.settled_at.is_(None)
        & reservations.c.generation_id.is_(None)
        & (reservations.c.kind == Kind.ASK)
        & (reservations.c.created_at < before)
    )
    return list(c.execute(select(reservations.c.id).where(where)).scalars())


def open_of_ended(c: Connection) -> list[int]:
    """Ids of pictures and videos that were made, or ended, without their reservation being settled."""
    g = generations.c
    query = select(g.id).join(reservations, reservations.c.generation_id == g.id)
    return list(c.execute(query.where(reservations.c.settled_at.is_(None), g.state.in_(SETTLED_STATES))).scalars())


def granted_left(c: Connection, *, guild_id: int, person_id: int, lock: bool = False) -> int:
    """What a person still has of the credits they were granted. `lock`: and has until the transaction ends."""
    granted = balance(c, guild_id=guild_id, account=Account("grant", person_id, NEVER_ENDS, 0), lock=lock)
    return max(0, granted.granted - granted.used)


def grant(c: Connection, *, guild_id: int, person_id: int, credits: int) -> int:  # noqa: A002 - the word for them
    """Give a person credits beyond their share, until they are used; negative ones take unused credits back.

    Returns how many it were: of those that are used nothing is taken.
    """
    # Held, so that nobody spends between the look and the change.
    account_id = _account(c, guild_id, Account("grant", person_id, NEVER_ENDS, 0))
    used, granted = c.execute(select(a.c.reserved + a.c.spent, a.c.granted).where(a.c.id == account_id)).one()
    now = max(used, granted + credits)
    c.execute(update(a).where(a.c.id == account_id).values(granted=now))
    return now - granted


def is_account(guild_id: int, account: Account) -> ColumnElement[bool]:
    """The condition for an account's row."""
    return (
        (a.c.guild_id == guild_id)
        & (a.c.kind == account.kind)
        & (a.c.owner_id == account.owner_id)
        & (a.c.period == account.period)
        & (a.c.starts == account.starts)
    )


def balance(c: Connection, *, guild_id: int, account: Account, lock: bool = False) -> Balance:
    look = select(a.c.reserved, a.c.spent, a.c.granted).where(is_account(guild_id, account))
    row = c.execute(look.with_for_update() if lock else look).first()
    return Balance() if row is None else Balance(*row)


def _take(c: Connection, order: Order, reservation_id: int, ceiling: Ceiling, amount: int) -> None:
    account_id = _charge(c, order.guild_id, ceiling, amount)
    if account_id is None:
        raise Short(ceiling.account, order.price, max(0, _left(c, order.guild_id, ceiling)))
    c.execute(insert(charges).values(reservation_id=reservation_id, account_id=account_id, amount=amount))


def _shared(c: Connection, order: Order, share: Ceiling) -> list[tuple[Ceiling, int]]:
    """How the person pays: by the day's share as far as it goes, then by what they were granted."""
    left = max(0, _left(c, order.guild_id, share, lock=True))
    by_share = min(left, order.price)
    parts = [(share, by_share)] if by_share else []
    if rest := order.price - by_share:
        account = Account("grant", order.person_id, NEVER_ENDS, 0)
        # Held like the share as it is read: it may be taken back, or forgotten with its person's data, before it is
        # charged. One that is given after this look is none yet.
        granted = granted_left(c, guild_id=order.guild_id, person_id=order.person_id, lock=True)
        if granted < rest:
            raise Short(share.account, order.price, left + granted)
        parts.append((Ceiling(account, granted), rest))
    return parts


def _charge(c: Connection, guild_id: int, ceiling: Ceiling, amount: int) -> int | None:
    """Reserve `amount` on an account and return its id. None: its ceiling does not allow it."""
    account_id = _account(c, guild_id, ceiling.account)
    limit = a.c.granted if ceiling.account.kind == "grant" else ceiling.limit
    fits = a.c.reserved + a.c.spent + amount <= limit
    values = {"reserved": a.c.reserved + amount, "ceiling": ceiling.limit}
    charged = update(a).where((a.c.id == account_id) & fits).values(values)
    return account_id if c.execute(charged).rowcount else None


def _account(c: Connection, guild_id: int, account: Account) -> int:
    """The id of an account, made where there was none, and held until the transaction ends."""
    values = {
        "guild_id": guild_id,
        "kind": account.kind,
        "owner_id": account.owner_id,
        "period": account.period,
        "starts": account.starts,
    }
    # An update of nothing: where the row is there already it is held, and can't be deleted before it is used.
    made = insert_for(c, a).values(values)
    key = [a.c.guild_id, a.c.kind, a.c.owner_id, a.c.period, a.c.starts]
    held = made.on_conflict_do_update(index_elements=key, set_={"alerted": a.c.alerted})
    return c.execute(held.returning(a.c.id)).scalar_one()


def _left(c: Connection, guild_id: int, ceiling: Ceiling, *, lock: bool = False) -> int:
    if lock:
        # What is read is what the order is then charged by.
        _account(c, guild_id, ceiling.account)
    return ceiling.limit - balance(c, guild_id=guild_id, account=ceiling.account).used


def _rank() -> ColumnElement[int]:
    return case({kind: rank for rank, kind in enumerate(ACCOUNTS)}, value=a.c.kind)


def _least(amount: int, price: ColumnElement[int]) -> ColumnElement[int]:
    return case((price < amount, price), else_=max(0, amount))
