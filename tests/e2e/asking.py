"""What the tests of /ask share: asking, waiting for the end, and reading what stands in a message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sandbox.discord.models import walk
from sandbox.onekey import answers
from tests.e2e.cards import eventually
from tests.words import en

if TYPE_CHECKING:
    import pytest

    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Message, Version
    from sandbox.stage import Stage

CURSOR: Final = "▍"
WITHIN: Final = 10.0
"""Seconds for what takes one at most: the machine may be busy."""
GOES_ON: Final = [en("button.reply"), en("button.regenerate")]
"""What stands on the buttons of an answer that has ended."""
_PAGE: Final = 3000
_FOOTER: Final = re.compile(r"^-# .* · \d+(\.\d+)? (s|秒)( · .*)?$", re.MULTILINE)


async def ask(stage: Stage, prompt: str, *, by: str = "alice", where: str = "general", **options: Any) -> Invocation:
    """A person of the stage types /ask."""
    return await stage.person(by).command(stage.channel(where), "ask", prompt=prompt, **options)


async def known_prices(stage: Stage, *, starts: int = 1) -> None:
    """The bot, which was started so many times, knows what the service charges."""
    known = "the service tells its prices"
    await eventually(lambda: stage.bot.log.read_text(encoding="utf-8").count(known) >= starts, within=WITHIN)


async def end_of(use: Invocation, *, within: float = WITHIN) -> Message:
    """The answer's last message, once it has come to its end: nothing is left to stop."""
    return await use.until(lambda message: message is use.messages[-1] and _ended(message), within)


async def first_text(use: Invocation, *, within: float = WITHIN) -> Message:
    """The message, once it grows."""
    return await use.until(lambda message: CURSOR in message.text, within)


def _ended(message: Message) -> bool:
    # A full page without a footer has nothing to stop either; the next one is on its way.
    stops = any(str(part.get("custom_id")).endswith(":stop") for part in message.buttons())
    return not (message.loading or stops) and (len(message.text) < _PAGE or was_whole(message))


def was_whole(message: Message | Version) -> bool:
    """Whether it ends as an answer does that nothing went wrong with: "model · 4 s · 312 tokens"."""
    return bool(_FOOTER.search(message.text))


def parts(message: Message | Version) -> list[str]:
    """The texts on display, one a component."""
    return [str(part["content"]) for part in message.components if part["type"] == 10]


def said(message: Message | Version) -> str:
    """What the model said, as it stands: neither the question nor the machine's own words."""
    return "\n".join(part for part in parts(message) if not part.startswith(("> ", "-# "))).removesuffix(f" {CURSOR}")


def model_says(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """From now on the API's stand-in answers every question with `text`."""
    pieces: list[str] = re.findall(r"\S+\s*|\s+", text)

    def compose(_question: answers.Question, *, words: int = 0) -> list[str]:
        return pieces[: words or None]

    monkeypatch.setattr(answers, "compose", compose)


def buttons(version: Version) -> list[str]:
    """What stands on the buttons of a version of a message."""
    return [str(part["label"]) for part in walk(version.components) if part["type"] == 2]
