"""What others wrote, as a model is told it: material with its bounds, whatever stands in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.documents.quoting import quoted
from bot.text import one_line, shorten

if TYPE_CHECKING:
    from cogs.ask.records import Quote

NAME_LIMIT = 40
"""Characters of a person's name that a model is told."""


def label(name: str) -> str:
    """A name as data: one line, in quotation marks, with what would end them escaped."""
    return json.dumps(shorten(one_line(name), NAME_LIMIT), ensure_ascii=False)


def as_material(quote: Quote) -> str:
    """A message that is asked about."""
    return quoted(f"Message from {label(quote.name)}" if quote.name else "Message", quote.text)
