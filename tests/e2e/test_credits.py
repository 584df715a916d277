"""Credits: off by default, what a refusal says, and what an order costs in the end, however it ends."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from tests.e2e.asking import end_of, first_text
from tests.e2e.cards import (
    RUNNING,
    film,
    has_clip,
    has_pictures,
    paint,
    posted_in,
    private_answer,
    said,
    says,
    server,
    someone,
    task_of,
)
from tests.e2e.configuring import told
from tests.e2e.crediting import figures, shop, usage
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Channel, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

VIDEO_SECONDS = 600  # until a test says otherwise

PATIENCE = 10.0


both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


async def test_there_is_no_word_of_credits_until_they_are_set(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    answer = await end_of(await carol.command(channel, "ask", prompt="A fox"))
    use, _ = await paint(carol, channel, "A fox")
    card = await use.until(has_pictures(1))
    film_use, _ = await film(carol, channel, "A fox at no price")
    video = await film_use.until(says(RUNNING))

    assert not any("credit" in message.text for message in (answer, card, video))
    off = "This server doesn't use credits."
    assert said(await usage(carol, channel)).startswith(f"{off}\n### {en('usage.limits')}\n")
    counted = said(await usage(stage.person("alice"), channel, whose="server")).lower().replace(off.lower(), "")
    assert "credit" not in counted.replace(en("usage.server").lower(), "")
    # An alert's channel and a price to confirm switch nothing on by themselves.
    await told(stage.person("alice"), channel, "set", setting="confirm_above", value="0")
    again, _ = await paint(carol, channel, "Another fox")
    assert "credit" not in (await again.until(has_pictures(1))).text
    task_of(stage, "A fox at no price").finish()


async def test_footers(stage: Stage) -> None:
    channel = await shop(stage, prices="ask=1, imagine=5, video=50")
    carol, ming = someone(stage, at=channel), someone(stage, "小明", at=channel, locale="zh-CN")
    answers = [await end_of(await who.command(channel, "ask", prompt="A fox")) for who in (carol, ming)]
    pictures = [(await paint(who, channel, "Two foxes", count=2))[0] for who in (carol, ming)]
    films = [(await film(who, channel, f"A film of {who.name}"))[0] for who in (carol, ming)]
    cards = [await use.until(has_pictures(2)) for use in pictures]
    waiting = [said(await use.until(says(begun))) for use, begun in zip(films, (RUNNING, "开始。"), strict=True)]
    for who, use in zip((carol, ming), films, strict=True):
        task_of(stage, f"A film of {who.name}").finish()
        await use.until(has_clip, PATIENCE)

    assert [answer.text.rpartition(" · ")[2] for answer in answers] == ["1 credit", zh("card.credits", count=1)]
    assert [said(card).splitlines()[-1] for card in cards] == [
        f"-# wan2.7-image · 128×96 · 0 s · 10 credits · <@{carol.id}>".replace("0 s", cards[0].text.split(" · ")[2]),
        f"-# wan2.7-image · 128×96 · 0 秒 · 10 点 · <@{ming.id}>".replace("0 秒", cards[1].text.split(" · ")[2]),
    ]
    assert f"-# wan2.7-t2v · 320×180 · 50 credits · <@{carol.id}>" in waiting[0]
    assert f"-# wan2.7-t2v · 320×180 · 50 点 · <@{ming.id}>" in waiting[1]
    assert all("50 " in said(use.messages[0]) for use in films)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"daily_credits": "12"},
            f"This costs 10 credits; you have 2 credits left today. {en('credits.returns', when='<t:…:R>')}",
        ),
        (
            {"channel_pool": "12/day"},
            f"This costs 10 credits; this channel has 2 credits left. {en('credits.returns', when='<t:…:R>')}",
        ),
        (
            {"server_pool": "12/month"},
            f"This costs 10 credits; this server has 2 credits left. {en('credits.returns', when='<t:…:R>')}",
        ),
    ],
    ids=["person", "channel", "server"],
)
async def test_a_refusal_says_what_is_missing_and_when_it_returns(
    stage: Stage, settings: dict[str, str], sentence: str
) -> None:
    channel = await shop(stage, **settings)
    carol = someone(stage, at=channel)
    first, _ = await paint(carol, channel, "Enough", count=2)
    await first.until(has_pictures(2))
    second = await carol.command(channel, "imagine", prompt="Too much", count=2)

    assert await private_answer(second) == sentence
    assert "Too much" not in [request.prompt for request in stage.api.requests.of("images")]
    assert len(posted_in(channel)) == 1
    # What is left may still be spent.
    answer = await end_of(await carol.command(channel, "ask", prompt="And a question?"))
    assert answer.text.endswith(" · 1 credit")


@pytest.mark.parametrize("settings", [{"daily_credits": "none"}, {"channel_pool": "4/day"}], ids=["share", "pool"])
async def test_no_return_is_promised_where_waiting_does_not_help(stage: Stage, settings: dict[str, str]) -> None:
    channel = await shop(stage, **settings)
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    use = await ming.command(channel, "imagine", prompt="太贵")
    own = "daily_credits" in settings
    price, left = zh("card.credits", count=5), zh("card.credits", count=0 if own else 4)
    short = zh("credits.short_person" if own else "credits.short_channel", price=price, left=left)
    assert await private_answer(use) == short + zh("credits.stays" if own else "credits.stays_pool")


@both
async def test_twenty_orders_at_once_do_not_overdraw(new_stage: NewStage, database: dict[str, str]) -> None:
    stage = await new_stage(environment=database)
    channel = await shop(stage, daily_credits="1000", server_pool="37/day")
    people = [someone(stage, f"member {number}", at=channel) for number in range(20)]
    uses = await asyncio.gather(*(who.command(channel, "imagine", prompt=f"{who.name} at once") for who in people))
    answers = [await use.message(PATIENCE) for use in uses]
    placed = [use for use, message in zip(uses, answers, strict=True) if not message.ephemeral]
    for use in placed:
        await use.until(has_pictures(1), PATIENCE)

    assert len(placed) == 7
    assert {said(message) for message in answers if message.ephemeral} == {
        f"This costs 5 credits; this server has 2 credits left. {en('credits.returns', when='<t:…:R>')}"
    }
    assert (await figures(people[0], channel))["server"] == 2


async def test_a_cancelled_video_gives_back_what_was_not_begun(stage: Stage) -> None:
    channel = await shop(stage, daily_credits="500", max_running_videos="1")
    carol = someone(stage, at=channel)
    running, running_card = await film(carol, channel, "Cancelled while running")
    await running.until(says(RUNNING))
    waiting, waiting_card = await film(carol, channel, "Cancelled while queued")
    await waiting.until(says("Waiting: 1st in line."))
    assert await figures(carol, channel) == {"today": 0, "reserved": 100, "month": 0, "share": 400}
    await carol.press(waiting_card, label="Cancel")
    given_back = await waiting.until(says("Cancelled by"))
    assert await figures(carol, channel) == {"today": 0, "reserved": 50, "month": 0, "share": 450}
    await carol.press(running_card, label="Cancel")
    kept = await running.until(says("Cancelled by"))

    assert await figures(carol, channel) == {"today": 50, "month": 50, "share": 450}
    assert "credit" not in said(given_back)
    assert "50 credits" in said(kept)
    assert piece("video.cancelled_price_kept") in said(kept)


async def test_what_fails_costs_nothing(stage: Stage) -> None:
    channel = await shop(stage, daily_credits="100", server_pool="100/day")
    carol = someone(stage, at=channel)
    answer = await end_of(await carol.command(channel, "ask", prompt="Fails [fault:400]"))
    picture, _ = await paint(carol, channel, "Fails [fault:inspection_400]")
    await picture.until(says(piece("card.failed")))
    video, _ = await film(carol, channel, "Fails [end:failed] [run:0.1]")
    card = await video.until(says(piece("card.failed")), PATIENCE)

    assert await figures(carol, channel) == {"today": 0, "month": 0, "share": 100, "server": 100}
    assert "50 credits" not in said(card)
    assert " 1 credit" not in answer.text


async def test_fewer_pictures_cost_less(stage: Stage) -> None:
    channel = await shop(stage, daily_credits="100")
    carol = someone(stage, at=channel)
    stage.api.next("images", shape="fewer")
    use, _ = await paint(carol, channel, "Three wanted", count=3)
    card = await use.until(has_pictures(2))
    assert "10 credits" in said(card)
    assert (await figures(carol, channel))["share"] == 90


async def test_where_nobody_knows_the_pools_pay_and_the_person_does_not(stage: Stage) -> None:
    channel = await shop(stage, daily_credits="100", server_pool="100/day")
    carol = someone(stage, at=channel)
    use, _ = await film(carol, channel, "Who knows [fault:lost]")
    card = await use.until(says(piece("video.unknown")), PATIENCE)

    assert await figures(carol, channel) == {"today": 0, "month": 0, "share": 100, "server": 50}
    assert "credit" not in said(card)


@pytest.mark.parametrize("shape", ["empty", "null"])
async def test_a_success_without_pictures_may_have_been_billed(stage: Stage, shape: str) -> None:
    channel = await shop(stage, daily_credits="100", server_pool="100/day")
    carol, ming = someone(stage, at=channel), someone(stage, "小明", at=channel, locale="zh-CN")
    stage.api.next("images", shape=shape, times=2)
    use, _ = await paint(carol, channel, "Nothing in it")
    card = await use.until(says(piece("card.failed")))
    chinese, _ = await paint(ming, channel, "什么也没有")
    card_in_chinese = await chinese.until(says("生成失败"))

    assert await figures(carol, channel) == {"today": 0, "month": 0, "share": 100, "server": 90}
    assert piece("error.bad_answer") in said(card)
    assert zh("error.bad_answer") in said(card_in_chinese)
    assert "5 credits" not in said(card)


@pytest.mark.parametrize("fault", ["garbage", "array"])
async def test_an_answer_that_can_t_be_read_may_have_been_billed(stage: Stage, fault: str) -> None:
    channel = await shop(stage, prices="ask=10", daily_credits="100", server_pool="100/day")
    carol = someone(stage, at=channel)
    await end_of(await carol.command(channel, "ask", prompt=f"Unreadable [fault:{fault}]"))
    assert await figures(carol, channel) == {"today": 0, "month": 0, "share": 100, "server": 90}


async def test_an_answer_without_a_word_costs_its_person_nothing(stage: Stage) -> None:
    """The service may have worked all the same: the pools pay."""
    channel = await shop(stage, prices="ask=10", server_pool="100/day", daily_credits="50")
    bob = someone(stage, at=channel)
    use = await bob.command(channel, "ask", prompt="Are you there? [fault:no_words]")
    await use.until(lambda message: piece("ask.empty") in message.text)
    left = await figures(bob, channel)
    assert (left["share"], left["server"]) == (50, 90)


async def test_usage_where_nothing_was_spent_and_where_there_is_nothing(stage: Stage) -> None:
    channel = await shop(stage, daily_credits="500", server_pool="0/day", channel_pool="70/month")
    carol, ming = someone(stage, at=channel), someone(stage, "小明", at=channel, locale="zh-CN")
    assert said(await usage(carol, channel)).splitlines()[-3:] == [
        en("usage.share_full", left=500, limit=500),
        en("usage.pool_server_none"),
        en("usage.pool_channel_full", left=70, limit=70),
    ]
    await told(stage.person("alice"), channel, "set", setting="daily_credits", value="none")
    await told(stage.person("alice"), channel, "set", setting="channel_pool", value="0/day")
    assert said(await usage(carol, channel)).splitlines()[-3::2] == [
        en("usage.share_none"),
        en("usage.pool_channel_none"),
    ]
    assert said(await usage(ming, channel)).splitlines()[-3:] == [
        zh("usage.share_none"),
        zh("usage.pool_server_none"),
        zh("usage.pool_channel_none"),
    ]


async def test_what_privacy_delete_does_to_credits(stage: Stage) -> None:
    channel = await shop(stage, daily_credits="100")
    carol, ming = someone(stage, at=channel), someone(stage, "小明", at=channel, locale="zh-CN")
    await end_of(await carol.command(channel, "ask", prompt="A fox"))
    await told(stage.person("alice"), channel, "grant", person=carol, credits=30, reason="a prize")
    before = await figures(carol, channel)
    question = await (await carol.command(channel, "privacy delete")).message()
    done = await (await carol.press(question, label=en("button.delete_mine"))).until(says(en("privacy.deleted_rest")))

    stays = en("privacy.not_covered")
    assert en("privacy.question") in said(question.versions[0])
    assert stays in said(question.versions[0])
    assert stays in said(done)
    assert before == {"today": 1, "month": 1, "share": 99, "granted": 30}
    assert await figures(carol, channel) == {"today": 0, "month": 0, "share": 99}
    chinese = await (await ming.command(channel, "privacy delete")).message()
    assert zh("privacy.question") in said(chinese)
    assert zh("privacy.not_covered") in said(chinese)


async def test_a_question_by_tokens_costs_what_it_took(stage: Stage) -> None:
    channel = await shop(stage, prices="ask=2/1k", daily_credits="100")
    carol = someone(stage, at=channel)
    answer = await end_of(await carol.command(channel, "ask", prompt="Short [words:20]"))
    assert answer.text.endswith(" · 2 credits")
    assert (await figures(carol, channel))["share"] == 98


async def test_what_a_stopped_answer_costs_stands_under_it(stage: Stage) -> None:
    channel = await shop(stage, prices="ask=10", daily_credits="100")
    carol = someone(stage, at=channel)
    stopped = await carol.command(channel, "ask", prompt="To be stopped [rate:20] [words:2000]")
    await carol.press(await first_text(stopped), label="Stop")
    answer = await stopped.until(says("Stopped by"))
    assert answer.text.splitlines()[-1].startswith(f"-# Stopped by <@{carol.id}> · ")
    assert answer.text.endswith(" · 10 credits")
    paused = await carol.command(channel, "ask", prompt="To be paused [rate:20] [words:2000]")
    await first_text(paused)
    await told(stage.person("alice"), channel, "pause")
    assert (await paused.until(says("Stopped by"))).text.endswith(" · 10 credits")
    await told(stage.person("alice"), channel, "resume")
    assert (await figures(carol, channel))["share"] == 80


async def silent(stage: Stage, who: Person, channel: Channel) -> tuple[Invocation, Message]:
    """An /ask that the service works on, and whose answer does not begin."""
    before = len(stage.api.requests.of("chat"))
    stage.api.next("chat", first_token=600)
    use = await who.command(channel, "ask", prompt="Say nothing for long")
    await stage.api.requests.seen("chat", before + 1)
    return use, await use.message()


async def test_who_stops_an_answer_before_its_first_word_pays_what_the_pool_pays(stage: Stage) -> None:
    channel = await shop(stage, daily_credits="2", server_pool="30/day", prices="ask=1")
    carol = someone(stage, at=channel)
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    for _ in range(2):
        use, waiting = await silent(stage, carol, channel)
        await carol.press(waiting, label="Stop")
        assert (await use.until(says("Stopped by"))).text.endswith(" · 1 credit")
    refused = await private_answer(await carol.command(channel, "ask", prompt="A third time"))
    assert refused.startswith("This costs 1 credit; you have 0 credits left")
    assert await figures(carol, channel) == {"today": 2, "month": 2, "share": 0, "server": 28}
    use, waiting = await silent(stage, ming, channel)
    await ming.press(waiting, label="停止")
    assert (await use.until(says("已由"))).text.endswith(f" · {zh('card.credits', count=1)}")


async def test_who_did_not_end_it_pays_nothing_for_an_answer_without_a_word(stage: Stage) -> None:
    channel = await shop(stage, daily_credits="100", server_pool="100/day", prices="ask=10")
    carol, alice = someone(stage, at=channel), stage.person("alice")
    use, waiting = await silent(stage, carol, channel)
    await alice.press(waiting, label="Stop")
    assert "credit" not in (await use.until(says("Stopped by"))).text
    # It may have been made all the same: the pool pays.
    await eventually_figures(carol, channel, {"today": 0, "month": 0, "share": 100, "server": 90})


async def test_what_was_never_sent_costs_nobody_anything(stage: Stage) -> None:
    """Stopped while the service says that it is busy."""
    channel = await shop(stage, daily_credits="100", server_pool="100/day", prices="ask=10")
    carol = someone(stage, at=channel)
    stage.api.next("chat", fault="429", retry_after=20)
    use = await carol.command(channel, "ask", prompt="Too many at once")
    await carol.press(await use.until(says("busy")), label="Stop")
    assert "credit" not in (await use.until(says("Stopped by"))).text
    await eventually_figures(carol, channel, {"today": 0, "month": 0, "share": 100, "server": 100})


async def test_taking_the_message_away_is_no_way_around_the_share(stage: Stage) -> None:
    channel = await shop(stage, daily_credits="100", server_pool="100/day", prices="ask=10")
    carol = someone(stage, at=channel)
    _, waiting = await silent(stage, carol, channel)
    await (await carol.message_command(waiting, "Remove")).message()
    await eventually_figures(carol, channel, {"today": 10, "month": 10, "share": 90, "server": 90})
    # Deleted in Discord, which does not say by whom.
    deleted = await carol.command(channel, "ask", prompt="Deleted while it grows [rate:20] [words:2000]")
    stage.world.delete_message(await first_text(deleted))
    await eventually_figures(carol, channel, {"today": 20, "month": 20, "share": 80, "server": 80})


async def eventually_figures(who: Person, channel: Channel, wanted: dict[str, int]) -> None:
    found: dict[str, int] = {}
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while (found := await figures(who, channel)) != wanted:  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(0.05)
    assert found == wanted


async def test_white_space_alone_is_no_answer_that_costs_something(stage: Stage) -> None:
    channel = await shop(stage, prices="ask=10", daily_credits="100")
    carol = someone(stage, at=channel)
    stage.api.next("chat", reply=" \n\n \n")
    nothing = await carol.command(channel, "ask", prompt="To be answered with nothing")
    answer = await nothing.until(says(piece("ask.empty")))
    assert "credits" not in answer.text
    assert (await figures(carol, channel))["share"] == 100


@both
async def test_a_restart_in_the_middle_of_an_answer_leaves_nothing_hanging(
    new_stage: NewStage, database: dict[str, str]
) -> None:
    stage = await new_stage(environment=database)
    channel = await shop(stage, daily_credits="100", server_pool="100/day", prices="ask=10")
    carol = someone(stage, at=channel)
    stopped = await carol.command(channel, "ask", prompt="I am interrupted [rate:20] [words:2000]")
    await first_text(stopped)
    assert (await figures(carol, channel))["reserved"] == 10
    await stage.restart()
    # The process that ended in order at_rest it: there was an answer.
    assert await figures(carol, channel) == {"today": 10, "month": 10, "share": 90, "server": 90}

    killed = await carol.command(channel, "ask", prompt="I am killed [rate:20] [words:2000]")
    await first_text(killed)
    await stage.kill()
    await stage.start()
    async with asyncio.timeout(PATIENCE):
        while "reserved" in await figures(carol, channel):  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0.05)
    # Nobody knows what became of it: the pool pays.
    assert await figures(carol, channel) == {"today": 10, "month": 10, "share": 90, "server": 80}
