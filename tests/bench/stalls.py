"""What one person can make everybody wait for, measured: `uv run python tests/bench/stalls.py [CASE…]`.

The real bot with a meter in its event loop (metered_bot.py). While bob asks again and again, somebody without any
permission, or a moderator of their own channel, sends what takes long to read. Printed for each: the loop's longest
delay and how much of it was its own work, how late bob's command was acknowledged and how late his first text came,
and how long the hostile person's own answer took. Then 20 of them at once. Exit code 1 when a goal was missed.

On a machine that does other things, too, delays are longer than they would be: the first line shows by how much.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.discord.choosing import Upload
from sandbox.discord.permissions import Permission
from sandbox.onekey import Behaviour, Plan
from sandbox.stage import Stage
from tests.e2e.asking import CURSOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Channel
    from sandbox.discord.people import Person

STALL_GOAL: Final = 0.1
"""Seconds that the loop may be late for one person."""
FIRST_TEXT_GOAL: Final = 1.0
"""Seconds until others' first text, beside 20 at once."""
FIRST_TOKEN: Final = 0.1
SIZE: Final = 256 * 1024
CROWD: Final = 20
PLACES: Final = 282
WORDS: Final = {
    "plain": [f"word{chr(97 + at % 26)}{chr(97 + at // 26)}" for at in range(200)],
    "alike": ["a" * at + "b" for at in range(1, 50)],
    "han": ["赌" * at + "博" for at in range(1, 49)],
    "marks": ["*" * at + "+" for at in range(1, 49)],
}
FILES: Final[Mapping[str, tuple[str, str]]] = {
    # Words of the list, and what fills a file of 256 KB.
    "one sign, 18 letters": ("plain", "\ufdfa"),
    "marks out of order": ("plain", "\u0301\u0316"),
    "invisible signs": ("plain", "\u200b"),
    "one letter": ("alike", "a"),
    "letters and dots": ("alike", "a."),
    "letters alone": ("alike", "a "),
    "one Chinese sign": ("han", "赌"),
    "near misses": ("plain", "c asino "),
    "asterisks": ("marks", "*"),
    "lookalikes": ("plain", "саѕ "),
    "links": ("plain", "[a](b)"),
    "brackets": ("plain", "[a]("),
    "English": ("plain", "The quick brown fox jumps over the lazy dog. "),
    "backticks": ("plain", "`"),
}


@dataclass(slots=True)
class Bench:
    stage: Stage
    meter: Path
    channel: Channel
    mallory: Person
    crowd: Sequence[Person]
    missed: list[str] = field(default_factory=list[str])
    firsts: list[float] = field(default_factory=list[float])
    acknowledged: list[float] = field(default_factory=list[float])

    async def ask_on(self) -> None:
        """Others ask, one question after another."""
        while True:
            began = time.monotonic()
            use = await self.stage.person("bob").command(self.stage.channel("general"), "ask", prompt="hello")
            # The card that says that it waits has neither: it has a button, Stop.
            await use.until(lambda message: CURSOR in message.text or not (message.loading or message.buttons()), 60)
            self.firsts.append(time.monotonic() - began - FIRST_TOKEN)
            at = use.interaction.acknowledged_at
            self.acknowledged.append((at or time.monotonic()) - began)
            await asyncio.sleep(0.05)

    async def play(self, name: str, act: Callable[[], Awaitable[object]], *, goal: float = STALL_GOAL) -> None:
        self.firsts.clear()
        self.acknowledged.clear()
        began = time.monotonic()
        asking = asyncio.create_task(self.ask_on())
        await asyncio.sleep(0.3)
        acted = time.monotonic()
        try:
            await act()
        finally:
            took = time.monotonic() - acted
            while not self.firsts:  # noqa: ASYNC110 - the loop above tells nobody
                await asyncio.sleep(0.05)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        turns = [tuple(map(float, line.split())) for line in self.meter.read_text().splitlines()]
        turns = [(late, worked) for at, late, worked in turns if at >= began]
        late, work = max((turn[0] for turn in turns), default=0.0), max((turn[1] for turn in turns), default=0.0)
        first = max(self.firsts)
        print(
            f"{name:34}{late * 1000:8.0f}{work * 1000:9.0f}{max(self.acknowledged) * 1000:12.0f}"
            f"{first * 1000:12.0f}{took:10.1f}",
            flush=True,
        )
        if work > goal:
            self.missed.append(f"{name}: the loop worked {work * 1000:.0f} ms at a stretch")
        if first > FIRST_TEXT_GOAL:
            self.missed.append(f"{name}: the first text of others came {first:.1f} s late")

    async def block(self, words: str) -> None:
        await self.end(
            await self.mallory.command(
                self.channel, "config set", setting="blocked_words", value=", ".join(WORDS[words])
            )
        )

    async def ask_with(self, sign: str, *, by: Person | None = None) -> None:
        count = SIZE // len(sign.encode())
        file = Upload("file.txt", (sign * count).encode())
        await self.end(await (by or self.mallory).command(self.channel, "ask", prompt="hello", file=file))

    async def answered(self, reply: str) -> None:
        """A model that writes without an end; by the next who asks."""
        self.stage.api.next("chat", reply=reply, words_per_second=100_000)
        use = await self.mallory.command(self.channel, "ask", prompt="hello")
        await use.until(
            lambda message: message is use.messages[-1] and not message.buttons() and not message.loading, 120
        )

    async def take_in(self, text: str) -> str:
        use = await self.mallory.command(self.channel, "config import", file=Upload("settings.yml", text.encode()))
        preview = await use.until(lambda message: not message.loading, 120)
        apply = [one for one in preview.buttons() if str(one["custom_id"]).startswith("setup:all:apply:")]
        if apply:
            press = await self.mallory.press(preview, custom_id=str(apply[0]["custom_id"]))
            await press.until(lambda message: "setup:all:" not in str(message.components), 120)
        return preview.text

    async def end(self, use: Invocation) -> None:
        await use.until(lambda message: not message.loading and not message.buttons(), 120)


def settings_file(value: int, places: Sequence[int]) -> str:
    keys = ("max_images", "system_prompt", "blocked_words", "temperature", "jam_ideas", "confirm_above", "language")
    values = (value, "x" * value, f"word{value}", value, value, value, ("en", "zh_CN")[value - 1])
    sections = ("".join(f"    {key}: {one}\n" for key, one in zip(keys, values, strict=True)) for _ in places)
    return "channels:\n" + "".join(f"  {id_}:\n{section}" for id_, section in zip(places, sections, strict=True))


async def bench(folder: Path, wanted: Sequence[str]) -> int:
    meter = folder / "meter"
    meter.touch()
    # Ids that it knows: models are taken unchecked where the service has no list.
    behaviour = Behaviour(chat=Plan(first_token=FIRST_TOKEN, words_per_second=400, words=20))
    stage = Stage(
        behaviour=behaviour,
        environment={"METER_FILE": str(meter)},
        data_dir=folder / "data",
        log=folder / "log",
        start=False,
    )
    async with stage:
        stage.bot.arguments = (str(Path(__file__).with_name("metered_bot.py")),)
        await stage.start()
        guild = stage.world.guild(
            "Mallory's", owner=stage.person("alice").user, bot_permissions=int(Permission.ADMINISTRATOR)
        )
        owner = stage.world.person("mallory", guild=guild, permissions=int(Permission.ADMINISTRATOR))
        channel = stage.world.text_channel(guild, "home")
        crowd = stage.world.crowd(guild, CROWD)
        here = Bench(stage, meter, channel, owner, crowd)
        print(
            f"load {os.getloadavg()[0]:.1f}, ms:{'':17}{'late':>8}{'of own':>9}"
            f"{'others ack':>12}{'+ first':>12}{'took s':>10}"
        )

        async def play(name: str, act: Callable[[], Awaitable[object]]) -> None:
            if not wanted or any(one in name for one in wanted):
                await here.play(name, act)

        await play("nothing", lambda: asyncio.sleep(3))
        for name, (words, sign) in FILES.items():
            if not wanted or any(one in name for one in wanted):
                await here.block(words)
                await play(name, lambda sign=sign: here.ask_with(sign))
        places = [stage.world.text_channel(guild, f"place-{at}").id for at in range(PLACES)]
        await asyncio.sleep(1)
        for value in (1, 2):
            await play(
                f"import of 1,974 changes, {value}", lambda value=value: changed(here, settings_file(value, places))
            )
        await play("export of 1,974", lambda: export(here))
        await play("undo of 1,974", lambda: undo(here))
        for name, text in {
            "import, a flow of keys": "server: {" + "a," * (SIZE // 2 - 10) + "}",
            "import, nested": "[" * (SIZE - 1),
            "import, a list": "server:\n  blocked_words:\n" + "    - a\n" * (SIZE // 8 - 10),
            "import, empty lines": "\n" * (SIZE - 1),
        }.items():
            await play(name, lambda text=text: here.take_in(text))
        for name, reply in {
            "a long answer": "word " * 40_000,
            "an answer of fences": "```py\nx\n```\n" * 8_000,
            "an answer of one letter": "x" * 200_000,
            "an answer of backticks": "`" * 100_000,
            "an answer of rows": "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 10_000,
            "an answer of tables": "|a|\n|-|\n" * 20_000,
            "an answer of formulas": "\\[\n" * 40_000,
            "an answer of links": "[a.com](https://b.com) " * 8_000,
            "an answer of tags": "<b>" * 60_000,
            "an answer of emphasis": "**a *b __c " * 16_000,
        }.items():
            await play(name, lambda reply=reply: here.answered(reply))
        if not wanted or "20" in wanted:
            await here.block("plain")
            await play("20 at once", lambda: asyncio.gather(*(here.ask_with("\ufdfa", by=one) for one in here.crowd)))
            await here.block("alike")
            await play("20 at once, near", lambda: asyncio.gather(*(here.ask_with("a.", by=one) for one in here.crowd)))
    print("\n".join(["", *here.missed, f"{len(here.missed)} goals missed" if here.missed else "every goal met"]))
    return 1 if here.missed else 0


async def changed(here: Bench, text: str) -> None:
    said = await here.take_in(text)
    if f"{7 * PLACES:,}" not in said.replace("**", "") and str(7 * PLACES) not in said:
        here.missed.append(f"an import was refused: {said[:200]}")


async def export(here: Bench) -> None:
    use = await here.mallory.command(here.channel, "config export")
    await use.until(lambda message: bool(message.attachments), 60)


async def undo(here: Bench) -> None:
    await here.end(await here.mallory.command(here.channel, "config undo"))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests/bench/stalls.py", description=__doc__)
    parser.add_argument("cases", nargs="*", help="words of their names; none: all")
    options = parser.parse_args(arguments)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onekey-bench-")))
        return asyncio.run(bench(folder, options.cases))


if __name__ == "__main__":
    sys.exit(main())
