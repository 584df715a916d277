"""Every state of the cards, as sheets to look at, in both languages and both themes.

`uv run python -m tests.pictures --states FOLDER`. Whoever changes a card looks at them.
"""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Final

from PIL import Image

from tests.pictures.studio import LANGUAGES, studio

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.pictures.studio import Studio

COLUMNS: Final = 4
WIDTH: Final = 740
ON_A_SHEET: Final = 20
THEMES: Final = ("dark", "light")
_LATER: Final = 2.0
"""Seconds after which what goes on for longer is seen."""

# Each in a channel of its own; in its name is what the last line leads to. `later`: seen while it goes on. `aged`: so
# many seconds later, after a restart.
ENDED: Final[Mapping[str, Sequence[str]]] = {
    "ask-done": ["/ask {question}"],
    "ask-written": ["/ask {question} [shape:markdown]"],
    "ask-sources": ["dave: /config set web_search on", "{me}: /ask {question}"],
    "ask-no-search": ["dave: /config set web_search on", "{me}: /ask {question} [fault:no_search] --model qwen3-max"],
    "ask-length": ["/ask {question} [fault:length] [after:30]"],
    "ask-reply-form": ["/ask {question}", "press :reply"],
    "ask-model-form": ["/ask {question}", "press :beside"],
    "personas": ["dave: /config personas"],
    "persona-form": ["dave: /config personas", "press :new"],
    "ask-cut": ["/ask {question} [fault:mid_drop] [after:30]"],
    "ask-stopped": ["later /ask {question} [rate:8]", "press :stop"],
    "ask-declined": ["/ask {question} [fault:inspection_400]"],
    "ask-key": ["/ask {question} [fault:401]"],
    "ask-denied": ["/ask {question} [fault:denied]"],
    "ask-money": ["/ask {question} [fault:quota]"],
    "ask-unknown": ["/ask {question} [fault:model_not_found]"],
    "ask-long": ["/ask {question} [fault:too_long]"],
    "ask-rejected": ["/ask {question} [fault:400]"],
    "ask-error": ["/ask {question} [fault:500]"],
    "ask-unreached": ["/ask {question} [fault:drop]"],
    "imagine-done": ["/imagine {fox} --count 3"],
    "imagine-fewer": ["/imagine {fox} [shape:fewer] --count 3"],
    "imagine-declined": ["/imagine {fox} [fault:inspection_400]"],
    "imagine-no-route": ["/imagine {fox} [fault:no_route]"],
    "imagine-rejected": ["/imagine {fox} [fault:400]"],
    "imagine-error": ["/imagine {fox} [fault:502]"],
    "imagine-unfetched": ["/imagine {fox} [shape:b64_wrong]"],
    "imagine-empty": ["/imagine {fox} [shape:empty]"],
    "imagine-voted": ["/imagine {fox} --count 2", "carol: press :vote:1"],
    "imagine-form": ["/imagine"],
    "imagine-edit-form": ["/imagine {fox} --shape tall", "press :remix"],
    "imagine-change-form": [
        "dave: /config set edit_model qwen-image-edit",
        "{me}: /imagine {fox} --count 2",
        "choose :chosen change:2",
    ],
    "imagine-changed": [
        "dave: /config set edit_model qwen-image-edit",
        "{me}: /imagine {fox} --count 2",
        "choose :chosen change:2",
        "fill {dawn}",
    ],
    "imagine-size": ["/imagine {fox} [fault:sizes] --shape tall"],
    "styles": ["dave: /config styles"],
    "style-form": ["dave: /config styles", "press :new"],
    "video-done": ["/video {fox}"],
    "video-form": ["/video"],
    "video-tall": ["/video {fox} --shape tall --seconds 6"],
    "video-otherwise": ["/video {fox} --shape 300x700"],
    "video-dropped": ["/video {fox} [fault:document] --seconds 8"],
    "video-again-form": ["/video {fox} [fault:400]", "press :edit"],
    "video-edit-form": ["/video {fox}", "press :change"],
    "video-extend-form": ["dave: /config set animate_model wan2.7-i2v", "{me}: /video {fox}", "press :extend"],
    "video-extended": [
        "dave: /config set animate_model wan2.7-i2v",
        "{me}: /video {fox}",
        "press :extend",
        "fill {dawn}",
    ],
    "animate-form": ["dave: /config set animate_model wan2.7-i2v", "{me}: /imagine {fox}", "choose :chosen animate:1"],
    "animated": [
        "dave: /config set animate_model wan2.7-i2v",
        "{me}: /imagine {fox}",
        "choose :chosen animate:1",
        "fill {dawn}",
    ],
    "video-told": ["later /video {fox} [queue:0] [run:4]", "aged 120"],
    "video-large": ["/video {fox} [bytes:30000000]"],
    "video-failed": ["/video {fox} [end:failed]"],
    "video-unknown": ["/video {fox} [fault:cut]"],
    "video-unreached": ["/video {fox} [fault:drop]"],
    "video-expired": ["/video {fox} [end:expired]"],
    "video-overdue": ["later /video {fox} [queue:0] [run:60]", "aged 1900"],
    "video-past-a-day": ["later /video {fox} [queue:0] [run:60]", "aged 86500"],
    "video-cancelled": ["later /video {fox} [queue:9]", "press :cancel"],
    "jobs": ["/jobs"],
    "usage": ["/usage"],
    "help": ["/help"],
    "help-moderator": ["dave: /help"],
    "gallery": ["/imagine {fox} --count 2", "/gallery show"],
    "lineage": ["/imagine {fox}", "/gallery lineage #1"],
    "config-show": ["dave: /config show"],
    "setup-new": ["dave: /setup"],
    "setup": ["dave: /config set chat_model qwen3-max", "dave: /setup"],
    "setup-form": ["dave: /config set chat_model qwen3-max", "dave: /setup", "press :what:video"],
    "setup-offer": ["dave: /help"],
    "config-unknown": ["dave: /config set chat_model gpt-of-my-own"],
    "config-history": ["dave: /config set chat_model qwen3-max", "/config history"],
    "config-undo": ["dave: /config set chat_model qwen3-max", "/config undo"],
    "config-prices": ["dave: /config prices"],
    "config-from-service": ["dave: /config set chat_model qwen3-max", "/config prices", "press :service"],
    "usage-real": ["/video {fox} [shape:data_wrapped]", "/usage"],
    "usage-real-server": ["/video {fox} [shape:data_wrapped]", "dave: /usage server"],
    "config-export": ["dave: /config export"],
    "paused": ["dave: /config pause", "{me}: /ask {question}", "dave: /config resume"],
    "blocked": ["dave: /config set blocked_words {blocked}", "{me}: /imagine {fox}"],
    "not-offered": ["dave: /config set commands ask", "{me}: /video {fox}"],
    "only-roles": ["dave: /config set roles @Admins", "{me}: /ask {question}"],
    "restricted": ["dave: /config set age_restricted_only on", "{me}: /ask {question}"],
    "log": [
        "dave: /config set log_channel #mod-log",
        "{me}: /imagine {fox}",
        "as dave",
        "in #mod-log",
        "wait",
    ],
    "remove": ["/imagine {fox}", "apps {command.remove}"],
    "privacy-show": ["/privacy show"],
    "privacy-delete": ["carol: /privacy delete"],
    "direct": ["in dm", "/ask {question}"],
    "direct-help": ["in dm", "/help"],
    "jam-opened": ["/jam start {castle} --style {watercolour}"],
    "jam-begun": ["/jam start {castle}", "in #{castle}"],
    "jam-idea-form": ["/jam start {castle}", "in #{castle}", "press :add"],
    "jam-ideas": ["/jam start {castle}", "in #{castle}", "press :add", "fill {dragon}"],
    "jam-prompt": [
        "dave: /config set jam_review always",
        "/jam start {castle}",
        "in #{castle}",
        "press :add",
        "fill {dragon}",
        "press :make",
    ],
    "jam-voting": ["/jam start {castle}", "in #{castle}", "press :add", "fill {dragon}", "press :make"],
    "jam-won": [
        "/jam start {castle}",
        "in #{castle}",
        "press :add",
        "fill {dragon}",
        "press :make",
        "press :vote:1",
        "press :endvote",
    ],
    "jam-ended": [
        "/jam start {castle}",
        "in #{castle}",
        "press :add",
        "fill {dragon}",
        "press :make",
        "press :vote:1",
        "press :close",
        "press :end",
    ],
    "jam-without": ["/jam start {castle}", "in #{castle}", "press :close", "press :end"],
}
CREDITS: Final[Mapping[str, Sequence[str]]] = {
    "price-set": ["dave: /config set daily_credits 60"],
    "price-asked": ["dave: /config set confirm_above 20", "{me}: /video {fox}"],
    "price-paid": ["/imagine {fox} --count 2"],
    "share-used": ["/imagine {fox} --count 4", "/imagine {fox} --count 4", "/imagine {fox} --count 4"],
    "pool-used": ["dave: /config set channel_pool 3/day", "carol: /imagine {fox}"],
    "usage-mine": ["/usage"],
    "usage-server": ["dave: /usage server"],
    "granted": ["dave: /config grant @carol 50 :)", "carol: /usage"],
}
GOING_ON: Final[Mapping[str, Sequence[str]]] = {
    "ask-thinking": ["/ask {question} [first:9] --model deepseek-reasoner"],
    "ask-growing": ["/ask {question} [rate:6]"],
    "ask-busy": ["/ask {question} [fault:429] [retry:20]"],
    "imagine-waiting": ["/imagine {fox} [delay:9]"],
    "imagine-busy": ["/imagine {fox} [fault:429] [retry:20]"],
    "video-queued": ["/video {fox} [queue:20]"],
    "video-running": ["/video {fox} [queue:0] [run:20]"],
}


async def make(folder: Path, *, only: str = "") -> None:
    """Writes `{language}-{theme}-{number}.png`, and says what could not be shown."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    for language in LANGUAGES:
        if only in {"", language}:
            taken: dict[str, list[Image.Image]] = {theme: [] for theme in THEMES}
            async with studio(
                language, {"DAILY_LIMIT_PER_USER": "ask=unlimited,imagine=unlimited,video=unlimited"}
            ) as made:
                # Credits are on from the first of CREDITS on.
                for states, seconds in ((ENDED, None), (GOING_ON, _LATER), (CREDITS, None)):
                    for name, lines in states.items():
                        await _state(made, name, lines, taken, seconds=seconds)
            for theme, pictures in taken.items():
                for first in range(0, len(pictures), ON_A_SHEET):
                    sheet(pictures[first : first + ON_A_SHEET]).save(
                        folder / f"{language}-{theme}-{first // ON_A_SHEET + 1}.png"
                    )


async def _state(
    made: Studio, name: str, lines: Sequence[str], taken: dict[str, list[Image.Image]], *, seconds: float | None
) -> None:
    made.stage.world.text_channel(made.stage.guild, name)
    try:
        await made.play("{me} in #" + name + ": wait 0")
        message = None
        for line in lines:
            if line.startswith("aged "):
                message = await made.aged(int(line.removeprefix("aged ")))
                continue
            message = await made.play(
                line.removeprefix("later "), seconds=_LATER if line.startswith("later ") else seconds
            )
        form = made.player.terminal.form
        for theme in THEMES:
            made.player.terminal.form = form
            picture = Image.open(io.BytesIO(await made.shot(message, theme=theme, scale=1.0)))
            taken[theme].append(picture.convert("RGB"))
    except Exception as error:  # noqa: BLE001 - one that fails must not hide the others
        print(f"{made.language} {name}: {error!r:.300}", flush=True)
    finally:
        made.player.terminal.form = None


def sheet(pictures: Sequence[Image.Image]) -> Image.Image:
    """The pictures in columns, each below the shortest."""
    heights = [0] * COLUMNS
    places: list[tuple[int, int]] = []
    for picture in pictures:
        column = heights.index(min(heights))
        places.append((column * WIDTH, heights[column]))
        heights[column] += picture.height + 8
    made = Image.new("RGB", (COLUMNS * WIDTH, max(heights)), "#888888")
    for picture, place in zip(pictures, places, strict=True):
        made.paste(picture, place)
    return made
