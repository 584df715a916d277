"""What is recorded of the wires: requests and answers as they were, without secrets, and never more than so much."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator

import aiohttp
import orjson
import pytest

from sandbox.browser.traffic import KEPT, Exchange, Traffic
from sandbox.onekey import Behaviour, Plan
from sandbox.stage import Stage


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """Both stand-ins; the tests are the bot."""
    quick = Plan(first_token=0.01, words_per_second=2000)
    async with Stage(start=False, behaviour=Behaviour(chat=quick, images=Plan())) as stage:
        yield stage


@pytest.fixture
def traffic(stage: Stage) -> Traffic:
    return Traffic(stage)


async def ask_api(stage: Stage, path: str, **body: object) -> bytes:
    headers = {"Authorization": f"Bearer {stage.api.key}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{stage.api.base_url}{path}", json=body) as response,
    ):
        return await response.read()


async def ask_discord(stage: Stage, method: str, path: str, **body: object) -> int:
    headers = {"Authorization": f"Bot {stage.discord.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, f"{stage.discord.api_url}{path}", json=body or None) as response,
    ):
        await response.read()
        return response.status


async def chat(stage: Stage, prompt: str) -> bytes:
    messages = [{"role": "user", "content": prompt}]
    return await ask_api(stage, "/chat/completions", model="deepseek-chat", stream=True, messages=messages)


async def test_a_stream_is_recorded_as_the_blocks_that_were_sent(stage: Stage, traffic: Traffic):
    got = await chat(stage, "Why is the sky blue?")
    [exchange] = traffic.of("service")
    assert exchange.title == "POST /v1/chat/completions"
    assert exchange.streamed
    assert exchange.answer == got.decode()
    assert exchange.blocks == got.count(b"data:")
    assert (exchange.status, exchange.broken) == (200, "")
    assert exchange.seconds is not None
    assert orjson.loads(exchange.request)["messages"][0]["content"] == "Why is the sky blue?"


async def test_a_stream_is_seen_while_it_grows(stage: Stage, traffic: Traffic):
    stage.api.behaviour.chat = Plan(first_token=0.01, words_per_second=20, words=200)
    asking = asyncio.create_task(chat(stage, "Go on"))
    async with asyncio.timeout(10):
        while not traffic.of("service") or traffic.of("service")[0].blocks < 3:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)
    [exchange] = traffic.of("service")
    assert exchange.seconds is None
    before = exchange.blocks
    async with asyncio.timeout(10):
        while traffic.of("service")[0].blocks == before:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.02)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    async with asyncio.timeout(10):
        while traffic.of("service")[0].seconds is None:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.02)
    assert exchange.broken == "hung_up"


async def test_of_a_long_stream_the_beginning_is_kept_and_all_blocks_are_counted(stage: Stage, traffic: Traffic):
    stage.api.behaviour.chat = Plan(first_token=0.0, words_per_second=20_000, words=1000)
    got = await chat(stage, "At length")
    [exchange] = traffic.of("service")
    assert exchange.blocks == got.count(b"data:") > 1000
    assert len(exchange.answer) <= 24_000
    assert exchange.answer_text.endswith("…")


async def test_a_dropped_connection_is_called_that(stage: Stage, traffic: Traffic):
    stage.api.next("chat", fault="mid_drop")
    with pytest.raises(aiohttp.ClientError):
        await chat(stage, "Fox")
    [exchange] = traffic.of("service")
    assert exchange.broken == "dropped"
    assert exchange.failed
    assert exchange.blocks > 1


async def test_no_secret_is_kept(stage: Stage, traffic: Traffic):
    await chat(stage, f"My key is {stage.api.key}, the token {stage.discord.token}")
    alice, general = stage.person("alice"), stage.channel("general")
    token = "interaction-token-0123456789"
    await ask_discord(stage, "POST", f"/channels/{general.id}/messages", content=f"{stage.discord.token} said")
    await ask_discord(stage, "POST", f"/interactions/17/{token}/callback", type=4, token=token)
    await ask_discord(stage, "PATCH", f"/webhooks/17/{token}/messages/@original", content="x")
    await alice.say(general, "hello")
    kept = "".join(f"{each.title} {each.request} {each.answer}" for each in all_of(traffic))
    assert "said" in kept
    for secret in (stage.api.key, stage.discord.token, token):
        assert secret not in kept
    assert "/interactions/17/•••/callback" in kept
    assert "/webhooks/17/•••/messages/@original" in kept


async def test_files_are_kept_by_their_size_alone(stage: Stage, traffic: Traffic):
    picture = base64.b64encode(bytes(range(256)) * 1000).decode()
    await ask_api(
        stage, "/video/generations", model="wan2.7-i2v", prompt="run", image=f"data:image/png;base64,{picture}"
    )
    form = aiohttp.FormData({"payload_json": '{"content": "a file"}'})
    form.add_field("files[0]", b"x" * 300_000, filename="fox.bin")
    headers = {"Authorization": f"Bot {stage.discord.token}"}
    url = f"{stage.discord.api_url}/channels/{stage.channel('general').id}/messages"
    async with aiohttp.ClientSession(headers=headers) as session, session.post(url, data=form) as response:
        assert response.status == 200
    [asked], [sent] = traffic.of("service"), traffic.of("discord")
    assert len(asked.request) < 1000
    assert orjson.loads(asked.request)["image"].startswith("data:image/png;base64,AAEC")
    assert orjson.loads(sent.request) == {"payload_json": {"content": "a file"}, "files": ["fox.bin (300000 bytes)"]}


async def test_memory_is_bounded(stage: Stage, traffic: Traffic):
    stage.discord.limits.enabled = False
    for _ in range(KEPT + 5):
        await ask_discord(stage, "GET", "/users/@me")
    assert len(traffic.of("discord")) == KEPT
    await chat(stage, "word " * 20_000)
    assert len(traffic.of("service")[0].request) <= 24_000


async def test_a_limit_that_was_hit_and_what_is_left_are_told(stage: Stage, traffic: Traffic):
    path = f"/channels/{stage.channel('general').id}/messages"
    statuses = [await ask_discord(stage, "POST", path, content=str(each)) for each in range(6)]
    assert statuses == [200] * 5 + [429]
    assert [each.left for each in reversed(traffic.of("discord"))][:5] == ["4/5", "3/5", "2/5", "1/5", "0/5"]
    assert [each.status for each in traffic.limited()] == [429]


async def test_an_event_is_what_the_bot_was_sent(stage: Stage, traffic: Traffic):
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{stage.discord.ws_url}?v=10") as ws:
        await ws.receive_json()
        identify: dict[str, object] = {"token": stage.discord.token, "intents": 1 | 1 << 9, "properties": {}}
        await ws.send_json({"op": 2, "d": identify})
        assert (await ws.receive_json())["t"] == "READY"
        await stage.person("alice").say(stage.channel("general"), "nothing for bots to read")
        names = [each.title for each in reversed(traffic.of("events"))]
        assert names == ["READY", "GUILD_CREATE", "MESSAGE_CREATE"]
        assert '"content": ""' in traffic.of("events")[0].answer_text


def all_of(traffic: Traffic) -> list[Exchange]:
    return [*traffic.of("service"), *traffic.of("discord"), *traffic.of("events")]
