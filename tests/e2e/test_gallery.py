"""/gallery show: whose pictures a person is shown, and pages that are full and work for ever."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.models import SUPPRESS_EMBEDS
from sandbox.discord.permissions import Permission
from tests.e2e.cards import files, has_pictures, labels, link, paint, server, someone
from tests.e2e.exhibiting import guild_of, hidden, painted
from tests.e2e.picturing import PATIENCE
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOTHING = en("gallery.none")
NOT_THERE = en("gallery.not_visible")
_TITLE = re.compile(r"^\*\*(.*)\*\*$", re.MULTILINE)


async def gallery(who: Person, where: Channel, **options: Any) -> Message:
    """What they are shown, privately."""
    use = await who.command(where, "gallery show", **options)
    message = await use.message(PATIENCE)
    assert message.ephemeral
    return message


def titles(message: Message) -> list[str]:
    return _TITLE.findall(message.text)


def shown(message: Message) -> list[str]:
    """The addresses of the pictures."""
    return [item["media"]["url"] for part in message.components if part["type"] == 12 for item in part["items"]]


def jumps(message: Message) -> list[str]:
    return [part["url"] for part in message.buttons() if "url" in part]


async def turn(who: Person, message: Message, label: str) -> Message:
    use = await who.press(message, label=label)
    before = len(message.versions)
    turned = await use.until(lambda each: len(each.versions) > before, PATIENCE)
    assert turned.flags & SUPPRESS_EMBEDS, "an edit, too, shows no previews"
    return turned


async def test_an_entry_shows_its_pictures_and_leads_to_its_message(stage: Stage) -> None:
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    first = await painted(carol, channel, "Two **foxes** <@1>", count=2)
    second = await painted(dave, channel, "A boat")
    page = await gallery(dave, channel)
    assert page.text.startswith(f"### {en('chart.imagine')}\n**A boat**\n-# #")
    assert titles(page) == ["A boat", "Two \\*\\*foxes\\*\\* \\<\\@1\\>"]
    assert f"<@{carol.id}>" in page.text
    assert not page.pinged
    assert jumps(page) == [link(second), link(first)]
    assert shown(page) == [
        *(each.url for each in files(second, "image")),
        *(each.url for each in files(first, "image")),
    ]
    assert labels(page) == [en("gallery.jump"), en("gallery.jump")]
    child = await (await carol.press(second, label=en("button.reroll"))).until(has_pictures(1), PATIENCE)
    came_from = en("card.from_reroll", what=f"[A boat]({link(second)})", who=f"<@{dave.id}>")
    assert f"-# {came_from}" in (await gallery(dave, channel)).text
    assert came_from in child.text


async def test_in_chinese(stage: Stage) -> None:
    channel = server(stage)
    person = someone(stage, "小红", at=channel, locale="zh-CN")
    await painted(person, channel, "一只狐狸")
    page = await gallery(person, channel, sort="v", period="w", by=person)
    assert page.text.startswith(
        f"### 图片\n-# {zh('gallery.by', who=f'<@{person.id}>')} · 得票最多 · 近 7 天\n**一只狐狸**"
    )
    assert labels(page) == [zh("gallery.jump")]
    assert (await gallery(person, channel, by=someone(stage, "nobody", at=channel))).text.endswith("没有可显示的图片。")


async def test_only_what_a_person_may_read(stage: Stage) -> None:
    channel = server(stage)
    guild = guild_of(stage, channel)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    secret = hidden(stage, channel, "secret", carol)
    silent = hidden(stage, channel, "no-history", carol, deny=Permission.READ_MESSAGE_HISTORY)
    late = stage.world.text_channel(guild, "late", nsfw=True)
    thread = stage.world.thread(channel, "open", owner=carol.user)
    private = stage.world.thread(channel, "closed", owner=carol.user, private=True)
    stage.world.join_thread(private, stage.world.application.bot)
    for where, prompt in (
        *((secret, "Secret"), (silent, "Silent"), (late, "Late"), (thread, "In a thread"), (private, "Closed")),
        (channel, "Open"),
    ):
        await painted(carol, where, prompt)
    assert titles(await gallery(dave, channel)) == ["Open", "In a thread"]
    assert titles(await gallery(carol, channel)) == ["Open", "In a thread", "Silent", "Secret"]
    # Opened there, that place is shown, too.
    assert titles(await gallery(carol, private)) == ["Open", "Closed", "In a thread", "Silent"]
    assert titles(await gallery(dave, late)) == ["Open", "In a thread", "Late"]
    moderator = someone(stage, "mod", at=channel, permissions=int(Permission.MANAGE_THREADS))
    assert titles(await gallery(moderator, channel)) == ["Open", "Closed", "In a thread"]
    # A role is taken away, and with it the sight.
    assert titles(await gallery(carol, channel, channel=secret)) == ["Secret"]
    stage.world.overwrite(secret, carol.user)
    assert (await gallery(carol, channel)).text.count("Secret") == 0


async def test_a_channel_that_is_named(stage: Stage) -> None:
    channel = server(stage)
    guild = guild_of(stage, channel)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    other = stage.world.text_channel(guild, "other")
    secret = hidden(stage, channel, "secret", carol)
    thread = stage.world.thread(other, "inside", owner=carol.user)
    private = stage.world.thread(other, "closed", owner=carol.user, private=True)
    stage.world.join_thread(private, stage.world.application.bot)
    for where, prompt in (
        (other, "Other"),
        (thread, "Inside"),
        (secret, "Secret"),
        (private, "Closed"),
        (channel, "Here"),
    ):
        await painted(carol, where, prompt)
    page = await gallery(dave, channel, channel=other)
    assert titles(page) == ["Inside", "Other"]
    assert page.text.startswith(f"### {en('chart.imagine')}\n-# <#{other.id}>\n")
    assert titles(await gallery(dave, channel, channel=thread)) == ["Inside"]
    assert (await gallery(dave, channel, channel=secret)).text == NOT_THERE
    assert (await gallery(dave, channel, channel=private)).text == NOT_THERE
    stage.world.archive(thread)
    assert titles(await gallery(dave, channel, channel=thread)) == ["Inside"]
    assert titles(await gallery(dave, channel, channel=other)) == ["Inside", "Other"]
    stage.world.archive(private)
    assert (await gallery(dave, channel, channel=private)).text == NOT_THERE
    # Another server's channel, named by a tampered client.
    elsewhere = server(stage)
    await painted(someone(stage, at=elsewhere), elsewhere, "Elsewhere")
    pressed = await dave.forge(page, f"gallery:n:a:0:{elsewhere.id}:o:0.999999")
    answered = await pressed.until(lambda each: each is not page, PATIENCE)
    assert answered.ephemeral
    assert titles(answered) == []


async def test_threads_that_were_archived(stage: Stage) -> None:
    """Those for everybody stay in the gallery. Of the others nothing is shown, nor of what Discord says nothing of."""
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    secret = hidden(stage, channel, "secret", carol)
    opened = [stage.world.thread(channel, f"open {number}", owner=carol.user) for number in range(2)]
    within = stage.world.thread(secret, "within", owner=carol.user)
    closed = [stage.world.thread(channel, f"closed {number}", owner=carol.user, private=True) for number in range(2)]
    for each in closed:
        stage.world.join_thread(each, stage.world.application.bot)
    threads = (*opened, within, *closed)
    cards = [await painted(carol, each, f"Picture {number}") for number, each in enumerate((channel, *threads))]
    for each in threads:
        stage.world.archive(each)
    failing = [stage.discord.faults.status(f"GET /channels/{each.id}", 503, times=50) for each in threads]
    assert titles(await gallery(dave, channel)) == ["Picture 0"]
    assert any(each.hits for each in failing)
    stage.discord.faults.clear()
    counted = [stage.discord.faults.slow(f"GET /channels/{each.id}", 0.0, times=50) for each in threads]
    for _ in range(2):
        assert titles(await gallery(dave, channel)) == ["Picture 2", "Picture 1", "Picture 0"]
    assert titles(await gallery(carol, channel)) == ["Picture 3", "Picture 2", "Picture 1", "Picture 0"]
    # Each is asked after once.
    assert [each.hits for each in counted] == [1, 1, 1, 1, 1]

    # The same holds for a picture that is named, and for what came of it.
    tree = await (await dave.command(channel, "gallery lineage", image=link(cards[5]))).message(PATIENCE)
    assert tree.text.startswith(piece("lineage.no_picture"))
    tree = await (await dave.command(channel, "gallery lineage", image=link(cards[2]))).message(PATIENCE)
    assert "Picture 2" in tree.text
    stage.world.delete_channel(opened[1])
    assert titles(await gallery(dave, channel)) == ["Picture 1", "Picture 0"]


async def test_closed_threads_do_not_hide_what_lies_behind_them(stage: Stage) -> None:
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    await painted(carol, channel, "The first")
    for number in range(7):
        thread = stage.world.thread(channel, f"closed {number}", owner=carol.user, private=True)
        stage.world.join_thread(thread, stage.world.application.bot)
        await painted(carol, thread, f"Closed {number}")
        stage.world.archive(thread)
    page = await gallery(dave, channel)
    assert titles(page) == ["The first"]
    assert "Older" not in labels(page)


async def test_pages_are_full_and_work_after_a_restart(stage: Stage) -> None:
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    secret = hidden(stage, channel, "secret", carol)
    for number in range(10):
        await painted(carol, channel, f"Number {number}")
        await painted(carol, secret, f"Secret {number}")
    page = await gallery(dave, channel)
    assert titles(page) == [f"Number {number}" for number in (9, 8, 7, 6)]
    assert labels(page)[-1:] == ["Older"]
    await stage.restart()
    page = await turn(dave, page, "Older")
    assert titles(page) == [f"Number {number}" for number in (5, 4, 3, 2)]
    assert labels(page)[-2:] == ["Newer", "Older"]
    page = await turn(dave, page, "Older")
    assert titles(page) == ["Number 1", "Number 0"]
    assert labels(page)[-1:] == ["Newer"]
    page = await turn(dave, page, "Newer")
    assert titles(page) == [f"Number {number}" for number in (5, 4, 3, 2)]
    page = await turn(dave, page, "Newer")
    assert titles(page) == [f"Number {number}" for number in (9, 8, 7, 6)]
    assert labels(page)[-1:] == ["Older"]
    # What came in between makes the first page neither short nor odd.
    page = await turn(dave, page, "Older")
    await painted(carol, channel, "Number 10")
    page = await turn(dave, page, "Newer")
    assert titles(page) == [f"Number {number}" for number in (9, 8, 7, 6)]
    assert labels(page)[-2:] == ["Newer", "Older"]
    page = await turn(dave, page, "Newer")
    assert titles(page) == [f"Number {number}" for number in (10, 9, 8, 7)]


async def test_what_is_removed_or_deleted_is_on_no_page(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    cards = [await painted(carol, channel, f"Number {number}") for number in range(7)]
    use = await carol.message_command(cards[6], "Remove")
    await use.until(lambda message: message.text == "Removed.", PATIENCE)
    # Deleted by Discord's own menu, of which the bot hears nothing.
    moderator = someone(stage, "mod", at=channel, permissions=int(Permission.MANAGE_MESSAGES))
    await moderator.delete(cards[5])
    await moderator.delete(cards[3])
    page = await gallery(carol, channel)
    assert titles(page) == [f"Number {number}" for number in (4, 2, 1, 0)]
    assert len(shown(page)) == 4
    assert labels(page) == [en("gallery.jump")] * 4
    asked = stage.discord.limits.served["message.get"]
    assert titles(await gallery(carol, channel)) == [f"Number {number}" for number in (4, 2, 1, 0)]
    assert stage.discord.limits.served["message.get"] - asked == 1, (
        "neighbours come together, the gone are not asked for"
    )


async def test_private_ones_and_failed_ones_are_not_shown(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    await painted(carol, channel, "Fine")
    stage.api.next("images", fault="inspection_400")
    use, _ = await paint(carol, channel, "Refused")
    await use.until(lambda message: "Edit and retry" in labels(message), PATIENCE)
    manager = someone(
        stage, "manager", at=channel, permissions=int(Permission.MANAGE_GUILD | Permission.MANAGE_CHANNELS)
    )
    await (await manager.command(channel, "config set", setting="answers", value="private")).message()
    await painted(carol, channel, "Between us")
    assert titles(await gallery(carol, channel)) == ["Fine"]


def vote_of(card: Message) -> str:
    return next(each for each in (str(part.get("custom_id")) for part in card.buttons()) if ":vote:" in each)


async def test_by_votes(stage: Stage) -> None:
    channel = server(stage)
    people = [someone(stage, f"voter{number}", at=channel) for number in range(3)]
    cards = [await painted(people[0], channel, f"Number {number}") for number in range(7)]
    for number, votes in ((0, 2), (4, 3), (5, 2)):
        for person in people[:votes]:
            await (await person.press(cards[number], custom_id=vote_of(cards[number]))).acknowledged()
    page = await gallery(people[0], channel, sort="v")
    assert titles(page) == [f"Number {number}" for number in (4, 5, 0, 6)]
    assert [line.rpartition(" · ")[2] for line in page.text.splitlines() if line.startswith("-# #")][:3] == [
        *("3 votes", "2 votes", "2 votes"),
    ]
    page = await turn(people[0], page, "Next")
    assert titles(page) == [f"Number {number}" for number in (3, 2, 1)]
    page = await turn(people[0], page, "Back")
    assert titles(page) == [f"Number {number}" for number in (4, 5, 0, 6)]


async def test_one_s_own_in_direct_messages(stage: Stage) -> None:
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    await painted(carol, channel, "In the server")
    await painted(dave, dave.dm(), "His own")
    await painted(carol, carol.dm(), "My own")
    page = await gallery(carol, carol.dm())
    assert titles(page) == ["My own"]
    assert page.text.startswith(f"### {en('gallery.mine')}\n")
    assert len(shown(page)) == 1
    assert titles(await gallery(carol, channel)) == ["In the server"]


async def test_where_the_bot_may_not_read_back(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    card = await painted(carol, channel, "Blind")
    stage.world.overwrite(channel, stage.world.application.bot, deny=int(Permission.READ_MESSAGE_HISTORY))
    asked = stage.discord.limits.served["message.get"]
    page = await gallery(carol, channel)
    assert titles(page) == ["Blind"]
    assert jumps(page) == [link(card)]
    assert stage.discord.limits.served["message.get"] == asked
    # The service's own link still works.
    assert [url for url in shown(page) if "/files/" in url]


async def test_discord_in_trouble(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    await painted(carol, channel, "Still there")
    stage.discord.faults.status(f"GET /channels/{channel.id}/messages*", 500, times=20)
    page = await gallery(carol, channel)
    assert titles(page) == ["Still there"]
    stage.discord.faults.clear()
    assert len(shown(await gallery(carol, channel))) == 1
