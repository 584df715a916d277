"""What a submit asks for, by how gateways and their suppliers read it. Bodies are read as strictly as theirs are.

"any" takes every field that one of the others takes, and makes the pixels that are asked for. "current" hands `size`,
`duration` and `metadata` on to a supplier that knows tiers and ratios. "older" reads `size`, `duration` and
`input_reference`, and drops the rest in silence, for a supplier that knows pixels. "document" takes the three fields
of the document and refuses every other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from .clips import SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping

Gateway: TypeAlias = Literal["any", "current", "older", "document"]

_SIZE: Final = re.compile(r"(\d{3,4})\*(\d{3,4})")
_TIER: Final = re.compile(r"\d{3,4}P")
DOCUMENTED: Final = frozenset({"model", "prompt", "resolution"})
_USUAL_SECONDS: Final = 5
_AS_MANY: Final = 0.05
_STEP: Final = 16
"""The sides of a clip that has its picture's shape are whole multiples of it."""
_PIXELS: Final[Mapping[str, Mapping[str, tuple[int, int]]]] = {
    "720P": {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (960, 960), "4:3": (1088, 832), "3:4": (832, 1088)},
    "1080P": {
        "16:9": (1920, 1080),
        "9:16": (1080, 1920),
        "1:1": (1440, 1440),
        "4:3": (1632, 1248),
        "3:4": (1248, 1632),
    },
}
_MEDIA: Final = (
    {"first_frame"},
    {"first_frame", "last_frame"},
    {"first_frame", "driving_audio"},
    {"first_frame", "last_frame", "driving_audio"},
    {"first_clip"},
    {"first_clip", "last_frame"},
)


class Rejected(ValueError):
    """The body can't be used, in the words of such services."""

    def __init__(self, message: str, *, status: int = 400, code: str | None = "InvalidParameter") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Wanted:
    """`media`: each URL that it is made of, by its type."""

    width: int
    height: int
    seconds: float
    media: Mapping[str, str]
    sound: bool = False

    def like(self, width: int, height: int) -> tuple[int, int]:
        """The pixels of a clip that is made of something of this size: about as many as it has otherwise, in its shape
        and in steps; its own where they are as many.
        """
        room = self.width * self.height
        sides = (room * width / height) ** 0.5, (room * height / width) ** 0.5
        if abs(width * height / room - 1) < _AS_MANY:
            sides = width, height
        return max(_STEP, round(sides[0] / _STEP) * _STEP), max(_STEP, round(sides[1] / _STEP) * _STEP)


def read(gateway: Gateway, body: Mapping[str, Any]) -> Wanted:
    """Raises: Rejected."""
    match gateway:
        case "document":
            return _document(body)
        case "current":
            return _current(body)
        case "older":
            return _older(body)
        case "any":
            return _any(body)


def _document(body: Mapping[str, Any]) -> Wanted:
    if extra := next((name for name in body if name not in DOCUMENTED), None):
        raise Rejected(f"{extra}: extra fields not permitted", status=422, code=None)
    return Wanted(*_sides(body.get("resolution", "1280*720"), "resolution"), _USUAL_SECONDS, {})


def _current(body: Mapping[str, Any]) -> Wanted:
    metadata = _object(body.get("metadata"))
    parameters = {"duration": body.get("duration", _USUAL_SECONDS), **_object(metadata.get("parameters"))}
    size = body.get("size")
    if isinstance(size, str) and "*" not in size:
        parameters.setdefault("resolution", size)
    media = _media(_object(metadata.get("input")))
    pictures = [body["input_reference"]] if body.get("input_reference") else body.get("images") or [body.get("image")]
    if not media and pictures[0]:
        media = {"first_frame": str(pictures[0])}
    tier = parameters.get("resolution", "1080P")
    ratio = parameters.get("ratio", "16:9")
    if tier not in _PIXELS or ratio not in _PIXELS[tier]:
        raise Rejected("resolution must be 720P or 1080P, and ratio one of 16:9, 9:16, 1:1, 4:3, 3:4")
    seconds = _seconds(parameters["duration"], 2)
    if "i2v" not in str(body.get("model")):
        if media:
            raise Rejected(f"model {body.get('model')} does not support image input")
        return Wanted(*_PIXELS[tier][ratio], seconds, {}, sound=True)
    if set(media) not in _MEDIA:
        raise Rejected("media must have a first_frame or a first_clip, and not both")
    return Wanted(*_PIXELS[tier]["16:9"], seconds, media, sound=True)


def _older(body: Mapping[str, Any]) -> Wanted:
    size = body.get("size", "1280*720")
    seconds = _seconds(body.get("duration", _USUAL_SECONDS), 1)
    picture = body.get("input_reference")
    if "i2v" not in str(body.get("model")):
        return Wanted(*_sides(size, "size"), seconds, {})
    if not picture:
        raise Rejected("input_reference is required")
    tier = size if size in _PIXELS else "1080P"
    return Wanted(*_PIXELS[tier]["16:9"], seconds, {"first_frame": str(picture)})


def _any(body: Mapping[str, Any]) -> Wanted:
    for name in ("resolution", "size"):
        value = body.get(name)
        if value is not None and (not isinstance(value, str) or not (_SIZE.fullmatch(value) or _TIER.fullmatch(value))):
            raise Rejected(f"{name} must be like 1280*720, got {value!r}")
    match = _SIZE.fullmatch(str(body.get("resolution") or body.get("size") or "1280*720"))
    sides = (int(match[1]), int(match[2])) if match else (1280, 720)
    seconds = _seconds(body["duration"], 1) if "duration" in body else SECONDS
    inputs = _object(_object(body.get("metadata")).get("input"))
    media = _media(inputs)
    if body.get("image") is not None:
        media = {"first_frame": str(body["image"]), **media}
    if media and "t2v" in str(body.get("model")):
        raise Rejected(f"model {body['model']} does not support image input")
    return Wanted(*sides, seconds, media, sound="driving_audio" in media or "audio_url" in inputs)


def _media(inputs: Mapping[str, Any]) -> dict[str, str]:
    return {str(one.get("type")): str(one.get("url")) for one in map(_object, inputs.get("media") or ())}


def _sides(value: object, name: str) -> tuple[int, int]:
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Rejected(f"{name} must be like 1280*720, got {value!r}")
    return int(match[1]), int(match[2])


def _seconds(value: object, least: int) -> float:
    if not isinstance(value, int) or not least <= value <= 15:
        raise Rejected(f"duration must be a whole number of seconds from {least} to 15")
    return float(value)


def _object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
