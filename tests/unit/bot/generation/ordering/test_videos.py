"""What is asked for, what the service is told, and what it makes of it: the same, or nothing is sent."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from bot.api.client import OneKeyClient
from bot.api.permits import Permit
from bot.api.rungs import Part
from bot.api.session import build_session
from bot.cards.measures import differences, measures
from bot.errors import BadValue, NotAllowed, WouldDrop
from bot.generation.card_facts import CardFacts
from bot.generation.files import measuring
from bot.generation.ordering.orders import Orders
from bot.generation.ordering.video import Given, Video
from bot.generation.ordering.videos import Videos
from bot.generation.requests import Role, seconds_of, takes_shape, video_request
from bot.generation.rows import generations, inputs, result_rows
from bot.generation.rows.records import NewInput, NewResult, Result
from bot.shapes import parse
from bot.states import State
from sandbox.onekey import Behaviour, OneKeyServer
from sandbox.onekey.clips import clip
from tests.unit.ordering import GUILD, AnyModel, TakesAll, a_video, caller, environment_of
from tests.unit.stored_settings import put
from tests.words import en

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bot.generation.rows.records import Generation
    from bot.store.database import Database
    from sandbox.onekey.gateways import Gateway
    from sandbox.onekey.tasks import Task

ORDERS = 240
"""For each gateway: some thousand together."""
SHAPES = (None, "square", "portrait", "tall", "landscape", "wide", "16:9", "3:4", "1:1", "2:1", "1024x768", "720*1280")
PICTURES = {"a.png": (64, 36), "b.png": (36, 64), "c.png": (40, 40), "d.png": (48, 36)}
SOUND = NewInput(url="https://files.example/a.mp3", expires_at=9e12)


@pytest.fixture
def orders(sqlite_database: Database, tmp_path: Path) -> Orders:
    return Orders(sqlite_database, AnyModel(), environment_of(tmp_path, DAILY_LIMIT_PER_USER="video=99"))


def given(chance: random.Random) -> Mapping[Role, Given]:
    def picture() -> Given:
        return Given(NewInput(path=chance.choice(list(PICTURES)), content_type="image/png", size=1), "fox.png")

    files: dict[Role, Given] = {}
    if chance.random() < 0.4:
        files[Role.FIRST] = picture()
        if chance.random() < 0.3:
            files[Role.LAST] = picture()
    if chance.random() < 0.15:
        files[Role.SOUND] = Given(SOUND, "a.mp3")
    return files


def asked(chance: random.Random, number: int) -> Video:
    files = given(chance)
    shape = None if Role.FIRST in files else chance.choice(SHAPES)
    return Video(
        prompt=f"a fox {number}",
        model="wan2.7-i2v" if Role.FIRST in files else "wan2.7-t2v",
        shape=parse(shape) if shape else None,
        quality=chance.choice((None, "720P", "1080P")),
        seconds=chance.choice((None, None, *range(2, 16))),
        seed=chance.choice((None, None, 7)),
        avoid=chance.choice((None, None, "text")),
        files=files,
    )


@pytest.mark.parametrize("gateway", ["current", "older", "document"])
async def test_what_is_made_is_what_the_card_says_or_nothing_is_sent(
    sqlite_database: Database, orders: Orders, tmp_path: Path, gateway: Gateway
) -> None:
    """Random orders over all that can be chosen, against a service that reads them as strictly as real ones."""
    for name, size in PICTURES.items():
        with BytesIO() as file:
            Image.new("RGB", size).save(file, "PNG")
            (tmp_path / name).write_bytes(file.getvalue())
    chance = random.Random(gateway)
    ended: Counter[str] = Counter()
    wrong: list[str] = []
    async with OneKeyServer(behaviour=Behaviour(gateway=gateway)) as api, build_session() as session:
        client = OneKeyClient(session, base_url=api.base_url, api_key=api.key)
        videos = Videos(orders, client)
        for number in range(ORDERS):
            wanted = asked(chance, number)
            try:
                row = await videos.order(caller(number + 1), wanted)
            except BadValue as refused:
                ended[refused.key] += 1
                continue
            sent = await sqlite_database.run(inputs.of, row.id)
            try:
                task = await client.submit_video(await video_request(row, sent, tmp_path), Permit())
            except WouldDrop:
                ended["not sent"] += 1
                assert api.submits[row.prompt] == 0
                continue
            ended["made"] += 1
            assert task.id is not None
            wrong += unlike(row, api.tasks[task.id], sent, tmp_path)
    assert wrong == []
    assert ended["made"] > (5 if gateway == "document" else ORDERS / 3)
    assert ended["made"] + ended["not sent"] + ended["video.lacks"] == ORDERS
    if gateway == "document":
        # What is refused once for a model is known from then on, and said before anything is sent.
        assert ended["not sent"] < ORDERS / 10
        assert ended["video.lacks"] > ORDERS / 2


def unlike(row: Generation, task: Task, sent: tuple[Result, ...], folder: Path) -> list[str]:
    """What of a clip is not as the card of its order says."""
    width, height, seconds = task.width, task.height, task.seconds
    came = Result(1, row.id, 0, None, "0.mp4", "video/mp4", 1, None, None, 0, width, height, seconds, sound=True)
    shown = replace(row, state=State.DELIVERED)
    found = differences(CardFacts(row=shown, results=(came,)))
    if seconds_of(row) is not None and seconds_of(row) != seconds:
        found.append(f"{seconds} s, not {seconds_of(row)}")
    if not takes_shape(row.parameters):
        with Image.open(folder / str(sent[0].path)) as picture:
            found += [] if abs(math.log(picture.width / picture.height * height / width)) < 0.05 else ["another shape"]
    return [f"{row.parameters}: {line}" for line in found]


@pytest.mark.parametrize(
    ("video", "key"),
    [
        ({"prompt": " "}, "error.blank_prompt"),
        ({"seconds": 1}, "video.bad_seconds"),
        ({"seconds": 16}, "video.bad_seconds"),
        ({"quality": "4K"}, "video.bad_quality"),
        ({"files": {Role.LAST: Given(SOUND)}}, "video.last_needs_first"),
    ],
)
async def test_what_no_model_makes_is_refused(orders: Orders, video: dict[str, Any], key: str) -> None:
    facts: dict[str, Any] = {"prompt": "a fox", **video}
    with pytest.raises(BadValue) as refused:
        await Videos(orders, TakesAll()).order(caller(), Video(**facts))
    assert refused.value.key == key


async def test_a_video_of_an_image_has_its_shape_whatever_was_chosen(orders: Orders) -> None:
    given = {Role.FIRST: Given(NewInput(url="https://files.example/a.png", expires_at=9e12))}
    row = await Videos(orders, TakesAll()).order(caller(), Video(prompt="a fox", shape=parse("tall"), files=given))
    assert "shape" not in row.parameters
    assert row.parameters["resolution"] == "1280*720"


class TakesNo:
    def __init__(self, *parts: Part) -> None:
        self.parts = parts
        self.asked: list[str] = []

    async def video_lacks(self, model: str) -> tuple[Part, ...]:
        self.asked.append(model)
        return self.parts


async def test_what_the_service_refused_before_is_said_before_anything_is_spent(orders: Orders) -> None:
    service = TakesNo(Part.SECONDS, Part.SEED)
    videos = Videos(orders, service)
    with pytest.raises(BadValue) as refused:
        await videos.order(caller(), Video(prompt="a fox", model="wan2.7-t2v", seconds=5, seed=1, avoid="text"))
    assert refused.value.key == "video.lacks"
    what: Any = refused.value.facts["what"]
    assert what("en") == f"{en('video.part_seconds')}, {en('video.part_seed')}"
    assert service.asked == ["wan2.7-t2v"]
    assert (await videos.order(caller(), Video(prompt="a fox"))).parameters == {"resolution": "1280*720"}


CLIP = Given(NewInput(url="https://files.example/a.mp4", expires_at=9e12))


async def made(database: Database, row: Generation, *, seconds: float | None) -> Generation:
    """As it is once it was delivered."""

    def write(connection: Any) -> Generation | None:
        generations.change(connection, row.id, 0, state="submitting", submitted_at=1.0)
        generations.change(connection, row.id, 0, state="running", task_id="t")
        generations.change(connection, row.id, 0, state="generated", generated_at=2.0)
        result_rows.put(connection, row.id, 0, [NewResult(url="https://files.example/a.mp4", expires_at=9e12)])
        known = {"width": 1280, "height": 720, "seconds": seconds, "sound": True} if seconds else {}
        if known:
            result_rows.note_measured(connection, row.id, 0, **known)
        return generations.change(connection, row.id, 0, state="delivered", ended_at=3.0)

    done = await database.run(write)
    assert done is not None
    return done


async def test_a_clip_is_gone_on_from(sqlite_database: Database, orders: Orders) -> None:
    videos = Videos(orders, TakesAll())
    parent = await made(sqlite_database, await a_video(orders, caller(), prompt="a fox"), seconds=5.04)
    with pytest.raises(NotAllowed) as refused:
        await videos.extend(caller(), parent.id, Video(prompt="it jumps", files={Role.CLIP: CLIP}))
    assert refused.value.key == "error.no_extend_model"
    own: dict[str, Any] = {"scope": "server", "scope_id": GUILD, "key": "animate_model", "value": "wan2.7-i2v"}
    await sqlite_database.run(put, **own, changed_by=1, now=1.0)
    with pytest.raises(BadValue) as too_short:
        await videos.extend(caller(), parent.id, Video(prompt="it jumps", seconds=5, files={Role.CLIP: CLIP}))
    assert too_short.value.key == "video.not_longer"
    row = await videos.extend(caller(), parent.id, Video(prompt="it jumps", files={Role.CLIP: CLIP}))
    assert (row.model, row.parent_id, row.action) == ("wan2.7-i2v", parent.id, "animate")
    asked = {"resolution": "1280*720", "duration": 11, "from": "extend", "roles": ["first_clip"]}
    assert row.parameters == {**asked, "begins_with": "1280x720", "begins_with_sound": True}
    request = await video_request(row, await sqlite_database.run(inputs.of, row.id), None)  # pyright: ignore[reportArgumentType] - nothing is read
    assert (request.clip, request.image, request.duration) == ("https://files.example/a.mp4", None, 11)
    long = await made(sqlite_database, await a_video(orders, caller(), prompt="a long fox"), seconds=12)
    with pytest.raises(BadValue) as too_long:
        await videos.extend(caller(), long.id, Video(prompt="it jumps", files={Role.CLIP: CLIP}))
    assert too_long.value.key == "video.too_long_to_extend"


async def test_files_are_kept_unless_others_take_their_place(sqlite_database: Database, orders: Orders) -> None:
    videos = Videos(orders, TakesAll())

    def at(name: str, *, ends: float = 9e12) -> Given:
        return Given(NewInput(url=f"https://files.example/{name}", expires_at=ends), name)

    async def urls(row: Generation) -> list[str | None]:
        return [one.url for one in await sqlite_database.run(inputs.of, row.id)]

    files = {Role.FIRST: at("a.png"), Role.LAST: at("b.png")}
    first = await made(sqlite_database, await videos.order(caller(), Video(prompt="a fox", files=files)), seconds=None)
    again = await videos.edit(caller(), first.id, Video(prompt="a wolf", files={Role.LAST: at("c.png")}), keeps=None)
    assert await urls(again) == ["https://files.example/a.png", "https://files.example/c.png"]
    assert again.parameters["given"] == ["a.png", "c.png"]
    without = await videos.edit(caller(), first.id, Video(prompt="a bear", shape=parse("tall")), keeps=())
    assert await urls(without) == []
    assert without.parameters == {"resolution": "720*1280", "shape": "tall"}
    old = {Role.FIRST: at("a.png", ends=1.0)}
    over = await made(sqlite_database, await videos.order(caller(), Video(prompt="an elk", files=old)), seconds=None)
    with pytest.raises(BadValue) as refused:
        await videos.edit(caller(), over.id, Video(prompt="an owl"), keeps=None)
    assert refused.value.key == "video.files_expired"


@pytest.mark.parametrize(("size", "seconds", "sound"), [((720, 1280), 5.0, True), ((1632, 1248), 13.0, False)])
async def test_a_clip_says_what_it_is(tmp_path: Path, size: tuple[int, int], seconds: float, sound: bool) -> None:
    path = tmp_path / "0.mp4"
    path.write_bytes(clip("a fox", width=size[0], height=size[1], seconds=seconds, sound=sound))
    found = await measuring.measure(path)
    assert found is not None
    assert ((found.width, found.height), found.sound) == (size, sound)
    assert math.isclose(found.seconds, seconds, abs_tol=0.05)
    (tmp_path / "1.mp4").write_bytes(path.read_bytes()[:400])
    assert await measuring.measure(tmp_path / "1.mp4") is None


async def test_the_card_says_what_came_and_where_it_is_not_what_was_asked_for(orders: Orders) -> None:
    video = Video(prompt="a fox", shape=parse("tall"), seconds=5)
    row = replace(await Videos(orders, TakesAll()).order(caller(), video), state=State.DELIVERED)

    def facts(width: int, height: int, seconds: float) -> CardFacts:
        return CardFacts(
            row=row,
            results=(
                Result(1, 1, 0, None, "0.mp4", "video/mp4", 1, None, None, 0, width, height, seconds, sound=False),
            ),
        )

    assert measures(CardFacts(row=row)) == ["720×1280", "5 s long"]
    assert measures(facts(720, 1280, 5.04)) == ["720×1280", "5 s long", "no sound"]
    assert differences(facts(720, 1280, 5.04)) == []
    [line] = differences(facts(1920, 1080, 5.0))
    assert "720×1280 · 5 s long" in line
    assert "1920×1080 · 5 s long" in line
    assert differences(facts(720, 1280, 4.0)) != []
    assert differences(facts(1080, 1920, 5.0)) != []
