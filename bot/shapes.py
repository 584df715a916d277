"""The shapes that people may ask for: by name (`tall`), by ratio (`9:16`) or by pixels (`1024x768`)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.errors import BadValue
from bot.i18n import LOCALES, text

SMALLEST, LARGEST = 64, 8192
"""Pixels of a side that may be typed: what a model takes is its own affair."""
EXTREME: Final = 4.0
"""A ratio that is typed is no flatter and no steeper."""
AREA: Final = 1024 * 1024
"""Pixels of an image whose shape was typed as a ratio that has no name."""
_STEP: Final = 16
"""Sides are made whole multiples of it: models refuse others."""


class Shape(StrEnum):
    SQUARE = "square"
    PORTRAIT = "portrait"
    TALL = "tall"
    LANDSCAPE = "landscape"
    WIDE = "wide"

    def name_in(self, locale: str) -> str:
        """What people call it."""
        return text(locale, _NAMES[self])

    @property
    def ratio(self) -> str:
        """As it is written, and as the service takes it for a video: `9:16`."""
        return RATIOS[self]


_NAMES: Final[Mapping[Shape, str]] = {
    Shape.SQUARE: "shape.square",
    Shape.PORTRAIT: "shape.portrait",
    Shape.TALL: "shape.tall",
    Shape.LANDSCAPE: "shape.landscape",
    Shape.WIDE: "shape.wide",
}
RATIOS: Final[Mapping[Shape, str]] = {
    Shape.SQUARE: "1:1",
    Shape.PORTRAIT: "3:4",
    Shape.TALL: "9:16",
    Shape.LANDSCAPE: "4:3",
    Shape.WIDE: "16:9",
}
IMAGE_SIZES: Final[Mapping[Shape, str]] = {
    Shape.SQUARE: "1024x1024",
    Shape.PORTRAIT: "768x1024",
    Shape.TALL: "720x1280",
    Shape.LANDSCAPE: "1024x768",
    Shape.WIDE: "1280x720",
}
"""The pixels that a name means for an image: the most usual of each, which nearly every model takes."""
LONG_SIZES: Final = ("1536x1024", "1024x1536")
"""The only other ones of some models, beside the square."""
KNOWN_IMAGE_SIZES: Final = (*IMAGE_SIZES.values(), *LONG_SIZES)
VIDEO_SIZES: Final[Mapping[str, Mapping[Shape, str]]] = {
    "720P": {
        Shape.SQUARE: "960x960",
        Shape.PORTRAIT: "832x1088",
        Shape.TALL: "720x1280",
        Shape.LANDSCAPE: "1088x832",
        Shape.WIDE: "1280x720",
    },
    "1080P": {
        Shape.SQUARE: "1440x1440",
        Shape.PORTRAIT: "1248x1632",
        Shape.TALL: "1080x1920",
        Shape.LANDSCAPE: "1632x1248",
        Shape.WIDE: "1920x1080",
    },
}
"""The pixels of a video, by its tier and shape."""
KNOWN_VIDEO_SIZES: Final = ("1280x720", *(size for sizes in VIDEO_SIZES.values() for size in sizes.values()))

_SIZE: Final = re.compile(r"(\d{1,20})\s*[xX*×]\s*(\d{1,20})")
_SIZE_IN_WORDS: Final = re.compile(r"(?<!\d)(\d{2,5})\s*[xX*×]\s*(\d{2,5})(?!\d)")
_RATIO: Final = re.compile(r"(\d{1,4})\s*[:：/]\s*(\d{1,4})")


@dataclass(frozen=True, slots=True)
class Asked:
    """A shape as it was asked for. `pixels`: `width` and `height` are, and not only their ratio."""

    width: int
    height: int
    pixels: bool

    @property
    def shape(self) -> Shape:
        """The nearest that has a name."""
        return min(Shape, key=lambda shape: abs(math.log(self.width / self.height / _relation(shape.ratio))))

    @property
    def is_named(self) -> bool:
        """Whether it is just as a shape that has a name."""
        return math.isclose(self.width / self.height, _relation(self.shape.ratio), rel_tol=0.001)

    def image_size(self) -> str:
        """Its pixels as an image: `1024x768`."""
        if self.pixels:
            return f"{self.width}x{self.height}"
        if self.is_named:
            return IMAGE_SIZES[self.shape]
        known = next((size for size in LONG_SIZES if _same(size, self.width / self.height)), None)
        if known is not None:
            return known
        wide = math.sqrt(AREA * self.width / self.height)
        return f"{_whole(wide)}x{_whole(wide * self.height / self.width)}"


def parse(typed: str) -> Asked:
    """What was typed, or chosen by its name in any language. BadValue: no shape, or none that anything is made in."""
    said = typed.strip().casefold()
    for shape in Shape:
        if said in {shape.value, *(shape.name_in(locale).casefold() for locale in LOCALES)}:
            return Asked(*map(int, shape.ratio.split(":")), pixels=False)
    if (ratio := _RATIO.fullmatch(said)) is not None:
        width, height = int(ratio[1]), int(ratio[2])
        if not (width and height) or not 1 / EXTREME <= width / height <= EXTREME:
            raise BadValue("error.bad_ratio")
        return Asked(width, height, pixels=False)
    size = _SIZE.fullmatch(said)
    if size is None:
        raise BadValue("error.bad_shape")
    width, height = int(size[1]), int(size[2])
    if not all(SMALLEST <= side <= LARGEST for side in (width, height)):
        raise BadValue("error.size_out_of_range", least=SMALLEST, most=LARGEST)
    return Asked(width, height, pixels=True)


def parse_size(typed: str, *, separator: str) -> str:
    """`1280x720`, `1280*720` or `1280×720` with the service's own separator: `x` for images, `*` for videos."""
    if _SIZE.fullmatch(typed.strip()) is None:
        raise BadValue("error.bad_size", example=IMAGE_SIZES[Shape.WIDE])
    asked = parse(typed)
    return f"{asked.width}{separator}{asked.height}"


def shown(size: str) -> str:
    """As people read it: `1024×768`."""
    return size.replace("*", "×").replace("x", "×")


def sizes_in(words: str) -> list[str]:
    """The sizes that stand in words, as those of a refusal: `1024x1024`."""
    found = (f"{int(width)}x{int(height)}" for width, height in _SIZE_IN_WORDS.findall(words))
    return list(dict.fromkeys(found))


def nearest(size: str, among: Iterable[str]) -> str | None:
    """The one most like `size`, which is none of them: by its shape first, then by how large it is. None: none is."""
    wanted = _SIZE.fullmatch(size)
    others = {one: match for one in among if (match := _SIZE.fullmatch(one)) is not None and one != size}
    if wanted is None or not others:
        return None
    width, height = int(wanted[1]), int(wanted[2])

    def far(one: str) -> tuple[float, float]:
        wide, high = int(others[one][1]), int(others[one][2])
        return round(abs(math.log(wide / high * height / width)), 3), abs(math.log(wide * high / (width * height)))

    return min(others, key=far)


def _relation(ratio: str) -> float:
    width, height = map(int, ratio.split(":"))
    return width / height


def _same(size: str, relation: float) -> bool:
    width, height = map(int, size.split("x"))
    return math.isclose(width / height, relation, rel_tol=0.001)


def _whole(side: float) -> int:
    return max(1, round(side / _STEP)) * _STEP
