"""How busy everyone is while something is measured: the bot, both stand-ins, and whatever else the machine does."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Final, Self

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping

_SAMPLE: Final = 0.1
_TURN: Final = 0.005
MIB: Final = 1024 * 1024


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, all its threads, without its children."""
    if sys.platform == "linux":
        # clock_getcpuclockid(3): the kernel's own sum in nanoseconds, where /proc has hundredths of a second.
        return time.clock_gettime((~pid << 3) | 2)
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def rss(pid: int) -> float:
    """Resident memory, MiB."""
    return psutil.Process(pid).memory_info().rss / MIB


def machine_seconds() -> float:
    """What all processors of the machine have worked since it started."""
    times = psutil.cpu_times()
    return float(times.user + times.system) + sum(
        float(getattr(times, name, 0.0)) for name in ("nice", "irq", "softirq", "steal")
    )


class Load:
    """`async with Load({"bot": pid, …}, measured="bot") as load:`, read it afterwards.

    `mean` and `peak`: shares of one core by name, the peak over a tenth of a second; "others": the rest of the
    machine. `late`: by how much this process's own loop was late at a timer, worst and 99th percentile (seconds).
    """

    def __init__(self, pids: Mapping[str, int], *, measured: str) -> None:
        self.pids = dict(pids)
        self.measured = measured
        self.seconds = 0.0
        self.cpu: dict[str, float] = {}
        self.mean: dict[str, float] = {}
        self.peak: dict[str, float] = dict.fromkeys(self.pids, 0.0)
        self.peak_rss = 0.0
        self._late: list[float] = []
        self._began: dict[str, float] = {}
        self._began_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def late_worst(self) -> float:
        return max(self._late, default=0.0)

    @property
    def late_most(self) -> float:
        ordered = sorted(self._late)
        return ordered[int(len(ordered) * 0.99)] if ordered else 0.0

    async def __aenter__(self) -> Self:
        self._began, self._began_at = self._read(), time.monotonic()
        self._tasks = [asyncio.create_task(self._sample()), asyncio.create_task(self._turns())]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.seconds = time.monotonic() - self._began_at
        ended = self._read()
        self.cpu = {name: ended[name] - self._began[name] for name in ended}
        self.cpu["others"] = self.cpu.pop("machine") - sum(self.cpu[name] for name in self.pids)
        self.mean = {name: seconds / self.seconds for name, seconds in self.cpu.items()}

    def _read(self) -> dict[str, float]:
        return {name: cpu_seconds(pid) for name, pid in self.pids.items()} | {"machine": machine_seconds()}

    async def _sample(self) -> None:
        before, at = self._began, self._began_at
        while True:
            await asyncio.sleep(_SAMPLE)
            now, now_at = self._read(), time.monotonic()
            for name in self.pids:
                self.peak[name] = max(self.peak[name], (now[name] - before[name]) / (now_at - at))
            self.peak_rss = max(self.peak_rss, rss(self.pids[self.measured]))
            before, at = now, now_at

    async def _turns(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _TURN
            await asyncio.sleep(_TURN)
            self._late.append(loop.time() - due)


async def until_quiet(patience: float, *, below: float = 0.2) -> float:
    """Wait, at most `patience` seconds, until the machine does next to nothing; the share of a core it still uses."""
    deadline = time.monotonic() + patience
    while True:
        before, at = machine_seconds(), time.monotonic()
        await asyncio.sleep(1.0)
        share = (machine_seconds() - before) / (time.monotonic() - at)
        if share < below or time.monotonic() > deadline:
            return share
