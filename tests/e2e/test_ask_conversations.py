"""Going on from an answer: Reply, Regenerate, Continue, ‹ and ›; after a restart too, and after a kill."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any, cast

import pytest

from sandbox.discord.choosing import Upload
from tests.e2e.asking import WITHIN, ask, end_of, first_text, said, was_whole
from tests.e2e.cards import eventually, labels, private_answer
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Message
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOT_ENVIRONMENT = {"SYSTEM_PROMPT": ""}
REPLY, REGENERATE, CONTINUE = en("button.reply"), en("button.regenerate"), en("button.go_on")


def told(stage: Stage) -> list[dict[str, Any]]:
    """The messages of the last question that reached the service."""
    return cast("list[dict[str, Any]]", stage.api.requests.of("chat")[-1].json["messages"])


def words(stage: Stage) -> list[str]:
    return [str(one["content"]) for one in told(stage) if one["role"] != "system"]


async def reply(
    stage: Stage, message: Message, text: str, *, by: str = "alice", files: tuple[Upload, ...] = ()
) -> Invocation:
    """A person presses Reply, and sends the form."""
    person = stage.person(by)
    press = await person.press(message, label=REPLY if person.user.locale != "zh-CN" else zh("button.reply"))
    await press.form()
    return await person.submit(press, {"prompt": text, **({"files": list(files)} if files else {})})


async def test_a_reply_goes_on_with_what_was_said(stage: Stage):
    stage.api.next("chat", reply="Hello, Ada.")
    first = await end_of(await ask(stage, "My name is Ada."))
    assert labels(first) == [REPLY, REGENERATE]
    stage.api.next("chat", reply="You are Ada.")
    second = await end_of(await reply(stage, first, "Who am I?"))
    assert words(stage) == ["My name is Ada.", "Hello, Ada.", "Who am I?"]
    assert said(second) == "You are Ada."
    assert second.text.startswith("> Who am I?")
    # From the first answer once more: another branch.
    await end_of(await reply(stage, first, "What is my name?"))
    assert words(stage) == ["My name is Ada.", "Hello, Ada.", "What is my name?"]


async def test_several_are_told_apart_and_files_come_along(stage: Stage):
    first = await end_of(await ask(stage, "I am the tallest."))
    file = Upload("notes.txt", b"Bob is 2 m tall.")
    await end_of(await reply(stage, first, "No, I am.", by="bob", files=(file,)))
    assert told(stage)[0]["role"] == "system"
    names = [text.splitlines()[0] for text in words(stage)[::2]]
    assert names == ['From "alice":', 'From "bob":']
    assert "Bob is 2 m tall." in words(stage)[-1]


async def test_who_asked_stands_above_where_others_reply(stage: Stage):
    first = await end_of(await ask(stage, "My name is Ada."))
    bob, ming = stage.person("bob"), stage.person("小明")
    second = await end_of(await reply(stage, first, "Mine is Bob.", by="bob"))
    assert second.text.startswith(f"-# {en('ask.asked_by', who=f'<@{bob.id}>')}\n> Mine is Bob.")
    # Whose answer is replied to is seen in Discord; so it is of a command.
    assert (await end_of(await reply(stage, second, "And now?", by="bob"))).text.startswith("> And now?")
    opened = await ming.press(first, label=REPLY)
    await opened.form()
    chinese = await end_of(await ming.submit(opened, {"prompt": "我是小明。"}))
    assert chinese.text.startswith(f"-# {zh('ask.asked_by', who=f'<@{ming.id}>')}\n> 我是小明。")
    # It stays where another answer takes the place of that one.
    press = await bob.press(second, label=REGENERATE)
    await press.form()
    await bob.submit(press, {"model": "qwen3-max"})
    await stage.world.wait_until(lambda _: "2/2" in labels(second) and was_whole(second), WITHIN)
    await bob.press(second, label="‹")
    await stage.world.wait_until(lambda _: "1/2" in labels(second), WITHIN)
    assert second.text.startswith(f"-# {en('ask.asked_by', who=f'<@{bob.id}>')}\n> Mine is Bob.")
    refused = await private_answer(await ming.press(second, label="›"))
    assert refused == zh("ask.not_yours_to_turn")


async def test_a_private_answer_is_its_persons(stage: Stage):
    use = await ask(stage, "A secret", private=True)
    first = await end_of(use)
    assert labels(first) == [REPLY, REGENERATE]
    second = await end_of(await reply(stage, first, "Another"))
    assert second.visible_to == stage.person("alice").id
    assert words(stage)[0] == "A secret"


async def test_regenerate_keeps_the_older_answer(stage: Stage):
    stage.api.next("chat", reply="Red.")
    use = await ask(stage, "Pick a colour.")
    card = await end_of(use)
    stage.api.next("chat", reply="Blue.")
    alice = stage.person("alice")
    press = await alice.press(card, label=REGENERATE)
    await press.form()
    await alice.submit(press, {"model": "qwen3-max"})
    await stage.world.wait_until(lambda _: said(card) == "Blue." and was_whole(card), WITHIN)
    assert "qwen3-max" in card.text
    assert labels(card) == [REPLY, REGENERATE, "‹", "2/2", "›"]
    assert len(use.messages) == 1, "in its place"
    await alice.press(card, label="‹")
    await stage.world.wait_until(lambda _: said(card) == "Red.", WITHIN)
    assert labels(card)[2:] == ["‹", "1/2", "›"]
    assert "deepseek-chat" in card.text
    await end_of(await reply(stage, card, "Why?"))
    assert words(stage) == ["Pick a colour.", "Red.", "Why?"]
    await alice.press(card, label="›")
    await stage.world.wait_until(lambda _: said(card) == "Blue.", WITHIN)
    await end_of(await reply(stage, card, "Why?"))
    assert words(stage) == ["Pick a colour.", "Blue.", "Why?"]
    refused = await private_answer(await stage.person("bob").press(card, label=REGENERATE))
    assert refused == en("ask.asker_only")


async def test_an_older_answer_says_that_it_broke_off(stage: Stage):
    alice = stage.person("alice")
    stage.api.next("chat", reply="One two three four", fault="mid_drop", break_after=2)
    broken = await end_of(await ask(stage, "Count to four."))
    assert labels(broken) == [en("button.retry"), CONTINUE, REPLY]
    whole = await end_of(await alice.press(broken, label=en("button.retry")))
    assert labels(whole) == [REPLY, REGENERATE, "‹", "2/2", "›"]
    await alice.press(whole, label="‹")
    await stage.world.wait_until(lambda _: said(whole) == "One two", WITHIN)
    assert piece("ask.broke_off") in whole.text
    await alice.press(whole, label="›")
    await stage.world.wait_until(lambda _: was_whole(whole), WITHIN)
    assert piece("ask.broke_off") not in whole.text

    stage.api.next("chat", words_per_second=20.0, words=400)
    use = await ask(stage, "Count to many.")
    growing = await first_text(use)
    await alice.press(growing, label=en("button.stop"))
    stopped = await end_of(use)
    assert labels(stopped) == [REPLY, REGENERATE]
    press = await alice.press(stopped, label=REGENERATE)
    await press.form()
    await alice.submit(press, {"model": "qwen3-max"})
    await stage.world.wait_until(lambda _: "2/2" in labels(stopped) and was_whole(stopped), WITHIN)
    await alice.press(stopped, label="‹")
    await stage.world.wait_until(lambda _: "1/2" in labels(stopped), WITHIN)
    assert en("ask.incomplete") in stopped.text


async def test_continue_goes_on_in_the_same_answer(stage: Stage):
    stage.api.next("chat", reply="One two three four five six seven", fault="length", break_after=4)
    use = await ask(stage, "Count to seven.")
    card = await end_of(use)
    assert said(card) == "One two three four"
    assert labels(card) == [CONTINUE, REPLY, REGENERATE]
    stage.api.next("chat", reply="three four five six seven")
    await stage.person("alice").press(card, label=CONTINUE)
    await stage.world.wait_until(lambda _: said(card) == "One two three four five six seven", WITHIN)
    await eventually(lambda: labels(card) == [REPLY, REGENERATE])
    assert len(use.messages) == 1
    assert words(stage)[:2] == ["Count to seven.", "One two three four"]
    await end_of(await reply(stage, card, "Thanks"))
    assert words(stage)[1] == "One two three four five six seven"


async def test_what_is_removed_is_told_no_more(stage: Stage):
    first = await end_of(await ask(stage, "The password is swordfish."))
    second = await end_of(await reply(stage, first, "Say hello."))
    alice = stage.person("alice")
    await alice.message_command(first, "Remove")
    await stage.world.wait_until(lambda _: first.deleted, WITHIN)
    await end_of(await reply(stage, second, "What is the password?"))
    assert "swordfish" not in "".join(words(stage))
    assert words(stage)[0] == "Say hello."


async def test_after_a_restart_and_in_chinese(new_stage: NewStage):
    stage = await new_stage()
    stage.api.next("chat", reply="你好，小明。")
    first = await end_of(await ask(stage, "我是小明。", by="小明"))
    assert labels(first) == [zh("button.reply"), zh("button.regenerate")]
    await stage.restart()
    await end_of(await reply(stage, first, "我是谁？", by="小明"))
    assert words(stage) == ["我是小明。", "你好，小明。", "我是谁？"]


async def test_killed_at_random_moments_the_next_turn_sees_what_was_said(new_stage: NewStage):
    stage = await new_stage()
    chance = random.Random()
    for number in range(4):
        use = await ask(stage, f"Killed at some moment {number} [rate:60] [words:400]")
        card = await first_text(use)
        await asyncio.sleep(chance.uniform(0, 2.5))
        await stage.kill()
        kept = said(card)
        await stage.start()
        await eventually(lambda card=card: REPLY in labels(card), within=WITHIN)
        await end_of(await reply(stage, card, "Go on"))
        before = words(stage)
        assert before[0].startswith(f"Killed at some moment {number}")
        assert before[2] == "Go on"
        assert before[1].startswith(kept[: len(kept) * 9 // 10]), "what people saw"
