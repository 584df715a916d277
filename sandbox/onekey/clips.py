"""Clips made from a prompt: real MP4 files (H.264, yuv420p, the index first), by ffmpeg in a process of its own."""

from __future__ import annotations

import asyncio
import hashlib
import io
import tempfile
from collections import OrderedDict
from pathlib import Path
from typing import Final

import imageio_ffmpeg  # pyright: ignore[reportMissingTypeStubs] - ships none; one function of it is used
from PIL import Image

from . import pictures

_KEPT: Final = 32
_RATE: Final = 24


class ClipMaker:
    """Makes clips, two at a time, and keeps the last ones: the same prompt, size and length are made once."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int, int, float, bytes], asyncio.Task[bytes]] = OrderedDict()
        self._turns = asyncio.Semaphore(2)
        self.made = 0

    async def clip(self, prompt: str, *, width: int, height: int, seconds: float, source: bytes = b"") -> bytes:
        """The bytes of an MP4 file, about 200 KB for three seconds of 1280×720. `source`: a picture's file to animate.

        Raises:
            RuntimeError: ffmpeg failed; its words are in the text.
        """
        key = (prompt, width, height, seconds, hashlib.sha256(source).digest())
        task = self._kept.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._kept[key] = asyncio.create_task(self._make(prompt, width, height, seconds, source))
        self._kept.move_to_end(key)
        for old in [key for key, kept in self._kept.items() if kept.done()][: max(0, len(self._kept) - _KEPT)]:
            del self._kept[old]
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Ends what is being made."""
        tasks = list(self._kept.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _make(self, prompt: str, width: int, height: int, seconds: float, source: bytes) -> bytes:
        async with self._turns:
            self.made += 1
            scene = await asyncio.to_thread(_scene, prompt, width, height, source)
            with tempfile.TemporaryDirectory(prefix="onekey-clip-") as folder:
                path = Path(folder, "clip.mp4")
                await _run(_arguments(path, width, height, seconds), scene)
                return await asyncio.to_thread(path.read_bytes)


def _scene(prompt: str, width: int, height: int, source: bytes) -> bytes:
    """A picture larger than the frame; the clip is a walk over it."""
    width, height = width * 5 // 4, height * 5 // 4
    if not source:
        return pictures.encode(pictures.draw(prompt, width=width, height=height))
    with Image.open(io.BytesIO(source)) as picture:
        return pictures.encode(pictures.edited([picture.convert("RGB")], prompt, width=width, height=height))


def _arguments(path: Path, width: int, height: int, seconds: float) -> list[str]:
    walk = f"crop={width}:{height}:x='(iw-ow)*t/{seconds}':y='(ih-oh)*(0.5+0.5*sin(2*t))'"
    filters = f"loop=loop=-1:size=1,setpts=N/{_RATE}/TB,{walk},format=yuv420p"
    frames = str(max(1, round(seconds * _RATE)))
    return [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", "-threads", "2"),
        *("-f", "png_pipe", "-i", "pipe:0", "-vf", filters, "-r", str(_RATE), "-frames:v", frames),
        *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "22", "-movflags", "+faststart", str(path)),
    ]


async def _run(arguments: list[str], stdin: bytes) -> None:
    process = await asyncio.create_subprocess_exec(
        *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    try:
        _, errors = await process.communicate(stdin)
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise RuntimeError(f"ffmpeg ended with {process.returncode}: {errors.decode(errors='replace')[-400:]}")


def padding(present: int, wanted: int) -> bytes:
    """The head of a `free` box that fills an MP4 of `present` bytes up to `wanted`; players skip it.

    The zeros that follow the head are left to the caller: they may be many.
    """
    room = wanted - present
    return room.to_bytes(4, "big") + b"free" if room >= 8 else b""
