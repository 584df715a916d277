"""The files that came with a question, and what of them is gone."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from bot.cards.sources import address_ends
from bot.errors import UnusableFile


def refuse_ended(file: Mapping[str, Any] | None) -> None:
    """Raise UnusableFile where Discord's address of a file, as it described it, has ended: nothing brings it back."""
    if file is not None and (ends := address_ends(str(file.get("url")))) is not None and ends < time.time():
        raise UnusableFile("file.link_ended")
