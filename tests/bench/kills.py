"""Conversations under kill -9: `uv run python tests/bench/kills.py`.

Five at once, by /ask, by mentions, in a thread of /chat and in direct messages: a turn is answered, the next one grows,
and at a random moment the process is killed. Then each goes on, from what is seen of it: that turn has to work, and to
be told all that was answered before and what people saw of the answer that was cut. On SQLite and on PostgreSQL. Exit
code 1 where a turn was lost, or was not told something.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from sandbox.discord.invocation import NoAnswer
from sandbox.onekey import Behaviour, Plan
from sandbox.stage import Stage
from tests import postgresql
from tests.e2e.asking import CURSOR, end_of, said
from tests.e2e.cards import eventually, someone
from tests.e2e.talking import a_talk, answer_of, answers_to, mention
from tests.e2e.test_chats import open_chat
from tests.words import en

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Message
    from sandbox.discord.people import Person

WAYS: Final = ("ask", "mention", "direct", "chat", "mention")
LONGEST: Final = 3.5
"""Seconds from the moment that the second turn is asked."""
_WITHIN: Final = 30.0


@dataclass
class Talk:
    way: str
    who: Person
    where: Channel
    number: int
    said: list[Message] = field(default_factory=list["Message"])
    """Each turn's answer, as far as one stands."""
    asked: Message | None = None
    seen: str = ""
    """Of the second answer, when the process was killed."""

    def prompt(self, turn: int) -> str:
        return f"Talk {self.number}, turn {turn}"


@dataclass
class Figures:
    talks: int = 0
    kills: int = 0
    grew: int = 0
    """Second turns of which something was seen at the kill."""
    lost: list[str] = field(default_factory=list[str])
    unseen: list[str] = field(default_factory=list[str])
    missing: list[int] = field(default_factory=list[int])
    """Characters at the end of what was seen that the next turn was not told."""
    seconds: list[float] = field(default_factory=list[float])
    """From the start of the next process to the whole answer of the next turn."""

    def line(self) -> str:
        worst = max(self.missing, default=0)
        return (
            f"{self.talks} conversations, {self.kills} times kill -9, {self.grew} while words were seen: "
            f"{len(self.lost)} next turns lost, {len(self.unseen)} not told something; "
            f"of what was seen {statistics.median(self.missing or [0]):.0f} characters at its end were not told "
            f"(worst {worst}); the next answer whole after {statistics.median(self.seconds or [0]):.1f} s "
            f"(worst {max(self.seconds, default=0):.1f})"
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/bench/kills.py", description=__doc__)
    parser.add_argument("--conversations", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="one of them alone")
    options = parser.parse_args()
    sys.stdout.write(f"seed {options.seed}\n")
    missed = 0
    with tempfile.TemporaryDirectory(prefix="onekey-bench-") as folder, postgresql.server() as socket_folder:
        urls = {"sqlite": "", "postgresql": postgresql.url_of(socket_folder, "postgres")}
        for name, url in urls.items():
            if options.database in {None, name}:
                found = asyncio.run(bench(url, Path(folder) / name, options.conversations, random.Random(options.seed)))
                sys.stdout.write(f"{name}: {found.line()}\n")
                for each in (*found.lost, *found.unseen):
                    sys.stdout.write(f"  {each}\n")
                missed += len(found.lost) + len(found.unseen)
    return 1 if missed else 0


async def bench(url: str, folder: Path, count: int, chance: random.Random) -> Figures:
    found = Figures()
    behaviour = Behaviour(chat=Plan(first_token=0.3, words_per_second=400))
    environment = {"DATABASE_URL": url} if url else {}
    async with Stage(behaviour=behaviour, data_dir=folder, environment=environment) as stage:
        stage.discord.limits.groups |= {"gateway": None}
        dora, channel = await a_talk(stage)
        threads: list[Channel] = []
        for first in range(0, count, len(WAYS)):
            talks: list[Talk] = []
            for number, way in enumerate(WAYS[: count - first], first):
                who = someone(stage, f"person {number}", at=channel)
                where = who.dm() if way == "direct" else channel
                if way == "chat":
                    where = await open_chat(stage, who, channel)
                    threads.append(where)
                talks.append(Talk(way, who, where, number))
            await asyncio.gather(*(_first(stage, talk) for talk in talks))
            await asyncio.gather(*(_second(stage, talk) for talk in talks))
            await asyncio.sleep(chance.uniform(0, LONGEST))
            await stage.kill()
            found.kills += 1
            for talk in talks:
                _look(talk, found)
            began = time.monotonic()
            await stage.start()
            # One after the other: all of them share what a channel may be asked in five seconds.
            for talk in talks:
                await _third(stage, talk, found, began)
            found.talks += len(talks)
            for thread in threads:
                thread.archived = True  # a person may have three open ones
        await dora.say(channel, "done")
    return found


async def _first(stage: Stage, talk: Talk) -> None:
    talk.said.append(await _ask(stage, talk, talk.prompt(1)))


async def _ask(stage: Stage, talk: Talk, prompt: str) -> Message:
    """Ask, and wait for the whole answer."""
    match talk.way:
        case "ask" if not talk.said:
            return await end_of(await talk.who.command(talk.where, "ask", prompt=prompt), within=_WITHIN)
        case "ask":
            opened = await talk.who.press(talk.said[-1], label=en("button.reply"))
            await opened.form()
            return await end_of(await talk.who.submit(opened, {"prompt": prompt}), within=_WITHIN)
        case _:
            return await answer_of(stage, await _write(stage, talk, prompt), within=_WITHIN)


async def _write(stage: Stage, talk: Talk, prompt: str) -> Message:
    if talk.way == "direct":
        return await talk.who.say(talk.where, prompt)
    if talk.way == "mention" and talk.said:
        return await talk.who.reply_to(talk.said[-1], prompt)
    return await mention(stage, talk.who, talk.where, prompt)


async def _second(stage: Stage, talk: Talk) -> None:
    """Ask what is answered for some seconds."""
    prompt = f"{talk.prompt(2)} [rate:40] [words:400]"
    if talk.way == "ask":
        opened = await talk.who.press(talk.said[-1], label=en("button.reply"))
        await opened.form()
        use = await talk.who.submit(opened, {"prompt": prompt})
        talk.said.append(await use.message())
    else:
        talk.asked = await _write(stage, talk, prompt)


def _look(talk: Talk, found: Figures) -> None:
    if talk.asked is not None and (stand := answers_to(talk.asked)):
        talk.said.append(stand[-1])
    if len(talk.said) == 2:
        talk.seen = said(talk.said[-1]).rstrip("*_~`| ")  # what closes a mark at the end was not said
        found.grew += bool(talk.seen)


async def _third(stage: Stage, talk: Talk, found: Figures, began: float) -> None:
    try:
        if len(talk.said) == 2:
            await eventually(lambda: CURSOR not in talk.said[-1].text, within=_WITHIN)
            if talk.way == "ask" and not talk.seen:
                talk.said.pop()  # nothing to reply to; the one before is
        elif talk.asked is not None:
            # It says that it was cut, or is answered now.
            talk.said.append(await answer_of_any(talk.asked))
        await _ask(stage, talk, talk.prompt(3))
    except (TimeoutError, AssertionError, NoAnswer) as error:
        found.lost.append(f"{talk.way} {talk.number}: {error!r}")
        stage.check()
        return
    found.seconds.append(time.monotonic() - began)
    requests = [each for each in stage.api.requests.of("chat") if each.prompt == talk.prompt(3)]
    messages = cast("list[dict[str, Any]]", requests[-1].json["messages"])
    told = "\n".join(str(each["content"]) for each in messages)
    wanted = [talk.prompt(1), *([talk.prompt(2)] if len(talk.said) == 2 or talk.way != "ask" else [])]
    lacks = [each for each in wanted if each not in told]
    answer = next((str(each["content"]) for each in messages[3:] if each["role"] == "assistant"), "")
    if talk.seen:
        missing = len(talk.seen) - len(_common(talk.seen, answer))
        found.missing.append(missing)
        lacks += [f"the last {missing} characters that were seen"] if missing else []
    others = [each for each in range(found.talks + len(WAYS)) if each != talk.number and f"Talk {each}," in told]
    lacks += [f"and is told of talk {each}" for each in others]
    if lacks:
        found.unseen.append(f"{talk.way} {talk.number}: {', '.join(lacks)}")


async def answer_of_any(asked: Message) -> Message:
    """Whatever stands as the answer, once nothing is added to it."""
    await eventually(lambda: any(CURSOR not in each.text for each in answers_to(asked)), within=_WITHIN)
    return answers_to(asked)[-1]


def _common(one: str, other: str) -> str:
    end = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    return one[: min(len(one), len(other)) if end is None else end]


if __name__ == "__main__":
    sys.exit(main())
