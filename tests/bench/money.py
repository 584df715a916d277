"""Real money: mixed orders against a stand-in that keeps its own books, 20 at once, with kill -9 at random moments.

    uv run python -m tests.bench.money [ORDERS] [sqlite | postgresql]

On both databases, or one: once without a ceiling (is our sum the service's?) and once with one that is too low for all
(is it never passed?). Orders whose cost the service never told are left out of the first and counted by themselves.
"""

from __future__ import annotations

import asyncio
import random
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import Connection, select

from bot.store.opening import open_database
from bot.store.schema import budgets, costs, generations
from sandbox.onekey import Behaviour, OneKeyServer, Plan
from sandbox.onekey.books import REFUNDED, Entry
from tests import postgresql
from tests.bench import money_orders
from tests.bench.api_base import ROOT
from tests.bench.money_orders import AT_ONCE

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Awaitable, Callable

ORDERS: Final = 1000
KILLS: Final = 5
_LINE: Final = re.compile(r"(\d+) (\d+)")
_NUMBER: Final = re.compile(r"Order (\d{6}):")


@dataclass
class Figures:
    """In millionths of a unit. `charged`: by the service, of all; `peak`: the most that ever stood in its books.

    `ours`, `theirs`: of the orders whose cost is known to us, what we and the service say. `unknown`: orders whose
    cost we never learned; `unknown_charged`: what the service took for them, `unknown_booked`: what we hold for them.
    """

    limit: int
    placed: Counter[str] = field(default_factory=Counter[str])
    kills: int = 0
    seconds: float = 0.0
    charged: int = 0
    peak: int = 0
    ours: int = 0
    theirs: int = 0
    known: int = 0
    unknown: int = 0
    unknown_charged: int = 0
    unknown_booked: int = 0
    worst: int = 0
    """By how much the dearest order passed its reserve."""
    spending: int = 0
    reserved_left: int = 0
    log_calls: int = 0

    @property
    def apart(self) -> float:
        return abs(self.ours - self.theirs) / self.theirs if self.theirs else 0.0

    def lines(self) -> list[str]:
        placed = ", ".join(f"{kind} {count}" for kind, count in sorted(self.placed.items()))
        pairs = f"ours {_shown(self.ours)}, the service's {_shown(self.theirs)}, apart {self.apart:.4%}"
        untold = f"charged {_shown(self.unknown_charged)}, booked {_shown(self.unknown_booked)}"
        theirs = f"{_shown(self.charged)} at the end, {_shown(self.peak)} at most, ceiling {_shown(self.limit)}"
        ours = f"{_shown(self.spending)} spent, {_shown(self.reserved_left)} reserved"
        return [
            f"orders: {placed}; {self.kills} times kill -9; {self.seconds:.0f} s",
            f"known: {self.known} orders, {pairs}",
            f"never told: {self.unknown} orders, {untold}",
            f"the service's books: {theirs}; our budget: {ours}",
            f"an order passed its reserve by {_shown(self.worst)} at most; the log was asked {self.log_calls} times",
        ]


def _shown(amount: int) -> str:
    return f"{amount / 1_000_000:.4f}"


async def new_python(given: str) -> Process:
    """The bot that places orders, as `money_orders.main` is told."""
    command = (sys.executable, "-m", money_orders.__name__, given)
    return await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=ROOT)


async def measure(
    url: str, *, orders: int, limit: str, kills: int, seed: int, start: Callable[[str], Awaitable[Any]] = new_python
) -> Figures:
    """Place `orders` orders under BUDGET=`limit`, killing the bot `kills` times. `start`: makes its process."""
    found = Figures(int(float(limit.partition("/")[0]) * 1_000_000))
    chance = random.Random(seed)
    behaviour = Behaviour(
        chat=Plan(first_token=0.02, words_per_second=2000, words=40),
        images=Plan(delay=0.05),
        submit=Plan(queue_seconds=0.05, run_seconds=0.2),
    )
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        async with OneKeyServer(behaviour=behaviour) as api:
            unit = api.books.quota_per_unit

            def watch(entry: Entry) -> None:
                del entry
                found.peak = max(found.peak, api.books.total * 1_000_000 // unit)

            api.books.heard.append(watch)
            given: dict[str, Any] = {"url": url, "base_url": api.base_url, "key": api.key, "folder": folder}
            first = 0
            last = orders + kills * AT_ONCE
            stops = sorted(chance.sample(range(orders // 10, orders), kills)) if kills else []
            ended = False
            while not ended:  # the last bot finds what the one before left, also where nothing is to be placed
                stop = stops.pop(0) if stops else None
                run = {**given, "first": first, "last": last, "budget": limit, "seed": seed + first}
                process = await start(orjson.dumps(run).decode())
                first, ended = await _run(process, first, found, stop, chance)
                first = min(first, last)
            await _compare(url, Path(folder), api, found)
            found.log_calls = sum(request.path == "/api/log/token" for request in api.requests)
    found.seconds = time.monotonic() - began
    return found


async def _run(process: Any, first: int, found: Figures, stop: int | None, chance: random.Random) -> tuple[int, bool]:
    """Let the bot place orders until it is done, or is killed a moment after order `stop`. Returns which comes next,
    and whether it is done.
    """
    reached = first - 1
    async for line in process.stdout:
        said = orjson.loads(line)
        if "number" not in said:
            break
        reached = max(reached, said["number"])
        found.placed[said["kind"]] += 1
        if stop is not None and reached >= stop:
            await asyncio.sleep(chance.uniform(0, 0.2))
            process.kill()
            found.kills += 1
            break
    else:
        if stop is None:
            raise RuntimeError("the bot ended by itself")
    await process.communicate()
    if process.returncode not in {0, -9}:
        raise RuntimeError(f"the bot ended with {process.returncode}")
    # Those that were under way have taken their numbers.
    return reached + 2 * AT_ONCE, process.returncode == 0


async def _compare(url: str, folder: Path, api: OneKeyServer, found: Figures) -> None:
    unit = api.books.quota_per_unit
    numbers = {request.call: int(match[1]) for request in api.requests if (match := _NUMBER.search(request.prompt))}
    theirs: Counter[int] = Counter()
    for entry in api.books.entries:
        quota = -entry.quota if entry.kind == REFUNDED else entry.quota
        theirs[numbers[entry.call]] += quota * 1_000_000 // unit
    found.charged = api.books.total * 1_000_000 // unit
    # The last line of a bot that was killed may be half a line, with the next one's first behind it.
    lines = (folder / "journal").read_text(encoding="utf-8").splitlines()
    number_of = {int(match[2]): int(match[1]) for match in map(_LINE.fullmatch, lines) if match}
    async with open_database(url) as database:
        rows, spending = await database.run(_read)
    for row in rows:
        prompt = _NUMBER.search(row.prompt or "")
        number = int(prompt[1]) if prompt else number_of.get(row.id)
        charged = theirs[number] if number is not None else 0
        if row.actual is not None:
            found.known += 1
            found.ours += row.actual
            found.theirs += charged
            found.worst = max(found.worst, row.actual - row.reserved)
        elif row.booked:
            found.unknown += 1
            found.unknown_charged += charged
            found.unknown_booked += row.booked
        else:
            found.unknown_charged += charged  # nothing was made, we say
    found.spending = sum(row.spent for row in spending)
    found.reserved_left = sum(row.reserved for row in spending)


def _read(connection: Connection) -> tuple[list[Any], list[Any]]:
    made = costs.outerjoin(generations, generations.c.id == costs.c.generation_id)
    query = select(costs, generations.c.prompt).select_from(made)
    return list(connection.execute(query)), list(connection.execute(select(budgets)))


def _main(orders: int, *kinds: str) -> None:
    with tempfile.TemporaryDirectory() as folder, postgresql.server() as socket:
        for kind in kinds or ("sqlite", "postgresql"):
            for name, limit in (("no ceiling in reach", "100000/month"), ("a ceiling for a part of it", "12/month")):
                url = f"sqlite:///{folder}/{limit.partition('/')[0]}.db"
                if kind == "postgresql":
                    url = _database(socket, f"bench_{limit.partition('/')[0]}")
                seed = len(kind) + len(limit)
                figures = asyncio.run(measure(url, orders=orders, limit=limit, kills=KILLS, seed=seed))
                print(f"\n{kind}, {name}:", *figures.lines(), sep="\n  ", flush=True)


def _database(socket: Path, name: str) -> str:
    postgresql.run(postgresql.url_of(socket, "postgres"), f"CREATE DATABASE {name} TEMPLATE template0")
    return postgresql.url_of(socket, name)


if __name__ == "__main__":
    _main(int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS, *sys.argv[2:])
