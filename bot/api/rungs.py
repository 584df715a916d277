"""The body of a video's submit in three forms, the fullest first: gateways read one field or another, and some refuse
what they don't know.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from bot.api.shapes import JsonObject

_SIDES: Final = re.compile(r"^\s*(\d{2,5})\s*[x×X*]\s*(\d{2,5})\s*$")
_TIER: Final = re.compile(r"^\d{3,4}[pP]$")
_TIERS: Final = {"720P": 1280 * 720, "1080P": 1920 * 1080}
"""wan2.7's, with their pixels; it takes no other, and makes 1080P, which costs more, of what it is not told."""
_RATIOS: Final = {"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0, "4:3": 4 / 3, "3:4": 3 / 4}
"""Likewise; it makes 16:9 of what it is not told."""
_LARGE: Final = 512 * 1024
"""Characters of a file in a data URL from which it is not said again under other names."""


class Part(StrEnum):
    """What may be chosen of a video beside its words and its size, and what not every service takes."""

    IMAGE = "image"
    SECONDS = "seconds"
    LAST = "last"
    SOUND = "sound"
    CLIP = "clip"
    SEED = "seed"
    AVOID = "avoid"


HELD_BY: Final[tuple[frozenset[Part], ...]] = (
    frozenset(Part),
    frozenset({Part.IMAGE, Part.SECONDS}),
    frozenset(),
)
"""What each of the forms has room for."""


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """What to make; None leaves it to the model.

    `resolution`: "1280*720", also with x or × between, or a name as "720P". `duration`: whole seconds, 2 to 15; with a
    `clip` of it all. `image`: the first frame, `last`: the last one, `sound`: what it is to move to, `clip`: what it
    goes on from: each a URL or `data:image/png;base64,…`. `avoid`: what is not to be seen.
    """

    model: str
    prompt: str
    resolution: str | None
    duration: int | None = None
    image: str | None = None
    last: str | None = None
    sound: str | None = None
    clip: str | None = None
    seed: int | None = None
    avoid: str | None = None

    @property
    def sent(self) -> tuple[str, ...]:
        """What an answer may repeat, and is no result there."""
        return (self.prompt, self.model, *filter(None, (self.image, self.last, self.sound, self.clip, self.avoid)))

    @property
    def parts(self) -> frozenset[Part]:
        """What was chosen of it."""
        chosen = {
            Part.IMAGE: self.image,
            Part.SECONDS: self.duration,
            Part.LAST: self.last,
            Part.SOUND: self.sound,
            Part.CLIP: self.clip,
            Part.SEED: self.seed,
            Part.AVOID: self.avoid,
        }
        return frozenset(part for part, value in chosen.items() if value is not None)

    def rungs(self) -> dict[int, JsonObject]:
        """The bodies to try in turn, by their number: 0, all of it; 1, `resolution` and `size` without metadata and
        aliases; 2, the document's own.

        None of them drops what the person chose.
        """
        bodies = {0: self._whole(), 1: self._plain(), 2: self._document()}
        return {rung: body for rung, body in bodies.items() if self.parts <= HELD_BY[rung]}

    def _document(self) -> JsonObject:
        body: JsonObject = {"model": self.model, "prompt": self.prompt}
        if self.resolution:
            body["resolution"] = normalise_resolution(self.resolution)
        return body

    def _plain(self) -> JsonObject:
        body: JsonObject = {"model": self.model, "prompt": self.prompt}
        if self.image:
            body["image"] = self.image
        if self.resolution:
            body["resolution"] = body["size"] = normalise_resolution(self.resolution)
        if self.duration is not None:
            body["duration"] = self.duration
        return body

    def _whole(self) -> JsonObject:
        body: JsonObject = {"model": self.model, "prompt": self.prompt}
        media = self._media()
        tier = tier_of(self.resolution)
        if self.image:
            frames = [each for each in (self.image, self.last) if each]
            body["image"] = self.image
            if sum(map(len, frames)) < _LARGE:
                body["images"] = frames
                if not self.last:  # an older gateway reads only that; a newer one lets it overwrite `images`
                    body["input_reference"] = self.image
        if self.resolution:
            body["resolution"] = body["size"] = normalise_resolution(self.resolution)
        if media and tier:
            body["size"] = tier
        if self.duration is not None:
            body["duration"] = self.duration
        inputs: dict[str, Any] = {}
        if self.avoid:
            inputs["negative_prompt"] = self.avoid
        if media:
            inputs["media"] = media
        elif self.sound:
            inputs["audio_url"] = self.sound
        parameters = self._parameters(tier, has_media=bool(media))
        metadata = {"input": inputs, "parameters": parameters}
        return {**body, "metadata": {name: fields for name, fields in metadata.items() if fields}}

    def _media(self) -> list[dict[str, str]]:
        """What it is made of; sound alone is none: it goes along with words."""
        if self.clip:
            return [{"type": "first_clip", "url": self.clip}]
        if not self.image:
            return []
        kinds = {"first_frame": self.image, "last_frame": self.last, "driving_audio": self.sound}
        return [{"type": kind, "url": url} for kind, url in kinds.items() if url]

    def _parameters(self, tier: str | None, *, has_media: bool) -> dict[str, Any]:
        parameters: dict[str, Any] = {}
        if tier:
            parameters["resolution"] = tier
        if not has_media and (ratio := ratio_of(self.resolution)):  # else the image's own shape decides
            parameters["ratio"] = ratio
        if self.seed is not None:
            parameters["seed"] = self.seed
        if not has_media:
            parameters["watermark"] = False
        return parameters


def normalise_resolution(resolution: str) -> str:
    """`1280x720` → `1280*720`, which is what the service reads; anything else is left as it is."""
    sides = _SIDES.match(resolution)
    return f"{sides[1]}*{sides[2]}" if sides else resolution.strip()


def tier_of(size: str | None) -> str | None:
    """`1280*720` → `720P`, of pixels that are none of a tier's the nearest; a tier by its name. None: no size."""
    sides = _SIDES.match(size or "")
    if sides is None:
        name = (size or "").upper()
        return name if _TIER.match(name) else None
    pixels = max(1, int(sides[1]) * int(sides[2]))
    return min(_TIERS, key=lambda tier: abs(math.log(pixels / _TIERS[tier])))


def ratio_of(size: str | None) -> str | None:
    """`1280*720` → `16:9`, of another shape the nearest that there is. None: no pixels."""
    sides = _SIDES.match(size or "")
    if sides is None or not int(sides[1]) or not int(sides[2]):
        return None
    shape = math.log(int(sides[1]) / int(sides[2]))
    return min(_RATIOS, key=lambda ratio: abs(math.log(_RATIOS[ratio]) - shape))
