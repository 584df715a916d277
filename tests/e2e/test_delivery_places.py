"""Where a result goes when its message can't be edited: the same message, a new one, a direct message, or /jobs."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from bot.kit.own_token import BURST, REQUESTS_PER_SECOND
from sandbox.discord.permissions import Permission
from tests.e2e.cards import (
    change,
    eventually,
    has_clip,
    kept,
    labels,
    paint,
    posted_in,
    running,
    said,
    says,
    server,
    someone,
    task_of,
)
from tests.words import piece

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Message
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

VIDEO_SECONDS = 600  # until a test says otherwise

MANY = 60


async def created(stage: Stage, channel: Channel) -> Message:
    change = await stage.world.wait_until(lambda change: change.channel is channel and change.kind == "created", 10)
    assert change.message is not None
    return change.message


# Threads


async def test_an_archived_thread_wakes_up_with_a_new_message(stage: Stage) -> None:
    """After the token's end: Discord edits nothing in an archived thread, and takes a new message in it."""
    thread = stage.world.thread(server(stage), "old plans")
    before = kept(stage)
    _, use, card = await running(stage, "Archived", channel=thread)
    stage.world.expire_tokens(use.interaction)
    thread.archived = True
    task_of(stage, "Archived").finish()
    message = await created(stage, thread)
    assert has_clip(message)
    assert message is not card
    await eventually(lambda: kept(stage) <= before)


@pytest.mark.parametrize(("status", "code"), [(400, 50083), (403, 50083), (400, 160005)])
@pytest.mark.parametrize("token_lives", [True, False])
async def test_out_of_a_locked_thread_it_comes_by_direct_message(
    stage: Stage, status: int, code: int, *, token_lives: bool
) -> None:
    """Where nothing can be edited or posted, by the interaction's token neither."""
    prompt = f"Locked {status} {code} {token_lives}"
    before = kept(stage)
    carol, use, card = await running(stage, prompt)
    if not token_lives:
        stage.world.expire_tokens(use.interaction)
    channel_id = card.channel.id
    for route in (
        *([f"PATCH /webhooks/*/{use.interaction.token}/*"] if token_lives else []),
        f"PATCH /channels/{channel_id}/messages/*",
        f"POST /channels/{channel_id}/messages",
    ):
        stage.discord.faults.status(route, status, code=code, times=50)
    dm = carol.dm()
    task_of(stage, prompt).finish()
    message = await created(stage, dm)
    assert has_clip(message)
    await eventually(lambda: kept(stage) <= before)
    assert posted_in(dm) == [message]


# What Discord does not take


@pytest.mark.parametrize(("status", "code", "hits"), [(413, 40005, 5), (400, 50035, 5), (400, 0, 5), (400, 200000, 2)])
async def test_what_is_refused_in_every_form_is_kept_for_jobs(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, status: int, code: int, hits: int
) -> None:
    monkeypatch.setitem(stage.discord.limits.groups, "webhook.patch", None)
    prompt = f"Refused {status} {code}"
    before = kept(stage)
    carol, use, card = await running(stage, prompt)
    fault = stage.discord.faults.status(f"PATCH /webhooks/*/{use.interaction.token}/*", status, code=code, times=99)
    task_of(stage, prompt).finish()
    # Uploading, and then the clip, a smaller one, a still, the link; of words that are blocked the first alone.
    await eventually(lambda: fault.hits == hits, within=15)
    assert kept(stage) - before
    async with asyncio.timeout(5):
        while "Deliver again" not in labels(listed := await (await carol.command(card.channel, "jobs")).message()):
            pass
    pressed = await carol.press(listed, label="Deliver again")
    assert has_clip(await pressed.until(has_clip))
    assert fault.hits == hits
    assert stage.api.submits[prompt] == 1


# Direct messages


@pytest.mark.parametrize("fault", ["500", "drop"])
async def test_a_direct_message_whose_answer_was_lost_comes_once(stage: Stage, fault: str) -> None:
    prompt = f"By message {fault}"
    before = kept(stage)
    carol, use, card = await running(stage, prompt)
    carol.joins(stage.guild)
    stage.world.expire_tokens(use.interaction)
    stage.world.delete_channel(card.channel)
    dm = carol.dm()
    route = f"POST /channels/{dm.id}/messages"
    if fault == "drop":
        lost = stage.discord.faults.drop(route, applied=True)
    else:
        lost = stage.discord.faults.status(route, 500, applied=True)
    sent = stage.discord.limits.served["message.post"]
    task_of(stage, prompt).finish()
    await eventually(lambda: stage.discord.limits.served["message.post"] >= sent + 2, within=10)
    await eventually(lambda: kept(stage) <= before, within=10)
    assert lost.hits == 1
    assert len(posted_in(dm)) == 1
    assert has_clip(posted_in(dm)[0])


async def test_a_new_message_whose_connection_broke_comes_once(stage: Stage) -> None:
    before = kept(stage)
    carol, _, card = await running(stage, "Deleted and dropped")
    mary = someone(stage, "mary", at=card.channel, permissions=Permission.MANAGE_MESSAGES)
    await mary.delete(card)
    lost = stage.discord.faults.drop(f"POST /channels/{card.channel.id}/messages", applied=True)
    task_of(stage, "Deleted and dropped").finish()
    await eventually(lambda: lost.hits == 1 and kept(stage) <= before, within=10)
    assert len(posted_in(card.channel)) == 1
    assert not posted_in(carol.dm())


async def test_an_owner_who_can_t_be_written_to_hurts_nobody(stage: Stage) -> None:
    owner = stage.person("alice")
    owner.user.dms_closed = True
    try:
        for number in range(2):
            use, _ = await paint(someone(stage), stage.channel("general"), f"Closed owner {number} [fault:401]")
            ended = await use.until(says(piece("error.key_refused")))
            assert labels(ended) == [], "only the owner can mend it"
            assert "owner" not in said(ended).lower().replace("closed owner", "")
    finally:
        owner.user.dms_closed = False
    _, use, _ = await running(stage, "After the owner")
    task_of(stage, "After the owner").finish()
    await use.until(has_clip)


# Tokens


async def test_a_token_that_is_over_by_our_clock_is_not_tried(new_stage: NewStage) -> None:
    stage = await new_stage()
    _, use, card = await running(stage, "Over by the clock")
    await stage.stop()
    change(stage, "UPDATE generations SET token_expires_at = ?", time.time() + 5)
    await stage.start()
    served = stage.discord.limits.served
    by_token, by_itself = served["webhook.patch"], served["message.patch"]
    task_of(stage, "Over by the clock").finish()
    await use.until(has_clip)
    assert served["webhook.patch"] == by_token
    # One request: "Uploading" is not worth another.
    assert served["message.patch"] == by_itself + 1
    assert posted_in(card.channel) == [card]


async def test_a_token_that_discord_ended_is_tried_once(stage: Stage) -> None:
    _, use, card = await running(stage, "Ended early")
    stage.world.expire_tokens(use.interaction)
    served = stage.discord.limits.served
    by_token, by_itself = served["webhook.patch"], served["message.patch"]
    task_of(stage, "Ended early").finish()
    await use.until(has_clip)
    assert served["webhook.patch"] == by_token + 1
    assert served["message.patch"] == by_itself + 1
    assert posted_in(card.channel) == [card]


async def test_a_cancel_after_the_token_s_end_shows_by_the_press_s_token(stage: Stage) -> None:
    carol, use, card = await running(stage, "Cancelled late")
    stage.world.expire_tokens(use.interaction)
    by_itself = stage.discord.limits.served["message.patch"]
    await carol.press(card, label="Cancel")
    await use.until(lambda message: "Cancel" not in labels(message))
    assert "ancelled" in said(card)
    assert stage.discord.limits.served["message.patch"] == by_itself


async def test_many_with_dead_tokens_keep_to_the_bot_s_own_pace(new_stage: NewStage) -> None:
    """What is shown of all that fail at once comes no quicker than the bot's own token may be used, a little below
    Discord's limit. Counted from before the first to after the last, so that nobody's being late makes it less.
    """
    stage = await new_stage()
    channels = [server(stage) for _ in range(MANY // 5)]
    uses = await asyncio.gather(
        *(running(stage, f"Dead {number}", channel=channels[number % len(channels)]) for number in range(MANY))
    )
    stage.world.expire_tokens(*(use.interaction for _, use, _ in uses))
    refused = stage.discord.limits.served_429
    tried = stage.discord.faults.hold("PATCH /webhooks/*", times=MANY)
    for number in range(MANY):
        task_of(stage, f"Dead {number}").finish("failed")
    await eventually(lambda: tried.hits == MANY)
    began = time.monotonic()
    tried.release()
    for _, use, _ in uses:
        await use.until(lambda card: "Retry" in labels(card))
    assert time.monotonic() - began >= (MANY - BURST) / REQUESTS_PER_SECOND
    assert stage.discord.limits.served_429 == refused
    assert all(len(posted_in(channel)) == 5 for channel in channels)
