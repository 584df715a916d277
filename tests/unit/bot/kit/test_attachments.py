"""Attachments are fetched from Discord alone, no more of them than is taken, and one of a person's read at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import discord
import pytest
from aiohttp import web

from bot.api.session import build_session
from bot.documents.limits import TEXT_TOGETHER
from bot.documents.material import Reason
from bot.errors import UnusableFile
from bot.kit import attachments as module
from bot.kit.attachments import FILE_LIMIT, MOST_FILES, Attachments, text_room
from tests.unit.bot.documents.making import paragraph, picture, word
from tests.words import en


class Cdn:
    """Serves what is in `files`."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.origin = ""

    async def serve(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.asked.append(name)
        if name == "moved.txt":
            raise web.HTTPFound("/files/a.txt")
        if name not in self.files:
            raise web.HTTPNotFound
        return web.Response(body=self.files[name])

    def attachment(self, name: str, size: int | None = None, url: str | None = None) -> discord.Attachment:
        address = url or f"{self.origin}/files/{name}"
        told = len(self.files.get(name, b"")) if size is None else size
        data = {"id": 1, "filename": name, "size": told, "url": address, "proxy_url": address}
        return discord.Attachment(data=cast("Any", data), state=cast("Any", SimpleNamespace(http=None)))


@pytest.fixture
async def cdn() -> AsyncIterator[Cdn]:
    served = Cdn()
    app = web.Application()
    app.router.add_get("/files/{name}", served.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    served.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield served
    await runner.cleanup()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with build_session() as opened:
        yield opened


@pytest.fixture
def attachments(cdn: Cdn, session: aiohttp.ClientSession) -> Attachments:
    return Attachments(session, trusted=[f"{cdn.origin}/api"])


async def test_files_are_read_in_their_order(cdn: Cdn, attachments: Attachments) -> None:
    cdn.files = {"a.txt": b"first", "b.txt": b"second"}
    material = await attachments.read([cdn.attachment("b.txt"), cdn.attachment("a.txt")], person_id=1)

    assert [(one.name, one.text) for one in material.documents] == [("b.txt", "second"), ("a.txt", "first")]
    assert material.left_out == ()


async def test_only_what_discord_serves_is_fetched(cdn: Cdn, session: aiohttp.ClientSession) -> None:
    cdn.files = {"a.txt": b"first"}
    closed = Attachments(session)
    addresses = [
        f"{cdn.origin}/files/a.txt",
        "http://cdn.discordapp.com/a.txt",
        "https://cdn.discordapp.com.example.com/a.txt",
        "https://cdn.discordapp.com@127.0.0.1/a.txt",
        "file:///etc/passwd",
    ]
    for address in addresses:
        material = await closed.read([cdn.attachment("a.txt", url=address)], person_id=1)
        assert [one.reason for one in material.unread] == [Reason.NOT_FETCHED], address
    assert cdn.asked == []


async def test_files_may_have_another_size_than_was_said(cdn: Cdn, attachments: Attachments) -> None:
    """Discord serves some images anew. Of a text no more is read than was paid for, by its size."""
    cdn.files = {"a.txt": b"a" * 500, "a.png": picture("PNG"), "large.txt": b"a" * (FILE_LIMIT + 1)}
    for size, letters in ((10, 30), (501, 500)):
        said = [cdn.attachment("a.txt", size=size), cdn.attachment("a.png", size=size)]
        material = await attachments.read(said, person_id=1)
        assert not material.unread
        assert sum(len(one.text) for one in material.documents) <= letters + 3 * size
        assert [len(one.pictures) for one in material.documents] == [0, 1]
    material = await attachments.read([cdn.attachment("large.txt", size=10)], person_id=1)
    assert [one.reason for one in material.unread] == [Reason.NOT_FETCHED]


async def test_of_what_no_size_is_told_the_images_are_had(cdn: Cdn, attachments: Attachments) -> None:
    """What a layout shows. A text is bounded by its size, and so has no room."""
    cdn.files = {"a.png": picture("PNG"), "a.txt": b"first", "large.png": bytes(FILE_LIMIT + 1)}
    shown = [cdn.attachment(name, size=0) for name in cdn.files]
    material = await attachments.read(shown, person_id=1)

    assert [(one.name, len(one.pictures), one.text) for one in material.documents] == [
        ("a.png", 1, ""),
        ("a.txt", 0, ""),
    ]
    assert [(one.name, one.reason) for one in material.unread] == [("large.png", Reason.NOT_FETCHED)]


async def test_a_redirect_is_not_followed(cdn: Cdn, attachments: Attachments) -> None:
    cdn.files = {"a.txt": b"first"}
    material = await attachments.read([cdn.attachment("moved.txt", size=5)], person_id=1)

    assert [one.reason for one in material.unread] == [Reason.NOT_FETCHED]
    assert cdn.asked == ["moved.txt"]


async def test_too_many_and_too_large_are_left_out(cdn: Cdn, attachments: Attachments) -> None:
    cdn.files = {"a.txt": b"first"}
    large = [cdn.attachment("huge", size=FILE_LIMIT + 1), cdn.attachment("rest", size=FILE_LIMIT)]
    small = [cdn.attachment("a.txt") for _ in range(MOST_FILES)]
    material = await attachments.read([small[0], *large, *small[1:]], person_id=1)

    assert len(material.documents) == MOST_FILES - 2
    assert [(one.name, one.reason) for one in material.unread] == [
        ("huge", Reason.TOO_LARGE), ("rest", Reason.TOGETHER), ("a.txt", Reason.TOO_MANY), ("a.txt", Reason.TOO_MANY),
    ]  # fmt: skip
    assert set(cdn.asked) == {"a.txt"}


async def test_nothing_readable_is_a_refusal(cdn: Cdn, attachments: Attachments) -> None:
    cdn.files = {"a.zip": b"PK\x05\x06" + bytes(18), "a.txt": b"first"}
    broken = [cdn.attachment("a.zip"), cdn.attachment("gone.txt", size=9)]
    with pytest.raises(UnusableFile) as raised:
        await attachments.read_some(broken, person_id=1)
    assert en(raised.value.key, **raised.value.facts) == (
        "Couldn't read any of the files: a.zip (unsupported format), gone.txt (Discord's link has expired)."
    )
    assert len((await attachments.read_some([*broken, cdn.attachment("a.txt")], person_id=1)).documents) == 1


async def test_one_person_does_not_take_every_place(
    cdn: Cdn, attachments: Attachments, monkeypatch: pytest.MonkeyPatch
) -> None:
    cdn.files = {"a.txt": b"first"}
    now: dict[str, int] = {"count": 0, "most": 0}
    two, released = asyncio.Event(), asyncio.Event()

    async def slow(file: Any) -> Any:
        now["count"] += 1
        now["most"] = max(now["most"], now["count"])
        if now["count"] == 2:
            two.set()
        await released.wait()
        now["count"] -= 1
        return module.LeftOut(file.name, Reason.UNKNOWN)

    monkeypatch.setattr(module, "read", slow)
    tasks = [
        asyncio.create_task(attachments.read([cdn.attachment("a.txt")] * 3, person_id=person))
        for person in (1, 1, 1, 2)
    ]
    await two.wait()
    await asyncio.sleep(0.1)
    assert now["most"] == 2
    released.set()
    await asyncio.gather(*tasks)


async def test_no_more_text_than_was_paid_for(cdn: Cdn, attachments: Attachments) -> None:
    packed = word(paragraph("fox " * 40_000))
    cdn.files = {"a.docx": packed, "a.txt": packed, "b.txt": "狐狸".encode("gbk") * 9}
    for name, most in (("a.docx", 8 * len(packed)), ("a.txt", 3 * len(packed)), ("b.txt", 9 * 6)):
        (document,) = (await attachments.read([cdn.attachment(name)], person_id=1)).documents
        assert len(document.text.encode()) == most
    assert text_room([cdn.attachment("a.docx"), cdn.attachment("b.txt")]) == 8 * len(packed) + 4 * 9
    assert text_room([cdn.attachment("huge.pdf", size=FILE_LIMIT)]) == TEXT_TOGETHER
