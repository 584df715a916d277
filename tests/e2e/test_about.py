"""Ask about this, in a message's menu: explained, translated, summarised, or asked in one's own words; private."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.choosing import Upload
from tests.e2e.asking import end_of
from tests.e2e.cards import has_pictures, link, paint, private_answer, server, someone
from tests.e2e.test_chats import told
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.models import Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def about(who: Person, message: Message, **filled: object) -> Message:
    """Use the menu, fill in the form, and wait for the answer."""
    name = en("command.ask_about") if who.user.locale == "en-US" else zh("command.ask_about")
    opened = await who.message_command(message, name)
    await opened.form()
    return await end_of(await who.submit(opened, dict(filled)))


async def test_the_form_s_ways(stage: Stage) -> None:
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    posted = await carol.say(channel, "Der Fuchs schläft.")
    answer = await about(dave, posted)
    assert answer.visible_to == dave.id, "private unless one wants otherwise"
    assert en("about.explain_prompt", language="English") in told(stage)[-1]
    assert "Der Fuchs schläft." in told(stage)[-1]
    await about(dave, posted, way="translate")
    assert en("about.translate_prompt", language="English") in told(stage)[-1]
    await about(dave, posted, way="summarise", words="Does it sleep?")
    assert told(stage)[-1].endswith("Does it sleep?")
    public = await about(dave, posted, public=True)
    assert public.visible_to is None
    who = en("ask.asked_about", who=f"<@{dave.id}>", link=link(posted))
    # What the menu asks for them is called as it is there: those are not their words.
    assert public.text.startswith(f"-# {who}\n> {en('about.explain')}\n")


async def test_into_one_s_own_language(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    posted = await carol.say(channel, "The fox sleeps.")
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    await about(ming, posted, way="translate")
    assert "中文（简体）" in told(stage)[-1]
    erik = someone(stage, "erik", at=channel, locale="sv-SE")
    opened = await erik.message_command(posted, en("command.ask_about"))
    await opened.form()
    await end_of(await erik.submit(opened, {"way": "translate"}))
    assert "Swedish" in told(stage)[-1]


async def test_files_and_the_bot_s_own(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    posted = await carol.say(channel, "", Upload("notes.txt", b"the fox sleeps"))
    await about(carol, posted)
    assert "the fox sleeps" in told(stage)[-1]
    answer = await end_of(await carol.command(channel, "ask", prompt="A fox"))
    await about(carol, answer, words="Shorter, please")
    assert told(stage)[-1].endswith("Shorter, please")
    empty = await carol.say(channel, "…")
    empty.content = ""
    assert await private_answer(await carol.message_command(empty, en("command.ask_about"))) == en("about.nothing")


async def test_the_images_of_a_card(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, _ = await paint(carol, channel, "A fox", count=2)
    card = await use.until(has_pictures(2))
    await about(carol, card, words="What animal is it?")
    assert told(stage)[-1].count("data:image/") == 2


async def test_words_beside_a_file_that_can_t_be_read(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    posted = await carol.say(channel, "Der Fuchs schläft.", Upload("fox.mp4", bytes(64)))
    answer = await about(carol, posted)
    assert "Der Fuchs schläft." in told(stage)[-1]
    assert piece("file.left_out") in answer.text


async def test_a_form_open_at_a_restart(new_stage: NewStage) -> None:
    stage = await new_stage()
    channel = server(stage)
    carol = someone(stage, at=channel)
    answer = await end_of(await carol.command(channel, "ask", prompt="A fox"))
    opened = await carol.message_command(answer, en("command.ask_about"))
    await opened.form()
    await stage.restart()
    await end_of(await carol.submit(opened, {"way": "summarise"}))
