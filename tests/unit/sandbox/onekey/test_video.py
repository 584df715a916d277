"""The API stand-in's videos: submit, poll, clip, and result files good and bad."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from yarl import URL

from sandbox.discord.media import measures
from sandbox.onekey import Behaviour, OneKeyServer, Plan
from sandbox.onekey.names import SHAPES

AT_ONCE = Plan(queue_seconds=0, run_seconds=0)


@pytest.fixture
async def api():
    async with OneKeyServer(behaviour=Behaviour(submit=AT_ONCE)) as server:
        yield server


@pytest.fixture
async def session(api: OneKeyServer):
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {api.key}"}) as client:
        yield client


@pytest.fixture
async def stranger():
    """A client without the key."""
    async with aiohttp.ClientSession() as client:
        yield client


async def submit(
    session: aiohttp.ClientSession,
    api: OneKeyServer,
    prompt: str = "A fox runs",
    *,
    path: str = "/video/generations",
    **fields: Any,
):
    body = {"model": "wan2.7-t2v", "prompt": prompt, "resolution": "320*180", **fields}
    async with session.post(api.base_url + path, json=body) as response:
        return response.status, await response.json()


async def poll(session: aiohttp.ClientSession, api: OneKeyServer, task_id: str, *, path: str = "/video/generations"):
    async with session.get(f"{api.base_url}{path}/{task_id}") as response:
        return response.status, await response.json()


def id_of(body: dict[str, Any]) -> str:
    return body.get("id") or body.get("task_id") or body["data"]["task_id"]


@pytest.mark.parametrize("shape", SHAPES["video.submit"])
async def test_submit_shapes(api: OneKeyServer, session: aiohttp.ClientSession, shape: str):
    api.next("video.submit", shape=shape)
    status, body = await submit(session, api)
    assert (status, id_of(body)) == (200, next(iter(api.tasks)))
    assert {"document": "created_at" in body, "wrapped_int": body.get("data", {}).get("id") == 17}.get(shape, True)


async def test_states_advance_with_time(api: OneKeyServer, session: aiohttp.ClientSession):
    _, body = await submit(session, api, "A fox [queue:0.3] [run:0.4]")
    task = api.tasks[body["id"]]
    now = task.began
    assert [task.state(now + age) for age in (0, 0.2, 0.35, 0.6, 0.8)] == [
        *("queued", "queued", "running", "running", "succeeded")
    ]
    assert (await poll(session, api, task.id))[1]["status"] == "queued"
    task.finish()
    assert (await poll(session, api, task.id))[1]["status"] == "succeeded"
    assert task.polls == 2


FOUND: dict[str, Callable[[dict[str, Any]], str]] = {
    "document": lambda b: b["video_url"],
    "data_wrapped": lambda b: b["data"]["data"]["output"]["video_url"],
    "older": lambda b: b["data"]["fail_reason"],
    "not_start": lambda b: b["data"]["result_url"],
    "data_url": lambda b: b["data"]["url"],
    "null_data": lambda b: b["data"]["result_url"],
    "openai": lambda b: b["metadata"]["url"],
    "content": lambda b: b["content"]["video_url"],
    "plain_url": lambda b: b["url"],
    "unknown": lambda b: b["video_url"],
    "doubled_url": lambda b: b["video_url"].replace("/v1/v1/", "/v1/"),
    "kling": lambda b: b["data"]["task_result"]["videos"][0]["url"],
    "finished": lambda b: b["url"],
    "number": lambda b: b["url"],
    "new_words": lambda b: b["result_url"],
    "success_inside": lambda b: b["data"]["video_url"],
    "list": lambda b: b["video_url"][0],
    "cover": lambda b: b["items"][0]["address"],
}


@pytest.mark.parametrize("shape", SHAPES["video.poll"])
async def test_poll_shapes(api: OneKeyServer, session: aiohttp.ClientSession, shape: str):
    api.behaviour.poll = Plan(shape=shape)
    _, body = await submit(session, api, "A fox [run:60]")
    task = api.tasks[body["id"]]
    _, running = await poll(session, api, task.id)
    assert "http" not in str(running)
    task.finish()
    _, done = await poll(session, api, task.id)
    if shape == "no_url":
        assert (done["status"], "http" in str(done)) == ("completed", False)
        url = f"{api.base_url}/videos/{task.id}/content"
    elif shape == "relative":
        assert done["url"] == f"/v1/videos/{task.id}/content"
        url = f"{api.base_url}/videos/{task.id}/content"
    elif shape == "embedded":
        head, _, encoded = done["video_url"].partition(",")
        assert (head, base64.b64decode(encoded)[4:8]) == ("data:video/mp4;base64", b"ftyp")
        return
    else:
        url = FOUND[shape](done)
    async with session.get(url) as response:
        assert (response.status, (await response.read())[4:8]) == (200, b"ftyp")
    task.finish("inspection")
    _, failed = await poll(session, api, task.id)
    assert "http" not in str(failed)
    assert "DataInspectionFailed" in str(failed)


@pytest.mark.parametrize("shape", SHAPES["video.poll"])
@pytest.mark.parametrize("outcome", ["failed", "cancelled", "expired"])
async def test_ends(api: OneKeyServer, session: aiohttp.ClientSession, shape: str, outcome: str):
    api.behaviour.poll = Plan(shape=shape)
    _, body = await submit(session, api, f"A fox [end:{outcome}]")
    status, failed = await poll(session, api, body["id"])
    assert status == 200
    task = failed.get("data") or failed
    word = str(task.get("status", task.get("task_status", task.get("state")))).lower()
    # A number and a new word are told by the error beside them.
    plain = word in {"failed", "failure", "cancelled", "expired", "fail"}
    assert plain or (word in {"3", "moderated"} and task["error"])


async def test_a_task_that_is_gone_or_never_was(api: OneKeyServer, session: aiohttp.ClientSession):
    _, body = await submit(session, api, "A fox [end:gone]")
    gone = (400, {"code": "task_not_exist", "message": "task_not_exist", "data": None})
    assert await poll(session, api, body["id"]) == gone
    assert await poll(session, api, "nobody") == gone
    _, body = await submit(session, api, "A fox [poll:task_not_exist*2] [end:never]")
    assert [(await poll(session, api, body["id"]))[0] for _ in range(3)] == [400, 400, 200]


async def test_wrong_sizes(api: OneKeyServer, session: aiohttp.ClientSession):
    wrong: list[dict[str, Any]] = [
        {"resolution": "1280x720"},
        {"size": "1280x720"},
        {"duration": 60},
        {"image": "fox.png"},
    ]
    for fields in wrong:
        status, body = await submit(session, api, **fields)
        assert (status, next(iter(fields)) in body["error"]["message"]) == (400, True)
    assert (await submit(session, api, size="320*180", duration=5))[0] == 200
    api.behaviour.submit = Plan(fault="size")
    status, body = await submit(session, api, size="320*180")
    assert (status, "size" in body["error"]["message"]) == (400, True)
    assert (await submit(session, api))[0] == 200


async def test_the_doubled_path(api: OneKeyServer, session: aiohttp.ClientSession):
    doubled = "/v1/video/generations"
    assert (await submit(session, api, path=doubled))[0] == 404
    api.behaviour.video_path = "doubled"
    status, body = await submit(session, api)
    assert (status, body["error"]["message"]) == (404, "Invalid URL (POST /v1/video/generations)")
    assert not api.tasks
    status, body = await submit(session, api, path=doubled)
    assert (await poll(session, api, body["id"], path=doubled))[0] == 200
    assert (await poll(session, api, body["id"]))[0] == 404


async def test_a_lost_submit_counts_as_submitted(api: OneKeyServer, session: aiohttp.ClientSession):
    api.next("video.submit", fault="lost")
    api.next("video.submit", fault="lost_500")
    api.next("video.submit", fault="lost_hang")
    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
        await submit(session, api)
    assert (await submit(session, api))[0] == 500
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await submit(session, api)
    assert (api.submits["A fox runs"], len(api.tasks)) == (3, 3)


@pytest.mark.parametrize("size", ["1280*720", "720*1280", "1080*1080", "854*480"])
async def test_the_clip_has_the_shape_that_was_asked_for(
    api: OneKeyServer, session: aiohttp.ClientSession, stranger: aiohttp.ClientSession, size: str
):
    _, body = await submit(session, api, resolution=size)
    url = (await poll(session, api, body["id"]))[1]["video_url"]
    async with stranger.get(url) as response:
        content = await response.read()
        assert response.content_type == "video/mp4"
    assert len(content) < 100_000
    assert content.index(b"moov") < content.index(b"mdat"), "the index stands first"
    assert b"avc1" in content
    asked = tuple(int(side) for side in size.split("*"))
    assert measures(content) == asked
    entry = content.index(b"avc1", content.index(b"stsd"))
    coded = tuple(int.from_bytes(content[at : at + 2], "big") for at in (entry + 28, entry + 30))
    assert coded == asked, "its pictures are what its header says"
    async with stranger.get(url) as response:
        assert await response.read() == content


async def test_the_content_route_wants_the_key(
    api: OneKeyServer, session: aiohttp.ClientSession, stranger: aiohttp.ClientSession
):
    _, body = await submit(session, api, "A fox [end:never]")
    url = f"{api.base_url}/videos/{body['id']}/content"
    async with stranger.get(url) as response:
        assert response.status == 401
    async with session.get(url) as response:
        assert response.status == 400
    async with session.get(f"{api.base_url}/videos/nobody/content") as response:
        assert response.status == 404


def boxes(content: bytes) -> list[bytes]:
    """The kinds of an MP4's outermost boxes, which together are the file."""
    kinds: list[bytes] = []
    at = 0
    while at < len(content):
        kinds.append(content[at + 4 : at + 8])
        at += int.from_bytes(content[at : at + 4], "big")
    assert at == len(content)
    return kinds


async def test_a_clip_of_any_weight_is_whole(api: OneKeyServer, session: aiohttp.ClientSession):
    _, body = await submit(session, api, "A fox [bytes:12000000]")
    async with session.get((await poll(session, api, body["id"]))[1]["video_url"]) as response:
        content = await response.read()
    assert len(content) == 12_000_000
    assert boxes(content) == [b"ftyp", b"moov", b"free", b"mdat", b"free", b"free"]


async def fetched(
    client: aiohttp.ClientSession, url: str, *, limit: int = 3_000_000, **options: Any
) -> tuple[int, str, bytes, str]:
    """Status, type and up to `limit` bytes; the name of the error if the connection broke."""
    got = b""
    async with client.get(url, **options) as response:
        try:
            async for piece in response.content.iter_any():
                got += piece
                if len(got) > limit:
                    break
        except (aiohttp.ClientPayloadError, aiohttp.ServerTimeoutError) as error:
            return response.status, response.content_type, got, type(error).__name__
        return response.status, response.content_type, got, ""


async def test_bad_files(api: OneKeyServer, session: aiohttp.ClientSession, stranger: aiohttp.ClientSession):
    _, body = await submit(session, api)
    url = (await poll(session, api, body["id"]))[1]["video_url"]
    whole = (await fetched(stranger, url))[2]
    seen: dict[str, tuple[int, str, bytes, str]] = {}
    for fault in ("403", "404", "500", "wrong_type", "other_type", "empty", "half", "endless", "redirect"):
        api.next("files", fault=fault, times=2 if fault == "redirect" else 1)
        seen[fault] = await fetched(stranger, url)
    assert [seen[fault][0] for fault in ("403", "404", "500")] == [403, 404, 500]
    assert seen["wrong_type"][1:3] == ("video/mp4", seen["wrong_type"][2])
    assert seen["wrong_type"][2].startswith(b"<!doctype html>")
    assert seen["other_type"][2].startswith(b"PK")
    assert seen["empty"][2] == b""
    assert (len(seen["half"][2]), seen["half"][3]) == (len(whole) // 2, "ClientPayloadError")
    assert seen["endless"][2].startswith(whole)
    assert len(seen["endless"][2]) > 3_000_000
    assert seen["redirect"][2] == whole
    for fault in ("slow", "stall", "hang"):
        api.next("files", fault=fault)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await fetched(stranger, url)


async def test_a_storage_that_wants_its_url_as_it_was_given(
    api: OneKeyServer, session: aiohttp.ClientSession, stranger: aiohttp.ClientSession
):
    _, body = await submit(session, api, "A fox [shape:exact]")
    url = (await poll(session, api, body["id"]))[1]["video_url"]
    for asked, status in ((URL(url, encoded=True), 200), (URL(url), 403)):
        async with stranger.get(asked) as response:
            assert response.status == status


async def test_redirects_to_where_nobody_should_go(
    api: OneKeyServer, session: aiohttp.ClientSession, stranger: aiohttp.ClientSession
):
    _, body = await submit(session, api)
    url = (await poll(session, api, body["id"]))[1]["video_url"]
    for fault, place in (
        ("redirect_private", f"{api.other_url}/private"),
        ("redirect_metadata", "http://169.254.169.254/latest/meta-data/"),
        ("redirect_file", "file:///etc/hostname"),
        ("redirect_loop", url.removeprefix(api.base_url.removesuffix("/v1"))),
    ):
        api.next("files", fault=fault)
        async with stranger.get(URL(url, encoded=True), allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (302, place)
    assert api.other_visits == 0
    async with stranger.get(f"{api.other_url}/private") as response:
        assert response.status == 200
    assert api.other_visits == 1


async def test_files_on_another_port(
    api: OneKeyServer, session: aiohttp.ClientSession, stranger: aiohttp.ClientSession
):
    _, body = await submit(session, api, "A fox [host:other]")
    url = (await poll(session, api, body["id"]))[1]["video_url"]
    assert url.startswith(api.other_url)
    assert (await fetched(stranger, url))[0] == 200


async def test_many_tasks_are_cheap(api: OneKeyServer, session: aiohttp.ClientSession):
    for _ in range(10):
        async with asyncio.TaskGroup() as group:
            for _ in range(50):
                group.create_task(submit(session, api))
    assert (len(api.tasks), api.submits["A fox runs"]) == (500, 500)


async def test_no_two_clips_are_the_same(api: OneKeyServer, session: aiohttp.ClientSession):
    contents: list[bytes] = []
    for prompt in ("A fox", "A sea"):
        task_id = (await submit(session, api, prompt))[1]["id"]
        async with session.get((await poll(session, api, task_id))[1]["video_url"]) as response:
            contents.append(await response.read())
    assert contents[0] != contents[1]
    assert all(boxes(content)[-1] == b"free" for content in contents)
