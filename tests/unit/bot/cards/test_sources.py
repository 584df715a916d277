"""Which file of a message is meant, and until when its address is good."""

from __future__ import annotations

import time
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from bot.cards import sources
from bot.cards.sources import ATTACHMENT_SECONDS, files_of, from_cards, pictures_in, source_of
from bot.cards.uploads import Form
from bot.errors import NotAllowed
from bot.generation.rows import generations, parents, result_rows
from bot.generation.rows.parents import Parent
from bot.generation.rows.records import NewInput, NewResult, Result
from bot.store.database import Database
from tests.unit import discord_objects
from tests.unit.ordering import caller

if TYPE_CHECKING:
    from bot.generation.ordering.orders import Orders
    from bot.generation.rows.records import Generation

CDN = "https://cdn.discordapp.com/attachments/1/2"
ENDS = 0x7F000000
message = partial(discord_objects.message, components=[])


def signed(name: str) -> str:
    return f"{CDN}/{name}?ex={ENDS:x}&is=1&hm=2&"


def file(name: str, content_type: str | None = None) -> dict[str, Any]:
    told = {} if content_type is None else {"content_type": content_type}
    return {"id": "3", "filename": name, "size": 1, "url": signed(name), "proxy_url": signed(name), **told}


def gallery(*media: dict[str, Any]) -> dict[str, Any]:
    """A layout's container with a gallery in it, as Discord sends it."""
    return {"type": 17, "id": 1, "components": [{"type": 12, "id": 2, "items": [{"media": each} for each in media]}]}


def own(name: str) -> dict[str, Any]:
    return {"url": signed(name), "proxy_url": signed(name), "attachment_id": "4", "content_type": "image/png"}


def test_the_files_of_a_layout_are_in_its_gallery() -> None:
    made = message(components=[gallery(own("1.png"), own("2.jpg"), {"url": "https://x.example/3.png"})], flags=1 << 15)
    assert files_of(made) == {"1.png": signed("1.png"), "2.jpg": signed("2.jpg")}
    assert files_of(message(attachments=[file("1.png")])) == {"1.png": signed("1.png")}


@pytest.mark.parametrize(
    ("parts", "url"),
    [
        ({"attachments": [file("a.txt", "text/plain"), file("b.png", "image/png")]}, signed("b.png")),
        ({"attachments": [file("a.gif", "image/gif"), file("b.JPG")]}, signed("b.JPG")),
        ({"attachments": [file("a.webp", "image/webp; x=y")]}, signed("a.webp")),
        ({"components": [gallery(own("1.png"))]}, signed("1.png")),
        # What is elsewhere only by Discord's own copy.
        (
            {"components": [gallery({"url": "http://10.0.0.1/a.png", "proxy_url": "https://images.example/a"})]},
            "https://images.example/a",
        ),
        (
            {
                "embeds": [
                    {"type": "rich", "image": {"url": "http://10.0.0.1/a.png", "proxy_url": "https://images.example/b"}}
                ]
            },
            "https://images.example/b",
        ),
        ({"embeds": [{"type": "rich", "image": {"url": "http://10.0.0.1/a.png"}}]}, None),
        (
            {"embeds": [{"type": "gifv", "thumbnail": {"url": "https://x.example/a.gif", "proxy_url": "https://y/"}}]},
            None,
        ),
        ({"attachments": [file("a.mp4", "video/mp4")]}, None),
        ({}, None),
    ],
)
def test_the_first_picture_of_a_message(parts: dict[str, Any], url: str | None) -> None:
    found = [one.url for _, one in pictures_in(message(**parts))][:1]
    assert found == ([] if url is None else [url])


def test_pasted_images_of_one_name() -> None:
    """Discord's clients call each of them image.png."""
    pasted = [file("image.png") | {"id": id_, "url": f"https://cdn.discordapp.com/{id_}/image.png"} for id_ in "12"]
    found = pictures_in(message(attachments=pasted))
    assert [(name, one.url) for name, one in found] == [(one["filename"], one["url"]) for one in pasted]


def test_of_a_forwarded_message() -> None:
    inner = {"content": "", "timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None, "flags": 0, "type": 0}
    inner |= {"embeds": [], "attachments": [file("a.png", "image/png")], "mentions": [], "components": []}
    found = pictures_in(message(message_snapshots=[{"message": inner}]))
    assert found == [("a.png", NewInput(url=signed("a.png"), expires_at=float(ENDS)))]


def result(**values: Any) -> Result:
    facts: dict[str, Any] = {"url": None, "path": "1", "content_type": None, "size": None, "expires_at": None}
    return Result(id=1, generation_id=1, position=1, **(facts | values))


def test_discord_s_copy_or_the_service_s() -> None:
    files = {"1.png": signed("1.png"), "2.png": signed("2.png"), "odd": signed("odd")}
    lasting: dict[str, Any] = {"url": "https://storage.example/2.png", "expires_at": time.time() + 3600}
    here = NewInput(url=signed("2.png"), expires_at=float(ENDS))
    there = NewInput(url=lasting["url"], expires_at=lasting["expires_at"])
    assert source_of(result(**lasting), files) == here
    # Made smaller to fit: the service has the original for as long as its link lasts.
    assert source_of(result(form=Form.SMALLER, **lasting), files) == there
    ending = lasting | {"expires_at": time.time() + 60}
    assert source_of(result(form=Form.SMALLER, **ending), files) == here
    assert source_of(result(**lasting), {}) == there
    for gone in (result(**ending), result()):
        with pytest.raises(NotAllowed):
            source_of(gone, {"1.png": signed("1.png")})


def test_an_address_that_does_not_say_when_it_ends() -> None:
    found = source_of(result(), {"2.png": f"{CDN}/2.png?ex=never"})
    assert found.expires_at == pytest.approx(time.time() + ATTACHMENT_SECONDS, abs=5)


async def test_each_card_is_looked_at_once_for_what_went_along(
    database: Database, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ordered() -> Generation:
        return await orders.image(caller(), prompt="a fox", count=2, size=None, model=None)

    async def card() -> int:
        claimed = await database.run(generations.claim, (await ordered()).id, states={"queued"})
        assert claimed is not None
        assert await database.run(result_rows.put, claimed.id, claimed.epoch, [NewResult(url="https://x.example/")] * 2)
        return claimed.id

    looked: list[int] = []

    async def look(_: object, row: Generation) -> dict[str, str]:
        looked.append(row.id)
        return {f"{number}.png": f"{signed(f'{number}.png')}&of={row.id}" for number in (1, 2)}

    monkeypatch.setattr(sources, "files_of_card", look)
    one, other, third, made = await card(), await card(), await card(), await ordered()
    came = [Parent(one, 1), Parent(other, 0), Parent(third, 0), Parent(one, 0)]
    await database.run(parents.put, made.id, came)
    ended, lasting = NewInput(url="https://x.example/1.png", expires_at=1.0), NewInput(url=CDN, expires_at=4e9)
    bot: Any = SimpleNamespace(the={Database: database}.get)
    found = await from_cards(bot, made, [ended, ended, lasting, ended, ended])
    wanted = [f"{signed('2.png')}&of={one}", f"{signed('1.png')}&of={other}", CDN, f"{signed('1.png')}&of={one}"]
    assert [each.url for each in found] == [*wanted, ended.url]
    assert sorted(looked) == [one, other]
