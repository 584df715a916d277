"""Threads, as a real discord.py bot and a bare HTTP client meet them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import discord
import orjson
import pytest
from discord import ui
from discord.ext import commands

from sandbox.discord.choosing import ClientRefusal, Upload
from sandbox.discord.limits import Limit
from sandbox.discord.models import Channel, Guild, Json
from sandbox.discord.permissions import Permission
from sandbox.discord.places import Event
from sandbox.discord.server import DiscordServer
from sandbox.discord.state import Draft
from sandbox.discord.world import World

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\0\0\0\x02\0" + bytes(100)


class Place:
    """A server, a channel, alice, every event told to the gateway, and a bare HTTP client."""

    def __init__(self, world: World, server: DiscordServer, session: aiohttp.ClientSession) -> None:
        self.world, self.server, self.session = world, server, session
        self.guild = world.guild("Home", bot_permissions=0)
        self.channel = world.text_channel(self.guild, "general")
        self.alice = world.person("alice", guild=self.guild)
        self.events: list[Event] = []
        world.sinks.append(self.events.append)

    async def call(self, method: str, path: str, json: Any = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bot {self.server.token}"}
        async with self.session.request(method, self.server.api_url + path, json=json, headers=headers) as answer:
            raw = await answer.read()
            return answer.status, orjson.loads(raw) if raw else None

    async def begin(self, **form: Any) -> tuple[int, Any]:
        return await self.call("POST", f"/channels/{self.channel.id}/threads", {"name": "jam", "type": 11, **form})

    async def said(self, content: str = "theme", channel: Channel | None = None) -> str:
        where = channel or self.channel
        return (await self.call("POST", f"/channels/{where.id}/messages", {"content": content}))[1]["id"]

    def take(self, guild: Guild, permission: Permission) -> None:
        everyone = guild.roles[guild.id]
        self.world.set_permissions(guild, everyone, everyone.permissions & ~permission)

    def told(self, *names: str) -> list[str]:
        return [event.name for event in self.events if event.name in names]


@pytest.fixture
async def place():
    world = World()
    async with DiscordServer(world) as server, aiohttp.ClientSession() as session:
        server.limits.enabled = False
        yield Place(world, server, session)


def refused(answer: tuple[int, Any], status: int, code: int) -> None:
    assert (answer[0], answer[1]["code"]) == (status, code)


async def test_a_thread_from_a_message(place: Place):
    said = await place.said()
    path = f"/channels/{place.channel.id}/messages/{said}/threads"
    place.events.clear()
    status, made = await place.call("POST", path, {"name": "jam", "auto_archive_duration": 60})
    assert (status, made["id"], made["type"], made["parent_id"]) == (201, said, 11, str(place.channel.id))
    assert made["thread_metadata"]["auto_archive_duration"] == 60
    assert made["owner_id"] == made["member"]["user_id"] == str(place.world.application.id)
    names = [event.name for event in place.events]
    assert names == ["THREAD_CREATE", "THREAD_MEMBERS_UPDATE", "MESSAGE_UPDATE", "MESSAGE_CREATE"]
    assert place.events[0].data["newly_created"] is True
    starter = place.events[3].data
    assert (starter["type"], starter["channel_id"], starter["message_reference"]["message_id"]) == (21, said, said)
    source = (await place.call("GET", f"/channels/{place.channel.id}/messages/{said}"))[1]
    assert (source["thread"]["id"], source["flags"] & 32) == (said, 32)
    refused(await place.call("POST", path, {"name": "again"}), 400, 160004)
    inside = f"/channels/{said}/messages/{await place.said('x', place.world.channels[int(said)])}/threads"
    refused(await place.call("POST", inside, {"name": "deeper"}), 400, 50024)
    refused(await place.call("POST", f"/channels/{place.channel.id}/messages/1/threads", {"name": "x"}), 404, 10008)


async def test_a_thread_without_a_message(place: Place):
    status, made = await place.begin()
    assert (status, made["type"]) == (201, 11)
    told = list(place.channel.messages.values())[-1]
    assert (told.type, told.content, told.system) == (18, "jam", True)
    shown = (await place.call("GET", f"/channels/{place.channel.id}/messages/{told.id}"))[1]
    assert shown["message_reference"]["channel_id"] == made["id"]
    assert "message_id" not in shown["message_reference"]
    private = (await place.call("POST", f"/channels/{place.channel.id}/threads", {"name": "quiet"}))[1]
    assert private["type"] == 12, "what no type means"
    assert list(place.channel.messages.values())[-1] is told
    active = place.world.active_threads(place.guild.id)
    assert [str(each.id) for each in active] == [made["id"], private["id"]]


async def test_threads_of_an_announcement_channel(place: Place):
    news = place.world.text_channel(place.guild, "news", announcement=True)
    path = f"/channels/{news.id}/threads"
    assert (await place.call("POST", path, {"name": "x", "type": 10}))[1]["type"] == 10
    for form in ({}, {"type": 11}, {"type": 12}):
        refused(await place.call("POST", path, {"name": "x"} | form), 400, 50035)
    from_message = f"/channels/{news.id}/messages/{await place.said('x', news)}/threads"
    assert (await place.call("POST", from_message, {"name": "x"}))[1]["type"] == 10


async def test_limits_and_permissions_of_beginning(place: Place):
    for form in ({"name": ""}, {"name": "x" * 101}, {"auto_archive_duration": 61}):
        refused(await place.begin(**form), 400, 50035)
    refused(await place.begin(type=10), 400, 50035)
    assert (await place.begin(name="x" * 100))[0] == 201
    place.world.rules.active_threads = 1
    refused(await place.begin(), 400, 160006)
    place.world.archive(place.world.active_threads(place.guild.id)[0])
    assert (await place.begin())[0] == 201, "archived ones don't count"
    place.world.rules.active_threads = 1000
    place.take(place.guild, Permission.CREATE_PUBLIC_THREADS)
    refused(await place.begin(), 403, 50013)
    message = await place.said()
    refused(
        await place.call("POST", f"/channels/{place.channel.id}/messages/{message}/threads", {"name": "x"}), 403, 50013
    )
    assert (await place.begin(type=12))[0] == 201
    thread = place.world.thread(place.channel, "talk")
    place.take(place.guild, Permission.SEND_MESSAGES_IN_THREADS)
    refused(await place.call("POST", f"/channels/{thread.id}/messages", {"content": "x"}), 403, 50013)
    refused(await place.call("PUT", f"/channels/{thread.id}/thread-members/{place.alice.id}"), 403, 50013)
    with pytest.raises(ClientRefusal, match="may not write"):
        await place.alice.say(thread, "x")


async def test_sending_wakes_a_thread_and_the_bot_hears_it(place: Place):
    thread = place.world.thread(place.channel, "talk")
    place.world.archive(thread)
    place.events.clear()
    await place.said("x", thread)
    assert [event.name for event in place.events] == ["THREAD_UPDATE", "MESSAGE_CREATE"]
    place.world.archive(thread)
    await place.alice.say(thread, "and a person does")
    assert (thread.archived, place.alice.id in thread.joined) == (False, True)


async def test_members_of_a_thread(place: Place):
    thread = place.world.thread(place.channel, "talk")
    members = f"/channels/{thread.id}/thread-members"
    place.events.clear()
    place.world.join_thread(thread, place.world.application.bot)
    assert place.told("THREAD_CREATE", "THREAD_MEMBERS_UPDATE") == ["THREAD_CREATE", "THREAD_MEMBERS_UPDATE"]
    assert (await place.call("PUT", f"{members}/{place.alice.id}"))[0] == 204
    said = list(thread.messages.values())[-1]
    assert (said.type, said.mentions) == (1, [place.alice.user])
    assert place.events[-2].intent == 1 << 1, "of others only with the members intent"
    assert place.alice.id in thread.joined
    refused(await place.call("PUT", f"{members}/{place.world.user('stranger').id}"), 404, 10007)
    bob = place.world.person("bob", guild=place.guild)
    secret = place.world.thread(place.channel, "secret", private=True)
    assert bob.sees(secret) == []
    place.world.create_message(secret, place.world.application.owner, Draft(content=f"{bob.user.mention}, come in"))
    assert [each.content for each in bob.sees(secret)] == [f"{bob.user.mention}, come in"]
    place.world.archive(thread)
    refused(await place.call("PUT", f"{members}/{place.alice.id}"), 400, 50083)
    refused(await place.call("PUT", f"/channels/{place.channel.id}/thread-members/{place.alice.id}"), 400, 50024)


class Join(ui.DynamicItem[ui.Button[Any]], template=r"jam:(?P<n>\d+):join"):
    def __init__(self, n: int) -> None:
        super().__init__(ui.Button(label="Join", custom_id=f"jam:{n}:join"))

    @classmethod
    async def from_custom_id(cls, interaction: Any, item: Any, match: Any, /) -> Join:
        del interaction, item
        return cls(int(match["n"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        assert isinstance(interaction.channel, discord.Thread)
        await interaction.channel.add_user(interaction.user)
        await interaction.response.send_message(f"{interaction.user.name} joined {interaction.channel.name}")


class Bot(commands.Bot):
    def __init__(self) -> None:
        super().__init__(command_prefix=[], intents=discord.Intents(guilds=True, guild_messages=True))

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Join)
        self.tree.command(description="Begin")(jam)
        self.tree.context_menu(name="Pictures")(pictures)
        await self.tree.sync()


async def jam(interaction: discord.Interaction, theme: str) -> None:
    if isinstance(interaction.channel, discord.Thread):
        await interaction.response.send_message(f"in {interaction.channel.name}")
        return
    assert isinstance(interaction.channel, discord.TextChannel)
    callback = await interaction.response.send_message(theme)
    assert callback.message_id is not None
    message = await interaction.channel.fetch_message(callback.message_id)
    thread = await message.create_thread(name=theme, auto_archive_duration=60)
    view = ui.View(timeout=None).add_item(Join(1))
    await thread.send("card", view=view)


async def pictures(interaction: discord.Interaction, message: discord.Message) -> None:
    await interaction.response.send_message(
        ", ".join(f"{each.filename} {each.width}x{each.height} {each.content_type}" for each in message.attachments)
    )


async def test_a_jam_of_a_real_bot(points_at: Callable[[DiscordServer], None]):
    """Slash command, thread, card with a button, presses in it, archive, a command that wakes it."""
    world = World()
    guild = world.guild("Home", bot_permissions=0)
    channel = world.text_channel(guild, "general")
    alice, bob = (world.person(name, guild=guild) for name in ("alice", "bob"))
    async with DiscordServer(world) as server, Bot() as bot:
        points_at(server)
        running = asyncio.create_task(bot.start(server.token))
        await server.gateway.wait_ready()
        await bot.wait_until_ready()
        use = await alice.command(channel, "jam", theme="foxes")
        said = await world.wait_until(lambda change: change.message is not None and change.message.content == "card")
        theme = await use.message()
        thread = world.channels[theme.id]
        assert (thread.name, thread.archive_minutes, thread.is_thread) == ("foxes", 60, True)
        card = said.message
        assert card is not None
        presses = [await each.press(card, label="Join") for each in (alice, bob)]
        joined = await asyncio.gather(*(press.message() for press in presses))
        assert [each.text for each in joined] == ["alice joined foxes", "bob joined foxes"]
        assert {alice.id, bob.id} <= set(thread.joined)
        world.archive(thread)
        assert (await (await alice.command(thread, "jam", theme="x")).message()).text == "in foxes"
        assert thread.archived is False
        posted = await bob.say(channel, "look", Upload("fox.png", PNG))
        answer = await (await alice.message_command(posted, "Pictures")).message()
        assert answer.text == "fox.png 1024x512 image/png"
        hers = await alice.start_thread(posted, "about the fox")
        with pytest.raises(ClientRefusal, match="start a thread"):
            await alice.start_thread(posted, "again")
        general = bot.get_channel(channel.id)
        assert isinstance(general, discord.TextChannel)
        again = await general.fetch_message(posted.id)
        assert again.thread is not None
        assert (again.thread.id, again.flags.has_thread) == (hers.id, True)
        await bot.close()
        await running


async def test_edits_of_a_channel_are_limited_apart_from_other_channels(place: Place):
    """Five edits in five seconds with the bot's token, in each channel; the sixth is a 429 that tests can count."""
    place.server.limits.enabled = True
    limits = place.server.limits
    assert limits.groups["message.patch"] == Limit(5, 5.0, "message-patch")
    thread = place.world.thread(place.channel, "jam")
    card, other = await place.said("card", thread), await place.said()
    edit: Json = {"content": "x"}
    path = f"/channels/{thread.id}/messages/{card}"
    assert [(await place.call("PATCH", path, edit))[0] for _ in range(6)] == [200] * 5 + [429]
    assert (await place.call("PATCH", f"/channels/{place.channel.id}/messages/{other}", edit))[0] == 200
    assert (limits.refused["message.patch"], limits.served["message.patch"]) == (1, 7)
