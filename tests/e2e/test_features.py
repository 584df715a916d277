"""A feature can be left out, and another one added, without the rest knowing."""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
import yaml

from bot.__main__ import COGS
from tests.e2e.asking import was_whole
from tests.e2e.cards import eventually, has_pictures, labels, someone
from tests.e2e.forking import fork
from tests.e2e.test_privacy import is_done
from tests.words import en

if TYPE_CHECKING:
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

COMMANDS = {
    "cogs.help": {"help"},
    "cogs.ask": {"ask", "chat", en("command.ask_about")},
    "cogs.imagine": {"imagine", en("command.change_image")},
    "cogs.video": {"video"},
    "cogs.jobs": {"jobs"},
    "cogs.gallery": {"gallery"},
    "cogs.jam": {"jam"},
    "cogs.config": {"config", "setup"},
    "cogs.usage": {"usage"},
    "cogs.privacy": {"privacy"},
    "cogs.settings": {"settings"},
    "cogs.remove": {"Remove", "Report"},
    "cogs.log": set[str](),
}

OVER = "'en', 'foxes', 'over', 'pool', 2"


async def begun(new_stage: NewStage, cogs: tuple[str, ...], **options: Any) -> Stage:
    """The bot with these features, and no others."""
    return await new_stage(spawn=partial(fork, cogs=cogs), **options)


def registered(stage: Stage) -> set[str]:
    return {str(each["name"]) for each in stage.world.application.commands.values()}


async def test_every_feature_is_known_here(new_stage: NewStage) -> None:
    assert set(COMMANDS) == set(COGS)
    stage = await begun(new_stage, COGS)
    assert registered(stage) == set[str]().union(*COMMANDS.values())


@pytest.mark.parametrize("missing", COGS)
async def test_each_can_be_left_out(new_stage: NewStage, missing: str) -> None:
    stage = await begun(new_stage, tuple(name for name in COGS if name != missing))
    carol, general = someone(stage), stage.channel("general")
    assert registered(stage) == set[str]().union(*(COMMANDS[name] for name in COGS if name != missing))
    if missing != "cogs.help":
        use = await carol.command(general, "help")
        lines = (await use.message()).text
        assert all(
            (f"</{name}" in lines) is (name in registered(stage)) for name in ("ask", "imagine", "video", "jobs")
        )
    if missing != "cogs.ask":
        use = await carol.command(general, "ask", prompt="Hello")
        await use.until(was_whole)
    if missing != "cogs.imagine":
        use = await carol.command(general, "imagine", prompt="A fox", shape="128x96")
        card = await use.until(has_pictures(1))
        for button in labels(card):
            answer = await carol.press(card, label=button)
            await answer.acknowledged()
            assert "(ref" not in answer.text
            assert "no longer" not in answer.text
        if missing != "cogs.remove":
            use = await carol.message_command(card, "Remove")
            await use.until(lambda message: message.ephemeral and not message.loading)
    if missing != "cogs.privacy":
        use = await carol.command(general, "privacy show")
        await use.until(lambda message: bool(message.attachments))
        question = await (await carol.command(general, "privacy delete")).message()
        use = await carol.press(question)
        await use.acknowledged()
    log = stage.bot.log.read_text(encoding="utf-8")
    assert " ERROR " not in log
    assert "Traceback" not in log


async def test_rows_of_a_missing_feature_are_shown_and_forgotten(new_stage: NewStage) -> None:
    """The tables say whose rows they are: /privacy and the janitor need none of the features that wrote them."""
    stage = await begun(new_stage, ("cogs.privacy",))
    carol, general = someone(stage), stage.channel("general")
    await stage.stop()
    long_ago, lately = time.time() - 40 * 86_400, time.time() - 86_400

    def rows(query: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(stage.data_dir / "onekey.db", timeout=5)) as database, database:
            return database.execute(query, values).fetchall()

    columns = "id, guild_id, channel_id, application_id, started_by, locale, theme, state, paid_by, ideas_each"
    jam = f"INSERT INTO jams ({columns}, created_at, ends_at, ended_at) VALUES (?, 1, 2, 3, ?, {OVER}, 0, 1, ?)"  # noqa: S608 - these lines
    idea = "INSERT INTO jam_ideas (jam_id, round, person_id, said, created_at) VALUES (?, 1, ?, 'in snow', 0)"
    for id_, ended_at in ((1, long_ago), (2, lately)):
        rows(jam, id_, carol.id, ended_at)
        rows(idea, id_, carol.id)
    for kind, day in (("imagine", 1), ("video", int(time.time() // 86_400) + 1)):
        rows("INSERT INTO daily_counts VALUES (?, ?, ?, 1)", carol.id, kind, day)
    asked = "id, first_id, person_id, channel_id, private, headed, model, prompt, asked_bytes, answer_bytes"
    turn = f"INSERT INTO turns ({asked}, asked_at, ended_at) VALUES (1, 1, ?, 2, 0, 1, 'm', 'Why?', 4, 0, ?, ?)"  # noqa: S608 - these lines
    rows(turn, carol.id, time.time(), time.time())
    await stage.start()

    async def shown() -> dict[str, Any]:
        use = await carol.command(general, "privacy show")
        message = await use.until(lambda each: bool(each.attachments))
        return cast("dict[str, Any]", yaml.safe_load(message.attachments[0].data))

    await eventually(lambda: rows("SELECT theme FROM jams ORDER BY id") == [("",), ("foxes",)])
    await eventually(lambda: rows("SELECT kind FROM daily_counts") == [("video",)])
    stored = await shown()
    assert [jam.get("theme") for jam in stored["jams"]] == [None, "foxes"]
    assert [idea.get("said") for idea in stored["ideas"]] == [None, "in snow"]
    assert [one["prompt"] for one in stored["conversations"]] == ["Why?"]
    question = await (await carol.command(general, "privacy delete")).message()
    pressed = await carol.press(question, label=en("button.delete_mine"))
    await pressed.until(is_done)
    stored = await shown()
    assert [stored[name] for name in ("jams", "ideas", "conversations")] == [[], [], []]


async def test_the_example_of_the_guide_runs(new_stage: NewStage, tmp_path: Path) -> None:
    """CONTRIBUTING.md shows a whole feature: one command, one button, one stored row."""
    guide = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (code,) = re.findall(r'```python\n("""/hello.*?)```', guide, flags=re.DOTALL)
    (tmp_path / "hello.py").write_text(code, encoding="utf-8")
    stage = await begun(new_stage, (*COGS, "hello"), cwd=tmp_path)
    carol, general = someone(stage), stage.channel("general")
    use = await carol.command(general, "hello")
    card = await use.message()
    assert "Hello." in card.text
    await stage.restart()
    press = await carol.press(card, label="Again")
    answer = await press.message()
    assert answer.text == "Hello, for the 2nd time."
    assert len(code.splitlines()) <= 60
