"""In a process that was forked: what a new Python finds set up for it, and then the bot."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import bot.__main__ as program
from bot.i18n import LOCALES, text
from tests.e2e.patience import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from multiprocessing.connection import Connection

# Read once for all of them, as what they import is.
for _locale in LOCALES:
    text(_locale, "button.retry")


def run(
    words: Sequence[str],
    environment: Mapping[str, str],
    cwd: str,
    outputs: Sequence[str],
    *,
    cogs: tuple[str, ...],
    first: Callable[[], None] | None,
) -> None:
    os.setsid()
    # A suite that was itself begun with nohup hands "ignored" down to every process it starts.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    os.chdir(cwd)
    sys.path.insert(0, cwd)
    _environment(environment)
    for standard, path in enumerate(outputs, start=1):
        output = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(output, standard)
        os.close(output)
    shorten()
    program.COGS = cogs
    if first is not None:
        first()
    sys.exit(program.main(words))


def run_module(
    module: str, words: Sequence[str], environment: Mapping[str, str], output: Connection, standards: Sequence[int]
) -> None:
    os.setsid()
    _environment(environment)
    for standard in standards:
        os.dup2(output.fileno(), standard)
    output.close()
    sys.exit(import_module(module).main(*words))


def _environment(environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
