"""What Discord says of an uploaded file."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from sandbox.discord.media import content_type, measures


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("PNG", "RGB", {}),
        ("JPEG", "RGB", {}),
        ("GIF", "P", {}),
        ("WEBP", "RGB", {"lossless": False}),
        ("WEBP", "RGB", {"lossless": True}),
        ("WEBP", "RGBA", {"lossless": False}),
    ],
)
def test_measures(kind: str, mode: str, options: dict[str, Any]):
    buffer = io.BytesIO()
    Image.new(mode, (301, 202), 1).save(buffer, kind, **options)
    data = buffer.getvalue()
    assert measures(data) == (301, 202)
    assert measures(data[: 8 if kind == "GIF" else 20]) is None, "a file that breaks off"


def test_the_type_goes_by_the_name():
    names = ("fox.PNG", "a.webp", "clip.mp4", "program.ts", "notes.md", "unknown")
    assert [content_type(name) for name in names] == [
        "image/png",
        "image/webp",
        "video/mp4",
        "video/mp2t",
        "text/markdown",
        "application/octet-stream",
    ]
