"""Databases of every schema that ever landed are brought up to date, and what stood under old messages still works."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from sqlalchemy import JSON, MetaData, Table, insert
from sqlalchemy import text as sql

from bot.i18n import text
from bot.orders import ledger
from bot.orders.ledger import Account, Ceiling, Order
from bot.store.address import PostgresqlAddress, parse
from bot.store.migrate import configuration
from bot.store.opening import open_database
from bot.store.schema import HEAD, REVISIONS, STATES
from bot.store.stores import as_it_is
from bot.store.upgrade import revision_of
from cogs.usage.alert_rows import alerts
from sandbox.discord.choosing import Upload
from sandbox.discord.interaction_models import COMPONENT, MODAL, Interaction
from sandbox.discord.interactions import begin
from sandbox.discord.invocation import Invocation, NoAnswer
from sandbox.discord.models import walk
from sandbox.discord.people import Person
from sandbox.stage import Stage
from tests.e2e.cards import eventually
from tests.e2e.forking import fork
from tests.upgrade.recorded import FOLDER, read, rewound, scene_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from sqlalchemy import Connection

    from sandbox.discord.models import Json, Message

RECORDED = "0005"
"""The schema that `data/rows.json` was written at."""
BUTTON = 2
WITHIN = 30.0


async def make(url: str, revision: str) -> dict[str, int]:
    """The recorded rows in a database of `revision`, as far as it has room for them; how many rows a table got.

    One that is younger than the recording has them by its own migrations.
    """
    await upgraded(url, min(revision, RECORDED))
    rows = rewound(read("rows.json"), read("world.json")["recorded_at"])

    def fill(c: Connection) -> dict[str, int]:
        known = MetaData()
        known.reflect(c)
        tables = [table for table in known.sorted_tables if table.name in rows]
        return {table.name: _insert(c, table, rows[table.name]) for table in tables}

    async with as_it_is(parse(url)) as database:
        made = await database.run(fill)
    if revision > RECORDED:
        await upgraded(url, revision)
    return made


async def upgraded(url: str, revision: str) -> None:
    """As the child process does it (`bot.store.migrate`), whose start is test_migration's matter."""
    address = parse(url)
    dsn = address.dsn if isinstance(address, PostgresqlAddress) else f"sqlite:///{address.path}"
    await asyncio.to_thread(command.upgrade, configuration(dsn), revision)


def _insert(c: Connection, table: Table, rows: list[Json]) -> int:
    names = {column.name for column in table.columns}
    for row in sorted(rows, key=lambda one: one.get("id") or 0):
        c.execute(
            insert(table).values({name: _typed(table, name, value) for name, value in row.items() if name in names})
        )
    if c.dialect.name == "postgresql" and "id" in names:
        newest = f"(SELECT coalesce(max(id), 1) FROM {table.name})"  # noqa: S608 - a name of our own schema
        c.execute(sql(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {newest})"))
    return len(rows)


def _typed(table: Table, name: str, value: Any) -> Any:
    """SQLite keeps JSON as text, or as a number where it is one, and truth as a number."""
    kind = table.columns[name].type
    if isinstance(kind, JSON):
        return json.loads(value) if isinstance(value, str) else value
    return bool(value) if kind.python_type is bool and value is not None else value


@pytest.mark.parametrize("revision", [each for each in REVISIONS if each <= RECORDED])
async def test_every_schema_that_landed_is_brought_up_with_its_rows(empty_database_url: str, revision: str):
    """Up to the recorded one, at once; what came after it, step by step: each stands there by itself, with its rows."""
    before = await make(empty_database_url, revision)
    assert before["generations"] > 15
    steps = REVISIONS[REVISIONS.index(revision) + 1 :] if revision == RECORDED else ("head",)
    async with as_it_is(parse(empty_database_url)) as database:

        def count(c: Connection) -> dict[str, int]:
            return {name: c.execute(sql(f"SELECT count(*) FROM {name}")).scalar_one() for name in before}  # noqa: S608 - likewise

        def states(c: Connection) -> set[str]:
            return set(c.execute(sql("SELECT DISTINCT state FROM generations")).scalars())

        for step in steps:
            await upgraded(empty_database_url, step)
            assert await database.run(count) == before, step
        assert await database.run(revision_of) == HEAD
        assert await database.run(states) <= set(STATES)


@pytest.fixture
async def old_stage(empty_database_url: str, tmp_path: Path) -> AsyncGenerator[Stage]:
    """The recorded server, as the old bot left it, and this bot started on its database."""
    await make(empty_database_url, RECORDED)
    async with Stage(
        scene=scene_of(read("world.json")),
        data_dir=tmp_path / "data",
        environment={"DATABASE_URL": empty_database_url},
        poll_seconds=5,
        log=tmp_path / "bot.log",
        spawn=fork,
    ) as stage:
        stage.discord.limits.groups["gateway"] = None
        yield stage


async def test_every_old_button_menu_and_form_is_answered(old_stage: Stage):
    """None is met with silence, with a fault of ours, or with a trace in the log."""
    stage = old_stage
    recorded = read("presses.json")
    messages = {each.id: each for channel in stage.world.channels.values() for each in channel.messages.values()}
    first = next(iter(messages.values()))

    async def press(each: Json) -> tuple[str, Invocation]:
        part, message = each["part"], messages.get(each["message"], first)
        if all(shown.get("custom_id") != part["custom_id"] for shown in walk(message.components)):
            message.components = [{"type": 1, "id": 999, "components": [part]}]
        data: Json = {"component_type": part["type"], "custom_id": part["custom_id"], "id": part["id"]}
        if part["type"] != BUTTON:
            # In a menu of roles or channels nothing is chosen any more.
            data |= {"values": [option["value"] for option in part.get("options", [])[:1]], "resolved": {}}
        use = _sent(stage, COMPONENT, _who(stage, message, each["by"]), message, data)
        with contextlib.suppress(NoAnswer):
            await use.acknowledged(WITHIN)
        return part["custom_id"], use

    async def send(custom_id: str) -> tuple[str, Invocation]:
        data: Json = {"custom_id": custom_id, "components": _inputs(custom_id)}
        use = _sent(stage, MODAL, stage.person("alice"), first, data)
        await use.acknowledged(WITHIN)
        return custom_id, use

    answers = [await send(each) for each in recorded["forms"]]
    answers += [await press(each) for each in sorted(recorded["pressed"], key=_ends)]

    assert len(answers) > 150
    gone = {text("en", "error.gone"), text("zh_CN", "error.gone")}
    wrong = {name: use.text for name, use in answers if use.failed or "(ref" in use.text or use.text in gone}
    assert wrong == {}
    stage.check()
    await asyncio.sleep(0)
    log = stage.bot.log.read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert " ERROR " not in log


async def test_what_was_under_way_goes_on_and_the_old_file_is_taken_in(old_stage: Stage):
    stage = old_stage
    alice, general = stage.person("alice"), stage.channel("general")
    queued = [each for each in general.messages.values() if "Running or queued" in each.text]
    use = await alice.command(
        general, "config import", file=Upload("settings.yaml", (FOLDER / "settings.yaml").read_bytes())
    )
    taken = (await use.message()).text
    await eventually(lambda: any("Started" in each.text for each in queued), within=WITHIN)
    answer = await alice.command(general, "ask", prompt="Hello")
    said = (await answer.message(WITHIN)).text

    assert queued
    assert "(ref" not in taken + said
    assert "chang" in taken.lower()


def _ends(each: Json) -> int:
    """What ends a thing comes late, and the end of everything last: the others are to find it as it stood."""
    name = str(each["part"]["custom_id"])
    enders = ("close", "cancel", "delete", "reset", "endvote", "leave", "back", "stop")
    return 2 if name.startswith("privacy") else int(any(word in name for word in enders))


def _who(stage: Stage, message: Message, by: int | None) -> Person:
    """Who saw it privately, else who asked for it, else the owner."""
    metadata: Json = message.interaction or {}
    asked: Json = metadata.get("user") or {}
    return Person(stage.world, stage.world.users[by or int(asked.get("id", stage.world.application.owner.id))])


def _sent(stage: Stage, kind: int, who: Person, message: Message, data: Json) -> Invocation:
    """Whatever the client shows now: the message is an old one."""
    owners = {"0": str(message.channel.guild_id or 0)}
    made = Interaction(kind, who.user, message.channel, data, owners, source=message)
    begin(stage.world, made)
    return Invocation(stage.world, made)


def _inputs(custom_id: str) -> list[Json]:
    """The text that the form had room for."""
    name = "idea" if custom_id.endswith("idea") else "prompt"
    field: Json = {"type": 4, "id": 2, "custom_id": name, "value": "a small red boat"}
    return [{"type": 18, "id": 1, "component": field}]


@pytest.mark.usefixtures("forked_migration")
async def test_what_an_earlier_version_told_of_a_pool_is_not_told_again(empty_database_url: str):
    await upgraded(empty_database_url, "0010")
    now = 1_798_761_600.0
    pool = Ceiling(Account.at("server", 9, "month", now), 20)

    def fill(c: Connection) -> None:
        known = MetaData()
        known.reflect(c, only=["accounts", "settings"])
        account = {"guild_id": 9, "kind": "server", "owner_id": 9, "period": "month", "starts": pool.account.starts}
        c.execute(insert(known.tables["accounts"]).values(**account, spent=10, alerted=10))
        alerts_in = {"scope": "server", "scope_id": 9, "key": "alert_channel", "changed_by": 1, "changed_at": 1.0}
        _insert(c, known.tables["settings"], [{**alerts_in, "value": 77}])

    async with as_it_is(parse(empty_database_url)) as old:
        await old.run(fill)
    async with open_database(empty_database_url) as database:
        percents: list[list[int]] = []
        for price in (1, 4):
            order = Order(guild_id=9, channel_id=20, person_id=1, kind="ask", model="m", price=price)
            made = await database.run(ledger.reserve, order, pools=[pool], share=None, now=now)
            await database.run(ledger.settle, made, pools=price, person=price, now=now)
            percents.append([alert.percent for alert in await database.run(alerts, now=now)])
    assert percents == [[], [75]]
