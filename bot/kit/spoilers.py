"""Files behind a spoiler. Discord tells them by their names; a gallery's item says it beside that."""

from __future__ import annotations

from typing import Final

import discord

PREFIX: Final = "SPOILER_"


def is_spoiler(name: str) -> bool:
    return name.startswith(PREFIX)


def attached(name: str, *, description: str | None = None) -> discord.MediaGalleryItem:
    """The file `name` that comes with a message, as its gallery shows it."""
    return discord.MediaGalleryItem(f"attachment://{name}", description=description, spoiler=is_spoiler(name))
