"""/jobs: one's own pictures and videos with their states, the lists of moderators, and every press on them."""

from __future__ import annotations

import asyncio
import re
import signal
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.models import walk
from sandbox.discord.permissions import Permission
from tests.e2e.cards import (
    RUNNING,
    asked,
    at_rest,
    change,
    custom_id,
    eventually,
    files,
    film,
    forged,
    has_clip,
    has_pictures,
    labels,
    paint,
    posted_in,
    private_answer,
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
    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Channel, Message, Version
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOT_ENVIRONMENT = {"DAILY_LIMIT_PER_USER": "ask=99,imagine=99,video=99"}

VIDEO_SECONDS = 600  # until a test says otherwise

UNKNOWN = en("state.unknown")
NOT_YOURS = en("jobs.not_yours")
ALREADY = en("error.already_retried")
NOT_KEPT = en("jobs.not_kept")


async def jobs(who: Person, channel: Channel, **options: Any) -> Message:
    """/jobs, and the private list that it is answered with."""
    card = await (await who.command(channel, "jobs", **options)).message()
    assert card.ephemeral
    return card


def entries(card: Message | Version) -> list[tuple[str, str]]:
    """Each entry's title and the facts under it, newest first."""
    found: list[tuple[str, str]] = re.findall(r"\*\*(.+)\*\*\n-# (.+)", said(card))
    return found


def states(card: Message | Version) -> dict[str, str]:
    """What the list says has become of each, by title."""
    return {title: facts.split(" · ")[1] for title, facts in entries(card)}


def actions(card: Message | Version) -> dict[str, str]:
    """The button beside each entry that has one, by title."""
    return {
        re.findall(r"\*\*(.+)\*\*", part["components"][0]["content"])[0]: str(part["accessory"]["label"])
        for part in walk(tuple(card.components))
        if part["type"] == 9
    }


async def press_at(who: Person, card: Message, title: str) -> Invocation:
    """Press the button beside an entry."""
    section = next(
        part
        for part in walk(tuple(card.components))
        if part["type"] == 9 and f"**{title}**" in part["components"][0]["content"]
    )
    return await who.press(card, custom_id=str(section["accessory"]["custom_id"]))


def link_to(message: Message) -> str:
    return f"https://discord.com/channels/{message.channel.guild_id}/{message.channel.id}/{message.id}"


def end_link(stage: Stage, prompt: str) -> None:
    """The link to a prompt's result has ended long ago."""
    whose = "(SELECT id FROM generations WHERE prompt = ?)"
    assert change(stage, f"UPDATE results SET expires_at = 1 WHERE generation_id IN {whose}", prompt) == 1  # noqa: S608 - our own


def used(stage: Stage, who: Person, kind: str = "video") -> int:
    """How much of their day the database says that they have used."""
    rows = sql(stage, "SELECT used FROM daily_counts WHERE person_id = ? AND kind = ?", who.id, kind)
    return rows[0][0] if rows else 0


def folders(stage: Stage) -> set[str]:
    """The rows whose files are kept."""
    return {folder.name for folder in (stage.data_dir / "results").glob("*")}


async def delivered(stage: Stage, who: Person, channel: Channel, prompt: str) -> Message:
    use, _ = await film(who, channel, f"{prompt} [run:0.1]" if "[run" not in prompt else prompt)
    return await at_rest(stage, await use.until(has_clip))


async def nowhere(stage: Stage, prompt: str) -> tuple[Person, Channel]:
    """A video whose channel is gone and whose person takes no direct messages: made, and kept."""
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, _ = await film(carol, channel, prompt)
    await use.until(says(RUNNING))
    carol.user.dms_closed = True
    stage.world.expire_tokens(use.interaction)
    stage.world.delete_channel(channel)
    task_of(stage, prompt).finish()
    other = stage.world.text_channel(stage.world.guilds[channel.guild_id or 0], "elsewhere")
    async with asyncio.timeout(10):
        # Nobody announces it.
        while states(await jobs(carol, other)).get(prompt) != en("state.dropped"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return carol, other


# The list


async def test_nothing_yet_in_both_languages(stage: Stage) -> None:
    channel = server(stage)
    empty = await jobs(someone(stage, at=channel), channel)
    assert said(empty) == f"### {en('jobs.mine')}\nNothing here yet."
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    assert said(await jobs(ming, channel)) == "### 你的图片和视频\n这里还没有内容。"


async def test_every_state_has_its_words_its_link_and_its_button(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    cards: dict[str, Message] = {"Done \\[run\\:0.1\\]": await delivered(stage, carol, channel, "Done")}
    for prompt in ("Refused [fault:html]", "Lost [fault:lost]"):
        use, cards[prompt.replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")] = await film(
            carol, channel, prompt
        )
        await use.until(lambda message: labels(message) == ["Retry"])
    use, cards["Ended"] = await film(carol, channel, "Ended")
    await carol.press(await use.until(says(RUNNING)), label="Cancel")
    await use.until(says("Cancelled by"))
    use, cards["Uploading"] = await film(carol, channel, "Uploading")
    await use.until(says(RUNNING))
    route = f"PATCH /webhooks/*/{use.interaction.token}/*"
    stage.discord.faults.slow(route, 0.0)
    upload = stage.discord.faults.hold(route)
    task_of(stage, "Uploading").finish()
    async with asyncio.timeout(10):
        await upload.reached.wait()
    uploading = use
    use, cards["Going"] = await film(carol, channel, "Going")
    await use.until(says(RUNNING))
    sending = "Sending \\[delay\\:6\\]"
    _, cards[sending] = await film(carol, channel, "Sending [delay:6]")
    await stage.api.requests.until(
        lambda: any(request.prompt == "Sending [delay:6]" for request in stage.api.requests.of("video.submit"))
    )
    use, cards["Waiting"] = await film(carol, channel, "Waiting")
    await use.until(says("Waiting: 1st in line."))
    use, cards[en("jobs.picture")] = await paint(carol, channel, en("jobs.picture"))
    await at_rest(stage, await use.until(has_pictures(1)))

    newest = await jobs(carol, channel)
    assert list(states(newest).items()) == [
        (en("jobs.picture"), "delivered"),
        ("Waiting", "waiting"),
        (sending, en("state.submitting")),
        ("Going", "in progress"),
        ("Uploading", en("state.generated")),
    ]
    assert actions(newest) == {en("jobs.picture"): "Deliver again", "Waiting": "Cancel", "Going": "Cancel"}
    assert labels(newest)[-1] == "Older"

    turn = await carol.press(newest, label="Older")
    older = await turn.until(lambda message: "**Ended**" in said(message))
    assert older is newest
    assert list(states(older).values()) == ["cancelled", UNKNOWN, "failed", "delivered"]
    assert list(actions(older).values()) == ["Retry", "Retry", "Deliver again"]
    assert labels(older)[-1] == "Newest"
    for version in older.versions:
        for title, facts in entries(version):
            model = "wan2.7-image" if title == en("jobs.picture") else "wan2.7-t2v"
            kind = en("jobs.picture") if title == en("jobs.picture") else "Video"
            state = facts.split(" · ")[1]
            assert facts == f"{kind} · {state} · <t:…:R> · {model} · [message]({link_to(cards[title])})"

    turn = await carol.press(older, label="Newest")
    await turn.until(lambda message: f"**{en('jobs.picture')}**" in said(message))
    upload.release()
    await uploading.until(has_clip)


async def test_more_pages_than_one_each_newest_first(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    for number in range(12):
        use, _ = await paint(carol, channel, f"Page {number}")
        await use.until(has_pictures(1))
    card = await jobs(carol, channel)
    seen = [title for title, _ in entries(card)]
    assert labels(card).count("Newest") == 0
    for first in (6, 1):
        turn = await carol.press(card, label="Older")
        await turn.until(lambda message, first=first: f"**Page {first}**" in said(message))
        seen += [title for title, _ in entries(card)]
        assert labels(card)[-2 if first == 6 else -1] == "Newest"
    assert seen == [f"Page {number}" for number in reversed(range(12))]
    assert "Older" not in labels(card)


async def test_in_chinese(stage: Stage) -> None:
    channel = server(stage)
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    use, failed = await film(ming, channel, "狐狸 [fault:html]")
    await use.until(lambda message: labels(message) == ["重试"])
    use, going = await film(ming, channel, "雪地")
    await use.until(says(zh("card.started", when="<t:…:R>")))
    card = await jobs(ming, channel)
    assert said(card).splitlines() == [
        "### 你的图片和视频",
        "**雪地**",
        f"-# 视频 · 生成中 · <t:…:R> · wan2.7-t2v · [查看消息]({link_to(going)})",
        "**狐狸 \\[fault\\:html\\]**",
        f"-# 视频 · 失败 · <t:…:R> · wan2.7-t2v · [查看消息]({link_to(failed)})",
    ]
    assert labels(card) == ["取消", "重试"]
    refusal = await ming.command(channel, "jobs", whose="server")
    assert await private_answer(refusal) == zh("jobs.not_allowed")


# Whose


async def test_moderators_see_the_channel_s_and_the_server_s_and_members_only_their_own(stage: Stage) -> None:
    here = server(stage)
    guild = stage.world.guilds[here.guild_id or 0]
    there = stage.world.text_channel(guild, "another")
    carol, dave = someone(stage, at=here), someone(stage, "dave", at=here)
    mary = someone(stage, "mary", at=here, permissions=Permission.MANAGE_MESSAGES)
    boss = someone(stage, "boss", at=here, permissions=Permission.MANAGE_MESSAGES | Permission.MANAGE_GUILD)
    cards = {
        prompt: await delivered(stage, who, channel, prompt)
        for prompt, who, channel in (
            ("Carol here [run:0.1]", carol, here),
            ("Carol there [run:0.1]", carol, there),
            ("Dave here [run:0.1]", dave, here),
        )
    }
    titles = [prompt.replace("[", "\\[").replace("]", "\\]").replace(":", "\\:") for prompt in cards]
    # A stranger's elsewhere is in none of them.
    other = server(stage)
    await delivered(stage, carol.joins(stage.world.guilds[other.guild_id or 0]), other, "Carol elsewhere")

    mine = await jobs(carol, here)
    assert [title.split(" \\")[0] for title, _ in entries(mine)] == ["Carol elsewhere", "Carol there", "Carol here"]
    assert [title for title, _ in entries(await jobs(dave, there))] == [titles[2]]
    channels = await jobs(mary, here, whose="channel")
    assert said(channels).startswith(f"### {en('jobs.channel')}\n")
    assert [title for title, _ in entries(channels)] == [titles[2], titles[0]]
    assert [facts.split(" · ")[-2:] for _, facts in entries(channels)] == [
        [f"<@{who.id}>", f"[message]({link_to(cards[prompt])})"]
        for who, prompt in ((dave, "Dave here [run:0.1]"), (carol, "Carol here [run:0.1]"))
    ]
    assert not channels.pinged
    servers = await jobs(boss, there, whose="server")
    assert said(servers).startswith(f"### {en('jobs.server')}\n")
    assert [title for title, _ in entries(servers)] == [titles[2], titles[1], titles[0]]

    # By person and time: in the channel, and by who manages the server everywhere in it.
    carols = await jobs(mary, here, by=carol)
    assert said(carols).startswith(f"### {en('jobs.channel')}\n-# <@{carol.id}>\n")
    assert [title for title, _ in entries(carols)] == [titles[0]]
    both = await jobs(boss, here, whose="server", by=carol, period="d")
    assert f"-# <@{carol.id}> · {en('gallery.day')}\n" in said(both)
    assert [title for title, _ in entries(both)] == [titles[1], titles[0]]
    assert (
        change(stage, "UPDATE generations SET created_at = created_at - 90000 WHERE prompt = ?", next(iter(cards))) == 1
    )
    assert [title for title, _ in entries(await jobs(boss, here, whose="server", by=carol, period="d"))] == [titles[1]]
    assert en("jobs.none_found") in said(await jobs(boss, here, by=boss, whose="server", period="w"))
    assert await private_answer(await mary.command(here, "jobs", whose="mine", by=carol)) == en("jobs.mine_by")
    assert await private_answer(await carol.command(here, "jobs", by=dave)) == en("jobs.not_allowed")
    assert await private_answer(await forged(carol, mine, f"jobs:channel/{dave.id}/:0")) == en("jobs.not_allowed")

    refused = en("jobs.not_allowed")
    for who, channel, whose in (
        (carol, here, "channel"),
        (carol, here, "server"),
        (mary, here, "server"),
        (carol, carol.dm(), "channel"),
    ):
        assert await private_answer(await who.command(channel, "jobs", whose=whose)) == refused
    # Nor by a page of it whose button they made up.
    assert await private_answer(await forged(carol, mine, "jobs:channel:0")) == refused
    assert await private_answer(await forged(carol, mine, "jobs:server:0")) == refused


async def test_what_a_member_presses_that_is_not_theirs(stage: Stage) -> None:
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    mary = someone(stage, "mary", at=channel, permissions=Permission.MANAGE_MESSAGES)
    use, card = await film(carol, channel, "Carol's own")
    await use.until(says(RUNNING))
    number = custom_id(card, "Cancel").split(":")[1]
    await delivered(stage, dave, channel, "Dave's own")
    await delivered(stage, ming, channel, "小明的")
    for who, sentence in ((dave, NOT_YOURS), (ming, zh("jobs.not_yours"))):
        own = await jobs(who, channel)
        for action in ("cancel", "retry", "redeliver"):
            answer = await private_answer(await forged(who, own, f"job:{number}:{action}:mine:0"))
            assert answer == sentence, action
    own = await jobs(dave, channel)
    for name in (f"job:{2**63}:cancel:mine:0", "job:999999:retry:channel:7", f"job:{'9' * 50}:redeliver:server:1"):
        answer = await private_answer(await forged(dave, own, name))
        assert answer == en("error.gone")
    assert said(card).endswith(RUNNING)

    # A moderator may, from the channel's list; what is not ready can't be delivered.
    listed = await jobs(mary, channel, whose="channel")
    answer = await private_answer(await forged(mary, listed, f"job:{number}:redeliver:channel:0"))
    assert answer == en("jobs.not_ready")
    await press_at(mary, listed, "Carol's own")
    cancelled = await use.until(says("Cancelled by"))
    assert f"Cancelled by <@{mary.id}>." in said(cancelled)


async def test_a_private_one_is_named_to_nobody_else_and_shown_to_nobody_else(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    mary = someone(stage, "mary", at=channel, permissions=Permission.MANAGE_MESSAGES)
    await delivered(stage, carol, channel, "A secret [run:0.1]")
    use, card = await film(carol, channel, "A secret failure [fault:lost*1]")
    await use.until(lambda message: labels(message) == ["Retry"])
    for prompt in ("A secret [run:0.1]", "A secret failure [fault:lost*1]"):
        assert change(stage, "UPDATE generations SET private = 1 WHERE prompt = ?", prompt)
    listed = await jobs(mary, channel, whose="channel")
    assert [title for title, _ in entries(listed)] == [en("jobs.private")] * 2
    assert "[message]" not in said(listed)
    assert actions(listed) == {}
    number = custom_id(card, "Retry").split(":")[1]
    await delivered(stage, mary, channel, "Mary's own")
    mine = await jobs(mary, channel)
    assert await private_answer(await forged(mary, mine, f"job:{number}:retry:channel:0")) == NOT_YOURS
    assert await private_answer(await forged(mary, mine, f"job:{int(number) - 1}:redeliver:channel:0")) == NOT_YOURS
    own = await jobs(carol, channel)
    assert actions(own) == {
        "A secret failure \\[fault\\:lost\\*1\\]": "Retry",
        "A secret \\[run\\:0.1\\]": "Deliver again",
    }


# Cancel


async def test_cancel_keeps_the_page_and_gives_a_waiting_one_back(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    uses = [(await film(carol, channel, f"Of three {number}"))[0] for number in range(3)]
    for use in uses[:2]:
        await use.until(says(RUNNING))
    await uses[2].until(says("Waiting: 1st in line."))
    for number in range(5):
        use, _ = await paint(carol, channel, f"Newer {number}")
        await use.until(has_pictures(1))
    assert used(stage, carol) == 3

    card = await jobs(carol, channel)
    await (await carol.press(card, label="Older")).until(lambda message: "**Of three 2**" in said(message))
    await press_at(carol, card, "Of three 2")
    press = await press_at(carol, card, "Of three 0")
    await press.until(lambda message: list(states(message).values()) == ["cancelled", "in progress", "cancelled"])
    assert list(states(card)) == ["Of three 2", "Of three 1", "Of three 0"]
    assert actions(card) == {"Of three 1": "Cancel"}
    waiting = await uses[2].until(says("Cancelled by"))
    assert said(waiting).splitlines()[2:] == [f"Cancelled by <@{carol.id}>."]
    running = await uses[0].until(says("Cancelled by"))
    assert said(running).splitlines()[2:] == [f"Cancelled by <@{carol.id}>.", en("video.cancelled_running")]
    # Only what was not sent is given back.
    assert used(stage, carol) == 2
    assert stage.api.submits["Of three 2"] == 0


async def test_cancel_in_a_list_of_yesterday_and_after_the_cards_token(stage: Stage) -> None:
    """The list's own token is over, the card's too: each press brings a new one, the card is edited by its id."""
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, card = await film(carol, channel, "Old card")
    await use.until(says(RUNNING))
    finished, _ = await film(carol, channel, "Too late")
    await finished.until(says(RUNNING))
    listed = await jobs(carol, channel)
    stage.world.expire_tokens()
    press = await press_at(carol, listed, "Old card")
    await press.until(lambda message: states(message)["Old card"] == "cancelled")
    await use.until(says(f"Cancelled by <@{carol.id}>."))
    assert labels(card) == []
    # Pressed on the card itself, long after its token's end.
    other, second = await film(carol, channel, "Old card, own button")
    await other.until(says(RUNNING))
    stage.world.expire_tokens()
    await carol.press(second, label="Cancel")
    await other.until(says(f"Cancelled by <@{carol.id}>."))
    # What has ended meanwhile can't be cancelled, and the list stays as it is.
    late = custom_id(listed, "Cancel")
    task_of(stage, "Too late").finish()
    await at_rest(stage, await finished.until(has_clip))
    press = await carol.press(listed, custom_id=late)
    assert await private_answer_beside(press, listed) == en("error.too_late_to_cancel")
    assert states(await jobs(carol, channel))["Too late"] == "delivered"


async def private_answer_beside(use: Invocation, listed: Message) -> str:
    """What is said privately about a press on a private list, which stays what it was."""
    return said(await use.until(lambda message: message.ephemeral and message is not listed))


# Deliver again


async def test_what_could_be_delivered_nowhere_waits_and_is_delivered_from_its_files(stage: Stage) -> None:
    carol, other = await nowhere(stage, "Made for nobody")
    assert asked(stage, "files", "Made for nobody") == 1
    card = await jobs(carol, other)
    assert actions(card) == {"Made for nobody": "Deliver again"}
    # Its link at the service has ended meanwhile; the file has not.
    end_link(stage, "Made for nobody")
    done = await (await press_at(carol, card, "Made for nobody")).until(has_clip)
    assert done.channel is other
    assert not done.ephemeral
    assert (
        said(done)
        == f"### Made for nobody\n-# wan2.7-t2v · 320×180 · 2 s long · no sound · made in … s · <@{carol.id}>"
    )
    assert asked(stage, "files", "Made for nobody") == stage.api.submits["Made for nobody"] == 1
    # The list can go on to be used.
    again = await press_at(carol, card, "Made for nobody")
    assert await private_answer(again) == en("jobs.just_brought")


async def test_what_was_delivered_is_fetched_once_more(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    prompt = "Fetched anew [run:0.1]"
    before = folders(stage)
    first = await delivered(stage, carol, channel, prompt)
    mary = someone(stage, "mary", at=channel, permissions=Permission.MANAGE_MESSAGES)
    await mary.delete(first)
    await eventually(lambda: folders(stage) <= before)
    card = await jobs(carol, channel)
    done = await (await carol.press(card, label="Deliver again")).until(has_clip)
    assert posted_in(channel) == [done]
    assert "**[Open the video](…)** · the link works until <t:…:f>" in said(done)
    assert asked(stage, "files", prompt) == 2
    assert stage.api.submits[prompt] == 1
    # Nothing is left behind.
    await eventually(lambda: folders(stage) <= before)


@pytest.mark.parametrize(
    ("locale", "label", "sentence"),
    [("en-US", "Deliver again", NOT_KEPT), ("zh-CN", "重新发送", zh("jobs.not_kept"))],
)
async def test_what_is_neither_kept_nor_to_be_had_is_said(stage: Stage, locale: str, label: str, sentence: str) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel, locale=locale)
    prompt = f"Ended link {locale} [run:0.1]"
    before = folders(stage)
    await delivered(stage, carol, channel, prompt)
    await eventually(lambda: folders(stage) <= before)
    end_link(stage, prompt)
    # Neither behind its link nor under its task: each is tried once.
    for route in ("files", "video.content"):
        stage.api.next(route, fault="403")
    card = await jobs(carol, channel)
    answer = await (await carol.press(card, label=label)).until(
        lambda message: not message.loading and message is not card
    )
    assert said(answer) == sentence
    assert labels(card) == [label]
    assert not stage.api.coming("files") + stage.api.coming("video.content")
    assert asked(stage, "files", prompt) == 2


async def test_a_redelivered_card_has_its_buttons(stage: Stage) -> None:
    channel = server(stage)
    guild = stage.world.guilds[channel.guild_id or 0]
    elsewhere = stage.world.text_channel(guild, "elsewhere")
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    prompt = "A fox with a tale to tell. " * 12 + "[x](https://evil.example)"
    use, _ = await paint(carol, channel, prompt)
    await at_rest(stage, await use.until(has_pictures(1)))
    card = await jobs(carol, elsewhere)
    done = await (await carol.press(card, label="Deliver again")).until(has_pictures(1))
    assert done.channel is elsewhere
    assert labels(done) == ["Like", "Reroll", "Edit prompt", "Prompt"]
    whole = await private_answer(await dave.press(done, label="Prompt"))
    assert whole == "A fox with a tale to tell. " * 12 + r"\[x\](https\://evil.example)"
    again = await (await dave.press(done, label="Reroll")).until(has_pictures(1))
    assert again.channel is elsewhere
    assert f"<@{dave.id}>" in said(again)
    assert len(files(done, "image")) == 1


async def test_a_very_long_prompt_is_shown_in_several_messages(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    prompt = "".join(f"{number:04d}*" for number in range(800))
    use, card = await paint(carol, channel, prompt)
    await use.until(has_pictures(1))
    press = await carol.press(card, label="Prompt")
    await press.until(lambda message: "0799" in message.text)
    parts = [message.text for message in press.messages if message is not card]
    assert len(parts) == 3
    assert "".join(parts) == prompt.replace("*", "\\*")


# Retry


async def test_retry_is_a_new_message_and_can_be_had_once(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    prompt = "Lost once [fault:lost*1]"
    title = "Lost once \\[fault\\:lost\\*1\\]"
    use, old = await film(carol, channel, prompt)
    await use.until(lambda message: labels(message) == ["Retry"])
    card = await jobs(carol, channel)
    presses = [await press_at(carol, card, title) for _ in range(3)]
    await eventually(lambda: stage.api.submits[prompt] == 2)
    task = next(task for task in reversed(stage.api.tasks.values()) if task.prompt == prompt)
    answers = [await press.until(lambda message: message is not card) for press in presses]
    assert sorted(said(answer) == ALREADY for answer in answers) == [False, True, True]
    again = next(answer for answer in answers if said(answer) != ALREADY)
    task.finish()
    await at_rest(stage, await presses[answers.index(again)].until(has_clip))
    assert posted_in(channel) == [old, again]

    # The failed one keeps its link and has no button any more, its card neither.
    fresh = await jobs(carol, channel)
    assert list(actions(fresh).values()) == ["Deliver again"]
    assert [facts.split(" · ")[-1] for _, facts in entries(fresh)] == [
        f"[message]({link_to(again)})",
        f"[message]({link_to(old)})",
    ]
    await eventually(lambda: not old.buttons())
    assert stage.api.submits[prompt] == 2
    assert used(stage, carol) == 2


async def test_retry_on_the_card_leaves_none_in_the_list(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, old = await paint(carol, channel, "Uncertain [fault:drop*1]")
    await use.until(lambda message: labels(message) == ["Retry"])
    stale = await jobs(carol, channel)
    await carol.press(old, label="Retry")
    await at_rest(stage, await use.until(has_pictures(1)))
    assert await private_answer_beside(await carol.press(stale, label="Retry"), stale) == ALREADY
    fresh = await jobs(carol, channel)
    assert [(title, facts.split(" · ")[1]) for title, facts in entries(fresh)] == [
        ("Uncertain \\[fault\\:drop\\*1\\]", "delivered"),
        ("Uncertain \\[fault\\:drop\\*1\\]", UNKNOWN),
    ]
    assert labels(fresh) == ["Deliver again"]


async def test_a_retry_that_could_not_be_posted_gives_all_back(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    prompt = "Not posted [fault:lost*1]"
    use, old = await film(carol, channel, prompt)
    await use.until(lambda message: labels(message) == ["Retry"])
    assert used(stage, carol) == 1
    card = await jobs(carol, channel)
    await asyncio.sleep(0.3)  # who waits in line is looked at when a video ends: nothing tells when that is over
    # On the card and in the list: the press arrives, its answer does not.
    for message in (old, card):
        stage.discord.faults.drop("POST /interactions/*", times=2)
        press = await carol.press(message, label="Retry")
        answer = await press.until(lambda each: each not in {old, card})
        assert said(answer) == en("error.discord")
        assert used(stage, carol) == 1
        assert labels(old) == ["Retry"]
    assert stage.api.submits[prompt] == 1
    fresh = await jobs(carol, channel)
    assert [facts.split(" · ")[1] for _, facts in entries(fresh)] == [UNKNOWN]
    assert labels(fresh) == ["Retry"]

    await carol.press(old, label="Retry")
    await use.until(says(RUNNING))
    assert used(stage, carol) == 2
    next(task for task in reversed(stage.api.tasks.values()) if task.prompt == prompt).finish()
    await use.until(has_clip)
    assert stage.api.submits[prompt] == 2
    assert posted_in(channel) == [old]


# The end of the process


async def test_while_it_stops_no_new_work_is_taken_and_the_person_is_told(new_stage: NewStage) -> None:
    stage = await new_stage()
    swift(stage)
    channel = server(stage)
    carol = someone(stage, at=channel)
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    failed, lost = await film(carol, channel, "Lost before [fault:lost]")
    await failed.until(lambda message: labels(message) == ["Retry"])
    listed = await jobs(carol, channel)
    slow, picture = await paint(carol, channel, "Slow [delay:2.5]")
    await stage.api.requests.seen("images")
    stage.bot.signal(signal.SIGTERM)
    await eventually(lambda: "stopping" in stage.bot.log_end(5))

    orders = [
        await carol.command(channel, "video", prompt="Too late"),
        await carol.command(channel, "imagine", prompt="Too late"),
        await carol.command(channel, "ask", prompt="Too late"),
        await carol.command(channel, "jobs"),
        await carol.press(lost, label="Retry"),
    ]
    for order in orders:
        assert await private_answer(order) == "The bot is restarting. Try again in a minute."
    press = await carol.press(listed, label="Retry")
    assert await private_answer_beside(press, listed) == "The bot is restarting. Try again in a minute."
    assert (
        await private_answer(await ming.command(channel, "video", prompt="太迟")) == "机器人正在重启，请一分钟后再试。"
    )
    assert await carol.autocomplete(channel, "video", focused="model", value="w", prompt="x") == []
    assert await stage.bot.ended() == 0
    await slow.until(has_pictures(1))
    assert labels(picture) == ["Like", "Reroll", "Edit prompt"]

    await stage.start()
    assert len(entries(await jobs(carol, channel))) == 2
    assert sum(request.prompt in {"Too late", "太迟"} for request in stage.api.requests) == 0


# Limits of time and of servers


async def test_past_half_an_hour_and_past_a_day(new_stage: NewStage) -> None:
    """The times of their submits are moved while the bot is away; it finds them so."""
    stage = await new_stage()
    channel = server(stage)
    carol = someone(stage, at=channel)
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    half, _ = await film(carol, channel, "Half an hour")
    day, card = await film(carol, channel, "A day")
    chinese, _ = await film(ming, channel, "半小时")
    for use in (half, day):
        await use.until(says(RUNNING))
    await chinese.until(says(zh("card.started", when="<t:…:R>")))
    await stage.stop()
    for prompt, seconds in (("Half an hour", 1801), ("半小时", 1801), ("A day", 86_401)):
        assert change(stage, "UPDATE generations SET submitted_at = submitted_at - ? WHERE prompt = ?", seconds, prompt)
    stage.world.expire_tokens()
    await stage.start()

    late = await half.until(says(piece("video.overdue")))
    assert said(late).splitlines()[2:] == [en("video.overdue", when="<t:…:R>")]
    assert labels(late) == ["Cancel"]
    late = await chinese.until(says("不会丢失"))
    assert said(late).splitlines()[2:] == [zh("video.overdue", when="<t:…:R>")]
    expired = await day.until(lambda message: labels(message) == ["Retry"])
    assert said(expired).splitlines()[2:] == [en("video.expired")]
    assert states(await jobs(carol, channel)) == {
        "A day": "not finished after 24 hours",
        "Half an hour": "in progress",
    }
    polls = task_of(stage, "A day").polls
    before = task_of(stage, "Half an hour").polls
    edits = len(half.versions)
    # Half an hour old, it is asked after once in a minute: cancelling and the others go on meanwhile.
    await carol.press(expired, label="Retry")
    await day.until(says(RUNNING))
    next(task for task in reversed(stage.api.tasks.values()) if task.prompt == "A day").finish()
    await day.until(has_clip)
    assert posted_in(channel).count(card) == 1
    assert task_of(stage, "A day").polls == polls
    assert task_of(stage, "Half an hour").polls <= before + 1
    # Said once, not with every poll.
    assert len(half.versions) == edits
    assert (stage.api.submits["A day"], stage.api.submits["Half an hour"]) == (2, 1)


async def test_a_server_s_own_limits_hold_for_it_alone(stage: Stage) -> None:
    here, there = server(stage), server(stage)
    carol, dave = someone(stage, at=here), someone(stage, "dave", at=here)
    boss = someone(stage, "boss", at=here, permissions=Permission.MANAGE_GUILD | Permission.MANAGE_CHANNELS)
    for setting, value in (("max_running_videos_per_person", "1"), ("max_running_videos", "2")):
        use = await boss.command(here, "config set", setting=setting, value=value)
        assert "is now" in await private_answer(use)
    first, _ = await film(carol, here, "Own limit, first")
    await first.until(says(RUNNING))
    second, _ = await film(carol, here, "Own limit, second")
    await second.until(says("Waiting: 1st in line."))
    other, _ = await film(dave, here, "Own limit, of dave")
    await other.until(says(RUNNING))
    # Two run, the most of this server; who comes now waits, though none of their own runs.
    erin = someone(stage, "erin", at=here)
    third, _ = await film(erin, here, "Own limit, of erin")
    await third.until(says("in line."))
    # Elsewhere it is as ever.
    fred = someone(stage, "fred", at=there)
    for number in range(2):
        elsewhere, _ = await film(fred, there, f"Another server {number}")
        await elsewhere.until(says(RUNNING))

    task_of(stage, "Own limit, of dave").finish()
    await other.until(has_clip)
    await third.until(says(RUNNING))
    await second.until(says("in line."))
    task_of(stage, "Own limit, first").finish()
    await first.until(has_clip)
    await second.until(says(RUNNING))
    names = ("first", "second", "of dave", "of erin")
    assert [stage.api.submits[f"Own limit, {name}"] for name in names] == [1] * 4
