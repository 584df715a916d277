"""Grants in the history, and what is left of credits when a person's data is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from bot.orders import grants, ledger, person_lines, personal
from bot.orders.ledger import Account, Ceiling, Order
from bot.orders.person_lines import GRANT
from bot.settings import changes
from bot.settings.changes import Realm
from bot.store.schema import accounts, charges, reservations
from cogs.privacy import rows as privacy

if TYPE_CHECKING:
    from bot.settings.changes import Changed
    from bot.store.database import Database

GUILD, MOD = 9, 5
CAROL, DAVE = 2**62 + 1, 2**62 + 2
DAY = 86_400.0
NOW = 1_000 * DAY


async def give(database: Database, person: int = CAROL, credits_: int = 50, *, by: int = MOD) -> Changed | None:
    return await database.run(
        grants.give,
        guild_id=GUILD,
        person_id=person,
        credits=credits_,
        reason="a prize \U0001f600 \ud800",
        by=by,
        now=NOW,
    )


async def reserve(database: Database, price: int, *, now: float = NOW, person: int = CAROL) -> int:
    order = Order(guild_id=GUILD, channel_id=20, person_id=person, kind="ask", model="m", price=price)
    share = Ceiling(Account.at("person", person, "day", now), 10)
    pool = Ceiling(Account.at("server", GUILD, "month", now), 1000)
    return await database.run(ledger.reserve, order, pools=[pool], share=share, now=now)


async def left(database: Database, person: int = CAROL) -> int:
    return await database.run(ledger.granted_left, guild_id=GUILD, person_id=person)


def sums(c: Connection) -> tuple[int, int, int]:
    """What the server's pool holds, what orders cost it, and what they cost people."""
    pool = c.execute(select(func.sum(accounts.c.spent)).where(accounts.c.kind == "server")).scalar() or 0
    spent = select(func.sum(reservations.c.spent), func.sum(reservations.c.spent_by_person))
    by_pools, by_people = c.execute(spent).one()
    return pool, by_pools or 0, by_people or 0


async def test_a_grant_is_a_line_of_the_history_and_no_setting(database: Database) -> None:
    line = await give(database)
    assert line is not None
    assert (line.batch, line.key, line.scope, line.scope_id, line.changed_by) == (
        line.id,
        "grant",
        "server",
        GUILD,
        MOD,
    )
    assert grants.value_of(line)["credits"] == 50
    realm = Realm(GUILD, 0)
    assert await database.run(changes.history, realm, limit=5, lines=9) == [changes.ChangeSet(1, (line,))]
    assert await database.run(changes.everything, realm) == {}
    assert await database.run(changes.to_undo, realm, limit=5) == [line.batch]


async def test_taking_back_takes_what_is_unused(database: Database) -> None:
    line = await give(database)
    assert line is not None
    await reserve(database, 30)  # ten of the share, twenty of the grant
    back = await database.run(grants.take_back, line, by=MOD, now=NOW)
    assert back is not None
    assert (grants.value_of(back)["credits"], back.undoes) == (-30, line.batch)
    assert await left(database) == 0
    assert await give(database, credits_=-5) is None
    # There is nothing left of another one, and it is noted as taken back all the same.
    second = await give(database, credits_=5)
    await give(database, credits_=-5)
    assert second is not None
    again = await database.run(grants.take_back, second, by=MOD, now=NOW)
    assert again is not None
    assert grants.value_of(again)["credits"] == 0
    assert await database.run(changes.is_undone, second.batch)


async def test_of_a_person_whose_data_is_deleted_only_sums_stay(database: Database) -> None:
    line, other = await give(database), await give(database, DAVE, by=CAROL)
    assert line is not None
    assert other is not None
    yesterday = await reserve(database, 8, now=NOW - DAY)
    today, running = await reserve(database, 4), await reserve(database, 10)
    for made in (yesterday, today):
        await database.run(ledger.settle, made, pools=4, person=3, now=NOW)
    before = await database.run(sums)

    assert len(await database.run(privacy.page, reservations, CAROL, after=None, limit=50)) == 3
    assert [account.kind for _, account, _ in await database.run(personal.accounts_of, CAROL)] == [
        "grant",
        "person",
        "person",
    ]
    await database.run(person_lines.forget_person, CAROL)
    day = int(NOW // DAY)
    assert await database.run(personal.forget_accounts, day=day, limit=50, person_id=CAROL) == 1
    await database.run(personal.forget_grants, person_id=CAROL)
    assert await database.run(privacy.clear_some, reservations.c.person_id, CAROL, limit=2) == 2
    assert await database.run(privacy.clear_some, reservations.c.person_id, CAROL, limit=2) == 1

    assert await database.run(sums) == before
    assert await left(database) == 0
    assert await database.run(person_lines.of_person, GRANT, CAROL) == []
    assert await database.run(privacy.page, reservations, CAROL, after=None, limit=50) == []
    # Today's share stays: to delete it would lift the day's limit. What runs is settled as ever.
    kept = await database.run(personal.accounts_of, CAROL)
    assert {account.kind for _, account, _ in kept} <= {"person", "grant"}
    assert (
        await database.run(ledger.balance, guild_id=GUILD, account=Account.at("person", CAROL, "day", NOW))
    ).used > 0
    assert await database.run(ledger.settle, running, pools=10, person=10, now=NOW)
    sets = await database.run(changes.history, Realm(GUILD, 0), limit=9, lines=9)
    lines = {one.id: grants.value_of(one) for each in sets for one in each.lines}
    assert lines == {line.id: {"credits": 50}, other.id: {"credits": 50, "person": str(DAVE)}}
    (forgotten,) = await database.run(changes.of_batch, line.batch, Realm(GUILD, 0))
    assert await database.run(grants.take_back, forgotten, by=MOD, now=NOW) is None
    assert await left(database, DAVE) == 50
    # The next day the janitor leaves nothing of it: the day's account, and the grant that was reserved from.
    assert await database.run(personal.forget_accounts, day=day + 1, limit=50) == 2
    assert await database.run(personal.accounts_of, CAROL) == []


async def test_accounts_that_still_hold_something_are_kept(database: Database) -> None:
    running = await reserve(database, 8, now=NOW - DAY)
    forget = {"day": int(NOW // DAY), "limit": 50}
    assert await database.run(personal.forget_accounts, **forget) == 0
    await database.run(ledger.settle, running, pools=8, person=8, now=NOW)
    assert await database.run(personal.forget_accounts, **forget) == 1
    assert await database.run(lambda c: c.execute(select(func.count()).select_from(charges)).scalar_one()) == 1
