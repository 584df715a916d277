"""`deletions`: what was deleted because people wanted it. A backup from before it brings it back, so it is deleted
once more after one is restored (`bot.backups`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, insert, select

from bot.store.schema import deletions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


class Deletion(NamedTuple):
    """All of a person's data, or what they said in a channel; or what stood in a message; or an order."""

    id: int
    person_id: int | None
    channel_id: int | None
    message_id: int | None
    generation_id: int | None


def note(
    c: Connection, *, person_id: int | None = None, channel_id: int | None = None, message_id: int | None = None
) -> None:
    """Note, in the transaction that deletes it or before, that something is deleted now."""
    c.execute(
        insert(deletions).values(person_id=person_id, channel_id=channel_id, message_id=message_id, at=time.time())
    )


def to_be_done_again(c: Connection) -> Sequence[Deletion]:
    """What a restored backup brought back, oldest first."""
    d = deletions.c
    query = select(d.id, d.person_id, d.channel_id, d.message_id, d.generation_id)
    return [Deletion(*row) for row in c.execute(query.where(d.again_at.is_not(None)).order_by(d.id))]


def done_again(c: Connection, deletion: Deletion) -> None:
    """It is gone once more. An order says so in its own row."""
    where = deletions.c.id == deletion.id
    if deletion.generation_id is not None:
        c.execute(delete(deletions).where(where))
    else:
        c.execute(deletions.update().where(where).values(again_at=None))
