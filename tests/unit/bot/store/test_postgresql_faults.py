"""What can befall a connection to PostgreSQL, with a real server."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import FailingListenerError
from sqlalchemy import text

from bot.errors import ConfigurationError
from bot.generation.work.posts import Posts
from bot.store import key_values as facts
from bot.store.database import StoreUnavailable
from bot.store.failures import LeaseLost
from bot.store.opening import open_database
from bot.store.writes import until_committed
from tests import postgresql

if TYPE_CHECKING:
    from sqlalchemy import Connection

END_ALL_OTHERS: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def elsewhere(url: str, *statements: str) -> list[Any]:
    """Run statements on a connection of one's own."""
    connection = await postgresql.connect(url)
    try:
        return [await connection.fetch(statement) for statement in statements]
    finally:
        await connection.close()


def elsewhere_now(url: str, *statements: str) -> None:
    """The same from inside a transaction's function, which can't await."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, elsewhere(url, *statements)).result()


async def test_two_transactions_in_conflict_both_happen(postgresql_url: str):
    tries = 0

    def add(c: Connection) -> None:
        nonlocal tries
        tries += 1
        c.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        value = int(facts.get(c, "sum") or "")
        if tries == 1:
            elsewhere_now(postgresql_url, "UPDATE facts SET value = '100' WHERE key = 'sum'")
        facts.put(c, "sum", str(value + 1))  # the first time: 40001, could not serialize access

    async with open_database(postgresql_url) as database:
        await database.run(facts.put, "sum", "0")
        await database.run(add)
        assert await database.run(facts.get, "sum") == "101"
    assert tries == 2


async def test_a_conflict_without_end_is_given_up(postgresql_url: str):
    tries = 0

    def clash(c: Connection) -> None:
        nonlocal tries
        tries += 1
        c.execute(text("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$"))

    async with open_database(postgresql_url) as database:
        with pytest.raises(StoreUnavailable, match="conflict"):
            await database.run(clash)
    assert tries == 6


async def test_a_deadlock_is_run_again(postgresql_url: str):
    tries = 0

    def lock(c: Connection, first: str, second: str) -> None:
        nonlocal tries
        tries += 1
        facts.put(c, first, "locked")
        c.execute(text("SELECT pg_sleep(0.1)"))
        facts.put(c, second, "locked")

    async with open_database(postgresql_url) as database:
        await asyncio.gather(database.run(lock, "a", "b"), database.run(lock, "b", "a"))
    assert tries == 3


async def test_a_connection_found_dead_is_no_matter(postgresql_url: str):
    async with open_database(postgresql_url) as database:
        await asyncio.gather(*(database.run(facts.put, str(n), "x") for n in range(5)))
        await elsewhere(postgresql_url, END_ALL_OTHERS)
        assert await asyncio.gather(*(database.run(facts.get, str(n)) for n in range(5))) == ["x"] * 5


async def test_the_place_among_others_is_taken_again_when_its_connection_was_ended_just_now(postgresql_url: str):
    async with open_database(postgresql_url, shared=True) as database, database.share("run") as membership:
        looked = asyncio.Event()
        membership.looked.append(looked.set)
        beats = asyncio.create_task(membership.run())
        # The news of the end, the end itself, and what is asked in between come in any order.
        for turns in range(12):
            elsewhere_now(postgresql_url, END_ALL_OTHERS)
            for _ in range(turns):
                await asyncio.sleep(0)
            for _ in range(2):
                looked.clear()
                membership.nudge()
                await asyncio.wait([beats, asyncio.create_task(looked.wait())], return_when=asyncio.FIRST_COMPLETED)
        assert not beats.done(), beats.exception()
        assert membership.held
        beats.cancel()


async def test_a_connection_that_dies_in_the_middle_is_replaced(postgresql_url: str):
    tries = 0

    def die_once(c: Connection) -> None:
        nonlocal tries
        tries += 1
        facts.put(c, "tries", str(tries))
        if tries == 1:
            c.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    async with open_database(postgresql_url) as database:
        await database.run(die_once)
        assert await database.run(facts.get, "tries") == "2"


async def test_lost_in_the_commit_is_not_repeated(postgresql_url: str):
    await elsewhere(
        postgresql_url,
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'",
        "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON facts DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION die()",
    )
    tries = 0

    def put(c: Connection) -> None:
        nonlocal tries
        tries += 1
        facts.put(c, "a", "b")

    async with open_database(postgresql_url) as database:
        with pytest.raises(StoreUnavailable) as lost:
            await database.run(put)
    assert lost.value.outcome_unknown
    assert tries == 1


async def test_a_database_that_went_away_is_a_clear_error(postgresql_url: str, postgresql_server: str):
    name = postgresql_url.partition("@/")[2].partition("?")[0]
    async with open_database(postgresql_url) as database:
        await elsewhere(postgresql_server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await elsewhere(
            postgresql_server,
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",  # noqa: S608 - our name
        )
        with pytest.raises(StoreUnavailable, match="not currently accepting connections") as gone:
            await database.run(facts.get, "a")
        assert not gone.value.outcome_unknown
        await elsewhere(postgresql_server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert await database.run(facts.get, "a") is None


async def test_the_hold_is_taken_again_when_its_connection_was_lost(postgresql_url: str):
    holders = "SELECT pid FROM pg_locks JOIN pg_database d ON d.oid = database "
    holders += "WHERE locktype = 'advisory' AND d.datname = current_database()"

    async def holder() -> list[int]:
        (rows,) = await elsewhere(postgresql_url, holders)
        return [row["pid"] for row in rows]

    async with open_database(postgresql_url) as database:
        async with database.hold_alone():
            (first,) = await holder()
            await elsewhere(postgresql_url, f"SELECT pg_terminate_backend({first})")
            async with asyncio.timeout(10):
                while (now := await holder()) in ([], [first]):  # noqa: ASYNC110 - in another process
                    await asyncio.sleep(0.05)
            assert len(now) == 1
            with pytest.raises(ConfigurationError, match="another process"):
                async with open_database(postgresql_url) as other, other.hold_alone():
                    pass
        async with asyncio.timeout(10):
            while await holder():  # noqa: ASYNC110 - in another process
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("/test_", "/missing_"), "does not exist"),
        (("host=", "host=/nowhere"), "No such file"),
        (("host=", "sslmode=sometimes&host="), "sslmode"),
        (("host=", "no_such_setting=1&host="), "no_such_setting"),
    ],
)
async def test_what_can_not_be_reached(postgresql_url: str, change: tuple[str, str], why: str):
    url = postgresql_url.replace(*change).replace("postgres@", "postgres:hush@")
    # A server whose socket is not there may come.
    with pytest.raises(StoreUnavailable if "nowhere" in url else ConfigurationError, match=why) as refused:
        async with open_database(url):
            pass
    assert "hush" not in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_a_server_that_is_not_there():
    with pytest.raises(StoreUnavailable, match=r"PostgreSQL at 127\.0\.0\.1:1, database bot can't be reached") as away:
        async with open_database("postgresql://ann:hush@127.0.0.1:1/bot"):
            pass
    assert "hush" not in str(away.value)


async def test_a_queue_that_hears_nothing_is_one_sentence(postgresql_url: str, monkeypatch: pytest.MonkeyPatch):
    """Its first notification may have been sent before it listened: only the second that is lost ends it."""
    heard, probes = asyncio.Event(), 0
    probe = QueueManager.listener_healthy

    async def deaf(manager: QueueManager, timeout: timedelta) -> Any:  # noqa: ASYNC109 - the library's
        nonlocal probes
        probes += 1
        if probes == 2:
            heard.set()
            return await probe(manager, timeout)
        raise FailingListenerError

    async def begin(id_: int) -> None:
        del id_

    monkeypatch.setattr(QueueManager, "listener_healthy", deaf)
    async with open_database(postgresql_url, shared=True) as database, database.share("run"):
        bringing = asyncio.create_task(database.bring(begin, Posts(1).have_room))
        async with asyncio.timeout(20):
            await heard.wait()
        assert not bringing.done()
        bringing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await bringing
        probes = 2
        with pytest.raises(StoreUnavailable, match="hears nothing"):
            async with asyncio.timeout(20):
                await database.bring(begin, Posts(1).have_room)


async def test_a_lost_lease_is_told_from_what_passes(postgresql_url: str):
    async with open_database(postgresql_url, shared=True) as database, database.share("run") as membership:
        await elsewhere(postgresql_url, "UPDATE processes SET seen_at = 0", END_ALL_OTHERS)
        with pytest.raises(LeaseLost):
            await database.run(facts.get, "any")
        with pytest.raises(LeaseLost):
            await until_committed(database, facts.put, "any", "thing")
        with pytest.raises(LeaseLost):
            await membership.run()
