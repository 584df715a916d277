"""/jam from the first idea to the end, with several members, as they see it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from sandbox.discord.permissions import Permission
from sandbox.stage import BOT_PERMISSIONS
from tests.e2e.cards import colour, custom_id, eventually, files, labels, private_answer, said, server, someone
from tests.e2e.configuring import told
from tests.e2e.jamming import begun, start, strip_of, vote
from tests.e2e.picturing import act, animate, options
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.models import Channel
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOT_ENVIRONMENT = {"ALLOW_USER_INSTALL": "true"}


async def test_a_whole_jam(stage: Stage) -> None:
    """Two rounds, three people, one of whom leaves: who gave what, the votes, the end and its pictures."""
    channel = server(stage)
    assert "is now" in await told(
        stage.person("alice"), channel, "set", setting="edit_model", value="qwen-image-edit", scope="server"
    )
    assert "is now" in await told(
        stage.person("alice"), channel, "set", setting="animate_model", value="wan2.7-i2v", scope="server"
    )
    jam = await start(stage, channel=channel, style="watercolour", reviewed=True)
    alice, bob, carol = jam.starter, *(someone(stage, name, at=channel) for name in ("bob", "carol"))
    assert jam.thread.parent_id == channel.id
    assert jam.thread.name == "A castle in the clouds"
    assert f"<#{jam.thread.id}>" in jam.word.text
    assert labels(jam.word) == ["Add an idea"]
    assert labels(jam.card) == ["Add an idea", en("button.jam_merge"), "Leave", en("button.jam_close")]

    opened = await bob.press(jam.word, label="Add an idea")
    await opened.form()
    told_where = await private_answer(await bob.submit(opened, {"idea": "a dragon asleep on the roof"}))
    assert told_where == en("jam.idea_given", thread=f"<#{jam.thread.id}>")
    await jam.until("2 people")
    await eventually(lambda: {alice.id, bob.id} <= set(jam.thread.joined), within=15)
    await jam.idea(carol, "red flags in the wind")
    await jam.until("3 people")
    assert f"- <@{bob.id}>: a dragon asleep on the roof" in jam.card.text
    await jam.press(carol, "Leave")
    await jam.until("2 people")
    assert piece("jam.left_free") not in "".join(each.text for each in jam.posted_in(jam.thread)), "no host left"

    card = await jam.review()
    assert "**The prompt**" in card.text
    for who, words in ((bob, "dragon"), (carol, "flags")):
        line = next(line for line in card.text.split("\n") if line.startswith(f"- <@{who.id}>: "))
        assert words in line
        part = line.partition(": ")[2]
        assert part in card.text.split(en("jam.parts"))[0], "the part stands in the prompt"
    buttons = [
        en("button.jam_go", count=4),
        "Edit the prompt",
        en("button.jam_as_they_are"),
        "Back to ideas",
        en("button.jam_close"),
    ]
    assert labels(card) == buttons

    pictures = await jam.make()
    first = jam.card
    assert len(files(pictures, "image")) == 4
    sent = stage.api.requests.of("images")[-1]
    assert sent.prompt is not None
    assert "dragon" in sent.prompt
    assert "flags" in sent.prompt
    assert sent.prompt.startswith("A castle in the clouds")
    await vote(bob, pictures, 2)
    await vote(alice, pictures, 3)
    await vote(alice, pictures, 2)
    assert await private_answer(await vote(carol, pictures, 1)) == en("jam.no_vote")
    await jam.press(alice, en("button.jam_end_vote"))
    await jam.until(en("jam.changes", number=2, round=1, link="").removesuffix("()."), rounds=2)
    assert first is not jam.card
    (shown,) = jam.reveals
    assert en("jam.reveal", number=2, round=1) in shown.text
    assert f"- **{en('jam.votes_of', number=2, votes='2 votes')}**" in shown.text
    assert f"- <@{bob.id}>: a dragon asleep on the roof" in shown.text
    assert shown.attachments[0].data == files(pictures, "image")[1].data
    assert jam.card.attachments[0].data == shown.attachments[0].data, "the round's card shows what it starts from"
    await eventually(lambda: en("jam.won", number="2", count=2) in first.text)
    assert labels(first) == []

    await jam.idea(bob, "at night, with a full moon")
    await jam.until("full moon")
    await jam.review()
    second = await jam.make()
    edit = stage.api.requests.of("edits")[-1]
    assert len(edit.images) == 1, "the picture of the round before goes along"
    assert "full moon" in (edit.prompt or "")
    await vote(bob, second, 1)
    await jam.close()
    await jam.press(alice, en("button.jam_end_vote"))

    end = await jam.ended()
    assert jam.finals == [end]
    for who, words in (
        (bob, "a dragon asleep on the roof; at night, with a full moon"),
        (carol, "red flags in the wind"),
    ):
        assert f"- <@{who.id}>: {words}" in end.text
    assert en("jam.also_there", who=f"<@{alice.id}>") in end.text
    assert f"2 rounds · 3 votes · started by <@{alice.id}> · <#{jam.thread.id}>" in end.text
    assert [each.filename for each in end.attachments] == ["1.png", strip_of(end).filename]
    assert end.attachments[0].data == files(second, "image")[0].data
    with Image.open(io.BytesIO(strip_of(end).data)) as strip:
        assert strip.width > 1.3 * strip.height, "two pictures side by side"
    assert labels(end) == [en("button.jam_again")]
    offered = [en("menu.of_image", number="1", what=what) for what in ("Upscale", "Vary", "Change", "Animate", "Jam")]
    assert options(end) == offered
    await eventually(lambda: labels(second) == [] and len(options(second)) == 20, within=15)
    assert options(jam.reveals[-1]) == offered
    assert labels(jam.word) == []
    await eventually(lambda: jam.posted_in(jam.thread)[-1].text.startswith(piece("jam.over_picture")))
    await eventually(lambda: en("jam.won", number="1", count=1) in jam.card.text and labels(jam.card) == [])

    video = await (await animate(bob, end, 1)).message()
    assert f"<@{bob.id}>" in video.text
    clip = await stage.api.requests.seen("video.submit")
    assert clip.json is not None
    assert str(clip.json["image"]).endswith("1.png") or "1.png?" in str(clip.json["image"])

    # The channel is free: another with the same people, and then one that begins with an image.
    opened = await alice.press(end, label=en("button.jam_again"))
    form = await opened.form()
    assert form["components"][0]["component"]["value"] == "A castle in the clouds"
    again = await begun(
        stage, alice, channel, await alice.submit(opened, {"theme": "A castle under the sea", "style": ""})
    )
    assert {f"<@{who.id}>" in again.card.text for who in (alice, bob)} == {True}
    assert f"<@{carol.id}>" not in again.card.text, "she had left"
    await again.close()
    await eventually(lambda: piece("jam.over_without") in again.word.text, within=15)
    # In its thread, where the people are, there is the button, too: the next one runs right there.
    await eventually(lambda: labels(jam.posted_in(again.thread)[-1]) == [en("button.jam_again")])
    last = jam.posted_in(again.thread)[-1]
    opened = await bob.press(last)
    await opened.form()
    there = await begun(stage, bob, again.thread, await bob.submit(opened, {"theme": "A castle in ruins", "style": ""}))
    assert there.thread is again.thread
    await eventually(lambda: len(there.cards) == 2, within=15)
    await there.close()
    opened = await act(bob, end, "Jam 1")
    await opened.form()
    third = await begun(stage, bob, channel, await bob.submit(opened, {"theme": "The dragon wakes", "style": ""}))
    assert piece("jam.changes_source") in third.card.text
    assert third.card.attachments[0].data == end.attachments[0].data
    assert {each.thread.parent_id for each in (again, third)} == {channel.id}


async def test_in_chinese(stage: Stage) -> None:
    channel = server(stage)
    xiaoming = someone(stage, "小红", at=channel, locale="zh-CN")
    await told(stage.person("alice"), channel, "set", setting="jam_review", value="always", scope="channel")
    use = await xiaoming.command(channel, "jam start", theme="云中的城堡", style="水彩")
    word = await use.until(lambda message: piece("jam.there", "zh_CN") in message.text)
    thread = stage.world.channels[word.id]
    await eventually(lambda: bool(thread.messages))
    card = next(iter(thread.messages.values()), None)
    card = next(each for each in thread.messages.values() if each.buttons())
    assert said(card) == (
        f"### 云中的城堡\n-# 第 1 轮 · 水彩 · {zh('jam.started_by', who=f'<@{xiaoming.id}>')}"
        f" · {zh('jam.ends', when='<t:…:R>')}\n**1 人** · <@{xiaoming.id}>\n"
        f"{zh('jam.no_ideas')}\n{zh('jam.reply', count=2)}"
        f"\n-# {zh('jam.who_makes', who=f'<@{xiaoming.id}>', minutes=3)}"
    )
    assert labels(card) == ["提想法", zh("button.jam_merge"), "离开", "结束共创"]
    for idea in ("屋顶上睡着一条龙", "红旗"):
        opened = await xiaoming.press(card, label="提想法")
        await opened.form()
        await (await xiaoming.submit(opened, {"idea": idea})).acknowledged()
    reply = '{"prompt": "云中的城堡，屋顶上有龙", "parts": [{"idea": 1, "words": "屋顶上有龙"}]}'
    stage.api.next("chat", reply=reply)
    await eventually(lambda: "红旗" in card.text)
    await xiaoming.press(card, label=zh("button.jam_merge"))
    await eventually(
        lambda: f"- <@{xiaoming.id}>：屋顶上睡着一条龙 → “屋顶上有龙”；红旗（未在提示词中找到）" in card.text
    )
    assert labels(card) == [
        zh("button.jam_go", count=4),
        "修改提示词",
        zh("button.jam_as_they_are"),
        "继续提想法",
        "结束共创",
    ]
    await xiaoming.press(card, label="直接使用原想法")
    await eventually(lambda: "> 云中的城堡，水彩；屋顶上睡着一条龙；红旗\n" in card.text)
    assert f"- <@{xiaoming.id}>：屋顶上睡着一条龙；红旗\n**{zh('jam.as_they_are')}**" in card.text
    assert "直接使用原想法" not in labels(card)
    question = await (await xiaoming.press(card, label="结束共创")).message()
    assert zh("jam.close_now") in question.text
    await xiaoming.press(question, label="结束共创")
    await eventually(lambda: piece("jam.without_picture", "zh_CN") in stage_text(channel))
    await eventually(lambda: "共创已结束" in word.text)


def stage_text(channel: Channel) -> str:
    return "\n".join(each.text for each in channel.messages.values() if not each.deleted)


async def test_a_jam_without_a_picture_ends_with_a_kind_word(stage: Stage) -> None:
    before = len(stage.api.requests.of("images"))
    jam = await start(stage)
    bob = someone(stage, "bob", at=jam.channel)
    await jam.idea(bob, "a dragon")
    await jam.close()
    await eventually(lambda: piece("jam.without_picture") in stage_text(jam.channel))
    await eventually(lambda: piece("jam.over_without") in jam.word.text)
    await eventually(lambda: labels(jam.card) == [])
    assert en("jam.over") in jam.card.text
    assert len(stage.api.requests.of("images")) == before


async def test_who_may_do_what(stage: Stage) -> None:
    """Ideas are limited; making, ending and closing are for who started it."""
    jam = await start(stage, reviewed=True)
    bob = someone(stage, "bob", at=jam.channel)
    for number in (1, 2):
        await jam.idea(bob, f"dragon {number}")
    assert "2" in await private_answer(await jam.idea(bob, "dragon 3"))
    await jam.until("dragon 2")
    assert "dragon 3" not in jam.card.text
    alice = f"<@{jam.starter.id}>"
    for label, key in (
        (en("button.jam_merge"), "jam.starter_only_until"),
        (en("button.jam_close"), "jam.leads_only_until"),
    ):
        assert await private_answer(await jam.press(bob, label)) == en(key, who=alice, when="<t:…:R>")
    await jam.press(bob, "Leave")
    assert en("jam.not_in") in await private_answer(await jam.press(bob, "Leave"))
    await jam.review()
    only = en("jam.starter_only_until", who=alice, when="<t:…:R>")
    assert await private_answer(await jam.press(bob, "Make ")) == only
    opened = await jam.press(bob, "Edit")
    await opened.form()
    refused = await bob.submit(opened, {"prompt": "only mine"})
    assert piece("jam.leads_only_until") in await private_answer(refused)
    assert "only mine" not in jam.card.text


async def test_the_prompt_can_be_changed_and_given_up(stage: Stage) -> None:
    """Before it is spent, and after the model declined it."""
    jam = await start(stage, reviewed=True)
    bob = someone(stage, "bob", at=jam.channel)
    await jam.idea(bob, "a dragon on the roof")
    await jam.until("dragon")
    await jam.review()
    late = await jam.press(jam.starter, "Edit")
    await late.form()
    await jam.press(jam.starter, "Back")
    await jam.until("**Ideas**")
    await jam.review()
    # A form from before does not undo what came since, and nothing that was typed is lost.
    told_so = await jam.starter.submit(late, {"prompt": "An older prompt"})
    await told_so.until(lambda message: "An older prompt" in message.text)
    assert piece("jam.not_now") in told_so.text
    assert "An older prompt" not in jam.card.text
    opened = await jam.press(jam.starter, "Edit")
    form = await opened.form()
    shown = form["components"][0]["component"]["value"]
    assert "dragon on the roof" in shown
    await (await jam.starter.submit(opened, {"prompt": "A castle, nothing else"})).acknowledged()
    await jam.until("> A castle, nothing else")
    assert "a dragon on the roof (not found in the prompt)" in jam.card.text
    stage.api.next("images", fault="sensitive")
    await jam.press(jam.starter, "Make ")
    await jam.until("**The model declined this prompt. Change it and try again.**")
    assert colour(jam.card) == 0xF0B232
    assert labels(jam.card)[1:] == [
        "Edit the prompt",
        en("button.jam_as_they_are"),
        "Back to ideas",
        en("button.jam_close"),
    ]
    opened = await jam.press(jam.starter, "Edit")
    await opened.form()
    await (await jam.starter.submit(opened, {"prompt": "A castle with a garden"})).acknowledged()
    await jam.until("> A castle with a garden")
    await jam.make()
    assert stage.api.requests.of("images")[-1].prompt == "A castle with a garden"


async def test_in_a_thread_it_runs_right_there(stage: Stage) -> None:
    channel = server(stage)
    alice = someone(stage, "alice", at=channel)
    thread = stage.world.thread(channel, "plans", owner=alice.user, members=[stage.world.application.bot])
    jam = await start(stage, channel=thread, who=alice)
    assert jam.thread is thread
    assert en("jam.here") in jam.word.text
    await jam.idea(alice, "a dragon")
    await jam.until("dragon")
    await jam.make()
    card = jam.card
    await jam.close()
    await jam.press(alice, en("button.jam_end_vote"))
    end = await jam.ended()
    assert "1 round · 0 votes" in end.text
    await eventually(lambda: en("jam.unvoted", number="1") in card.text)
    assert [each.filename for each in end.attachments] == ["1.png"], "no strip of one"
    carol = someone(stage, "carol", at=channel)
    refused = await private_answer(await carol.message_command(end, "Remove"))
    assert not end.deleted, refused
    await alice.message_command(end, "Remove")  # who started it
    await eventually(lambda: end.deleted)
    assert [each for each in channel.messages.values() if not each.deleted] == []


async def test_its_thread_is_deleted(stage: Stage) -> None:
    """All who are there have voted, which ends the vote; the end comes to the channel, its picture from the service."""
    jam = await start(stage)
    await jam.idea(jam.starter, "a dragon")
    await jam.until("dragon")
    pictures = await jam.make()
    await vote(jam.starter, pictures, 2)
    await jam.until("1 vote so far")
    stage.world.delete_channel(jam.thread)
    end = await jam.ended()
    assert [each.filename for each in end.attachments] == ["2.png"]


async def test_its_channel_is_closed_to_the_bot(stage: Stage) -> None:
    """The end comes to the thread."""
    jam = await start(stage)
    await jam.idea(jam.starter, "a dragon")
    await jam.until("dragon")
    await jam.make()
    bot = stage.world.application.bot
    stage.world.overwrite(jam.channel, bot, deny=Permission.SEND_MESSAGES)
    await jam.close()
    await jam.press(jam.starter, en("button.jam_end_vote"))
    await eventually(lambda: "Made together" in stage_text(jam.thread), within=15)
    assert jam.finals == []


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        (Permission.CREATE_PUBLIC_THREADS, "Create Public Threads"),
        (Permission.SEND_MESSAGES_IN_THREADS, "Send Messages in Threads"),
        (Permission.VIEW_CHANNEL, "View Channel"),
    ],
)
async def test_what_the_bot_may_not_is_named(stage: Stage, missing: Permission, named: str) -> None:
    guild = stage.world.guild("Strict", bot_permissions=BOT_PERMISSIONS)
    channel = stage.world.text_channel(guild, "pictures")
    stage.world.overwrite(channel, stage.world.application.bot, deny=missing)
    use = await someone(stage, "alice", at=channel).command(channel, "jam start", theme="A castle")
    answered = await private_answer(use)
    assert named in answered
    assert "," not in answered.split(piece("jam.missing"))[1].split(". ")[0]
    assert [each for each in channel.messages.values() if not each.ephemeral] == []


async def test_where_there_are_no_threads(stage: Stage) -> None:
    stage.world.rules.active_threads = 0
    channel = server(stage)
    alice = someone(stage, "alice", at=channel)
    use = await alice.command(channel, "jam start", theme="A castle")
    try:
        word = await use.until(lambda message: piece("jam.too_many_threads") in message.text)
    finally:
        stage.world.rules.active_threads = 1000
    assert labels(word) == []
    assert (await start(stage, channel=channel, who=alice)).cards, "the channel was not kept"


async def test_a_form_and_presses_for_another_jam_are_refused(stage: Stage) -> None:
    """Custom ids are forged: another channel's jam, one that never was, and one that is over."""
    jam, other = await start(stage), await start(stage)
    bob = someone(stage, "bob", at=other.channel)
    for name in (f"jam:{jam.id}:close", f"jam:{jam.id}:join", f"jam:{'9' * 80}:go", "jam:0:add"):
        answered = await private_answer(await bob.forge(other.card, name))
        assert "any more" in answered or "gone" in answered or answered, answered
    assert en("button.jam_close") in labels(jam.card)
    close = custom_id(other.card, en("button.jam_close"))
    await other.close()
    await eventually(lambda: piece("jam.over_without") in other.word.text, within=15)
    assert await private_answer(await other.starter.forge(other.card, close))
