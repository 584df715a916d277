"""A jam of 50 people in the sandbox, measured: `uv run python tests/bench/jam.py`.

Discord is 50 ms away (a round trip). All people give an idea, and are in it by that, and vote in the same instant,
twice. Measured: how
long each waits for the answer to their press, how often the cards are edited, what Discord refuses, and whether every
idea and vote counts. Exit code 1 when a goal was missed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.onekey import Behaviour, Plan
from sandbox.stage import Stage
from tests import postgresql as postgres
from tests.bench.load import Load
from tests.e2e.jamming import Jam, start, vote
from tests.words import en

if TYPE_CHECKING:
    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Message
    from sandbox.discord.people import Person

DISCORD_AWAY: Final = 0.05
WITHIN: Final = 30.0
ANSWERED_WITHIN: Final = 1.5
"""Seconds, for the slowest: Discord gives up after three."""
SHOWN_WITHIN: Final = 4.0
EDITS: Final = 5
"""Of a card for all presses of an instant together."""


@dataclass(slots=True)
class Scene:
    stage: Stage
    jam: Jam
    crowd: Sequence[Person]
    missed: list[str] = field(default_factory=list[str])

    def check(self, name: str, held: bool, said: str) -> None:
        if not held:
            self.missed.append(f"{name}: {said}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests/bench/jam.py", description=__doc__)
    parser.add_argument("--people", type=int, default=50, help="how many are in the jam (50)")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite", help="of the bot (sqlite)")
    options = parser.parse_args(arguments)
    with contextlib.ExitStack() as stack:
        environment: dict[str, str] = {}
        if options.database == "postgresql":
            environment["DATABASE_URL"] = postgres.url_of(stack.enter_context(postgres.server()), "postgres")
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onekey-bench-")))
        return asyncio.run(bench(folder, environment, options.people))


async def bench(folder: Path, environment: dict[str, str], people: int) -> int:
    """Plays and prints everything; 1 when a goal was missed, else 0."""
    behaviour = Behaviour(chat=Plan(first_token=0.3), images=Plan(delay=0.5))
    async with Stage(data_dir=folder, environment=environment, behaviour=behaviour, latency=DISCORD_AWAY) as stage:
        jam = await start(stage, minutes=180)
        guild = stage.world.guild_of(jam.channel)
        assert guild is not None
        crowd = stage.world.crowd(guild, people)
        scene = Scene(stage, jam, crowd)
        pid = stage.bot.pid
        assert pid is not None
        async with Load({"bot": pid}, measured="bot") as load:
            for number in (1, 2):
                await _round(scene, number)
        print(f"\nthe bot: {load.mean['bot']:.0%} of a core, at most {load.peak['bot']:.0%}, {load.peak_rss:.0f} MiB")
        limits = stage.discord.limits
        scene.check("Discord", limits.served_429 == 0, f"{limits.served_429} times 429: {dict(limits.refused)}")
        print(f"429s: {limits.served_429}; edits by the bot's own token: {limits.served['message.patch']}")
        print("\n".join(["", *scene.missed, f"{len(scene.missed)} goals missed" if scene.missed else "every goal met"]))
        return 1 if scene.missed else 0


async def _round(scene: Scene, number: int) -> None:
    jam, crowd = scene.jam, scene.crowd
    print(f"\nround {number}, {len(crowd)} people{'':14}answered after: median, 95 %, worst   shown after   edits")
    givers = crowd[:40]  # as many ideas as a round takes
    opened = await asyncio.gather(*(each.press(jam.card, label=en("button.jam_add")) for each in givers))
    await _answered(scene, "open the form", opened)
    forms = list(zip(givers, opened, strict=True))
    await _at_once(
        scene,
        "give an idea",
        jam.card,
        lambda: [each.submit(form, {"idea": f"thing{index:02}"}) for index, (each, form) in enumerate(forms)],
        lambda: all(f"thing{index:02}" in jam.card.text for index in range(len(givers))),
    )
    pictures = await jam.make()
    prompt = scene.stage.api.requests.of("images")[-1].prompt or ""
    voted = en("jam.voted", count=len(crowd))
    missing = [index for index in range(len(givers)) if f"thing{index:02}" not in prompt]
    scene.check("prompt", not missing, f"ideas {missing} are not in it")
    await _at_once(
        scene,
        "vote",
        jam.card,
        lambda: [vote(each, pictures, 1 + index % 4) for index, each in enumerate(crowd)],
        lambda: voted in jam.card.text,
    )
    await _at_once(
        scene,
        "vote again",
        jam.card,
        lambda: [vote(each, pictures, 2) for each in crowd],
        lambda: voted in jam.card.text,
    )
    before = jam.card
    await jam.press(jam.starter, en("button.jam_end_vote"))
    await jam.until(en("jam.no_ideas"), rounds=number + 1)
    async with asyncio.timeout(WITHIN):
        while en("jam.won", count=len(crowd), number=2) not in before.text:  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0.02)


async def _at_once(
    scene: Scene,
    name: str,
    card: Message,
    act: Callable[[], Sequence[Awaitable[Invocation]]],
    shown: Callable[[], bool],
) -> None:
    """All of them do it in the same instant; then the card shows it."""
    versions, began = len(card.versions), time.monotonic()
    uses = await asyncio.gather(*act())
    late = 0.0
    try:
        async with asyncio.timeout(WITHIN):
            while not shown():  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(0.01)
        late = time.monotonic() - began
    except TimeoutError:
        scene.missed.append(f"{name}: the card never shows all of it")
    await asyncio.sleep(1.2)  # an edit more may follow
    edits = len(card.versions) - versions
    await _answered(scene, name, uses, f"{late:8.2f} s {edits:9}")
    scene.check(name, late <= SHOWN_WITHIN, f"shown after {late:.1f} s")
    scene.check(name, edits <= EDITS, f"{edits} edits")


async def _answered(scene: Scene, name: str, uses: Sequence[Invocation], rest: str = "") -> None:
    waits = sorted(await asyncio.gather(*(use.acknowledged() for use in uses)))
    worst = waits[-1]
    most = waits[int(len(waits) * 0.95) - 1]
    print(f"  {name:32} {waits[len(waits) // 2] * 1000:10.0f} {most * 1000:7.0f} {worst * 1000:6.0f} ms {rest}")
    scene.check(name, worst <= ANSWERED_WITHIN, f"the last answer after {worst:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
