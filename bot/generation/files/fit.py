"""Makes a clip smaller than an upload limit, and takes a still from it: ffmpeg, in a process with limits.

Without ffmpeg nothing of that can be done: such a clip is linked.

What the service sends is untrusted, and decoding it is the riskiest thing done with it: so it happens in a child
with a cap on memory and time, without network protocols, and its failure costs only the smaller file.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib.util
import logging
import re
import shutil
from pathlib import Path

from bot.subprocesses import program_of, run_python

log = logging.getLogger(__name__)

MEMORY_BYTES = 2 * 1024**3
SECONDS = 180.0
STILL_SECONDS = 30.0
AUDIO_BITS = 96_000
LEAST_VIDEO_BITS = 150_000
"""Below this nobody wants to look at it: then a still and the link are better."""
_SHARE = 0.92
"""Of the limit that is aimed at: containers and rate control take the rest."""

# Limits are set in the child itself, before it becomes ffmpeg. (On Windows `execv` would be a second one, which nobody
# waits for.)
_LAUNCHER = """
import os, sys
from bot import child_limits
child_limits.bound(memory=int(sys.argv[1]), seconds=int(sys.argv[2]), nice=10)
if os.name == "nt":
    import subprocess
    sys.exit(subprocess.call(sys.argv[3:]))
os.execv(sys.argv[3], sys.argv[3:])
"""
_INPUT = ("-hide_banner", "-nostdin", "-y", "-protocol_whitelist", "file,pipe")


async def smaller_clip(source: Path, target: Path, *, limit: int) -> bool:
    """Write `source` as H.264 of at most `limit` bytes to `target`. False: it can't be done, and nothing is left."""
    seconds = _seconds(await _said(source))
    if seconds is None or seconds <= 0:
        return False
    for share in (_SHARE, _SHARE * 0.7):
        bits = int(limit * 8 * share / seconds) - AUDIO_BITS
        if bits < LEAST_VIDEO_BITS:
            return False
        width = 1280 if bits > 1_500_000 else 854 if bits > 500_000 else 640
        done = await _ffmpeg(
            *("-i", str(source), "-map", "0:v:0", "-map", "0:a:0?", "-c:v", "libx264", "-preset", "veryfast"),
            *("-threads", "1", "-b:v", str(bits), "-maxrate", str(bits), "-bufsize", str(bits * 2)),
            *("-vf", f"scale='min({width},iw)':-2", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", str(AUDIO_BITS)),
            *("-movflags", "+faststart", "-f", "mp4", str(target)),
            seconds=SECONDS,
        )
        if done is not None and await _fits(target, limit):
            return True
    return await _gone(target)


async def as_png(source: Path) -> Path | None:
    """A picture in a format that only ffmpeg reads → a PNG beside it. None: it can't be read, and nothing is left."""
    target = source.with_name(f"{source.name}.png")
    depth = "format=pix_fmts=rgb24|rgba"  # eight bits, and transparency where there is some
    plain = ("-frames:v", "1", "-vf", depth, "-c:v", "png", "-f", "image2", str(target))
    if await _ffmpeg("-i", str(source), *plain, seconds=STILL_SECONDS) is not None:
        return target
    await _gone(target)
    return None


async def still(source: Path, target: Path, *, limit: int) -> bool:
    """Write a frame from the beginning of the clip `source` as JPEG to `target`."""
    for start in ("0.5", "0"):  # a clip may be shorter than the first
        done = await _ffmpeg(
            *("-ss", start, "-i", str(source), "-frames:v", "1", "-vf", "scale='min(1280,iw)':-2"),
            *("-q:v", "4", "-f", "image2", str(target)),
            seconds=STILL_SECONDS,
        )
        if done is not None and await _fits(target, limit):
            return True
    return await _gone(target)


async def described(source: Path) -> tuple[int, int, float, bool] | None:
    """Width, height, seconds, and whether it has sound, as ffmpeg reads them from the container."""
    said = await _said(source)
    sides = re.search(r"Video: .*?[ ,](\d{2,5})x(\d{2,5})[ ,]", said)
    seconds = _seconds(said)
    if sides is None or not seconds:
        return None
    return int(sides[1]), int(sides[2]), seconds, " Audio: " in said


async def _said(source: Path) -> str:
    copied = ("-map", "0:v:0", "-c", "copy", "-f", "null", "-")
    return await _ffmpeg("-i", str(source), *copied, seconds=STILL_SECONDS) or ""


def _seconds(said: str) -> float | None:
    match = re.search(r"Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)", said)
    return int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3]) if match else None


@functools.cache
def ffmpeg() -> str | None:
    """Where ffmpeg is: that of the extra `ffmpeg`, else the system's; None: there is none."""
    if importlib.util.find_spec("imageio_ffmpeg") is not None:
        with contextlib.suppress(RuntimeError):  # installed without its binary
            return str(importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe())
    return shutil.which("ffmpeg")


async def _ffmpeg(*arguments: str, seconds: float) -> str | None:
    """What ffmpeg says on standard error; None when there is none, it failed, or took too long or too much."""
    limits = (str(MEMORY_BYTES), str(int(seconds)))
    program = await asyncio.to_thread(ffmpeg)
    if program is None:
        return None
    try:
        command = (*program_of(_LAUNCHER), *limits, program, *_INPUT, *arguments)
        ended, words = await run_python(*command, seconds=seconds)
    except TimeoutError:
        log.warning("ffmpeg took longer than %s s and was ended", seconds)
        return None
    if ended != 0:
        log.warning("ffmpeg failed (%s): %s", ended, words[-300:])
        return None
    return words


async def _fits(target: Path, limit: int) -> bool:
    size = await asyncio.to_thread(lambda: target.stat().st_size if target.is_file() else 0)
    return 0 < size <= limit


async def _gone(target: Path) -> bool:
    await asyncio.to_thread(target.unlink, missing_ok=True)
    return False
