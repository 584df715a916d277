"""Whose turn it is, and the buttons under a video: Cancel, Retry, Prompt, and presses that nobody may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.cards import (
    RUNNING,
    WAITING,
    colour,
    custom_id,
    film,
    forged,
    has_clip,
    labels,
    private_answer,
    said,
    says,
    server,
    someone,
    task_of,
)
from tests.words import en, zh

if TYPE_CHECKING:
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

VIDEO_SECONDS = 600  # until a test says otherwise

GONE = en("error.gone")
MAY_STILL = en("video.cancelled_running")


def submitted(stage: Stage) -> list[str]:
    return [request.prompt for request in stage.api.requests.of("video.submit")]


async def test_two_of_a_person_run_and_the_third_waits_with_its_place(stage: Stage) -> None:
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    uses = [(await film(carol, channel, f"third {number}"))[0] for number in range(4)]
    for use in uses[:2]:
        await use.until(says(RUNNING))
    third = await uses[2].until(says("Waiting: 1st in line."))
    await uses[3].until(says("Waiting: 2nd in line."))
    assert said(third) == f"### third 2\n-# wan2.7-t2v · 320×180 · <@{carol.id}>\nWaiting: 1st in line."
    assert (colour(third), labels(third)) == (WAITING, ["Cancel"])
    # Another person's does not wait behind them.
    other, _ = await film(dave, channel, "third of dave")
    await other.until(says(RUNNING))
    assert "third 2" not in submitted(stage)

    task_of(stage, "third 0").finish()
    await uses[0].until(has_clip)
    await uses[2].until(says(RUNNING))
    for prompt in ("third 1", "third 2"):
        task_of(stage, prompt).finish()
    await uses[3].until(says(RUNNING))
    task_of(stage, "third 3").finish()
    for use in uses[1:]:
        await use.until(has_clip)
    assert [stage.api.submits[f"third {number}"] for number in range(4)] == [1] * 4


async def test_the_place_in_chinese(stage: Stage) -> None:
    channel = server(stage)
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    uses = [(await film(ming, channel, f"排队 {number}"))[0] for number in range(3)]
    waiting = await uses[2].until(says("排队中：第 1 位。"))
    assert labels(waiting) == ["取消"]
    await ming.press(waiting, label="取消")
    cancelled = await uses[2].until(says("取消。"))
    assert said(cancelled).splitlines()[2:] == [f"已由 <@{ming.id}> 取消。"]
    running = await uses[0].until(lambda message: labels(message) == ["取消"])
    await ming.press(running, label="取消")
    cancelled = await uses[0].until(says("已由"))
    assert said(cancelled).splitlines()[2:] == [f"已由 <@{ming.id}> 取消。", zh("video.cancelled_running")]


async def test_turns_are_fair(stage: Stage) -> None:
    """Ten run, the most of a server. Who ordered two waits with the second behind another person's first."""
    channel = server(stage)
    uses = [
        (await film(someone(stage, f"busy{number % 5}", at=channel), channel, f"fair busy {number}"))[0]
        for number in range(10)
    ]
    for use in uses:
        await use.until(says(RUNNING))
    greedy, modest = someone(stage, "greedy", at=channel), someone(stage, "modest", at=channel)
    first, _ = await film(greedy, channel, "fair greedy 1")
    await first.until(says("Waiting: 1st in line."))
    second, _ = await film(greedy, channel, "fair greedy 2")
    await second.until(says("Waiting: 2nd in line."))
    other, _ = await film(modest, channel, "fair modest")
    await other.until(says("Waiting: 2nd in line."))

    for number, use in enumerate((first, other, second)):
        task_of(stage, f"fair busy {number}").finish()
        await use.until(says(RUNNING))
    assert submitted(stage)[-3:] == ["fair greedy 1", "fair modest", "fair greedy 2"]


async def test_a_waiting_video_is_cancelled_by_who_asked(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    uses = [(await film(carol, channel, f"cancel waiting {number}"))[0] for number in range(4)]
    card = await uses[2].until(says("Waiting: 1st in line."))
    await uses[3].until(says("Waiting: 2nd in line."))
    press = await carol.press(card, label="Cancel")
    cancelled = await uses[2].until(says("Cancelled"))
    assert said(cancelled).splitlines()[2:] == [f"Cancelled by <@{carol.id}>."]
    assert (colour(cancelled), labels(cancelled)) == (None, [])
    assert not press.failed
    assert not cancelled.pinged

    # Its turn goes to the next.
    task_of(stage, "cancel waiting 0").finish()
    await uses[3].until(says(RUNNING))
    assert stage.api.submits["cancel waiting 2"] == 0


async def test_a_running_video_is_cancelled_by_who_asked_and_its_place_is_free(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    uses = [(await film(carol, channel, f"cancel running {number}"))[0] for number in range(3)]
    card = await uses[0].until(says(RUNNING))
    await carol.press(card, label="Cancel")
    cancelled = await uses[0].until(says("Cancelled"))
    assert said(cancelled).splitlines()[2:] == [f"Cancelled by <@{carol.id}>.", MAY_STILL]
    assert (colour(cancelled), labels(cancelled)) == (None, [])
    await uses[2].until(says(RUNNING))

    # What the service makes of it all the same changes nothing, and nobody asks after it any more.
    polls = task_of(stage, "cancel running 0").polls
    task_of(stage, "cancel running 0").finish()
    after = task_of(stage, "cancel running 1").polls
    await stage.api.requests.until(lambda: task_of(stage, "cancel running 1").polls >= after + 3)
    assert task_of(stage, "cancel running 0").polls <= polls + 1
    assert said(card).splitlines()[2:] == [f"Cancelled by <@{carol.id}>.", MAY_STILL]


async def test_cancel_is_for_who_asked_and_for_moderators(stage: Stage) -> None:
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    mary = someone(stage, "mary", at=channel, permissions=Permission.MANAGE_MESSAGES)
    use, _ = await film(carol, channel, "cancel by others")
    card = await use.until(says(RUNNING))
    before = len(card.versions)
    refused = await private_answer(await dave.press(card, label="Cancel"))
    assert refused == en("error.not_your_cancel")
    refused = await private_answer(await ming.press(card, label="Cancel"))
    assert refused == zh("error.not_your_cancel")
    assert len(card.versions) == before

    await mary.press(card, label="Cancel")
    cancelled = await use.until(says("Cancelled"))
    assert said(cancelled).splitlines()[2:] == [f"Cancelled by <@{mary.id}>.", MAY_STILL]


async def test_cancel_pressed_twice_and_too_late(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, _ = await film(carol, channel, "cancel twice")
    card = await use.until(says(RUNNING))
    name = custom_id(card, "Cancel")
    presses = [await carol.press(card, label="Cancel") for _ in range(2)]
    await use.until(says("Cancelled"))
    await presses[1].until(lambda message: message.ephemeral)
    assert [message.text for press in presses for message in press.messages if message.ephemeral] == [
        en("error.already_cancelled")
    ]

    use, _ = await film(carol, channel, "cancel the delivered [run:0.1] [fault:lost*1]")
    card = await use.until(lambda message: labels(message) == ["Retry"])
    too_late, already = en("error.too_late_to_cancel"), en("error.already_cancelled")
    for late, told in ((custom_id(card, "Retry").replace("retry", "cancel"), too_late), (name, already)):
        assert await private_answer(await forged(carol, card, late)) == told


async def test_forged_buttons_get_a_private_sentence_and_nothing_else(stage: Stage) -> None:
    here, there = server(stage), server(stage)
    carol = someone(stage, at=here).joins(stage.world.guilds[there.guild_id or 0])
    elsewhere, _ = await film(carol, there, "forged elsewhere")
    other = await elsewhere.until(says(RUNNING))
    use, _ = await film(carol, here, "forged here")
    card = await use.until(says(RUNNING))
    other_id = custom_id(other, "Cancel").split(":")[1]
    for name in (
        f"video:{other_id}:cancel",
        f"video:{other_id}:retry",
        f"image:{other_id}:reroll",
        "video:123456789:cancel",
        f"video:{2**63}:cancel",
        f"video:{'9' * 80}:retry",
        "video:0:cancel",
    ):
        assert await private_answer(await forged(carol, card, name)) == GONE, name
    assert said(card).endswith(RUNNING)
    assert said(other).endswith(RUNNING)
    assert labels(card) == labels(other) == ["Cancel"]
    # One that is none of this bot's.
    assert await private_answer(await forged(carol, card, "video:x:cancel")) == GONE
    assert labels(card) == ["Cancel"]


async def test_the_whole_of_a_long_prompt(stage: Stage) -> None:
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    prompt = "雪" * 250 + "[x](https://evil.example) @everyone"
    use, _ = await film(carol, channel, prompt)
    card = await use.until(says(RUNNING))
    assert said(card).splitlines()[0] == "### " + "雪" * 199 + "…"
    assert labels(card) == ["Cancel", "Prompt"]
    whole = await private_answer(await dave.press(card, label="Prompt"))
    assert whole == "雪" * 250 + r"\[x\](https\://evil.example) \@everyone"
    task_of(stage, prompt).finish()
    done = await use.until(has_clip)
    assert labels(done) == ["Edit prompt", "Prompt"]
