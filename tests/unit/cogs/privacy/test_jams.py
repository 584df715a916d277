"""What a person is shown of their part in jams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.generation.rows import votes
from cogs.jam import round_rows
from cogs.jam import rows as jams
from cogs.jam import states as steps
from cogs.jam.posted import Opened, RoundCard
from cogs.jam.records import Jam, NewJam
from cogs.privacy.stored import all_of
from tests.unit.ordering import insert

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database

ALICE, BOB = 1, 2
PARTS = ("jams", "ideas", "votes")


def begin(c: Connection, channel_id: int, person_id: int) -> Jam:
    new = NewJam(
        guild_id=9,
        channel_id=channel_id,
        thread_id=None,
        category_id=None,
        application_id=40,
        started_by=person_id,
        locale="en",
        theme=f"the sea of {person_id}",
        style=None,
        paid_by="starter",
        ideas_each=2,
        ends_at=9000.0,
    )
    jam = jams.insert_new(c, new, now=0.0)
    assert jam is not None
    opened = steps.opened(c, jam.id, Opened(channel_id + 1, 2, RoundCard(3)), now=1.0)
    assert opened is not None
    return opened


async def test_a_person_sees_their_own_and_nobody_elses(database: Database) -> None:
    mine = await database.run(begin, 20, ALICE)
    bobs = await database.run(begin, 40, BOB)
    await database.run(jams.join, bobs.id, ALICE, now=60.0)
    await database.run(jams.leave, bobs.id, ALICE, now=120.0)
    await database.run(round_rows.add_idea, bobs, ALICE, "a red dragon", now=61.0)
    await database.run(round_rows.add_idea, bobs, BOB, "a secret of Bob's", now=62.0)
    await database.run(steps.wind_up, bobs.id, now=180.0, by=BOB)
    await database.run(steps.wind_up, mine.id, now=180.0, by=ALICE)
    row = await database.run(insert, kind="image", person_id=BOB, message_id=None, now=1.0)
    await database.run(votes.cast, row.id, ALICE, 2, now=240.0)
    await database.run(votes.cast, row.id, BOB, 1, now=240.0)
    day = "1970-01-01 00:0"
    assert {name: (await all_of(database, ALICE))[name] for name in PARTS} == {
        "jams": [
            {
                "jam": mine.id,
                "server": 9,
                "channel": 20,
                "thread": 21,
                "theme": "the sea of 1",
                "started": f"{day}0:00 UTC",
                "closed_by_you": True,
                "joined": f"{day}0:00 UTC",
            },
            {
                "jam": bobs.id,
                "server": 9,
                "channel": 40,
                "thread": 41,
                "joined": f"{day}1:00 UTC",
                "left": f"{day}2:00 UTC",
            },
        ],
        "ideas": [{"jam": bobs.id, "round": 1, "said": "a red dragon", "given": f"{day}1:01 UTC"}],
        "votes": [{"order": row.id, "picture": 3, "voted": f"{day}4:00 UTC"}],
    }
    assert [(await all_of(database, 77))[name] for name in PARTS] == [[], [], []]
