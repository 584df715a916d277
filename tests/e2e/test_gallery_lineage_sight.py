"""/gallery lineage: what each may see of a family, and where the pictures can't be had."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from sandbox.discord.permissions import Permission
from tests.e2e.cards import at_rest, files, has_pictures, link, paint, server, someone
from tests.e2e.exhibiting import hidden, painted
from tests.e2e.picturing import PATIENCE, remix, studio
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

NO_PICTURE = en("lineage.no_picture")
_LINE = re.compile(r"^(\d+)\\\. (.*?)(?: · (<@\d+>) · \[#(\d+)\]\((.*)\))?$", re.MULTILINE)


async def lineage(who: Person, where: Channel, picture: str) -> Message:
    use = await who.command(where, "gallery lineage", image=picture)
    message = await use.message(PATIENCE)
    assert message.ephemeral
    return message


def listed(message: Message) -> list[tuple[str, str]]:
    """Each line's words, and where it leads."""
    return [(found[2], found[5] or "") for found in _LINE.finditer(message.text)]


def drawn(message: Message) -> Image.Image:
    (file,) = files(message, "image")
    assert file.data[:8] == b"\x89PNG\r\n\x1a\n"
    return Image.open(io.BytesIO(file.data)).convert("RGB")


def brightest(message: Message) -> int:
    """The lightest point of a tree's only picture, beside its number."""
    return max(drawn(message).convert("L").crop((60, 100, 250, 250)).tobytes())


async def pressed(who: Person, card: Message, label: str) -> Message:
    use = await who.press(card, label=label)
    return await use.until(
        lambda message: message is not card and has_pictures(len(files(message, "image")) or 9)(message), PATIENCE
    )


async def test_one_alone_by_its_number(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, "小红", at=channel, locale="zh-CN")
    await painted(carol, channel, "孤单的狐狸")
    suggested = await carol.autocomplete(channel, "gallery lineage", focused="image", value="狐狸")
    ((name, value),) = [(choice["name"], choice["value"]) for choice in suggested]
    assert name == f"{value} · 孤单的狐狸"
    message = await lineage(carol, channel, str(value))
    assert message.text.startswith("### 图片谱系\n1\\. 孤单的狐狸 · ")
    assert message.text.endswith(f"\n-# {zh('lineage.alone')}")
    assert (await lineage(carol, channel, "#999999999")).text.startswith(piece("lineage.no_picture", "zh_CN"))


async def test_names_that_name_nothing(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    words = await carol.say(channel, "Only words")
    for name in ("a fox", "#0", "9" * 19, link(words), "https://example.com/1/2/3", link(words) + "9"):
        assert (await lineage(carol, channel, name)).text == NO_PICTURE


async def test_a_family_in_a_channel_that_one_does_not_see(stage: Stage) -> None:
    channel = await studio(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    secret = hidden(stage, channel, "secret", carol)
    first = await painted(carol, secret, "In secret")
    # Carol carries it into the open: a remix of the picture that only she sees.
    stage.world.overwrite(secret, dave.user, allow=int(Permission.VIEW_CHANNEL))
    page = await (await dave.command(secret, "gallery show")).message(PATIENCE)
    assert "In secret" in page.text
    child = await at_rest(stage, await (await remix(dave, first, "Its child")).until(has_pictures(1), PATIENCE))
    remixed = await remix(dave, child, "Its grandchild")
    grandchild = await at_rest(stage, await remixed.until(has_pictures(1), PATIENCE))
    stage.world.overwrite(secret, dave.user)
    for card in (first, child, grandchild):
        assert (await lineage(dave, channel, link(card))).text == NO_PICTURE
    assert len(listed(await lineage(carol, channel, link(first)))) == 3
    assert await dave.autocomplete(channel, "gallery lineage", focused="image", value="secret") == []


async def test_removed_ones_are_there_for_their_children_only(stage: Stage) -> None:
    channel = await studio(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    first = await painted(carol, channel, "The first")
    middle = await (await remix(dave, first, "The middle")).until(has_pictures(1), PATIENCE)
    last = await (await remix(carol, middle, "The last")).until(has_pictures(1), PATIENCE)
    leaf = await (await remix(dave, first, "The leaf")).until(has_pictures(1), PATIENCE)
    for who, card in ((dave, middle), (dave, leaf)):
        use = await who.message_command(card, "Remove")
        await use.until(lambda message: message.text == "Removed.", PATIENCE)
    message = await lineage(carol, channel, link(last))
    assert [words for words, _ in listed(message)] == ["The first", "removed", "The last"]
    assert "middle" not in message.text
    assert f"<@{dave.id}>" not in message.text
    # A message that Discord deleted by itself is treated like a removed one.
    moderator = someone(stage, "mod", at=channel, permissions=int(Permission.MANAGE_MESSAGES))
    await moderator.delete(first)
    message = await lineage(carol, channel, link(last))
    assert [words for words, _ in listed(message)] == ["removed", "removed", "The last"]
    await moderator.delete(last)
    assert (await lineage(carol, channel, link(last))).text == NO_PICTURE


async def test_failed_tries_are_passed_over(stage: Stage) -> None:
    channel = await studio(stage)
    carol = someone(stage, at=channel)
    first = await painted(carol, channel, "The first")
    stage.api.next("images", fault="500")
    use = await remix(carol, first, "At the second try")
    failed = await use.until(lambda message: any(part["label"] == "Retry" for part in message.buttons()), PATIENCE)
    second = await at_rest(stage, await (await carol.press(failed, label="Retry")).until(has_pictures(1), PATIENCE))
    message = await lineage(carol, channel, link(first))
    assert listed(message) == [("The first", link(first)), ("At the second try", link(second))]


async def test_pictures_that_cannot_be_fetched_leave_the_tree(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    card = await painted(carol, channel, "Unseen")
    bright = brightest(await lineage(carol, channel, link(card)))
    stage.world.overwrite(channel, stage.world.application.bot, deny=int(Permission.READ_MESSAGE_HISTORY))
    message = await lineage(carol, channel, link(card))
    assert listed(message) == [("Unseen", link(card))]
    assert brightest(message) < 100 < bright


async def test_in_direct_messages(stage: Stage) -> None:
    carol = someone(stage)
    use, card = await paint(carol, carol.dm(), "Between us")
    await use.until(has_pictures(1), PATIENCE)
    again = await at_rest(stage, await pressed(carol, card, "Reroll"))
    message = await lineage(carol, carol.dm(), link(card))
    assert listed(message) == [("Between us", link(card)), ("Between us", link(again))]
