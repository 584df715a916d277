"""What is stored of a person, shown and removed; and what is forgotten of everybody."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text

from bot.generation.rows import generations, queries, result_rows
from bot.generation.rows.records import Generation, NewResult
from bot.orders import daily_rows as daily
from bot.settings import changes
from bot.settings import stored as settings
from bot.settings.changes import Change
from bot.store.schema import daily_counts, setting_changes
from bot.store.schema import generations as table
from cogs.privacy import rows as privacy
from cogs.privacy.forgetting import forget_rows
from cogs.privacy.stored import all_of
from tests.unit.stored_settings import put

if TYPE_CHECKING:
    from bot.store.database import Database
    from tests.unit.ordering import Order

DAY = 86_400.0
NOW = 1_000 * DAY
CAROL, DAVE = 2**62 + 1, 2**62 + 2


async def ended(database: Database, order: Order, *, days_ago: float = 0.0, **facts: Any) -> Generation:
    """An order with a result, delivered so many days before NOW."""
    at = NOW - days_ago * DAY
    row = await database.run(order, now=at, **facts)
    result = NewResult(url="https://example.org/1.mp4", expires_at=at + DAY)
    assert await database.run(result_rows.put, row.id, 0, [result])
    done: dict[str, Any] = {"state": "delivered", "submitted_at": at, "generated_at": at, "ended_at": at}
    changed = await database.run(generations.change, row.id, 0, **done)
    assert changed is not None
    return changed


async def get(database: Database, row: Generation) -> Generation:
    found = await database.run(generations.get, row.id)
    assert found is not None
    return found


# Remove


async def test_a_delivered_row_is_removed_once(database: Database, order: Order):
    row = await ended(database, order, message_id=30, token="tok", token_expires_at=NOW)
    assert await database.run(generations.of_message, channel_id=20, message_id=30) == row
    assert await database.run(generations.of_message, channel_id=21, message_id=30) is None
    assert await database.run(generations.remove, row.id, by=7, now=NOW) == row
    removed = await get(database, row)
    assert (removed.state, removed.ended_at, removed.ended_by) == ("delivered", row.ended_at, None)
    assert (removed.removed_by, removed.removed_at) == (7, NOW)
    assert (removed.message_id, removed.token, removed.token_expires_at) == (None, None, None)
    assert await database.run(result_rows.of_generation, row.id) == ()
    assert await database.run(generations.remove, row.id, by=8, now=NOW + 1) is None
    assert (await get(database, row)).removed_by == 7
    assert await database.run(generations.of_message, channel_id=20, message_id=30) is None


async def test_a_live_row_is_cancelled_and_its_worker_fenced_out(database: Database, order: Order):
    row = await database.run(order)
    running = await database.run(generations.change, row.id, 0, state="running", task_id="t", submitted_at=2.0)
    assert running is not None
    assert await database.run(generations.remove, row.id, by=7, now=NOW) == running
    removed = await get(database, row)
    assert (removed.state, removed.ended_by, removed.ended_at) == ("cancelled", 7, NOW)
    late: dict[str, Any] = {"state": "generated", "generated_at": 3.0}
    assert await database.run(generations.change, row.id, running.epoch, **late) is None
    assert not await database.run(result_rows.put, row.id, running.epoch, [NewResult(url="https://x")])
    assert await database.run(queries.not_shown, since=0.0) == []


async def test_the_newest_row_of_a_message_is_its_card(database: Database, order: Order):
    await database.run(order, message_id=30)
    newer = await database.run(order, message_id=30)
    assert await database.run(generations.of_message, channel_id=20, message_id=30) == newer


async def test_a_token_is_kept_only_where_nothing_else_reaches_the_card(database: Database, order: Order):
    token: dict[str, Any] = {"token": "tok", "token_expires_at": NOW + 900}
    near = await ended(database, order, **token)
    far = await ended(database, order, token_only=True, **token)
    for row in (near, far):
        await database.run(generations.shown, row.id, state="delivered")
    assert (await get(database, near)).token is None
    assert (await get(database, far)).token == "tok"
    walk: dict[str, Any] = {"after": 0, "upto": far.id}
    await database.run(privacy.forget_tokens, **walk, now=NOW)
    assert (await get(database, far)).token == "tok"
    await database.run(privacy.forget_tokens, **walk, now=NOW + 901)
    assert (await get(database, far)).token is None


# Show


async def test_orders_come_in_pages_with_their_results(database: Database, order: Order):
    mine = [await ended(database, order, person_id=CAROL) for _ in range(5)]
    await ended(database, order, person_id=DAVE)
    first = await database.run(privacy.page, table, CAROL, after=None, limit=3)
    rest = await database.run(privacy.page, table, CAROL, after=[first[-1]["id"]], limit=3)
    assert [row["id"] for row in (*first, *rest)] == [row.id for row in mine]
    assert await database.run(privacy.page, table, CAROL, after=[mine[-1].id], limit=3) == []
    shown = (await all_of(database, CAROL))["orders"]
    assert [(each["order"], len(each["results"])) for each in shown] == [(row.id, 1) for row in mine]


async def test_settings_and_days_and_acts(database: Database, order: Order):
    await database.run(daily.take, person_id=CAROL, kind="ask", day=900, limit=9)
    await database.run(daily.take, person_id=CAROL, kind="video", day=899, limit=9)
    await database.run(daily.take, person_id=DAVE, kind="ask", day=900, limit=9)
    for number, person in enumerate((CAROL, DAVE, CAROL)):
        made = [Change("channel", 20, f"key{number}", number)]
        await database.run(changes.make, made, by=person, now=NOW, guild_id=9)
    own = await database.run(order, person_id=CAROL)
    theirs = await database.run(order, person_id=DAVE)
    for row in (own, theirs):
        await database.run(generations.remove, row.id, by=CAROL, now=NOW)
    shown = await all_of(database, CAROL)
    assert [(day["command"], day["day"]) for day in shown["used_each_day"]] == [
        ("/video", "1972-06-18"),
        ("/ask", "1972-06-19"),
    ]
    for section in ("changes_of_settings", "settings_in_force"):
        assert [each["setting"] for each in shown[section]] == ["key0", "key2"]
        assert {each["where"] for each in shown[section]} == {"channel 20"}
    at = "1972-09-27 00:00:00 UTC"
    acts = [{"order": theirs.id, "kind": "video", "ended": at, "removed": at}]
    assert shown["orders_of_others_that_you_ended_or_removed"] == acts


async def test_a_key_of_several_columns_is_paged_too(database: Database):
    for day in (898, 899, 900):
        for kind in ("ask", "video"):
            await database.run(daily.take, person_id=CAROL, kind=kind, day=day, limit=9)
    found: list[tuple[int, str]] = []
    while page := await database.run(privacy.page, daily_counts, CAROL, after=found[-1] if found else None, limit=4):
        found.extend((row["day"], row["kind"]) for row in page)
    assert found == [(day, kind) for day in (898, 899, 900) for kind in ("ask", "video")]


# Delete


async def test_deleting_leaves_others_and_what_is_under_way(database: Database, order: Order):
    mine = [await ended(database, order, person_id=CAROL) for _ in range(3)]
    child = await ended(database, order, person_id=DAVE, parent_id=mine[0].id)
    live = await database.run(order, person_id=CAROL)
    first = await database.run(privacy.delete_of, table.c.person_id, CAROL, now=NOW, limit=2)
    rest = await database.run(privacy.delete_of, table.c.person_id, CAROL, now=NOW, limit=2)
    assert sorted(first + rest) == [row.id for row in mine]
    assert await database.run(privacy.delete_of, table.c.person_id, CAROL, now=NOW, limit=2) == []
    assert (await get(database, child)).parent_id is None
    assert await database.run(queries.live_of, CAROL) == [live]
    owners = await database.run(lambda c: c.execute(text("SELECT generation_id FROM results")).scalars().all())
    assert owners == [child.id]


async def test_a_worker_whose_row_was_deleted_changes_nothing_and_fails_nowhere(database: Database, order: Order):
    row = await ended(database, order, person_id=CAROL)
    await database.run(privacy.delete_of, table.c.person_id, CAROL, now=NOW, limit=9)
    assert await database.run(generations.change, row.id, row.epoch, state="delivered") is None
    assert await database.run(generations.store_message, row.id, message_id=1, channel_id=2) is None
    assert await database.run(generations.moved_to_dm, row.id, message_id=1, channel_id=2) is None
    assert not await database.run(result_rows.put, row.id, row.epoch, [NewResult(url="https://x")])
    assert not await database.run(result_rows.set_file, row.id, row.epoch, 0, "p", "image/png", 1, url=None)
    await database.run(generations.shown, row.id, state="delivered")
    assert await database.run(generations.get, row.id) is None


async def test_many_deletions_at_once(database: Database, order: Order):
    for person in (CAROL, DAVE) * 20:
        await ended(database, order, person_id=person)
    taken = await asyncio.gather(
        *(database.run(privacy.delete_of, table.c.person_id, person, now=NOW, limit=3) for person in (CAROL, DAVE) * 10)
    )
    ids = [id_ for each in taken for id_ in each]
    left = await database.run(lambda c: c.execute(text("SELECT count(*) FROM generations")).scalar())
    assert len(ids) == len(set(ids))
    assert len(ids) + (left or 0) == 40


async def test_a_name_is_taken_from_what_was_done(database: Database, order: Order):
    theirs = await database.run(order, person_id=DAVE)
    other = await database.run(order, person_id=DAVE)
    await database.run(generations.remove, theirs.id, by=CAROL, now=NOW)
    await database.run(generations.remove, other.id, by=DAVE, now=NOW)
    for person in (CAROL, DAVE):
        await database.run(changes.make, [Change("channel", 20, f"of{person}", 1)], by=person, now=NOW, guild_id=9)
    await forget_rows(database, CAROL)
    row = await get(database, theirs)
    assert (row.ended_by, row.removed_by, row.removed_at) == (None, None, NOW)
    assert (await get(database, other)).removed_by == DAVE
    query = select(setting_changes.c.changed_by).order_by(setting_changes.c.id)
    assert await database.run(lambda c: c.execute(query).scalars().all()) == [None, DAVE]
    assert (await all_of(database, CAROL))["settings_in_force"] == []
    stored = await database.run(settings.read, scopes=[("channel", 20)])
    assert stored == {("channel", 20): {f"of{CAROL}": 1, f"of{DAVE}": 1}}


async def test_today_s_count_stays(database: Database):
    today = int(time.time() // DAY)
    for day in (today - 2, today - 1, today):
        await database.run(daily.take, person_id=CAROL, kind="ask", day=day, limit=9)
        await database.run(daily.take, person_id=DAVE, kind="ask", day=day, limit=9)
    await forget_rows(database, CAROL)
    used = [await database.run(daily.used, person_id=CAROL, kind="ask", day=today - ago) for ago in range(3)]
    assert used == [1, 0, 0]
    assert len((await all_of(database, DAVE))["used_each_day"]) == 3


# Forget


async def test_prompts_are_forgotten_by_each_server_s_days(database: Database, order: Order):
    for guild, days in ((9, 7), (11, 60)):
        value: dict[str, Any] = {"scope": "server", "scope_id": guild, "key": "prompt_days", "value": days}
        await database.run(put, **value, changed_by=1, now=NOW, guild_id=guild)
    # Neither another key nor another scope counts.
    for scope, key in (("channel", "prompt_days"), ("server", "max_running_videos")):
        await database.run(put, scope=scope, scope_id=10, key=key, value=1, changed_by=1, now=NOW)
    dm: dict[str, Any] = {"guild_id": None, "context": "bot_dm"}
    rows = {
        "nine, old": await ended(database, order, days_ago=8, guild_id=9),
        "nine, young": await ended(database, order, days_ago=6, guild_id=9),
        "ten, old": await ended(database, order, days_ago=31, guild_id=10),
        "ten, young": await ended(database, order, days_ago=29, guild_id=10),
        "eleven, old": await ended(database, order, days_ago=61, guild_id=11),
        "eleven, young": await ended(database, order, days_ago=59, guild_id=11),
        "dm, old": await ended(database, order, days_ago=31, **dm),
        "dm, young": await ended(database, order, days_ago=29, **dm),
    }
    live = await database.run(order, now=NOW - 90 * DAY)
    forget: dict[str, Any] = {"after": 0, "upto": live.id, "now": NOW, "days": 30}
    forgotten = await database.run(privacy.forget_words, table, **forget)
    assert sorted(forgotten) == [row.id for name, row in rows.items() if "old" in name]
    for name, row in rows.items():
        now = await get(database, row)
        results = await database.run(result_rows.of_generation, row.id)
        assert (now.prompt, len(results)) == (("", 0) if "old" in name else ("a red fox", 1)), name
    assert (await get(database, live)).prompt == "a red fox"
    assert await database.run(privacy.forget_words, table, **forget) == [], "once is enough"


async def test_what_the_service_said_and_the_parameters_go_too(database: Database, order: Order):
    row = await database.run(order, parameters={"resolution": "1280*720"}, now=1.0)
    await database.run(generations.change, row.id, 0, state="failed", detail="its words", ended_at=2.0)
    await database.run(privacy.forget_words, table, after=0, upto=row.id, now=NOW, days=30)
    forgotten = await get(database, row)
    assert (forgotten.prompt, forgotten.detail, forgotten.parameters) == ("", None, {})
    assert (forgotten.model, forgotten.state) == ("wan", "failed")


async def test_the_walk_visits_every_order_once(database: Database, order: Order):
    ids = [(await database.run(order)).id for _ in range(7)]
    after, seen = 0, list[int]()
    while (upto := await database.run(privacy.next_range, table, after=after, size=3)) is not None:
        seen.append(upto)
        after = upto
    assert seen == [ids[2], ids[5], ids[6]]
