"""What stands in a message of Discord's, for whoever asks about it: its words, its files, and who wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import discord
from yarl import URL

from bot.kit.message_parts import files_in, media_in, texts_in
from bot.text import is_blank
from cogs.ask.records import Quote

if TYPE_CHECKING:
    from collections.abc import Iterator

QUOTE_LIMIT: Final = 8_000
"""Characters of one message; a layout holds half of that (Discord)."""


def words(message: discord.Message) -> str:
    """Its text, or that of the one that it forwards; else that of its embeds and its layout."""
    for part in (message, *message.message_snapshots):
        if not is_blank(part.content):
            return part.content[:QUOTE_LIMIT]
        # The machine's own lines are no part of what an answer says.
        shown = [each for each in texts_in(part.components) if not each.startswith("-# ")]
        if lines := [*(line for embed in part.embeds for line in _embedded(embed)), *shown]:
            return "\n".join(lines)[:QUOTE_LIMIT]
    return "" if message.poll is None else "\n- ".join((str(message.poll.question), *_answers(message.poll)))


def _embedded(embed: discord.Embed) -> Iterator[str]:
    """What it says, as it is read."""
    yield from filter(None, (embed.title, embed.description))
    for part in embed.fields:
        yield from filter(None, (part.name, part.value))


def _answers(poll: discord.Poll) -> Iterator[str]:
    return (f"{one.text} ({one.vote_count})" if one.vote_count else one.text for one in poll.answers)


def quotes(message: discord.Message) -> tuple[Quote, ...]:
    """Its words, with whose they are."""
    author, written = message.author, words(message)
    return (Quote(written, author.display_name, None if author.bot else author.id),) if written else ()


def files(message: discord.Message) -> list[discord.Attachment]:
    """Its files, those that a layout shows too."""
    return [file for part in (message, *message.message_snapshots) for file in (*part.attachments, *_shown(part))]


def is_readable(message: discord.Message) -> bool:
    """Whether Discord lets the bot see anything of it."""
    return bool(words(message) or files(message))


def _shown(part: discord.Message | discord.MessageSnapshot) -> Iterator[discord.Attachment]:
    """What components show is not among the attachments (discord-api-docs #8277)."""
    state = part._state  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - what the library's own models are made with
    sized = ((file.media, file.size or 0) for file in files_in(part.components))
    for media, size in (*((media, 0) for media in media_in(part.components)), *sized):
        if media.attachment_id is not None:
            described = {
                "id": media.attachment_id,
                "filename": URL(media.url).name,
                "size": size,
                "url": media.url,
                "proxy_url": media.proxy_url or media.url,
                "content_type": media.content_type,
            }
            yield discord.Attachment(data=cast("Any", described), state=state)
