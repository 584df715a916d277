"""The bot, with a meter in its event loop: run by `stalls.py` in its place.

Writes to the file that METER_FILE names, for each turn of more than two milliseconds: when it ended (time.monotonic),
how late the loop's beat came, and how much of that its thread worked itself. The rest it waited, for the interpreter
that another thread had, or for a processor that another process had.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Final

from bot.__main__ import main

BEAT: Final = 0.002
"""Seconds."""


class Metered(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        super().__init__()
        self._file = Path(os.environ["METER_FILE"]).open("a", buffering=1)  # noqa: SIM115 - as long as the process

    def run_forever(self) -> None:
        self.call_soon(self._beat, self.time(), time.thread_time())
        super().run_forever()

    def _beat(self, due: float, worked: float) -> None:
        now, work = self.time(), time.thread_time()
        if now - due > BEAT:
            self._file.write(f"{now:.4f} {now - due:.4f} {work - worked:.4f}\n")
        self.call_at(now + BEAT, self._beat, now + BEAT, work)


if __name__ == "__main__":
    asyncio.events.new_event_loop = Metered
    sys.exit(main(["run"]))
