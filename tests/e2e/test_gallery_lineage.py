"""/gallery lineage: a picture's family, as who asks may see it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from sandbox.discord.models import walk
from sandbox.discord.permissions import Permission
from tests.e2e.cards import at_rest, someone
from tests.e2e.picturing import PATIENCE, animate, painted, remix, studio

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


def has_gallery(message: Message) -> bool:
    return any(part["type"] == 12 for part in walk(message.components))


def id_of(card: Message) -> int:
    return int(str(card.buttons()[0]["custom_id"]).split(":")[1])


async def lineage(who: Person, where: Channel, picture: str) -> Message:
    use = await who.command(where, "gallery lineage", image=picture)
    message = await use.message(PATIENCE)
    assert message.ephemeral
    return message


async def pressed(who: Person, card: Message, action: str) -> Message:
    """What the menu under a picture ordered, finished."""
    use = await who.select(card, action, custom_id=f"image:{id_of(card)}:chosen")
    return await use.until(has_gallery, PATIENCE)


async def test_a_family(stage: Stage) -> None:
    """Remixes, a variation, an upscaled one and a clip, of several people: all in one tree, from any of them."""
    channel = await studio(stage)
    alice, bob = someone(stage, "alice", at=channel), someone(stage, "bob", at=channel)
    first = await painted(alice, channel, "A red fox in the snow", count=4)
    mixed = await remix(bob, first, "A blue fox in the snow")
    second = await mixed.until(has_gallery, PATIENCE)
    await at_rest(stage, await pressed(alice, second, "vary:2"))
    await at_rest(stage, await pressed(alice, first, "upscale:3"))
    await at_rest(stage, await (await animate(bob, first, 1)).until(has_gallery, PATIENCE))
    await (await bob.press(first, custom_id=f"image:{id_of(first)}:vote:3")).acknowledged()

    shown = await lineage(alice, channel, f"#{id_of(second)}")
    assert shown.text.count("A red fox in the snow") == 3, "the first, its clip and the upscaled one"
    assert shown.text.count("A blue fox in the snow") == 2
    assert shown.text.count(f"<@{bob.id}>") == 2
    (tree,) = shown.attachments
    with Image.open(io.BytesIO(tree.data)) as drawn:
        assert drawn.format == "PNG"
        assert min(drawn.size) > 400
        assert len(drawn.convert("RGB").getcolors(1 << 20) or []) > 200, "the pictures themselves are in it"
    by_link = await lineage(alice, channel, f"https://discord.com/channels/{channel.guild_id}/{channel.id}/{first.id}")
    assert by_link.text == shown.text


async def test_removed_and_hidden_ones(stage: Stage) -> None:
    """A removed picture has neither words nor name; one in a channel that is not theirs is only a gap."""
    channel = await studio(stage)
    alice, bob = someone(stage, "alice", at=channel), someone(stage, "bob", at=channel)
    moderator = someone(stage, "mod", at=channel, permissions=int(Permission.MANAGE_MESSAGES))
    first = await painted(alice, channel, "The first of them")
    mixed = await remix(bob, first, "Made of the first")
    second = await at_rest(stage, await mixed.until(has_gallery, PATIENCE))
    number = id_of(first)
    await (await moderator.message_command(first, "Remove")).message()
    shown = await lineage(alice, channel, f"#{id_of(second)}")
    assert "Made of the first" in shown.text
    assert "The first of them" not in shown.text
    assert f"<@{alice.id}>" not in shown.text
    refused = await lineage(alice, channel, f"#{number}")
    assert refused.attachments == []
    assert "The first of them" not in refused.text


async def test_what_is_not_a_picture(stage: Stage) -> None:
    channel = await studio(stage)
    alice = someone(stage, "alice", at=channel)
    for named in ("nothing", "#999999999999999999999", "https://discord.com/channels/1/2/3"):
        answer = await lineage(alice, channel, named)
        assert answer.attachments == []
        assert answer.text


async def test_it_is_suggested_while_typing(stage: Stage) -> None:
    channel = await studio(stage)
    alice = someone(stage, "alice", at=channel)
    card = await at_rest(stage, await painted(alice, channel, "A lighthouse at night"))
    choices = await alice.autocomplete(channel, "gallery lineage", focused="image", image="lighthouse")
    assert [choice["value"] for choice in choices] == [f"#{id_of(card)}"]
    assert "A lighthouse at night" in choices[0]["name"]
