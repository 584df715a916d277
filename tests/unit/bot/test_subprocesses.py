"""Child processes are bounded in number: many people's pictures at once do not take the machine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.subprocesses import AT_ONCE, run_python

if TYPE_CHECKING:
    from pathlib import Path

# Each notes how many others are there when it begins.
_CHILD = """
import os, sys, time
folder = sys.argv[1]
open(f"{folder}/{os.getpid()}", "w").close()
print(len(os.listdir(folder)), file=sys.stderr)
time.sleep(0.2)
os.unlink(f"{folder}/{os.getpid()}")
"""


async def test_no_more_run_at_once_than_the_machine_has_room_for(tmp_path: Path) -> None:
    runs = [run_python("-c", _CHILD, str(tmp_path), seconds=30) for _ in range(3 * AT_ONCE)]
    ended = await asyncio.gather(*runs)
    assert {code for code, _ in ended} == {0}
    assert max(int(said) for _, said in ended) <= AT_ONCE


async def test_what_is_brief_does_not_wait_for_what_is_long() -> None:
    long = [asyncio.create_task(run_python("-c", "import time; time.sleep(60)", seconds=300)) for _ in range(AT_ONCE)]
    await asyncio.sleep(0)
    try:
        async with asyncio.timeout(30):
            assert await run_python("-c", "pass", seconds=20) == (0, "")
        assert not any(task.done() for task in long)
    finally:
        for task in long:
            task.cancel()
        await asyncio.gather(*long, return_exceptions=True)


async def test_who_says_much_is_heard_to_the_end() -> None:
    code, said = await run_python("-c", "import sys; sys.stderr.write('a' * 5_000_000 + 'end')", seconds=20)
    assert code == 0
    assert said.endswith("aend")
    assert len(said) < 100_000


async def test_children_know_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "very-secret")
    _, said = await run_python("-c", "import os, sys; sys.stderr.write(repr(os.environ))", seconds=20)
    assert "PATH" in said
    assert "secret" not in said
