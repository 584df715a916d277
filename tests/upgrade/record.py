"""Plays a whole server and writes it down: a generation and a jam in each state, every button, settings, an export.

    uv run python -m tests.upgrade.record

It was run at the commit whose schema `data/` holds, and is kept for the next time that the schema has changed so much
that a younger recording is worth its bytes. What no journey reaches in a second (an order that is 24 hours old) is set
in the rows afterwards.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.discord.models import Message
from sandbox.onekey import Behaviour, Plan
from sandbox.stage import Stage, staffed_scene
from tests.e2e.cards import film, has_clip, has_pictures, paint, says, someone
from tests.e2e.configuring import config, menu, told
from tests.e2e.jamming import Jam, start, vote
from tests.upgrade.recorded import FOLDER, presses_of, world_as_json
from tests.words import en

if TYPE_CHECKING:
    from sandbox.discord.models import Json
    from sandbox.discord.people import Person

SETTINGS = {
    "edit_model": "qwen-image-edit",
    "animate_model": "wan2.7-i2v",
    "video_resolution": "320x180",
    "image_size": "256x256",
    "max_images": "4",
    "prices": "ask=1, imagine=5, video=20",
    "server_pool": "100000/month",
    "blocked_words": "casino, a bad phrase",
    "max_running_videos_per_person": "2",
}
LONG = "A very long prompt about a fox in the snow, " * 8


async def main() -> None:
    folder = Path(tempfile.mkdtemp())
    behaviour = Behaviour(
        chat=Plan(first_token=0.02, words_per_second=400),
        images=Plan(delay=0.05),
        submit=Plan(queue_seconds=0.0, run_seconds=0.3),
    )
    async with Stage(
        scene=staffed_scene(), behaviour=behaviour, data_dir=folder / "data", poll_seconds=0.2, log=folder / "log"
    ) as stage:
        forms: list[str] = []
        export = await _settings(stage)
        await _pictures(stage, forms)
        await _private(stage, forms)
        jams = await _jams(stage, forms)
        await _videos(stage)
        await (await stage.person("bob").command(stage.channel("general"), "gallery show")).message()
        await asyncio.sleep(1.0)
        await stage.kill()
        recorded = world_as_json(stage.world)
        presses = presses_of(stage.world)
    with closing(sqlite3.connect(folder / "data" / "onekey.db")) as database:
        database.row_factory = sqlite3.Row
        _set_states(database, jams)
        rows = {name: _rows(database, name) for name in _tables(database)}
    FOLDER.mkdir(exist_ok=True)
    facts: Json = {"recorded_at": time.time()} | recorded
    for name, value in (("world", facts), ("rows", rows), ("presses", {"pressed": presses, "forms": sorted(forms)})):
        (FOLDER / f"{name}.json").write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
    (FOLDER / "settings.yaml").write_text(export, encoding="utf-8")
    shutil.rmtree(folder)


async def _settings(stage: Stage) -> str:
    alice, general = stage.person("alice"), stage.channel("general")
    for setting, value in SETTINGS.items():
        said = await told(alice, general, "set", setting=setting, value=value)
        assert "is now" in said, said
    for scope in ("channel", "category", "server"):
        await told(alice, stage.channel("pictures"), "set", setting="temperature", value="0.5", scope=scope)
    await told(alice, general, "set", setting="chat_model", value="qwen3-max")
    await told(alice, general, "undo")
    await told(alice, general, "set", setting="log_channel", value=f"<#{stage.channel('mod-log').id}>", scope="server")
    await told(alice, general, "grant", person=stage.person("bob"), credits=50, reason="a prize")
    export = (await config(alice, general, "export")).attachments[0].data.decode()
    panel = await config(alice, general, "panel")
    for group in ("config:setting:channel", "config:setting:channel:credits", "config:setting:channel:together"):
        for option in list(menu(panel, group)["options"]):
            await _choose(alice, panel, "config:scope:", "channel")
            await _choose(alice, panel, group, option["value"])
    for scope in ("category", "server", "channel"):
        pictures = await config(alice, stage.channel("pictures"), "panel")
        await _choose(alice, pictures, "config:setting:", "system_prompt")
        await _choose(alice, pictures, "config:scope:", scope)
    await config(alice, general, "history")
    return export


async def _choose(who: Person, message: Message, name: str, *values: object) -> None:
    use = await who.select(message, *values, custom_id=str(menu(message, name)["custom_id"]))
    await use.acknowledged()


async def _form(who: Person, message: Message, custom_id: str, forms: list[str]) -> None:
    opened = await who.press(message, custom_id=custom_id)
    forms.append(str((await opened.form())["custom_id"]))


async def _pictures(stage: Stage, forms: list[str]) -> None:
    bob, general = stage.person("bob"), stage.channel("general")
    use, card = await paint(bob, general, LONG, count=2)
    await use.until(has_pictures(2), 10)
    identity = str(card.buttons()[0]["custom_id"]).split(":")[1]
    await _form(bob, card, f"image:{identity}:remix", forms)
    for action in ("vary:1", "upscale:1", "animate:2"):
        await (await bob.press(card, custom_id=f"image:{identity}:{action}")).acknowledged()
    await asyncio.sleep(3)
    await vote(stage.person("carol"), card, 1)
    use, _ = await paint(bob, general, "Something [fault:policy]")
    await use.until(lambda message: bool(message.buttons()) or "declined" in message.text, 10)
    await paint(bob, general, "Something lost [fault:drop]")
    await asyncio.sleep(1)


async def _private(stage: Stage, forms: list[str]) -> None:
    alice, bob, general = stage.person("alice"), stage.person("bob"), stage.channel("general")
    del forms
    await (await bob.command(general, "jobs")).message()
    await (await alice.command(general, "jobs", whose="server")).message()
    await (await bob.command(general, "privacy delete")).message()
    await told(alice, stage.channel("pictures"), "set", setting="confirm_above", value="1", scope="server")
    await (await bob.command(stage.channel("pictures"), "imagine", prompt="To confirm", shape="256x256")).message()
    await told(alice, stage.channel("pictures"), "reset", setting="confirm_above", scope="server")
    use = await bob.command(general, "ask", prompt="An answer that grows [rate:2] [words:2000]")
    await use.message()


async def _jams(stage: Stage, forms: list[str]) -> dict[str, int]:
    """A jam in each state that a journey stays in; the ids of those whose state is set afterwards."""
    made: dict[str, Jam] = {}
    for name in ("open", "review", "making", "voting", "closing", "over", "opening", "merging"):
        channel = stage.world.text_channel(stage.guild, f"jam-{name}")
        jam = made[name] = await start(stage, channel=channel, who=someone(stage, f"starter-{name}"), reviewed=True)
        friend = someone(stage, f"friend-{name}")
        await jam.idea(friend, "a dragon on the roof")
        await jam.until("dragon")
    for name in ("review", "making", "voting", "closing", "over"):
        await made[name].review()
    for name in ("voting", "closing", "over"):
        jam = made[name]
        pictures = await jam.make()
        await vote(jam.starter, pictures, 1)
        await asyncio.sleep(0.2)
    await made["over"].press(made["over"].starter, en("button.jam_end_vote"))
    await made["over"].until("a dragon", rounds=1)
    await asyncio.sleep(1)
    await made["over"].close()
    await made["over"].ended()
    for name, label in (("open", "Add an idea"), ("review", "Edit")):
        opened = await made[name].press(made[name].starter, label)
        forms.append(str((await opened.form())["custom_id"]))
    return {name: number for number, name in enumerate(made, 1)}


async def _videos(stage: Stage) -> None:
    """One that is delivered, one in each state it can wait in, and those that ended badly."""
    carol, dave, general = stage.person("carol"), stage.person("dave"), stage.channel("general")
    use, _ = await film(carol, general, "A delivered one")
    await use.until(has_clip, 15)
    for prompt in ("A failed one [end:failed]", "One to be dropped [end:failed]", "One to expire [end:failed]"):
        use, _ = await film(carol, general, prompt)
        await use.until(lambda message: bool(message.buttons()), 15)
    use, card = await film(carol, general, "A cancelled one [run:600]")
    await use.until(says("Started"), 10)
    await (await carol.press(card, label="Cancel")).acknowledged()
    held = stage.world.text_channel(stage.guild, "held")
    use, card = await film(stage.person("小明"), held, "One that is made, and held [run:2]")
    await use.until(lambda message: "开始" in message.text, 10)
    await told(stage.person("alice"), held, "pause")
    for number in range(4):
        await film(dave, general, f"Running or queued, number {number} [run:600]")
    await paint(dave, general, "Being sent [delay:600]")
    await asyncio.sleep(3)


def _set_states(database: sqlite3.Connection, jams: dict[str, int]) -> None:
    change = database.execute
    for prompt, state in (("One to be dropped%", "dropped"), ("One to expire%", "expired")):
        change("UPDATE generations SET state = ?, reason = NULL WHERE prompt LIKE ?", (state, prompt))
    change("UPDATE jams SET state = 'opening' WHERE id = ?", (jams["opening"],))
    change("UPDATE jams SET state = 'merging', step = step + 1 WHERE id = ?", (jams["merging"],))
    change("UPDATE jams SET state = 'making', step = step + 1 WHERE id = ?", (jams["making"],))
    change("UPDATE jams SET state = 'closing', step = step + 1, closing = 1 WHERE id = ?", (jams["closing"],))
    # The commands that were registered are gone with the stand-in.
    change("DELETE FROM facts")
    database.commit()


def _tables(database: sqlite3.Connection) -> list[str]:
    found = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    return [name for (name,) in found if name not in {"sqlite_sequence", "alembic_version"}]


def _rows(database: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    return [dict(row) for row in database.execute(f'SELECT * FROM "{table}"')]  # noqa: S608 - a name of our schema


if __name__ == "__main__":
    asyncio.run(main())
