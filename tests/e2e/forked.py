"""In a process that was forked: what a new Python finds set up for it, and then the bot."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

from bot.__main__ import main
from tests.e2e.patience import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping


def run(environment: Mapping[str, str], cwd: str, log: str) -> None:
    os.setsid()
    # A suite that was itself begun with nohup hands "ignored" down to every process it starts.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for standard in (1, 2):
        os.dup2(output, standard)
    os.close(output)
    shorten()
    sys.exit(main(["run"]))
