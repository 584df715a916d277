"""What Discord reads from an uploaded picture by itself."""

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
def test_type_and_measures(kind: str, mode: str, options: dict[str, Any]):
    buffer = io.BytesIO()
    Image.new(mode, (301, 202), 1).save(buffer, kind, **options)
    data = buffer.getvalue()
    assert content_type("picture.bin", data) == f"image/{kind.lower()}"
    assert measures(data) == (301, 202)
    assert measures(data[: 8 if kind == "GIF" else 20]) is None, "a file that breaks off"
