"""What was made and could not be fetched is fetched again: from its card, from /jobs, after a restart, in a jam."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from sandbox.onekey import Plan
from tests.e2e.cards import (
    WARNING,
    asked,
    colour,
    custom_id,
    eventually,
    film,
    forged,
    has_clip,
    has_pictures,
    kept,
    labels,
    paint,
    private_answer,
    remove,
    said,
    server,
    someone,
)
from tests.words import en

if TYPE_CHECKING:
    from sandbox.discord.models import Message
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNFETCHED = en("card.unfetched")
PATIENCE = 40


def unfetched(message: Message) -> bool:
    return labels(message) == ["Fetch again"] and colour(message) == WARNING and UNFETCHED in said(message)


async def test_it_is_fetched_again_once_by_who_may(stage: Stage) -> None:
    """By the person or a moderator; two presses are one fetch; nothing is made or sent a second time."""
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    mary = someone(stage, "mary", at=channel, permissions=Permission.MANAGE_MESSAGES)
    prompts = {who: f"A fox for {who} [file:404*5]" for who in ("carol", "mary")}
    uses = {who: (await film(carol, channel, prompt))[0] for who, prompt in prompts.items()}
    cards = {who: await use.until(unfetched, PATIENCE) for who, use in uses.items()}
    refused = await dave.press(cards["carol"], label="Fetch again")
    assert await private_answer(refused) == en("error.not_your_fetch")
    stage.api.behaviour.files = Plan(delay=1.0)
    presses = [carol.press(cards["carol"], label="Fetch again") for _ in range(2)]
    first = await asyncio.gather(*presses)
    await mary.press(cards["mary"], label="Fetch again")
    for use in uses.values():
        await use.until(has_clip)
    told = [message.text for press in first for message in press.messages if message.ephemeral]
    assert told in ([], [en("error.already_fetching")])
    for prompt in prompts.values():
        assert (asked(stage, "files", prompt), stage.api.submits[prompt]) == (6, 1)


async def test_what_is_missing_of_a_card_is_fetched_again_into_it(new_stage: NewStage) -> None:
    """Also after a restart; what came inside the answer, and is nowhere else, stays; nothing is made or charged."""
    stage = await new_stage()
    channel = server(stage)
    carol = someone(stage, at=channel)
    prompt = "Two foxes [shape:mixed] [file:403*10]"
    use, _ = await paint(carol, channel, prompt, count=2)
    card = await use.until(has_pictures(1), PATIENCE)
    assert "1 of 2 arrived" in said(card)
    assert en("card.not_fetched", count=1) in said(card)
    assert labels(card) == ["Vote 2", "Fetch again", "Reroll", "Edit prompt"]
    in_vain = await carol.press(card, label="Fetch again")
    again = await in_vain.until(lambda message: message.ephemeral, PATIENCE)
    assert said(again) == en("card.not_fetched", count=1)
    assert has_pictures(1)(card)
    await stage.stop()
    await stage.start()
    await carol.press(card, label="Fetch again")
    await use.until(has_pictures(2))
    assert labels(card) == ["Vote 1", "Vote 2", "Reroll", "Edit prompt"]
    assert "arrived" not in said(card)
    assert [request.prompt for request in stage.api.requests.of("images")] == [prompt]
    # What is shown by now is not fetched once more.
    before = asked(stage, "files", prompt)
    late = await forged(carol, card, custom_id(card, "Reroll").replace("reroll", "fetch"))
    assert await private_answer(late) == en("error.already_fetching")
    assert asked(stage, "files", prompt) == before
    await eventually(lambda: not kept(stage))


async def test_it_is_fetched_again_from_jobs_and_after_a_restart(new_stage: NewStage) -> None:
    stage = await new_stage()
    channel = server(stage)
    carol = someone(stage, at=channel)
    prompts = ("From jobs [file:403*5]", "After a restart [file:403*5]")
    from_jobs, after = [(await paint(carol, channel, prompt))[0] for prompt in prompts]
    cards = [await use.until(unfetched, PATIENCE) for use in (from_jobs, after)]
    listed = await (await carol.command(channel, "jobs")).message()
    assert said(listed).count(en("state.unfetched")) == 2
    assert [label for label in labels(listed) if label == "Fetch again"] == ["Fetch again"] * 2
    await carol.press(listed, custom_id=custom_ids(listed)[1])
    await from_jobs.until(has_pictures(1))
    await stage.stop()
    await stage.start()
    await carol.press(cards[1], label="Fetch again")
    await after.until(has_pictures(1))
    made = [request.prompt for request in stage.api.requests.of("images")]
    assert [made.count(prompt) for prompt in prompts] == [1, 1]


def custom_ids(message: Message) -> list[str]:
    return [str(part["custom_id"]) for part in message.buttons() if part["label"] == "Fetch again"]


async def test_removed_or_in_the_gallery(stage: Stage) -> None:
    """It is in no gallery, and Remove takes it away for good."""
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, _ = await paint(carol, channel, "A fox [file:404]")
    card = await use.until(unfetched, PATIENCE)
    gallery = await (await carol.command(channel, "gallery show")).message()
    assert "A fox" not in gallery.text
    assert "emoved" in await remove(carol, card)
    await eventually(lambda: card.deleted)
    listed = await (await carol.command(channel, "jobs")).message()
    assert "Fetch again" not in labels(listed)
