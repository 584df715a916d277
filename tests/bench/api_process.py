"""The API's stand-in as a process of its own: what it does for a hundred streams must not delay Discord's stand-in."""

from __future__ import annotations

import asyncio
import gc
import sys
from dataclasses import asdict, dataclass
from typing import Any, Final

import orjson

from sandbox.onekey import Behaviour, OneKeyServer, Plan
from tests.bench.api_base import ROOT, OwnProcess

WORDS: Final = 150
WORDS_PER_SECOND: Final = 50.0
FIRST_TOKEN: Final = 0.3


@dataclass(frozen=True, slots=True)
class Spoken:
    """When one answer was asked for and when its words were sent: time.monotonic(), the same in every process."""

    asked_at: float
    first_text_at: float
    last_text_at: float
    connection: int


class ApiProcess(OwnProcess):
    """`async with ApiProcess() as api:`."""

    module = "tests.bench.api_process"

    async def spoken(self) -> dict[str, Spoken]:
        """The answers since the last call, by their prompt."""
        lines: dict[str, dict[str, Any]] = await self._ask(b"")
        return {prompt: Spoken(**fields) for prompt, fields in lines.items()}

    async def price_of_listening(self) -> list[float]:
        """Processor seconds that a process spends on an answer when it only reads it (listener.py); a few answers."""
        listener = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.bench.listener", self.base_url, self.key),
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        said, _ = await listener.communicate()
        if listener.returncode != 0:
            raise RuntimeError(f"the listener ended with exit code {listener.returncode}")
        return orjson.loads(said)


async def _serve() -> None:
    """Says where it is, then for every line on stdin what it has spoken since."""
    plan = Plan(first_token=FIRST_TOKEN, words=WORDS, words_per_second=WORDS_PER_SECOND)
    async with OneKeyServer(behaviour=Behaviour(chat=plan)) as server:
        # Collected only between the rounds: a pause here would be charged to the bot.
        gc.disable()
        _say([server.base_url, server.key])
        while await asyncio.to_thread(sys.stdin.buffer.readline):
            spoken = {
                request.prompt: asdict(
                    Spoken(request.at, request.first_text_at, request.last_text_at, request.connection)
                )
                for request in server.requests.of("chat")
            }
            server.requests.clear()
            gc.collect()
            _say(spoken)


def _say(value: object) -> None:
    sys.stdout.buffer.write(orjson.dumps(value) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    asyncio.run(_serve())
