"""The files that came with a question, and what of them is gone."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from bot.cards.sources import address_ends
from bot.errors import UnusableFile


def refuse_ended(files: Sequence[Mapping[str, Any]]) -> None:
    """Raise UnusableFile where Discord's address of a file, as it described it, has ended: nothing brings it back."""
    if any(map(is_ended, files)):
        raise UnusableFile("file.link_ended")


def is_ended(file: Mapping[str, Any]) -> bool:
    """Whether Discord's address of a file leads nowhere any more."""
    ends = address_ends(str(file.get("url")))
    return ends is not None and ends < time.time()
