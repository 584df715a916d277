"""Files that are made for an upload are made once for each limit."""

from __future__ import annotations

import asyncio
import random
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from bot.cards.uploads import Form, Upload, Uploads, opened
from bot.generation.rows.records import Generation, Result

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Noise, which no compression makes small: some 700 KB."""
    path = tmp_path / "0.png"
    Image.frombytes("RGB", (640, 360), random.Random(1).randbytes(640 * 360 * 3)).save(path)
    return path


def order() -> Generation:
    """A row of which nothing but its kind matters here."""
    values: dict[str, Any] = {field.name: None for field in fields(Generation)}
    values["kind"] = "image"
    return Generation(**values)


def result(path: Path) -> Result:
    size = path.stat().st_size
    return Result(
        id=1,
        generation_id=1,
        position=0,
        url=None,
        path=path.name,
        content_type="image/png",
        size=size,
        expires_at=None,
    )


async def test_what_was_made_smaller_is_taken_again(picture: Path, tmp_path: Path) -> None:
    uploads, found = Uploads(tmp_path), result(picture)
    limit = picture.stat().st_size // 3
    (first,) = await uploads.choose(order(), [found], limit=limit)
    assert first.form is Form.SMALLER
    assert first.path.stat().st_size == first.size <= limit
    made = first.path.stat()
    # Another process, after a restart, finds it too.
    assert await Uploads(tmp_path).choose(order(), [found], limit=limit) == [first]
    assert (first.path.stat().st_ino, first.path.stat().st_mtime_ns) == (made.st_ino, made.st_mtime_ns)


async def test_another_limit_has_a_file_of_its_own(picture: Path, tmp_path: Path) -> None:
    uploads, found = Uploads(tmp_path), result(picture)
    size = picture.stat().st_size
    (larger,) = await uploads.choose(order(), [found], limit=size * 2 // 3)
    (smaller,) = await uploads.choose(order(), [found], limit=size // 3)
    assert larger.path != smaller.path
    assert smaller.size <= size // 3
    assert await uploads.choose(order(), [found], limit=size * 2 // 3) == [larger]


async def test_what_no_limit_fits_is_left_out(picture: Path, tmp_path: Path) -> None:
    assert await Uploads(tmp_path).choose(order(), [result(picture)], limit=5_000) == []
    assert list(tmp_path.iterdir()) == [picture]


async def test_nothing_half_made_is_left_or_taken(tmp_path: Path) -> None:
    broken = tmp_path / "0.png"
    broken.write_bytes(bytes(1000))
    uploads, found = Uploads(tmp_path), result(broken)
    assert await uploads.choose(order(), [found], limit=500) == []
    assert list(tmp_path.iterdir()) == [broken]


async def test_an_original_that_fits_needs_no_other_to_be_made_first(picture: Path, tmp_path: Path) -> None:
    uploads, found = Uploads(tmp_path), result(picture)
    slow = asyncio.create_task(uploads.choose(order(), [found], limit=picture.stat().st_size // 3))
    await asyncio.sleep(0)
    (original,) = await uploads.choose(order(), [found], limit=picture.stat().st_size)
    assert original.form is Form.ORIGINAL
    assert not slow.done()
    await slow


async def test_files_are_closed_after_their_request(picture: Path, tmp_path: Path) -> None:
    chosen = await Uploads(tmp_path).choose(order(), [result(picture)], limit=picture.stat().st_size)
    async with opened(chosen) as files:
        assert files is not None
        assert files[0].fp.read(4) == b"\x89PNG"
    assert files[0].fp.closed
    async with opened(None) as none:
        assert none is None


async def test_files_are_closed_where_one_of_them_is_gone(picture: Path, tmp_path: Path) -> None:
    chosen = await Uploads(tmp_path).choose(order(), [result(picture)], limit=picture.stat().st_size)
    gone = Upload(1, "2.png", Form.ORIGINAL, tmp_path / "gone.png", 1)
    with pytest.raises(FileNotFoundError):
        async with opened([*chosen, gone]):
            pass
