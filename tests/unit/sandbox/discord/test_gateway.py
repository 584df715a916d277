"""The websocket as a bare client meets it: close codes, intents, resuming."""

from __future__ import annotations

import zlib
from typing import Any

import aiohttp
import orjson
import pytest
import zstandard

from sandbox.discord.server import DiscordServer
from sandbox.discord.state import Draft
from sandbox.discord.world import World

GUILDS, MESSAGES, CONTENT, DMS = 1, 1 << 9, 1 << 15, 1 << 12


class Client:
    """A bot's socket, without compression unless asked for."""

    def __init__(self, session: aiohttp.ClientSession, server: DiscordServer) -> None:
        self.session = session
        self.server = server

    async def open(self, query: str = "v=10&encoding=json") -> Client:
        if hasattr(self, "ws"):
            await self.ws.close()  # what is dropped open is told of by whatever test comes next
        self.ws: aiohttp.ClientWebSocketResponse = await self.session.ws_connect(
            f"{self.server.ws_url}?{query}", max_msg_size=0
        )
        return self

    async def event(self) -> Any:
        message = await self.ws.receive(timeout=5)
        assert message.type is aiohttp.WSMsgType.TEXT, message
        return orjson.loads(message.data)

    async def until(self, name: str) -> Any:
        while True:
            event = await self.event()
            if event["t"] == name:
                return event

    async def send(self, op: int, data: Any) -> None:
        await self.ws.send_json({"op": op, "d": data})

    async def identify(
        self, *, intents: int = GUILDS | MESSAGES | DMS, shard: tuple[int, int] = (0, 1), token: str = ""
    ) -> Client:
        assert (await self.event())["op"] == 10
        await self.send(2, {"token": token or self.server.token, "intents": intents, "shard": shard, "properties": {}})
        return self

    async def code(self) -> int | None:
        while True:
            message = await self.ws.receive(timeout=5)
            if message.type is aiohttp.WSMsgType.CLOSE:
                return message.data
            if message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING):
                return self.ws.close_code


@pytest.fixture
async def world():
    return World()


@pytest.fixture
async def client(world: World):
    async with DiscordServer(world) as server, aiohttp.ClientSession() as session:
        yield Client(session, server)


async def test_identify_is_answered_by_ready_and_the_servers(world: World, client: Client):
    guild = world.guild("Home")
    world.text_channel(guild, "general")
    await (await client.open()).identify()
    ready = await client.until("READY")
    assert (ready["s"], ready["d"]["guilds"]) == (1, [{"id": str(guild.id), "unavailable": True}])
    created = (await client.until("GUILD_CREATE"))["d"]
    assert [each["name"] for each in created["channels"]] == ["general"]
    assert [each["user"]["id"] for each in created["members"]] == [str(world.application.id)]
    await client.send(1, 2)
    assert (await client.event())["op"] == 11


@pytest.mark.parametrize(
    ("identify", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"intents": 1 << 40}, 4013),
        ({"intents": CONTENT}, 4014),
        ({"shard": (2, 2)}, 4010),
    ],
)
async def test_a_wrong_identify_closes(client: Client, identify: dict[str, Any], code: int):
    await (await client.open()).identify(**identify)
    assert await client.code() == code


async def test_wrong_payloads_close(client: Client):
    for raw, code in (("{", 4002), ('{"op":3,"d":{}}', 4003), ("[]", 4002), ('"' + "x" * 5000 + '"', 4002)):
        await client.open()
        await client.event()
        await client.ws.send_str(raw)
        assert await client.code() == code
    await (await client.open()).identify()
    await client.send(2, {"token": client.server.token, "intents": 0})
    assert await client.code() == 4005
    await (await client.open()).identify()
    await client.send(77, {})
    assert await client.code() == 4001
    await client.open("v=6")
    assert await client.code() == 4012
    await (await client.open()).identify()
    for _ in range(120):
        await client.send(1, None)
    assert await client.code() == 4008


async def test_events_follow_the_intents(world: World, client: Client):
    guild = world.guild("Home")
    channel = world.text_channel(guild, "general")
    alice = world.person("alice", guild=guild)
    await (await client.open()).identify(intents=GUILDS | MESSAGES)
    await client.until("GUILD_CREATE")
    await alice.say(alice.dm(), "no intent for this")
    await alice.say(channel, "unread")
    heard = (await client.until("MESSAGE_CREATE"))["d"]
    assert (heard["content"], heard["guild_id"], heard["member"]["roles"]) == ("", str(guild.id), [])
    await alice.say(channel, f"hello <@{world.application.id}>")
    assert "hello" in (await client.until("MESSAGE_CREATE"))["d"]["content"]
    client.server.world.application.intents = CONTENT
    reader = Client(client.session, client.server)
    await (await reader.open()).identify(intents=MESSAGES | CONTENT)
    await reader.until("READY")
    said = await alice.say(channel, "read by this one")
    assert (await reader.until("MESSAGE_CREATE"))["d"]["content"] == "read by this one"
    await alice.delete(said)
    assert (await reader.until("MESSAGE_DELETE"))["d"]["id"] == str(said.id)


async def test_a_session_is_resumed_where_it_was_left(world: World, client: Client):
    guild = world.guild("Home")
    channel = world.text_channel(guild, "general")
    alice = world.person("alice", guild=guild)
    await (await client.open()).identify()
    session_id = (await client.until("READY"))["d"]["session_id"]
    seq = (await client.until("GUILD_CREATE"))["s"]
    await client.ws.close()
    for word in ("one", "two"):
        await alice.reply_to(await alice.say(channel, word), word)
    await client.open()
    await client.event()
    resume = {"token": client.server.token, "session_id": session_id, "seq": seq}
    await client.send(6, resume)
    numbers = [(await client.event())["s"] for _ in range(4)]
    assert numbers == [seq + 1, seq + 2, seq + 3, seq + 4]
    assert (await client.event())["t"] == "RESUMED"
    await client.ws.close()
    await client.open()
    await client.event()
    await client.send(6, resume | {"seq": 999})
    assert await client.code() == 4007
    await client.open()
    await client.event()
    await client.send(6, resume | {"session_id": "unknown"})
    invalid = await client.event()
    assert (invalid["op"], invalid["d"]) == (9, False)


@pytest.mark.parametrize("kind", ["zlib-stream", "zstd-stream"])
async def test_events_come_compressed_as_one_stream(client: Client, kind: str):
    await client.open(f"v=10&encoding=json&compress={kind}")
    stream = zlib.decompressobj() if kind == "zlib-stream" else zstandard.ZstdDecompressor().decompressobj()
    first = await client.ws.receive(timeout=5)
    assert orjson.loads(stream.decompress(first.data))["op"] == 10
    await client.send(1, None)
    second = await client.ws.receive(timeout=5)
    assert orjson.loads(stream.decompress(second.data))["op"] == 11


async def test_faults_reach_every_socket(client: Client):
    gateway = client.server.gateway
    await (await client.open()).identify()
    await client.until("READY")
    gateway.reconnect()
    assert (await client.event())["op"] == 7
    gateway.invalidate(resumable=True)
    invalid = await client.event()
    assert (invalid["op"], invalid["d"]) == (9, True)
    assert gateway.drop() == 1
    assert (await client.ws.receive(timeout=5)).type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    await (await client.open()).identify()
    await client.until("READY")
    await gateway.close(4009)
    assert await client.code() == 4009


async def test_what_changes_in_a_server_is_told(world: World, client: Client):
    await (await client.open()).identify()
    await client.until("READY")
    guild = world.guild("New")
    assert (await client.until("GUILD_CREATE"))["d"]["name"] == "New"
    channel = world.text_channel(guild, "general")
    assert (await client.until("CHANNEL_CREATE"))["d"]["name"] == "general"
    world.overwrite(channel, guild.roles[guild.id], deny=1 << 11)
    assert (await client.until("CHANNEL_UPDATE"))["d"]["permission_overwrites"][0]["deny"] == str(1 << 11)
    world.delete_channel(channel)
    assert (await client.until("CHANNEL_DELETE"))["d"]["id"] == str(channel.id)
    world.remove_bot(guild)
    assert (await client.until("GUILD_DELETE"))["d"]["id"] == str(guild.id)


async def test_a_session_long_gone_is_forgotten(client: Client):
    gateway = client.server.gateway
    await (await client.open()).identify()
    await client.until("READY")
    (session,) = gateway.sessions.values()
    gateway.drop()
    assert session.left_at is not None
    await (await client.open()).identify()
    await client.until("READY")
    assert len(gateway.sessions) == 2
    session.left_at -= 1000
    await (await client.open()).identify()
    await client.until("READY")
    assert session.id not in gateway.sessions


async def test_each_shard_hears_of_its_own_servers(world: World, client: Client):
    guilds = [world.guild(f"Guild {number}") for number in range(2)]
    # Two servers made in one millisecond may share a shard: these are put on one each.
    for shard, guild in enumerate(guilds):
        del world.guilds[guild.id]
        member = guild.members.pop(world.application.id)
        everyone = guild.roles.pop(guild.id)
        guild.id = everyone.id = (2000 + shard) << 22
        guild.roles[guild.id] = everyone
        guild.members[world.application.id] = member
        world.guilds[guild.id] = guild
    first, second = client, Client(client.session, client.server)
    await (await first.open()).identify(shard=(0, 2))
    await (await second.open()).identify(shard=(1, 2))
    assert [each["id"] for each in (await first.until("READY"))["d"]["guilds"]] == [str(guilds[0].id)]
    assert [each["id"] for each in (await second.until("READY"))["d"]["guilds"]] == [str(guilds[1].id)]
    world.text_channel(guilds[1], "on the second")
    alice = world.person("alice", guild=guilds[0])
    await alice.say(alice.dm(), "a direct message")
    heard = [(await first.event())["t"] for _ in range(2)]
    assert heard == ["GUILD_CREATE", "MESSAGE_CREATE"]
    assert [(await second.event())["t"] for _ in range(2)] == ["GUILD_CREATE", "CHANNEL_CREATE"]


async def test_a_private_answer_does_not_travel_through_the_gateway(world: World, client: Client):
    guild = world.guild("Home")
    channel = world.text_channel(guild, "general")
    await (await client.open()).identify()
    await client.until("GUILD_CREATE")
    bot = world.application.bot
    alice = world.person("alice", guild=guild)
    secret = world.create_message(channel, bot, Draft(content="secret", flags=64), visible_to=alice.id)
    world.edit_message(secret, Draft(content="still secret"))
    world.create_message(channel, bot, Draft(content="open"))
    assert (await client.event())["d"]["content"] == "open"
