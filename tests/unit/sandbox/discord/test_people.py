"""The acting side without a bot: what a client offers and refuses, who sees what, what the interaction carries."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sandbox.discord import commands
from sandbox.discord.choosing import ClientRefusal, Upload
from sandbox.discord.models import Channel, Json, Message
from sandbox.discord.people import Person
from sandbox.discord.permissions import Permission
from sandbox.discord.places import Event
from sandbox.discord.state import Draft
from sandbox.discord.world import World

VIDEO: Json = {
    "name": "video",
    "description": "Make a video",
    "options": [
        {"type": 3, "name": "prompt", "description": "What", "required": True, "max_length": 20},
        {
            "type": 3,
            "name": "resolution",
            "description": "Size",
            "choices": [{"name": "Small", "value": "480p"}, {"name": "Large", "value": "720p"}],
        },
        {"type": 4, "name": "count", "description": "How many", "min_value": 1, "max_value": 4},
        {"type": 5, "name": "private", "description": "Only me"},
        {"type": 11, "name": "file", "description": "A picture"},
        {"type": 6, "name": "who", "description": "Somebody"},
        {"type": 7, "name": "where", "description": "A text channel", "channel_types": [0]},
    ],
}


class Place:
    def __init__(self, world: World) -> None:
        self.world = world
        self.events: list[Event] = []
        world.sinks.append(self.events.append)
        self.guild = world.guild("Home", locale="de", boost_tier=2)
        self.channel = world.text_channel(self.guild, "general")
        self.alice = world.person("alice", guild=self.guild, locale="zh-CN")

    def register(self, *forms: Json) -> None:
        commands.check(list(forms))
        commands.overwrite(self.world.application, list(forms), new_id=self.world.ids)

    def answer(self, channel: Channel, **parts: Any) -> Message:
        return self.world.create_message(channel, self.world.application.bot, Draft(**parts))


@pytest.fixture
async def place():
    place = Place(World())
    yield place
    for interaction in place.world.interactions.values():
        assert interaction.timer is not None
        interaction.timer.cancel()


async def test_a_command_carries_what_discord_sends(place: Place):
    place.register(VIDEO)
    picture = Upload("fox.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\0\0\0\x02\0")
    bob = place.world.person("bob", guild=place.guild)
    await place.alice.command(
        place.channel, "video", prompt="a fox", resolution="Large", file=picture, who=bob, where=place.channel
    )
    event = place.events[-1]
    assert event.name == "INTERACTION_CREATE"
    sent = event.data
    values = {option["name"]: option["value"] for option in sent["data"]["options"]}
    file_id = values.pop("file")
    expected = {"prompt": "a fox", "resolution": "720p", "who": str(bob.id), "where": str(place.channel.id)}
    assert values == expected
    attachment = sent["data"]["resolved"]["attachments"][file_id]
    assert (attachment["filename"], attachment["width"], attachment["ephemeral"]) == ("fox.png", 1024, True)
    assert sent["data"]["resolved"]["users"][str(bob.id)]["username"] == "bob"
    assert sent["data"]["resolved"]["channels"][str(place.channel.id)]["name"] == "general"
    assert (sent["locale"], sent["guild_locale"], sent["context"]) == ("zh-CN", "de", 0)
    assert sent["authorizing_integration_owners"] == {"0": str(place.guild.id)}
    assert sent["attachment_size_limit"] == 50 * 1024 * 1024
    assert sent["member"]["user"]["username"] == "alice"
    assert int(sent["member"]["permissions"]) & Permission.SEND_MESSAGES
    assert int(sent["app_permissions"]) & Permission.ATTACH_FILES
    assert "user" not in sent


@pytest.mark.parametrize(
    ("name", "options", "why"),
    [
        ("videos", {}, "not offered"),
        ("video", {}, "prompt is required"),
        ("video", {"prompt": "x" * 21}, "0 to 20 characters"),
        ("video", {"prompt": 7}, "takes text"),
        ("video", {"prompt": "x", "resolution": "4k"}, "must be one of Small, Large"),
        ("video", {"prompt": "x", "count": 5}, "takes 1 to 4"),
        ("video", {"prompt": "x", "count": 1.5}, "takes a number"),
        ("video", {"prompt": "x", "private": "yes"}, "yes or no"),
        ("video", {"prompt": "x", "file": "fox.png"}, "something else"),
        ("video", {"prompt": "x", "colour": "red"}, "no option colour"),
        ("video now", {"prompt": "x"}, "there is no now"),
    ],
)
async def test_the_client_refuses_what_it_would_not_send(place: Place, name: str, options: dict[str, Any], why: str):
    place.register(VIDEO)
    with pytest.raises(ClientRefusal, match=why):
        await place.alice.command(place.channel, name, **options)
    assert place.world.interactions == {}


async def test_a_command_is_offered_where_it_may_be_used(place: Place):
    place.register(
        {"name": "everywhere", "description": "x", "integration_types": [0, 1]},
        {"name": "server", "description": "x", "contexts": [0]},
        {"name": "mods", "description": "x", "default_member_permissions": str(int(Permission.MANAGE_GUILD))},
        {"name": "admins", "description": "x", "default_member_permissions": "0"},
    )

    def names(person: Person, channel: Channel) -> set[str]:
        return {command["name"] for command in person.commands(channel)}

    admin = place.world.person("root", guild=place.guild, permissions=Permission.ADMINISTRATOR)
    mod = place.world.person("mod", guild=place.guild, permissions=Permission.MANAGE_GUILD)
    owner = place.world.person("own", app_installed=True)
    group = place.world.group_dm("friends", owner.user, place.alice.user)
    assert names(place.alice, place.channel) == {"everywhere", "server"}
    assert names(mod, place.channel) == {"everywhere", "server", "mods"}
    assert names(admin, place.channel) == {"everywhere", "server", "mods", "admins"}
    assert names(place.alice, place.alice.dm()) == {"everywhere", "mods", "admins"}
    assert names(owner, group) == {"everywhere"}
    assert names(place.alice, group) == set()
    assert names(owner, place.channel) == set()
    place.world.join(place.guild, owner.user)
    place.guild.app_installed = False
    assert names(owner, place.channel) == {"everywhere"}
    place.guild.app_installed = True
    everyone = place.guild.roles[place.guild.id]
    place.world.overwrite(place.channel, everyone, deny=Permission.USE_APPLICATION_COMMANDS)
    assert names(place.alice, place.channel) == set()


async def test_in_a_direct_message_there_is_no_member(place: Place):
    place.register(VIDEO)
    await place.alice.command(place.alice.dm(), "video", prompt="x")
    sent = place.events[-1].data
    assert (sent["context"], sent["authorizing_integration_owners"]) == (1, {"0": "0"})
    assert sent["user"]["username"] == "alice"
    assert not {"member", "guild_id", "guild_locale"} & set(sent)
    assert sent["attachment_size_limit"] == 10 * 1024 * 1024


async def test_a_press_carries_the_message(place: Place):
    part: Json = {"type": 2, "style": 1, "label": "Go", "custom_id": "go:1", "id": 2}
    off = part | {"label": "Off", "custom_id": "off", "disabled": True, "id": 3}
    link: Json = {"type": 2, "style": 5, "label": "Open", "url": "https://example.com", "id": 4}
    message = place.answer(
        place.channel, content="x", components=[{"type": 1, "id": 1, "components": [part, off, link]}]
    )
    press = await place.alice.press(message, label="Go")
    sent = place.events[-1].data
    assert sent["data"] == {"component_type": 2, "custom_id": "go:1", "id": 2}
    assert (sent["message"]["id"], press.interaction.source) == (str(message.id), message)
    for label, why in (("Off", "greyed out"), ("Open", "browser"), ("Nothing", "only Go, Off, Open")):
        with pytest.raises(ClientRefusal, match=why):
            await place.alice.press(message, label=label)


async def test_a_menu_gives_its_values(place: Place):
    options = [{"label": "Deep", "value": "deepseek"}, {"label": "Wan", "value": "wan"}]
    menu = {"type": 3, "custom_id": "model", "id": 2, "options": options, "max_values": 2}
    people = {"type": 5, "custom_id": "who", "id": 4}
    rows = [{"type": 1, "id": 1, "components": [menu]}, {"type": 1, "id": 3, "components": [people]}]
    message = place.answer(place.channel, content="x", components=rows)
    await place.alice.select(message, "Deep", "wan", custom_id="model")
    assert place.events[-1].data["data"]["values"] == ["deepseek", "wan"]
    await place.alice.select(message, place.alice, custom_id="who")
    assert place.events[-1].data["data"]["resolved"]["users"][str(place.alice.id)]["username"] == "alice"
    with pytest.raises(ClientRefusal, match="1 to 1"):
        await place.alice.select(message, custom_id="who")
    with pytest.raises(ClientRefusal, match="no GPT"):
        await place.alice.select(message, "GPT", custom_id="model")


async def test_everybody_sees_what_they_may(place: Place):
    bob = place.world.person("bob", guild=place.guild)
    carol = place.world.person("carol")
    bot = place.world.application.bot
    place.world.create_message(place.channel, bot, Draft(content="all"))
    secret = place.world.create_message(place.channel, bot, Draft(content="alice", flags=64), visible_to=place.alice.id)
    assert [each.content for each in place.alice.sees(place.channel)] == ["all", "alice"]
    assert [each.content for each in bob.sees(place.channel)] == ["all"]
    assert carol.sees(place.channel) == []
    with pytest.raises(ClientRefusal, match="may not write"):
        await carol.say(place.channel, "let me in")
    with pytest.raises(ClientRefusal, match="may not delete"):
        await bob.delete(place.alice.sees(place.channel)[0])
    await place.alice.delete(secret)
    assert [each.content for each in place.alice.sees(place.channel)] == ["all"]
    assert not [event for event in place.events if event.name == "MESSAGE_DELETE"]


async def test_who_is_pinged_is_known(place: Place):
    role = place.world.role(place.guild, "mods", mentionable=True)
    quiet = place.world.role(place.guild, "quiet")
    mod = place.world.person("mod", guild=place.guild, permissions=Permission.MENTION_EVERYONE)
    words = f"@everyone {mod.user.mention} <@&{role.id}> <@&{quiet.id}> `{place.alice.user.mention}`"
    message = await place.alice.say(place.channel, words)
    assert (message.mentions, message.mention_role_ids, message.mention_everyone) == ([mod.user], [role.id], False)
    message = await mod.say(place.channel, words)
    assert (message.mention_role_ids, message.mention_everyone) == ([role.id, quiet.id], True)


async def test_changes_can_be_followed_and_waited_for(place: Place):
    seen: list[str] = []

    async def follow() -> None:
        async for change in place.world.changes():
            seen.append(change.kind)
            if change.kind == "deleted":
                return

    following = asyncio.create_task(follow())
    waiting = asyncio.create_task(place.world.wait_until(lambda change: change.kind == "typing"))
    await asyncio.sleep(0)
    message = place.answer(place.channel, content="one")
    place.world.edit_message(message, Draft(content="two"))
    place.world.typing(place.channel, place.alice.user)
    place.world.delete_message(message)
    await following
    assert seen == ["created", "edited", "typing", "deleted"]
    assert (await waiting).user is place.alice.user
    with pytest.raises(TimeoutError):
        await place.world.wait_until(lambda _: True, timeout=0.01)
    assert [version.content for version in message.versions] == ["one", "two"]
