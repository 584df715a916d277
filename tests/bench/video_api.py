"""The API's stand-in with thousands of open videos, as a process of its own: what it does is not the bot's doing."""

from __future__ import annotations

import asyncio
import math
import sys
import time
from dataclasses import dataclass
from typing import Final

import orjson

from sandbox.onekey import Behaviour, OneKeyServer, Plan
from sandbox.onekey.tasks import Task
from tests.bench.api_base import OwnProcess

_KEPT: Final = 400_000
_CLIP: Final = (320, 180, 2.0)
"""Width, height, seconds: 20 KB, made once; `clip_bytes` fills it up."""


def task_id(number: int) -> str:
    """The service's id of the video `number`, from 0."""
    return f"bench-{number:06d}"


@dataclass(frozen=True, slots=True)
class Polls:
    """What came since the last call. Times are time.monotonic(), the same in every process."""

    polls: list[tuple[int, float]]
    """The video's number and when it was asked after, in the order they came."""
    fetched: dict[int, int]
    """How often a video's clip was asked for, ever."""
    refused: int
    """Requests since the last call that were not answered with a 2xx."""


class VideoApi(OwnProcess):
    """`async with VideoApi(count=10_000) as api:`."""

    module = "tests.bench.video_api"

    def __init__(self, *, count: int, clip_bytes: int) -> None:
        super().__init__(str(count), str(clip_bytes))

    async def finish(self, ends: dict[int, float]) -> None:
        """Let videos succeed: number → time.monotonic()."""
        await self._ask(orjson.dumps({"finish": list(ends.items())}))

    async def polls(self) -> Polls:
        """The requests since the last call."""
        answer = await self._ask(orjson.dumps({"polls": True}))
        polls = [(int(number), float(at)) for number, at in answer["polls"]]
        return Polls(polls, {int(number): int(times) for number, times in answer["fetched"]}, int(answer["refused"]))


async def _serve(count: int, clip_bytes: int) -> None:
    """Says where it is, then answers every line on stdin with one."""
    # The clip stands under /videos/{id}/content, which the stand-in serves for every task that it knows.
    behaviour = Behaviour(poll=Plan(shape="no_url"), keep_requests=_KEPT)
    async with OneKeyServer(behaviour=behaviour) as server:
        for number in range(count):
            server.tasks[task_id(number)] = _task(number, clip_bytes)
        _say([server.base_url, server.key])
        while line := await asyncio.to_thread(sys.stdin.buffer.readline):
            question = orjson.loads(line)
            now = time.monotonic()
            for number, at in question.get("finish", ()):
                task = server.tasks[task_id(number)]
                task.began, task.run_seconds = now, max(0.0, at - now)
            _say(_report(server) if question.get("polls") else {})


def _task(number: int, clip_bytes: int) -> Task:
    width, height, seconds = _CLIP
    return Task(
        id=task_id(number),
        prompt="A fox in the snow",  # one for all: the clip is made once
        model="wan2.7-t2v",
        width=width,
        height=height,
        seconds=seconds,
        queue_seconds=0.0,
        run_seconds=math.inf,
        outcome="succeeded",
        file_bytes=clip_bytes,
    )


def _report(server: OneKeyServer) -> dict[str, object]:
    requests = list(server.requests)
    server.requests.clear()
    return {
        "polls": [
            (int(request.path.rpartition("-")[2]), request.at) for request in requests if request.route == "video.poll"
        ],
        "fetched": [(int(task.id.rpartition("-")[2]), task.fetched) for task in server.tasks.values() if task.fetched],
        "refused": sum(request.ended_at > 0 and not 200 <= request.status < 300 for request in requests),
    }


def _say(value: object) -> None:
    sys.stdout.buffer.write(orjson.dumps(value) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
