"""RTF: its words."""

from __future__ import annotations

import codecs
from contextlib import suppress
from typing import Any

from striprtf import striprtf

from bot.documents.answer import Answer

_rtf: Any = striprtf  # it says no types
for _name in {"cp1252", *striprtf.charset_map.values()}:  # each is a file of its own, and none is opened later
    with suppress(LookupError):
        codecs.lookup(_name)


def read(data: bytes, answer: Answer) -> None:
    """Write the words of it."""
    words = str(_rtf.rtf_to_text(data.decode("latin-1"), errors="replace"))
    for line in words.splitlines(keepends=True):
        answer.write(line)
