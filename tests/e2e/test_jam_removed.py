"""Pictures of a jam that is over are removed, or its end is: nothing shows them, names them or leads there any more."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from sandbox.discord.permissions import Permission
from tests.e2e.cards import eventually, files, has_pictures, labels, link, remove, said, server, someone
from tests.e2e.configuring import told
from tests.e2e.jamming import WITHIN, Jam, start, strip_of, vote
from tests.words import en, piece

if TYPE_CHECKING:
    from sandbox.discord.models import Message
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def played(stage: Stage, *, rounds: int) -> tuple[Jam, list[Message], Message]:
    """A jam of so many rounds that is over: the pictures of each round, and the end."""
    channel = server(stage)
    await told(stage.person("alice"), channel, "set", setting="edit_model", value="qwen-image-edit", scope="server")
    jam = await start(stage, channel=channel)
    bob = someone(stage, "bob", at=channel)
    pictures: list[Message] = []
    for number in range(1, rounds + 1):
        await jam.idea(bob, f"a dragon number {number}")
        await jam.until(f"dragon number {number}", rounds=number)
        pictures.append(await jam.make())
        await vote(bob, pictures[-1], 2)
        if number == rounds:
            await jam.close()
        await jam.press(jam.starter, en("button.jam_end_vote"))
        if number < rounds:
            await jam.until(piece("jam.changes"), rounds=number + 1)
    return jam, pictures, await jam.ended()


async def test_one_round_s_pictures_after_the_other(stage: Stage) -> None:
    """They go from the strip, and what came of them is not told to be theirs; a moderator may do it. Where the last's
    are gone the end shows the round before; without any it says so. It is the same message, and said once.
    """
    jam, (first, second, third), end = await played(stage, rounds=3)
    carol = someone(stage, "carol", at=jam.channel, permissions=Permission.MANAGE_MESSAGES)
    before = files(second, "image")[1].data
    with Image.open(io.BytesIO(strip_of(end).data)) as strip:
        three = strip.width
    assert said(second).splitlines()[1].startswith(f"-# {en('card.from_round_n', number='2', what='[')}")
    assert await remove(carol, first) == "Removed."
    await eventually(lambda: en("card.from_removed") in second.text, within=WITHIN)
    assert str(first.id) not in second.text
    assert len(files(second, "image")) == 4, "its own pictures stand"
    await eventually(lambda: "2 rounds" in end.text, within=WITHIN)
    with Image.open(io.BytesIO(strip_of(end).data)) as strip:
        assert strip.width < three
    assert end.attachments[0].data == files(third, "image")[1].data
    await eventually(lambda: not any(str(first.id) in each.text for each in jam.cards), within=WITHIN)

    assert await remove(jam.starter, third) == "Removed."
    assert third.deleted
    await eventually(lambda: end.attachments[0].data == before, within=WITHIN)
    assert [each.filename for each in end.attachments] == ["2.png"], "a strip of one round would be the picture again"
    assert "1 round · 1 vote" in end.text
    await eventually(lambda: jam.card.text.endswith(en("jam.round_removed")), within=WITHIN)

    assert await remove(jam.starter, second) == "Removed."
    await eventually(lambda: piece("jam.pictures_removed") in end.text, within=WITHIN)
    assert end.attachments == []
    assert labels(end) == [en("button.jam_again")]
    await eventually(lambda: piece("jam.over_removed") in jam.word.text, within=WITHIN)
    await eventually(lambda: piece("jam.over_removed") in jam.posted_in(jam.thread)[-1].text, within=WITHIN)
    told_of = [each for each in jam.posted_in(jam.thread) if f"/{end.id}" in each.text]
    assert len(told_of) == 1, "the thread is told once"
    assert jam.posted_in(jam.channel) == [jam.word, end], "nothing was posted anew"
    assert await start(stage, channel=jam.channel, who=jam.starter, theme="Another"), "the channel was free all along"


async def test_the_end_itself(stage: Stage) -> None:
    """Nothing leads to it any more, and it does not come again."""
    jam, (pictures,), end = await played(stage, rounds=1)
    assert await remove(jam.starter, end) == "Removed."
    assert end.deleted
    await eventually(lambda: jam.word.text.endswith(en("jam.over")), within=WITHIN)
    await eventually(lambda: jam.posted_in(jam.thread)[-1].text == en("jam.over"), within=WITHIN)
    assert not pictures.deleted
    # What was removed after it changes nothing.
    assert await remove(jam.starter, pictures) == "Removed."
    await stage.restart()
    await start(stage, channel=jam.channel, who=jam.starter, theme="Another")
    assert jam.finals == []


async def test_while_discord_is_away(stage: Stage) -> None:
    """The end is brought up to date by the next process, if this one can't."""
    jam, (first,), end = await played(stage, rounds=1)
    stage.discord.faults.status(f"PATCH /channels/{jam.channel.id}/messages/{end.id}", 503, times=100)
    assert await remove(jam.starter, first) == "Removed."
    assert files(end, "image")
    await stage.kill()
    stage.discord.faults.clear()
    await stage.start()
    await eventually(lambda: piece("jam.pictures_removed") in end.text, within=WITHIN)
    assert end.attachments == []


async def test_an_end_that_discord_lets_nobody_change_goes(stage: Stage) -> None:
    """Rather than that it shows what was removed; where the bot may not go, it is brought up to date when it may."""
    jam, (pictures,), end = await played(stage, rounds=1)
    stage.discord.faults.status(f"PATCH /channels/{jam.channel.id}/messages/{end.id}", 400, code=50035, times=9)
    assert await remove(jam.starter, pictures) == "Removed."
    await eventually(lambda: end.deleted, within=WITHIN)
    await eventually(lambda: jam.word.text.endswith(en("jam.over")), within=WITHIN)

    jam, (pictures,), end = await played(stage, rounds=1)
    route = f"/channels/{jam.channel.id}/messages/{end.id}"
    forbidden = [stage.discord.faults.status(f"{verb} {route}", 403, code=50001, times=9) for verb in ("GET", "PATCH")]
    assert await remove(jam.starter, pictures) == "Removed."
    await eventually(lambda: forbidden[1].hits > 0, within=WITHIN)
    assert files(end, "image")
    stage.discord.faults.clear()
    await stage.restart()
    await eventually(lambda: piece("jam.pictures_removed") in end.text, within=WITHIN)
    # Its layout is no prompt: what it was about is.
    opened = await jam.starter.message_command(end, en("command.ask_about"))
    await opened.form()
    await (await jam.starter.submit(opened, {"way": "image"})).until(has_pictures(1), WITHIN)
    assert stage.api.requests.of("images")[-1].json["prompt"] == "A castle in the clouds"


async def test_killed_right_after_its_end(stage: Stage) -> None:
    """The last card says how it ended, although the process that ended the jam could not."""
    jam = await start(stage)
    bob = someone(stage, "bob", at=jam.channel)
    await jam.idea(bob, "a dragon")
    await jam.until("dragon")
    await vote(bob, await jam.make(), 2)
    card = jam.card
    await jam.close()
    await eventually(lambda: "the last round" in card.text, within=WITHIN)
    held = [stage.discord.faults.hold(f"PATCH {route}", times=99) for route in ("/webhooks/*", "/channels/*")]
    await jam.press(jam.starter, en("button.jam_end_vote"))
    await eventually(lambda: bool(jam.finals), within=WITHIN)
    await eventually(lambda: any(fault.hits for fault in held), within=WITHIN)
    await stage.kill()
    stage.discord.faults.clear()
    assert en("button.jam_end_vote") in labels(card)
    await stage.start()
    await eventually(lambda: en("jam.won", number="2", count=1) in card.text and labels(card) == [], within=WITHIN)


async def test_the_end_stands_for_its_winner(stage: Stage) -> None:
    """In the menus of messages and in /gallery it is a picture like another."""
    jam, (pictures,), end = await played(stage, rounds=1)
    bob = someone(stage, "bob", at=jam.channel)
    opened = await bob.message_command(end, en("command.ask_about"))
    await opened.form()
    await (await bob.submit(opened, {"way": "image"})).until(has_pictures(1), WITHIN)
    prompt = stage.api.requests.of("images")[-1].prompt or ""
    assert prompt.startswith("A castle in the clouds")
    assert "@" not in prompt
    opened = await bob.message_command(end, en("command.change_image"))
    await opened.form()
    made = await (await bob.submit(opened, {"prompt": "In winter"})).until(has_pictures(1), WITHIN)
    assert f"/{pictures.id}) by <@{jam.starter.id}>" in said(made).splitlines()[1]
    shown = await (await bob.command(jam.channel, "gallery lineage", image=link(end))).until(
        lambda message: bool(message.attachments), WITHIN
    )
    assert "In winter" in said(shown)
    assert await remove(jam.starter, pictures) == "Removed."
    await eventually(lambda: en("card.from_removed") in said(made), within=WITHIN)


async def test_a_base_that_is_removed_is_missed(stage: Stage) -> None:
    channel = server(stage)
    jam = await start(stage, channel=channel)
    await jam.idea(jam.starter, "a dragon")
    await jam.until("dragon")
    pictures = await jam.make()
    await jam.press(jam.starter, en("button.jam_end_vote"))
    await jam.until(piece("jam.builds_on"), rounds=2)
    assert await remove(jam.starter, pictures) == "Removed."
    await jam.until(en("jam.base_removed", number="1"), rounds=2)
    assert str(pictures.id) not in jam.card.text
