"""The child process that decodes pictures: run by its path, it sees nothing of the bot, and has limits of its own.

    python -I decode.py SIDE MEMORY_BYTES CPU_SECONDS FILE…

Writes FILE.png beside each, SIDE pixels square, cut from the middle; nothing where a file is no picture.
"""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress
from pathlib import Path

MOST_PIXELS = 48_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


def main(side: int, memory: int, seconds: int, paths: list[str]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    os.nice(10)
    for path in paths:
        # Whatever a file does to Pillow, the others are still to be drawn.
        with suppress(Exception):
            cut(path, side)


def cut(path: str, side: int) -> None:
    from PIL import Image, ImageOps  # noqa: PLC0415 - within the limits

    with Image.open(path, formats=FORMATS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            return
        opened.draft("RGB", (side * 2, side * 2))
        small = ImageOps.fit(opened.convert("RGB"), (side, side), Image.Resampling.LANCZOS)
    # Whole or not at all under its name: the time may be over.
    small.save(f"{path}.part", "PNG", compress_level=1)
    Path(f"{path}.part").replace(f"{path}.png")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
