"""The API stand-in's pictures."""

from __future__ import annotations

import base64
import io
import time
from typing import Any

import aiohttp
import pytest
from PIL import Image

from sandbox.onekey import Behaviour, OneKeyServer, Plan, pictures


@pytest.fixture
async def api():
    async with OneKeyServer(behaviour=Behaviour(images=Plan())) as server:
        yield server


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as client:
        yield client


async def imagine(
    session: aiohttp.ClientSession, api: OneKeyServer, prompt: str = "A fox", *, n: int = 1, size: str = "96x64"
):
    body = {"model": "wan2.7-image", "prompt": prompt, "n": n, "size": size}
    headers = {"Authorization": f"Bearer {api.key}"}
    async with session.post(f"{api.base_url}/images/generations", json=body, headers=headers) as response:
        return response.status, await response.json()


async def opened(session: aiohttp.ClientSession, entry: dict[str, str]) -> Image.Image:
    if entry.get("b64_json"):
        content = base64.b64decode(entry["b64_json"])
    else:
        async with session.get(entry["url"]) as response:
            assert response.status == 200
            content = await response.read()
            assert response.content_type in {"image/png", "image/jpeg"}
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


async def test_pictures_of_the_size_and_number_asked_for(api: OneKeyServer, session: aiohttp.ClientSession):
    status, body = await imagine(session, api, n=3, size="512x256")
    assert status == 200
    found = [await opened(session, entry) for entry in body["data"]]
    assert [(picture.format, picture.size) for picture in found] == [("PNG", (512, 256))] * 3
    assert len({picture.tobytes() for picture in found}) == 3
    assert all("authorization" not in request.headers for request in api.requests.of("files"))


@pytest.mark.parametrize(
    ("shape", "keys"),
    [
        ("url", [{"url"}] * 3),
        ("b64_json", [{"b64_json"}] * 3),
        ("all_keys", [{"url", "b64_json", "revised_prompt"}] * 3),
        ("b64_all_keys", [{"url", "b64_json", "revised_prompt"}] * 3),
        ("mixed", [{"url"}, {"b64_json"}, {"url"}]),
        ("jpeg", [{"url"}] * 3),
        ("fewer", [{"url"}] * 2),
    ],
)
async def test_shapes_with_pictures(
    api: OneKeyServer, session: aiohttp.ClientSession, shape: str, keys: list[set[str]]
):
    api.next("images", shape=shape)
    _, body = await imagine(session, api, n=3)
    assert [set(entry) for entry in body["data"]] == keys
    found = [await opened(session, entry) for entry in body["data"]]
    assert {(picture.format, picture.size) for picture in found} == {("JPEG" if shape == "jpeg" else "PNG", (96, 64))}


async def test_shapes_without_pictures(api: OneKeyServer, session: aiohttp.ClientSession):
    api.next("images", shape="empty")
    api.next("images", shape="null")
    assert (await imagine(session, api))[1]["data"] == [{"url": "", "b64_json": "", "revised_prompt": ""}]
    assert (await imagine(session, api))[1]["data"] is None


@pytest.mark.parametrize(("field", "value"), [("prompt", ""), ("n", 0), ("n", 11), ("size", "large")])
async def test_wrong_requests(api: OneKeyServer, session: aiohttp.ClientSession, field: str, value: object):
    overrides: dict[str, Any] = {field: value}
    status, body = await imagine(session, api, **overrides)
    assert (status, body["error"]["code"]) == (400, "invalid_parameter")


async def test_a_picture_of_any_weight(api: OneKeyServer, session: aiohttp.ClientSession):
    _, body = await imagine(session, api, "A fox [bytes:3000000]")
    async with session.get(body["data"][0]["url"]) as response:
        content = await response.read()
    assert len(content) == 3_000_000
    assert Image.open(io.BytesIO(content)).size == (96, 64)


def test_the_same_prompt_gives_the_same_picture_and_soon():
    began = time.perf_counter()
    first = pictures.encode(pictures.draw("一只狐狸, a fox", width=1024, height=1024))
    took = time.perf_counter() - began
    assert first == pictures.encode(pictures.draw("一只狐狸, a fox", width=1024, height=1024))
    assert first != pictures.encode(pictures.draw("another", width=1024, height=1024))
    assert 20_000 < len(first) < 1_000_000
    assert took < 0.5, "about 0.05 s on an idle core"
