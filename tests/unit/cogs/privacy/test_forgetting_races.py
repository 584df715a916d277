"""A person's data is deleted, or old accounts are, while they order: nothing fails, and no credit is made or lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import event, func, select
from sqlalchemy.util import await_only

from bot.orders import grants, ledger, person_lines, personal
from bot.orders.ledger import Account, Balance, Ceiling, Order, Short
from bot.store.opening import open_database
from bot.store.schema import accounts, charges, reservations

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database

GUILD, CAROL, MOD = 9, 100, 5
DAY = 86_400.0
NOW = 1_000 * DAY
TODAY = 1_000
ROUNDS = 40
ORDER = Order(guild_id=GUILD, channel_id=20, person_id=CAROL, kind="ask", model="m", price=3)
POOL = Ceiling(Account.at("server", GUILD, "month", NOW), 10_000)


def mine(share: int) -> Ceiling:
    return Ceiling(Account.at("person", CAROL, "day", NOW), share)


def held_and_reserved(c: Connection) -> tuple[int, int]:
    held = select(func.coalesce(func.sum(charges.c.amount), 0)).join(
        reservations, reservations.c.id == charges.c.reservation_id
    )
    return (
        int(c.execute(held.where(reservations.c.settled_at.is_(None))).scalar_one()),
        int(c.execute(select(func.coalesce(func.sum(accounts.c.reserved), 0))).scalar_one()),
    )


async def order(database: Database, *, share: int) -> int | None:
    """The reservation's id; None: the credits do not suffice, which is the share's to say."""
    try:
        return await database.run(ledger.reserve, ORDER, pools=[POOL], share=mine(share), now=NOW)
    except Short as short:
        if short.account != mine(share).account:
            raise
        return None


async def test_grants_taken_back_and_forgotten_while_they_are_spent(database: Database) -> None:
    async def spend() -> None:
        for turn in range(ROUNDS):
            made = await order(database, share=1)
            if made is not None:
                await database.run(ledger.settle, made, pools=3, person=3 * (turn % 2), now=NOW)

    async def give() -> None:
        for _ in range(ROUNDS):
            await database.run(grants.give, guild_id=GUILD, person_id=CAROL, credits=4, reason="x", by=MOD, now=NOW)

    async def forget() -> None:
        for _ in range(ROUNDS):
            await database.run(person_lines.forget_person, CAROL)
            await database.run(personal.forget_grants, person_id=CAROL)
            await database.run(personal.forget_accounts, day=TODAY, limit=50, person_id=CAROL)

    await asyncio.gather(spend(), spend(), give(), forget())
    assert await database.run(held_and_reserved) == (0, 0)
    await database.run(personal.forget_grants, person_id=CAROL)
    assert await database.run(ledger.granted_left, guild_id=GUILD, person_id=CAROL) == 0


async def test_an_account_that_an_order_has_found_is_not_forgotten_under_it(postgresql_url: str) -> None:
    """Just after midnight: an order that began before it, and between two of its statements the janitor's new day."""
    async with open_database(postgresql_url) as database:
        first = await order(database, share=10)
        assert first is not None
        await database.run(ledger.settle, first, pools=3, person=3, now=NOW)
        forgetting: list[asyncio.Task[int]] = []

        async def forget() -> None:
            task = asyncio.create_task(database.run(personal.forget_accounts, day=TODAY + 1, limit=50))
            forgetting.append(task)
            # It may have to wait until the order is done: then that is what is wanted.
            await asyncio.wait({task}, timeout=0.3)

        def late(c: Connection) -> int:
            found: list[str] = []

            def between(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
                found.extend(["account"] if statement.startswith("INSERT INTO accounts") else [])
                if len(found) == 2 and not forgetting:  # the server's, then the person's
                    await_only(forget())

            event.listen(c, "after_cursor_execute", between)
            return ledger.reserve(c, ORDER, pools=[POOL], share=mine(10), now=NOW)

        made = await database.run(late)
        assert await forgetting[0] == 0
        assert (await database.run(ledger.balance, guild_id=GUILD, account=mine(10).account)) == Balance(3, 3)
        assert await database.run(ledger.settle, made, pools=3, person=3, now=NOW + DAY)
