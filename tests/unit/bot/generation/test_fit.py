"""A clip made to fit, and a still: with the real ffmpeg."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from bot.api.filetypes import content_type_of
from bot.generation import fit


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of noise: the hardest thing to make small."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"

    async def make() -> None:
        process = await asyncio.create_subprocess_exec(
            *(get_ffmpeg_exe(), "-loglevel", "error", "-y", "-f", "lavfi", "-i"),
            *("nullsrc=s=640x360:d=4:r=24,geq=random(1)*255:128:128", "-pix_fmt", "yuv420p", "-preset", "ultrafast"),
            str(path),
        )
        assert await process.wait() == 0

    asyncio.run(make())
    return path


async def test_a_clip_is_made_to_fit(clip: Path, tmp_path: Path) -> None:
    limit = clip.stat().st_size // 4
    target = tmp_path / "smaller.mp4"
    assert await fit.smaller_clip(clip, target, limit=limit)
    assert target.stat().st_size <= limit
    assert content_type_of(target.read_bytes()[:64]) == "video/mp4"
    assert await fit._duration(target) == pytest.approx(4, abs=0.2)


async def test_a_clip_that_would_be_mush_is_left(clip: Path, tmp_path: Path) -> None:
    target = tmp_path / "smaller.mp4"
    assert not await fit.smaller_clip(clip, target, limit=20_000)
    assert not target.exists()


async def test_a_still(clip: Path, tmp_path: Path) -> None:
    target = tmp_path / "still.jpg"
    assert await fit.still(clip, target, limit=10_000_000)
    assert content_type_of(target.read_bytes()[:64]) == "image/jpeg"


async def test_a_picture_is_made_to_fit(clip: Path, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    assert await fit._ffmpeg("-i", str(clip), "-frames:v", "1", str(picture), seconds=20) is not None
    limit = picture.stat().st_size // 3
    target = tmp_path / "picture.jpg"
    assert await fit.smaller_picture(picture, target, limit=limit)
    assert target.stat().st_size <= limit


@pytest.mark.parametrize("content", [b"", b"\0\0\0\x20ftypisom" + b"\0" * 100, b"not a clip at all" * 50])
async def test_what_is_no_clip_fails_and_leaves_nothing(content: bytes, tmp_path: Path) -> None:
    source = tmp_path / "clip.mp4"
    source.write_bytes(content)
    assert not await fit.smaller_clip(source, tmp_path / "a.mp4", limit=1_000_000)
    assert not await fit.still(source, tmp_path / "a.jpg", limit=1_000_000)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4"]


async def test_a_clip_cannot_make_ffmpeg_read_other_files(tmp_path: Path) -> None:
    """A playlist is a clip to ffmpeg, and may name any file or address."""
    (tmp_path / "secret.txt").write_text("hush")
    source = tmp_path / "clip.mp4"
    source.write_text(f"#EXTM3U\n#EXTINF:1,\n{tmp_path}/secret.txt\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n")
    assert not await fit.smaller_clip(source, tmp_path / "a.mp4", limit=1_000_000)


async def test_it_is_ended_when_it_takes_too_long(clip: Path) -> None:
    said = await fit._ffmpeg("-stream_loop", "-1", "-i", str(clip), "-f", "null", "-", seconds=1)
    assert said is None
