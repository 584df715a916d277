"""The pictures of README and docs: one message each."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from PIL import Image

from tests.pictures.studio import LANGUAGES, studio

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pictures.studio import Studio

LARGEST: Final = 150_000
"""Bytes of one picture."""


async def make(folder: Path, *, only: str = "") -> None:
    """Writes `{name}.{language}.png` for each of them."""
    for language in LANGUAGES:
        if only in {"", language}:
            async with studio(language) as made:
                await _all(made, folder)


async def _all(made: Studio, folder: Path) -> None:
    """One evening in a server, in its order: later pictures show what earlier ones made."""

    async def take(name: str, *lines: str) -> None:
        message = await made.play(*lines)
        data = small(await made.shot(message))
        (folder / f"{name}.{made.language}.png").write_bytes(data)

    made.spend()
    await made.play(
        "dave in #general: /config set edit_model qwen-image-edit --scope server",
        "dave: /config set animate_model wan2.7-i2v --scope server",
        "dave: /config set prices ask=1, imagine=5, video=50",
        "dave: /config set server_pool 5000/month",
        "dave in #pictures: /config set image_model qwen-image",
    )
    made.stage.api.next("chat", reply=made.words("{sky}"))
    await take("ask", "{me} in #general: /ask {question}")
    await take("imagine", "{me} in #pictures: /imagine {fox} --count 4", "carol: press :vote:2", "alice: press :vote:2")
    await made.play("{me}: press :remix", "fill {dawn}", "carol: choose :chosen vary:1")
    await take("lineage", "{me}: /gallery lineage #1")
    await made.play("alice: /imagine {castle} --count 2", "alice: /imagine {lighthouse} --count 2")
    await take("gallery", "{me}: /gallery show --by @alice")
    await take("video", "{me}: choose :chosen animate:1", "fill {dawn}")
    await take("jobs", "{me}: /jobs")
    await take("usage", "dave in #general: /usage server")
    await take("config", "dave in #pictures: /setup")
    await take("help", "{me} in #general: /help")
    made.stage.api.next("images", fault="inspection_400")
    await take("failed", "{me} in #pictures: /imagine {castle}")
    await made.play("dave in #general: /config set jam_review always")
    await made.play("{me} in #general: /jam start {castle} --style {watercolour}", "in #{castle}")
    await made.play("press :add", "fill {dragon}", "carol: press :add", "fill {flags}")
    await take("jam", "{me}: press :make")


def small(png: bytes) -> bytes:
    """The same picture in at most 256 colours; mixed by dots, so that a sky shows no bands, where there is room.

    Raises:
        ValueError: it is too large even so.
    """
    with Image.open(io.BytesIO(png)) as picture:
        colours = picture.convert("RGB")
    palette = colours.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    dotted = _written(colours.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG))
    written = dotted if len(dotted) <= LARGEST else _written(palette)
    if len(written) > LARGEST:
        raise ValueError(f"{len(written)} bytes")
    return written


def _written(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "PNG", optimize=True)
    return written.getvalue()
