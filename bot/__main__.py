"""The command line: run (default) · check · backup · restore · move · health · sandbox.

What each of them needs is imported only when it runs.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bot.environment import Environment, raw_values, read_environment
from bot.errors import ConfigurationError
from bot.store.failures import LeaseLost, StoreUnavailable

COGS = (
    "cogs.help",
    "cogs.ask",
    "cogs.imagine",
    "cogs.video",
    "cogs.jobs",
    "cogs.gallery",
    "cogs.jam",
    "cogs.config",
    "cogs.usage",
    "cogs.privacy",
    "cogs.settings",
    "cogs.remove",
    "cogs.log",
)
STOP_SECONDS = 7.0
"""For what is being sent or uploaded at SIGTERM; with closing the gateway it stays under ten."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The process's exit code: 0, 1 (not healthy), 2 (a setting is missing or wrong), 3 (not now: what is needed can't
    be had).
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments[:1] == ["sandbox"]:
        # By name: the bot and its stand-in world share no code.
        return int(importlib.import_module("sandbox.command").main(arguments[1:]))
    parser = argparse.ArgumentParser(prog="onekey-bot", description="A Discord bot for answers, images and videos.")
    parser.add_argument("--version", action="store_true", help="show the version")
    commands = parser.add_subparsers(dest="command")
    running = commands.add_parser("run", help="connect the bot to Discord (default)")
    worker = "make images and videos beside other processes that are connected to Discord (docs/scale.md)"
    running.add_argument("--worker", action="store_true", help=worker)
    commands.add_parser("check", help="check settings, database, API and Discord, and print the invite link")
    backup = commands.add_parser("backup", help="write the database to a file, also while the bot runs")
    backup.add_argument("file", type=Path)
    restore = commands.add_parser("restore", help="put a backup in the database's place, while the bot doesn't run")
    restore.add_argument("file", type=Path)
    move = commands.add_parser("move", help="copy SQLite's database to PostgreSQL, while the bot doesn't run")
    move.add_argument("url", help="postgresql://user:password@host/name; -: read it from standard input")
    health = commands.add_parser("health", help="ask the running bot (HEALTH, METRICS) whether it works")
    health.add_argument("--alive", action="store_true", help="ask only whether it answers")
    commands.add_parser("sandbox", help="try the bot on your own machine, no account needed", add_help=False)
    asked = parser.parse_args(arguments)
    if asked.version:
        print(_version())  # noqa: T201 - what was asked for
        return 0
    try:
        return _carry_out(asked.command or "run", asked)
    except ConfigurationError as error:
        print(error, file=sys.stderr)  # noqa: T201 - what the owner must read, with or without a log
        return 2
    except StoreUnavailable as error:
        print(f"DATABASE_URL: {error}", file=sys.stderr)  # noqa: T201 - likewise
        return 3


def _carry_out(command: str, asked: argparse.Namespace) -> int:
    if command == "check":
        return asyncio.run(importlib.import_module("bot.check").check())
    if command == "health":
        return importlib.import_module("bot.health_check").ask(raw_values(), ready=not asked.alive)
    environment = read_environment()
    if command == "run":
        while (code := asyncio.run(run(environment, worker=getattr(asked, "worker", False)))) is None:
            pass  # it began too slowly: anew, with nothing left of the try before
        return code
    backups = importlib.import_module("bot.backups")
    if command == "move":
        return asyncio.run(backups.move(environment, sys.stdin.readline().strip() if asked.url == "-" else asked.url))
    return asyncio.run(getattr(backups, command)(environment, asked.file))


def _version() -> str:
    from importlib import metadata  # noqa: PLC0415 - slow, and seldom asked for

    try:
        return f"onekey-bot {metadata.version('onekey-bot')}"
    except metadata.PackageNotFoundError:
        return "onekey-bot, run from its folder without having been installed"


async def run(environment: Environment, *, worker: bool = False) -> int | None:
    """The bot, until SIGTERM or Ctrl-C. ConfigurationError: Discord, the API or the database refuses a setting.

    3: other processes took its work, since it was silent; whoever started it is to start it again. None: they took its
    place before it had any work.
    """
    # What is imported lives as long as the process: the collector need not look at it, now or later.
    gc.disable()
    from bot.process import serve  # noqa: PLC0415 - `sandbox` and `--help` need none of it

    gc.enable()
    gc.freeze()
    # A thread that reads a long text gives way to the event loop after a thousandth of a second, not after five.
    sys.setswitchinterval(0.001)
    stop = asyncio.Event()
    _listen(asyncio.get_running_loop(), stop)
    try:
        await serve(environment, stop, cogs=COGS, stop_seconds=STOP_SECONDS, worker=worker)
    except LeaseLost as lost:
        if lost.starting:
            print("This process was silent for too long while it started: it starts anew.", file=sys.stderr)  # noqa: T201
            return 3 if stop.is_set() else None
        print("This process was silent for too long, and others have its work: start it again.", file=sys.stderr)  # noqa: T201
        return 3
    return 0


def _listen(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """End in order on every signal that the system has for it. Who runs it with `nohup` wants it to outlive SIGHUP."""
    for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            continue
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, partial(_from_outside, loop, stop))


def _from_outside(loop: asyncio.AbstractEventLoop, stop: asyncio.Event, number: int, frame: object) -> None:
    del number, frame
    loop.call_soon_threadsafe(stop.set)


if __name__ == "__main__":
    raise SystemExit(main())
