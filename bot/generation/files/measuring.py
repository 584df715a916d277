"""What a clip turned out to be: its pixels, seconds and sound, read in a child process with limits.

An MP4 or MOV by its own index, another by ffmpeg, where that is. What can't be told is not known, and no fault.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.generation.files import fit
from bot.subprocesses import TooMuchOutput, pipe_python, program_of

log = logging.getLogger(__name__)

MEMORY_BYTES: Final = 512 * 1024**2
SECONDS: Final = 10.0
_MOST: Final = 200
_PROGRAM: Final = """
import sys
from bot.generation.files.clip_header import main
main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """Pixels and seconds; `sound`: whether there is a track of it, heard or not."""

    width: int
    height: int
    seconds: float
    sound: bool


async def measure(path: Path) -> Measured | None:
    """None: it can't be told. Never raises for what is in the file."""
    limits = (str(MEMORY_BYTES), str(int(SECONDS)))
    try:
        _, told, words = await pipe_python(*program_of(_PROGRAM), *limits, str(path), seconds=SECONDS, most=_MOST)
    except (TimeoutError, TooMuchOutput):
        log.warning("a clip took too long to measure")
        return None
    if words:
        log.warning("the child process that measures clips failed: %s", words[-300:])
    parts = told.split()
    if len(parts) != 4:
        found = await fit.described(path)
        return None if found is None else Measured(*found)
    width, height, seconds, sound = parts
    return Measured(int(width), int(height), float(seconds), sound == b"1")
