"""Pictures for models that see: as they came where models take them so, else made anew."""

from __future__ import annotations

import io
from importlib import import_module

from PIL import Image, UnidentifiedImageError

from bot.api.filetypes import HEAD, content_type_of
from bot.documents.answer import Answer, Unreadable
from bot.documents.limits import PICTURE_LIMIT
from bot.image_decoder import CONVERTIBLE, MOST_PIXELS, SHOWN, eight_bits, load, smaller

_UNKNOWN = ("image/heic", "image/jxl")
"""Pictures that Pillow does not read."""

load({*SHOWN, *CONVERTIBLE})
for _name in (
    "copy",
    "PIL.ImageCms",
    "PIL.ImagePalette",
    "PIL.ImageSequence",
    "PIL.MpoImagePlugin",
):  # which Pillow imports when it needs them
    import_module(_name)
Image.MAX_IMAGE_PIXELS = None  # a limit of our own, which is told apart from what is broken


def read(data: bytes, answer: Answer) -> None:
    """Take in the picture. Unreadable: it is damaged, or has too many pixels."""
    try:
        with Image.open(io.BytesIO(data), formats=sorted({*SHOWN, *CONVERTIBLE})) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Unreadable("too_many_pixels")
            opened.load()
            form = opened.format
            if form in SHOWN and len(data) <= PICTURE_LIMIT:
                answer.pictures.append((Image.MIME[form], None))
            elif made := smaller(eight_bits(opened), PICTURE_LIMIT):
                answer.pictures.append(("image/jpeg", made))
            else:
                raise Unreadable("damaged")
    except UnidentifiedImageError:
        raise Unreadable("unknown" if content_type_of(data[:HEAD]) in _UNKNOWN else "damaged") from None
