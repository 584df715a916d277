"""A day's share of pictures and videos: a stranger can't empty the owner's account, and a failure costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.cards import film, has_clip, has_pictures, labels, paint, private_answer, server, someone, swift

if TYPE_CHECKING:
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOT_ENVIRONMENT = {"DAILY_LIMIT_PER_USER": "ask=1,imagine=2,video=1"}


@pytest.fixture(autouse=True)
def _swift(stage: Stage) -> None:
    swift(stage)


async def test_after_the_day_s_share_the_person_is_told_privately(stage: Stage) -> None:
    channel = server(stage)
    carol, ming = someone(stage, at=channel), someone(stage, "小明", at=channel, locale="zh-CN")
    for number in range(2):
        use, _ = await paint(carol, channel, f"Share {number}")
        await use.until(has_pictures(1))
    use = await carol.command(channel, "imagine", prompt="One too many")
    refusal = "You have used /imagine 2 times today, which is the most. It begins anew <t:…:R>."
    assert await private_answer(use) == refusal
    # Reroll is an order as any other.
    card = next(message for message in carol.sees(channel) if labels(message) == ["Reroll", "Remix", "Vote"])
    assert await private_answer(await carol.press(card, label="Reroll")) == refusal
    assert sum(request.prompt.startswith("Share") for request in stage.api.requests.of("images")) == 2
    assert not [request for request in stage.api.requests.of("images") if request.prompt == "One too many"]

    film_use, _ = await film(ming, channel, "一")
    await film_use.until(has_clip, 10)
    use = await ming.command(channel, "video", prompt="二")
    assert await private_answer(use) == "你今天的 1 次 /video 已用完，<t:…:R> 重新计算。"


async def test_what_was_certainly_not_made_costs_nothing(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    for fault in ("401", "400", "model_not_found"):
        use, _ = await film(carol, channel, f"Refused [fault:{fault}]")
        await use.until(lambda message: labels(message) == ["Retry"])
    use, _ = await film(carol, channel, "Made")
    await use.until(has_clip, 10)
    use = await carol.command(channel, "video", prompt="One too many")
    assert (await private_answer(use)).startswith("You have used /video 1 times today")


async def test_what_may_have_been_made_is_paid_for(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, card = await film(carol, channel, "Perhaps made [fault:lost*1]")
    await use.until(lambda message: labels(message) == ["Retry"])
    press = await carol.press(card, label="Retry")
    assert (await private_answer(press)).startswith("You have used /video 1 times today")
    assert stage.api.submits["Perhaps made [fault:lost*1]"] == 1
    # The refused Retry took nothing away: the button is still there.
    assert labels(card) == ["Retry"]
