"""The first start beside a later one: `uv run python tests/bench/first_start.py`.

By turns, on each database: a start on nothing, which makes the tables and tells Discord the commands, then one on what
it left. Discord is 50 ms away. Exit code 1 when a first start takes more than 1.2 times a later one.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Final

from sandbox.stage import Stage
from tests import postgresql as postgres
from tests.bench.ask import DATABASES, DISCORD_AWAY
from tests.bench.load import until_quiet
from tests.bench.starts import ready_after, without_start_limits

GOAL: Final = 1.2


async def play(database_url: str | None, *, patience: float) -> tuple[float, float]:
    """Seconds from the start of the process to READY: the first time on an empty database, and the second."""
    environment = {"DATABASE_URL": database_url} if database_url else {}
    with tempfile.TemporaryDirectory(prefix="onekey-bench-") as folder:
        async with Stage(data_dir=Path(folder), environment=environment, latency=DISCORD_AWAY, start=False) as stage:
            without_start_limits(stage)
            took: list[float] = []
            for _ in range(2):
                await until_quiet(patience)
                took.append(await ready_after(stage))
                await asyncio.sleep(1.0)
                await stage.stop()
            return took[0], took[1]


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/bench/first_start.py", description=__doc__)
    parser.add_argument(
        "--pairs", type=int, default=5, help="pairs of starts on each database (5), after one to warm up"
    )
    parser.add_argument("--patience", type=float, default=10.0, help="seconds to wait for a quiet machine (10)")
    options = parser.parse_args()
    missed = False
    with postgres.server() as socket_folder:
        for database in DATABASES:
            pairs: list[tuple[float, float]] = []
            for number in range(options.pairs + 1):
                url = None
                if database == "postgresql":
                    postgres.run(postgres.url_of(socket_folder, "postgres"), f"CREATE DATABASE start_{number}")
                    url = postgres.url_of(socket_folder, f"start_{number}")
                pairs.append(asyncio.run(play(url, patience=options.patience)))
            first, later = (median(times) for times in zip(*pairs[1:], strict=True))
            missed |= first > GOAL * later
            print(f"{database}: first {first:.2f} s, later {later:.2f} s, ratio {first / later:.2f} (goal {GOAL})")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
