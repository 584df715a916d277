"""The tree as a picture: its layout, what is drawn of it, and pictures that mean harm."""

from __future__ import annotations

import io
import random
import struct
import zlib
from importlib.resources import files
from itertools import combinations
from typing import TYPE_CHECKING

import discord
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image, ImageDraw, ImageFont

from bot import image_decoding as decoding
from bot.i18n import LOCALES, text
from bot.kit.drawing import thumbnails as room
from bot.kit.drawing.ground import FONT
from bot.kit.drawing.thumbnails import thumbnails
from cogs.gallery.lineage import _DONE, _GAPS, _KEYS  # pyright: ignore[reportPrivateUsage] - all words that it draws
from cogs.gallery.tile import CHIP, SIDE, Tile
from cogs.gallery.tree import GAP, MARGIN, Key, draw
from cogs.gallery.tree_layout import MOST_COLUMNS, Layout, arrange

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path


KEY = Key(focus="the one you asked for", taken="used for the image with this number", also="also went into it")


def family(seed: int) -> dict[int, int | None]:
    chance = random.Random(seed)
    reach = chance.choice((1, 3, 24))
    return {1: None} | {id_: chance.randrange(max(1, id_ - reach), id_) for id_ in range(2, chance.randrange(2, 26))}


@pytest.mark.parametrize("seed", range(60))
def test_nobody_stands_on_another_and_all_have_their_place(seed: int) -> None:
    parents = family(seed)
    layout = arrange(parents)
    assert set(layout.spots) == set(parents)
    assert layout.columns <= MOST_COLUMNS
    for one, other in combinations(layout.spots.values(), 2):
        assert one.row != other.row or abs(one.column - other.column) >= 1
    for child, parent in parents.items():
        if parent is None:
            continue
        below = layout.spots[child].row > layout.spots[parent].row
        assert below or (layout.beside(parent) == child and layout.spots[child].column > layout.spots[parent].column)
    placed = [child for parent in parents for shelf in layout.shelves(parent) for child in shelf]
    beside = [child for parent in parents if (child := layout.beside(parent)) is not None]
    assert sorted(placed + beside) == sorted(id_ for id_, parent in parents.items() if parent is not None)
    assert max(spot.row for spot in layout.spots.values()) < layout.rows
    assert max(spot.column for spot in layout.spots.values()) < layout.columns
    assert len(layout.reading_order) == len(parents)


def test_a_long_line_reads_like_text() -> None:
    layout = arrange({1: None} | {id_: id_ - 1 for id_ in range(2, 25)})
    assert layout.reading_order == list(range(1, 25))
    assert layout.columns <= 6
    assert layout.rows <= 6


def painted(folder: Path, name: str, colour: str, size: tuple[int, int] = (40, 40)) -> Path:
    path = folder / name
    Image.new("RGB", size, colour).save(path, "PNG")
    return path


def middle(layout: Layout, id_: int, *, head: bool) -> tuple[int, int]:
    spot = layout.spots[id_]
    x = MARGIN + spot.column * (SIDE + GAP) + SIDE / 2
    return round(x), round(MARGIN + (CHIP if head else 0) + SIDE / 2)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def test_pictures_stand_where_they_should(tmp_path: Path) -> None:
    red, blue = painted(tmp_path, "red", "#FF0000"), painted(tmp_path, "blue", "#0000FF", (80, 20))
    layout = arrange({1: None, 2: 1})
    tiles: Mapping[int, Tile] = {
        1: Tile(number=1, done=None, pictures=[red], focus=True, votes="12 votes"),
        2: Tile(number=2, done="Change", pictures=[blue]),
    }
    image = opened(draw(tiles, layout, KEY))
    assert image.getpixel(middle(layout, 1, head=True)) == (255, 0, 0)
    assert image.getpixel(middle(layout, 2, head=True)) == (0, 0, 255)
    assert image.width == 2 * MARGIN + 2 * SIDE + GAP
    gap = opened(draw({1: tiles[1], 2: Tile(number=2, done=None, gap="removed", pictures=[blue])}, layout, KEY))
    assert gap.getpixel(middle(layout, 2, head=True)) != (0, 0, 255)


def test_up_to_four_pictures_share_a_square(tmp_path: Path) -> None:
    colours = ("#FF0000", "#00FF00", "#0000FF", "#FFFF00", "#FF00FF")
    pictures = [painted(tmp_path, colour[1:], colour) for colour in colours]
    layout = arrange({1: None})
    for count in range(1, 6):
        image = opened(draw({1: Tile(number=1, done=None, pictures=pictures[:count])}, layout, KEY))
        seen = {colour for _, colour in image.getcolors(1 << 20) or []}
        wanted = [tuple(bytes.fromhex(colour[1:])) for colour in colours]
        assert [colour in seen for colour in wanted] == [number < min(count, 4) for number in range(5)]


@pytest.mark.parametrize("seed", [2, 5])
def test_a_whole_family_stays_small(seed: int) -> None:
    layout = arrange(
        {1: None} | {id_: random.Random(seed + id_).randrange(max(1, id_ - 9), id_) for id_ in range(2, 25)}
    )
    tiles = {id_: Tile(number=id_, done="Vary 2", votes=f"{id_} votes", video=id_ % 5 == 0) for id_ in layout.spots}
    data = draw(tiles, layout, KEY)
    assert len(data) < 1_000_000
    assert opened(data).width <= 2 * MARGIN + MOST_COLUMNS * SIDE + (MOST_COLUMNS - 1) * GAP


@pytest.mark.parametrize("locale", LOCALES)
def test_the_font_has_every_character_that_is_drawn(locale: str) -> None:
    font = ImageFont.truetype(io.BytesIO((files("bot") / "assets" / FONT).read_bytes()), 20)

    def looks(character: str) -> bytes:
        image = Image.new("L", (40, 40))
        ImageDraw.Draw(image).text((4, 4), character, 255, font)
        return image.tobytes()

    missing = looks("\ue000")  # private use: no font of ours has it
    words = "".join(text(locale, key) for key in (*_DONE.values(), *_GAPS.values(), *_KEYS))
    assert {each for each in f"{words}0123456789" if each != " " and looks(each) == missing} == set()


def png(width: int, height: int, body: bytes) -> bytes:
    """A PNG that says it is so large, whatever is in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def bytes_of(kind: str, size: tuple[int, int] = (900, 300)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "#00FF00").save(file, kind)
    return file.getvalue()


FILES = {
    "fine.png": bytes_of("PNG"),
    "fine.jpg": bytes_of("JPEG"),
    "fine.webp": bytes_of("WEBP"),
    "bomb.png": png(60_000, 60_000, zlib.compress(b"\0" * 50_000_000, 9)),
    "cut.png": bytes_of("PNG")[:-60],
    "words.png": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "empty.png": b"",
}
"""Of these the first three can be shown."""


@pytest.fixture
async def origin() -> AsyncIterator[str]:
    async def serve(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name == "moved.png":
            return web.Response(status=302, headers={"Location": "/fine.png"})
        if name == "endless.png":
            response = web.StreamResponse()
            await response.prepare(request)
            while True:
                await response.write(b"\0" * 65536)
        if "width" in request.query and "small" in request.query:
            return web.Response(status=415)
        return web.Response(body=FILES[name]) if name in FILES else web.Response(status=404)

    app = web.Application()
    app.router.add_get("/{name}", serve)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


def item(url: str, *, size: tuple[int, int] | None = None) -> discord.UnfurledMediaItem:
    made = discord.UnfurledMediaItem(url)
    if size is not None:
        made.proxy_url = f"{url}?small=1"
        made.width, made.height = size
    return made


async def test_small_ones_of_what_can_be_shown(origin: str, tmp_path: Path) -> None:
    names = [*FILES, "missing.png", "moved.png"]
    made = await thumbnails([item(origin + name) for name in names], tmp_path, side=64)
    assert set(made) == {origin + name for name in ("fine.png", "fine.jpg", "fine.webp")}
    for path in made.values():
        with Image.open(path) as small:
            assert (small.size, small.format) == ((64, 64), "PNG")
    assert await thumbnails([], tmp_path, side=64) == {}


async def test_where_the_proxy_does_not_make_it_small_the_file_itself(origin: str, tmp_path: Path) -> None:
    url = f"{origin}fine.png"
    assert set(await thumbnails([item(url, size=(900, 300))], tmp_path, side=64)) == {url}


async def test_more_bytes_than_are_taken(origin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_BYTES", 300_000)
    urls = [f"{origin}endless.png", f"{origin}fine.png"]
    assert set(await thumbnails(map(item, urls), tmp_path, side=64)) == {urls[1]}


async def test_what_takes_more_than_its_memory_or_time_is_left_out(
    origin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = [f"{origin}fine.png"]
    monkeypatch.setattr(decoding, "MEMORY_BYTES", 8 * 1024**2)
    assert await thumbnails(map(item, urls), tmp_path, side=64) == {}
    monkeypatch.undo()
    monkeypatch.setattr(decoding, "SECONDS", 0.001)
    assert await thumbnails(map(item, urls), tmp_path, side=64) == {}
