"""Messages of one text and nothing to press."""

from __future__ import annotations

from typing import Any

from discord import ui


def note(content: str) -> ui.LayoutView:
    """A message that only says something."""
    view = ui.LayoutView(timeout=None)
    display: ui.TextDisplay[Any] = ui.TextDisplay(content)
    return view.add_item(display)
