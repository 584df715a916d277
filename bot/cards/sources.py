"""Where the file of a picture is that goes along with an order: Discord's copy of it, or the service's."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import discord
from yarl import URL

from bot.api.filetypes import named_type
from bot.cards.uploads import Form, numbered
from bot.errors import NotAllowed
from bot.generation.requests import lasts
from bot.generation.rows import parents, result_rows
from bot.generation.rows.records import NewInput
from bot.kit.message_parts import files_in, media_in
from bot.kit.responses import PASSING
from bot.store.database import Database

if TYPE_CHECKING:
    from bot.generation.rows.records import Generation, Result
    from bot.kit.bot import Bot

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.5
"""A press has to be answered within 3 s."""
ATTACHMENT_SECONDS = 86_400.0
"""How long Discord's signed address of a file lasts where it does not say so itself."""
PICTURE_TYPES = frozenset({"image/png", "image/jpeg", "image/webp"})
"""What the service takes (OpenAI's image edits)."""


def files_of(message: discord.Message | discord.MessageSnapshot) -> dict[str, str]:
    """The files that came with a message, by name: the address of each, signed by Discord anew.

    What a layout shows is not among its attachments (discord-api-docs #8277).
    """
    parts = (*media_in(message.components), *(file.media for file in files_in(message.components)))
    shown = [media.url for media in parts if media.attachment_id is not None]
    return {URL(url).name: url for url in shown} | {file.filename: file.url for file in message.attachments}


def source_of(result: Result, files: Mapping[str, str]) -> NewInput:
    """The file of a card's picture. NotAllowed: it is nowhere any more.

    As the card shows it among its `files`, or from the service where it shows it smaller and the service's link lasts.
    """
    name = numbered(files).get(result.position)
    if name is not None and not (lasts(result) and result.form == Form.SMALLER):
        return at_address(files[name])
    if lasts(result):
        return NewInput(url=result.url, expires_at=result.expires_at)
    raise NotAllowed("error.picture_gone")


def clip_of(result: Result, files: Mapping[str, str]) -> NewInput:
    """As `source_of`, of a clip; a still that stands for it is none."""
    return source_of(result, dict[str, str]() if result.form in {Form.STILL, Form.LINK} else files)


def pictures_in(message: discord.Message) -> list[tuple[str, NewInput]]:
    """The images that stand in a message, also in one that it forwards: the name of each, and where it is.

    Several may have one name: pasted ones all do.
    """
    found: dict[str, str] = {}
    for part in (message, *message.message_snapshots):
        for file in part.attachments:
            if _is_picture(file.filename, file.content_type):
                found.setdefault(file.url, file.filename)
        for media in media_in(part.components):
            # Of what is elsewhere, Discord's own copy: the address itself is whatever its sender chose.
            url = media.proxy_url if media.attachment_id is None else media.url
            name = URL(media.url).name
            if url and _is_picture(name, media.content_type):
                found.setdefault(url, name)
        for embed in part.embeds:
            for picture in (embed.image, embed.thumbnail):
                name = URL(picture.url or "").name
                if picture.proxy_url and _is_picture(name, None):
                    found.setdefault(picture.proxy_url, name)
    return [(name, at_address(url)) for url, name in found.items()]


async def files_of_card(bot: Bot, row: Generation) -> dict[str, str]:
    """`files_of` a card that is looked for in its channel. Empty: it is not to be had now."""
    if row.message_id is None:
        return {}
    channel = bot.get_partial_messageable(row.channel_id)
    try:
        # Somebody who pressed has no answer yet.
        async with asyncio.timeout(LOOK_SECONDS):
            return files_of(await channel.get_partial_message(row.message_id).fetch())
    except PASSING as error:
        log.info("a card can't be looked at: %s", error, extra=row.logged)
        return {}


async def from_cards(bot: Bot, row: Generation, files: Sequence[NewInput]) -> list[NewInput]:
    """What went along with an order, `files` as they were then, those of cards first: at addresses that last again
    where the cards still stand.
    """
    found = list(files)
    if all(map(lasts, files)):
        return found
    run = bot.the(Database).run
    came = [one for one in (await run(parents.of, [row.id])).get(row.id, ()) if one.position is not None]
    ended = [(index, one) for index, (file, one) in enumerate(zip(files, came, strict=False)) if not lasts(file)]
    for id_ in {one.id for _, one in ended}:
        card = await run(result_rows.with_generation, id_)
        if card is None or card[0].removed_at is not None:
            continue
        shown, results = await files_of_card(bot, card[0]), {one.position: one for one in card[1]}
        for index, one in ended:
            if one.id == id_ and one.position in results:
                with contextlib.suppress(NotAllowed):
                    found[index] = source_of(results[one.position], shown)
    return found


def is_image(attachment: discord.Attachment) -> bool:
    """Whether a file is likely an image, of whatever type: by what Discord says of it, or by its name."""
    return any(one.startswith("image/") for one in (attachment.content_type or "", named_type(attachment.filename)))


def _is_picture(name: str, content_type: str | None) -> bool:
    return (named_type(name) if content_type is None else content_type.partition(";")[0]) in PICTURE_TYPES


def address_ends(url: str) -> float | None:
    """When Discord's address of a file ends, which it says itself: Unix seconds in its hexadecimal `ex`."""
    try:
        return float(int(URL(url).query.get("ex", ""), 16))
    except ValueError:
        return None


def at_address(url: str) -> NewInput:
    """What is at an address of Discord's, for as long as it lasts."""
    return NewInput(url=url, expires_at=address_ends(url) or time.time() + ATTACHMENT_SECONDS)
