"""A stand-in of the API as a process of its own, that answers one JSON line with another."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any, ClassVar, Final, Self

import orjson

ROOT: Final = Path(__file__).resolve().parents[2]
_LINE_LIMIT: Final = 2**27


class OwnProcess:
    """`async with`: until the block ends, or this process does (it reads our pipe). Subclasses name their module."""

    module: ClassVar[str]

    def __init__(self, *arguments: str) -> None:
        self.base_url = ""
        self.key = ""
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        return self._running().pid

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", self.module, *self._arguments),
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

    async def _ask(self, question: bytes) -> Any:
        process = self._running()
        assert process.stdin is not None
        process.stdin.write(question + b"\n")
        return await self._line()

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
