"""Rate limits, injected faults and latency, as a bare HTTP client meets them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest

from sandbox.discord.limits import Limit
from sandbox.discord.models import Channel
from sandbox.discord.pipeline import Latency
from sandbox.discord.server import DiscordServer
from sandbox.discord.world import World


class Place:
    def __init__(self, world: World, server: DiscordServer, session: aiohttp.ClientSession) -> None:
        self.world = world
        self.server = server
        self.session = session
        self.guild = world.guild("Home")
        self.channel = world.text_channel(self.guild, "general")
        self.other = world.text_channel(self.guild, "other")
        self.alice = world.person("alice", guild=self.guild)

    async def call(
        self, method: str, path: str, json: Any = None, *, token: bool = True
    ) -> tuple[int, Mapping[str, str], Any]:
        """Status, headers and body (JSON, else text)."""
        headers = {"Authorization": f"Bot {self.server.token}"} if token else {}
        async with self.session.request(method, self.server.api_url + path, json=json, headers=headers) as answer:
            is_json = answer.headers.get("Content-Type") == "application/json"
            body = await (answer.json() if is_json else answer.text())
            return answer.status, answer.headers, body

    async def post(self, content: str = "x", channel: Channel | None = None) -> tuple[int, Mapping[str, str], Any]:
        return await self.call("POST", f"/channels/{(channel or self.channel).id}/messages", {"content": content})

    async def answered(self) -> str:
        """A command that was answered; its webhook path."""
        app = self.world.application.id
        await self.call("PUT", f"/applications/{app}/commands", [{"name": "go", "description": "Go"}])
        it = (await self.alice.command(self.channel, "go")).interaction
        await self.call("POST", f"/interactions/{it.id}/{it.token}/callback", {"type": 5}, token=False)
        return f"/webhooks/{app}/{it.token}"


@pytest.fixture
async def place():
    world = World()
    async with DiscordServer(world) as server, aiohttp.ClientSession() as session:
        yield Place(world, server, session)


async def test_a_bucket_counts_down_refuses_and_opens_again(place: Place):
    place.server.limits.groups["message.post"] = Limit(2, 0.2, "message-post")
    first = (await place.post())[1]
    assert (first["X-RateLimit-Limit"], first["X-RateLimit-Remaining"]) == ("2", "1")
    assert float(first["X-RateLimit-Reset"]) == pytest.approx(time.time() + 0.2, abs=0.15)
    second = (await place.post())[1]
    assert second["X-RateLimit-Remaining"] == "0"
    status, headers, body = await place.post()
    assert (status, headers["X-RateLimit-Scope"], headers["Via"]) == (429, "user", "1.1 google")
    assert (body["global"], body["message"]) == (False, "You are being rate limited.")
    assert 0 < body["retry_after"] <= 0.2
    assert headers["Retry-After"] == "1"
    assert (await place.post(channel=place.other))[0] == 200, "each channel is a bucket of its own"
    assert (await place.post(channel=place.other))[1]["X-RateLimit-Bucket"] == first["X-RateLimit-Bucket"]
    await asyncio.sleep(body["retry_after"])
    assert (await place.post())[0] == 200
    limits = place.server.limits
    assert (limits.served_429, limits.refused["message.post"]) == (1, 1)


async def test_a_token_has_five_in_five_seconds_for_posts_and_edits_together(place: Place):
    hook = await place.answered()
    for remaining in ("4", "3", "2", "1"):
        status, headers, _ = await place.call(
            "PATCH", f"{hook}/messages/@original", {"content": remaining}, token=False
        )
        assert (status, headers["X-RateLimit-Remaining"]) == (200, remaining)
    assert (await place.call("POST", hook, {"content": "x"}, token=False))[1]["X-RateLimit-Remaining"] == "0"
    assert (await place.call("PATCH", f"{hook}/messages/@original", {"content": "x"}, token=False))[0] == 429
    another = await place.answered()
    assert (await place.call("PATCH", f"{another}/messages/@original", {"content": "x"}, token=False))[0] == 200


async def test_callbacks_have_no_limit(place: Place):
    for _ in range(12):
        await place.alice.say(place.channel, "x")
        place.server.limits.groups["commands.write"] = None
        await place.answered()
    assert place.server.limits.served_429 == 0
    assert place.server.limits.served["interaction.callback"] == 12


async def test_the_global_limit_spares_interactions(place: Place):
    place.server.limits.global_per_second = 2
    hook = await place.answered()
    await place.post()
    status, headers, body = await place.post()
    assert (status, body["global"], headers["X-RateLimit-Global"]) == (429, True, "true")
    assert headers["X-RateLimit-Scope"] == "global"
    assert (await place.call("PATCH", f"{hook}/messages/@original", {"content": "x"}, token=False))[0] == 200


async def test_too_many_invalid_requests_get_the_address_banned(place: Place):
    place.server.limits.invalid_allowed = 3
    for _ in range(3):
        assert (await place.call("GET", "/users/@me", token=False))[0] == 401
    status, headers, body = await place.call("GET", "/users/@me")
    assert (status, body) == (429, "error code: 1015")
    assert "Via" not in headers
    place.server.limits.invalid_seconds = 0.0
    assert (await place.call("GET", "/users/@me"))[0] == 200


async def test_an_ordered_429_comes_with_or_without_via(place: Place):
    faults = place.server.faults
    faults.rate_limit("POST /channels/*/messages", retry_after=0.5)
    status, headers, body = await place.post()
    assert (status, body["retry_after"], headers["Via"]) == (429, 0.5, "1.1 google")
    faults.rate_limit("POST /channels/{channel}/messages", via=False)
    status, headers, _ = await place.post()
    assert status == 429
    assert "Via" not in headers
    assert (await place.post())[0] == 200
    assert len(place.alice.sees(place.channel)) == 1


async def test_a_500_is_applied_or_not(place: Place):
    faults = place.server.faults
    faults.status("POST /channels/*", 500)
    assert (await place.post())[0] == 500
    assert place.alice.sees(place.channel) == []
    faults.status("POST /channels/*", 500, applied=True)
    assert (await place.post())[0] == 500
    assert len(place.alice.sees(place.channel)) == 1
    faults.status("*", 502, times=2)
    assert [(await place.post())[0] for _ in range(3)] == [502, 502, 200]


async def test_a_connection_is_cut_before_or_after_the_effect(place: Place):
    for applied, count in ((False, 0), (True, 1)):
        place.server.faults.drop("POST /channels/*", applied=applied)
        with pytest.raises(aiohttp.ClientError):
            await place.post()
        assert len(place.alice.sees(place.channel)) == count


async def test_a_request_is_held_until_released(place: Place):
    hold = place.server.faults.hold("POST /channels/*")
    sending = asyncio.create_task(place.post())
    await asyncio.wait_for(hold.reached.wait(), 5)
    assert place.alice.sees(place.channel) == []
    hold.release()
    assert (await sending)[0] == 200
    place.server.faults.slow("POST /channels/*", 0.05)
    started = time.monotonic()
    await place.post()
    assert time.monotonic() - started >= 0.05


async def test_a_token_ends_early_on_order(place: Place):
    hook = await place.answered()
    place.server.faults.expired_token()
    status, _, body = await place.call("PATCH", f"{hook}/messages/@original", {"content": "x"}, token=False)
    assert (status, body["code"]) == (401, 50027)
    assert (await place.call("PATCH", f"{hook}/messages/@original", {"content": "x"}, token=False))[0] == 200


async def test_a_request_takes_effect_half_way():
    world = World()
    async with DiscordServer(world, latency=Latency(rest=0.2)) as server, aiohttp.ClientSession() as session:
        place = Place(world, server, session)
        started = time.monotonic()
        await place.post("hello")
        answered = time.monotonic()
        applied = place.alice.sees(place.channel)[0].versions[0].at
        assert applied - started == pytest.approx(0.1, abs=0.05)
        assert answered - started == pytest.approx(0.2, abs=0.07)


async def test_fifty_members_press_in_the_same_second(place: Place):
    """Each press is an interaction of its own and is answered; edits of the card with the bot's token are limited."""
    button = {"type": 2, "style": 1, "label": "Vote", "custom_id": "vote"}
    card = (
        await place.call(
            "POST",
            f"/channels/{place.channel.id}/messages",
            {"content": "0", "components": [{"type": 1, "components": [button]}]},
        )
    )[2]
    message = place.channel.messages[int(card["id"])]
    crowd = place.world.crowd(place.guild, 50)
    limits = place.server.limits
    began = time.monotonic()
    uses = await asyncio.gather(*(each.press(message, label="Vote") for each in crowd))

    async def answer(number: int) -> int:
        it = uses[number].interaction
        body = {"type": 7, "data": {"content": str(number)}} if number % 2 else {"type": 6}
        return (await place.call("POST", f"/interactions/{it.id}/{it.token}/callback", body, token=False))[0]

    assert await asyncio.gather(*map(answer, range(50))) == [204] * 50
    assert time.monotonic() - began < 3, "about 0.3 s on an idle core"
    assert len({use.interaction.user.id for use in uses}) == 50
    assert not any(use.failed for use in uses)
    assert limits.served_429 == 0, "callbacks have no limit"
    path = f"/channels/{place.channel.id}/messages/{card['id']}"
    statuses = await asyncio.gather(*(place.call("PATCH", path, {"content": f"{number}"}) for number in range(50)))
    assert [status for status, _, _ in statuses].count(200) == 5
    assert (limits.refused["message.patch"], limits.served_429) == (45, 45)
