"""A video by its form, of files of one's own, gone on from, changed; and the word that it is ready."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from sandbox.discord.resolving import Upload
from tests.e2e.cards import (
    change,
    eventually,
    film,
    has_clip,
    is_over,
    labels,
    private_answer,
    said,
    says,
    server,
    someone,
    sql,
)
from tests.e2e.picturing import PATIENCE, act, painted, studio
from tests.e2e.talking import reply_of
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(autouse=True)
def any_gateway(stage: Stage) -> None:
    stage.api.behaviour.gateway = "any"


def image(width: int = 64, height: int = 48) -> bytes:
    with BytesIO() as file:
        Image.new("RGB", (width, height), "#3b7dbf").save(file, "PNG")
        return file.getvalue()


def body(stage: Stage) -> dict[str, Any]:
    """The last submit that was sent."""
    return stage.api.requests.of("video.submit")[-1].json


def media(stage: Stage) -> list[str]:
    return [one["type"] for one in body(stage)["metadata"]["input"]["media"]]


async def test_without_words_the_form_opens_and_says_all(stage: Stage) -> None:
    channel = await studio(stage)
    carol = someone(stage, at=channel)
    opened = await carol.command(channel, "video", shape="tall", seconds=6)
    form = str(await opened.form())
    assert all(name in form for name in ("prompt", "files", "frame", "quality", "more"))
    stage.api.behaviour.gateway = "current"
    use = await carol.submit(opened, {"prompt": "A fox runs", "quality": "1080P", "more": "seed=7\navoid=text"})
    done = await use.until(has_clip, PATIENCE)
    sent = body(stage)
    assert (sent["model"], sent["resolution"], sent["duration"]) == ("wan2.7-t2v", "1080*1920", 6)
    assert sent["metadata"] == {
        "input": {"negative_prompt": "text"},
        "parameters": {"resolution": "1080P", "ratio": "9:16", "seed": 7, "watermark": False},
    }
    assert f"-# wan2.7-t2v · 1080×1920 · 6 s long · with sound · made in … s · <@{carol.id}>" in said(done)
    assert labels(done) == ["Extend", "Edit prompt", "Prompt"]


async def test_files_of_ones_own(stage: Stage) -> None:
    channel = await studio(stage)
    carol = someone(stage, at=channel)
    stage.api.behaviour.gateway = "current"
    files = [Upload("a.png", image()), Upload("b.png", image()), Upload("a.mp3", b"ID3" + bytes(2000))]
    opened = await carol.command(channel, "video")
    await opened.form()
    use = await carol.submit(opened, {"prompt": "A fox wakes", "files": files})
    done = await use.until(has_clip, PATIENCE)
    assert media(stage) == ["first_frame", "last_frame", "driving_audio"]
    assert "input_reference" not in body(stage)
    assert body(stage)["model"] == "wan2.7-i2v"
    assert "-# wan2.7-i2v · 1104×832 · 5 s long · with sound · " in said(done), "in the shape of its image"
    # Changed: the files are listed, and go along unless they are left out.
    opened = await carol.press(done, label="Edit prompt")
    form = str(await opened.form())
    assert all(name in form for name in ("A fox wakes", "a.png", "b.png", "a.mp3"))
    child = await (await carol.submit(opened, {"prompt": "A wolf wakes"})).until(has_clip, PATIENCE)
    assert media(stage) == ["first_frame", "last_frame", "driving_audio"]
    assert piece("card.from_prompt") in said(child)
    opened = await carol.press(done, label="Edit prompt")
    await opened.form()
    use = await carol.submit(opened, {"prompt": "A bear wakes", "kept": []})
    await use.until(has_clip, PATIENCE)
    assert (body(stage)["model"], "input" in body(stage)["metadata"]) == ("wan2.7-t2v", False)
    # One of them alone can be, too.
    opened = await carol.press(done, label="Edit prompt")
    await opened.form()
    use = await carol.submit(opened, {"prompt": "An owl wakes", "kept": ["0", "1"], "frame": ["1080P", "seconds:3"]})
    await use.until(has_clip, PATIENCE)
    assert (media(stage), body(stage)["duration"]) == (["first_frame", "last_frame"], 3)
    assert body(stage)["metadata"]["parameters"]["resolution"] == "1080P"
    # A shape is left out, and its person told so.
    use = await carol.command(channel, "video", prompt="A fox", image=Upload("a.png", image()), shape="tall")
    assert await private_answer(use) == en("video.shape_of_image")
    await use.until(has_clip, PATIENCE)
    # Too many are not the last one's fault; the form comes back with those that can be used.
    opened = await carol.command(channel, "video", seconds=4)
    await opened.form()
    more = [*files[:2], Upload("c.png", image(32, 32))]
    use = await carol.submit(opened, {"prompt": "A fox waits", "files": more, "quality": "1080P"})
    await use.until(says(en("video.too_many_images", count=3, most=2)), PATIENCE)
    back = await use.until(lambda each: labels(each) == [en("button.form_again")], PATIENCE)
    again = await carol.press(back)
    form = str(await again.form())
    assert en("form.files_kept", files="a.png, b.png") in form
    # One of no use takes the place of none.
    use = await carol.submit(again, {"files": [Upload("c.txt", b"text")]})
    back = await use.until(lambda each: labels(each) == [en("button.form_again")], PATIENCE)
    again = await carol.press(back)
    assert en("form.files_kept", files="a.png, b.png") in str(await again.form())
    before = len(stage.api.requests.of("video.submit"))
    done = await (await carol.submit(again, {})).until(has_clip, PATIENCE)
    assert "A fox waits" in said(done)
    assert (media(stage), body(stage)["duration"]) == (["first_frame", "last_frame"], 4)
    assert body(stage)["metadata"]["parameters"]["resolution"] == "1080P"
    assert len(stage.api.requests.of("video.submit")) == before + 1
    # Before anything is spent.
    use = await carol.command(channel, "video", prompt="No", image=Upload("a.txt", b"text"))
    assert en("video.unusable_file", file="a.txt") == await private_answer(use)


async def test_a_video_is_gone_on_from(stage: Stage) -> None:
    channel = await studio(stage)
    carol = someone(stage, at=channel)
    stage.api.behaviour.gateway = "current"
    use, _ = await film(carol, channel, "A fox sleeps", shape="wide", seconds=4)
    done = await use.until(has_clip, PATIENCE)
    opened = await carol.press(done, label="Extend")
    form = str(await opened.form())
    assert "seconds:9" in form
    assert "seconds:4" not in form
    longer = await (await carol.submit(opened, {"prompt": "It wakes"})).until(has_clip, PATIENCE)
    assert media(stage) == ["first_clip"]
    assert body(stage)["duration"] == 9
    assert "9 s long" in said(longer)
    assert "Continues [A fox sleeps](" in said(longer)
    assert "1280×720 · 9 s long · with sound" in said(longer)
    # What of the clip did not come along is said, also of what is made by its words once more.
    opened = await carol.press(done, label="Extend")
    await opened.form()
    silent = await (await carol.submit(opened, {"prompt": "It hides [fault:no_sound]"})).until(has_clip, PATIENCE)
    assert en("video.sound_lost") in said(silent)
    assert piece("video.not_clips_shape") not in said(silent)
    opened = await carol.press(silent, label="Edit prompt")
    await opened.form()
    use = await carol.submit(opened, {"prompt": "It hides again [fault:no_sound]", "frame": ["seconds:12"]})
    assert en("video.sound_lost") in said(long := await use.until(has_clip, PATIENCE))
    assert labels(long) == ["Edit prompt"], "it is too long to go on from"
    use, _ = await film(carol, channel, "A tall fox", shape="tall", seconds=4)
    opened = await carol.press(await use.until(has_clip, PATIENCE), label="Extend")
    await opened.form()
    wide = await (await carol.submit(opened, {"prompt": "It turns [fault:other_shape]"})).until(has_clip, PATIENCE)
    assert en("video.not_clips_shape", image="720×1280", video="1280×720") in said(wide)
    # The service's link has ended: Discord's copy of the clip, as the press brings it.
    change(stage, "UPDATE results SET expires_at = 1")
    opened = await carol.press(done, label="Extend")
    await opened.form()
    await (await carol.submit(opened, {"prompt": "It yawns"})).until(has_clip, PATIENCE)
    assert "/attachments/" in body(stage)["metadata"]["input"]["media"][0]["url"]


async def waited(
    stage: Stage, who: Person, channel: Channel, prompt: str, *, ago: float = 90, **more: object
) -> Message:
    """A video that was ordered `ago` seconds ago, and is delivered now."""
    use, card = await film(who, channel, f"{prompt} [end:never]", **more)
    await use.until(lambda message: labels(message) in (["Cancel"], [zh("button.cancel")]), PATIENCE)
    change(stage, "UPDATE generations SET created_at = created_at - ? WHERE prompt LIKE ?", ago, f"{prompt}%")
    next(task for task in stage.api.tasks.values() if task.prompt.startswith(prompt)).finish()
    await use.until(has_clip, PATIENCE)
    return card


def replies(channel: Channel, card: Message) -> list[Message]:
    return [one for one in channel.messages.values() if one.reference is card]


async def test_who_waited_for_a_minute_is_told_once(stage: Stage) -> None:
    channel = server(stage)
    carol, ming = someone(stage, at=channel), someone(stage, "小明", at=channel, locale="zh-CN")
    card = await waited(stage, carol, channel, "@everyone @dave A slow fox")
    notice = await reply_of(stage, card, within=PATIENCE)
    assert notice.text == en("notice.video", who=f"<@{carol.id}>")
    assert [user.id for user in notice.mentions] == [carol.id]
    assert labels(notice) == ["Stop pinging me"]
    # Not twice in five minutes; another person is told of theirs; what was quick is not told.
    second = await waited(stage, carol, channel, "Another slow fox")
    quick = await waited(stage, ming, channel, "A quick fox", ago=5)
    slow = await waited(stage, ming, channel, "慢狐狸")
    other = await reply_of(stage, slow, within=PATIENCE)
    assert other.text == zh("notice.video", who=f"<@{ming.id}>")
    assert (replies(channel, second), replies(channel, quick)) == ([], [])
    # Who wants none gets none.
    answer = await private_answer(await carol.press(notice, label="Stop pinging me"))
    assert answer == en("notice.stopped")
    change(stage, "UPDATE notices SET due_at = due_at - 400")
    third = await waited(stage, carol, channel, "A third slow fox")
    await asyncio.sleep(0.5)
    assert replies(channel, third) == []
    assert sql(stage, "SELECT count(*) FROM notices WHERE message_id IS NULL")[0][0] == 0


async def test_nobody_is_told_where_moderators_want_none_and_private_ones_privately(stage: Stage) -> None:
    channel = await studio(stage, notify="never")
    carol = someone(stage, at=channel)
    card = await waited(stage, carol, channel, "A silent fox")
    other = server(stage)
    dave = someone(stage, "dave", at=other)
    mine = await waited(stage, dave, other, "A secret fox", private=True)

    def notices() -> list[Message]:
        return [one for one in other.messages.values() if one is not mine and one.visible_to is not None]

    await eventually(lambda: bool(notices()), within=5)
    assert en("notice.video", who=f"<@{dave.id}>") == notices()[0].text
    assert replies(channel, card) == []


async def test_a_film_of_an_image_in_chinese(stage: Stage) -> None:
    channel = await studio(stage)
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    card = await painted(ming, channel, "一只狐狸")
    opened = await act(ming, card, zh("button.animate"))
    assert zh("form.movement") in str(await opened.form())
    clip = await (await ming.submit(opened, {"prompt": "跳起来"})).until(has_clip, PATIENCE)
    assert body(stage)["prompt"] == "跳起来"
    assert piece("video.not_its_shape", "zh_CN") not in clip.text, "it has the shape of its image"
    opened = await act(ming, card, zh("button.animate"))
    await opened.form()
    clip = await (await ming.submit(opened, {"prompt": "跳 [fault:other_shape]"})).until(has_clip, PATIENCE)
    assert f"{piece('video.not_its_shape', 'zh_CN')} 128×96" in clip.text


@pytest.mark.parametrize("gateway", ["current", "older"])
async def test_a_model_of_images_alone_says_that_it_needs_one_and_takes_it_in_the_form(
    stage: Stage, gateway: Any
) -> None:
    channel = await studio(stage, video_model="wan2.7-i2v", allowed_models="video=wan2.7-i2v")
    carol = someone(stage, at=channel)
    stage.api.behaviour.gateway = gateway
    use, _ = await film(carol, channel, "A wave")
    card = await use.until(is_over, PATIENCE)
    assert en("error.needs_image") in card.text
    assert en("error.nothing_made") in card.text
    opened = await carol.press(card, label=en("button.edit_retry"))
    await opened.form()
    # Refused once, it comes back, and orders as a message of its own.
    files = [Upload("sea.png", image()), Upload("sea.txt", b"text")]
    refused = await carol.submit(opened, {"prompt": "A wave", "files": files})
    back = await refused.until(lambda each: labels(each) == [en("button.form_again")], PATIENCE)
    opened = await carol.press(back)
    await opened.form()
    again = await carol.submit(opened, {})
    await again.until(has_clip, PATIENCE)
    assert media(stage) == ["first_frame"]


async def test_a_video_with_a_sound_alone_is_gone_on_from_by_the_model_that_takes_clips(stage: Stage) -> None:
    channel = await studio(stage, prices="video=1, video:wan2.7-i2v=9")
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    opened = await ming.command(channel, "video", image=Upload("voice.mp3", b"ID3" + bytes(2000)))
    assert zh("card.credits", count=1) in str(await opened.form()), "the price of the model that makes it"
    done = await (await ming.submit(opened, {"prompt": "一只狐狸"})).until(has_clip, PATIENCE)
    assert body(stage)["model"] == "wan2.7-t2v"
    opened = await ming.press(done, label=zh("button.extend"))
    await opened.form()
    longer = await (await ming.submit(opened, {"prompt": "醒了 [fault:no_sound]"})).until(has_clip, PATIENCE)
    assert (body(stage)["model"], media(stage)) == ("wan2.7-i2v", ["first_clip"])
    assert zh("video.sound_lost") in said(longer)


async def test_what_would_be_dropped_is_said_and_then_known(stage: Stage) -> None:
    # The last one: what is learned of a model holds for all of this stage.
    channel = await studio(stage)
    carol = someone(stage, at=channel)
    stage.api.behaviour.gateway = "document"
    use, _ = await film(carol, channel, "A long fox", seconds=8, model="wan2.7-i2v")
    failed = await use.until(is_over, PATIENCE)
    assert en("error.would_drop", what=en("video.part_seconds")) in said(failed)
    assert labels(failed) == ["Edit and retry"]
    use = await carol.command(channel, "video", prompt="Another", seconds=8, model="wan2.7-i2v")
    assert await private_answer(use) == en("video.lacks", model="wan2.7-i2v", what=en("video.part_seconds"))
    opened = await carol.press(failed, label="Edit and retry")
    await opened.form()
    # For its person alone now, so not in the card that all see.
    mine = await (await carol.submit(opened, {"frame": ["shape:wide"], "more": "private=yes"})).until(
        has_clip, PATIENCE
    )
    assert mine.visible_to == carol.id
    assert body(stage).keys() == {"model", "prompt", "resolution"}
