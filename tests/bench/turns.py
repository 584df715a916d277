"""The next request of a long conversation, measured: `uv run python tests/bench/turns.py`.

A conversation of 2,000 turns in a database of 100,000: what the order's transaction reads of it, and what the request
is made of that, with the usual room and with as much as all of it takes. On SQLite and on PostgreSQL.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert

from bot.store.opening import open_database
from bot.store.schema import turns as table
from cogs.ask import context
from cogs.ask import turn_rows as turns
from cogs.ask.records import Past
from cogs.ask.tokens import USUAL, TokenEstimates
from tests import postgresql

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database

LONG: Final = 2_000
ALL: Final = 100_000
GOAL: Final = 20.0
"""Milliseconds."""
ROUNDS: Final = 30
_WORDS: Final = "as people write to each other " * 4


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/bench/turns.py", description=__doc__)
    parser.add_argument("--turns", type=int, default=ALL, help=f"in the database ({ALL:,})")
    options = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory(prefix="onekey-bench-") as folder, postgresql.server() as socket_folder:
        urls = {
            "sqlite": f"sqlite:///{Path(folder) / 'onekey.db'}",
            "postgresql": postgresql.url_of(socket_folder, "postgres"),
        }
        for name, url in urls.items():
            missed += asyncio.run(bench(name, url, options.turns))
    return 1 if missed else 0


async def bench(name: str, url: str, count: int) -> int:
    """Prints the figures of one database; how many goals were missed."""
    missed = 0
    async with open_database(url) as database:
        await fill(database, count)
        for what, tokens in (("the usual room", USUAL), ("all of it", 999_999)):
            told = None
            reads: list[float] = []
            makes: list[float] = []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                room = TokenEstimates().bytes_for("m", tokens)
                branch = await database.run(turns.branch, LONG, person_id=1, own=False, most_bytes=room)
                read = time.perf_counter()
                new = Past(10**9, 1, "Ada", "And now?", None, None, "")
                told = context.told(branch.turns, new, system="Be kind.", room=room)
                reads.append((read - began) * 1000)
                makes.append((time.perf_counter() - read) * 1000)
            whole = statistics.median(map(sum, zip(reads, makes, strict=True)))
            missed += whole > GOAL
            figures = (
                f"read {statistics.median(reads):.1f} ms (worst {max(reads):.1f}), made {statistics.median(makes):.1f}"
            )
            sys.stdout.write(
                f"{name}, {count:,} turns, {what}: {count_of(told):,} messages; {figures}, together {whole:.1f} ms"
                f" (goal {GOAL:g})\n"
            )
    return missed


def count_of(told: context.Told | None) -> int:
    return 0 if told is None else len(told.messages)


async def fill(database: Database, count: int) -> None:
    """A conversation of LONG turns, and others of ten."""

    def put(c: Connection, first: int) -> None:
        c.execute(insert(table), [_turn(number) for number in range(first, min(first + 1000, count + 1))])

    for first in range(1, count + 1, 1000):
        await database.run(put, first)


def _turn(number: int) -> dict[str, Any]:
    parent = number - 1 if 1 < number <= LONG or (number > LONG and number % 10) else None
    said = f"{number} {_WORDS}"
    return {
        "id": number,
        "parent_id": parent,
        "first_id": number,
        "person_id": number % 3 + 1,
        "name": "Ada",
        "guild_id": 9,
        "channel_id": 20,
        "private": False,
        "headed": True,
        "model": "m",
        "prompt": said,
        "answer": said,
        "finish": "stop",
        "asked_bytes": len(said),
        "answer_bytes": len(said),
        "asked_at": 1.0,
        "ended_at": 2.0,
    }


if __name__ == "__main__":
    sys.exit(main())
