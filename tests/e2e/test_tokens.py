"""Interactions' tokens: what only they can edit is mended by any press, and they live by a clock that nobody sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.asking import GOES_ON, ask, end_of, first_text, was_whole
from tests.e2e.cards import (
    RUNNING,
    eventually,
    film,
    has_clip,
    labels,
    posted_in,
    private_answer,
    said,
    says,
    task_of,
)
from tests.words import piece

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOT_ENVIRONMENT = {"ALLOW_USER_INSTALL": "true"}
LONG = " and a fox" * 30
SITE = """
import time, pathlib
real, file = time.time, pathlib.Path({file!r})
def ahead():
    try:
        return real() + float(file.read_text())
    except (OSError, ValueError):
        return real()
time.time = ahead
"""

VIDEO_SECONDS = 600  # until a test says otherwise


async def own_app(stage: Stage, prompt: str, *, dms_closed: bool = False) -> tuple[Person, Invocation, Message]:
    """A video of somebody who has the bot for themselves alone, in a server without it; its token is over."""
    owner = stage.world.user("somebody")
    guild = stage.world.guild("Without the bot", owner=owner, app_installed=False)
    channel = stage.world.text_channel(guild, "general")
    erin = stage.world.person("erin", guild=guild, app_installed=True)
    erin.user.dms_closed = dms_closed
    use, _ = await film(erin, channel, prompt)
    card = await use.until(says(RUNNING))
    stage.world.expire_tokens(use.interaction)
    return erin, use, card


async def test_a_press_while_it_runs_brings_the_clip_into_its_card(stage: Stage) -> None:
    prompt = f"Prompt pressed{LONG}"
    erin, use, card = await own_app(stage, prompt)
    pressed = await erin.press(card, label="Prompt")
    assert prompt in await private_answer(pressed)
    task_of(stage, prompt).finish()
    await use.until(has_clip)
    assert not posted_in(erin.dm())


async def test_somebody_else_s_press_brings_it_too(stage: Stage) -> None:
    erin, use, card = await own_app(stage, "Refused to another")
    frank = stage.world.person("frank", guild=stage.world.guild_of(card.channel))
    pressed = await frank.press(card, label="Cancel")
    assert piece("error.not_your_cancel") in await private_answer(pressed)
    task_of(stage, "Refused to another").finish()
    await use.until(has_clip)
    assert not posted_in(erin.dm())


async def test_what_could_be_delivered_nowhere_comes_with_the_next_press(stage: Stage) -> None:
    erin, use, card = await own_app(stage, "Nowhere to go", dms_closed=True)
    task_of(stage, "Nowhere to go").finish()
    await eventually(lambda: "no direct message" in stage.bot.log_end(400), within=10)
    pressed = await erin.press(card, label="Cancel")
    assert await private_answer(pressed)
    await use.until(has_clip)
    assert stage.api.submits["Nowhere to go"] == 1


async def test_a_failure_that_could_not_be_shown_is_with_the_next_press(stage: Stage) -> None:
    erin, use, card = await own_app(stage, "Failed in silence", dms_closed=True)
    before = stage.bot.log_end(400).count("no direct message")
    task_of(stage, "Failed in silence").finish("failed")
    await eventually(lambda: stage.bot.log_end(400).count("no direct message") > before, within=10)
    assert labels(card) == ["Cancel"]
    await erin.press(card, label="Cancel")
    await use.until(lambda message: "Retry" in labels(message))
    assert piece("card.failed") in said(card)


async def test_a_card_that_was_left_for_a_direct_message_says_so(stage: Stage) -> None:
    erin, use, card = await own_app(stage, "Came by message")
    task_of(stage, "Came by message").finish()
    dm = erin.dm()
    await eventually(lambda: any(has_clip(message) for message in posted_in(dm)), within=10)
    pressed = await erin.press(card, label="Cancel")
    assert "direct message" in (await private_answer(pressed))
    await use.until(lambda message: said(message) == "Sent as a direct message.")


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_private_answer_is_finished_though_the_clock_is_set(
    new_stage: NewStage, tmp_path: Path, hours: int
) -> None:
    """An hour ahead, and an hour back, while it grows: only the token edits such a message."""
    (tmp_path / "site").mkdir()
    shift = tmp_path / "shift"
    (tmp_path / "site" / "sitecustomize.py").write_text(SITE.format(file=str(shift)), encoding="utf-8")
    stage = await new_stage(environment={"PYTHONPATH": str(tmp_path / "site")})
    use = await ask(stage, "Between us [rate:20] [words:60]", private=True)
    await first_text(use)
    shift.write_text(str(3600 * hours), encoding="utf-8")
    ended = await end_of(use)
    assert was_whole(ended)
    assert labels(ended) == GOES_ON
    seconds = ended.text.rsplit(" · ", 2)[1]
    assert int(seconds.removesuffix(" s")) < 30, "how long it took is told by what passed"
