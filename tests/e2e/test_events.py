"""Discord sends an event at least once, to whoever has the token, and not always as it says: one event is one order."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from sandbox.discord.interaction_models import COMPONENT, Interaction
from sandbox.discord.interactions import begin
from sandbox.discord.invocation import Invocation
from tests.e2e.asking import end_of, was_whole
from tests.e2e.cards import (
    eventually,
    film,
    has_clip,
    has_pictures,
    labels,
    paint,
    posted_in,
    private_answer,
    someone,
    sql,
)
from tests.e2e.configuring import told
from tests.e2e.crediting import asked, figures, shop
from tests.e2e.jamming import start
from tests.e2e.test_faults_discord import order
from tests.words import piece

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Channel
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

PRICES = "ask=1, imagine=10, video=100"
ELSEWHERE = "a second process seems to run with this DISCORD_TOKEN"


@pytest_asyncio.fixture(loop_scope="module")
async def stage(database: dict[str, str], new_stage: NewStage) -> Stage:
    made = await new_stage(environment=database)
    made.discord.limits.groups |= {"gateway": None, "webhook.patch": None}
    return made


both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def log_of(stage: Stage) -> str:
    return stage.bot.log.read_text(encoding="utf-8")


def requests(stage: Stage) -> dict[str, int]:
    """What the service was paid for."""
    counts = stage.api.requests.counts
    return {kind: counts[kind] for kind in ("chat", "images", "video.submit")}


async def everything(stage: Stage, carol: Person, channel: Channel) -> list[Invocation]:
    """One of each that costs or changes something, each come to its end; carol spends 131 credits, 20 by presses."""
    alice = stage.person("alice")
    uses = [await carol.command(channel, "ask", prompt="Why is the sky blue?")]
    await end_of(uses[0])
    picture, card = await paint(carol, channel, "A fox")
    await picture.until(has_pictures(1))
    video, _ = await film(carol, channel, "A fox runs")
    await video.until(has_clip, 20)
    reroll = await carol.press(card, label="Reroll")
    await reroll.until(lambda message: message is not card and has_pictures(1)(message))
    form = await carol.press(card, label="Edit prompt")
    await eventually(lambda: form.modal is not None)
    remix = await carol.submit(form, {"prompt": "A red fox"})
    await remix.until(lambda message: message is not card and has_pictures(1)(message))
    vote = await carol.press(card, label="Like")
    await eventually(lambda: "Like · 1" in str(card.components))
    grant = await alice.command(channel, "config grant", person=carol, credits=7, reason="a prize")
    await grant.message()
    for value in ("2", "3"):
        changed = await alice.command(channel, "config set", setting="max_images", value=value)
        await changed.message()
        uses.append(changed)
    undo = await alice.command(channel, "config undo")
    await undo.message()
    return [*uses, picture, video, reroll, form, remix, vote, grant, undo]


async def what_holds(stage: Stage, carol: Person, channel: Channel) -> dict[str, Any]:
    shown = await told(stage.person("alice"), channel, "show")
    history = await told(stage.person("alice"), channel, "history")
    return {
        "requests": requests(stage),
        "messages": [message.id for message in posted_in(channel)],
        "votes": [re.findall(r"Like · (\d)", str(message.components)) for message in posted_in(channel)],
        "credits": await figures(carol, channel),
        "max_images": re.findall(r"max_images.*", shown),
        "history": history.count("max_images"),
    }


@both
async def test_what_comes_again_is_acted_upon_once(stage: Stage) -> None:
    """At once, a second later, after a resume, and to the process after one that was killed."""
    channel = await shop(stage, prices=PRICES, daily_credits="1000")
    carol = someone(stage, at=channel)
    before = requests(stage)
    stage.world.rules.repeats = 2
    uses = await everything(stage, carol, channel)
    stage.world.rules.repeats = 0
    holds = await what_holds(stage, carol, channel)
    assert {kind: count - before[kind] for kind, count in holds["requests"].items()} == {
        "chat": 1,
        "images": 3,
        "video.submit": 1,
    }
    assert len(holds["messages"]) == 5
    assert (holds["credits"]["today"], holds["credits"]["granted"]) == (131, 7)

    async def unchanged() -> None:
        for use in uses:
            stage.world.repeat(use.interaction)
        await asyncio.sleep(1.0)
        assert await what_holds(stage, carol, channel) == holds

    await unchanged()
    stage.discord.gateway.overlap = 100
    stage.discord.gateway.reconnect()
    await eventually(lambda: any(session.resumed for session in stage.discord.gateway.sessions.values()), within=10)
    await asyncio.sleep(1.0)
    assert await what_holds(stage, carol, channel) == holds
    stage.discord.gateway.overlap = 0

    await stage.kill()
    await stage.start()
    await unchanged()
    assert not any(use.failed for use in uses)
    assert "Traceback" not in log_of(stage)


@both
async def test_a_jam_a_price_and_a_retry_that_come_again(stage: Stage) -> None:
    """Forms, presses and questions, each event three times at once, and once more after a kill."""
    stage.world.rules.repeats = 2
    jam = await start(stage)
    ideas = [await jam.idea(jam.starter, f"idea {number}") for number in range(2)]
    made = await jam.make()
    assert jam.card.text.count("idea 0") <= 2
    assert requests(stage)["chat"] == 1
    assert len(jam.pictures) == 1
    assert requests(stage)["images"] == 1

    channel = await shop(stage, prices=PRICES, daily_credits="1000", confirm_above="9")
    carol = someone(stage, at=channel)
    use = await carol.command(channel, "imagine", prompt="Costs ten", shape="128x96")
    question = await asked(use)
    pressed = await carol.press(question, custom_id=str(question.buttons()[0]["custom_id"]))
    await pressed.until(has_pictures(1))
    assert (await figures(carol, channel))["today"] == 10
    dave = someone(stage)
    failed, card = await film(dave, stage.channel("general"), "Fails at first [fault:lost*1]")
    await failed.until(lambda message: labels(message) == ["Retry"])
    again = await dave.press(card, label="Retry")
    await failed.until(has_clip, 20)
    assert requests(stage) == {"chat": 1, "images": 2, "video.submit": 2}

    stage.world.rules.repeats = 0
    holds = requests(stage), len(posted_in(channel)), len(posted_in(jam.thread)), jam.card.text
    await stage.kill()
    await stage.start()
    for each in (jam.use, *ideas, *jam.pressed, use, pressed, failed, again):
        stage.world.repeat(each.interaction)
    await asyncio.sleep(1.5)
    assert (requests(stage), len(posted_in(channel)), len(posted_in(jam.thread)), jam.card.text) == holds
    assert made in jam.pictures
    assert "Traceback" not in log_of(stage)


@sqlite
async def test_of_two_processes_one_has_the_order_and_the_other_withdraws(stage: Stage, tmp_path: Path) -> None:
    """The same token, a database each: what is ordered, pressed and asked is paid once, and both logs say why."""
    channel = await shop(stage, prices=PRICES, daily_credits="1000")
    carol = someone(stage, at=channel)
    other = stage.beside(log=tmp_path / "log", DATA_DIR=str(tmp_path / "other"))
    await other.start()
    try:
        await stage.discord.gateway.wait_ready(2, timeout=20)
        await eventually(lambda: "ready as" in other.log.read_text(), within=20)
        before = requests(stage)
        uses = [await carol.command(channel, "ask", prompt=f"Why {number}?") for number in range(4)]
        for use in uses:
            await end_of(use)
        for number in range(3):
            use, _ = await paint(carol, channel, f"A fox {number}")
            await use.until(has_pictures(1))
        use, card = await paint(carol, channel, "A bear")
        await use.until(has_pictures(1))
        use, _ = await film(carol, channel, "A fox runs")
        await use.until(has_clip, 20)
        pressed = await carol.press(card, label="Reroll")
        await pressed.message()
        await asyncio.sleep(1.0)
        paid = {kind: count - before[kind] for kind, count in requests(stage).items()}
        assert paid["chat"] == 4
        assert paid["images"] in {4, 5}  # Reroll: whose card it is not may have answered that it is gone
        assert paid["video.submit"] == 1
        logs = log_of(stage) + other.log.read_text()
        assert 1 <= logs.count(ELSEWHERE) <= 2, "once in some minutes, each"
        assert "Traceback" not in logs
    finally:
        await other.stop()
    # What was withdrawn cost nothing here: both shops together charged each order once.
    charged = (await figures(carol, channel)).get("today", 0)
    assert charged == charge_of(stage, carol)


def charge_of(stage: Stage, carol: Person) -> int:
    """The prices of what this process's database has of a person."""
    (row,) = sql(
        stage,
        "SELECT (SELECT coalesce(sum(price), 0) FROM generations WHERE person_id = ?1)"
        " + (SELECT count(*) FROM reservations WHERE person_id = ?1 AND kind = 'ask' AND spent > 0)",
        carol.id,
    )
    return int(row[0])


UNREADABLE: dict[str, Any] = {
    "CHANNEL_CREATE": {"type": 2, "name": "a channel without an id"},
    "CHANNEL_UPDATE": {"type": 0},
    "GUILD_CREATE": {"name": "a server without an id"},
    "GUILD_UPDATE": None,
    "GUILD_ROLE_CREATE": {"role": None},
    "THREAD_LIST_SYNC": [],
    "GUILD_SOUNDBOARD_SOUND_CREATE": {"name": "quack"},
    "SOUNDBOARD_SOUNDS": "no object",
    "INTERACTION_CREATE": {"type": 2},
    "RESUMED": None,
    "READY": {"v": 10},
}


@sqlite
async def test_an_event_that_cannot_be_read_costs_a_line(stage: Stage) -> None:
    carol = someone(stage)
    guild = str(stage.guild.id)
    for name, data in UNREADABLE.items():
        stage.discord.gateway.send(name, data | {"guild_id": guild} if isinstance(data, dict) else data)
    use, _ = await paint(carol, stage.channel("general"), "All the same")
    await use.until(has_pictures(1))
    stage.check()
    lines = [line for line in log_of(stage).splitlines() if "can't be read and is left out" in line]
    assert len(lines) >= 6
    assert "'id'" in next(line for line in lines if "CHANNEL_CREATE" in line)
    assert stage.discord.gateway.identifies == 1, "the connection is the same one"


@sqlite
@pytest.mark.parametrize(
    "ready",
    [
        {"shard": None},
        {"resume_gateway_url": None},
        {"guilds": [{"unavailable": True}]},
        {"application": {}},
        {"session_id": None, "private_channels": "x"},
    ],
    ids=str,
)
async def test_a_ready_that_lacks_something_is_ready(new_stage: NewStage, database: Any, ready: Any) -> None:
    del database
    stage = await new_stage(start=False)
    stage.discord.gateway.unlike["READY"] = ready
    await stage.start()
    carol = someone(stage)
    use, card = await paint(carol, stage.channel("general"), "All the same")
    await use.until(has_pictures(1))
    await eventually(lambda: "ready as OneKey Bot" in log_of(stage), within=10)
    # The card is drawn by what fits in its server.
    await carol.press(card, label="Like")
    await eventually(lambda: "Like · 1" in str(card.components), within=10)
    stage.discord.gateway.drop()
    await asyncio.sleep(0.2)
    await stage.discord.gateway.wait_ready(timeout=30)
    use, _ = await paint(carol, stage.channel("general"), "And after it")
    await use.until(has_pictures(1))


BODIES = {
    "without ids": (b'[{"name": "ask"}]', "application/json"),
    "null": (b"null", "application/json"),
    "none of them": (b"[]", "application/json"),
    "junk in a list": (b'[1, "x", null]', "application/json"),
    "a web page": (b"<html>hello</html>", "text/html"),
}


@sqlite
@pytest.mark.parametrize("body", BODIES)
async def test_commands_are_synced_again_after_an_answer_that_cannot_be_read(
    new_stage: NewStage, database: Any, body: str
) -> None:
    del database
    stage = await new_stage(start=False)
    content, kind = BODIES[body]
    fault = stage.discord.faults.answer("PUT /applications/*", content, content_type=kind)
    await stage.start()
    assert fault.hits == 1
    await eventually(lambda: re.search(r"synced \d\d commands", log_of(stage)) is not None, within=10)
    assert log_of(stage).count("trying again in") == 1
    assert "Traceback" not in log_of(stage)


@sqlite
@pytest.mark.parametrize("where", ["GET /users/@me", "GET /oauth2/applications/@me", "GET /gateway/bot"])
async def test_a_start_outlives_an_answer_that_cannot_be_read(new_stage: NewStage, database: Any, where: str) -> None:
    del database
    stage = await new_stage(start=False)
    stage.discord.faults.answer(where, b'{"id": null}')
    await stage.start()
    use, _ = await paint(someone(stage), stage.channel("general"), "All the same")
    await use.until(has_pictures(1))


ODD: dict[str, dict[str, Any]] = {
    "no type": {"type": None},
    "a type that is none": {"type": [5]},
    "another kind of component": {"data": {"custom_id": "image:1:remix", "component_type": 99}},
    "no data": {"data": None},
    "data that is none": {"data": ["x"]},
    "no limit of its attachments": {"attachment_size_limit": None},
    "a person without a name": {"member": {"user": {"id": "1"}}},
    "nobody": {"member": None},
    "a message that says nothing": {"message": {"id": "5"}},
    "parts that are none": {"message": {"id": "5", "components": [{"type": 99}], "flags": 1 << 15}},
}
OUR_SIDE = "Something went wrong on our side (ref "


@sqlite
async def test_whoever_presses_what_cannot_be_read_is_told(stage: Stage) -> None:
    """The library can't read the press, or reads it and then leaves it alone."""
    carol, channel = someone(stage), stage.channel("general")
    use, card = await paint(carol, channel, "A fox")
    await use.until(has_pictures(1))
    stage.world.rules.repeats = -1
    data = {"component_type": 2, "custom_id": card.buttons()[0]["custom_id"]}
    for what, odd in ODD.items():
        press = Interaction(COMPONENT, carol.user, channel, data, {}, source=card)
        begin(stage.world, press)
        stage.discord.gateway.send("INTERACTION_CREATE", without_none(press.event | odd))
        told_ = await private_answer(Invocation(stage.world, press))
        assert told_.startswith((OUR_SIDE, piece("error.gone"))), what
        if told_.startswith(OUR_SIDE):
            reference = re.search(r"ref (\w+)", told_)
            assert reference is not None
            assert f"unexpected error (ref {reference[1]})" in log_of(stage), what
    stage.check()


def without_none(event: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in event.items() if value is not None}


@sqlite
@pytest.mark.parametrize("fault", ["500 applied", "502", "drop applied"])
async def test_an_answer_of_our_own_that_came_back_badly_is_ours(stage: Stage, fault: str) -> None:
    """The library's second try gets 40060, which is no second process: the form is open, the question is answered."""
    carol, channel = someone(stage), stage.channel("general")
    use, card = await paint(carol, channel, "A fox")
    await use.until(has_pictures(1))
    order(stage, "POST /interactions/*", fault)
    form = await carol.press(card, label="Edit prompt")
    await eventually(lambda: form.modal is not None)
    order(stage, "POST /interactions/*", fault)
    assert was_whole(await end_of(await carol.command(channel, "ask", prompt="Why?"), within=15))
    await eventually(lambda: requests(stage)["chat"] == 1)
    assert ELSEWHERE not in log_of(stage)
    if fault != "drop applied":  # a form can't be asked after: who pressed reads that it may be open
        assert not [message for message in carol.sees(channel) if message.ephemeral]
