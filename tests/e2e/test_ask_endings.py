"""How an /ask ends that does not end well: what came is kept, and the person reads what happened in plain words."""

from __future__ import annotations

import asyncio
import re
import socket
from typing import TYPE_CHECKING

import pytest

from tests.e2e.asking import WITHIN, ask, buttons, end_of, parts, said, was_whole
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.models import Message
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNREACHABLE = "The service can't be reached right now."
UNREADABLE = en("error.bad_answer")
FAULT = en("error.fault")
REJECTED = f"The service rejected this request. It said: temperature is out of range. {en('error.nothing_made')}"
BROKE = en("error.broke")
BROKE_OFF = "-# The answer was cut off after "
KEY = f"{en('error.key_refused')} {en('error.owner_told')}"
QUOTA = f"{en('error.quota')} {en('error.owner_told')}"


@pytest.mark.parametrize(
    ("fault", "footer"),
    [
        (
            "length",
            f"-# {en('ask.length')} · deepseek-chat · ",
        ),
        ("content_filter", f"-# {en('ask.policy')}"),
        ("safety", f"-# {en('ask.policy')}"),
        ("odd_reason", f"-# {en('ask.incomplete')} · deepseek-chat · "),
        ("bad_block", f"-# {en('ask.incomplete')} · deepseek-chat · "),
        ("choice_error", BROKE_OFF),
        ("mid_error", BROKE_OFF),
        ("mid_drop", BROKE_OFF),
        ("mid_garbage", BROKE_OFF),
        ("no_finish", BROKE_OFF),
        ("no_done", BROKE_OFF),
    ],
)
async def test_what_came_is_kept(stage: Stage, fault: str, footer: str):
    use = await ask(stage, f"Foxes [fault:{fault}]")
    message = await end_of(use)

    assert said(message).startswith("About “Foxes”: ")
    assert len(said(message).split()) >= 12
    assert parts(message)[-1].startswith(footer)
    assert "▍" not in message.text


async def test_stalled_stream_can_be_stopped_with_what_came(stage: Stage):
    use = await ask(stage, "Foxes [fault:mid_stall]")
    message = await use.until(lambda message: len(said(message).split()) >= 12, WITHIN)
    await stage.person("alice").press(message, label="Stop")
    message = await end_of(use)

    assert len(said(message).split()) == 12
    assert parts(message)[-1].startswith("-# Stopped by ")


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("event_stream_error", FAULT),
        ("unframed_error", FAULT),
        ("error_200", FAULT),
        ("500", FAULT),
        ("500_int", FAULT),
        ("502", FAULT),
        ("chinese", FAULT),
        ("fetch_task", FAULT),
        ("html", UNREACHABLE),
        ("garbage", UNREADABLE),
        ("array", UNREADABLE),
        ("cut", BROKE),
        ("drop", BROKE),
        ("no_words", en("ask.empty")),
        (
            "400",
            f"The service rejected this request. It said: temperature is out of range. {en('error.nothing_made')}",
        ),
        (
            "model_not_found",
            en("error.model_not_found", model="deepseek-chat"),
        ),
    ],
)
async def test_nothing_came(stage: Stage, fault: str, sentence: str):
    use = await ask(stage, f"Foxes [fault:{fault}]")
    message = await end_of(use)

    _is_alone(message, sentence)
    # Neither the service's raw words nor a code alone.
    assert not re.search(r"upstream|HTTP|50013|InternalError|饱和|DOCTYPE", message.text)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("sensitive", "user sensitive words detected"),
        ("inspection_200", "Input data may contain inappropriate content."),
        ("inspection_400", "Input data may contain inappropriate content."),
        ("inspection_500", "Input data may contain inappropriate content."),
    ],
)
async def test_refusal_is_told_with_its_reason(stage: Stage, fault: str, reason: str):
    use = await ask(stage, f"Foxes [fault:{fault}]")

    _is_alone(await end_of(use), f"**The model declined this.** It said: {reason.removesuffix('.')}.")


async def test_bad_key_is_told_to_the_owner_once(stage: Stage):
    owner = stage.person("alice")
    told = asyncio.create_task(
        stage.world.wait_until(lambda change: change.kind == "created" and change.channel is owner.dm(), WITHIN)
    )
    first = await end_of(await ask(stage, "Foxes [fault:401]", by="bob"))
    await told
    second = await end_of(await ask(stage, "Foxes again [fault:401]", by="bob"))
    # The second alert would be on its way before the next answer is.
    await end_of(await ask(stage, "Foxes once more", by="bob"))

    _is_alone(first, KEY)
    _is_alone(second, KEY)
    letters = [message.text for message in owner.sees(owner.dm())]
    assert letters == [en("owner.key_refused")]


async def test_empty_account_is_told_to_the_owner_apart(stage: Stage):
    owner = stage.person("alice")
    told = asyncio.create_task(
        stage.world.wait_until(
            lambda change: (
                change.kind == "created" and change.channel is owner.dm() and _is_about_quota(change.message)
            ),
            WITHIN,
        )
    )
    first = await end_of(await ask(stage, "Foxes [fault:quota]", by="bob"))
    await told
    second = await end_of(await ask(stage, "Foxes [fault:quota_flat]", by="bob"))

    _is_alone(first, QUOTA)
    _is_alone(second, QUOTA)


async def test_busy_service_is_asked_again_and_the_card_says_when(stage: Stage):
    prompts = {fault: f"Foxes [fault:{fault}*1] [retry:1]" for fault in ("429", "429_plain", "429_empty", "503")}
    uses = {fault: await ask(stage, prompt) for fault, prompt in prompts.items()}

    for fault, use in uses.items():
        message = await end_of(use)
        waiting = next(version for version in message.versions if piece("error.rate_limited") in version.text)
        asked = [request for request in stage.api.requests.of("chat") if request.prompt == prompts[fault]]
        assert was_whole(message)
        assert re.fullmatch(
            re.escape(f"-# {en('error.rate_limited', when='WHEN')}").replace("WHEN", r"<t:\d+:R>"), parts(waiting)[-1]
        )
        assert [request.status for request in asked] == [int(fault[:3]), 200]
        assert asked[1].at - asked[0].at > 0.4
        # The line is gone when the try begins.
        assert "busy" not in message.versions[message.versions.index(waiting) + 1].text
        assert buttons(waiting) == ["Stop"]


async def test_stop_while_waiting_for_a_busy_service(stage: Stage):
    use = await ask(stage, "Foxes [fault:429] [retry:20]")
    message = await use.until(lambda message: piece("error.rate_limited") in message.text, WITHIN)
    await stage.person("alice").press(message, label="Stop")
    message = await end_of(use)

    assert parts(message)[1:] == [f"-# Stopped by <@{stage.person('alice').id}> · deepseek-chat"]


async def test_stream_options_are_left_out_where_they_are_refused(stage: Stage):
    # A model of its own: the bot remembers which ones take no stream_options.
    message = await end_of(await ask(stage, "Foxes [fault:stream_options]", model="qwen3-max"))

    assert said(message).startswith("About “Foxes”")
    assert "tokens" not in message.text
    assert "stream_options" not in stage.api.requests.of("chat")[-1].json


@pytest.mark.parametrize(
    "shape",
    [
        "whole",
        "choices_null",
        "null_content",
        "pings",
        "crlf",
        "split",
        "no_usage",
        "stop_everywhere",
        "null_word",
        "repeat",
        "cumulative",
        "lone_think",
        "harmony",
        "parts",
        "glued",
        "as_html",
    ],
)
async def test_shapes_of_other_gateways(stage: Stage, shape: str):
    message = await end_of(await ask(stage, f"Foxes [shape:{shape}]"))

    assert was_whole(message)
    assert said(message).startswith("About “Foxes”: ")
    assert said(message).endswith("I can be more exact.")
    assert ("tokens" in message.text) == (shape != "no_usage")


async def test_words_that_come_after_a_reason_and_a_pause(stage: Stage):
    message = await end_of(await ask(stage, "Foxes [shape:stop_everywhere] [rate:0.4] [words:3]"))

    assert said(message) == "About “Foxes”: In"
    assert was_whole(message)


async def test_thoughts_that_were_taken_for_the_answer_are_taken_back(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    # Over a message: what went on in a second one goes with the thoughts.
    def thoughts(_question: str) -> list[str]:
        return ["Let me see what foxes are. "] * 400

    monkeypatch.setattr("sandbox.onekey.answers.thoughts", thoughts)
    use = await ask(stage, "Foxes [shape:lone_think] [rate:80] [words:80]")
    await use.until(lambda message: message in use.followups and "Let me see" in message.text, WITHIN)
    message = await end_of(use)

    assert message is use.response
    assert said(message).startswith("About “Foxes”: ")
    assert "Let me see" not in message.text
    assert was_whole(message)
    assert use.followups
    assert all(message.deleted for message in use.followups)


async def test_in_chinese(stage: Stage):
    whole = await end_of(await ask(stage, "狐狸为什么有白色的尾巴尖？", by="小明"))
    cut = await end_of(await ask(stage, "狐狸 [fault:mid_drop]", by="小明"))
    declined = await end_of(await ask(stage, "狐狸 [fault:sensitive]", by="小明"))
    gone = await end_of(await ask(stage, "狐狸 [fault:500]", by="小明"))

    assert re.search(r"^-# deepseek-chat · \d 秒 · \d+ tokens$", whole.text, re.MULTILINE)
    assert re.search(r"^-# 回答在 \d 秒后被截断。$", cut.text, re.MULTILINE)
    _is_alone(declined, f"**模型拒绝了这个请求。**{zh('error.service_said', said='user sensitive words detected。')}")
    _is_alone(gone, "服务返回错误，但请求可能已完成并计费。")


async def test_connection_refused(new_stage: NewStage):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # and nobody listens: a port that is free may be somebody else's the next moment
        port = held.getsockname()[1]
        stage = await new_stage(real_api=(f"http://127.0.0.1:{port}/v1", "sk-nobody-listens"))
        use = await ask(stage, "Is anybody there?")
        message = await use.until(lambda message: UNREACHABLE in message.text, 30)

    _is_alone(message, UNREACHABLE)


def _is_about_quota(message: Message | None) -> bool:
    return message is not None and en("owner.quota") in message.text


def _is_alone(message: Message, sentence: str) -> None:
    """The question and one sentence: nothing else, nobody pinged."""
    assert "\n".join(parts(message)[1:]) == sentence
    assert not message.pinged
