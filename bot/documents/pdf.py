"""PDF: the text of its pages; a page that has none, as a scan has, as a picture."""

from __future__ import annotations

import io
from typing import Any, Final

import pypdfium2  # pyright: ignore[reportMissingTypeStubs] - it has none
from PIL import Image

from bot.documents.answer import Answer, Enough, Unreadable, check_time
from bot.documents.limits import MOST_PAGES, MOST_SCANS

_pdfium: Any = pypdfium2
_PASSWORD: Final = 4
"""FPDF_ERR_PASSWORD."""
_WORDS: Final = 16
"""Characters up to which a page may hold a picture and its number, or a stamp."""
_SIDE: Final = 1400
"""Pixels of a scanned page's longer side: letters of 8 points are read in it."""
_QUALITY: Final = 72

Image.preinit()


def read(data: bytes, answer: Answer) -> None:
    """Take in text and scans. Unreadable: it is locked, or damaged."""
    try:
        pages = _pdfium.PdfDocument(data)
    except _pdfium.PdfiumError as error:
        raise Unreadable("encrypted" if error.err_code == _PASSWORD else "damaged") from None
    count = len(pages)
    scans = 0
    number = 0
    for number in range(min(count, MOST_PAGES)):
        try:
            page = pages[number]
        except _pdfium.PdfiumError:
            continue
        part = page.get_textpage()
        words = part.get_text_bounded()
        part.close()
        if len(words.strip()) <= _WORDS and _shows_more(page, than_words=bool(words.strip())):
            scans += 1
            if scans <= MOST_SCANS:
                answer.pictures.append(("image/jpeg", _drawn(page)))
        page.close()
        try:
            check_time()
            answer.write(words.replace("\r\n", "\n").replace("\x02", "") + "\n\n")
        except Enough:
            break
    else:
        number = min(count, MOST_PAGES)
    if number < count:
        answer.left_out.append(("pages", {"first": number + 1, "last": count}))
    if scans > MOST_SCANS:
        answer.left_out.append(("scans", {"count": scans - MOST_SCANS}))


def _shows_more(page: Any, *, than_words: bool) -> bool:  # noqa: ANN401 - pdfium's own
    """Whether it shows anything, or anything but the words that were read."""
    objects = page.get_objects(max_depth=1)
    return any(not than_words or one.type != _pdfium.raw.FPDF_PAGEOBJ_TEXT for one in objects)


def _drawn(page: Any) -> bytes:  # noqa: ANN401 - likewise
    """As JPEG."""
    scale = _SIDE / max(1.0, *page.get_size())
    picture: Image.Image = page.render(scale=scale).to_pil()
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
