"""A prompt in which nobody could read anything is refused wherever one is typed, and takes nothing of the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.choosing import Upload
from tests.e2e.asking import ask, end_of
from tests.e2e.cards import colour, private_answer, said, someone
from tests.e2e.configuring import told
from tests.e2e.jamming import start
from tests.e2e.picturing import painted, remix, studio
from tests.words import en, zh

if TYPE_CHECKING:
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOT_ENVIRONMENT = {"DAILY_LIMIT_PER_USER": "ask=1,imagine=1,video=1"}
BLANK = "Your prompt has no visible text. Write a few words."
BLANK_ZH = zh("error.blank_prompt")


@pytest.mark.parametrize("blank", ["\u3164", "\u200b\u2060 ", "\u2800", "****", "> ", "-# ", "||||", "\u0301"])
async def test_commands_refuse_it_privately_and_nothing_is_sent(stage: Stage, blank: str) -> None:
    channel = await studio(stage)
    carol, ming = someone(stage, at=channel), someone(stage, "小明", at=channel, locale="zh-CN")
    for command in ("ask", "imagine", "video"):
        assert await private_answer(await carol.command(channel, command, prompt=blank)) == BLANK
    assert await private_answer(await ming.command(channel, "ask", prompt=blank)) == BLANK_ZH
    assert blank not in {request.prompt for request in stage.api.requests}


async def test_neighbours_are_prompts_like_others(stage: Stage) -> None:
    channel = await studio(stage)
    for prompt in ("🦊", "?!"):
        card = await painted(someone(stage, at=channel), channel, prompt)
        assert said(card).splitlines()[0] == f"### {prompt}"
    answer = await end_of(await someone(stage, at=channel).command(channel, "ask", prompt="?"))
    assert answer.text.startswith("> ?")


async def test_a_file_says_enough(stage: Stage) -> None:
    use = await ask(stage, "\u200b", by="alice", file=Upload("notes.md", b"Three words here."))
    assert (await end_of(use)).text.startswith("> -# notes.md")


async def test_forms_and_menus_refuse_it_too(stage: Stage) -> None:
    channel = await studio(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    card = await painted(carol, channel, "A fox")
    assert await private_answer(await remix(dave, card, "\u2800")) == BLANK
    opened = await dave.message_command(card, en("command.change_image"))
    await opened.form()
    assert await private_answer(await dave.submit(opened, {"prompt": "||||"})) == BLANK
    written = await dave.say(channel, "\u3164 **")
    assert await private_answer(await carol.message_command(written, en("command.ask_about"))) == en("about.nothing")
    assert [request.form["prompt"] for request in stage.api.requests.of("edits")] == []
    # Nothing of it was counted.
    assert colour(await painted(dave, channel, "A wolf, at last")) is None


async def test_jams_and_settings_refuse_it_too(stage: Stage) -> None:
    channel = await studio(stage)
    alice = someone(stage, at=channel)
    use = await alice.command(channel, "jam start", theme="****")
    assert await private_answer(use) == en("jam.empty_theme")
    jam = await start(stage, channel=channel, who=alice)
    assert await private_answer(await jam.idea(alice, "|| ||")) == en("jam.empty_idea")
    assert "is now" not in await told(stage.person("alice"), channel, "set", setting="system_prompt", value="\u2800")
