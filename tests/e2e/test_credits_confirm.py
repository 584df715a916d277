"""Above a set price the person confirms first: the question, the press, and every order that can raise it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.choosing import Upload
from tests.e2e.asking import first_text, was_whole
from tests.e2e.cards import (
    at_rest,
    custom_id,
    eventually,
    forged,
    has_clip,
    has_pictures,
    labels,
    paint,
    posted_in,
    private_answer,
    said,
    says,
    someone,
)
from tests.e2e.configuring import told
from tests.e2e.crediting import asked, figures, gone, shop
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.models import Message
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE = 10.0
OVER = en("confirm.over")
PRICES = "ask=10, imagine=10, video=50"


@pytest.mark.parametrize(
    ("command", "options", "price", "is_done"),
    [
        ("ask", {"prompt": "A confirmed question"}, 10, was_whole),
        ("imagine", {"prompt": "A confirmed picture", "shape": "128x96"}, 10, has_pictures(1)),
        ("video", {"prompt": "A confirmed video", "shape": "320x180"}, 50, has_clip),
    ],
    ids=["ask", "imagine", "video"],
)
async def test_the_question_and_the_order(
    stage: Stage, command: str, options: dict[str, str], price: int, is_done: Callable[[Message], bool]
) -> None:
    channel = await shop(stage, prices=PRICES, daily_credits="100", confirm_above="9")
    carol = someone(stage, at=channel)
    use = await carol.command(channel, command, **options)
    question = await asked(use)

    assert (
        said(question)
        == f"{en('confirm.price', credits=f'{price} credits')} {en('confirm.left', credits='100 credits')}"
    )
    assert labels(question) == [en("button.order", credits=f"{price} credits")]
    assert question.visible_to == carol.id
    assert posted_in(channel) == []
    assert await figures(carol, channel) == {"today": 0, "month": 0, "share": 100}
    assert options["prompt"] not in [request.prompt for request in stage.api.requests]

    press = await carol.press(question)
    card = await press.until(is_done, PATIENCE)
    await gone(question)
    assert said(question) == en("confirm.ordered")
    assert (card.visible_to, posted_in(channel)) == (None, [card])
    assert f"{price} credits" in card.text
    assert await figures(carol, channel) == {"today": price, "month": price, "share": 100 - price}


async def test_a_video_costs_by_its_seconds_and_quality(stage: Stage) -> None:
    channel = await shop(stage, prices="video=4/s, video@1080p=9/s", daily_credits="100", confirm_above="1")
    carol = someone(stage, at=channel)
    question = await asked(await carol.command(channel, "video", prompt="A fox", seconds=3))
    assert said(question).startswith(en("confirm.price", credits="12 credits"))
    opened = await carol.command(channel, "video")
    form = str(await opened.form())
    assert en("prices.each_second", count=4) in form
    assert en("prices.each_second", count=9) in form
    question = await asked(await carol.submit(opened, {"prompt": "A fox", "quality": "1080P"}))
    assert said(question).startswith(en("confirm.price_at_most", credits="45 credits")), "five seconds, as videos are"
    # It came shorter, and costs what came.
    press = await carol.press(question)
    done = await press.until(has_clip, PATIENCE)
    assert "2 s long" in said(done)
    assert " · 18 credits · " in said(done)
    await at_rest(stage, done)
    assert (await figures(carol, channel))["share"] == 100 - 18


async def test_in_chinese_and_without_a_ceiling(stage: Stage) -> None:
    channel = await shop(stage, prices=PRICES, confirm_above="9")
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    question = await asked(await ming.command(channel, "imagine", prompt="一只狐狸", shape="128x96"))
    assert said(question) == zh("confirm.price", credits=zh("card.credits", count=10))
    assert labels(question) == [zh("button.order", credits=zh("card.credits", count=10))]
    press = await ming.press(question)
    await press.until(has_pictures(1))
    await gone(question)
    assert said(question) == zh("confirm.ordered")


async def test_what_costs_no_more_than_that_is_ordered_at_once(stage: Stage) -> None:
    channel = await shop(stage, prices=PRICES, confirm_above="10")
    use, _ = await paint(someone(stage, at=channel), channel, "At once")
    await use.until(has_pictures(1))


async def test_a_private_answer_stays_private(stage: Stage) -> None:
    channel = await shop(stage, prices=PRICES, confirm_above="5")
    carol = someone(stage, at=channel)
    question = await asked(await carol.command(channel, "ask", prompt="Between us", private=True))
    press = await carol.press(question)
    answer = await press.until(was_whole, PATIENCE)
    assert answer.visible_to == carol.id
    assert posted_in(channel) == []


async def test_a_file_is_still_there_when_it_is_confirmed(stage: Stage) -> None:
    channel = await shop(stage, prices=PRICES, confirm_above="5")
    carol = someone(stage, at=channel)
    file = Upload("notes.txt", b"What is in the notes")
    question = await asked(await carol.command(channel, "ask", prompt="With a file", file=file))
    await (await carol.press(question)).until(was_whole, PATIENCE)
    assert "What is in the notes" in str(stage.api.requests.of("chat")[-1].json)


async def test_the_question_is_a_word_while_the_answer_grows_and_the_answer_can_be_stopped(stage: Stage) -> None:
    channel = await shop(stage, prices=PRICES, confirm_above="5")
    carol = someone(stage, at=channel)
    question = await asked(await carol.command(channel, "ask", prompt="Long [rate:20] [words:2000]"))
    press = await carol.press(question)
    answer = await first_text(press)
    await gone(question)
    assert said(question) == en("confirm.ordered")
    await carol.press(answer, label="Stop")
    await press.until(says("Stopped by"))


async def test_two_presses_order_once(stage: Stage) -> None:
    channel = await shop(stage, prices=PRICES, daily_credits="100", confirm_above="5")
    carol = someone(stage, at=channel)
    question = await asked(await carol.command(channel, "imagine", prompt="Pressed twice", shape="128x96"))
    first, second = await asyncio.gather(carol.press(question), carol.press(question))
    await first.until(has_pictures(1), PATIENCE)
    await second.acknowledged()
    await gone(question)

    assert len(posted_in(channel)) == 1
    assert sum(request.prompt == "Pressed twice" for request in stage.api.requests.of("images")) == 1
    assert (await figures(carol, channel))["share"] == 90


async def test_a_reroll(stage: Stage) -> None:
    channel = await shop(stage, prices=PRICES, daily_credits="100")
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    use, card = await paint(carol, channel, "Once more")
    await use.until(has_pictures(1))
    await told(stage.person("alice"), channel, "set", setting="confirm_above", value="5")
    question = await asked(await dave.press(card, label="Reroll"))
    press = await dave.press(question)
    again = await press.until(has_pictures(1))

    assert posted_in(channel) == [card, again]
    assert f"<@{dave.id}>" in said(again)
    assert ((await figures(carol, channel))["share"], (await figures(dave, channel))["share"]) == (90, 90)


async def test_what_can_t_be_paid_is_not_asked_about(stage: Stage) -> None:
    channel = await shop(stage, prices=PRICES, daily_credits="40", confirm_above="5")
    use = await someone(stage, at=channel).command(channel, "video", prompt="Too dear", shape="320x180")
    assert await private_answer(use) == (
        f"This costs 50 credits; you have 40 credits left today. {en('credits.stays')}"
    )


async def test_a_price_by_tokens_is_the_most_that_it_can_cost(stage: Stage) -> None:
    channel = await shop(stage, prices="ask=2/1k", daily_credits="100", confirm_above="5")
    carol, ming = someone(stage, at=channel), someone(stage, "小明", at=channel, locale="zh-CN")
    question = await asked(await carol.command(channel, "ask", prompt="By tokens [words:20]"))
    chinese = await asked(await ming.command(channel, "ask", prompt="按 token [words:20]"))
    assert said(question) == f"{en('confirm.price_at_most', credits='10 credits')} You have 100 credits left here."
    assert labels(question) == [en("button.order_at_most", credits="10 credits")]
    assert said(chinese) == zh("confirm.price_at_most", credits=zh("card.credits", count=10)) + zh(
        "confirm.left", credits=zh("card.credits", count=100)
    )
    assert labels(chinese) == [zh("button.order_at_most", credits=zh("card.credits", count=10))]
    answer = await (await carol.press(question)).until(was_whole, PATIENCE)
    assert answer.text.endswith(" · 2 credits")
    assert await figures(carol, channel) == {"today": 2, "month": 2, "share": 98}


@pytest.mark.parametrize(
    ("settings", "short", "stays"),
    [
        ({"daily_credits": "4"}, "credits.short_person_at_most", "credits.stays"),
        ({"channel_pool": "4/day"}, "credits.short_channel_at_most", "credits.stays_pool"),
        ({"server_pool": "4/day"}, "credits.short_server_at_most", "credits.stays_pool"),
    ],
    ids=["person", "channel", "server"],
)
async def test_so_does_the_refusal(stage: Stage, settings: dict[str, str], short: str, stays: str) -> None:
    channel = await shop(stage, prices="ask=2/1k", **settings)
    carol, ming = someone(stage, at=channel), someone(stage, "小明", at=channel, locale="zh-CN")
    assert await private_answer(await carol.command(channel, "ask", prompt="Too dear")) == (
        f"{en(short, price='10 credits', left='4 credits')} {en(stays)}"
    )
    assert await private_answer(await ming.command(channel, "ask", prompt="太贵")) == (
        zh(short, price=zh("card.credits", count=10), left=zh("card.credits", count=4)) + zh(stays)
    )


async def test_a_price_that_rose_meanwhile_is_asked_about_in_place(stage: Stage) -> None:
    channel = await shop(stage, prices=PRICES, daily_credits="100", confirm_above="5")
    carol = someone(stage, at=channel)
    question = await asked(await carol.command(channel, "imagine", prompt="Dearer", shape="128x96"))
    await told(stage.person("alice"), channel, "set", setting="prices", value="imagine=20")
    await carol.press(question)
    await eventually(lambda: labels(question) == [en("button.order", credits="20 credits")])
    assert said(question) == f"{en('confirm.price', credits='20 credits')} {en('confirm.left', credits='100 credits')}"
    assert posted_in(channel) == []
    press = await carol.press(question)
    await press.until(has_pictures(1), PATIENCE)
    await gone(question)
    assert said(question) == en("confirm.ordered")
    assert (await figures(carol, channel))["share"] == 80


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"daily_credits": "500"},
            f"This costs 200 credits; you have 150 credits left today. {en('credits.returns', when='<t:…:R>')}",
        ),
        (
            {"daily_credits": "150"},
            f"This costs 200 credits; you have 150 credits left today. {en('credits.stays')}",
        ),
    ],
    ids=["until tomorrow", "for good"],
)
async def test_a_price_that_rose_beyond_what_is_left(stage: Stage, settings: dict[str, str], sentence: str) -> None:
    channel = await shop(stage, prices="ask=350, video=50", **settings)
    carol = someone(stage, at=channel)
    if settings["daily_credits"] == "500":
        await (await carol.command(channel, "ask", prompt="Most of it")).until(was_whole, PATIENCE)
    await told(stage.person("alice"), channel, "set", setting="confirm_above", value="5")
    question = await asked(await carol.command(channel, "video", prompt="Beyond", shape="320x180"))
    await told(stage.person("alice"), channel, "set", setting="prices", value="video=200")
    await carol.press(question)
    await gone(question)
    assert said(question) == sentence
    assert posted_in(channel)[1 if settings["daily_credits"] == "500" else 0 :] == []


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("commands", "ask", en("policy.only_works", count=1, commands="/ask")),
        ("blocked_words", "Forbidden", en("policy.blocked_word", word="Forbidden")),
        ("allowed_models", "other-*", piece("policy.no_model_allowed")),
        ("max_images", "1", en("policy.too_many_images", count=1)),
    ],
)
async def test_a_refusal_for_good_ends_the_question(stage: Stage, setting: str, value: str, sentence: str) -> None:
    channel = await shop(stage, prices=PRICES, daily_credits="100", confirm_above="5")
    carol = someone(stage, at=channel)
    question = await asked(await carol.command(channel, "imagine", prompt="Forbidden soon", shape="128x96", count=2))
    await told(stage.person("alice"), channel, "set", setting=setting, value=value)
    press = await carol.press(question)
    await gone(question)
    assert said(question).startswith(sentence)
    # Not beside it once more.
    assert press.messages == [question]
    assert posted_in(channel) == []


async def test_a_pause_leaves_the_question(stage: Stage) -> None:
    channel = await shop(stage, prices=PRICES, confirm_above="5")
    carol, alice = someone(stage, at=channel), stage.person("alice")
    question = await asked(await carol.command(channel, "imagine", prompt="After the pause", shape="128x96"))
    await told(alice, channel, "pause")
    assert (await private_answer(await carol.press(question))).startswith("The bot is paused")
    assert labels(question) == [en("button.order", credits="10 credits")]
    await told(alice, channel, "resume")
    await (await carol.press(question)).until(has_pictures(1), PATIENCE)


async def test_credits_that_ran_out_meanwhile(stage: Stage) -> None:
    channel = await shop(stage, prices=PRICES, server_pool="10/day", confirm_above="5")
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    questions = [
        await asked(await who.command(channel, "imagine", prompt=f"For {who.name}", shape="128x96"))
        for who in (carol, dave)
    ]
    first = await carol.press(questions[0])
    await first.until(has_pictures(1))
    late = await dave.press(questions[1])
    assert await private_answer(late) == (
        f"This costs 10 credits; this server has 0 credits left. {en('credits.returns', when='<t:…:R>')}"
    )
    assert labels(questions[1]) == [en("button.order", credits="10 credits")]
    await told(stage.person("alice"), channel, "set", setting="server_pool", value="100/day")
    now = await dave.press(questions[1])
    await now.until(has_pictures(1))
    await gone(questions[1])


async def test_a_card_that_can_t_be_posted(stage: Stage) -> None:
    channel = await shop(stage, prices=PRICES, daily_credits="100", confirm_above="5")
    carol = someone(stage, at=channel)
    question = await asked(await carol.command(channel, "imagine", prompt="Not to be posted", shape="128x96"))
    stage.discord.faults.status("POST /interactions/*/callback", 400)
    await carol.press(question)
    await eventually(lambda: piece("confirm.not_shown") in said(question))
    assert said(question) == en("confirm.not_shown")
    assert (await figures(carol, channel))["share"] == 100
    assert posted_in(channel) == []


async def test_somebody_else_s_question(stage: Stage) -> None:
    channel = await shop(stage, prices=PRICES, confirm_above="5")
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    theirs = await asked(await carol.command(channel, "imagine", prompt="Hers", shape="128x96"))
    own = await asked(await dave.command(channel, "imagine", prompt="His", shape="128x96"))
    await forged(dave, own, custom_id(theirs, en("button.order", credits="10 credits")))
    await gone(own)
    assert said(own) == OVER
    assert posted_in(channel) == []
    # Hers is still good.
    await (await carol.press(theirs)).until(has_pictures(1))


async def test_what_was_asked_about_before_a_restart_is_ordered_after_it(new_stage: NewStage) -> None:
    stage = await new_stage()
    channel = await shop(stage, prices=PRICES, daily_credits="100")
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    use, card = await paint(carol, channel, "Pressed [n:1]")
    await use.until(has_pictures(1))
    stage.api.next("images", fault="html")
    use, failed = await paint(carol, channel, "Failed")
    await use.until(lambda message: labels(message) == ["Retry"])
    await told(stage.person("alice"), channel, "set", setting="confirm_above", value="5")
    form = await carol.command(channel, "imagine")
    await form.form()
    file = Upload("notes.txt", b"What is in the notes")
    questions = [
        await asked(use)
        for use in (
            await carol.command(channel, "imagine", prompt="Typed", shape="128x96"),
            await carol.command(channel, "ask", prompt="Asked", file=file, private=True),
            await carol.submit(form, {"prompt": "Filled in"}),
            await carol.press(failed, label="Retry"),
            await dave.press(card, label="Reroll"),
        )
    ]
    custom = str(questions[0].buttons()[0]["custom_id"])
    await stage.restart()
    *theirs, his = questions
    typed, answered, filled, again = [await carol.press(question) for question in theirs]
    rerolled = await dave.press(his)
    for press in (typed, filled, again, rerolled):
        assert (await press.until(has_pictures(1), PATIENCE)).visible_to is None
    assert (await answered.until(was_whole, PATIENCE)).visible_to == carol.id
    assert "What is in the notes" in str(stage.api.requests.of("chat")[-1].json)
    for question in questions:
        await gone(question)
        assert said(question) == en("confirm.ordered")
    assert ((await figures(carol, channel))["share"], (await figures(dave, channel))["share"]) == (50, 90)
    # Once, whoever still has the button.
    late = await carol.forge(card, custom, planted=True)
    assert await private_answer(late) == en("confirm.over_message")
