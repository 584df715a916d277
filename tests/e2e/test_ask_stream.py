"""/ask while it streams: the first text, the growing, Stop, and answers longer than a message."""

from __future__ import annotations

import asyncio
import itertools
import re

import pytest

from sandbox.discord.limits import Limit
from sandbox.stage import Stage
from tests.e2e.asking import CURSOR, WITHIN, ask, buttons, end_of, first_text, model_says, parts, said, was_whole
from tests.e2e.cards import labels
from tests.words import en, zh

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(autouse=True)
def never_limited(stage: Stage):
    """Whatever a test does: Discord never has to answer 429."""
    before = stage.discord.limits.served_429
    yield
    assert stage.discord.limits.served_429 == before


async def test_nothing_is_sent_before_discord_has_accepted_the_answer(stage: Stage):
    held = stage.discord.faults.hold("POST /interactions/*/callback")
    before = len(stage.api.requests.of("chat"))

    use = await ask(stage, "Which is sent first?")
    await held.reached.wait()
    await asyncio.sleep(0.3)

    assert len(stage.api.requests.of("chat")) == before
    held.release()
    assert was_whole(await end_of(use))
    assert len(stage.api.requests.of("chat")) == before + 1


async def test_slow_service(stage: Stage):
    use = await ask(stage, "A slow service [delay:3.4]")
    first = await use.message()
    assert parts(use.versions[0])[1:] == ["-# deepseek-chat"]
    assert buttons(use.versions[0]) == ["Stop"]
    await use.until(lambda message: "Thinking" in message.text, WITHIN)
    assert re.fullmatch(r"-# Thinking, started <t:\d+:R>", parts(first)[-1])
    message = await end_of(use)

    assert was_whole(message)
    assert use.acknowledged_at is not None
    assert stage.api.requests.of("chat")[-1].first_text_at - use.acknowledged_at > 3


async def test_first_text_is_shown_at_once(stage: Stage):
    # Were the first edit a second after the acknowledgement, as all others are apart, the text would be 0.8 s late.
    use = await ask(stage, "A quick beginning [first:0.2] [rate:10] [words:12]")
    message = await first_text(use)
    grown = next(version for version in message.versions if CURSOR in version.text)
    request = stage.api.requests.of("chat")[-1]

    assert grown.at - request.first_text_at < 0.6
    assert was_whole(await end_of(use))


async def test_answer_grows_with_a_cursor_about_once_a_second(stage: Stage):
    use = await ask(stage, "Two seconds of words [first:0.1] [rate:26] [words:64]")
    message = await end_of(use)
    growing = [version for version in message.versions if CURSOR in version.text]
    final = message.versions[-1]

    assert len(growing) >= 2
    for earlier, later in itertools.pairwise([*growing, final]):
        # What was bold and not at its end was closed.
        assert said(later).startswith(said(earlier).rstrip("*"))
        assert len(said(later)) > len(said(earlier))
    for earlier, later in itertools.pairwise(growing):
        assert later.at - earlier.at > 0.9
    for version in growing:
        assert parts(version)[-2].endswith(f" {CURSOR}")
        assert parts(version)[-1] == "-# deepseek-chat"
        assert buttons(version) == ["Stop"]
    assert parts(final)[0] == "> Two seconds of words \\[first\\:0.1\\] \\[rate\\:26\\] \\[words\\:64\\]"
    assert parts(final)[-1].startswith("-# deepseek-chat · ")
    assert parts(final)[-1].endswith(" tokens")
    assert CURSOR not in final.text
    assert final.at - stage.api.requests.of("chat")[-1].last_text_at < 0.6


async def test_last_permit_is_kept_for_the_final_edit(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    # Three edits in five seconds: one each second would use up the last of them at 2.1 s, and the end at 2.6 s wait.
    monkeypatch.setitem(stage.discord.limits.groups, "webhook.patch", Limit(3, 5.0, "few-edits"))

    use = await ask(stage, "Few edits are left [first:0.1] [rate:24] [words:60]")
    message = await end_of(use)

    assert sum(CURSOR in version.text for version in message.versions) == 2
    assert message.versions[-1].at - stage.api.requests.of("chat")[-1].last_text_at < 0.6


async def test_ten_people_in_one_channel(stage: Stage):
    people = [stage.world.person(f"person{number}", guild=stage.guild) for number in range(10)]
    channel = stage.channel("general")
    uses = [
        await person.command(channel, "ask", prompt=f"Question {number} [rate:20] [words:30]")
        for number, person in enumerate(people)
    ]
    for number, use in enumerate(uses):
        message = await end_of(use, within=60)
        assert f"> Question {number} " in message.text
        assert was_whole(message)
        assert use.followups == []


async def test_who_asked_stops_it(stage: Stage):
    use = await ask(stage, "Stop me [rate:10] [words:300]", by="bob")
    message = await first_text(use)
    kept = said(message)
    press = await stage.person("bob").press(message, label="Stop")
    stopped = await end_of(use)
    request = stage.api.requests.of("chat")[-1]
    await stage.api.requests.until(lambda: request.hung_up)

    assert not press.failed
    assert said(stopped).startswith(kept)
    assert parts(stopped)[-1] == f"-# Stopped by <@{stage.person('bob').id}> · deepseek-chat"
    assert CURSOR not in stopped.text
    assert not stopped.pinged


async def test_who_asked_stops_it_before_there_is_text(stage: Stage):
    use = await ask(stage, "Stop me early [delay:30]", by="bob")
    message = await use.message()
    await stage.person("bob").press(message, label="Stop")
    stopped = await end_of(use)
    request = stage.api.requests.of("chat")[-1]
    await stage.api.requests.until(lambda: request.hung_up)

    assert parts(stopped)[1:] == [f"-# Stopped by <@{stage.person('bob').id}> · deepseek-chat"]


async def test_moderator_stops_anothers_answer(stage: Stage):
    use = await ask(stage, "A moderator stops me [rate:10] [words:300]", by="bob")
    await stage.person("alice").press(await first_text(use), label="Stop")
    stopped = await end_of(use)

    assert f"Stopped by <@{stage.person('alice').id}>" in stopped.text


async def test_others_may_not_stop_it(stage: Stage):
    use = await ask(stage, "Nobody else stops me [rate:40] [words:50]", by="bob")
    press = await stage.person("小明").press(await first_text(use), label="Stop")
    refusal = await press.until(lambda message: message.ephemeral, WITHIN)
    message = await end_of(use)

    assert refusal.text == zh("error.not_your_stop")
    assert refusal.visible_to == stage.person("小明").id
    assert was_whole(message)
    assert len(said(message).split()) == 50


async def test_code_fence_stays_intact_over_several_messages(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    code = "\n".join(f"print({number}, 'a line of the program that fills the message')" for number in range(150))
    model_says(monkeypatch, f"Before it.\n\n```python\n{code}\n```\n\nAfter it.")

    use = await ask(stage, "A long program [rate:2000]", by="bob")
    last = await end_of(use)
    messages = use.messages

    assert len(messages) == 3
    assert messages[-1] is last
    lines: list[str] = []
    for message in messages:
        written = said(message).split("\n")
        fences = [line for line in written if line.startswith("```")]
        assert len(fences) == 2, "each message opens and closes its own fence"
        assert fences == ["```python", "```"]
        assert len(message.text) <= 4000
        lines += [line for line in written if line.startswith("print(")]
    assert "\n".join(lines) == code
    assert [("> A long program" in message.text) for message in messages] == [True, False, False]
    assert [was_whole(message) for message in messages] == [False, False, True]
    assert not any(CURSOR in message.text for message in messages)
    talk = [en("button.reply"), en("button.regenerate")]
    assert [labels(message) for message in messages] == [[], [], talk]


async def test_longer_than_five_messages_comes_as_a_file_too(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    whole = "\n\n".join(f"**Paragraph {number}.** " + "many words " * 40 for number in range(60)).strip()
    model_says(monkeypatch, whole)
    # As many as ever, but in less time.
    limit = Limit(5, 1.5, "webhook-token")
    monkeypatch.setattr(
        stage.discord.limits, "groups", stage.discord.limits.groups | {"webhook.post": limit, "webhook.patch": limit}
    )

    use = await ask(stage, "A book [rate:5000]")
    last = await end_of(use, within=20)

    assert len(use.messages) == 5
    assert [file.filename for file in last.attachments] == ["answer.md"]
    assert last.attachments[0].data.decode() == whole
    assert en("ask.rest_in_file") in last.text
    assert was_whole(last)
    assert not any(message.attachments for message in use.messages[:-1])


@pytest.mark.parametrize("shape", ["reasoning_content", "reasoning", "think"])
async def test_reasoning_is_not_shown(stage: Stage, shape: str):
    use = await ask(stage, f"Think about it [shape:{shape}] [rate:60] [words:40]", model="deepseek-reasoner")
    message = await end_of(use)

    assert was_whole(message)
    assert said(message).startswith("About “Think about it”")
    assert parts(message)[-1].startswith("-# deepseek-reasoner · ")
    assert "-# Thinking, started <t:" in "".join(version.text for version in message.versions)
    for version in message.versions:
        for thought in ("First, what is being asked", "simplest way", "<think", "think>"):
            assert thought not in version.text
