"""`inputs`: the pictures that an order sends along, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from bot.generation.rows.records import NewInput, Result
from bot.store.schema import inputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_COLUMNS = (inputs.c.url, inputs.c.path, inputs.c.content_type, inputs.c.size, inputs.c.expires_at)


def put(c: Connection, generation_id: int, new: Sequence[NewInput]) -> None:
    """Store the inputs of an order that has none."""
    rows = [
        {"generation_id": generation_id, "position": position}
        | {name: getattr(one, name) for name in NewInput.__slots__}
        for position, one in enumerate(new)
    ]
    if rows:
        c.execute(insert(inputs), rows)


def of(c: Connection, generation_id: int) -> tuple[Result, ...]:
    """The inputs of an order as what they are to the result_files: something at an address, or in a file."""
    query = select(inputs.c.generation_id, inputs.c.position, *_COLUMNS).where(inputs.c.generation_id == generation_id)
    return tuple(Result(0, *row) for row in c.execute(query.order_by(inputs.c.position)))


def again(one: Result) -> NewInput:
    """The same for another order. A file of it may be gone by the time it is needed."""
    return NewInput(**{name: getattr(one, name) for name in NewInput.__slots__})


def still(c: Connection, generation_id: int) -> list[NewInput]:
    """The inputs of an order as they may go along once more: by their addresses, since its files go when it ends."""
    return [NewInput(url=one.url, expires_at=one.expires_at) for one in of(c, generation_id)]


def copy(c: Connection, generation_id: int, *, to: int) -> None:
    """The same inputs for an order that repeats another. A file of it may be gone by the time it is needed."""
    query = select(inputs.c.position, *_COLUMNS).where(inputs.c.generation_id == generation_id)
    rows = [{"generation_id": to, **row} for row in c.execute(query).mappings()]
    if rows:
        c.execute(insert(inputs), rows)


def set_file(  # noqa: PLR0917 - what the file is, in the columns' order
    c: Connection, generation_id: int, position: int, path: str, content_type: str, size: int
) -> None:
    """Note that an input was fetched. Not fenced: it is the same picture whoever fetched it."""
    where = (inputs.c.generation_id == generation_id) & (inputs.c.position == position)
    c.execute(update(inputs).where(where).values(path=path, content_type=content_type, size=size))


def forget(c: Connection, ids: Sequence[int]) -> None:
    """Delete the inputs of these orders."""
    c.execute(delete(inputs).where(inputs.c.generation_id.in_(ids)))
