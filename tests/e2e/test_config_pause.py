"""/config pause and resume: everything off at once, held and not lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.asking import WITHIN, ask, end_of, first_text
from tests.e2e.cards import eventually, film, has_clip, kept, running, says, server, someone, swift, task_of
from tests.e2e.configuring import told
from tests.words import en, piece

if TYPE_CHECKING:
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

HELD = en("card.held")
ADMIN = int(Permission.ADMINISTRATOR)


async def test_pause_and_resume_of_a_channel(stage: Stage):
    swift(stage, run=600)
    channel = server(stage)
    dora = someone(stage, "dora", at=channel, permissions=ADMIN)
    *_, card = await running(stage, "A fox", channel=channel)
    paused = await told(dora, channel, "pause")
    task_of(stage, "A fox").finish()
    again = await told(dora, channel, "pause")
    refused = (await (await dora.command(channel, "ask", prompt="Hello")).message()).text
    shown = await told(dora, channel, "show")
    await eventually(lambda: says(piece("card.held"))(card), within=WITHIN)
    resumed = await told(dora, channel, "resume")
    nothing = await told(dora, channel, "resume")
    await eventually(lambda: has_clip(card), within=WITHIN)

    assert paused == (en("config.now_paused", where=f"<#{channel.id}>"))
    assert again == en("config.already_paused")
    assert refused.startswith(piece("policy.paused"))
    assert shown.splitlines()[1] == en("config.show_paused_channel")
    assert resumed == en("config.now_resumed", where=f"<#{channel.id}>")
    assert nothing == en("config.not_paused")


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

    assert here == en("config.paused_by_server")
    assert shown.splitlines()[1] == en("config.show_paused_server")
    assert refused.startswith(piece("policy.paused_server"))
    assert both.startswith("Paused: ")
    assert still.splitlines() == [en("config.now_resumed", where=f"<#{channel.id}>"), en("config.show_paused_server")]
    assert over == en("config.now_resumed", where="this server")


async def test_undo_lets_it_go_on(stage: Stage):
    channel = server(stage)
    dora = someone(stage, "dora", at=channel, permissions=ADMIN)
    await told(dora, channel, "pause", scope="server")
    undone = await told(dora, channel, "undo")
    use = await dora.command(channel, "ask", prompt="Hello")
    await end_of(use)

    assert undone.splitlines()[1] == "this server is no longer paused."


async def test_what_was_finished_in_a_pause_is_the_last_word_after_it(stage: Stage):
    """The cards are brought up to date when it goes on, and the results come at once: none is overtaken."""
    swift(stage, run=600)
    channel = server(stage)
    dora = someone(stage, "dora", at=channel, permissions=ADMIN)
    prompts = [f"Held {number}" for number in range(4)]
    uses = [(await film(someone(stage, at=channel), channel, prompt))[0] for prompt in prompts]
    for use in uses:
        await use.until(says("Started <t:…:R>."))
    await told(dora, channel, "pause")
    for use in uses:
        await use.until(says(HELD))
    for prompt in prompts:
        task_of(stage, prompt).finish()

    def clips() -> int:
        return sum(file.name == "0.mp4" for file in kept(stage))

    await eventually(lambda: clips() == len(prompts), within=WITHIN)
    await told(dora, channel, "resume")
    await eventually(lambda: not clips(), within=WITHIN)
    # What might come too late has come by then.
    await (await film(dora, channel, "Afterwards [run:0.5]"))[0].until(has_clip, WITHIN)
    for use in uses:
        assert has_clip(await use.message())


async def test_a_pause_while_a_clip_is_uploaded_leaves_the_clip(stage: Stage):
    swift(stage, run=600)
    channel = server(stage)
    dora = someone(stage, "dora", at=channel, permissions=ADMIN)
    use, card = await film(someone(stage, at=channel), channel, "Uploaded in a pause")
    await use.until(says("Started <t:…:R>."))
    route = f"PATCH /webhooks/*/{use.interaction.token}/*"
    stage.discord.faults.slow(route, 0.0)  # "Uploading", then the clip
    slow = stage.discord.faults.slow(route, 1.0)
    task_of(stage, "Uploaded in a pause").finish()
    await slow.reached.wait()
    await told(dora, channel, "pause")
    await use.until(has_clip, WITHIN)
    await told(dora, channel, "resume")
    await (await film(dora, channel, "After that [run:0.5]"))[0].until(has_clip, WITHIN)
    assert has_clip(card)
