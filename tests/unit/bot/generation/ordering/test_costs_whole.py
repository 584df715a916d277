"""Orders, ends, crashes, months' ends and changed settings in any sequence: no credit is made or lost.

The real scheduler (`Orders`, the worker's ends, the ends that people choose) beside a book kept on paper.
"""

from __future__ import annotations

import asyncio
import time as real_time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, Row, delete, func, select

from bot.errors import NotEnoughCredits
from bot.generation.endings import cancel, take_away
from bot.generation.ordering.again import reroll
from bot.generation.ordering.orders import Orders
from bot.generation.pace import Limits
from bot.generation.pauses import Pauses
from bot.generation.price import settle_what_was_open
from bot.generation.rows import generations, queries
from bot.generation.rows.records import NewResult
from bot.generation.work.progress import Progress
from bot.orders import ledger, personal
from bot.orders.callers import Caller
from bot.orders.costs import Spent
from bot.orders.daily_limits import FORGIVEN_A_DAY
from bot.orders.ledger import Account
from bot.orders.question import Question
from bot.reasons import Reason
from bot.settings import Place
from bot.states import CANCELLABLE, LIVE, State
from bot.store.opening import open_database
from bot.store.schema import accounts, charges, daily_counts, reservations
from bot.store.schema import generations as rows
from bot.store.schema import settings as settings_table
from tests.unit import stored_settings
from tests.unit.ordering import AnyModel, a_video, environment_of, question_of

if TYPE_CHECKING:
    from pathlib import Path

    from bot.generation.card_facts import CardFacts
    from bot.generation.rows.records import Generation
    from bot.store.database import Database

# Without a database of examples in the project's folder: each run makes its own.
SETTINGS = settings(
    max_examples=12,
    stateful_step_count=30,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
GUILD, CHANNEL, THREAD = 1, 10, 11
ALICE, BOB, ARTIST = 100, 101, 7
DAY = 86_400.0
BEGIN = 1_798_761_600.0 - 3 * DAY
"""Three days before 2027."""
FAILURES = (
    (State.FAILED, Reason.INVALID, False),
    (State.FAILED, Reason.MADE_FAILED, False),
    (State.FAILED, Reason.OUR_FAULT, False),
    (State.FAILED, Reason.BAD_ANSWER, True),
    (State.UNKNOWN, Reason.UNCERTAIN, True),
    (State.EXPIRED, Reason.EXPIRED, True),
)
"""And whether the service may have billed it all the same."""
PEOPLE = st.sampled_from((ALICE, BOB))
PLACES = st.sampled_from((CHANNEL, THREAD))


@dataclass
class Clock:
    """Stands in for the module `time` where the scheduler looks at it."""

    now: float = BEGIN

    def time(self) -> float:
        return self.now

    monotonic = staticmethod(real_time.monotonic)


class Blind:
    """A Deliverer that nobody looks at."""

    async def find(self, row: Generation) -> int | None:
        del row

    async def show(self, facts: CardFacts) -> bool:
        del facts
        return True

    async def deliver(self, facts: CardFacts) -> State:
        raise NotImplementedError


@dataclass
class Part:
    account: Account
    amount: int


@dataclass
class Open:
    """An order on paper; `price` None: credits were off. `day`: on which it was placed."""

    price: int | None
    person: int
    day: int = 0
    count: int = 1
    pools: list[Part] = field(default_factory=list[Part])
    shares: list[Part] = field(default_factory=list[Part])
    """The day's share, then the grant."""
    question: Question | None = None


def wipe(c: Connection) -> None:
    for table in (charges, reservations, accounts, rows, daily_counts, settings_table):
        c.execute(delete(table))


def all_accounts(c: Connection) -> Sequence[Row[Any]]:
    return c.execute(select(accounts)).all()


def held(c: Connection) -> int:
    query = select(func.coalesce(func.sum(charges.c.amount), 0))
    joined = query.join(reservations, reservations.c.id == charges.c.reservation_id)
    return c.execute(joined.where(reservations.c.settled_at.is_(None))).scalar_one()


def unsettled(c: Connection) -> int:
    return c.execute(
        select(func.count()).select_from(reservations).where(reservations.c.settled_at.is_(None))
    ).scalar_one()


class Books(NamedTuple):
    """What the database says, read in one transaction: there are thousands of looks at it."""

    accounts: Sequence[Row[Any]]
    held: int
    open_of_ended: list[int]
    live: bool
    unsettled: int


def read_books(c: Connection) -> Books:
    live = bool(queries.ids_in_states(c, LIVE))
    return Books(all_accounts(c), held(c), ledger.open_of_ended(c), live, unsettled(c))


class Scheduler(RuleBasedStateMachine):
    """Each rule does the same at the scheduler and on paper."""

    clock: Clock
    database: Database
    orders: Orders
    progress: Progress
    wait: Callable[[Coroutine[Any, Any, Any]], Any]

    def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self.wait(self.database.run(function, *args, **kwargs))

    # What moderators do

    @initialize(server=st.integers(5, 60), share=st.integers(5, 90))
    def begin(self, server: int, share: int) -> None:
        self.run(wipe)
        self.clock.now = BEGIN
        self.used = Counter[Account]()
        self.granted = Counter[int]()
        self.open: dict[int, Open] = {}
        self.asks: list[Open] = []
        self.ended: list[int] = []
        self.forgiven = Counter[tuple[int, int]]()
        self.roles: dict[int, frozenset[int]] = {ALICE: frozenset(), BOB: frozenset({ARTIST})}
        self.on = True
        self.share: tuple[int, int] | None = None
        self.server: tuple[int, str] | None = None
        self.channels: dict[int, tuple[int, str] | None] = {CHANNEL: None, THREAD: None}
        self.set_prices(7)
        self.set_server_pool((server, "month"))
        self.set_share((share, share * 2))

    def put(self, key: str, value: Any, scope: str = "server", scope_id: int = GUILD) -> None:
        where: dict[str, Any] = {"scope": scope, "scope_id": scope_id, "key": key, "guild_id": GUILD}
        self.run(stored_settings.put, **where, value=value, changed_by=1, now=self.clock.now)

    @rule(video=st.integers(0, 15))
    def set_prices(self, video: int) -> None:
        self.video_price = video
        self.put("prices", ["ask=1", "ask:tok*=2/1k", "imagine=3", f"video={video}"])

    @rule(pool=st.none() | st.tuples(st.integers(0, 40), st.sampled_from(("day", "month"))))
    def set_server_pool(self, pool: tuple[int, str] | None) -> None:
        self.server = pool
        self.put("server_pool", pool and f"{pool[0]}/{pool[1]}")

    @rule(where=PLACES, pool=st.none() | st.tuples(st.integers(0, 30), st.sampled_from(("day", "month"))))
    def set_channel_pool(self, where: int, pool: tuple[int, str] | None) -> None:
        self.channels[where] = pool
        self.put("channel_pool", pool and f"{pool[0]}/{pool[1]}", "channel", where)

    @rule(share=st.none() | st.tuples(st.integers(0, 60), st.integers(0, 120)))
    def set_share(self, share: tuple[int, int] | None) -> None:
        self.share = share
        self.put("daily_credits", share and [str(share[0]), f"{ARTIST}={share[1]}"])

    @rule(person=PEOPLE)
    def change_roles(self, person: int) -> None:
        self.roles[person] ^= frozenset({ARTIST})

    @rule(person=PEOPLE, credits_=st.integers(-30, 30))
    def grant(self, person: int, credits_: int) -> None:
        given = self.run(ledger.grant, guild_id=GUILD, person_id=person, credits=credits_)
        least = self.used[Account("grant", person, "ever", 0)]
        after = max(least, self.granted[person] + credits_)
        assert given == after - self.granted[person]
        self.granted[person] = after

    # What an order would cost, on paper

    def caller(self, person: int, where: int) -> Caller:
        return Caller(
            person_id=person,
            place=Place(CHANNEL, thread_id=where if where == THREAD else None, guild_id=GUILD),
            context="guild",
            locale="en",
            application_id=1,
            token="token",
            token_expires_at=self.clock.now + 900,
            roles=self.roles[person],
        )

    def charged(self, person: int, where: int, price: int) -> Open | None:
        """The order as it is to be written down; None: it is to be refused."""
        now, made = self.clock.now, Open(price, person, int(self.clock.now // DAY))
        pools = [("server", GUILD, self.server)]
        owner = THREAD if where == THREAD and self.channels[THREAD] is not None else CHANNEL
        pools.append(("channel", owner, self.channels[owner]))
        for kind, owner_id, pool in pools:
            if pool is None or not price:
                continue
            account = Account.at(kind, owner_id, pool[1], now)
            if self.used[account] + price > pool[0]:
                return None
            made.pools.append(Part(account, price))
        if self.share is not None and price:
            most = max(self.share) if ARTIST in self.roles[person] else self.share[0]
            account, grant = Account.at("person", person, "day", now), Account("grant", person, "ever", 0)
            by_share = min(max(0, most - self.used[account]), price)
            if self.granted[person] - self.used[grant] < price - by_share:
                return None
            made.shares = [part for part in (Part(account, by_share), Part(grant, price - by_share)) if part.amount]
        return made

    def take(self, made: Open) -> None:
        for part in (*made.pools, *made.shares):
            self.used[part.account] += part.amount

    def settle(self, one: Open, pools: int, person: int) -> None:
        for part in one.pools:
            self.used[part.account] -= part.amount - min(part.amount, pools)
        for part in one.shares:
            kept = min(part.amount, person)
            person -= kept
            self.used[part.account] -= part.amount - kept

    def lost(self, one: Open) -> tuple[int, int]:
        """What the pools and the person pay for what nobody has: the person nothing, five times a day."""
        price = one.price or 0
        if not price:
            return 0, 0
        if self.forgiven[one.person, one.day] == FORGIVEN_A_DAY:
            return price, price
        self.forgiven[one.person, one.day] += 1
        return price, 0

    def order(self, price: int, person: int, where: int, placing: Coroutine[Any, Any, Any]) -> tuple[Any, Open]:
        made = self.charged(person, where, price)
        result: Any = None
        missing: NotEnoughCredits | None = None
        try:
            result = self.wait(placing)
        except NotEnoughCredits as short:
            missing = short
        if missing is not None:
            assert made is None
            assert missing.left < missing.price == price
            return None, Open(None, person)
        assert made is not None
        self.take(made)
        return result, made

    # What people do

    @rule(person=PEOPLE, where=PLACES, model=st.sampled_from(("m", "tok-1")), length=st.integers(1, 2500))
    def ask(self, person: int, where: int, model: str, length: int) -> None:
        price = 1 if model == "m" else 2 * -(-(length + 4096) // 1000)
        asking = question_of(self.orders, self.caller(person, where), "x" * length, model)
        question, made = self.order(price, person, where, asking)
        if question is not None:
            made.question = question
            self.asks.append(made)

    @rule(person=PEOPLE, where=PLACES, count=st.integers(1, 4))
    def imagine(self, person: int, where: int, count: int) -> None:
        placing = self.orders.image(self.caller(person, where), prompt="a fox", count=count, size=None, model="m")
        self.note(*self.order(3 * count, person, where, placing), count)

    @rule(person=PEOPLE, where=PLACES)
    def video(self, person: int, where: int) -> None:
        placing = a_video(self.orders, self.caller(person, where), prompt="a fox", resolution=None, model="m")
        self.note(*self.order(self.video_price, person, where, placing))

    @precondition(lambda self: self.ended)
    @rule(person=PEOPLE, where=PLACES, data=st.data())
    def reroll(self, person: int, where: int, data: st.DataObject) -> None:
        old = self.run(generations.get, data.draw(st.sampled_from(self.ended)))
        self.clock.now += 60  # no double press
        price = 3 * old.count if old.kind == "image" else self.video_price
        placing = reroll(self.orders, self.caller(person, where), old.id)
        self.note(*self.order(price, person, where, placing), old.count)

    def note(self, row: Generation | None, made: Open, count: int = 1) -> None:
        if row is not None:
            assert row.price == made.price
            made.count = count
            self.open[row.id] = made

    @rule(person=PEOPLE, where=PLACES, count=st.integers(2, 12))
    def many_at_once(self, person: int, where: int, count: int) -> None:
        """As many as there is room for, and given back as if they had never been."""
        paper, granted = self.used.copy(), self.granted.copy()
        room = 0
        while room < count and (made := self.charged(person, where, self.video_price)) is not None:
            self.take(made)
            room += 1

        async def place() -> list[Any]:
            caller = self.caller(person, where)
            placing = [a_video(self.orders, caller, prompt="a fox", resolution=None, model="m") for _ in range(count)]
            return await asyncio.gather(*placing, return_exceptions=True)

        ends = self.wait(place())
        assert all(isinstance(end, NotEnoughCredits) for end in ends if isinstance(end, BaseException))
        placed = [cast("Generation", end) for end in ends if not isinstance(end, BaseException)]
        assert len(placed) == room
        self.the_books_agree()
        for row in placed:
            self.wait(self.orders.withdraw(row))
        self.used, self.granted = paper, granted

    # How it ends

    @precondition(lambda self: self.asks)
    @rule(data=st.data(), spent=st.sampled_from(Spent), tokens=st.none() | st.integers(0, 9000))
    def answer(self, data: st.DataObject, spent: Spent, tokens: int | None) -> None:
        one = self.asks.pop(data.draw(st.integers(0, len(self.asks) - 1)))
        question, price = one.question, one.price or 0
        assert question is not None
        assert question.paid is not None
        pools, person = question.paid.kept(spent, tokens=tokens, estimate=1500)
        self.wait(
            self.orders.questions.settle(question, nothing_made=spent is Spent.NOTHING, pools=pools, person=person)
        )
        cost = price if question.model == "m" else 2 * max(1, -(-(1500 if tokens is None else tokens) // 1000))
        match spent:
            case Spent.NOTHING:
                self.settle(one, 0, 0)
            case Spent.PERHAPS:
                self.settle(one, *self.lost(one))
            case Spent.SOMETHING:
                self.settle(one, min(cost, price), min(cost, price))

    def drawn(self, data: st.DataObject) -> tuple[Generation, Open]:
        id_ = data.draw(st.sampled_from(sorted(self.open)))
        return self.run(generations.get, id_), self.open[id_]

    def close(self, row: Generation, pools: int, person: int, *, again: bool = True) -> None:
        self.settle(self.open.pop(row.id), pools, person)
        if again:
            self.ended.append(row.id)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def goes_on(self, data: st.DataObject) -> None:
        """From queued to submitting to running."""
        row, _ = self.drawn(data)
        if row.state == State.QUEUED:
            changes: dict[str, Any] = {"state": State.SUBMITTING, "submitted_at": self.clock.now}
        elif row.state == State.SUBMITTING and row.kind == "video":
            changes = {"state": State.RUNNING, "task_id": "t"}
        else:
            return
        assert self.run(generations.change, row.id, row.epoch, **changes) is not None

    @precondition(lambda self: self.open)
    @rule(data=st.data(), arrived=st.integers(1, 4))
    def is_made(self, data: st.DataObject, arrived: int) -> None:
        row, one = self.drawn(data)
        if row.state not in {State.SUBMITTING, State.RUNNING} or (row.kind == "video" and row.state != State.RUNNING):
            return
        results = [NewResult(url=f"https://example.org/{number}") for number in range(min(arrived, row.count))]
        self.wait(self.progress.generated(row, results, age=1.0))
        cost = -(-(one.price or 0) * len(results) // one.count)
        self.close(row, cost, cost)

    @precondition(lambda self: self.open)
    @rule(data=st.data(), how=st.sampled_from(FAILURES))
    def fails(self, data: st.DataObject, how: tuple[State, Reason, bool]) -> None:
        state, reason, perhaps_billed = how
        row, one = self.drawn(data)
        if row.state == State.QUEUED:
            return
        self.wait(self.progress.end(row, state, reason))
        self.close(row, *(self.lost(one) if perhaps_billed else (0, 0)))

    @precondition(lambda self: self.open)
    @rule(data=st.data(), remove=st.booleans())
    def is_cancelled(self, data: st.DataObject, remove: bool) -> None:
        row, one = self.drawn(data)
        kept = (one.price or 0) if row.submitted_at is not None else 0
        if remove:
            assert self.run(take_away, row.id, by=1) is not None
        else:
            ended = self.run(cancel, row.id, from_states=CANCELLABLE, by=1)
            assert (ended is not None) == (row.state in CANCELLABLE)
            if ended is None:
                return
        self.close(row, kept, kept, again=False)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def could_not_be_posted(self, data: st.DataObject) -> None:
        row, _ = self.drawn(data)
        self.wait(self.orders.withdraw(row))
        if row.state == State.QUEUED:
            self.close(row, 0, 0, again=False)

    @rule()
    def crash(self) -> None:
        """The process is killed: what was being sent ends as unknown, questions are charged to the pools alone."""
        for row in self.run(queries.in_states, {State.SUBMITTING}):
            self.wait(self.progress.end(row, State.UNKNOWN, Reason.INTERRUPTED))
            self.close(row, *self.lost(self.open[row.id]))
        settled = self.run(settle_what_was_open, before=self.clock.now + 1, now=self.clock.now)
        assert settled == len(self.asks)
        while self.asks:
            one = self.asks.pop()
            self.settle(one, one.price or 0, 0)

    @rule(hours=st.integers(1, 900))
    def time_passes(self, hours: int) -> None:
        self.clock.now += hours * 3600.0

    @rule()
    def past_days_are_forgotten(self) -> None:
        today = int(self.clock.now // DAY)
        self.run(personal.forget_accounts, day=today, limit=1000)
        reserved = {part.account for one in (*self.open.values(), *self.asks) for part in one.shares}
        for account in list(self.used):
            if account.kind == "person" and account.starts < today and account not in reserved:
                del self.used[account]

    # What must always be true

    @invariant()
    def the_books_agree(self) -> None:
        if not hasattr(self, "used"):
            return
        books: Books = self.run(read_books)
        on_file = books.accounts
        found = {Account(row.kind, row.owner_id, row.period, row.starts): row.reserved + row.spent for row in on_file}
        assert {key: used for key, used in found.items() if used} == {
            key: used for key, used in self.used.items() if used
        }
        granted = {row.owner_id: row.granted for row in on_file if row.kind == "grant" and row.granted}
        assert granted == {person: amount for person, amount in self.granted.items() if amount}
        # What is reserved is what open orders hold, and nothing else; nothing that ended hangs.
        assert books.held == sum(row.reserved for row in on_file)
        assert books.open_of_ended == []
        if not books.live and not self.asks:
            assert books.unsettled == 0


# 750 steps of some transactions each: on a machine that is busy with something else they take their minutes.
@pytest.mark.timeout(600)
def test_no_sequence_of_orders_makes_or_loses_a_credit(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    for module in (
        "generation.ordering.orders",
        "orders.questions",
        "orders.daily_limits",
        "generation.endings",
        "generation.work.progress",
    ):
        monkeypatch.setattr(f"bot.{module}.time", clock)
    monkeypatch.setattr("bot.generation.ordering.repeats.time", clock)
    unlimited = "ask=unlimited,imagine=unlimited,video=unlimited"
    environment = environment_of(tmp_path, DAILY_LIMIT_PER_USER=unlimited)
    with asyncio.Runner() as runner:
        opening = open_database(database_url)
        database = runner.run(opening.__aenter__())
        try:
            progress = Progress(database=database, deliverer=Blind(), limits=Limits(), pauses=Pauses(database))
            facts = {
                "clock": clock,
                "database": database,
                "orders": Orders(database, AnyModel(), environment),
                "progress": progress,
                "wait": staticmethod(runner.run),
            }
            machine = cast("type[RuleBasedStateMachine]", type("DeskHere", (Scheduler,), facts))
            run_state_machine_as_test(machine, settings=SETTINGS)  # pyright: ignore[reportUnknownMemberType] - untyped there
        finally:
            runner.run(opening.__aexit__(None, None, None))
