"""/privacy: all that is stored of a person as a file, and its removal; prompts that are forgotten after some days."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any, cast

import pytest
import yaml

from sandbox.discord.models import SUPPRESS_EMBEDS
from sandbox.discord.permissions import Permission
from tests.e2e.asking import ask, end_of
from tests.e2e.cards import (
    RUNNING,
    change,
    eventually,
    film,
    forged,
    has_clip,
    has_pictures,
    kept,
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
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

VIDEO_SECONDS = 600  # until a test says otherwise

GONE = en("error.gone")
PATIENCE = 15.0


async def show(who: Person, channel: Channel) -> tuple[Message, bytes]:
    """/privacy show: the message, and the file in it."""
    use = await who.command(channel, "privacy show")
    message = await use.until(lambda each: bool(each.attachments), PATIENCE)
    assert message.visible_to == who.id
    return message, message.attachments[0].data


def is_deleted(message: Message) -> bool:
    some = any(piece("privacy.deleted", count=count) in message.text for count in (1, 2))
    return some or en("privacy.deleted_rest") in message.text


def is_done(message: Message) -> bool:
    """Whether it says what was deleted, and what was not."""
    return en("privacy.not_covered") in message.text and en("privacy.question") not in message.text


async def delete(who: Person, channel: Channel) -> Message:
    """/privacy delete, confirmed."""
    question = await (await who.command(channel, "privacy delete")).message()
    assert question.visible_to == who.id
    assert labels(question) == [en("button.delete_here"), en("button.delete_mine")]
    pressed = await who.press(question, label=en("button.delete_mine"))
    deleted = await pressed.until(is_deleted, PATIENCE)
    assert deleted.flags & SUPPRESS_EMBEDS
    return deleted


async def test_all_that_is_stored_as_a_file(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel, permissions=Permission.MANAGE_CHANNELS | Permission.MANAGE_MESSAGES)
    dave = someone(stage, "dave", at=channel)
    use, card = await paint(carol, channel, "A fox: “雪” & *stars* #1")
    await use.until(has_pictures(1))
    video, _ = await film(carol, channel, "Still running")
    await video.until(says(RUNNING))
    other, others = await paint(dave, channel, "Dave's own")
    await other.until(has_pictures(1))
    removing = await carol.message_command(others, "Remove")
    await removing.until(says("Removed."))
    await carol.command(channel, "config set", setting="chat_model", value="qwen3-max")
    await eventually(lambda: bool(sql(stage, "SELECT 1 FROM settings WHERE changed_by = ?", carol.id)))

    message, written = await show(carol, channel)
    assert message.attachments[0].filename == f"onekey-{carol.id}.yaml"
    assert message.text == en("privacy.shown")
    assert written.decode().startswith("# " + en("privacy.file").partition(".")[0])
    stored = yaml.safe_load(written)
    assert stored["person"] == carol.id
    picture, running = stored["orders"]
    assert picture["prompt"] == "A fox: “雪” & *stars* #1"
    assert picture["message"] == f"https://discord.com/channels/{channel.guild_id}/{channel.id}/{card.id}"
    assert (picture["kind"], picture["state"], picture["model"]) == ("image", "delivered", "wan2.7-image")
    assert picture["results"][0]["link"].startswith("http://127.0.0.1:")
    assert (running["state"], running["task_at_the_service"]) == ("running", task_of(stage, "Still running").id)
    assert "雪" in written.decode(), "readable, not escaped"
    assert [made["setting"] for made in stored["settings_in_force"]] == ["chat_model"]
    assert [act["kind"] for act in stored["orders_of_others_that_you_ended_or_removed"]] == ["image"]
    assert "Dave's own" not in written.decode()
    tokens = [token for (token,) in sql(stage, "SELECT token FROM generations WHERE token IS NOT NULL")]
    assert tokens
    assert not [token for token in tokens if token in written.decode()]


async def test_of_somebody_new_in_direct_messages(stage: Stage) -> None:
    person = someone(stage, "小红", locale="zh-CN")
    message, written = await show(person, person.dm())
    assert message.text == zh("privacy.shown")
    assert yaml.safe_load(written)["orders"] == []


async def test_what_is_too_large_comes_zipped(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, _ = await paint(carol, channel, "One of very many")
    await use.until(has_pictures(1))
    # The card shows them a moment before the row says so: copies of it would be thousands of orders under way.
    state = "SELECT state FROM generations WHERE person_id = ?"
    await eventually(lambda: sql(stage, state, carol.id) == [("delivered",)])
    (columns,) = sql(stage, "SELECT group_concat(name) FROM pragma_table_info('generations') WHERE name <> 'id'")
    copied = str(columns[0]).replace("prompt", "? || hex(randomblob(10))")
    query = (
        f"INSERT INTO generations ({columns[0]}) SELECT {copied} FROM generations, "  # noqa: S608 - its own columns
        "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) SELECT i FROM n) "
        "WHERE person_id = ?"
    )
    change(stage, query, "word " * 790, carol.id)
    message, written = await show(carol, channel)
    assert message.attachments[0].filename == f"onekey-{carol.id}.yaml.zip"
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert archive.getinfo(f"onekey-{carol.id}.yaml").file_size > 10 * 1024 * 1024
    done = await delete(carol, channel)
    assert said(done).startswith(en("privacy.deleted", count=3001))


async def test_delete(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel, permissions=Permission.MANAGE_CHANNELS | Permission.MANAGE_MESSAGES)
    dave = someone(stage, "dave", at=channel)
    use, card = await paint(carol, channel, "To be forgotten")
    await use.until(has_pictures(1))
    rerolled = await dave.press(card, label="Reroll")
    child = await rerolled.until(has_pictures(1))
    video, running = await film(carol, channel, "Forgotten while running")
    await video.until(says(RUNNING))
    removed, others = await paint(dave, channel, "Dave's own")
    await removed.until(has_pictures(1))
    removing = await carol.message_command(others, "Remove")
    await removing.until(says("Removed."))
    await carol.command(channel, "config set", setting="chat_model", value="qwen3-max")
    await eventually(lambda: bool(sql(stage, "SELECT 1 FROM settings WHERE changed_by = ?", carol.id)))

    done = await delete(carol, channel)
    assert said(done).startswith(f"{en('privacy.deleted', count=2)}\n-# {en('privacy.not_covered')[:20]}")
    assert labels(done) == []
    assert said(running).endswith(f"Cancelled by <@{carol.id}>.\n{en('video.cancelled_running')}")
    for table, column in (
        ("generations", "person_id"),
        ("generations", "ended_by"),
        ("generations", "removed_by"),
        ("settings", "changed_by"),
        ("setting_changes", "changed_by"),
    ):
        query = f"SELECT count(*) FROM {table} WHERE {column} = ?"  # noqa: S608 - the lines above
        assert sql(stage, query, carol.id) == [(0,)], (table, column)
    # Dave's stay his, and what carol set holds on.
    kept = sql(stage, "SELECT prompt, parent_id FROM generations WHERE person_id = ? ORDER BY id", dave.id)
    assert kept == [("To be forgotten", None), ("Dave's own", None)]
    assert "removed" in said(await (await dave.command(channel, "jobs")).message())
    assert has_pictures(1)(child)
    where = (channel.id,)
    assert sql(stage, "SELECT value FROM settings WHERE scope_id = ?", *where) == [('"qwen3-max"',)]
    # The cards still stand on Discord; their buttons do nothing any more, and Remove takes them away.
    pressed = await carol.press(card, label="Reroll")
    assert (await pressed.message()).text == GONE
    removing = await carol.message_command(card, "Remove")
    await removing.until(says("Removed."))
    assert card.deleted
    # The video that was on its way comes to nobody, and breaks nothing.
    task_of(stage, "Forgotten while running").finish()
    after, _ = await film(carol, channel, "After it [run:0.1]")
    await after.until(has_clip, PATIENCE)
    assert [order["prompt"] for order in yaml.safe_load((await show(carol, channel))[1])["orders"]] == [
        "After it [run:0.1]"
    ]
    assert "Traceback" not in stage.bot.log_end(400)


async def test_nobody_else_s_button(stage: Stage) -> None:
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    use, _ = await paint(carol, channel, "Still hers")
    await use.until(has_pictures(1))
    question = await (await dave.command(channel, "privacy delete")).message()
    pressed = await forged(dave, question, f"privacy:delete:{carol.id}")
    answer = await pressed.until(lambda each: each.text == en("privacy.not_yours"))
    assert answer.text == en("privacy.not_yours")
    assert sql(stage, "SELECT count(*) FROM generations WHERE person_id = ?", carol.id) == [(1,)]
    # One's own works after a restart.
    await stage.restart()
    pressed = await dave.press(question, label=en("button.delete_mine"))
    done = await pressed.until(is_deleted, PATIENCE)
    assert said(done).startswith(en("privacy.deleted_rest"))


async def test_all_that_is_under_way_is_cancelled_first(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    uses = [(await film(carol, channel, f"Under way {number}"))[0] for number in range(3)]
    for use in uses[:2]:
        await use.until(says(RUNNING))
    await uses[2].until(says("Waiting: 1st in line."))
    stage.api.next("images", delay=30)
    picture, _ = await paint(carol, channel, "A picture under way")
    await stage.api.requests.until(
        lambda: "A picture under way" in [each.prompt for each in stage.api.requests.of("images")]
    )
    assert said(await delete(carol, channel)).startswith(en("privacy.deleted", count=4))
    for use in (*uses, picture):
        await use.until(says(f"Cancelled by <@{carol.id}>."))
    assert sql(stage, "SELECT count(*) FROM generations WHERE person_id = ?", carol.id) == [(0,)]
    await stage.restart()
    assert "Traceback" not in stage.bot.log_end(400)


async def test_a_delivery_under_way(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, card = await film(carol, channel, "Raced by delete")
    await use.until(says(RUNNING))
    upload = stage.discord.faults.hold(f"PATCH /webhooks/*/{use.interaction.token}/*", times=2)
    task_of(stage, "Raced by delete").finish()
    await upload.reached.wait()
    question = await (await carol.command(channel, "privacy delete")).message()
    pressed = await carol.press(question, label=en("button.delete_mine"))
    await pressed.acknowledged()
    upload.release()
    done = await pressed.until(is_deleted, PATIENCE)
    assert said(done).startswith(en("privacy.deleted", count=1))
    assert has_clip(card)
    assert sql(stage, "SELECT count(*) FROM results") is not None
    assert sql(stage, "SELECT count(*) FROM generations WHERE person_id = ?", carol.id) == [(0,)]
    assert not kept(stage)


async def test_the_day_s_share_is_not_given_back(new_stage: NewStage) -> None:
    stage = await new_stage(environment={"DAILY_LIMIT_PER_USER": "ask=1,imagine=1,video=1"})
    channel = stage.channel("general")
    bob = stage.person("bob")
    await end_of(await ask(stage, "My only one", by="bob"))
    change(stage, "INSERT INTO daily_counts VALUES (?, 'ask', 20000, 7)", bob.id)
    stored = yaml.safe_load((await show(bob, channel))[1])
    assert [(day["command"], day["times"]) for day in stored["used_each_day"]] == [("/ask", 7), ("/ask", 1)]
    await delete(bob, channel)
    stored = yaml.safe_load((await show(bob, channel))[1])
    assert [(day["command"], day["times"]) for day in stored["used_each_day"]] == [("/ask", 1)]
    refused = await (await ask(stage, "One more", by="bob")).message()
    assert refused.text.startswith("You've used your 1 question for today")


async def test_prompts_are_forgotten_after_their_days(new_stage: NewStage) -> None:
    stage = await new_stage()
    swift(stage)
    channel = stage.channel("general")
    bob = stage.person("bob")
    long = "A prompt that nobody keeps. " * 10
    old, old_card = await paint(bob, channel, long)
    await old.until(has_pictures(1))
    young, _ = await paint(bob, channel, "Young enough")
    await young.until(has_pictures(1))
    stage.api.next("images", fault="500")
    failed, failed_card = await paint(bob, channel, "Failed")
    await failed.until(lambda each: "Retry" in labels(each))
    await stage.stop()
    month = 31 * 86_400
    change(stage, "UPDATE generations SET ended_at = ended_at - ? WHERE prompt <> 'Young enough'", month)
    change(stage, "INSERT INTO daily_counts VALUES (?, 'ask', 20000, 7)", bob.id)
    await stage.start()
    await eventually(lambda: not sql(stage, "SELECT 1 FROM daily_counts WHERE day = 20000"))
    kept = sql(stage, "SELECT prompt, parameters, detail FROM generations ORDER BY id")
    assert [prompt for prompt, _, _ in kept] == ["", "Young enough", ""]
    assert (kept[0][1], kept[2][1:]) == ("{}", ("{}", None))
    assert sql(stage, "SELECT count(*) FROM results") == [(1,)]

    shown = await (await bob.press(old_card, label="Prompt")).message()
    assert shown.text == en("error.prompt_not_kept")
    for card, label in ((old_card, "Reroll"), (failed_card, "Retry")):
        refused = await bob.press(card, label=label)
        sentence = await refused.until(lambda each: each.ephemeral)
        assert sentence.text == en("error.prompt_forgotten")
    listed = await (await bob.command(channel, "jobs")).message()
    assert said(listed).count(f"**{en('jobs.prompt_not_kept')}**") == 2
    assert labels(listed) == ["Deliver again"]


async def test_what_was_said_here_can_go_alone(stage: Stage) -> None:
    carol, here, there = someone(stage), stage.channel("general"), stage.channel("pictures")
    for channel in (here, there):
        use = await carol.command(channel, "ask", prompt=f"Asked in {channel.name}")
        await use.until(lambda each: "tokens" in each.text, PATIENCE)
    question = await (await carol.command(here, "privacy delete")).message()
    pressed = await carol.press(question, label=en("button.delete_here"))
    await pressed.until(lambda each: en("privacy.deleted_here", count=1) in each.text, PATIENCE)
    shown = await (await carol.command(here, "privacy show")).until(lambda each: bool(each.attachments), PATIENCE)
    stored = cast("dict[str, Any]", yaml.safe_load(shown.attachments[0].data))
    assert [one["prompt"] for one in stored["conversations"]] == ["Asked in pictures"]
