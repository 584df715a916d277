"""What is pressed twice is done once, and the second press is told the truth, privately."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.e2e.asking import end_of, first_text
from tests.e2e.cards import (
    change,
    custom_id,
    eventually,
    film,
    has_clip,
    has_pictures,
    labels,
    link,
    posted_in,
    private_answer,
    remove,
    said,
    says,
    server,
    someone,
    swift,
)
from tests.e2e.crediting import asked, shop
from tests.e2e.jamming import start
from tests.e2e.picturing import PATIENCE, act, painted, studio
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def twice(who: Person, message: Message, label: str) -> tuple[Invocation, Invocation]:
    """A double click."""
    first, second = await asyncio.gather(act(who, message, label), act(who, message, label))
    return first, second


async def refusals(*uses: Invocation) -> list[str]:
    """What only who pressed reads of it all, once there is something."""

    def read() -> list[str]:
        return [each.text for use in uses for each in use.messages if each.ephemeral]

    await eventually(lambda: bool(read()), within=PATIENCE)
    return read()


def is_made(message: Message, source: Message) -> bool:
    """Whether it is the card of what was made by a press on `source`."""
    return message is not source and has_pictures(1)(message)


async def late(who: Person, message: Message, name: str) -> str:
    """What is read of a press that was under way while the button went."""
    return await private_answer(await who.forge(message, name, planted=True))


@pytest.mark.parametrize(("label", "route"), [("Reroll", "images"), ("Vary", "edits")])
async def test_a_double_click_orders_once(stage: Stage, label: str, route: str) -> None:
    channel = await studio(stage)
    carol, ming = someone(stage, at=channel), someone(stage, "小明", at=channel, locale="zh-CN")
    card = await painted(someone(stage, at=channel), channel, f"Clicked twice: {label}")
    before = len(stage.api.requests.of(route))  # pyright: ignore[reportArgumentType] - a route's name
    uses = await twice(carol, card, label)
    seen = [await use.until(lambda each: each.ephemeral or is_made(each, card), PATIENCE) for use in uses]
    [made] = [each for each in seen if not each.ephemeral]
    [refusal] = [each for each in seen if each.ephemeral]
    assert refusal.text == en("error.ordered_just_now_at", link=link(made))
    # A second later it is a double press still; of somebody else, an order.
    again = await private_answer(await act(carol, card, label))
    assert again == refusal.text
    theirs = await (await act(ming, card, label)).until(lambda each: is_made(each, card), PATIENCE)
    assert await private_answer(await act(ming, card, label)) == f"你刚刚已经提交过：[查看]({link(theirs)})。"
    assert len(stage.api.requests.of(route)) == before + 2  # pyright: ignore[reportArgumentType] - likewise
    # What makes it deliberate is the time.
    change(stage, "UPDATE generations SET created_at = created_at - 6 WHERE person_id = ?", carol.id)
    other = await (await act(carol, card, label)).until(lambda each: is_made(each, card), PATIENCE)
    assert other.id not in {made.id, theirs.id}


async def test_a_form_sent_twice_orders_once(stage: Stage) -> None:
    channel = await studio(stage)
    carol = someone(stage, at=channel)
    card = await painted(carol, channel, "A fox")
    opened = await carol.press(card, label="Edit prompt")
    await opened.form()
    sent = await carol.submit(opened, {"prompt": "A wolf sent twice"})
    made = await sent.until(has_pictures(1), PATIENCE)
    again = await carol.submit(opened, {"prompt": "A wolf sent twice"})
    assert await private_answer(again) == en("error.ordered_just_now_at", link=link(made))
    assert [each.prompt for each in stage.api.requests.of("images")].count("A wolf sent twice") == 1


async def test_where_nobody_else_sees_it_there_is_nothing_to_go_to(stage: Stage) -> None:
    channel = await studio(stage, answers="private")
    carol = someone(stage, at=channel)
    use = await carol.command(channel, "imagine", prompt="A fox for me")
    card = await use.until(has_pictures(1), PATIENCE)
    uses = await twice(carol, card, "Reroll")
    texts = [said(await use.until(lambda each: is_made(each, card) or "moment" in each.text, PATIENCE)) for use in uses]
    assert sorted(text == en("error.ordered_just_now") for text in texts) == [False, True]


async def test_cancel_twice(stage: Stage) -> None:
    swift(stage, run=60)
    channel = server(stage)
    carol, ming = someone(stage, at=channel), someone(stage, "小明", at=channel, locale="zh-CN")
    for who, told_ in ((carol, en("error.already_cancelled")), (ming, zh("error.already_cancelled"))):
        use, card = await film(who, channel, f"Cancelled twice by {who.name}")
        await use.until(lambda message: labels(message) in (["Cancel"], ["取消"]), PATIENCE)
        name = card.buttons()[0]["custom_id"]
        listed = await (await who.command(channel, "jobs")).message()
        job = next(str(part["custom_id"]) for part in listed.buttons() if ":cancel:" in str(part["custom_id"]))
        first, second = await asyncio.gather(who.press(card, custom_id=str(name)), who.press(card, custom_id=str(name)))
        await use.until(says("Cancelled by" if who is carol else "取消"), PATIENCE)
        assert await refusals(first, second) == [told_]
        assert await late(who, card, str(name)) == told_
        assert await private_answer(await who.press(listed, custom_id=job)) == told_


async def test_too_late_is_said_where_it_is_too_late(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, card = await film(carol, channel, "Made before")
    running = await use.until(lambda message: "Cancel" in labels(message), PATIENCE)
    name = custom_id(running, "Cancel")
    await use.until(has_clip, PATIENCE)
    assert await late(carol, card, name) == en("error.too_late_to_cancel")


async def test_stop_twice(stage: Stage) -> None:
    channel = server(stage)
    carol, ming = someone(stage, at=channel), someone(stage, "小明", at=channel, locale="zh-CN")
    for who, stopped, ended in (
        (carol, en("error.already_stopped"), "This answer has already ended."),
        (ming, "这个回答已经停止。", "这个回答已经结束。"),
    ):
        use = await who.command(channel, "ask", prompt="A long one [rate:10] [words:300]")
        growing = await first_text(use)
        name = str(growing.buttons()[0]["custom_id"])
        presses = await asyncio.gather(who.press(growing, custom_id=name), who.press(growing, custom_id=name))
        await end_of(use, within=PATIENCE)
        assert await refusals(*presses) == [stopped]
        assert await late(who, growing, name) == stopped
        use = await who.command(channel, "ask", prompt="A short one [rate:20] [words:10]")
        growing = await first_text(use)
        name = str(growing.buttons()[0]["custom_id"])
        done = await end_of(use, within=PATIENCE)
        assert await late(who, done, name) == ended
        assert "Stopped" not in done.text


async def test_remove_twice(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    card = await painted(carol, channel, "To be removed")
    answers = await asyncio.gather(remove(carol, card), remove(carol, card))
    assert answers == ["Removed.", "Removed."]
    assert card.deleted


async def test_deliver_again_twice(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    await painted(carol, channel, "Made for later")
    listed = await (await carol.command(channel, "jobs")).message()
    before = len(posted_in(channel))
    uses = await twice(carol, listed, "Deliver again")
    shown = [await use.until(lambda each: has_pictures(1)(each) or "moment" in each.text, PATIENCE) for use in uses]
    assert sorted(each.text == en("jobs.just_brought") for each in shown) == [False, True]
    assert len(posted_in(channel)) == before + 1


async def test_confirm_twice(stage: Stage) -> None:
    channel = await shop(stage, prices="imagine=5", daily_credits="100", confirm_above="0")
    carol = someone(stage, at=channel)
    use = await carol.command(channel, "imagine", prompt="Dear")
    question = await asked(use)
    name = str(question.buttons()[0]["custom_id"])
    presses = await asyncio.gather(*(carol.press(question, custom_id=name) for _ in range(2)))
    shown = [
        await press.until(lambda each: has_pictures(1)(each) or "already" in each.text, PATIENCE) for press in presses
    ]
    assert sorted(each.text == "You already confirmed this." for each in shown) == [False, True]
    assert await late(carol, question, name) == "You already confirmed this."
    assert [each.prompt for each in stage.api.requests.of("images")].count("Dear") == 1


async def test_close_a_jam_twice(stage: Stage) -> None:
    jam = await start(stage)
    asked = await (await jam.press(jam.starter, en("button.jam_close"))).message()
    first, second = await asyncio.gather(*(jam.starter.press(asked, label=en("button.jam_close")) for _ in range(2)))
    await eventually(lambda: piece("jam.over").removesuffix(".") in jam.word.text, within=PATIENCE)
    await eventually(lambda: bool(first.messages and second.messages), within=PATIENCE)
    assert sorted(await refusals(first, second)) == sorted([en("jam.closed"), en("jam.ended")])


async def test_close_a_jam_twice_while_its_round_is_made(stage: Stage) -> None:
    jam = await start(stage)
    await jam.idea(jam.starter, "a dragon [delay:3]")
    close = f"jam:{jam.id}:end"
    await jam.press(jam.starter, "Make ")
    await stage.api.requests.until(lambda: any("dragon" in each.prompt for each in stage.api.requests.of("images")))
    await jam.starter.forge(jam.card, close, planted=True)
    second = await jam.starter.forge(jam.card, close, planted=True)
    assert await private_answer(second) == en("jam.closing_already")
