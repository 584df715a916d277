"""What the service does wrong, from the submit to the file, and what a person sees of each."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.cards import (
    FAILED,
    LINK,
    RUNNING,
    WARNING,
    asked,
    colour,
    eventually,
    film,
    has_clip,
    has_pictures,
    is_over,
    labels,
    paint,
    said,
    says,
    server,
    someone,
    sql,
    swift,
    task_of,
)
from tests.words import en, zh

if TYPE_CHECKING:
    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMITED = {"DAILY_LIMIT_PER_USER": "ask=99,imagine=99,video=99"}
BOT_ENVIRONMENT = LIMITED

NOT_MADE = en("card.failed")
BUSY = en("error.rate_limited", when="<t:…:R>")
UNFETCHED = en("card.unfetched")
UNKNOWN = en("video.unknown")
UNREACHABLE = "The service can't be reached right now."
DECLINED = "The model declined this. It said: Input data may contain inappropriate content."
FAULT = en("error.fault")


def used(stage: Stage, who: Person) -> int:
    """How many orders of today the database says that they have paid for."""
    whole = "SELECT sum(used) FROM daily_counts WHERE person_id = ? AND kind IN ('ask', 'imagine', 'video')"
    return sql(stage, whole, who.id)[0][0] or 0


def ended(message: Message) -> bool:
    return is_over(message)


# The request


@pytest.mark.parametrize("fault", ["429_plain", "429_empty"])
async def test_busy_without_saying_for_how_long(stage: Stage, fault: str) -> None:
    """Videos and pictures: the card says when the next try is, then goes on; nothing is made twice."""
    channel = server(stage)
    carol = someone(stage, at=channel)
    (clip, _), (picture, _) = await asyncio.gather(
        film(carol, channel, f"A film [fault:{fault}*1]"), paint(carol, channel, f"A fox [fault:{fault}*1]")
    )
    await clip.until(has_clip)
    await picture.until(has_pictures(1))
    for use in (clip, picture):
        assert any(said(version).endswith(f"\n{BUSY}") for version in use.versions)
    assert asked(stage, "video.submit", f"A film [fault:{fault}*1]") == 2
    assert stage.api.submits[f"A film [fault:{fault}*1]"] == 1


@pytest.mark.parametrize(
    ("fault", "text", "bar", "paid"),
    [
        ("500", FAULT, WARNING, 1),
        ("500_int", FAULT, WARNING, 1),
        ("chinese", FAULT, WARNING, 1),
        ("fetch_task", FAULT, WARNING, 1),
        ("503", FAULT, WARNING, 1),
        ("error_200", FAULT, WARNING, 1),
        (
            "success_false",
            f"{en('error.key_refused')} {en('error.owner_told')}",
            FAILED,
            0,
        ),
        ("html", UNREACHABLE, FAILED, 0),
        (
            "inspection_500",
            "The model declined this. It said: Input data may contain inappropriate content.",
            FAILED,
            0,
        ),
        ("quota", f"{en('error.quota')} {en('error.owner_told')}", FAILED, 0),
    ],
)
async def test_a_submit_that_is_refused_or_answered_with_nonsense(
    stage: Stage, fault: str, text: str, bar: int, paid: int
) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    prompt = f"A fox [fault:{fault}]"
    use, _ = await film(carol, channel, prompt)
    card = await use.until(ended)
    lines = said(card).splitlines()
    assert lines[2:4] == ([text] if bar == WARNING else [NOT_MADE, text])
    assert colour(card) == bar
    assert asked(stage, "video.submit", prompt) == 1
    assert used(stage, carol) == paid


async def test_a_service_that_stays_busy_is_not_waited_for_and_all_of_its_calls_wait(new_stage: NewStage) -> None:
    """A 429 is for the whole API: what runs is not asked after meanwhile either, and then goes on."""
    stage = await new_stage(environment=LIMITED)
    swift(stage, run=600)
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    use, _ = await film(carol, channel, "Going")
    await use.until(says(RUNNING))
    await stage.api.requests.until(lambda: task_of(stage, "Going").polls >= 2)

    # Told to wait for three seconds, by one poll.
    stage.api.next("video.poll", fault="429", retry_after=3.0)
    await stage.api.requests.until(lambda: any(r.status == 429 for r in stage.api.requests.of("video.poll")))
    refused = next(r for r in stage.api.requests.of("video.poll") if r.status == 429)
    later, _ = await film(dave, channel, "Ordered meanwhile")
    await later.until(says(RUNNING))
    for prompt in ("Going", "Ordered meanwhile"):
        task_of(stage, prompt).finish()
    await use.until(has_clip)
    await later.until(has_clip)
    after = [r.at - refused.at for r in stage.api.requests.of("video.poll") if r.at > refused.at]
    assert min(after) >= 3.0
    assert max(after) < 8.0

    # More than a person is asked to wait.
    began = time.monotonic()
    clip, _ = await film(dave, channel, "Busy [fault:429] [retry:100]")
    picture, _ = await paint(dave, channel, "Busy [fault:429] [retry:100]")
    for use in (clip, picture):
        card = await use.until(ended)
        assert said(card).splitlines()[2:] == [NOT_MADE, "The service is too busy. Try again in a few minutes."]
        assert colour(card) == FAILED
    assert time.monotonic() - began < 5
    assert asked(stage, "video.submit", "Busy [fault:429] [retry:100]") == 1
    assert used(stage, dave) == 1


async def test_a_service_that_is_not_there(new_stage: NewStage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    stage = await new_stage(environment=LIMITED | {"ONEKEY_BASE_URL": f"http://127.0.0.1:{port}/v1"})
    channel = server(stage)
    carol, ming = someone(stage, at=channel), someone(stage, "小明", at=channel, locale="zh-CN")
    (clip, _), (picture, _), (chinese, _) = await asyncio.gather(
        film(carol, channel, "Nobody there"), paint(carol, channel, "Nobody there"), film(ming, channel, "没有人")
    )
    for use in (clip, picture):
        card = await use.until(ended)
        assert said(card).splitlines()[2:] == [NOT_MADE, UNREACHABLE]
        assert colour(card) == FAILED
    card = await chinese.until(lambda message: labels(message) == ["重试"])
    assert said(card).splitlines()[2:] == ["**生成失败。**", "暂时无法连接服务。"]
    assert used(stage, carol) == used(stage, ming) == 0


# The polls


async def test_polls_that_go_wrong_again_and_again_fail_nothing(stage: Stage) -> None:
    channel = server(stage)
    uses: dict[str, Invocation] = {}
    for fault in ("400", "success_false", "500_int", "chinese", "model_not_found", "garbage", "drop"):
        uses[fault], _ = await film(someone(stage, at=channel), channel, f"A fox [poll:{fault}*4]")
    for fault, use in uses.items():
        await use.until(has_clip, 25)
        assert len(use.versions) == 4, fault
        assert stage.api.submits[f"A fox [poll:{fault}*4]"] == 1, fault


# The file


async def test_a_clip_that_can_t_be_fetched_is_no_delivery(stage: Stage) -> None:
    """Its link stands there only where it may be of use to people: one that broke off is, and what is too large."""
    faults = ("403", "404", "500", "half", "empty", "wrong_type", "other_type", "redirect_loop")
    channel = server(stage)
    uses = {fault: (await film(someone(stage, at=channel), channel, f"A fox [file:{fault}]"))[0] for fault in faults}
    # Announced as larger than anything that is kept.
    huge, _ = await film(someone(stage, at=channel), channel, "A fox [bytes:600000000]")
    for fault, use in uses.items():
        done = await use.until(lambda message: labels(message) == ["Fetch again"], 40)
        lines = said(done).splitlines()
        assert lines[2:] == [UNFETCHED, *([LINK] if fault == "half" else [])], fault
        assert (colour(done), len(done.attachments)) == (WARNING, 0), fault
        # It was made: it is not sent again for it.
        assert stage.api.submits[f"A fox [file:{fault}]"] == 1
    done = await huge.until(lambda message: colour(message) is None, 20)
    assert said(done).splitlines()[1] == LINK
    await eventually(lambda: not list((stage.data_dir / "results").iterdir()))


async def test_a_clip_without_an_end_is_given_up_and_linked(stage: Stage) -> None:
    channel = server(stage)
    use, _ = await film(someone(stage, at=channel), channel, "A fox [file:endless]")
    done = await use.until(lambda message: colour(message) is None, 30)
    assert said(done).splitlines()[1] == LINK
    assert not done.attachments
    await eventually(lambda: not list((stage.data_dir / "results").iterdir()))


async def test_a_clip_that_fails_once_is_fetched_all_the_same(stage: Stage) -> None:
    channel = server(stage)
    uses = {
        fault: (await film(someone(stage, at=channel), channel, f"A fox [file:{fault}*1]"))[0]
        for fault in ("403", "500", "half", "redirect")
    }
    for fault, use in uses.items():
        done = await use.until(has_clip)
        assert done.attachments[0].data[4:8] == b"ftyp", fault


async def test_a_clip_that_leads_into_a_private_network_is_neither_fetched_nor_linked(stage: Stage) -> None:
    channel = server(stage)
    carol, ming = someone(stage, at=channel), someone(stage, "小明", at=channel, locale="zh-CN")
    uses = [
        (await film(who, channel, f"A fox [file:{fault}]"))[0]
        for who, fault in ((carol, "redirect_private"), (carol, "redirect_metadata"), (ming, "redirect_file"))
    ]
    sentences = [(UNFETCHED, "Fetch again")] * 2 + [(zh("card.unfetched"), "重新获取")]
    for use, (sentence, button) in zip(uses, sentences, strict=True):
        done = await use.until(lambda message: colour(message) == WARNING, 20)
        assert (said(done).splitlines()[2:], labels(done)) == ([sentence], [button])
        assert "](" not in done.text
        assert not done.attachments
    assert stage.api.other_visits == 0
