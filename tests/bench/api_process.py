"""The API's stand-in as a process of its own: what it does for a hundred streams must not delay Discord's stand-in."""

from __future__ import annotations

import asyncio
import gc
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

import orjson

from sandbox.onekey import Behaviour, OneKeyServer, Plan

ROOT: Final = Path(__file__).resolve().parents[2]
WORDS: Final = 150
WORDS_PER_SECOND: Final = 50.0
FIRST_TOKEN: Final = 0.3
_LINE_LIMIT: Final = 2**22


@dataclass(frozen=True, slots=True)
class Spoken:
    """When one answer was asked for and when its words were sent: time.monotonic(), the same in every process."""

    asked_at: float
    first_text_at: float
    last_text_at: float
    connection: int


class ApiProcess:
    """`async with ApiProcess() as api:` until the block ends, or this process does (it reads our pipe)."""

    def __init__(self) -> None:
        self.base_url = ""
        self.key = ""
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        return self._running().pid

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.bench.api_process"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
            limit=_LINE_LIMIT,
        )
        self.base_url, self.key = await self._line()
        return self

    async def __aexit__(self, *_: object) -> None:
        process = self._running()
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()

    async def spoken(self) -> dict[str, Spoken]:
        """The answers since the last call, by their prompt."""
        process = self._running()
        assert process.stdin is not None
        process.stdin.write(b"\n")
        lines: dict[str, dict[str, Any]] = await self._line()
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

    async def _line(self) -> Any:
        process = self._running()
        assert process.stdout is not None
        line = await process.stdout.readline()
        if not line:
            raise RuntimeError(f"the API's stand-in ended with exit code {await process.wait()}")
        return orjson.loads(line)

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError("the API's stand-in was not started")
        return self._process


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
