"""How large and how long: as it was asked for, and, of a clip that is here, as it came."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from bot.api.rungs import tier_of
from bot.generation.requests import (
    BEGINS_WITH,
    BEGINS_WITH_SOUND,
    SIZE_PARAMETER,
    Role,
    roles_of,
    seconds_of,
    takes_shape,
)
from bot.i18n import text
from bot.kinds import Kind
from bot.shapes import shown
from bot.states import State
from bot.text import escape

if TYPE_CHECKING:
    from bot.generation.card_facts import CardFacts
    from bot.generation.rows.records import Generation, Result

SHAPE_SPREAD: Final = 0.04
"""Of the sides' ratio: models make their own pixels of a shape."""
IMAGE_SPREAD: Final = 0.06
"""The same, of a video that has the shape of its image: services round its sides to multiples of up to 64."""
SECONDS_SPREAD: Final = 0.75
_SIDES: Final = re.compile(r"(\d{2,5})[x*](\d{2,5})")


def measures(facts: CardFacts) -> list[str]:
    """As it came, where that is known; else as it was asked for."""
    row, locale = facts.row, facts.row.locale
    if (clip := _clip(facts)) is None:
        return _asked(row)
    sound = text(locale, "video.with_sound" if clip.sound else "video.without_sound")
    return [f"{clip.width}×{clip.height}", _long(locale, clip.seconds or 0), sound]


def differences(facts: CardFacts) -> list[str]:
    """A line each, where what came is not what was asked for, or not like the image, clip or sound it is made of."""
    row, clip = facts.row, _clip(facts)
    if clip is None:
        return []
    said: list[str] = []
    if _is_other_size(row, clip) or _is_other_length(row, clip):
        came = [f"{clip.width}×{clip.height}", _long(row.locale, clip.seconds or 0)]
        asked = _asked(row)
        told = {"asked": " · ".join(asked), "came": " · ".join(came[: len(asked)] or came)}
        said.append(text(row.locale, "video.otherwise", **told))
    roles = roles_of(row.parameters)
    before = _SIDES.fullmatch(str(row.parameters.get(BEGINS_WITH, "")))
    if before is not None and _apart(before, clip) > IMAGE_SPREAD:
        key = "video.not_clips_shape" if Role.CLIP in roles else "video.not_its_shape"
        said.append(text(row.locale, key, image=shown(before[0]), video=f"{clip.width}×{clip.height}"))
    if clip.sound is False and Role.SOUND in roles:
        said.append(text(row.locale, "video.sound_left_out"))
    elif clip.sound is False and row.parameters.get(BEGINS_WITH_SOUND):
        said.append(text(row.locale, "video.sound_lost"))
    return said


def _clip(facts: CardFacts) -> Result | None:
    if facts.row.kind != Kind.VIDEO or facts.row.state != State.DELIVERED:
        return None
    return next((one for one in facts.results if one.width and one.height and one.seconds), None)


def _asked(row: Generation) -> list[str]:
    size = str(row.parameters.get(SIZE_PARAMETER[row.kind]) or "")
    if row.kind == Kind.VIDEO and not takes_shape(row.parameters):
        size = tier_of(size) or size
    parts = [escape(shown(size))] if size else []
    seconds = seconds_of(row)
    return parts if seconds is None else [*parts, _long(row.locale, seconds)]


def _is_other_size(row: Generation, clip: Result) -> bool:
    size = str(row.parameters.get("resolution") or "")
    came = f"{clip.width}*{clip.height}"
    if (asked := _SIDES.fullmatch(size)) is None:
        return size != "" and tier_of(size) != tier_of(came)
    if tier_of(size) != tier_of(came):
        return True
    return takes_shape(row.parameters) and _apart(asked, clip) > SHAPE_SPREAD


def _apart(sides: re.Match[str], clip: Result) -> float:
    """How far the ratios of their sides are from each other."""
    return abs(math.log(int(sides[1]) / int(sides[2])) - math.log((clip.width or 1) / (clip.height or 1)))


def _is_other_length(row: Generation, clip: Result) -> bool:
    seconds = seconds_of(row)
    return seconds is not None and abs((clip.seconds or 0) - seconds) > SECONDS_SPREAD


def _long(locale: str, seconds: float) -> str:
    return text(locale, "video.long", seconds=f"{seconds:.1f}".removesuffix(".0"))
