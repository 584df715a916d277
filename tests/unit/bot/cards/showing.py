"""What the tests of cards share: a finished row, and what a card says."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from discord import ui

from bot.generation.rows.records import Generation


def row(id_: int = 2, **values: Any) -> Generation:
    """Delivered pictures in server 9, channel 20."""
    facts: dict[str, Any] = {field.name: None for field in fields(Generation)}
    facts |= {"id": id_, "kind": "image", "state": "delivered", "person_id": 1, "guild_id": 9, "channel_id": 20}
    facts |= {"message_id": 30, "private": False, "locale": "en", "prompt": "a fox", "model": "wan", "parameters": {}}
    facts |= {"count": 1, "unforgiven": False, **values}
    return Generation(**facts)


def text_of(view: ui.LayoutView) -> str:
    return "\n".join(item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay))
