"""/video: one message from the first second to the clip, whatever the service answers."""

from __future__ import annotations

import asyncio
import re
from itertools import cycle
from typing import TYPE_CHECKING

import pytest

from sandbox.onekey.context import EXACT
from sandbox.onekey.names import SHAPES
from tests.e2e.cards import (
    FAILED,
    LINK,
    WAITING,
    WARNING,
    asked,
    colour,
    files,
    film,
    has_clip,
    is_over,
    labels,
    said,
    says,
    server,
    someone,
    task_of,
)
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.invocation import Invocation
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOT_MADE = en("card.failed")
UNKNOWN = en("video.unknown")
# What a poll may answer while the video is made all the same.
PASSING = (
    *("500", "502", "503", "429", "429_empty", "401", "quota", "drop", "cut", "garbage", "html", "array"),
    *("error_200", "fetch_task", "task_not_exist"),
)


async def test_one_message_from_the_first_second_to_the_clip(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    prompt = "A red fox runs [run:1.5]"
    use, first = await film(carol, channel, prompt)
    done = await use.until(has_clip)

    assert done is first
    title = "### A red fox runs \\[run\\:1.5\\]"
    about = f"-# wan2.7-t2v · 320×180 · <@{carol.id}>"
    submitting, running, generated, delivered = use.versions
    assert said(submitting) == f"{title}\n{about}\nSending your request."
    assert (colour(submitting), labels(submitting)) == (WAITING, [])
    assert said(running) == f"{title}\n{about}\nStarted <t:…:R>."
    assert (colour(running), labels(running)) == (WAITING, ["Cancel"])
    assert said(generated) == f"{title}\n{about}\nDone. Uploading it here."
    assert (colour(generated), labels(generated)) == (WAITING, [])
    assert (
        said(delivered)
        == f"{title}\n{LINK}\n-# wan2.7-t2v · 320×180 · 2 s long · no sound · made in … s · <@{carol.id}>"
    )
    assert (colour(delivered), labels(delivered)) == (None, ["Edit prompt"])
    assert files(done, "video")[0].data[4:8] == b"ftyp"
    took = re.search(r" · made in (\d+) s · <@", done.text)
    assert took is not None
    assert 1 <= int(took[1]) <= 5

    # It was asked after many times meanwhile, and the card was edited only when something had changed.
    assert task_of(stage, prompt).polls >= 4
    assert not any("%" in said(version) for version in use.versions)
    assert stage.api.submits[prompt] == asked(stage, "video.submit", prompt) == 1
    assert [message for message in channel.messages.values() if not message.deleted] == [done]
    body = next(r.json for r in stage.api.requests.of("video.submit") if r.prompt == prompt)
    assert (body["model"], body["resolution"], body["size"]) == ("wan2.7-t2v", "320*180", "320*180")


async def test_the_card_in_chinese(stage: Stage) -> None:
    channel = server(stage)
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    use, _ = await film(ming, channel, "一只狐狸在奔跑")
    await use.until(has_clip)

    title = "### 一只狐狸在奔跑"
    about = f"-# wan2.7-t2v · 320×180 · <@{ming.id}>"
    submitting, running, generated, delivered = use.versions
    assert said(submitting) == f"{title}\n{about}\n正在提交。"
    assert said(running) == f"{title}\n{about}\n{zh('card.started', when='<t:…:R>')}"
    assert labels(running) == ["取消"]
    assert said(generated) == f"{title}\n{about}\n已生成，正在上传。"
    assert said(delivered) == (
        f"{title}\n**[打开视频](…)** · 链接有效期至 <t:…:f>\n"
        f"-# wan2.7-t2v · 320×180 · 时长 2 秒 · 无声音 · 用时 … 秒 · <@{ming.id}>"
    )


async def test_every_shape_of_a_submit_and_of_a_poll_leads_to_the_clip(stage: Stage) -> None:
    shapes = list(zip(SHAPES["video.poll"], cycle(SHAPES["video.submit"])))
    uses: dict[str, Invocation] = {}
    channels = [server(stage) for _ in range(0, len(shapes), 10)]
    for number, (poll, submit) in enumerate(shapes):
        channel = channels[number // 10]
        # `[shape:…]` in a prompt speaks to each route that has one of the name.
        name = f"A fox [shape:{submit}] [shape:{poll}]"
        uses[name], _ = await film(someone(stage, at=channel), channel, name)
    for name, use in uses.items():
        done = await use.until(has_clip)
        assert done is use.response, name
        assert stage.api.submits[name] == asked(stage, "video.submit", name) == 1, name
        # A clip that only the key opens is no link for people.
        private = any(word in name for word in ("no_url", "doubled_url", "relative", "embedded"))
        assert (LINK in said(done)) is not private, name
        assert piece("card.unfetched") not in said(done), name


async def test_links_are_asked_for_and_shown_byte_for_byte(stage: Stage) -> None:
    channel = server(stage)
    use, _ = await film(someone(stage, at=channel), channel, "A fox [shape:exact]")
    done = await use.until(has_clip)
    assert "?Expires=1999999999&Signature=" in done.text
    assert f"{EXACT})" in done.text


async def test_a_bad_poll_never_fails_a_video(stage: Stage) -> None:
    uses: dict[str, Invocation] = {}
    channels = [server(stage), server(stage)]
    for number, fault in enumerate(PASSING):
        channel = channels[number // 10]
        uses[fault], _ = await film(someone(stage, at=channel), channel, f"A fox [poll:{fault}*1]")
    for fault, use in uses.items():
        await use.until(has_clip, 25)
        prompt = f"A fox [poll:{fault}*1]"
        assert stage.api.submits[prompt] == 1, fault
        assert len(use.versions) == 4, fault


FAULT = en("error.fault")
UNUSABLE = en("error.bad_answer")


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (
            "failed",
            (f"{en('card.made_failed')} It said: An internal error has occured, please try again later."),
        ),
        (
            "inspection",
            ("The model declined this. It said: Input data may contain inappropriate content."),
        ),
    ],
)
@pytest.mark.parametrize("shape", ["document", "older", "data_wrapped", "openai"])
async def test_a_video_that_fails_says_why(stage: Stage, outcome: str, sentence: str, shape: str) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, _ = await film(carol, channel, f"A fox [shape:{shape}] [end:{outcome}]")
    failed = await use.until(says(NOT_MADE))
    assert said(failed).splitlines()[2:] == [NOT_MADE, sentence]
    button = "Edit and retry" if outcome == "inspection" else "Retry"
    assert (colour(failed), labels(failed)) == (FAILED, [button])


async def test_a_refused_poll_ends_the_video_as_declined(stage: Stage) -> None:
    channel = server(stage)
    use, _ = await film(someone(stage, at=channel), channel, "A fox [poll:inspection_400]")
    failed = await use.until(says(NOT_MADE))
    assert "\nThe model declined this. It said: Input data may contain inappropriate content." in said(failed)


@pytest.mark.parametrize(
    ("fault", "text", "bar"),
    [
        ("inspection_200", "The model declined this. It said: Input data may contain inappropriate content.", FAILED),
        ("sensitive", "The model declined this. It said: user sensitive words detected.", FAILED),
        (
            "400",
            f"The service rejected this request. It said: temperature is out of range. {en('error.nothing_made')}",
            FAILED,
        ),
        (
            "model_not_found",
            en("error.model_not_found", model="wan2.7-t2v"),
            FAILED,
        ),
        ("401", f"{en('error.key_refused')} {en('error.owner_told')}", FAILED),
        ("quota_flat", f"{en('error.quota')} {en('error.owner_told')}", FAILED),
        ("lost", UNKNOWN, WARNING),
        ("lost_500", FAULT, WARNING),
        ("drop", UNKNOWN, WARNING),
        ("cut", UNKNOWN, WARNING),
        ("502", FAULT, WARNING),
        ("garbage", UNUSABLE, WARNING),
        ("array", UNUSABLE, WARNING),
    ],
)
async def test_a_submit_that_goes_wrong_is_sent_once_and_says_so(stage: Stage, fault: str, text: str, bar: int) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    prompt = f"A fox [fault:{fault}]"
    use, _ = await film(carol, channel, prompt)
    ended = await use.until(is_over)
    lines = said(ended).splitlines()
    assert lines[2:4] == ([text] if bar == WARNING else [NOT_MADE, text])
    assert colour(ended) == bar
    # What is refused for its form is asked for in the other forms, all of which make nothing.
    assert asked(stage, "video.submit", prompt) == (3 if fault == "400" else 1)


async def test_a_gateway_is_asked_in_the_form_that_it_takes(stage: Stage) -> None:
    channel = server(stage)
    plain, document = "A fox [fault:plain]", "A fox [fault:document]"
    for prompt, count in ((plain, 2), (document, 2)):
        use, _ = await film(someone(stage, at=channel), channel, prompt)
        await use.until(has_clip)
        # The second order begins where the first one got through.
        assert asked(stage, "video.submit", prompt) == count
        assert stage.api.submits[prompt] == 1
    sent = [request.json for request in stage.api.requests.of("video.submit") if request.prompt in {plain, document}]
    assert [one.get("metadata") for one in sent] == [
        {"parameters": {"resolution": "720P", "ratio": "16:9", "watermark": False}},
        *(None, None, None),
    ]
    assert [one.get("size") for one in sent] == ["320*180", "320*180", "320*180", None]
    assert sent[-1].keys() == {"model", "prompt", "resolution"}


async def test_retry_after_a_lost_answer_makes_exactly_one_more_in_the_same_message(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    prompt = "A fox [fault:lost*1]"
    use, card = await film(carol, channel, prompt)
    await use.until(says(UNKNOWN))
    assert stage.api.submits[prompt] == 1

    for _ in range(3):
        await carol.press(card, label="Retry")
    await use.until(has_clip)
    assert stage.api.submits[prompt] == asked(stage, "video.submit", prompt) == 2
    assert [message for message in carol.sees(channel) if not message.ephemeral] == [card]
    assert len([message for message in carol.sees(channel) if message.ephemeral]) == 2


async def test_the_unknown_card_in_chinese(stage: Stage) -> None:
    channel = server(stage)
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    use, _ = await film(ming, channel, "狐狸 [fault:lost]")
    ended = await use.until(lambda message: labels(message) == ["重试"])
    # No space after the bold text: full-width punctuation brings its own.
    assert said(ended).splitlines()[2].replace("** ", "**") == (
        "**提交时连接中断。**任务可能已在进行，因此没有重新提交。重试可能会生成第二个视频。"
    )


async def test_while_the_service_is_busy_the_card_says_when_the_next_try_is(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    prompt = "A fox that waits [fault:429*1]"
    use, _ = await film(carol, channel, prompt)
    await use.until(has_clip)
    texts = [said(version).splitlines()[2] for version in use.versions[:-1]]
    assert texts == [
        "Sending your request.",
        en("error.rate_limited", when="<t:…:R>"),
        "Sending your request.",
        "Started <t:…:R>.",
        "Done. Uploading it here.",
    ]
    assert asked(stage, "video.submit", prompt) == 2
    assert stage.api.submits[prompt] == 1


async def test_in_direct_messages_and_in_threads(stage: Stage) -> None:
    carol = someone(stage)
    (there, in_dm), (thread, in_thread) = await asyncio.gather(
        film(carol, carol.dm(), "A fox in a letter"), film(carol, stage.channel("plans"), "A fox in a thread")
    )
    assert await there.until(has_clip) is in_dm
    assert await thread.until(has_clip) is in_thread
    assert in_dm.channel is carol.dm()
    assert in_thread.channel is stage.channel("plans")


async def test_the_usual_time_is_shown_after_three(stage: Stage) -> None:
    """By model: nobody else in this module uses this one."""
    channel = server(stage)
    carol = someone(stage, at=channel)
    for number in range(4):
        use, _ = await film(carol, channel, f"Usual {number}", model="wan2.7-i2v")
        await use.until(has_clip)
        running = next(version for version in use.versions if labels(version) == ["Cancel"])
        assert ("This model usually takes 1 s." in running.text) is (number == 3)


async def test_no_key_leaves_for_the_storage_of_another_host(stage: Stage) -> None:
    """Where it may not be asked, nor shown, the clip is had from the API by its task; it is not led there either."""
    channel = server(stage)
    carol, prompt = someone(stage, at=channel), "A fox elsewhere [host:other]"
    use, _ = await film(carol, channel, prompt)
    done = await use.until(has_clip)
    assert stage.api.other_url not in done.text
    led = "A fox led elsewhere [host:other] [file:redirect_private]"
    use, _ = await film(carol, channel, led)
    done = await use.until(says(piece("card.unfetched")))
    assert stage.api.other_url not in done.text
    assert (colour(done), files(done, "video"), labels(done)) == (WARNING, [], ["Fetch again"])
    to_content = [request for request in stage.api.requests.of("video.content") if request.prompt in {prompt, led}]
    assert [(request.prompt, request.key, request.status) for request in to_content] == [
        (prompt, stage.api.key, 200),
        (led, stage.api.key, 302),
    ]
    elsewhere = stage.api.other_url.partition("//")[2]
    assert not [request for request in stage.api.requests if request.headers["host"] == elsewhere]
