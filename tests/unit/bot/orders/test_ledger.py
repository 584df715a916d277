"""No sequence of orders, ends, crashes, months' ends and changed roles makes or loses a credit."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection, Row, Table, delete, func, select

from bot.orders import ledger
from bot.orders.ledger import Account, Ceiling, Order, Short
from bot.periods import period_end, period_start
from bot.store.opening import open_database
from bot.store.schema import accounts, charges, reservations

if TYPE_CHECKING:
    from bot.store.database import Database

# Without a database of examples in the project's folder: each run makes its own.
SETTINGS = settings(
    max_examples=20,
    stateful_step_count=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
GUILD, CHANNEL, ALICE, BOB = 1, 10, 100, 101
DAY = 86_400.0
NEW_YEAR = 1_798_761_600.0
"""2027-01-01 00:00 UTC."""


def order(person: int = ALICE, price: int = 5) -> Order:
    return Order(guild_id=GUILD, channel_id=CHANNEL, person_id=person, kind="ask", model="m", price=price)


def share(person: int = ALICE, limit: int = 20, *, now: float = NEW_YEAR) -> Ceiling:
    return Ceiling(Account.at("person", person, "day", now), limit)


def pool(limit: int = 50, *, now: float = NEW_YEAR, period: str = "month") -> Ceiling:
    return Ceiling(Account.at("server", GUILD, period, now), limit)


@dataclass
class Open:
    price: int
    by_share: tuple[Account, int]
    by_grant: int
    pools: list[Account]


@dataclass
class Book:
    """The ledger as one would keep it on paper."""

    used: Counter[Account] = field(default_factory=Counter[Account])
    granted: Counter[int] = field(default_factory=Counter[int])
    open: dict[int, Open] = field(default_factory=dict[int, Open])


def forget_all(c: Connection) -> None:
    for table in (charges, reservations, accounts):
        c.execute(delete(table))


def count(c: Connection, table: Table) -> int:
    return c.execute(select(func.count()).select_from(table)).scalar_one()


def all_accounts(c: Connection) -> Sequence[Row[Any]]:
    return c.execute(select(accounts)).all()


def held_by_open_orders(c: Connection) -> int:
    held = select(func.coalesce(func.sum(charges.c.amount), 0))
    of_open = held.join(reservations, reservations.c.id == charges.c.reservation_id)
    return c.execute(of_open.where(reservations.c.settled_at.is_(None))).scalar_one()


class Ledger(RuleBasedStateMachine):
    """Each rule does the same in the database and on paper."""

    run: Callable[..., Any]

    @initialize()
    def begin(self) -> None:
        self.run(forget_all)
        self.book = Book()
        self.now = NEW_YEAR - 3 * DAY
        self.limits = {ALICE: 12, BOB: 30}
        self.pool_limit = 60

    @rule(person=st.sampled_from((ALICE, BOB)), price=st.integers(0, 20))
    def reserve(self, person: int, price: int) -> None:
        mine = share(person, self.limits[person], now=self.now)
        pools = [pool(self.pool_limit, now=self.now), Ceiling(Account.at("channel", CHANNEL, "day", self.now), 45)]
        grant = Account("grant", person, "ever", 0)
        used = self.book.used
        by_share = min(max(0, mine.limit - used[mine.account]), price)
        enough = self.book.granted[person] - used[grant] >= price - by_share
        fits = all(used[one.account] + price <= one.limit for one in pools)
        wanted = order(person, price)
        if price and not (enough and fits):
            with pytest.raises(Short) as short:
                self.run(ledger.reserve, wanted, pools=pools, share=mine, now=self.now)
            assert short.value.left < price
            return
        made = self.run(ledger.reserve, wanted, pools=pools, share=mine, now=self.now)
        used[mine.account] += by_share
        used[grant] += price - by_share
        for one in pools:
            used[one.account] += price
        accounts_of_pools = [one.account for one in pools]
        self.book.open[made] = Open(price, (mine.account, by_share), price - by_share, accounts_of_pools)

    @rule(pick=st.integers(0), pools=st.integers(-1, 25), person=st.integers(-1, 25))
    def settle(self, pick: int, pools: int, person: int) -> None:
        if not self.book.open:
            return
        key = sorted(self.book.open)[pick % len(self.book.open)]
        one = self.book.open.pop(key)
        assert self.run(ledger.settle, key, pools=pools, person=person, now=self.now)
        assert not self.run(ledger.settle, key, pools=0, person=0, now=self.now)
        spent, paid = (min(max(0, amount), one.price) for amount in (pools, person))
        account, by_share = one.by_share
        owner = account.owner_id
        self.book.used[account] -= by_share - min(by_share, paid)
        rest = max(0, paid - by_share)
        self.book.used[Account("grant", owner, "ever", 0)] -= one.by_grant - rest
        for each in one.pools:
            self.book.used[each] -= one.price - spent

    @rule()
    def crash(self) -> None:
        """A new process: what was left open is charged to the pools and given back to the people."""
        for key in self.run(ledger.open_asks, before=self.now + 1):
            one = self.book.open.pop(key)
            assert self.run(ledger.settle, key, pools=one.price, person=0, now=self.now)
            account, by_share = one.by_share
            self.book.used[account] -= by_share
            self.book.used[Account("grant", account.owner_id, "ever", 0)] -= one.by_grant
        assert self.book.open == {}

    @rule(days=st.integers(1, 40))
    def time_passes(self, days: int) -> None:
        self.now += days * DAY

    @rule(person=st.sampled_from((ALICE, BOB)), limit=st.integers(0, 40))
    def role_changes(self, person: int, limit: int) -> None:
        self.limits[person] = limit

    @rule(limit=st.integers(0, 100))
    def pool_changes(self, limit: int) -> None:
        self.pool_limit = limit

    @rule(person=st.sampled_from((ALICE, BOB)), credits_=st.integers(-20, 20))
    def grant(self, person: int, credits_: int) -> None:
        self.run(ledger.grant, guild_id=GUILD, person_id=person, credits=credits_)
        least = self.book.used[Account("grant", person, "ever", 0)]
        self.book.granted[person] = max(least, self.book.granted[person] + credits_)

    @invariant()
    def the_books_agree(self) -> None:
        if not hasattr(self, "book"):
            return
        rows = self.run(all_accounts)
        on_file = {Account(row.kind, row.owner_id, row.period, row.starts): row.reserved + row.spent for row in rows}
        assert {key: used for key, used in on_file.items() if used} == {
            key: used for key, used in self.book.used.items() if used
        }
        granted = {row.owner_id: row.granted for row in rows if row.kind == "grant" and row.granted}
        assert granted == {person: amount for person, amount in self.book.granted.items() if amount}
        # What is reserved is what open orders hold, and nothing else.
        assert self.run(held_by_open_orders) == sum(row.reserved for row in rows)


def test_no_sequence_makes_or_loses_a_credit(database_url: str) -> None:
    with asyncio.Runner() as runner:
        opening = open_database(database_url)
        database = runner.run(opening.__aenter__())

        def run(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            return runner.run(database.run(function, *args, **kwargs))

        try:
            machine = type("LedgerHere", (Ledger,), {"run": staticmethod(run)})
            run_state_machine_as_test(machine, settings=SETTINGS)  # pyright: ignore[reportUnknownMemberType] - untyped there
        finally:
            runner.run(opening.__aexit__(None, None, None))


async def test_twenty_orders_at_once_do_not_overdraw_by_one(database: Database) -> None:
    async def place(number: int) -> bool:
        person = (ALICE, BOB)[number % 2]
        try:
            await database.run(ledger.reserve, order(person), pools=[pool(33)], share=share(person), now=NEW_YEAR)
        except Short:
            return False
        return True

    assert sum(await asyncio.gather(*map(place, range(20)))) == 6
    balance = await database.run(ledger.balance, guild_id=GUILD, account=pool().account)
    assert (balance.reserved, balance.spent) == (30, 0)
    for person in (ALICE, BOB):
        assert (await database.run(ledger.balance, guild_id=GUILD, account=share(person).account)).used <= 20


async def test_a_refused_order_leaves_nothing(database: Database) -> None:
    with pytest.raises(Short) as short:
        await database.run(ledger.reserve, order(price=7), pools=[pool(50)], share=share(limit=6), now=NEW_YEAR)
    assert (short.value.account.kind, short.value.price, short.value.left) == ("person", 7, 6)
    with pytest.raises(Short) as short:
        await database.run(ledger.reserve, order(price=7), pools=[pool(6)], share=share(), now=NEW_YEAR)
    assert (short.value.account.kind, short.value.left) == ("server", 6)
    for table in (reservations, charges):
        assert await database.run(count, table) == 0


async def test_a_month_s_end_under_way_changes_nothing(database: Database) -> None:
    """Reserved in the last second of the year, settled in the next: the old month pays."""
    before = NEW_YEAR - 1
    old = pool(now=before)
    made = await database.run(ledger.reserve, order(), pools=[old], share=share(now=before), now=before)
    assert await database.run(ledger.settle, made, pools=3, person=3, now=NEW_YEAR + 1)
    assert (await database.run(ledger.balance, guild_id=GUILD, account=old.account)).spent == 3
    assert (await database.run(ledger.balance, guild_id=GUILD, account=pool().account)).used == 0


@pytest.mark.parametrize(
    ("period", "now", "starts", "end"),
    [
        ("day", NEW_YEAR, 20819, NEW_YEAR + DAY),
        ("day", NEW_YEAR - 1, 20818, NEW_YEAR),
        ("month", NEW_YEAR - 1, 683, NEW_YEAR),
        ("month", NEW_YEAR, 684, NEW_YEAR + 31 * DAY),
        ("ever", NEW_YEAR, 0, None),
    ],
)
def test_periods(period: str, now: float, starts: int, end: float | None) -> None:
    assert period_start(period, now) == starts
    assert period_end(period, starts) == end


async def test_orders_and_ends_of_one_person_do_not_wait_for_each_other(database: Database) -> None:
    """Both take the accounts in the same order: on PostgreSQL they would be in deadlock otherwise, and run again."""

    async def order_and_settle() -> None:
        for _ in range(10):
            wanted = order(price=1)
            made = await database.run(ledger.reserve, wanted, pools=[pool(1000)], share=share(limit=1000), now=NEW_YEAR)
            assert await database.run(ledger.settle, made, pools=1, person=1, now=NEW_YEAR)

    # A deadlock is found after a tenth of a second here: eighty of them would take far longer than this.
    async with asyncio.timeout(20):
        await asyncio.gather(*(order_and_settle() for _ in range(8)))
    for account in (pool().account, share().account):
        balance = await database.run(ledger.balance, guild_id=GUILD, account=account)
        assert (balance.reserved, balance.spent) == (0, 80)


async def test_a_lowered_ceiling_leaves_nothing_not_less(database: Database) -> None:
    await database.run(ledger.reserve, order(price=10), pools=[pool(20)], share=None, now=NEW_YEAR)
    with pytest.raises(Short) as short:
        await database.run(ledger.reserve, order(), pools=[pool(5)], share=None, now=NEW_YEAR)
    assert short.value.left == 0
