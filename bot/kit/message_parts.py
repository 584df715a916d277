"""What stands in a message's components: its texts, its media and what can be pressed, however deep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import discord


def media_in(components: Iterable[discord.Component]) -> Iterator[discord.UnfurledMediaItem]:
    """The media of its galleries."""
    for part in _parts(components):
        if isinstance(part, discord.MediaGalleryComponent):
            yield from (item.media for item in part.items)


def files_in(components: Iterable[discord.Component]) -> Iterator[discord.FileComponent]:
    """What stands in it to be downloaded."""
    return (part for part in _parts(components) if isinstance(part, discord.FileComponent))


def texts_in(components: Iterable[discord.Component]) -> list[str]:
    """Its texts, in the order in which they are read."""
    return [part.content for part in _parts(components) if isinstance(part, discord.TextDisplay)]


def custom_ids_in(components: Iterable[discord.Component]) -> set[str]:
    """What can be pressed or chosen."""
    return {name for part in _parts(components) if (name := getattr(part, "custom_id", None)) is not None}


def _parts(components: Iterable[discord.Component]) -> Iterator[discord.Component]:
    """All of them, each before what is inside it. A section's button stands beside it."""
    for part in components:
        yield part
        yield from _parts(getattr(part, "children", None) or ())
        if isinstance(part, discord.SectionComponent):
            yield from _parts((part.accessory,))
