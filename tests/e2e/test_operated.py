"""What an owner does with it: check before a start, a backup and back from one, and how it does while it runs."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import resource
import signal
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from sandbox.stage import ROOT, Stage
from tests.e2e import elsewhere
from tests.e2e.asking import ask, end_of
from tests.e2e.cards import (
    RUNNING,
    eventually,
    film,
    has_clip,
    has_pictures,
    labels,
    paint,
    remove,
    says,
    server,
    someone,
    sql,
    task_of,
)
from tests.e2e.test_command_line import bot
from tests.e2e.test_privacy import delete
from tests.unit.service import free_port
from tests.upgrade.test_upgrade import make
from tests.words import en

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

VIDEO_SECONDS = 600  # until a test says otherwise


def contents(folder: Path) -> dict[str, tuple[str, int]]:
    """All files of a folder, by what is in them and when they were written."""
    return {
        str(path.relative_to(folder)): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(
    ("revision", "line"),
    [
        (None, "SQLite, empty: run makes its tables"),
        ("0012", "SQLite, schema 0012: run makes a copy and brings it to"),
    ],
)
async def test_check_changes_nothing_and_says_what_run_would_do(
    tmp_path: Path, revision: str | None, line: str
) -> None:
    data = tmp_path / "data"
    async with Stage(start=False, data_dir=data) as stage:
        if revision is not None:
            await make(f"sqlite:///{data / 'onekey.db'}", revision)
        else:
            data.rmdir()
        before = contents(tmp_path)
        ended = await bot(stage.bot.environment, tmp_path, "check")
    assert ended.code == 0, ended.out + ended.err
    assert line in ended.out
    assert contents(tmp_path) == before
    assert data.exists() == (revision is not None)


async def test_a_key_that_is_refused_is_named_at_the_start(tmp_path: Path) -> None:
    async with Stage(start=False, data_dir=tmp_path / "data") as stage:
        ended = await bot(stage.bot.environment | {"ONEKEY_API_KEY": "sk-wrong-wrong"}, tmp_path, "run")
    assert ended.code == 2
    assert ended.last_line.startswith("The service rejected ONEKEY_API_KEY (http://127.0.0.1:")
    assert "Traceback" not in ended.err


async def test_a_key_that_worked_once_is_named_and_the_bot_goes_on(new_stage: NewStage) -> None:
    stage = await new_stage()
    stage.discord.limits.groups["gateway"] = None
    await end_of(await ask(stage, "It works"))
    await stage.stop()
    stage.bot.environment["ONEKEY_API_KEY"] = "sk-no-longer"
    await stage.start()
    await eventually(lambda: "the service rejects ONEKEY_API_KEY" in stage.bot.log.read_text())
    stage.check()


async def test_a_postgresql_that_is_not_there_yet_is_waited_for(
    new_stage: NewStage, postgresql_url: str, tmp_path: Path
) -> None:
    """Its socket's folder comes later, as the server does that is started beside the bot."""
    later = tmp_path / "later"
    folder = parse_qs(urlsplit(postgresql_url).query)["host"][0]
    url = postgresql_url.replace(folder, str(later))
    stage = await new_stage(environment={"DATABASE_URL": url}, start=False)
    starting = asyncio.create_task(stage.start())
    await eventually(lambda: "the database can't be had, trying again in 2 s" in stage.bot.log_end(99))
    later.symlink_to(folder)
    await starting
    await end_of(await ask(stage, "It is there"))

    later.unlink()
    await stage.stop()
    waiting = asyncio.create_task(stage.start())
    await eventually(lambda: stage.bot.log.read_text().count("the database can't be had") > 2)
    stage.bot.signal(signal.SIGTERM)
    async with asyncio.timeout(10):
        assert await stage.bot.ended() == 0
    await asyncio.gather(waiting, return_exceptions=True)


async def test_back_from_a_backup_after_a_kill(new_stage: NewStage, tmp_path: Path) -> None:
    """Taken while videos run; then the process is killed and the disk's file damaged, its log left beside it."""
    stage = await new_stage()
    stage.discord.limits.groups |= {"gateway": None, "webhook.patch": None}
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    runs, running_card = await film(carol, channel, "It runs")
    await runs.until(says(RUNNING))
    sent, _ = await paint(dave, channel, "It is sent [delay:600]")
    await stage.api.requests.until(lambda: any("is sent" in request.prompt for request in stage.api.requests))

    file = tmp_path / "backup.db"
    ended = await bot(stage.bot.environment, tmp_path, "backup", str(file))
    assert ended.code == 0, ended.err
    assert sql(stage, "SELECT count(*) FROM generations WHERE token IS NOT NULL")[0][0] == 2
    for use in (runs, sent):
        assert use.interaction.token.encode() not in file.read_bytes()
    refused = await bot(stage.bot.environment, tmp_path, "restore", str(file))
    assert refused.code == 2
    assert "another process" in refused.err

    lost, _ = await film(carol, channel, "Ordered after it")
    await lost.until(says(RUNNING))
    await stage.kill()
    database = stage.data_dir / "onekey.db"
    assert database.with_name("onekey.db-wal").exists()
    left = contents(stage.data_dir)
    assert "SQLite, schema up to date" in (await bot(stage.bot.environment, tmp_path, "check")).out
    assert contents(stage.data_dir) == left
    whole = database.read_bytes()
    database.write_bytes(b"\0" * 100 + whole[100:])
    ended = await bot(stage.bot.environment, tmp_path, "restore", str(file))
    assert ended.code == 0, ended.err
    assert "What people had deleted since then is not known here" in ended.out
    assert len(list(stage.data_dir.glob("replaced-*"))) == 3

    posted = len([one for one in stage.api.requests if "is sent" in one.prompt])
    await stage.start()
    task_of(stage, "It runs").finish()
    assert await runs.until(has_clip, 30) is running_card
    assert labels(await sent.until(lambda message: en("image.interrupted") in str(message.components))) == ["Retry"]
    assert len([one for one in stage.api.requests if "is sent" in one.prompt]) == posted, "nothing is sent by itself"
    new, _ = await paint(dave, channel, "And on")
    await new.until(has_pictures(1))


async def test_what_was_deleted_since_a_backup_is_deleted_again(new_stage: NewStage, tmp_path: Path) -> None:
    stage = await new_stage()
    stage.discord.limits.groups["gateway"] = None
    channel = server(stage)
    carol, dave, erin = (someone(stage, name, at=channel) for name in ("carol", "dave", "erin"))
    cards = [await paint(who, channel, "A cat") for who in (carol, dave, erin)]
    for use, _ in cards:
        await use.until(has_pictures(1))
    answer = await end_of(await erin.command(channel, "ask", prompt="Asked, and taken back"))
    file = tmp_path / "backup.db"
    assert (await bot(stage.bot.environment, tmp_path, "backup", str(file))).code == 0
    await delete(carol, channel)
    await remove(dave, cards[1][1])
    await remove(erin, answer)
    assert sql(stage, "SELECT count(*) FROM turns")[0][0] == 0
    await stage.stop()

    ended = await bot(stage.bot.environment, tmp_path, "restore", str(file))
    assert "Deleted once more at the next start: 3." in ended.out, ended.err
    everything = "SELECT person_id, removed_at IS NOT NULL FROM generations ORDER BY id"
    assert sql(stage, everything) == [(carol.id, 0), (dave.id, 0), (erin.id, 0)]
    assert sql(stage, "SELECT count(*) FROM turns")[0][0] == 1
    await stage.start()
    await eventually(lambda: sql(stage, everything) == [(dave.id, 1), (erin.id, 0)])
    await eventually(lambda: sql(stage, "SELECT count(*) FROM turns") == [(0,)])
    await eventually(lambda: sql(stage, "SELECT count(*) FROM deletions WHERE again_at IS NOT NULL") == [(0,)])


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process are Linux's")
async def test_health(new_stage: NewStage, tmp_path: Path) -> None:
    port = free_port()
    stage = await new_stage(environment={"HEALTH": f"127.0.0.1:{port}"})
    environment = stage.bot.environment

    async def health(*more: str) -> tuple[int, str]:
        ended = await bot(environment, tmp_path, "health", *more)
        assert ended.err == ""
        return ended.code, ended.out.strip()

    async with asyncio.timeout(20):
        while (await health())[0]:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.2)
    assert await health() == (0, '{"gateway": "ok", "database": "ok", "orders": "ok"}')
    assert await health("--alive") == (0, "alive")

    assert stage.bot.pid is not None
    before = resource.prlimit(stage.bot.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(stage.bot.pid, resource.RLIMIT_FSIZE, (0, before[1]))
    async with asyncio.timeout(20):
        while not (ended := await health())[0]:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.5)
    assert '"gateway": "ok"' in ended[1]
    assert "onekey.db: " in ended[1]
    assert (await health("--alive"))[0] == 0
    resource.prlimit(stage.bot.pid, resource.RLIMIT_FSIZE, before)
    await stage.stop()
    code, said = await health()
    assert (code, said.startswith(f"no answer from 127.0.0.1:{port}")) == (1, True)


async def test_metrics_hold_figures_and_nobody(new_stage: NewStage, tmp_path: Path) -> None:
    port = free_port()
    stage = await new_stage(environment={"METRICS": f"127.0.0.1:{port}", "BUDGET": "50/day", "LOG_LEVEL": "warning"})
    channel = server(stage)
    carol = someone(stage, at=channel)
    await (await paint(carol, channel, "A very private cat"))[0].until(has_pictures(1))
    await (await film(carol, channel, "A very private clip [run:0.1]"))[0].until(has_clip, 30)
    await end_of(await ask(stage, "A very private question"))

    async def read() -> str:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as answer:
            assert answer.status == 200
            assert answer.content_type == "text/plain"
            return await answer.text()

    async def until(line: str) -> str:
        async with asyncio.timeout(30):
            while f"\n{line}\n" not in (said := await read()):  # noqa: ASYNC110 - likewise
                await asyncio.sleep(0.2)
            return said

    said = await until("onekeybot_ready 1.0")
    for line in (
        'onekeybot_orders_total{kind="ask"} 1.0',
        'onekeybot_orders_total{kind="image"} 1.0',
        'onekeybot_generation_states_total{kind="video",state="delivered"} 1.0',
        'onekeybot_generations{kind="video",state="queued"} 0.0',
        'onekeybot_answers_total{outcome="stop"} 1.0',
        "onekeybot_answer_first_text_seconds_count 1.0",
        "onekeybot_answer_last_text_lag_seconds_count 1.0",
        'onekeybot_api_requests_total{result="2xx",route="/chat/completions"} 1.0',
        'onekeybot_generation_seconds_count{kind="video"} 1.0',
        'onekeybot_budget{part="limit"} 50.0',
        f"onekeybot_servers {len(stage.world.guilds):.1f}",
    ):
        await until(line)
    for name in ("gateway_latency_seconds{", "event_loop_lag_seconds_count", "database_transaction_seconds_count"):
        assert f"\nonekeybot_{name}" in said
    assert "private" not in said
    ids = [str(id_) for id_ in (carol.id, channel.id, stage.guild.id, *stage.world.users)]
    assert not [id_ for id_ in ids if id_ in said]
    assert "ordered" not in stage.bot.log.read_text(), "what is counted is not therefore written"

    if (promtool := await _run("promtool", "check", "metrics", given=said)) is None:
        pytest.skip("Prometheus did not read them: apt-get install prometheus")
    assert promtool == (0, "")
    assert await read_by_prometheus(tmp_path, port, "onekeybot_ready") == "1"


async def read_by_prometheus(folder: Path, port: int, query: str) -> str:
    """The value of a figure as a real Prometheus has it that reads the bot's."""
    own = free_port()
    target = f"scrape_configs: [{{job_name: a, static_configs: [{{targets: ['127.0.0.1:{port}']}}]}}]"
    (folder / "prometheus.yml").write_text(f"global: {{scrape_interval: 1s}}\n{target}\n")
    process = await asyncio.create_subprocess_exec(
        *("prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'tsdb'}"),
        f"--web.listen-address=127.0.0.1:{own}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(30), aiohttp.ClientSession() as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"http://127.0.0.1:{own}/api/v1/query", params={"query": query}) as answer:
                        found: Any = (await answer.json())["data"]["result"] if answer.status == 200 else []
                    if found:
                        return str(found[0]["value"][1])
                await asyncio.sleep(0.2)
    finally:
        process.terminate()
        await process.wait()


async def test_where_unix_is_not(new_stage: NewStage) -> None:
    """As on Windows, as far as that can be played here: it starts, answers, makes images, and ends when told to."""
    stage = await new_stage(start=False)
    stage.bot.arguments = (elsewhere.__file__, "run")
    await stage.start()
    channel = server(stage)
    await (await paint(someone(stage, at=channel), channel, "A cat"))[0].until(has_pictures(1))
    await end_of(await ask(stage, "And a word"))
    stage.bot.signal(signal.SIGINT)
    async with asyncio.timeout(10):
        assert await stage.bot.ended() == 0
    assert "Traceback" not in stage.bot.log.read_text()


async def test_children_where_unix_is_not(tmp_path: Path) -> None:
    """What decodes images and reads files goes on without the limits that are not there."""
    picture = tmp_path / "picture.bmp"
    picture.write_bytes(b"BM:\0\0\0\0\0\0\x006\0\0\0(\0\0\0\1\0\0\0\1\0\0\0\1\0\x18\0" + bytes(24) + b"\xff\0\0\0")
    prelude = f"import sys; sys.path[:0] = [{str(ROOT)!r}]; from tests.e2e import elsewhere; elsewhere.leave_out(); "
    decode = prelude + f"from bot.image_decoder import main; main('convert', 10**9, 20, 0, [{str(picture)!r}])"
    assert await _run(sys.executable, "-c", decode, given="") == (0, "")
    assert (tmp_path / "picture.bmp.png").stat().st_size > 50
    read = prelude + "from bot.documents.child import main; main(10**9, 6, 6.0)"
    ended = await _run(sys.executable, "-c", read, given=r"{\rtf1\ansi words}")
    assert ended is not None
    assert ended[0] == 0, ended[1]
    assert "words" in ended[1]


async def _run(*command: str, given: str) -> tuple[int, str] | None:
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={"PATH": os.environ["PATH"]},
        )
    except FileNotFoundError:
        return None
    out, _ = await process.communicate(given.encode())
    assert process.returncode is not None
    return process.returncode, out.decode()
