"""What it takes more than a column's declaration to show or to forget: jams, whose line several people share; what one
did to the orders of others; accounts, and grants and bars in the history of settings.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from bot.orders import bars, person_lines, personal
from bot.orders.grants import value_of
from bot.orders.person_lines import GRANT
from bot.periods import DAY_SECONDS
from bot.store.schema import generations
from cogs.privacy import rows
from cogs.privacy.lines import moment, said
from cogs.privacy.walk import PAGE, STEP, ranges

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from bot.store.database import Database


async def shown(database: Database, person_id: int) -> dict[str, list[dict[str, Any]]]:
    """Sections of the file."""
    acts: list[dict[str, Any]] = []
    async for after, upto in ranges(database, generations, STEP):
        found = await database.run(rows.acts_of, person_id, after=after, upto=upto)
        acts.extend(_act(person_id, row) for row in found)
    return {
        "orders_of_others_that_you_ended_or_removed": acts,
        "jams": [_jam(person_id, jam) for jam in await database.run(rows.jams_of, person_id)],
        "credits/balances": [
            said(
                server=guild_id,
                day=moment(account.starts * DAY_SECONDS, "%Y-%m-%d") if account.period == "day" else None,
                reserved=balance.reserved,
                spent=balance.spent,
                granted=balance.granted if account.kind == "grant" else None,
            )
            for guild_id, account, balance in await database.run(personal.accounts_of, person_id)
        ],
        "credits/granted": [
            said(
                server=line.guild_id,
                credits=value_of(line)["credits"],
                reason=value_of(line).get("reason"),
                granted=moment(line.changed_at),
            )
            for line in await database.run(person_lines.of_person, GRANT, person_id)
        ],
    }


async def forget(database: Database, person_id: int) -> None:
    """Before what is declared is forgotten: the names that are looked for here are gone then."""
    while await database.run(rows.forget_themes, person_id, limit=PAGE):
        pass
    await database.run(person_lines.forget_person, person_id)
    await database.run(bars.forget_reasons, person_id)
    # Today's share stays until the day ends: else this would lift the day's limits.
    today = int(time.time() // DAY_SECONDS)
    while await database.run(personal.forget_accounts, day=today, limit=PAGE, person_id=person_id):
        pass
    await database.run(personal.forget_grants, person_id=person_id)


def _act(person_id: int, row: RowMapping) -> dict[str, Any]:
    return said(
        order=row["id"],
        kind=row["kind"],
        ended=moment(row["ended_at"]) if row["ended_by"] == person_id else None,
        removed=moment(row["removed_at"]) if row["removed_by"] == person_id else None,
    )


def _jam(person_id: int, jam: RowMapping) -> dict[str, Any]:
    mine = jam["started_by"] == person_id
    return said(
        jam=jam["id"],
        server=jam["guild_id"],
        channel=jam["channel_id"],
        thread=jam["thread_id"],
        # What somebody else typed is theirs.
        theme=jam["theme"] or None if mine else None,
        style=jam["style"] if mine else None,
        started=moment(jam["created_at"]) if mine else None,
        closed_by_you=True if jam["ended_by"] == person_id else None,
        joined=moment(jam["joined_at"]),
        left=moment(jam["left_at"]),
    )
