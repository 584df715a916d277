"""What a person chose: in a command's options, and in a submitted form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import discord

from bot.cards.sources import at_address, is_image
from bot.cards.video_form import FRAME, QUALITY, SECONDS, SHAPE
from bot.errors import BadValue
from bot.generation import requests
from bot.generation.ordering.video import QUALITIES, Given, Video
from bot.generation.requests import Role
from bot.i18n import locale_of, text
from bot.kit.again import MODEL
from bot.kit.components import filled_in
from bot.kit.more_lines import MORE, OF_VIDEOS, avoid_in, model_in, private_in, read_lines, seed_in
from bot.kit.responses import tell_beside
from bot.kit.returning_forms import files_of, kept_in
from bot.shapes import parse
from bot.text import escape, shorten

if TYPE_CHECKING:
    from bot.generation.rows.records import Generation
    from bot.kit.bot import Interaction

    _Show = Callable[[Interaction, Generation], Awaitable[None]]

_SOUNDS: Final = (".mp3", ".wav")
LARGEST_SOUND: Final = 15 * 1024 * 1024
"""Bytes (wan2.7)."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a form says. `keeps`: which of the files that went along before go along again, counted from 0; None: all.
    `private`: None: nothing of it.
    """

    video: Video
    keeps: Collection[int] | None
    private: bool | None


def said_in(interaction: Interaction, words: str, *, beside: Sequence[Role] = ()) -> Said:
    """`beside`: what files are there already. BadValue: two of one thing, or a file that is of no use."""
    filled = filled_in(interaction)
    frame = filled.get(FRAME, [])
    shape = _only([value.removeprefix(SHAPE) for value in frame if value.startswith(SHAPE)])
    seconds = _only([value.removeprefix(SECONDS) for value in frame if value.startswith(SECONDS)])
    quality = _only([*filled.get(QUALITY, []), *(value for value in frame if value in QUALITIES)])
    lines = read_lines("".join(filled.get(MORE, [])), OF_VIDEOS)
    video = Video(
        prompt=words,
        shape=parse(shape) if shape else None,
        quality=quality or None,
        model=_only(filled.get(MODEL, [])).strip() or model_in(lines),
        seconds=int(seconds) if seconds.isdecimal() else None,
        seed=seed_in(lines),
        avoid=avoid_in(lines) or None,
        files=files_in(files_of(interaction), beside=beside),
    )
    return Said(video, kept_in(filled), private_in(lines))


def shown(asked: Video, post: Callable[[Interaction, Generation], Awaitable[object]]) -> _Show:
    """How the card of an order is posted: with a word to its person, where a shape was chosen and can't be had."""

    async def show(through: Interaction, row: Generation) -> None:
        await post(through, row)
        await tell_shape(through, asked, row.parameters)

    return show


async def tell_shape(interaction: Interaction, asked: Video, parameters: Mapping[str, object]) -> None:
    """Never raises: the video is under way, whatever is told of it."""
    if asked.shape is not None and requests.SHAPE not in parameters:
        await tell_beside(interaction, text(locale_of(interaction.locale), "video.shape_of_image"))


def files_in(attached: Sequence[discord.Attachment], *, beside: Sequence[Role] = ()) -> Mapping[Role, Given]:
    """The first image is the first frame, the second the last one; where one begins it already, the last one.
    BadValue: what of them can't be used.
    """
    images, sounds = _images(attached), _sounds(attached)
    for file in attached:
        if file not in images and file not in sounds:
            raise BadValue("video.unusable_file", file=escape(shorten(file.filename, 60)))
    frames = _frames(beside)
    if len(images) > len(frames):
        raise BadValue("video.too_many_images", count=len(images), most=len(frames))
    if len(sounds) > 1:
        raise BadValue("video.too_many_sounds", count=len(sounds))
    if any(file.size > LARGEST_SOUND for file in sounds):
        raise BadValue("video.large_sound", most=LARGEST_SOUND // 1024**2)
    found = [*zip(frames, images, strict=False), *((Role.SOUND, file) for file in sounds)]
    return {role: Given(at_address(file.url), file.filename) for role, file in found}


def usable(attached: Sequence[discord.Attachment], *, beside: Sequence[Role] = ()) -> Sequence[discord.Attachment]:
    """Those of them that may go along, the first ones."""
    sounds = [file for file in _sounds(attached) if file.size <= LARGEST_SOUND]
    return [*_images(attached)[: len(_frames(beside))], *sounds[:1]]


def _frames(beside: Sequence[Role]) -> Sequence[Role]:
    return [role for role in (Role.FIRST, Role.LAST) if role not in beside]


def _images(attached: Sequence[discord.Attachment]) -> Sequence[discord.Attachment]:
    return [file for file in attached if is_image(file)]


def _sounds(attached: Sequence[discord.Attachment]) -> Sequence[discord.Attachment]:
    """By what Discord says of them, or by their names."""
    return [
        file
        for file in attached
        if (file.content_type or "").startswith("audio/") or file.filename.lower().endswith(_SOUNDS)
    ]


def _only(values: Sequence[str]) -> str:
    if len(values) > 1:
        raise BadValue("form.one_each")
    return values[0] if values else ""
