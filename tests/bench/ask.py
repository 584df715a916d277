"""/ask in the sandbox, measured: `uv run python tests/bench/ask.py`.

Discord is 50 ms away (a round trip), the model's first token comes after 0.3 s, then 150 words at 50 a second. The
bot, Discord's stand-in with its people (this process) and the API's stand-in are three processes; the bare bot of
bare_bot.py plays the same rounds in the same run. Exit code 1 when a goal was missed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import platform
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.stage import Stage
from tests import postgresql as postgres
from tests.bench.api_process import ApiProcess
from tests.bench.report import print_case, print_starts
from tests.bench.rounds import PEOPLE, make_scene, play_case
from tests.bench.starts import Starts, play_starts

if TYPE_CHECKING:
    from collections.abc import Sequence

DISCORD_AWAY: Final = 0.05
DATABASES: Final = ("sqlite", "postgresql")
_ROUNDS: Final = ((1, 8), (10, 4), (30, 3))
_MANY_ROUNDS: Final = 3
_BARE: Final = Path(__file__).with_name("bare_bot.py")


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    with contextlib.ExitStack() as stack:
        needed = {options.database, *(DATABASES if options.starts else ())}
        postgresql = (
            postgres.url_of(stack.enter_context(postgres.server()), "postgres") if "postgresql" in needed else None
        )
        return asyncio.run(bench(options, postgresql))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests/bench/ask.py", description=__doc__)
    add = parser.add_argument
    add("--people", type=int, nargs="*", default=[1, 10, 30, 100], help=f"how many ask at once, up to {PEOPLE}")
    add("--rounds", type=int, default=0, help="how often each (default: 8 for one person, 4 for ten, 3 for more)")
    add("--database", choices=DATABASES, default="sqlite", help="of the bot that is asked (sqlite)")
    add("--starts", type=int, default=5, help="starts to measure on each database (5); 0: neither starts nor memory")
    add("--daily-limit", action="store_true", help="count each /ask of a day, as by default: a write more an answer")
    add("--no-bare", action="store_true", help="without the bare bot beside it")
    add("--spread", type=float, default=0.0, metavar="S", help="seconds over which the people ask (0: all at once)")
    add("--patience", type=float, default=10.0, metavar="S", help="how long to wait for a quiet machine (10)")
    return parser


async def bench(options: argparse.Namespace, postgresql_url: str | None) -> int:
    """Plays and prints everything; 1 when a goal was missed, else 0. `postgresql_url`: of an empty database."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, load {load:.1f} at the start")
    missed = 0
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onekey-bench-")))
        api = await stack.enter_async_context(ApiProcess())
        urls = {"sqlite": None, "postgresql": postgresql_url}
        stages: dict[str, Stage] = {}
        for name in (*DATABASES, *(() if options.no_bare else ("bare",))):
            url = urls.get(name)
            if name == "postgresql" and url is None:
                continue
            stages[name] = await stack.enter_async_context(_stage(api, folder / name, url, counted=options.daily_limit))
        bare = stages.get("bare")
        if bare is not None:
            bare.bot.arguments = (str(_BARE),)
        if options.starts:
            starts: dict[str, Starts] = {}
            for name, stage in stages.items():
                starts[name] = await play_starts(stage, starts=options.starts, patience=options.patience)
            yardstick = starts.pop("bare", None)
            missed += print_starts(starts, yardstick)
        for people in options.people:
            rounds = options.rounds or dict(_ROUNDS).get(people, _MANY_ROUNDS)
            found = [
                await play_case(
                    stage, api, people=people, rounds=rounds, patience=options.patience, spread=options.spread
                )
                for stage in (stages[options.database], bare)
                if stage is not None
            ]
            listening = await api.price_of_listening() if people == 1 else []
            await api.spoken()  # the listener's, which nobody asks for
            missed += print_case(found[0], found[1] if bare is not None else None, listening=listening)
    print(f"\n{missed} goals missed" if missed else "\nevery goal met")
    return 1 if missed else 0


def _stage(api: ApiProcess, data_dir: Path, database_url: str | None, *, counted: bool) -> Stage:
    environment = {"DATABASE_URL": database_url} if database_url else {}
    if counted:
        environment["DAILY_LIMIT_PER_USER"] = "ask=1000000,imagine=20,video=3"  # never reached
    return Stage(
        scene=make_scene(),
        real_api=(api.base_url, api.key),
        data_dir=data_dir,
        environment=environment,
        latency=DISCORD_AWAY,
        start=False,
    )


if __name__ == "__main__":
    sys.exit(main())
