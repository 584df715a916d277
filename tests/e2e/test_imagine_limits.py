"""A day's share of pictures and videos: a stranger can't empty the owner's account, and a failure costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.asking import end_of
from tests.e2e.cards import (
    FAILED,
    colour,
    film,
    has_clip,
    has_pictures,
    is_over,
    labels,
    paint,
    private_answer,
    said,
    says,
    server,
    someone,
    swift,
)
from tests.words import en

if TYPE_CHECKING:
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOT_ENVIRONMENT = {"DAILY_LIMIT_PER_USER": "ask=1,imagine=2,video=1"}


async def test_after_the_day_s_share_the_person_is_told_privately(stage: Stage) -> None:
    channel = server(stage)
    carol, ming = someone(stage, at=channel), someone(stage, "小明", at=channel, locale="zh-CN")
    for number in range(2):
        use, _ = await paint(carol, channel, f"Share {number}")
        await use.until(has_pictures(1))
    use = await carol.command(channel, "imagine", prompt="One too many")
    refusal = "You've used all 2 image requests for today. Resets <t:…:R>."
    assert await private_answer(use) == refusal
    # Reroll is an order as any other.
    card = next(message for message in carol.sees(channel) if labels(message) == ["Like", "Reroll", "Edit prompt"])
    assert await private_answer(await carol.press(card, label="Reroll")) == refusal
    assert sum(request.prompt.startswith("Share") for request in stage.api.requests.of("images")) == 2
    assert not [request for request in stage.api.requests.of("images") if request.prompt == "One too many"]

    film_use, _ = await film(ming, channel, "一")
    await film_use.until(has_clip)
    use = await ming.command(channel, "video", prompt="二")
    assert await private_answer(use) == "今天的 1 次视频生成已用完，<t:…:R>重置。"


async def test_what_was_certainly_not_made_costs_nothing(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    for fault in ("401", "400", "model_not_found"):
        use, _ = await film(carol, channel, f"Refused [fault:{fault}]")
        await use.until(is_over)
    use, _ = await film(carol, channel, "Made")
    await use.until(has_clip)
    use = await carol.command(channel, "video", prompt="One too many")
    assert (await private_answer(use)) == "You've used your 1 video for today. Resets <t:…:R>."


async def test_refusals_are_free_five_times_a_day_and_then_they_count(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    told = en("limit.counted", count=5)
    for number in range(4):
        use, _ = await paint(carol, channel, f"Refused {number} [fault:400]")
        card = await use.until(lambda message: colour(message) == FAILED)
        assert told not in said(card)
    await end_of(await carol.command(channel, "ask", prompt="Refused [fault:400]"))
    use, _ = await paint(carol, channel, "Refused, the sixth [fault:400]")
    assert (await use.until(lambda message: colour(message) == FAILED)).text.splitlines()[-1] == f"-# {told}"
    # Of the other command one more, which says so privately, since its answer stands already.
    use = await carol.command(channel, "ask", prompt="Refused again [fault:400]")
    note = await use.until(lambda message: message.ephemeral)
    assert note.text == told
    refused = await private_answer(await carol.command(channel, "ask", prompt="One too many"))
    assert refused == "You've used your 1 question for today. Resets <t:…:R>."
    shown = said(await (await carol.command(channel, "usage")).message())
    assert "**/ask** · 1 of 1 used, 0 left" in shown
    assert "**/imagine** · 1 of 2 used, 1 left" in shown
    assert "-# " + en("usage.not_counted", count=5, most=5) in shown


async def test_cancelled_while_it_runs_uses_the_day_up(stage: Stage) -> None:
    swift(stage, run=60)
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, card = await film(carol, channel, "On its way")
    await use.until(says("Started <t:…:R>."))
    await carol.press(card, label="Cancel")
    await use.until(says("Cancelled by"))
    assert (await private_answer(await carol.command(channel, "video", prompt="x"))).startswith("You've used your 1")


async def test_what_may_have_been_made_is_paid_for(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, card = await film(carol, channel, "Perhaps made [fault:lost*1]")
    await use.until(lambda message: labels(message) == ["Retry"])
    press = await carol.press(card, label="Retry")
    assert (await private_answer(press)) == "You've used your 1 video for today. Resets <t:…:R>."
    assert stage.api.submits["Perhaps made [fault:lost*1]"] == 1
    # The refused Retry took nothing away: the button is still there.
    assert labels(card) == ["Retry"]
