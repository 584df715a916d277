"""The command line: run (default) · sandbox · check.

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

from bot.environment import Environment, read_environment
from bot.errors import ConfigurationError

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
    """The process's exit code: 0, 1 (a check failed), 2 (a setting is missing or wrong)."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments[:1] == ["sandbox"]:
        # By name: the bot and its stand-in world share no code.
        return int(importlib.import_module("sandbox.command").main(arguments[1:]))
    parser = argparse.ArgumentParser(prog="onekey-bot", description="A Discord bot for answers, images and videos.")
    parser.add_argument("--version", action="store_true", help="show the version")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("run", help="connect the bot to Discord (default)")
    commands.add_parser("check", help="check settings, database, API and Discord, and print the invite link")
    commands.add_parser("sandbox", help="try the bot on your own machine, no account needed", add_help=False)
    asked = parser.parse_args(arguments)
    if asked.version:
        print(_version())  # noqa: T201 - what was asked for
        return 0
    command = asked.command or "run"
    try:
        if command == "check":
            return asyncio.run(importlib.import_module("bot.check").check())
        return asyncio.run(run(read_environment()))
    except ConfigurationError as error:
        print(error, file=sys.stderr)  # noqa: T201 - what the owner must read, with or without a log
        return 2


def _version() -> str:
    from importlib import metadata  # noqa: PLC0415 - slow, and seldom asked for

    try:
        return f"onekey-bot {metadata.version('onekey-bot')}"
    except metadata.PackageNotFoundError:
        return "onekey-bot, run from its folder without having been installed"


async def run(environment: Environment) -> int:
    """The bot, until SIGTERM or Ctrl-C. ConfigurationError: Discord, the API or the database refuses a setting."""
    # What is imported lives as long as the process: the collector need not look at it, now or later.
    gc.disable()
    from bot.process import serve  # noqa: PLC0415 - `sandbox` and `--help` need none of it

    gc.enable()
    gc.freeze()
    # A thread that reads a long text gives way to the event loop after a thousandth of a second, not after five.
    sys.setswitchinterval(0.001)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await serve(environment, stop, cogs=COGS, stop_seconds=STOP_SECONDS)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
