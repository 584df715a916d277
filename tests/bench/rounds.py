"""People ask at the same moment, and what each of them saw when."""

from __future__ import annotations

import asyncio
import gc
import os
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sandbox.discord.world import World
from sandbox.onekey.answers import Question, compose
from sandbox.stage import BOT_PERMISSIONS, Scene
from tests.bench.api_process import WORDS
from tests.bench.load import Load, cpu_seconds, rss, until_quiet

if TYPE_CHECKING:
    from sandbox.discord.invocation import Invocation
    from sandbox.stage import Stage
    from tests.bench.api_process import ApiProcess, Spoken

CURSOR: Final = "▍"
PEOPLE: Final = 100
CHANNELS: Final = 10
_WITHIN: Final = 60.0
_AFTERWARDS: Final = 0.3
"""Seconds in which the bot takes in Discord's last answers: they belong to what the round costs."""
_IDLE: Final = 2.0


class WrongAnswer(RuntimeError):
    """Somebody did not get the whole answer; the text says what they saw."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer as its person saw it. Seconds."""

    first_text: float
    """From the command to the first version of the message with a word of the answer, as Discord applied it."""
    last_lag: float
    """From the last word the API sent to the version with all of them and no cursor."""
    api_after: float
    """From the command to the request at the API."""
    edits: int


@dataclass(slots=True)
class Case:
    """All rounds of one bot with so many people."""

    people: int
    channels: int
    seen: list[Seen] = field(default_factory=list[Seen])
    after_start: list[Seen] = field(default_factory=list[Seen])
    """The very first answer of the process, apart from the others."""
    loads: list[Load] = field(default_factory=list[Load])
    idle_share: float = 0.0
    """Of a core, with nothing to do."""
    rate_limited: int = 0
    connections: int = 0
    """How many connections to the API carried the answers."""
    rss_after: float = 0.0

    @property
    def cpu_an_answer(self) -> list[float]:
        """A figure a round: seconds, the idle share taken off."""
        return [(load.cpu["bot"] - self.idle_share * load.seconds) / self.people for load in self.loads]

    def mean_share(self, name: str) -> float:
        return statistics.fmean(load.mean[name] for load in self.loads)

    def peak_share(self, name: str) -> float:
        return max(load.peak[name] for load in self.loads)


def make_scene() -> Scene:
    world = World(application_name="OneKey Bot", owner="owner")
    guild = world.guild("Bench", bot_permissions=BOT_PERMISSIONS)
    channels = {f"c{number}": world.text_channel(guild, f"c{number}") for number in range(CHANNELS)}
    people = {f"p{number}": world.person(f"p{number}", guild=guild) for number in range(PEOPLE)}
    return Scene(world, guild, channels, people)


async def play_case(stage: Stage, api: ApiProcess, *, people: int, rounds: int, patience: float, spread: float) -> Case:
    """`rounds` times `people` people ask within `spread` seconds, in one channel or, from 100 on, in ten.

    Raises:
        WrongAnswer: an answer was not whole.
    """
    case = Case(people, CHANNELS if people >= PEOPLE else 1)
    await stage.start()
    pid = stage.bot.pid
    assert pid is not None
    await asyncio.sleep(0.5)
    case.after_start = await ask_in(stage, api, case, people=1, name="start", spread=0)
    case.connections = 0
    await until_quiet(patience)
    before, at = cpu_seconds(pid), time.monotonic()
    await asyncio.sleep(_IDLE)
    case.idle_share = (cpu_seconds(pid) - before) / (time.monotonic() - at)
    refused = stage.discord.limits.served_429
    for number in range(rounds):
        if number:
            await until_quiet(patience)
        gc.collect()
        gc.disable()  # a pause of the stand-in would be charged to the bot
        try:
            async with Load({"bot": pid, "discord": os.getpid(), "api": api.pid}, measured="bot") as load:
                seen = await ask_in(stage, api, case, people=people, name=str(number), spread=spread)
                await asyncio.sleep(_AFTERWARDS)
        finally:
            gc.enable()
        case.seen += seen
        case.loads.append(load)
    case.rate_limited = stage.discord.limits.served_429 - refused
    case.rss_after = rss(pid)
    await stage.stop()
    return case


async def ask_in(stage: Stage, api: ApiProcess, case: Case, *, people: int, name: str, spread: float) -> list[Seen]:
    prompts = [f"Why do foxes have white tail tips? ({people}, {name}, {number})" for number in range(people)]
    wholes = {prompt: "".join(compose(Question(prompt), words=WORDS)).strip() for prompt in prompts}
    persons, channels = list(stage.scene.people.values()), list(stage.scene.channels.values())
    uses: dict[int, tuple[str, Invocation]] = {}
    with stage.world.observers.subscribe() as changes:
        for number, prompt in enumerate(prompts):
            channel = channels[number % case.channels]
            use = await persons[number].command(channel, "ask", prompt=prompt)
            uses[use.interaction.id] = (prompt, use)
            if spread:
                await asyncio.sleep(spread / people)
        waiting = dict(uses)
        try:
            async with asyncio.timeout(_WITHIN):
                while waiting:
                    change = await changes.get()
                    prompt, use = waiting.get(change.interaction_id or 0, ("", None))
                    if use is not None and (use.failed or _is_whole(use.text, wholes[prompt])):
                        del waiting[use.interaction.id]
        except TimeoutError:
            stage.check()
    spoken = await api.spoken()
    case.connections = max(case.connections, len({each.connection for each in spoken.values()}))
    return [_seen(use, wholes[prompt], spoken.get(prompt)) for prompt, use in uses.values()]


def _seen(use: Invocation, whole: str, spoken: Spoken | None) -> Seen:
    if use.failed or spoken is None or not _is_whole(use.text, whole):
        said = "Discord gave up on the bot" if use.failed else use.text
        raise WrongAnswer(f"instead of {len(whole)} characters of an answer {use.interaction.user.name} saw: {said}")
    opening = whole[:6]
    first = next(version.at for version in use.versions if opening in version.text)
    last = next(version.at for version in use.versions if _is_whole(version.text, whole))
    return Seen(
        first_text=first - use.started_at,
        last_lag=last - spoken.last_text_at,
        api_after=spoken.asked_at - use.started_at,
        edits=sum(len(message.versions) - 1 for message in use.messages),
    )


def _is_whole(text: str, whole: str) -> bool:
    return whole in text and CURSOR not in text
