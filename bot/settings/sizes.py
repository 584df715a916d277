"""Widths and heights that people may ask for."""

from __future__ import annotations

import re

from bot.errors import BadValue

IMAGE_SIZES = ("1024x1024", "1280x720", "720x1280", "1536x1024", "1024x1536")
VIDEO_SIZES = ("1280x720", "720x1280", "1920x1080", "1080x1920", "960x960")
"""What is offered, the usual one first. Any other may be typed: what a model takes is its own affair."""

SMALLEST, LARGEST = 64, 8192


def parse_size(typed: str, *, separator: str) -> str:
    """`1280x720`, `1280*720` or `1280×720` with the service's own separator: `x` for pictures, `*` for videos."""
    match = re.fullmatch(r"\s*(\d{1,20})\s*[xX*×]\s*(\d{1,20})\s*", typed)
    if match is None:
        raise BadValue("error.bad_size", example=IMAGE_SIZES[1])
    if not all(SMALLEST <= int(side) <= LARGEST for side in match.groups()):
        raise BadValue("error.size_out_of_range", least=SMALLEST, most=LARGEST)
    return f"{int(match[1])}{separator}{int(match[2])}"
