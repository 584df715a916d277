"""Raw REST against the stand-in: each rule refuses with Discord's status and code."""

from __future__ import annotations

import io
from typing import Any

import aiohttp
import orjson
import pytest

from sandbox.discord.invocation import Invocation
from sandbox.discord.models import Channel, Json, Message
from sandbox.discord.permissions import EVERYONE, Permission
from sandbox.discord.server import DiscordServer
from sandbox.discord.world import World

V2 = 1 << 15
CARD = {"flags": V2, "components": [{"type": 10, "content": "a card"}]}
KIB = 1024
Files = dict[int, tuple[str, bytes]]


def original(use: Invocation) -> Message:
    assert use.response is not None
    return use.response


class Place:
    """A server, a channel, a person, a registered command and a bare HTTP client."""

    def __init__(self, world: World, server: DiscordServer, session: aiohttp.ClientSession) -> None:
        self.world = world
        self.server = server
        self.session = session
        self.guild = world.guild("Home")
        self.channel = world.text_channel(self.guild, "general")
        self.alice = world.person("alice", guild=self.guild)

    async def call(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        files: Files | None = None,
        token: str | None = "",
        query: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Status and JSON of an answer. `files`: {n: (name, bytes)}; `token` None sends none, "" the right one."""
        data: bytes | aiohttp.FormData | None = None if json is None else orjson.dumps(json)
        headers = {"Content-Type": "application/json"}
        if files is not None:
            data = aiohttp.FormData(quote_fields=False)
            data.add_field("payload_json", orjson.dumps(json or {}).decode(), content_type="application/json")
            for number, (name, raw) in files.items():
                data.add_field(
                    f"files[{number}]", io.BytesIO(raw), filename=name, content_type="application/octet-stream"
                )
            headers = {}
        if token is not None:
            headers["Authorization"] = f"Bot {token or self.server.token}"
        url = self.server.api_url + path
        async with self.session.request(method, url, data=data, headers=headers, params=query) as answer:
            raw = await answer.read()
            return answer.status, orjson.loads(raw) if raw else None

    async def register(self, *forms: Json) -> tuple[int, Any]:
        return await self.call("PUT", f"/applications/{self.app}/commands", list(forms))

    @property
    def app(self) -> int:
        return self.world.application.id

    async def used(self, **command: Any) -> Invocation:
        """Somebody uses /go; the invocation."""
        await self.register({"name": "go", "description": "Go", **command})
        return await self.alice.command(self.channel, "go")

    async def callback(
        self, use: Invocation, kind: int, data: Json | None = None, *, query: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        it = use.interaction
        path = f"/interactions/{it.id}/{it.token}/callback"
        return await self.call("POST", path, {"type": kind, "data": data or {}}, token=None, query=query)

    async def hook(
        self, use: Invocation, method: str, message: int | str | None = None, json: Json | None = None
    ) -> tuple[int, Any]:
        path = f"/webhooks/{self.app}/{use.interaction.token}"
        if message is not None:
            path += f"/messages/{message}"
        return await self.call(method, path, json, token=None)

    async def post(self, json: Json, *, files: Files | None = None, channel: Channel | None = None) -> tuple[int, Any]:
        return await self.call("POST", f"/channels/{(channel or self.channel).id}/messages", json, files=files)

    async def patch(self, message_id: int | str, json: Json, *, files: Files | None = None) -> tuple[int, Any]:
        return await self.call("PATCH", f"/channels/{self.channel.id}/messages/{message_id}", json, files=files)


@pytest.fixture
async def place():
    world = World()
    async with DiscordServer(world) as server, aiohttp.ClientSession() as session:
        server.limits.enabled = False
        yield Place(world, server, session)


def refused(answer: tuple[int, Any], status: int, code: int) -> Any:
    assert (answer[0], answer[1]["code"]) == (status, code), answer
    return answer[1]


# accounts


async def test_the_token_is_checked(place: Place):
    assert (await place.call("GET", "/users/@me"))[1]["bot"] is True
    refused(await place.call("GET", "/users/@me", token="wrong"), 401, 0)
    refused(await place.call("GET", "/users/@me", token=None), 401, 0)


async def test_what_is_not_there_is_not_found(place: Place):
    refused(await place.call("GET", "/nothing/here"), 404, 0)
    refused(await place.call("GET", "/channels/1"), 404, 10003)
    refused(await place.call("GET", "/guilds/1"), 404, 10004)
    refused(await place.call("GET", "/guilds/1/members/1"), 404, 10004)
    refused(await place.call("GET", f"/guilds/{place.guild.id}/members/1"), 404, 10013)
    refused(await place.call("GET", f"/channels/{place.channel.id}/messages/1"), 404, 10008)
    refused(await place.call("GET", "/channels/abc"), 400, 50035)


async def test_a_server_is_seen_where_the_bot_is_in_it(place: Place):
    status, seen = await place.call("GET", f"/guilds/{place.guild.id}")
    assert (status, seen["name"], seen["premium_tier"]) == (200, place.guild.name, place.guild.boost_tier)
    foreign = place.world.guild("Elsewhere", app_installed=False)
    refused(await place.call("GET", f"/guilds/{foreign.id}"), 404, 10004)


async def test_the_application_and_the_gateway_present_themselves(place: Place):
    for path in ("/applications/@me", "/oauth2/applications/@me"):
        assert (await place.call("GET", path))[1]["owner"]["username"] == "owner"
    bot = (await place.call("GET", "/gateway/bot"))[1]
    assert bot["url"] == place.server.ws_url
    assert bot["shards"] == 1
    assert bot["session_start_limit"]["remaining"] == 1000


# callbacks


async def test_a_callback_is_204_or_says_what_it_made(place: Place):
    use = await place.used()
    assert await place.callback(use, 4, {"content": "hi"}) == (204, None)
    use = await place.alice.command(place.channel, "go")
    status, body = await place.callback(use, 5, {"flags": 64}, query={"with_response": "1"})
    assert status == 200
    assert body["interaction"]["response_message_loading"] is True
    assert body["interaction"]["response_message_ephemeral"] is True
    assert body["resource"]["type"] == 5
    assert body["resource"]["message"]["flags"] == 64 | 128


async def test_a_second_callback_is_refused(place: Place):
    use = await place.used()
    await place.callback(use, 5)
    refused(await place.callback(use, 4, {"content": "again"}), 400, 40060)


async def test_a_late_callback_finds_nothing(place: Place):
    place.world.rules.acknowledge_within = 0.02
    use = await place.used()
    await place.world.wait_until(lambda _: use.failed)
    refused(await place.callback(use, 4, {"content": "late"}), 404, 10062)
    refused(await place.hook(use, "POST", json={"content": "late"}), 404, 10015)
    assert use.messages == []


async def test_a_wrong_kind_of_callback_is_refused(place: Place):
    use = await place.used()
    for kind in (6, 7, 8, 99):
        refused(await place.callback(use, kind), 400, 50035)
    assert (await place.callback(use, 4, {"content": "fine"}))[0] == 204


async def test_an_invalid_callback_can_be_mended_within_the_time(place: Place):
    use = await place.used()
    body = refused(await place.callback(use, 4, {"content": "x" * 2001}), 400, 50035)
    error = {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length."}
    assert body["errors"] == {"data": {"content": {"_errors": [error]}}}
    refused(await place.callback(use, 4, {"content": ""}), 400, 50006)
    assert (await place.callback(use, 4, {"content": "x" * 2000}))[0] == 204


async def test_a_press_updates_its_message_or_gets_a_new_one(place: Place):
    row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}
    use = await place.used()
    await place.callback(use, 4, {"content": "one", "components": [row]})
    message = await use.message()
    press = await place.alice.press(message, label="Go")
    assert (await place.callback(press, 7, {"content": "two"}))[0] == 204
    assert (message.content, press.response) == ("two", message)
    press = await place.alice.press(message, label="Go")
    await place.callback(press, 6)
    assert (await place.hook(press, "PATCH", "@original", {"content": "three"}))[1]["id"] == str(message.id)
    press = await place.alice.press(message, label="Go")
    await place.callback(press, 4, {"content": "aside", "flags": 64})
    assert press.response is not message
    assert message.content == "three"


# the token's messages


async def test_the_token_reads_edits_and_deletes_its_messages(place: Place):
    use = await place.used()
    refused(await place.hook(use, "PATCH", "@original", {"content": "too early"}), 404, 10015)
    await place.callback(use, 5)
    assert (await place.hook(use, "GET", "@original"))[1]["flags"] == 128
    edited = (await place.hook(use, "PATCH", "@original", {"content": "done"}))[1]
    assert (edited["flags"], edited["content"], edited["edited_timestamp"]) == (0, "done", None)
    assert (await place.hook(use, "PATCH", edited["id"], {"content": "by id"}))[1]["edited_timestamp"]
    more = (await place.hook(use, "POST", json={"content": "more", "flags": 64}))[1]
    assert more["flags"] == 64
    assert (await place.hook(use, "DELETE", more["id"]))[0] == 204
    refused(await place.hook(use, "PATCH", more["id"], {"content": "gone"}), 404, 10008)
    refused(await place.hook(use, "GET", 1), 404, 10008)
    assert (await place.hook(use, "DELETE", "@original"))[0] == 204
    refused(await place.hook(use, "GET", "@original"), 404, 10008)


async def test_the_first_followup_after_a_deferral_is_its_answer(place: Place):
    use = await place.used()
    await place.callback(use, 5)
    assert (await place.hook(use, "POST", json={"content": "answer"}))[1]["id"] == str(original(use).id)
    assert use.followups == []


async def test_a_token_ends(place: Place):
    use = await place.used()
    await place.callback(use, 4, {"content": "hi"})
    place.world.rules.token_lives = 0.0
    refused(await place.hook(use, "PATCH", "@original", {"content": "late"}), 401, 50027)
    place.world.rules.token_lives = 900.0
    assert (await place.hook(use, "PATCH", "@original", {"content": "in time"}))[0] == 200
    place.world.expire_tokens(use.interaction)
    refused(await place.hook(use, "POST", json={"content": "late"}), 401, 50027)
    refused(await place.call("POST", f"/webhooks/{place.app}/unknown", {"content": "x"}, token=None), 404, 10015)


async def test_an_own_application_has_five_followups(place: Place):
    foreign = place.world.guild("Elsewhere", app_installed=False)
    channel = place.world.text_channel(foreign, "there")
    person = place.world.person("carol", guild=foreign, app_installed=True)
    await place.register({"name": "mine", "description": "Mine", "integration_types": [1], "contexts": [0, 1, 2]})
    use = await person.command(channel, "mine")
    assert use.interaction.owners == {"1": str(person.id)}
    await place.callback(use, 4, {"content": "hi"})
    for _ in range(5):
        assert (await place.hook(use, "POST", json={"content": "more"}))[0] == 200
    refused(await place.hook(use, "POST", json={"content": "more"}), 400, 40094)
    refused(await place.post({"content": "with the bot's token"}, channel=channel), 403, 50001)
    group = place.world.group_dm("friends", person.user, place.alice.user)
    use = await person.command(group, "mine")
    await place.callback(use, 4, {"content": "hi"})
    refused(await place.post({"content": "with the bot's token"}, channel=group), 403, 50001)


# messages with the bot's token


async def test_permissions_are_asked(place: Place):
    everyone = place.guild.roles[place.guild.id]
    place.world.overwrite(place.channel, everyone, deny=Permission.SEND_MESSAGES)
    refused(await place.post({"content": "x"}), 403, 50013)
    place.world.overwrite(place.channel, place.world.application.bot, allow=Permission.SEND_MESSAGES)
    status, sent = await place.post({"content": "x"})
    assert status == 200
    place.world.overwrite(place.channel, everyone, deny=Permission.ATTACH_FILES)
    refused(await place.post({}, files={0: ("a.txt", b"x")}), 403, 50013)
    place.world.overwrite(place.channel, everyone, deny=Permission.VIEW_CHANNEL)
    place.world.overwrite(place.channel, place.world.application.bot)
    refused(await place.patch(sent["id"], {"content": "y"}), 403, 50001)
    refused(await place.call("GET", f"/channels/{place.channel.id}"), 403, 50001)
    assert place.alice.sees(place.channel) == []


async def test_roles_and_categories_decide_together(place: Place):
    category = place.world.category(place.guild, "private")
    everyone = place.guild.roles[place.guild.id]
    place.world.overwrite(category, everyone, deny=Permission.VIEW_CHANNEL)
    hidden = place.world.text_channel(place.guild, "hidden", category=category)
    role = place.world.role(place.guild, "staff")
    assert place.world.permissions(hidden, place.alice.user) == 0
    place.guild.members[place.alice.id].role_ids.append(role.id)
    place.world.overwrite(hidden, role, allow=Permission.VIEW_CHANNEL)
    assert place.world.permissions(hidden, place.alice.user) == EVERYONE
    muted = place.world.role(place.guild, "muted")
    place.guild.members[place.alice.id].role_ids.append(muted.id)
    place.world.overwrite(hidden, muted, deny=Permission.VIEW_CHANNEL)
    assert place.world.permissions(hidden, place.alice.user) == EVERYONE, "one role's allow beats another's deny"
    thread = place.world.thread(hidden, "talk")
    assert place.world.permissions(thread, place.alice.user) == EVERYONE
    admin = place.world.person("root", guild=place.guild, permissions=Permission.ADMINISTRATOR)
    assert place.world.permissions(hidden, admin.user) & Permission.MANAGE_GUILD


async def test_only_ones_own_messages_are_edited(place: Place):
    said = await place.alice.say(place.channel, "mine")
    refused(await place.patch(said.id, {"content": "yours"}), 403, 50005)
    refused(await place.call("DELETE", f"/channels/{place.channel.id}/messages/{said.id}"), 403, 50013)


async def test_a_private_answer_is_out_of_the_bots_reach(place: Place):
    use = await place.used()
    await place.callback(use, 4, {"content": "psst", "flags": 64})
    refused(await place.patch(original(use).id, {"content": "x"}), 404, 10008)
    assert (await place.call("GET", f"/channels/{place.channel.id}/messages"))[1] == []


async def test_the_same_nonce_is_sent_once(place: Place):
    first = (await place.post({"content": "a", "nonce": "7", "enforce_nonce": True}))[1]
    second = (await place.post({"content": "b", "nonce": "7", "enforce_nonce": True}))[1]
    third = (await place.post({"content": "c", "nonce": "7"}))[1]
    assert first["id"] == second["id"] != third["id"]
    assert [each.content for each in place.alice.sees(place.channel)] == ["a", "c"]


async def test_a_direct_message_may_be_refused(place: Place):
    dm = (await place.call("POST", "/users/@me/channels", {"recipient_id": str(place.alice.id)}))[1]
    again = (await place.call("POST", "/users/@me/channels", {"recipient_id": str(place.alice.id)}))[1]
    assert dm["id"] == again["id"]
    channel = place.alice.dm()
    assert (await place.post({"content": "hi"}, channel=channel))[0] == 200
    place.alice.user.dms_closed = True
    refused(await place.post({"content": "hi"}, channel=channel), 403, 50007)
    stranger = place.world.person("stranger")
    refused(await place.post({"content": "hi"}, channel=stranger.dm()), 403, 50007)
    refused(await place.call("POST", "/users/@me/channels", {"recipient_id": "1"}), 400, 50035)


async def test_a_channel_that_goes_takes_its_messages(place: Place):
    use = await place.used()
    await place.callback(use, 4, {"content": "hi"})
    sent = (await place.post({"content": "x"}))[1]
    place.world.delete_channel(place.channel)
    refused(await place.patch(sent["id"], {"content": "y"}), 404, 10003)
    refused(await place.hook(use, "PATCH", "@original", {"content": "y"}), 404, 10008)
    refused(await place.hook(use, "POST", json={"content": "y"}), 404, 10003)


async def test_an_archived_thread_is_not_edited(place: Place):
    thread = place.world.thread(place.channel, "talk")
    status, sent = await place.post({"content": "x"}, channel=thread)
    assert status == 200
    place.world.archive(thread)
    path = f"/channels/{thread.id}/messages/{sent['id']}"
    refused(await place.call("PATCH", path, {"content": "y"}), 400, 50083)


async def test_a_reply_pings_only_if_allowed(place: Place):
    said = await place.alice.say(place.channel, "hello")
    reference = {"message_reference": {"message_id": str(said.id)}, "content": "@everyone <@1>"}
    none: Json = {"parse": [], "replied_user": False}
    quiet = (await place.post({**reference, "allowed_mentions": none}))[1]
    assert (quiet["mentions"], quiet["mention_everyone"], quiet["type"]) == ([], False, 19)
    loud = (await place.post(reference))[1]
    assert [each["username"] for each in loud["mentions"]] == ["alice"]
    assert loud["mention_everyone"] is False, "the bot lacks the permission"
    missing: Json = {"content": "x", "message_reference": {"message_id": "1"}}
    refused(await place.post(missing), 400, 50035)
    missing["message_reference"]["fail_if_not_exists"] = False
    assert (await place.post(missing))[0] == 200


# files


async def test_files_come_stay_and_go(place: Place):
    gallery = {"type": 12, "items": [{"media": {"url": "attachment://a_b.png"}}]}
    status, sent = await place.post({"flags": V2, "components": [gallery]}, files={0: ("a b.png", b"one")})
    assert status == 200
    assert sent["attachments"] == [], "what a component shows is not listed beside it"
    media = sent["components"][0]["items"][0]["media"]
    async with place.session.get(media["url"]) as answer:
        assert await answer.read() == b"one"
    async with place.session.get(media["url"].replace("hm=", "hm=0")) as answer:
        assert answer.status == 404
    keep = {"attachments": [{"id": media["attachment_id"]}, {"id": "1"}]}
    second = {"type": 13, "file": {"url": "attachment://c.txt"}}
    body = {**keep, "components": [gallery, second]}
    status, edited = await place.patch(sent["id"], body, files={1: ("c.txt", b"two")})
    assert status == 200
    assert edited["components"][1]["name"] == "c.txt"
    assert [each.data for each in place.channel.messages[int(sent["id"])].attachments] == [b"one", b"two"]
    gone = {"attachments": [], "components": [gallery]}
    body = refused(await place.patch(sent["id"], gone), 400, 50035)
    error = body["errors"]["components"]["0"]["items"]["0"]["media"]["url"]["_errors"][0]
    assert error["code"] == "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
    unknown = {"attachments": [{"id": "12345"}]}
    refused(await place.patch(sent["id"], unknown), 400, 50035)


async def test_a_file_too_large_for_the_server_is_refused(place: Place):
    limit = place.guild.filesize_limit
    assert limit == 10 * KIB * KIB
    assert (await place.post({}, files={0: ("a.bin", bytes(limit))}))[0] == 200
    refused(await place.post({}, files={0: ("a.bin", bytes(limit + 1))}), 413, 40005)
    place.guild.boost_tier = 2
    assert (await place.post({}, files={0: ("a.bin", bytes(limit + 1))}))[0] == 200
    refused(await place.post({}, files={0: ("a.bin", bytes(26 * KIB * KIB))}), 413, 40005)


async def test_ten_files_are_enough(place: Place):
    assert (await place.post({}, files={n: (f"{n}.txt", b"x") for n in range(10)}))[0] == 200
    refused(await place.post({}, files={n: (f"{n}.txt", b"x") for n in range(11)}), 400, 30015)


async def test_what_is_no_json_is_said_so(place: Place):
    url = f"{place.server.api_url}/channels/{place.channel.id}/messages"
    headers = {"Authorization": "Bot sandbox-token", "Content-Type": "application/json"}
    async with place.session.post(url, data=b"{", headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, 50109)
    refused(await place.post({}), 400, 50006)


# commands


async def test_commands_keep_their_ids_when_their_names_stay(place: Place):
    status, first = await place.register({"name": "a", "description": "A"}, {"name": "b", "description": "B"})
    assert status == 200
    _, second = await place.register({"name": "b", "description": "B"}, {"name": "a", "description": "changed"})
    assert {each["name"]: each["id"] for each in first} == {each["name"]: each["id"] for each in second}
    assert second[0]["version"] == first[1]["version"]
    assert second[1]["version"] != first[0]["version"]
    refused(await place.call("PUT", "/applications/1/commands", []), 404, 10002)
