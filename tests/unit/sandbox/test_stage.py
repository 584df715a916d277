"""The stage: a child process that is ended for certain, and the sandbox's command line around the real bot."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from sandbox import demo
from sandbox.display import Display, changed
from sandbox.onekey import Behaviour, Plan
from sandbox.process import BotEnded, BotProcess
from sandbox.stage import ROOT, Stage
from tests.e2e.forking import fork

OBEDIENT = "print('up', flush=True); import time; time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + OBEDIENT
GUARDED = """
import asyncio, os, sys
from pathlib import Path
from sandbox.process import BotProcess
async def main():
    process = BotProcess(environment=os.environ, cwd=Path("."), log=Path(sys.argv[1]), arguments=["-c", sys.argv[2]])
    await process.start()
    print(process.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def logged(process: BotProcess, text: str) -> None:
    async with asyncio.timeout(10):
        while text not in process.log_end():  # noqa: ASYNC110 - a file tells nobody that it grew
            await asyncio.sleep(0.01)


@pytest.fixture
async def child(tmp_path: Path):
    async with AsyncExitStack() as stack:

        def make(program: str) -> BotProcess:
            log = tmp_path / "child.log"
            process = BotProcess(environment=os.environ, cwd=tmp_path, log=log, arguments=["-c", program])
            stack.push_async_callback(process.kill)
            return process

        yield make


async def test_a_process_is_stopped(child: Callable[[str], BotProcess]):
    process = child(OBEDIENT)
    await process.start()
    await logged(process, "up")
    assert process.running
    with pytest.raises(RuntimeError, match="running already"):
        await process.start()
    assert await process.stop() == -signal.SIGTERM
    assert process.pid is not None
    assert gone(process.pid)


async def test_one_that_will_not_stop_is_killed(child: Callable[[str], BotProcess]):
    process = child(STUBBORN)
    await process.start()
    await logged(process, "up")
    assert await process.stop(within=0.2) == -signal.SIGKILL
    assert not process.running


async def test_it_ends_when_we_are_killed(tmp_path: Path):
    """SIGKILL runs no clean-up of ours: the guard does it."""
    arguments = [sys.executable, "-c", GUARDED, str(tmp_path / "child.log"), OBEDIENT]
    ours = await asyncio.create_subprocess_exec(*arguments, cwd=ROOT, stdout=subprocess.PIPE)
    assert ours.stdout is not None
    try:
        pid = int(await ours.stdout.readline())
        assert not gone(pid)
        ours.kill()
        async with asyncio.timeout(5):
            while not gone(pid):  # noqa: ASYNC110 - no child of ours: nobody tells us
                await asyncio.sleep(0.01)
    finally:
        if ours.returncode is None:
            ours.kill()
        await ours.wait()


async def test_a_bot_that_ends_early_is_reported():
    with pytest.raises(BotEnded, match="VIDEO_POLL_SECONDS") as error:
        async with Stage(environment={"VIDEO_POLL_SECONDS": "never"}, spawn=fork):
            pass
    assert "exit code 2" in str(error.value)


async def test_a_failed_step_fails_the_demo(tmp_path: Path):
    """Pictures don't work, the rest does: exit code 1, and one line says which step and what was seen."""
    behaviour = Behaviour(images=Plan(fault="401"), submit=Plan(queue_seconds=0.1, run_seconds=0.1))
    output = tmp_path / "output.txt"
    with output.open("w", encoding="utf-8") as file:
        async with Stage(behaviour=behaviour, poll_seconds=0.2, spawn=fork) as stage:
            console = Console(file=file, highlight=False, markup=False, soft_wrap=True)
            assert await demo.play(stage, Display(stage.world, tmp_path / "files", console=console)) == 1
            pid = stage.bot.pid
    said = output.read_text(encoding="utf-8")
    assert "\nask ok\n" in said
    assert "\nimagine failed: " in said
    assert "\nvideo ok\n" in said
    assert [path.suffix for path in (tmp_path / "files").iterdir()] == [".mp4"]
    assert pid is not None
    assert gone(pid)


async def test_a_script_is_played_and_sigterm_ends_everything(tmp_path: Path):
    arguments = [sys.executable, "-m", "bot", "sandbox", "--terminal", "--latency", "0", "--files", str(tmp_path)]
    process = await asyncio.create_subprocess_exec(
        *arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write("/ask Hello [words:8]\nwait 10\nas 小明\n".encode())
        await process.stdin.drain()
        seen = ""
        async with asyncio.timeout(20):
            while "You are 小明" not in seen:
                seen += (await process.stdout.readline()).decode()
        assert "About “Hello”" in seen
        children = psutil.Process(process.pid).children(recursive=True)
        assert any("bot" in child.cmdline() for child in children)
        process.terminate()
        async with asyncio.timeout(12):
            assert await process.wait() == 143
        assert all(gone(child.pid) for child in children)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def test_only_the_changed_lines_are_shown():
    assert changed([], ["a", "b"]) == ["a", "b"]
    assert changed(["a", "b", "c"], ["a", "b", "d"]) == ["⋮", "d"]
    assert changed(["a", "c"], ["a", "d"]) == ["a", "d"]
