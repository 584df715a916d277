"""`results`: what came of a generation, its pictures or its clip, and where the file of each is.

Written by whoever holds the generation's epoch (`generations`); False: someone else has it, stop silently.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger, bindparam, delete, func, select, update
from sqlalchemy import insert as insert_into

from bot.generation.rows.generations import get
from bot.generation.rows.records import WITHHELD, Generation, NewResult, Result
from bot.store.schema import generations, results

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection


def of_generation(c: Connection, id: int) -> tuple[Result, ...]:  # noqa: A002
    return tuple(Result(*row) for row in c.execute(_OF_GENERATION, {"wanted": id}))


# Made once: it is asked with every press.
_OF_GENERATION: Final = (
    select(results).where(results.c.generation_id == bindparam("wanted", type_=BigInteger)).order_by(results.c.position)
)


def at(c: Connection, id: int, position: int) -> Result | None:  # noqa: A002
    """The one at a position (from 0). None: nothing is there."""
    return next((one for one in of_generation(c, id) if one.position == position), None)


def with_generation(c: Connection, id: int) -> tuple[Generation, tuple[Result, ...]] | None:  # noqa: A002
    generation = get(c, id)
    return None if generation is None else (generation, of_generation(c, id))


def put(c: Connection, id: int, epoch: int, new: Sequence[NewResult]) -> bool:  # noqa: A002
    """Replace the results of a row that one holds. False: someone else has it now."""
    if not _held(c, id, epoch):
        return False
    c.execute(delete(results).where(results.c.generation_id == id))
    if new:
        c.execute(
            insert_into(results),
            [
                {"generation_id": id, "position": position}
                | {name: getattr(result, name) for name in NewResult.__slots__}
                for position, result in enumerate(new)
            ],
        )
    return True


def set_file(  # noqa: PLR0917 - what the file is, in the columns' order
    c: Connection,
    id: int,  # noqa: A002
    epoch: int,
    position: int,
    path: str | None,
    content_type: str | None,
    size: int | None,
    *,
    url: str | None,
) -> bool:
    """Note a result's file, and where it is from, in a row that one holds. False: someone else has it, or no result."""
    if not _held(c, id, epoch):
        return False
    where = (results.c.generation_id == id) & (results.c.position == position)
    return (
        c.execute(
            update(results).where(where).values(path=path, content_type=content_type, size=size, url=url)
        ).rowcount
        == 1
    )


def note_attachments(c: Connection, id: int, attached: Sequence[tuple[int, str | None, int | None]]) -> None:  # noqa: A002
    """Note what the card shows: (position, the file's name there, its form). Not fenced: it is shown.

    Without a name only a link stands there; without a form, nothing.
    """
    for position, name, form in attached:
        where = (results.c.generation_id == id) & (results.c.position == position)
        c.execute(update(results).where(where).values(attachment=name, form=form))


def note_measured(c: Connection, id: int, position: int, **measured: object) -> None:  # noqa: A002
    """Note what a clip turned out to be. Not fenced: it is the same file whoever measures it."""
    where = (results.c.generation_id == id) & (results.c.position == position)
    c.execute(update(results).where(where).values(**measured))


def withhold(c: Connection, id: int, epoch: int, positions: Collection[int]) -> bool:  # noqa: A002
    """Forget where these results of a row that one holds are. False: someone else has it now."""
    if not _held(c, id, epoch):
        return False
    where = (results.c.generation_id == id) & results.c.position.in_(positions)
    gone = {"url": None, "path": func.coalesce(results.c.path, ""), "attachment": None, "form": WITHHELD}
    c.execute(update(results).where(where).values(gone))
    return True


def _held(c: Connection, id: int, epoch: int) -> bool:  # noqa: A002
    # The lock keeps the row from being claimed between this look and the write. (SQLite has one writer as it is.)
    where = (generations.c.id == id) & (generations.c.epoch == epoch)
    return c.execute(select(generations.c.id).where(where).with_for_update()).first() is not None
