"""Mentions in one channel: `uv run python tests/bench/mentions.py`.

Discord is 50 ms away (a round trip), the model's first token comes after 0.3 s, then 150 words at 50 a second. A
channel takes 5 posts and 5 edits in 5 s, as in the stand-in. Of the k-th answer in a channel the first words are to be
there after 0.4 + 5 * ((k - 1) // 5) seconds, the last 0.1 s after there was room for them. Exit code 1 when a goal was
missed.

    --other FILE   another bot, beside it: a Python file that is run as the bot is, with its environment
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import platform
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.discord.models import MESSAGE_CONTENT
from sandbox.discord.people import Person
from sandbox.onekey.answers import Question, compose
from sandbox.stage import Stage
from tests.bench.api_process import WORDS, ApiProcess
from tests.bench.load import cpu_seconds, rss, until_quiet
from tests.bench.rounds import CURSOR, make_scene

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from sandbox.discord.models import Channel, Message
    from tests.bench.api_process import Spoken

DISCORD_AWAY: Final = 0.05
FIRST, BETWEEN, LAG = 0.40, 5.0, 0.10
_WITHIN: Final = 90.0
_ROUNDS: Final = {1: 6, 10: 2, 30: 1}
_SIGNS: Final = (CURSOR, "⚪")
"""What bots put behind an answer that grows."""


@dataclass(slots=True)
class Permits:
    """When requests of one kind came to a channel's bucket, and so when it had none left (time.monotonic)."""

    came: list[float] = field(default_factory=list[float])

    def lost(self) -> list[float]:
        """Seconds from each window's end to the request that opened the next, while somebody waited for it."""
        lost: list[float] = []
        ends, used = math.inf, 0
        for at in self.came:
            if at >= ends:
                lost += [at - ends] if used == 5 else []
                used = 0
            ends, used = at + BETWEEN if not used else ends, used + 1
        return lost

    def blocked(self, since: float, until: float) -> float:
        """Seconds between these moments in which there was no permit."""
        blocked, ends, used = 0.0, 0.0, 0
        for at in self.came:
            if at >= ends:
                ends, used = at + BETWEEN, 0
            used += 1
            if used == 5:
                blocked += max(0.0, min(until, ends) - max(since, at))
        return blocked


@dataclass(slots=True)
class Case:
    name: str
    people: int
    first: list[float] = field(default_factory=list[float])
    over: list[float] = field(default_factory=list[float])
    """How much later than its goal each first text came; less than nothing: earlier."""
    lag: list[float] = field(default_factory=list[float])
    lag_of_permit: list[float] = field(default_factory=list[float])
    window: list[float] = field(default_factory=list[float])
    """Between a window's end and the next one's first post."""
    lost: int = 0
    limited: int = 0
    cpu: list[float] = field(default_factory=list[float])
    memory: float = 0.0

    def missed(self) -> int:
        late = max(self.over, default=0.0) > 0 or max(self.lag_of_permit, default=0.0) > LAG
        return int(late or bool(self.lost or self.limited))

    def line(self) -> str:
        def shown(values: Sequence[float]) -> str:
            return f"{statistics.median(values):7.3f} {max(values):7.3f}" if values else "      –       –"

        return (
            f"{self.name:<10}{self.people:>7}  {shown(self.first)}  {max(self.over, default=0):+8.3f}"
            f"  {shown(self.lag)}  {shown(self.lag_of_permit)}  {shown(self.window)}{self.limited:>6}{self.lost:>6}"
            f"{statistics.median(self.cpu) if self.cpu else 0:>9.4f}{self.memory:>8.0f}"
        )


HEAD: Final = (
    f"{'':10}{'people':>7}  {'first text':^15}  {'to goal':>8}  {'last lag':^15}  {'after a permit':^15}"
    f"  {'after a window':^15}"
    f"{'429s':>6}{'lost':>6}{'CPU each':>9}{'MiB':>8}"
)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests/bench/mentions.py", description=__doc__)
    parser.add_argument("--people", type=int, nargs="*", default=list(_ROUNDS))
    parser.add_argument(
        "--patience", type=float, default=10.0, metavar="S", help="how long to wait for a quiet machine"
    )
    parser.add_argument("--other", type=Path, help="another bot to be measured beside it")
    return asyncio.run(bench(parser.parse_args(arguments)))


async def bench(options: argparse.Namespace) -> int:
    """Plays and prints everything; 1 when a goal of the bot was missed."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors")
    print(HEAD)
    missed = 0
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onekey-bench-")))
        api = await stack.enter_async_context(ApiProcess())
        for name in ("OneKey", *(["other"] if options.other else [])):
            stage = Stage(
                scene=make_scene(),
                real_api=(api.base_url, api.key),
                data_dir=folder / name,
                latency=DISCORD_AWAY,
                start=False,
            )
            stage.world.application.intents |= MESSAGE_CONTENT
            async with stage:
                if name == "other":
                    stage.bot.arguments = (str(options.other.resolve()),)
                    # It is ready when it is connected, whatever commands it has.
                    stage.world.application.commands[1] = {"id": "1", "type": 1, "name": "none"}
                await stage.start()
                if name == "OneKey":
                    await _switch_on(stage)
                await _play(stage, api, Case(name, 1), people=1, label="start")
                for people in options.people:
                    case = Case(name, people)
                    for number in range(_ROUNDS.get(people, 1)):
                        await asyncio.sleep(BETWEEN)  # every bucket is full
                        await until_quiet(options.patience)
                        await _play(stage, api, case, people=people, label=str(number))
                    case.memory = rss(stage.bot.pid or 0)
                    print(case.line(), flush=True)
                    missed += case.missed() if name == "OneKey" else 0
    print(f"\n{missed} goals missed" if missed else "\nevery goal met")
    return 1 if missed else 0


async def _switch_on(stage: Stage) -> None:
    owner = Person(stage.world, stage.world.application.owner)
    use = await owner.command(stage.scene.channels["c0"], "config set", setting="mentions", value="on", scope="server")
    await use.message()


async def _play(stage: Stage, api: ApiProcess, case: Case, *, people: int, label: str) -> None:
    channel = stage.scene.channels["c0"]
    prompts = [f"Why do foxes have white tail tips? ({case.people}, {label}, {number})" for number in range(people)]
    persons = list(stage.scene.people.values())
    # As the model is asked: the other bot says who writes.
    told = {
        prompt: prompt if case.name == "OneKey" else f"<@{persons[number].id}>: {prompt}"
        for number, prompt in enumerate(prompts)
    }
    wholes = {prompt: "".join(compose(Question(told[prompt]), words=WORDS)).strip() for prompt in prompts}
    posts, edits = Permits(), Permits()

    def listen(request: web.Request, body: object, response: web.StreamResponse) -> None:
        del body
        if "/messages" in request.path and response.status != 429 and request.method in {"POST", "PATCH"}:
            (posts if request.method == "POST" else edits).came.append(time.monotonic())

    stage.discord.listeners.append(listen)
    refused, pid = stage.discord.limits.served_429, stage.bot.pid or 0
    before = cpu_seconds(pid)
    asked: dict[str, tuple[Message, float]] = {}
    with stage.world.observers.subscribe() as changes:
        for number, prompt in enumerate(prompts):
            at = time.monotonic()
            asked[prompt] = await persons[number].say(channel, f"{stage.world.application.bot.mention} {prompt}"), at
        waiting = set(prompts)
        try:
            async with asyncio.timeout(_WITHIN):
                while waiting:
                    await changes.get()
                    waiting -= {each for each in waiting if _ended(channel, asked[each][0], wholes[each])}
        except TimeoutError:
            stage.check()
        await asyncio.sleep(0.3)
    stage.discord.listeners.remove(listen)
    spoken = await api.spoken()
    case.lost += len(waiting)
    case.limited += stage.discord.limits.served_429 - refused
    case.cpu.append((cpu_seconds(pid) - before) / people)
    firsts: list[float] = []
    for prompt in set(prompts) - waiting:
        message, at = asked[prompt]
        _measure(case, firsts, _answers(channel, message), wholes[prompt], at, spoken[told[prompt]], posts, edits)
    case.first += firsts
    case.window += posts.lost()
    case.over += [seconds - FIRST - BETWEEN * (k // 5) for k, seconds in enumerate(sorted(firsts))]


def _measure(  # noqa: PLR0917
    case: Case,
    firsts: list[float],
    answers: list[Message],
    whole: str,
    at: float,
    spoken: Spoken,
    posts: Permits,
    edits: Permits,
) -> None:
    versions = [(version, index) for each in answers for index, version in enumerate(each.versions)]
    firsts.append(next(version.at for version, _ in versions if whole[:6] in version.text) - at)
    last, index = next(each for each in versions if _is_whole(each[0].text, whole))
    lag = last.at - spoken.last_text_at
    case.lag.append(lag)
    bucket = edits if index else posts
    case.lag_of_permit.append(lag - bucket.blocked(spoken.last_text_at, last.at))


def _answers(channel: Channel, asked: Message) -> list[Message]:
    return [each for each in channel.messages.values() if each.reference is asked and not each.deleted]


def _ended(channel: Channel, asked: Message, whole: str) -> bool:
    return any(_is_whole(each.text, whole) for each in _answers(channel, asked))


def _is_whole(text: str, whole: str) -> bool:
    return whole in text and not any(sign in text for sign in _SIGNS)


if __name__ == "__main__":
    sys.exit(main())
