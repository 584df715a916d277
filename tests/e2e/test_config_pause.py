"""/config pause and resume: everything off at once, held and not lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.asking import WITHIN, ask, end_of, first_text
from tests.e2e.cards import eventually, film, has_clip, says, server, someone, swift
from tests.e2e.configuring import told

if TYPE_CHECKING:
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADMIN = int(Permission.ADMINISTRATOR)


async def test_pause_and_resume_of_a_channel(stage: Stage):
    swift(stage, run=1.0)
    channel = server(stage)
    dora = someone(stage, "dora", at=channel, permissions=ADMIN)
    _, card = await film(dora, channel, "A fox")
    paused = await told(dora, channel, "pause")
    again = await told(dora, channel, "pause")
    refused = (await (await dora.command(channel, "ask", prompt="Hello")).message()).text
    shown = await told(dora, channel, "show")
    await eventually(lambda: says("Held: a moderator paused")(card), within=WITHIN)
    resumed = await told(dora, channel, "resume")
    nothing = await told(dora, channel, "resume")
    await eventually(lambda: has_clip(card), within=WITHIN)

    assert paused == (
        f"Paused: <#{channel.id}>. Answers were stopped; pictures and videos are held, and nothing is lost."
    )
    assert again == "It is paused there already."
    assert refused.startswith("The bot is paused in this channel.")
    assert shown.splitlines()[1] == "**Paused** by a moderator, in this channel."
    assert resumed == f"Going on: <#{channel.id}>."
    assert nothing == "It is not paused there."


async def test_answers_that_grow_are_stopped(stage: Stage):
    alice, general = stage.person("alice"), stage.channel("general")
    use = await ask(stage, "Foxes [rate:20] [words:2000]", by="bob")
    await first_text(use)
    await told(alice, general, "pause")
    stopped = await use.until(lambda message: "Stopped by" in message.text, WITHIN)
    await told(alice, general, "resume")

    assert f"Stopped by <@{alice.id}>" in stopped.text


async def test_a_server_s_pause_holds_whatever_is_nearer(stage: Stage):
    channel = server(stage)
    dora = someone(stage, "dora", at=channel, permissions=ADMIN)
    await told(dora, channel, "pause", scope="server")
    here = await told(dora, channel, "resume")
    shown = await told(dora, channel, "show")
    refused = (await (await dora.command(channel, "ask", prompt="Hello")).message()).text
    both = await told(dora, channel, "pause")
    still = await told(dora, channel, "resume")
    over = await told(dora, channel, "resume", scope="server")

    assert here == "It is the server that is paused. Use /config resume with the scope “server”."
    assert shown.splitlines()[1] == "**Paused** by a moderator, in the whole server."
    assert refused.startswith("The bot is paused in this server.")
    assert both.startswith("Paused: ")
    assert still.splitlines() == [f"Going on: <#{channel.id}>.", "**Paused** by a moderator, in the whole server."]
    assert over == "Going on: this server."


async def test_undo_lets_it_go_on(stage: Stage):
    channel = server(stage)
    dora = someone(stage, "dora", at=channel, permissions=ADMIN)
    await told(dora, channel, "pause", scope="server")
    undone = await told(dora, channel, "undo")
    use = await dora.command(channel, "ask", prompt="Hello")
    await end_of(use)

    assert undone.splitlines()[1] == "this server is no longer paused."
