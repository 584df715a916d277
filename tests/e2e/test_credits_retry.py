"""A Retry whose price is asked about first: the failed card becomes the new run's, and nothing is ordered twice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.e2e.cards import eventually, film, has_clip, labels, posted_in, private_answer, said, says, someone
from tests.e2e.configuring import told
from tests.e2e.crediting import asked, figures, gone, shop
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Channel, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE = 10.0
FAILED = piece("card.failed")
AGAIN = en("error.already_retried")
PRICES = "ask=10, imagine=10, video=50"


async def failed(stage: Stage, prompt: str, **settings: str) -> tuple[Channel, Person, Message]:
    """A video of Carol's that failed, where a Retry is asked about from now on."""
    channel = await shop(stage, prices=PRICES, daily_credits="200", **settings)
    carol = someone(stage, at=channel)
    use, card = await film(carol, channel, prompt)
    await use.until(says(FAILED))
    await told(stage.person("alice"), channel, "set", setting="confirm_above", value="5")
    return channel, carol, card


def posts(stage: Stage, prompt: str) -> int:
    return sum(request.prompt == prompt for request in stage.api.requests.of("video.submit"))


def has_failed(card: Message) -> bool:
    return FAILED in said(card) and labels(card) == ["Retry"]


async def test_the_failed_card_becomes_the_new_run_s(stage: Stage) -> None:
    prompt = "Third time lucky [fault:html*2]"
    channel, carol, card = await failed(stage, prompt)
    first = await carol.press(card, label="Retry")
    question = await asked(first)
    assert said(question) == "**This costs 50 credits.** You have 200 credits left here."
    assert question.visible_to == carol.id
    assert has_failed(card)
    before = len(card.versions)
    await carol.press(question)
    await gone(question)
    assert said(question) == en("confirm.ordered")
    await eventually(lambda: len(card.versions) > before and has_failed(card))
    assert any("Sending your request." in said(version) for version in card.versions[before:])

    # It failed once more, and the same card takes it up again.
    second = await carol.press(card, label="Retry")
    await carol.press(await asked(second))
    await second.until(has_clip, PATIENCE)
    assert posted_in(channel) == [card]
    assert labels(card) == [en("button.edit_prompt")]
    assert await figures(carol, channel) == {"today": 50, "month": 50, "share": 150}
    assert posts(stage, prompt) == 3


async def test_in_chinese_on_a_card_that_one_person_sees(stage: Stage) -> None:
    channel = await shop(stage, prices=PRICES, answers="private")
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    use, card = await film(ming, channel, "只给我看 [fault:html*1]")
    await use.until(says("生成失败"))
    await told(stage.person("alice"), channel, "set", setting="confirm_above", value="5")
    retry = await ming.press(card, label="重试")
    question = await retry.until(lambda message: message is not card and bool(message.buttons()))
    assert said(question) == zh("confirm.price", credits=zh("card.credits", count=50))
    await ming.press(question)
    await retry.until(has_clip, PATIENCE)
    await gone(question)
    assert said(question) == zh("confirm.ordered")
    assert (card.visible_to, has_clip(card), posted_in(channel)) == (ming.id, True, [])


async def test_a_moderator_orders_it_for_themselves(stage: Stage) -> None:
    channel, carol, card = await failed(stage, "Somebody else's [fault:html*1]")
    alice = stage.person("alice")
    retry = await alice.press(card, label="Retry")
    await alice.press(await asked(retry))
    await retry.until(has_clip, PATIENCE)
    assert posted_in(channel) == [card]
    assert f"<@{alice.id}>" in said(card)
    assert ((await figures(carol, channel))["share"], (await figures(alice, channel))["share"]) == (200, 150)


async def test_two_questions_about_one_card_order_it_once(stage: Stage) -> None:
    prompt = "Pressed by all [fault:html*1]"
    channel, carol, card = await failed(stage, prompt)
    retries = [await carol.press(card, label="Retry") for _ in range(2)]
    questions = [await asked(retry) for retry in retries]
    presses = [carol.press(question) for question in (*questions, *questions)]
    # On the card, too, which would ask a third time.
    await asyncio.gather(*presses, carol.press(card, label="Retry"))
    await retries[0].until(has_clip, PATIENCE)
    for question in questions:
        await gone(question)
    assert sorted(said(question) for question in questions) == [en("confirm.ordered"), AGAIN]
    assert posted_in(channel) == [card]
    assert posts(stage, prompt) == 2
    assert (await figures(carol, channel))["share"] == 150


async def test_the_card_was_retried_at_a_lower_price_meanwhile(stage: Stage) -> None:
    channel, carol, card = await failed(stage, "Cheaper now [fault:html*1]")
    question = await asked(await carol.press(card, label="Retry"))
    await told(stage.person("alice"), channel, "set", setting="prices", value="video=3")
    await (await carol.press(card, label="Retry")).until(has_clip, PATIENCE)
    await carol.press(question)
    await gone(question)
    assert said(question) == AGAIN
    assert posted_in(channel) == [card]
    assert (await figures(carol, channel))["share"] == 197


async def test_a_card_that_was_deleted_meanwhile(stage: Stage) -> None:
    channel, carol, card = await failed(stage, "Nowhere to stand [fault:html*1]")
    question = await asked(await carol.press(card, label="Retry"))
    await stage.person("alice").delete(card)
    again = await (await carol.press(question)).until(has_clip, PATIENCE)
    await gone(question)
    assert said(question) == en("confirm.ordered")
    assert posted_in(channel) == [again]


async def test_what_was_removed_meanwhile_is_not_ordered_again(stage: Stage) -> None:
    prompt = "Taken away [fault:html*1]"
    channel, carol, card = await failed(stage, prompt)
    question = await asked(await carol.press(card, label="Retry"))
    await private_answer(await carol.message_command(card, "Remove"))
    await eventually(lambda: card.deleted)
    await carol.press(question)
    await gone(question)
    assert said(question) == en("error.gone")
    assert (posted_in(channel), posts(stage, prompt)) == ([], 1)


@pytest.mark.parametrize("confirmed", [True, False], ids=["confirmed", "at once"])
async def test_from_the_list_the_old_card_loses_its_retry(stage: Stage, confirmed: bool) -> None:
    prompt = f"From the list {confirmed} [fault:html*1]"
    channel, carol, card = await failed(stage, prompt)
    if not confirmed:
        await told(stage.person("alice"), channel, "set", setting="confirm_above", value="50")
    listed = await (await carol.command(channel, "jobs")).message()
    press = await carol.press(listed, label="Retry")
    if confirmed:
        question = await asked(press)
        press = await carol.press(question)
        await gone(question)
        assert said(question) == en("confirm.ordered")
    again = await press.until(has_clip, PATIENCE)
    await eventually(lambda: not card.buttons())
    assert FAILED in said(card)
    assert posted_in(channel) == [card, again]
    assert (await figures(carol, channel))["share"] == 150


async def test_on_the_card_and_in_the_list_order_it_once(stage: Stage) -> None:
    prompt = "On both [fault:html*1]"
    channel, carol, card = await failed(stage, prompt)
    listed = await (await carol.command(channel, "jobs")).message()
    questions = [await asked(await carol.press(each, label="Retry")) for each in (card, listed)]
    presses: list[Invocation] = await asyncio.gather(*(carol.press(question) for question in questions))
    for question in questions:
        await gone(question)
    assert sorted(said(question) for question in questions) == [en("confirm.ordered"), AGAIN]
    if said(questions[0]) == en("confirm.ordered"):
        await eventually(lambda: has_clip(card), within=PATIENCE)
    else:
        await presses[1].until(has_clip, PATIENCE)
    assert posts(stage, prompt) == 2
    assert (await figures(carol, channel))["share"] == 150


async def test_the_old_card_says_so_where_its_retry_could_not_be_taken(stage: Stage) -> None:
    channel, carol, card = await failed(stage, "It keeps its button [fault:html*1]")
    listed = await (await carol.command(channel, "jobs")).message()
    stage.discord.faults.status("PATCH /channels/*/messages/*", 403)
    press = await carol.press(await asked(await carol.press(listed, label="Retry")))
    await press.until(has_clip, PATIENCE)
    assert has_failed(card)
    assert await private_answer(await carol.press(card, label="Retry")) == AGAIN
