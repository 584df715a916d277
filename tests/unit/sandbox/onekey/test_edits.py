"""The API stand-in's edits of pictures, and pictures that are animated."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from PIL import Image

from sandbox.onekey import Behaviour, OneKeyServer, Plan
from sandbox.onekey.names import GENERAL, SHAPES

File = tuple[str, str, str, bytes]
"""Field, file name, content type, bytes."""


@pytest.fixture
async def api():
    quick = Behaviour(images=Plan(), submit=Plan(queue_seconds=0, run_seconds=0))
    async with OneKeyServer(behaviour=quick) as server:
        yield server


@pytest.fixture
async def session(api: OneKeyServer):
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {api.key}"}) as client:
        yield client


def picture(colour: str = "red", size: tuple[int, int] = (96, 64), kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind)
    return buffer.getvalue()


def png(field: str = "image", content: bytes | None = None) -> File:
    return (field, "fox.png", "image/png", picture() if content is None else content)


async def edit(session: aiohttp.ClientSession, api: OneKeyServer, *files: File, **fields: str) -> tuple[int, Any]:
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    for name, value in {"model": "qwen-image-edit", "prompt": "in the snow", **fields}.items():
        form.add_field(name, value)
    for field, name, kind, content in files:
        form.add_field(field, io.BytesIO(content), filename=name, content_type=kind)
    async with session.post(f"{api.base_url}/images/edits", data=form) as response:
        return response.status, await response.json()


async def opened(session: aiohttp.ClientSession, entry: dict[str, str]) -> Image.Image:
    content = base64.b64decode(entry.get("b64_json", ""))
    if not content:
        async with session.get(entry["url"]) as response:
            content = await response.read()
    made = Image.open(io.BytesIO(content))
    made.load()
    return made


def colour(made: Image.Image, x: int, y: int) -> str:
    found = made.convert("RGB").getpixel((x, y))
    assert isinstance(found, tuple)
    red, green, blue = (int(part) for part in found)
    if red > 200 and green < 50 and blue < 50:
        return "red"
    return "blue" if blue > 200 and red < 50 and green < 50 else f"{red} {green} {blue}"


async def test_an_edit_shows_what_it_was_made_from(api: OneKeyServer, session: aiohttp.ClientSession):
    """The pictures stay to be seen, the new prompt is a band below them; an edit of an edit has both bands."""
    status, body = await edit(session, api, png(), n="2", size="200x100")
    assert status == 200
    first, second = [await opened(session, entry) for entry in body["data"]]
    assert (first.size, first.format, colour(first, 100, 40)) == ((200, 100), "PNG", "red")
    assert colour(first, 190, 97) != colour(second, 190, 97), "each variation has a band of its own"
    buffer = io.BytesIO()
    first.save(buffer, "PNG")
    _, again = await edit(session, api, png(content=buffer.getvalue()), prompt="at night", size="200x100")
    grandchild = await opened(session, again["data"][0])
    assert colour(grandchild, 100, 40) == "red"
    assert len({colour(grandchild, 190, y) for y in (40, 85, 97)}) == 3
    _, both = await edit(session, api, png("image[]"), png("image[]", picture("blue")), size="200x100")
    side_by_side = await opened(session, both["data"][0])
    assert [colour(side_by_side, x, 40) for x in (20, 180)] == ["red", "blue"]


async def test_what_was_sent_can_be_read(api: OneKeyServer, session: aiohttp.ClientSession):
    jpeg = picture("blue", (40, 30), "JPEG")
    webp = ("image[]", "b.webp", "image/webp", picture("red", (20, 10), "WEBP"))
    status, _ = await edit(session, api, ("image[]", "a.jpg", "image/jpeg", jpeg), webp, size="64x64", n="1")
    assert status == 200
    request = await api.requests.seen("edits")
    assert request.form == {"model": "qwen-image-edit", "prompt": "in the snow", "size": "64x64", "n": "1"}
    first, second = request.images
    assert (first.field, first.filename, first.content_type, first.size) == (
        "image[]",
        "a.jpg",
        "image/jpeg",
        len(jpeg),
    )
    assert (first.format, first.width, first.height, first.content) == ("JPEG", 40, 30, jpeg)
    assert (second.format, second.width, second.height) == ("WEBP", 20, 10)
    assert request.prompt == "in the snow"
    assert api.requests.counts["images"] == 0


async def test_without_a_size_it_keeps_that_of_the_first(api: OneKeyServer, session: aiohttp.ClientSession):
    for more in ({}, {"size": "auto"}):
        _, body = await edit(session, api, png(), png("image", picture("blue", (10, 10))), **more)
        assert (await opened(session, body["data"][0])).size == (96, 64)
    _, body = await edit(session, api, png(content=picture(size=(3072, 1024))))
    assert (await opened(session, body["data"][0])).size == (1536, 512)


def test_edits_have_the_shapes_and_faults_of_images():
    assert SHAPES["edits"] == SHAPES["images"]


def encoded(body: dict[str, Any]) -> str:
    return body["data"][1]["b64_json"]


OTHERWISE: dict[str, Callable[[dict[str, Any]], str]] = {
    "object": lambda body: body["data"]["url"],
    "images": lambda body: body["images"][1],
    "b64_link": encoded,
    "data_lines": encoded,
    "dashscope": lambda body: body["output"]["choices"][0]["message"]["content"][1]["image"],
    "dashscope_old": lambda body: body["output"]["results"][1]["url"],
    "avif": encoded,
    "tiff": encoded,
    "bmp": encoded,
    "cmyk": encoded,
    "deep": encoded,
    "ico": encoded,
}
FORMATS = {
    "data_lines": ("PNG", "RGB"),
    "avif": ("AVIF", "RGB"),
    "tiff": ("TIFF", "RGB"),
    "bmp": ("BMP", "RGB"),
    "cmyk": ("JPEG", "CMYK"),
    "deep": ("PNG", "I;16"),
    "ico": ("ICO", "RGBA"),
}


@pytest.mark.parametrize("shape", SHAPES["edits"])
async def test_shapes(api: OneKeyServer, session: aiohttp.ClientSession, shape: str):
    status, body = await edit(session, api, png(), n="2", prompt=f"snow [shape:{shape}]", size="64x64")
    assert status == 200
    if shape in OTHERWISE:
        found = OTHERWISE[shape](body)
        if found.startswith("http"):
            assert (await opened(session, {"url": found})).size == (64, 64)
        else:
            data = base64.urlsafe_b64decode("".join(found.partition(",")[2].split()) + "==") if "," in found else None
            with Image.open(io.BytesIO(data or base64.b64decode(found))) as file:
                assert (file.size, file.format, file.mode) == ((64, 64), *FORMATS[shape])
        return
    data = body["data"]
    if shape == "null":
        assert data is None
    elif shape == "empty":
        assert set(data[0].values()) == {""}
    elif shape == "heic":
        assert base64.b64decode(data[0]["b64_json"])[4:12] == b"ftypheic"
    else:
        assert len(data) == (1 if shape == "fewer" else 2)
        last = await opened(session, data[-1])
        assert (last.size, last.format) == ((64, 64), "JPEG" if shape == "jpeg" else "PNG")


@pytest.mark.parametrize(("fault", "status"), [("inspection_400", 400), ("429", 429), ("quota", 403), ("500", 500)])
async def test_faults(api: OneKeyServer, session: aiohttp.ClientSession, fault: str, status: int):
    assert fault in GENERAL
    assert (await edit(session, api, png(), prompt=f"snow [fault:{fault}*1]"))[0] == status
    assert (await edit(session, api, png(), prompt=f"snow [fault:{fault}*1]"))[0] == 200
    api.next("edits", fault=fault)
    assert (await edit(session, api, png()))[0] == status


@pytest.mark.parametrize(
    ("files", "code", "param"),
    [
        ([], "missing_required_parameter", "image"),
        ([png("images")], "missing_required_parameter", "image"),
        ([png(content=b"\x89PNG\r\n\x1a\n and nothing")], "invalid_image_file", "image"),
        ([png(content=picture()[:60])], "invalid_image_file", "image"),
        ([png(content=b"")], "invalid_image_file", "image"),
        ([png(content=picture(kind="GIF"))], "invalid_image_file", "image"),
        ([("image", "fox.png", "application/octet-stream", picture())], "unsupported_file_mimetype", "image"),
        ([("image", "fox.gif", "image/gif", picture(kind="GIF"))], "unsupported_file_mimetype", "image"),
        ([png("image[]")] * 17, "array_above_max_length", "image"),
        ([png(), png("mask", picture(size=(10, 10)))], "invalid_mask", "mask"),
        ([png(), png("mask", b"nothing")], "invalid_image_file", "mask"),
    ],
)
async def test_wrong_pictures(
    api: OneKeyServer, session: aiohttp.ClientSession, files: list[File], code: str, param: str
):
    status, body = await edit(session, api, *files)
    error = body["error"]
    assert (status, error["code"], error["param"], error["type"]) == (400, code, param, "invalid_request_error")
    assert error["message"]


async def test_sixteen_pictures_and_a_mask_are_right(api: OneKeyServer, session: aiohttp.ClientSession):
    status, _ = await edit(session, api, *[png("image[]")] * 16, png("mask"))
    assert status == 200
    assert [image.field for image in api.requests.of("edits")[0].images].count("image[]") == 16


async def test_a_picture_that_is_too_large(api: OneKeyServer, session: aiohttp.ClientSession):
    status, body = await edit(session, api, png(content=picture() + bytes(50 * 1024 * 1024)))
    assert (status, body["error"]["code"]) == (400, "image_too_large")
    assert api.requests.of("edits")[0].images[0].size > 50 * 1024 * 1024


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"prompt": ""}, 400, "missing_required_parameter"),
        ({"n": "0"}, 400, "invalid_value"),
        ({"n": "11"}, 400, "invalid_value"),
        ({"n": "two"}, 400, "invalid_value"),
        ({"size": "large"}, 400, "invalid_value"),
        ({"model": ""}, 400, "invalid_request"),
        ({"model": "nobody"}, 503, "model_not_found"),
    ],
)
async def test_wrong_fields(
    api: OneKeyServer, session: aiohttp.ClientSession, fields: dict[str, str], status: int, code: str
):
    answered, body = await edit(session, api, png(), **fields)
    assert (answered, body["error"]["code"]) == (status, code)


async def test_other_bodies(api: OneKeyServer, session: aiohttp.ClientSession):
    url = f"{api.base_url}/images/edits"
    async with session.post(url, json={"model": "qwen-image-edit", "prompt": "x", "image": "data:…"}) as response:
        assert response.status == 400
        assert "multipart/form-data" in (await response.json())["error"]["message"]
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        async with session.post(url, data=b"garbage", headers={"Content-Type": kind}) as response:
            assert response.status == 400


async def submit(session: aiohttp.ClientSession, api: OneKeyServer, image: object, model: str = "wan2.7-i2v"):
    body = {"model": model, "prompt": "it runs", "resolution": "320*240", "size": "320*240", "image": image}
    async with session.post(f"{api.base_url}/video/generations", json=body) as response:
        return response.status, await response.json()


async def test_a_picture_is_animated(api: OneKeyServer, session: aiohttp.ClientSession):
    """The record has it decoded."""
    content = picture("blue", (80, 60), "JPEG")
    status, _ = await submit(session, api, "data:image/jpeg;base64," + base64.b64encode(content).decode())
    assert status == 200
    sent = api.requests.of("video.submit")[0].images[0]
    assert (sent.format, sent.width, sent.height, sent.content) == ("JPEG", 80, 60, content)


async def test_pictures_that_can_not_be_animated(api: OneKeyServer, session: aiohttp.ClientSession):
    good = "data:image/png;base64," + base64.b64encode(picture()).decode()
    assert (await submit(session, api, "https://cdn.example/fox.png"))[0] == 200
    for bad in (good[:100], "data:image/png;base64,####", "data:image/png,fox", "fox.png", "", 7, [good]):
        status, body = await submit(session, api, bad)
        assert (status, body["error"]["code"]) == (400, "InvalidParameter"), bad
    status, body = await submit(session, api, good, model="wan2.7-t2v")
    assert (status, "does not support image input" in body["error"]["message"]) == (400, True)
    assert len(api.tasks) == 1
