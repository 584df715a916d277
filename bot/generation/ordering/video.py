"""What a video is asked to be: its words, shape, seconds and files, what of that not every model takes."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from bot.api.rungs import HELD_BY, Part, tier_of
from bot.errors import BadValue
from bot.generation.requests import AVOID, GIVEN, MADE_FROM, ROLES, SEED, SHAPE, From, Role, roles_of
from bot.generation.rows.records import NewInput
from bot.i18n import listed, text
from bot.orders.policy import Rules, refuse_blank
from bot.shapes import VIDEO_SIZES, Asked, Shape, parse

if TYPE_CHECKING:
    from bot.generation.rows.records import Generation

SHORTEST: Final = 2
LONGEST: Final = 15
"""Seconds that models make."""
LONGEST_CLIP: Final = 10
"""Seconds of a clip that they go on from."""
GOES_ON: Final = 5
"""Seconds that are added where nobody says how many."""
QUALITIES: Final = tuple(VIDEO_SIZES)
USUAL_QUALITY: Final = QUALITIES[0]

_PARTS: Final[Mapping[Role, Part]] = {
    Role.FIRST: Part.IMAGE,
    Role.LAST: Part.LAST,
    Role.SOUND: Part.SOUND,
    Role.CLIP: Part.CLIP,
}
_PART_NAMES: Final[Mapping[Part, str]] = {
    Part.IMAGE: "video.part_image",
    Part.SECONDS: "video.part_seconds",
    Part.LAST: "video.part_last",
    Part.SOUND: "video.part_sound",
    Part.CLIP: "video.part_clip",
    Part.SEED: "video.part_seed",
    Part.AVOID: "video.part_avoid",
}


@dataclass(frozen=True, slots=True)
class Given:
    """A file that goes along; `name`: as its person called it, None where it is the bot's own. `known`: what is known
    of it, as the order's parameters keep it.
    """

    file: NewInput
    name: str | None = None
    known: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """What is asked for; None: as it is set at the place, or as the model likes. `seconds`: of all of it, also where
    it goes on from a clip. `quality`: one of QUALITIES.
    """

    prompt: str
    model: str | None = None
    shape: Asked | None = None
    quality: str | None = None
    seconds: int | None = None
    seed: int | None = None
    avoid: str | None = None
    files: Mapping[Role, Given] = field(default_factory=dict[Role, Given])

    @property
    def parts(self) -> frozenset[Part]:
        """What of it not every model takes."""
        said = {Part.SECONDS: self.seconds, Part.SEED: self.seed, Part.AVOID: self.avoid or None}
        chosen = {part for part, value in said.items() if value is not None}
        return frozenset(chosen | {_PARTS[role] for role in self.files})

    def check(self) -> None:
        """BadValue: no model makes such a thing."""
        refuse_blank(self.prompt)
        if self.seconds is not None and not SHORTEST <= self.seconds <= LONGEST:
            raise BadValue("video.bad_seconds", least=SHORTEST, most=LONGEST)
        if self.quality is not None and self.quality not in QUALITIES:
            raise BadValue("video.bad_quality", qualities=", ".join(QUALITIES))
        if Role.LAST in self.files and Role.FIRST not in self.files:
            raise BadValue("video.last_needs_first")

    def shaped(self) -> Video:
        """Without a shape of its own, where it has that of what it begins with."""
        return replace(self, shape=None) if {Role.FIRST, Role.CLIP} & self.files.keys() else self

    def parameters(self, rules: Rules, made: From | None) -> dict[str, object]:
        """What the row keeps of it, beside its words and its model."""
        kept: dict[str, object] = {"resolution": self._resolution(rules).replace("x", "*")}
        said = {"duration": self.seconds, SEED: self.seed, AVOID: self.avoid or None}
        kept |= {name: value for name, value in said.items() if value is not None}
        if self.shape is not None:
            kept[SHAPE] = written(self.shape)
        if self.quality is not None:
            kept["quality"] = self.quality
        if made is not None:
            kept |= {MADE_FROM: str(made), ROLES: [str(role) for role in self.files]}
        if names := [one.name for one in self.files.values() if one.name is not None]:
            kept[GIVEN] = names
        for one in self.files.values():
            kept |= one.known
        return kept

    def _resolution(self, rules: Rules) -> str:
        usual = str(rules.value("video_resolution"))
        tier = self.quality or tier_of(usual)
        sizes = VIDEO_SIZES.get(tier or "", VIDEO_SIZES[USUAL_QUALITY])
        if {Role.FIRST, Role.CLIP} & self.files.keys():
            return sizes[Shape.WIDE]  # for its tier: what it is made of has a shape of its own
        if self.shape is None:
            return usual if self.quality in {None, tier_of(usual)} else sizes[parse(usual).shape]
        typed = f"{self.shape.width}x{self.shape.height}"
        if self.shape.pixels and self.quality in {None, tier_of(typed)}:
            return typed
        return sizes[self.shape.shape]


def animates_with(rules: Rules, roles: Collection[Role]) -> str:
    """The model for what begins with an image or a clip, where this does and the place has one for it; else empty."""
    return rules.made_with("animate_model") if {Role.FIRST, Role.CLIP} & set(roles) else ""


def longer(seconds: float | None) -> int:
    """How long all of it is to be where it goes on from a clip of `seconds` and nobody says how long."""
    return min(LONGEST, math.ceil(GOES_ON if seconds is None else seconds) + GOES_ON)


def can_be_extended(seconds: float | None) -> bool:
    """Whether a clip is short enough to be gone on from, as far as is known. Half seconds don't count."""
    return seconds is None or seconds < LONGEST_CLIP + 1


def refuse_extending(seconds: float | None, wanted: int | None) -> None:
    """BadValue: there is nothing to go on to, or it is too long for models to go on from."""
    if seconds is None:
        return
    if not can_be_extended(seconds):
        raise BadValue("video.too_long_to_extend", most=LONGEST_CLIP)
    if wanted is not None and wanted <= seconds:
        raise BadValue("video.not_longer", seconds=math.ceil(seconds))


def written(shape: Asked) -> str:
    """As it is typed."""
    if shape.pixels:
        return f"{shape.width}x{shape.height}"
    return str(shape.shape) if shape.is_named else f"{shape.width}:{shape.height}"


def left_out(row: Generation) -> frozenset[Part]:
    """What of a video a simpler form of its request has no room for: what only the fullest has, if there is any."""
    asked = row.parameters
    said = {Part.SECONDS: "duration", Part.SEED: SEED, Part.AVOID: AVOID}
    chosen = {part for part, name in said.items() if name in asked} | {_PARTS[role] for role in roles_of(asked)}
    return frozenset(chosen - HELD_BY[1] or chosen)


def names_of(parts: Collection[Part], locale: str) -> str:
    """In a sentence."""
    return listed(locale, [text(locale, _PART_NAMES[part]) for part in Part if part in parts])
