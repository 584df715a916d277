"""The child process that decodes pictures: it sees nothing of the bot, and has limits of its own.

    JOB MEMORY_BYTES CPU_SECONDS SIDE FILE…

Writes beside each FILE, by the job, whole or not at all; nothing where a file is no picture:

    cut       FILE.png, SIDE pixels square, out of the middle
    contain   FILE.png, the whole, within SIDE pixels square
    check     FILE.check, one word: "1024x768", as it is shown, or "large": too many pixels to be decoded
    shrink    FILE.jpg of at most SIDE bytes
    convert   FILE.png, FILE.jpg or FILE.webp: the picture as browsers show it (SIDE is not looked at)
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import child_limits

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 64_000_000
"""With more it is not opened: some 200 MB a copy."""
SHOWN = ("PNG", "JPEG", "WEBP", "GIF")
CONVERTIBLE = ("AVIF", "BMP", "DIB", "TIFF", "JPEG", "PNG", "JPEG2000", "PPM", "QOI", "TGA", "ICO", "PSD")
_PLUGINS = {"DIB": "Bmp", "JPEG2000": "Jpeg2K", "WEBP": "WebP"}
"""In whose modules Pillow reads them, where these are not called as the format is."""
LOSSY = ("AVIF", "JPEG", "JPEG2000")
_TURNED = range(5, 9)
"""EXIF orientations that are a quarter turn."""


def main(job: str, memory: int, seconds: int, side: int, paths: list[str]) -> None:
    child_limits.bound(memory=memory, seconds=seconds, nice=10)
    load(CONVERTIBLE if job == "convert" else SHOWN)
    for path in paths:
        # Whatever a file does to Pillow, the others are still to be drawn.
        with suppress(Exception):
            if job == "convert":
                convert(path)
            elif job == "shrink":
                shrink(path, side)
            elif job == "check":
                check(path)
            else:
                small(path, side, whole=job == "contain")


def load(formats: Iterable[str]) -> None:
    """Import what reads these alone: for one that is not there yet, Pillow imports whatever it has, as long again."""
    for form in formats:
        import_module(f"PIL.{_PLUGINS.get(form, form.capitalize())}ImagePlugin")


def small(path: str, side: int, *, whole: bool) -> None:
    from PIL import Image, ImageOps  # noqa: PLC0415 - within the limits

    with Image.open(path, formats=SHOWN) as opened:
        if opened.width * opened.height > MOST_PIXELS or max(opened.size) > side * min(opened.size):
            return  # a line would be thinner than a pixel
        opened.draft("RGB", (side * 2, side * 2))
        fit = ImageOps.contain if whole else ImageOps.fit
        made = fit(opened.convert("RGB"), (side, side), Image.Resampling.LANCZOS)
    _save(made, path, "PNG", compress_level=1)


def check(path: str) -> None:
    from PIL import ExifTags, Image  # noqa: PLC0415 - within the limits

    Image.MAX_IMAGE_PIXELS = None  # a limit of our own, which is told apart from what is broken
    word = "large"
    with Image.open(path, formats=SHOWN) as opened:
        width, height = opened.size
        if width * height <= MOST_PIXELS:
            opened.load()
            if opened.getexif().get(ExifTags.Base.Orientation, 1) in _TURNED:
                width, height = height, width
            word = f"{width}x{height}"
    Path(f"{path}.check").write_text(word)


def shrink(path: str, most: int) -> None:
    from PIL import Image  # noqa: PLC0415 - within the limits

    with Image.open(path, formats=SHOWN) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            return
        made = smaller(opened, most)
    if made is not None:
        Path(f"{path}.part").write_bytes(made)
        Path(f"{path}.part").replace(f"{path}.jpg")


def smaller(picture: Image, most: int) -> bytes | None:
    """As JPEG of at most `most` bytes. None: it can't be done."""
    made = picture.convert("RGB")
    for quality, side in ((92, 4096), (85, 2048), (75, 1024)):
        made.thumbnail((side, made.height))
        written = io.BytesIO()
        made.save(written, "JPEG", quality=quality)
        if written.tell() <= most:
            return written.getvalue()
    return None


def convert(path: str) -> None:
    from PIL import Image, ImageOps  # noqa: PLC0415 - within the limits

    with Image.open(path, formats=CONVERTIBLE) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            return
        if opened.format == "AVIF" and getattr(opened, "n_frames", 1) > 1:
            _save(opened, path, "WEBP", save_all=True, quality=90, method=2)
            return
        lossy = opened.format in LOSSY
        profile = opened.info.get("icc_profile")
        made = eight_bits(ImageOps.exif_transpose(opened))
    # A profile for four inks says nothing of three lights.
    kept = {"icc_profile": profile} if profile and made.mode in {"RGB", "RGBA"} and opened.mode != "CMYK" else {}
    if lossy and made.mode in {"RGB", "L"}:
        _save(made, path, "JPEG", quality=95, **kept)
    else:
        _save(made, path, "PNG", compress_level=3, **kept)


def eight_bits(picture: Image) -> Image:
    """In one of the modes L, RGB and RGBA."""
    if picture.mode in {"L", "RGB", "RGBA"}:
        return picture.convert("RGBA") if "transparency" in picture.info else picture
    if picture.mode == "CMYK":
        return _of_inks(picture)
    if picture.mode.startswith("I") or picture.mode == "F":
        return _scaled(picture)
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _of_inks(picture: Image) -> Image:
    from PIL import ImageCms  # noqa: PLC0415 - few are of inks

    profile = picture.info.get("icc_profile")
    if profile:
        with suppress(Exception):  # a broken profile is as none
            inks = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            lights = ImageCms.ImageCmsProfile(
                ImageCms.createProfile("sRGB")  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - Pillow leaves it open
            )
            made = ImageCms.profileToProfile(picture, inks, lights, outputMode="RGB")
            if made is not None:
                return made
    return picture.convert("RGB")


def _scaled(picture: Image) -> Image:
    """Greys of 16 or 32 bits, or of fractions, as 8."""
    wide = picture if picture.mode == "F" else picture.convert("I")
    extrema: Any = wide.getextrema()
    most = float(extrema[1])
    full = 65535.0 if 255 < most <= 65535 else max(most, 255.0)
    by = 255.0 if picture.mode == "F" and most <= 1 else 255.0 / full
    return wide.point(lambda grey: grey * by + 0.0).convert("L")  # pyright: ignore[reportUnknownMemberType] - likewise


def _save(made: Image, path: str, form: str, **options: Any) -> None:  # noqa: ANN401 - Pillow's own
    """Whole or not at all under its name: the time may be over."""
    made.save(f"{path}.part", form, **options)
    ending = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}[form]
    Path(f"{path}.part").replace(f"{path}.{ending}")
