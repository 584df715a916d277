"""What is done with the open videos, and what is read off: a quiet minute, a SIGKILL, a minute in which many end."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.generation.pace import POLLS_PER_SECOND
from tests.bench.load import Load, rss
from tests.bench.video_rows import Ended, Video, ended, states, taken_over

if TYPE_CHECKING:
    from pathlib import Path

    from bot.store.database import Database
    from sandbox.stage import Stage
    from tests.bench.video_api import Polls, VideoApi

_FOUND_WITHIN: Final = 60.0
_LOOK: Final = 0.02
_DELIVERED_WITHIN: Final = 240.0
_JITTER: Final = 1.1


def interval(age: float, *, count: int, base: float) -> float:
    """The seconds between two polls that the bot aims at for a video of that age among `count`, without its jitter."""
    return max(base, min(60.0, age / 20), count / POLLS_PER_SECOND)


@dataclass(slots=True)
class Watch:
    """A while in which nothing ends."""

    load: Load
    rss: float
    polls: int
    gaps: list[float]
    """Seconds between two polls of the same video."""
    polls_a_second: float
    most_in_a_second: int


@dataclass(slots=True)
class Found:
    """How a new process found what a killed one left. Seconds after the SIGKILL."""

    logged: float
    """The bot's log says that it resumes them."""
    taken: float
    """Every row has a new epoch."""
    ready: float
    first_poll: float
    all_polled: float
    most_in_a_second: int
    """Polls in the busiest second."""
    unpolled: int
    """Videos not polled again within one interval (and its jitter) of being taken."""
    edits: int
    """Cards edited meanwhile, though nothing ended."""
    peak_rss: float


@dataclass(slots=True)
class Burst:
    """A minute in which many end."""

    load: Load
    rss: float
    late: list[float] = field(default_factory=list[float])
    """Seconds from its end until the row says `generated`."""
    late_share: list[float] = field(default_factory=list[float])
    """The same as a share of its poll interval."""
    delivery: list[float] = field(default_factory=list[float])
    """Seconds from `generated` to the card that holds the clip."""
    left: int = 0
    """Videos that ended and whose message has no clip."""
    wrong: int = 0
    """Messages with more than their one clip, clips fetched or uploaded twice, and messages nobody asked for."""
    rate_limited: int = 0
    edits: int = 0
    seconds: float = 0.0
    """From the first delivery to the last."""
    states: dict[str, int] = field(default_factory=dict[str, int])


async def watch(stage: Stage, api: VideoApi, *, seconds: float) -> Watch:
    pid = _pid(stage)
    await api.polls()
    async with Load({"bot": pid, "discord": os.getpid(), "api": api.pid}, measured="bot") as load:
        await asyncio.sleep(seconds)
    polls = await api.polls()
    stage.check()
    asked = len(polls.polls)
    return Watch(load, rss(pid), asked, _gaps(polls), asked / load.seconds, _most_in_a_second(polls))


async def kill_and_find(
    stage: Stage, api: VideoApi, database: Database, videos: list[Video], *, log: Path, base: float
) -> Found:
    """SIGKILL, a new process, and how long until it has all of them again and has asked after each."""
    count, edits = len(videos), _edits(videos)
    epoch = await _newest_epoch(database, count)
    await api.polls()
    size = log.stat().st_size
    killed = time.monotonic()
    await stage.kill()
    starting = asyncio.create_task(stage.start(within=_FOUND_WITHIN))
    logged = asyncio.create_task(_logged(log, size, f"resuming {count} generations"))
    while await taken_over(database, above=epoch) < count:
        await asyncio.sleep(_LOOK)
        _within(killed)
    taken = time.monotonic() - killed
    logged_at = await logged - killed
    await starting
    ready = time.monotonic() - killed
    allowed = interval(0, count=count, base=base) * _JITTER
    pid = _pid(stage)
    peak = 0.0
    while time.monotonic() < killed + taken + allowed:
        await asyncio.sleep(0.2)
        peak = max(peak, rss(pid))
    polls = await api.polls()
    firsts: dict[int, float] = {}
    for number, at in polls.polls:
        if at > killed + logged_at - 0.5:
            firsts.setdefault(number, at - killed)
    stage.check()
    return Found(
        logged=logged_at,
        taken=taken,
        ready=ready,
        first_poll=min(firsts.values(), default=float("inf")),
        all_polled=max(firsts.values(), default=float("inf")),
        most_in_a_second=_most_in_a_second(polls),
        unpolled=count - len(firsts),
        edits=_edits(videos) - edits,
        peak_rss=peak,
    )


async def burst(
    stage: Stage, api: VideoApi, database: Database, videos: list[Video], *, ending: int, seconds: float, base: float
) -> Burst:
    """`ending` of the videos end within `seconds`, in no order; until all of them are delivered."""
    pid = _pid(stage)
    chosen = random.Random(3).sample(videos, ending)
    began, wall = time.monotonic(), time.time()
    ends = {video.number: began + seconds * place / ending for place, video in enumerate(chosen)}
    edits, refused = _edits(videos), stage.discord.limits.served_429
    messages = sum(len(channel.messages) for channel in stage.scene.channels.values())
    async with Load({"bot": pid, "discord": os.getpid(), "api": api.pid}, measured="bot") as load:
        await api.finish(ends)
        deadline = began + seconds + _DELIVERED_WITHIN
        while (await states(database))["delivered"] < ending and time.monotonic() < deadline:
            await asyncio.sleep(1.0)
            stage.check()
    rows = {row.number: row for row in await ended(database)}
    found = Burst(load, rss(pid), states=dict(await states(database)))
    found.edits = _edits(videos) - edits
    found.rate_limited = stage.discord.limits.served_429 - refused
    polls = await api.polls()
    for video in chosen:
        end = ends[video.number]
        age = video.age + end - video.message.versions[0].at
        aim = interval(age, count=len(videos), base=base)
        _judge(found, video, rows.get(video.number), polls, end=end - began + wall, aim=aim)
    silent = {video.number for video in videos} - set(ends)
    found.wrong += len(silent & set(rows))
    found.wrong += sum(len(channel.messages) for channel in stage.scene.channels.values()) - messages
    delivered = [row.ended_at for row in rows.values() if row.state == "delivered" and row.ended_at]
    found.seconds = max(delivered) - min(delivered) if delivered else 0.0
    return found


def _judge(found: Burst, video: Video, row: Ended | None, polls: Polls, *, end: float, aim: float) -> None:
    """`end`: Unix seconds. `aim`: the seconds between two polls of this video when it ended."""
    clips = {file.id for version in video.message.versions for file in version.attachments}
    found.left += len(video.message.attachments) != 1
    found.wrong += len(clips) > 1 or polls.fetched.get(video.number, 0) > 1
    if row is None or row.generated_at is None:
        return
    late = row.generated_at - end
    found.late.append(late)
    found.late_share.append(late / aim)
    if row.ended_at is not None:
        found.delivery.append(row.ended_at - row.generated_at)


def _edits(videos: list[Video]) -> int:
    return sum(len(video.message.versions) - 1 for video in videos)


def _gaps(polls: Polls) -> list[float]:
    times: defaultdict[int, list[float]] = defaultdict(list)
    for number, at in polls.polls:
        times[number].append(at)
    return [after - before for each in times.values() for before, after in itertools.pairwise(each)]


def _most_in_a_second(polls: Polls) -> int:
    return max(Counter(int(at) for _, at in polls.polls).values(), default=0)


async def _newest_epoch(database: Database, count: int) -> int:
    epoch = 0
    while await taken_over(database, above=epoch) == count:
        epoch += 1
    return epoch


async def _logged(log: Path, offset: int, words: str) -> float:
    """time.monotonic() when the words stand in the log after `offset`."""
    deadline = time.monotonic() + _FOUND_WITHIN
    with log.open("rb") as file:
        file.seek(offset)
        text = b""
        while words.encode() not in text:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{words!r} is not in the log:\n{text[-2000:].decode(errors='replace')}")
            await asyncio.sleep(_LOOK)
            text += file.read()
    return time.monotonic()


def _within(began: float) -> None:
    if time.monotonic() - began > _FOUND_WITHIN:
        raise TimeoutError(f"the videos were not taken over within {_FOUND_WITHIN:g} s")


def _pid(stage: Stage) -> int:
    pid = stage.bot.pid
    assert pid is not None
    return pid


async def wait_for_first_polls(api: VideoApi, *, count: int, within: float) -> float:
    """Seconds until each video was polled once."""
    began = time.monotonic()
    seen: set[int] = set()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            while len(seen) < count:
                seen |= {number for number, _ in (await api.polls()).polls}
                await asyncio.sleep(0.5)
    return time.monotonic() - began
