"""One /ask, one /imagine and one /video by themselves, and what a member sees at every step."""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PIL import Image, UnidentifiedImageError

from sandbox.discord.invocation import NoAnswer
from sandbox.discord.media import measures
from sandbox.discord.models import walk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Message
    from sandbox.display import Display
    from sandbox.stage import Stage

_SECONDS: Final = {"ask": 8.0, "imagine": 8.0, "video": 12.0}
_REAL_SECONDS: Final = {"ask": 120.0, "imagine": 300.0, "video": 1800.0}
_FAILED: Final = 0xDA373C
_FOOTER: Final = re.compile(r"^-# .+ · \d+(\.\d+)? ?(s|秒)\b", re.MULTILINE)


class StepFailed(Exception):
    """What a member should have seen did not happen; the text says what did."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the demo: who types what where, and when it is done."""

    name: str
    person: str
    channel: str
    options: dict[str, object]
    done: Callable[[Message], bool]
    check: Callable[[Message, list[Path]], None]


def steps() -> list[Step]:
    return [
        Step("ask", "alice", "general", {"prompt": "Why do foxes have white tail tips?"}, _answered, _check_answer),
        Step("imagine", "bob", "pictures", {"prompt": "A red fox in the snow", "count": 2}, _drawn, _check_pictures),
        Step("video", "小明", "plans", {"prompt": "一只狐狸在雪地里奔跑 (fox)"}, _filmed, _check_clip),
    ]


async def play(stage: Stage, display: Display, *, real: bool = False) -> int:
    """Plays all steps; 0 when each happened, else 1 with a line for each that did not."""
    outcomes: dict[str, list[Path] | str] = {}
    for step in steps():
        try:
            stage.check()
            outcomes[step.name] = await _play(stage, display, step, (_REAL_SECONDS if real else _SECONDS)[step.name])
        except Exception as error:  # noqa: BLE001 - whatever went wrong is this step's line; the others still count
            outcomes[step.name] = (
                f"{type(error).__name__}: {error}" if not isinstance(error, StepFailed) else str(error)
            )
    display.say()
    failed = [name for name, outcome in outcomes.items() if isinstance(outcome, str)]
    if failed:
        display.say("The bot's log ends with:")
        display.show(stage.bot.log_end(30).splitlines())
        display.say()
    for name, outcome in outcomes.items():
        if isinstance(outcome, str):
            display.say(f"{name} failed: {outcome}", style="red")
        else:
            display.say(f"{name} ok", style="green")
    for outcome in outcomes.values():
        for path in outcome if not isinstance(outcome, str) else ():
            display.say(str(path))
    return 1 if failed else 0


async def _play(stage: Stage, display: Display, step: Step, seconds: float) -> list[Path]:
    person, channel = stage.person(step.person), stage.channel(step.channel)
    typed = " ".join(f"{name}:{value}" for name, value in step.options.items())
    display.say()
    display.say(f"#{channel.name}  @{person.name} ({person.user.locale}) types /{step.name} {typed}", style="bold")
    use = await person.command(channel, step.name, **step.options)
    printer = asyncio.create_task(_print(stage, display, use, person.user.locale))
    try:
        message = await use.until(lambda found: _refused(found) or step.done(found), seconds)
    except TimeoutError:
        raise StepFailed(f"not finished after {seconds:g} s; {_last(display, use)}") from None
    except NoAnswer as error:
        raise StepFailed(str(error)) from error
    finally:
        await asyncio.sleep(0)  # the printer gets its turn for what has just changed
        printer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await printer
    if _refused(message):
        raise StepFailed(_last(display, use))
    paths = await asyncio.to_thread(display.save, message)
    await asyncio.to_thread(step.check, message, paths)
    return paths


async def _print(stage: Stage, display: Display, use: Invocation, locale: str) -> None:
    """Prints each version of each message as it appears."""
    shown: dict[int, int] = {}
    with stage.world.observers.subscribe() as changes:
        while True:
            for message in use.messages:
                for version in message.versions[shown.get(message.id, 0) :]:
                    heading = f"  {version.at - use.started_at:5.2f} s"
                    display.show(display.lines(version, locale=locale), indent="    ", heading=heading)
                shown[message.id] = len(message.versions)
            await changes.get()


def _last(display: Display, use: Invocation) -> str:
    if use.failed:
        return "Discord gave up: the application did not respond"
    if not use.messages:
        return "no message appeared"
    return "the member still sees: " + " / ".join(display.lines(use.messages[-1]))


def _refused(message: Message) -> bool:
    """What only the person sees, or a card in the colour of a failure, is no result and will be none."""
    return message.ephemeral or any(part.get("accent_color") == _FAILED for part in walk(message.components))


def _answered(message: Message) -> bool:
    """An answer is whole when the time it took stands below it."""
    return bool(_FOOTER.search(message.text))


def _check_answer(message: Message, paths: list[Path]) -> None:
    del paths
    lines = [line for line in message.text.splitlines() if line and not line.startswith(("-# ", "> "))]
    if len(" ".join(lines)) < 40:
        raise StepFailed(f"the answer is too short: {message.text!r}")


def _drawn(message: Message) -> bool:
    return _of_type(message, "image/") == 2


def _check_pictures(message: Message, paths: list[Path]) -> None:
    del message
    for path in paths:
        content = path.read_bytes()
        try:
            with Image.open(io.BytesIO(content)) as picture:
                picture.load()
                kind, size = picture.format, picture.size
        except (UnidentifiedImageError, OSError) as error:
            raise StepFailed(f"{path} isn't an image: {error}") from error
        if kind not in {"PNG", "JPEG", "WEBP"} or min(size) < 256 or len(content) < 10_000:
            raise StepFailed(f"{path} is a {kind} of {size[0]}×{size[1]} and {len(content)} bytes")


def _filmed(message: Message) -> bool:
    return _of_type(message, "video/") == 1


def _check_clip(message: Message, paths: list[Path]) -> None:
    """The clip is an MP4 with an index, a picture's track and its data."""
    del message
    for path in paths:
        content = path.read_bytes()
        if measures(content) is None or b"moov" not in content or b"mdat" not in content:
            raise StepFailed(f"{path} is no clip: {content[:16]!r}…, {len(content)} bytes")


def _of_type(message: Message, prefix: str) -> int:
    return sum(attachment.content_type.startswith(prefix) for attachment in message.attachments)
