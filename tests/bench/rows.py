"""How long /jobs, /gallery and /usage ask the database that holds ten million orders, on PostgreSQL or SQLite.

uv run python -m tests.bench.rows [--rows 10000000] [--sqlite]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.generation.rows import queries
from bot.orders import cost_rows
from bot.periods import DAY_SECONDS, first_day, period_start
from bot.store.opening import open_database
from bot.store.schema import metadata
from cogs.gallery import rows as gallery
from cogs.usage import money_rows, total_rows
from cogs.usage import rows as usage
from tests import postgresql

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.store.database import Database

GOAL_MS: Final = 100.0
GUILD, PERSON, CHANNEL = 7, 11, 700
"""The largest server, who ordered most in it, and its largest channel: a twentieth of all rows, and so on."""
USUAL: Final = 1007
"""A server as there are five thousand."""
TIMES: Final = 7
TABLES: Final = ("generations", "reservations", "costs", "votes")

# One order each three seconds. A twentieth is in one server, and a hundredth of one person there.
_GUILD: Final = f"CASE WHEN n % 20 = 0 THEN {GUILD} ELSE 1000 + n % 5000 END"
_PERSON: Final = f"CASE WHEN n % 100 = 0 THEN {PERSON} ELSE 100000 + n % 300000 END"
_CHANNEL: Final = f"CASE WHEN n % 40 = 0 THEN {CHANNEL} ELSE 1000000 + n % 20000 END"
_AT: Final = ":now - (:rows - n) * 3.0"
_STATE: Final = "CASE WHEN n % 50 = 1 THEN 'failed' ELSE 'delivered' END"
_DAY: Final = f"CAST(({_AT}) / 86400 AS INTEGER)"
_SERIES: Final = {
    "postgresql": "generate_series(1, :rows) AS n",
    "sqlite": "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < :rows) SELECT n FROM c)",
}
_FILL: Final = {  # of this file alone: nothing in it is from outside
    "generations": f"""
        INSERT INTO generations (id, kind, state, epoch, person_id, guild_id, channel_id, message_id, context, private,
            token_only, application_id, locale, prompt, model, parameters, count, created_at, submitted_at,
            generated_at, ended_at, shown_state, unforgiven)
        SELECT n, CASE WHEN n % 7 = 0 THEN 'video' ELSE 'image' END, {_STATE}, 1, {_PERSON}, {_GUILD}, {_CHANNEL},
            10000000 + n, 'guild', false, false, 1, 'en', 'a heron in the rain', 'wan2.7-image', '{{}}', 1,
            {_AT}, {_AT}, {_AT}, {_AT}, {_STATE}, false FROM SERIES""",  # noqa: S608 - of this file alone
    "reservations": f"""
        INSERT INTO reservations (id, guild_id, channel_id, person_id, kind, model, generation_id, price, day,
            created_at, settled_at, spent, spent_by_person)
        SELECT n, {_GUILD}, {_CHANNEL}, {_PERSON}, 'imagine', 'wan2.7-image', n, 5, {_DAY}, {_AT}, {_AT}, 5, 5
        FROM SERIES""",  # noqa: S608 - likewise
    "costs": f"""
        INSERT INTO costs (id, generation_id, guild_id, channel_id, person_id, kind, model, day, created_at, ended_at,
            actual)
        SELECT n, n, {_GUILD}, {_CHANNEL}, {_PERSON}, 'imagine', 'wan2.7-image', {_DAY}, {_AT}, {_AT}, 20000
        FROM SERIES""",  # noqa: S608 - likewise
    "votes": """
        INSERT INTO votes (generation_id, person_id, position, voted_at)
        SELECT n, 500000 + n % 1000, 0, 0 FROM SERIES
        WHERE n % 20 IN (0, 7) AND n % 7 > 0 AND (n / 20) % 5 = 0 AND n % 50 <> 1""",
}


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--sqlite", action="store_true")
    asked = parser.parse_args()
    print(f"{asked.rows:,} orders; the machine's load {os.getloadavg()[0]:.1f} over {os.cpu_count()} cores")
    if asked.sqlite:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "onekey.db"
            await run(f"sqlite:///{path}", lambda: fill_sqlite(path, asked.rows))
        return
    with postgresql.server(in_memory=False) as socket:
        url = postgresql.url_of(socket, "postgres")
        await run(url, lambda: fill_postgresql(url, asked.rows))


async def run(url: str, fill: Callable[[], Any]) -> None:
    async with open_database(url):
        pass
    began = time.monotonic()
    filled = fill()
    if filled is not None:
        await filled
    print(f"filled in {time.monotonic() - began:.0f} s")
    async with open_database(url) as database:
        await add_totals(database, now=time.time())
        if database.kind == "postgresql":
            connection = await postgresql.connect(url)
            await connection.execute("VACUUM ANALYZE totals", timeout=3600)  # as a server does by itself
            await connection.close()
        await measure(database)


async def add_totals(database: Database, *, now: float) -> None:
    slowest, began = 0.0, time.monotonic()
    while await database.run(total_rows.add_next, now=now):
        slowest, began = max(slowest, time.monotonic() - began), time.monotonic()
    print(f"what was final was added to the totals, at most {slowest * 1000:.0f} ms in a transaction")


async def measure(database: Database) -> None:
    now = time.time()
    month, first = int(now // DAY_SECONDS) - 29, first_day("month", period_start("month", now))
    reach = gallery.Reach(guild_id=GUILD, channels=frozenset({CHANNEL, *range(1000000, 1000050)}))
    usual = gallery.Reach(guild_id=USUAL, channels=frozenset(range(1000000, 1020000, 7)))
    asked: dict[str, tuple[Any, ...]] = {
        "/jobs, one's own": (queries.of_person, (PERSON,), {"limit": 11}),
        "/jobs, one's own, of a stranger": (queries.of_person, (3,), {"limit": 11}),
        "/jobs, the server's": (queries.of_place, (GUILD,), {"limit": 11}),
        "/jobs, the server's, of a person, this week": (
            queries.of_place,
            (GUILD,),
            {"by": PERSON, "since": now - 7 * DAY_SECONDS, "limit": 11},
        ),
        "/jobs, the channel's": (queries.of_place, (GUILD, CHANNEL), {"limit": 11}),
        "/gallery, newest": (gallery.page, (reach,), {"limit": 10}),
        "/gallery, one person's": (gallery.page, (reach,), {"by": PERSON, "limit": 10}),
        "/gallery, by votes": (gallery.page, (reach,), {"sort": gallery.Sort.VOTED, "limit": 10}),
        "/gallery of a usual server, newest": (gallery.page, (usual,), {"limit": 10}),
        "/gallery of a usual server, by votes": (gallery.page, (usual,), {"sort": gallery.Sort.VOTED, "limit": 10}),
        "/usage of a usual server": (usage.of_server, (), {"guild_id": USUAL, "since": month}),
        "/usage, mine": (usage.of_person, (), {"guild_id": GUILD, "person_id": PERSON, "since": month}),
        "/usage, mine, real cost": (money_rows.of_person, (GUILD, PERSON), {"since": month}),
        "/usage, the server's": (usage.of_server, (), {"guild_id": GUILD, "since": month}),
        "/usage, its people": (usage.most, ("person",), {"guild_id": GUILD, "since": month, "limit": 10}),
        "/usage, its models": (usage.most, ("model",), {"guild_id": GUILD, "since": month, "limit": 10}),
        "/usage, its channels": (usage.most, ("channel",), {"guild_id": GUILD, "since": month, "limit": 10}),
        "/usage, its days": (usage.by_day, (), {"guild_id": GUILD, "since": month}),
        "/usage, its real cost": (money_rows.total, (), {"guild_id": GUILD, "since": month}),
        "/usage, everywhere": (total_rows.servers, (), {"since": first}),
        "/usage, everywhere, real cost": (total_rows.spent, ("server",), {"since": first}),
        "/usage, everywhere, its people": (total_rows.spent, ("person",), {"since": first, "most": 5}),
        "/usage, everywhere, its models": (total_rows.spent, ("model",), {"since": first, "most": 5}),
        "/usage, everywhere, its channels": (total_rows.spent, ("channel",), {"since": first, "most": 5}),
        "/usage, everywhere, its days": (total_rows.spent, ("day",), {"since": int(now // DAY_SECONDS) - 6}),
        "usual seconds of a model": (queries.usual_seconds, (), {"kind": "video", "model": "wan2.7-image"}),
        "what is pending at the service": (cost_rows.pending, (), {"since": now - 6 * 3600}),
    }
    for name, (function, arguments, options) in asked.items():
        try:
            taken = [await timed(database, function, arguments, options) for _ in range(TIMES)]
        except Exception as error:  # noqa: BLE001 - the others are measured all the same
            print(f"  {name:<45} {error!r:.90}")
            continue
        median = statistics.median(taken)
        print(f"  {name:<45} {median:8.1f} ms  (first {taken[0]:.1f})  {'' if median <= GOAL_MS else 'OVER THE GOAL'}")
    print(f"the goal: {GOAL_MS:.0f} ms each; the machine's load {os.getloadavg()[0]:.1f}")


async def timed(database: Database, function: Any, arguments: Any, options: Any) -> float:
    began = time.monotonic()
    await database.run(function, *arguments, **options)
    return (time.monotonic() - began) * 1000


def _statements(dialect: str, rows: int) -> list[str]:
    """Without the indexes meanwhile: they are made faster afterwards."""
    told = {"SERIES": _SERIES[dialect], ":now": f"{time.time():.0f}", ":rows": str(rows)}
    filled = [_FILL[table] for table in TABLES]
    for name, value in told.items():
        filled = [statement.replace(name, value) for statement in filled]
    indexes = [(table, index) for table in TABLES for index in metadata.tables[table].indexes]
    made = [f"CREATE INDEX {one.name} ON {table} ({', '.join(c.name for c in one.columns)})" for table, one in indexes]
    return [f"DROP INDEX {one.name}" for _, one in indexes] + filled + made


async def fill_postgresql(url: str, rows: int) -> None:
    connection = await postgresql.connect(url)
    for setting in ("session_replication_role = replica", "maintenance_work_mem = '1GB'"):
        await connection.execute(f"SET {setting}")
    for statement in _statements("postgresql", rows):
        await connection.execute(statement, timeout=3600)
    await connection.execute("VACUUM ANALYZE", timeout=3600)  # as a server does by itself
    await connection.close()


def fill_sqlite(path: Path, rows: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -1000000")
        for statement in _statements("sqlite", rows):
            connection.execute(statement)
        connection.commit()


if __name__ == "__main__":
    asyncio.run(main())
