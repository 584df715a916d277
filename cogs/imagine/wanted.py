"""What somebody asks for when they order images: what a command or a form says, and what an order says of itself."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection

from bot.cards.sources import at_address, is_image
from bot.errors import BadValue, NotAllowed
from bot.generation.requests import AVOID, CHOSE_MODEL, MADE_FROM, SEED, SHAPE, STYLE, From, given_names
from bot.generation.rows import inputs
from bot.generation.rows.records import NewInput
from bot.kit.more_lines import count_in, lines_of, model_in, private_in, read_lines

if TYPE_CHECKING:
    import discord

    from bot.generation.rows.parents import Parent
    from bot.generation.rows.records import Generation

MOST_GIVEN: Final = 4
"""Files of one's own that go along."""
STILL_SECONDS: Final = 60.0
"""So long an address must last that is handed on."""


@dataclass(frozen=True, slots=True)
class Given:
    """A file of a person's own."""

    name: str
    file: NewInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`shape`: as it was asked for, a name, a ratio or a size; None: `size`, and without it as set at the place.
    `style`: its name. `more`: the lines of a form. `model`, `private` None: as set at the place.
    """

    prompt: str = ""
    count: int = 1
    shape: str | None = None
    size: str | None = None
    style: str | None = None
    more: str = ""
    model: str | None = None
    private: bool | None = None
    given: Sequence[Given] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Of:
    """What it is made of: the orders, and the files of their images that go along, before those that are given.

    `action`: how it came from them. `posted`: the message that a given picture stood in ("server/channel/message").
    """

    action: str
    parents: Sequence[Parent] = ()
    files: Sequence[NewInput] = ()
    posted: str | None = None


def given_files(attachments: Iterable[discord.Attachment]) -> list[Given]:
    """Images that somebody attached. BadValue: one of them is none, or they are too many."""
    given = list(attachments)
    for one in given:
        if not is_image(one):
            raise BadValue("imagine.no_image", file=one.filename)
    if len(given) > MOST_GIVEN:
        raise BadValue("imagine.too_many_images", count=len(given), most=MOST_GIVEN)
    return [Given(one.filename, at_address(one.url)) for one in given]


def with_lines(wanted: Wanted) -> Wanted:
    """With what its lines say beside chance and what to avoid. BadValue: they say something else."""
    lines = read_lines(wanted.more)
    private = private_in(lines)
    return replace(
        wanted,
        count=count_in(lines) or wanted.count,
        model=model_in(lines) or wanted.model,
        private=wanted.private if private is None else private,
    )


def wanted_of(row: Generation, kept: Sequence[Given]) -> Wanted:
    """What a card's order asked for; `kept`: the files of its person's that are still to be had."""
    parameters = row.parameters
    style: dict[str, Any] | None = parameters.get(STYLE)
    # A model that only edits makes nothing of words alone.
    own_model = MADE_FROM not in parameters or CHOSE_MODEL in parameters
    return Wanted(
        prompt=row.prompt,
        count=row.count,
        shape=parameters.get(SHAPE),
        size=None if SHAPE in parameters else parameters.get("size"),
        style=str(style["name"]) if style else None,
        more=lines_of({"seed": parameters.get(SEED), "avoid": parameters.get(AVOID)}),
        model=row.model if own_model else None,
        private=row.private,
        given=kept,
    )


def files_of_order(connection: Connection, row: Generation) -> tuple[list[NewInput], list[Given]]:
    """What went along with an order by words: files of others' images, and those that were given. Of what varies or
    enlarges an image nothing goes along again.
    """
    if row.parameters.get(MADE_FROM) != From.EDIT:
        return [], []
    sent = inputs.still(connection, row.id)
    names = given_names(row.parameters)
    first = len(sent) - len(names)
    return sent[:first], [Given(*pair) for pair in zip(names, sent[first:], strict=True)]


def is_gone(file: NewInput) -> bool:
    """Whether a file that went along before can't be had any more: Discord keeps its address for a day."""
    return (file.expires_at or 0) < time.time() + STILL_SECONDS


def refuse_gone(given: Sequence[Given]) -> None:
    """NotAllowed: one of the files that were given before can't be had any more."""
    if any(is_gone(one.file) for one in given):
        raise NotAllowed("imagine.files_gone")
