"""The body of a video's submit in three forms, the fullest first: gateways read one field or another, and some refuse
what they don't know.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Final

from bot.api.shapes import JsonObject

_SIDES: Final = re.compile(r"^\s*(\d{2,5})\s*[x×X*]\s*(\d{2,5})\s*$")
_TIER: Final = re.compile(r"^\d{3,4}[pP]$")
_TIERS: Final = {"720P": 1280 * 720, "1080P": 1920 * 1080}
"""wan2.7's, with their pixels; it takes no other, and makes 1080P, which costs more, of what it is not told."""
_TIER_SPREAD: Final = 0.1
_RATIOS: Final = {"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0, "4:3": 4 / 3, "3:4": 3 / 4}
_RATIO_SPREAD: Final = 0.03
_LARGE: Final = 512 * 1024
"""Characters of a picture in a data URL from which it is not said again under other names."""


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """What to make; None leaves it to the model.

    `resolution`: "1280*720", also with x or × between, or a name as "720P". `duration`: seconds. `image`: the first
    frame, a URL or `data:image/png;base64,…`.
    """

    model: str
    prompt: str
    resolution: str | None
    duration: int | None = None
    image: str | None = None

    @property
    def sent(self) -> tuple[str, ...]:
        """What an answer may repeat, and is no result there."""
        return (self.prompt, self.model, *([self.image] if self.image else []))

    def rungs(self) -> list[JsonObject]:
        """The bodies to try in turn: all of it; `resolution` and `size` without metadata and aliases; the document's.

        None of them drops what the person chose.
        """
        document: JsonObject = {"model": self.model, "prompt": self.prompt}
        size = normalise_resolution(self.resolution) if self.resolution else None
        if size:
            document["resolution"] = size
        plain = dict(document)
        if size:
            plain["size"] = size
        if self.duration is not None:
            plain["duration"] = self.duration
        if self.image:
            plain["image"] = self.image
        bodies = [self._whole(plain, size), plain]
        if self.duration is None and self.image is None:
            bodies.append(document)
        return [body for index, body in enumerate(bodies) if body not in bodies[:index]]

    def _whole(self, plain: JsonObject, size: str | None) -> JsonObject:
        whole = dict(plain)
        tier, ratio = tier_of(size), ratio_of(size)
        parameters: dict[str, Any] = {}
        if tier:
            parameters["resolution"] = tier
        if ratio and not self.image:  # the picture's own shape decides
            parameters["ratio"] = ratio
        if self.duration is not None:
            parameters["duration"] = self.duration
        metadata: JsonObject = {"parameters": parameters} if parameters else {}
        if self.image:
            metadata = {"input": {"media": [{"type": "first_frame", "url": self.image}]}, **metadata}
            if len(self.image) < _LARGE:
                whole |= {"images": [self.image], "input_reference": self.image}
            if tier:
                whole["size"] = tier
        if metadata:
            whole["metadata"] = metadata
        return whole


def normalise_resolution(resolution: str) -> str:
    """`1280x720` → `1280*720`, which is what the service reads; anything else is left as it is."""
    sides = _SIDES.match(resolution)
    return f"{sides[1]}*{sides[2]}" if sides else resolution.strip()


def tier_of(size: str | None) -> str | None:
    """`1280*720` → `720P`; None: it is none of the tiers."""
    sides = _SIDES.match(size or "")
    if sides is None:
        name = (size or "").upper()
        return name if _TIER.match(name) else None
    pixels = int(sides[1]) * int(sides[2])
    return next((tier for tier, whole in _TIERS.items() if abs(pixels / whole - 1) < _TIER_SPREAD), None)


def ratio_of(size: str | None) -> str | None:
    """`1280*720` → `16:9`; None: it is none of those that have a name."""
    sides = _SIDES.match(size or "")
    if sides is None or not int(sides[2]):
        return None
    shape = math.log(int(sides[1]) / int(sides[2])) if int(sides[1]) else math.inf
    return next((name for name, ratio in _RATIOS.items() if abs(math.log(ratio) - shape) < _RATIO_SPREAD), None)
