"""The command line: what is missing or wrong is one line and exit code 2, before anything connects."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from sandbox.discord.models import MESSAGE_CONTENT
from sandbox.discord.permissions import Permission
from sandbox.process import BotProcess
from sandbox.stage import BOT_PERMISSIONS, ROOT, Stage
from tests.e2e import forking
from tests.e2e.asking import ask, end_of, was_whole
from tests.e2e.cards import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from sandbox.process import Child
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECONDS = 20.0


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def last_line(self) -> str:
        return self.err.splitlines()[-1]

    def line(self, what: str) -> str:
        """The one that `check` says of it."""
        (found,) = [each for each in self.out.splitlines() if each.startswith(f"{what} ")]
        return found


async def bot(environment: Mapping[str, str], cwd: Path, *words: str) -> Ended:
    """Run `python -m bot …` to its end."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = (Path(folder) / name for name in ("out", "err"))
        process = await forking.started(words, environment, cwd, out=out, err=err)
        code = await _end_of(process)
        return Ended(code, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))


async def new_python(environment: Mapping[str, str], cwd: Path, *words: str) -> Ended:
    """The same, and not in a process that has it imported already."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=cwd,
        env=dict(environment),
    )
    (out, err), code = await asyncio.gather(process.communicate(), _end_of(process))
    return Ended(code, out.decode(), err.decode())


async def _end_of(process: Child) -> int:
    try:
        async with asyncio.timeout(SECONDS):
            return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Both stand-ins, and no bot: the tests start their own."""
    async with Stage(start=False, data_dir=tmp_path_factory.mktemp("world") / "data") as stage:
        yield stage


@pytest.fixture
def settings(world: Stage, tmp_path: Path) -> dict[str, str]:
    """Settings with which it would run."""
    return world.bot.environment | {"DATA_DIR": str(tmp_path / "data")}


@pytest.fixture
def untouched(world: Stage):
    """Nothing connects: neither Discord nor the API hears of the process."""
    heard = (sum(world.discord.limits.served.values()), len(world.api.requests), world.discord.gateway.identifies)
    yield
    assert heard == (
        sum(world.discord.limits.served.values()),
        len(world.api.requests),
        world.discord.gateway.identifies,
    )


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("DISCORD_TOKEN", None, "Discord developer portal"),
        ("DISCORD_TOKEN", "", "Discord developer portal"),
        ("ONEKEY_API_KEY", None, "OneKeyModel account"),
        ("ONEKEY_BASE_URL", "ftp://api.onekeymodel.com/v1", "https://"),
        ("VIDEO_POLL_SECONDS", "often", "seconds"),
    ],
)
async def test_missing_or_impossible_value(
    settings: dict[str, str], tmp_path: Path, name: str, value: str | None, hint: str
):
    settings.pop(name, None)
    if value is not None:
        settings[name] = value
    ended = await bot(settings, tmp_path, "run")

    assert ended.code == 2
    assert ended.out == ""
    assert len(ended.err.splitlines()) == 1
    assert ended.err.startswith(f"{name} ")
    assert hint in ended.err


IMPOSSIBLE = {
    "DISCORD_TOKEN": ("a token with spaces", "Discord developer portal"),
    "ONEKEY_API_KEY": ("short", "OneKeyModel account"),
    "ONEKEY_BASE_URL": ("api.onekeymodel.com", "https://"),
    "DATABASE_URL": ("mysql://root@localhost/bot", "postgresql://"),
    "DISCORD_API_URL": ("proxy", "http://"),
    "CHAT_MODEL": ("two words", "/ask"),
    "IMAGE_MODEL": ("m" * 101, "/imagine"),
    "VIDEO_POLL_SECONDS": ("0", "seconds"),
    "ALLOWED_GUILDS": ("My Server", "server IDs"),
    "DIRECT_MESSAGES": ("friends", "everyone"),
    "ALLOW_USER_INSTALL": ("perhaps", "true"),
    "DAILY_LIMIT_PER_USER": ("ask=many", "unlimited"),
    "ALLOW_PRIVATE_URLS": ("perhaps", "true"),
    "HEALTH": ("9465", "/healthz"),
    "METRICS": ("127.0.0.1:port", "Prometheus"),
    "LOG_LEVEL": ("loud", "debug"),
    "LOG_FORMAT": ("xml", "json"),
}


@pytest.mark.usefixtures("untouched")
async def test_each_problem_is_a_line(settings: dict[str, str], tmp_path: Path):
    ended = await new_python(settings | {name: value for name, (value, _) in IMPOSSIBLE.items()}, tmp_path)
    lines = {line.split()[0]: line for line in ended.err.splitlines()}

    assert ended.code == 2
    assert lines.keys() == IMPOSSIBLE.keys()
    assert len(ended.err.splitlines()) == len(IMPOSSIBLE)
    for name, (_, hint) in IMPOSSIBLE.items():
        assert hint in lines[name]
    assert "a token with spaces" not in ended.err


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://bot:s3cr3t-word@@host/bot",
        "sqlite:////proc/nowhere/s3cr3t-word/bot.db",
        "sqlite://s3cr3t-word",
    ],
)
async def test_database_that_can_not_be_opened(settings: dict[str, str], tmp_path: Path, url: str):
    ended = await bot(settings | {"DATABASE_URL": url}, tmp_path)

    assert ended.code == 2
    assert ended.last_line.startswith("DATABASE_URL")
    assert "Traceback" not in ended.err
    if url.startswith("postgresql"):
        assert "s3cr3t-word" not in ended.err, "a password is no part of a message"


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("host", ["127.0.0.1:1", "no-such-host.invalid"])
async def test_database_that_is_not_there_is_waited_for(settings: dict[str, str], tmp_path: Path, host: str):
    settings |= {"DATABASE_URL": f"postgresql://bot:s3cr3t-word@{host}/bot"}
    waiting = BotProcess(environment=settings, cwd=tmp_path, log=tmp_path / "log", spawn=forking.fork)
    await waiting.start()
    await eventually(lambda: "the database can't be had, trying again in 2 s" in waiting.log_end())
    assert await waiting.stop() == 0
    assert "s3cr3t-word" not in waiting.log.read_text()


@pytest.mark.usefixtures("untouched")
async def test_damaged_database(settings: dict[str, str], tmp_path: Path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "onekey.db").write_bytes(b"This is no database at all. " * 400)
    ended = await bot(settings, tmp_path)

    assert ended.code == 2
    assert ended.last_line.startswith("DATABASE_URL")
    assert "Traceback" not in ended.err


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("below", ["", "/data"], ids=["a file", "below a file"])
async def test_data_dir_that_can_not_be_used(settings: dict[str, str], tmp_path: Path, below: str):
    (tmp_path / "file").write_text("not a folder")
    ended = await bot(settings | {"DATA_DIR": f"{tmp_path / 'file'}{below}"}, tmp_path)

    assert ended.code == 2
    assert ended.last_line.startswith("DATA_DIR ")
    assert "Traceback" not in ended.err


async def test_wrong_discord_token(world: Stage, settings: dict[str, str], tmp_path: Path):
    ended = await bot(settings | {"DISCORD_TOKEN": "wrong-token-wrong"}, tmp_path)

    assert ended.code == 2
    assert ended.last_line.startswith("Discord rejected DISCORD_TOKEN")
    assert "Reset Token" in ended.last_line
    assert "Traceback" not in ended.err
    assert "wrong-token-wrong" not in ended.err
    assert world.discord.gateway.identifies == 0


async def test_a_connection_that_discord_closes_for_good(new_stage: NewStage):
    """By its close code; after any other the bot is back."""
    stage = await new_stage()
    gateway = stage.discord.gateway
    for times, code in enumerate((4000, 4001, 4007, 4008, 4009), start=1):
        await gateway.close(code)
        await eventually(lambda: sum(each.resumed for each in gateway.sessions.values()) == times, within=20)  # noqa: B023 - it is waited for at once
    assert was_whole(await end_of(await ask(stage, "Still there")))
    for code, line in ((4004, "Discord rejected DISCORD_TOKEN"), *((code, f"({code})") for code in range(4010, 4015))):
        if not stage.bot.running:
            await stage.start()
        async with asyncio.timeout(15):
            while stage.bot.running:  # one that breaks in the same moment tells no code; Discord closes the next, too
                await gateway.close(code)
                await asyncio.sleep(0.3)
            assert await stage.bot.ended() == 2, code
        assert line in stage.bot.log_end(1)
        assert "Traceback" not in stage.bot.log_end(100)


async def test_base_url_of_a_website(world: Stage, settings: dict[str, str], tmp_path: Path):
    website = world.api.base_url.removesuffix("/v1") + "/pricing"
    ended = await bot(settings | {"ONEKEY_BASE_URL": website}, tmp_path)

    assert ended.code == 2
    assert ended.last_line.startswith("ONEKEY_BASE_URL returned a web page")
    assert "Traceback" not in ended.err


async def test_second_process_on_the_same_database(new_stage: NewStage, tmp_path: Path):
    stage = await new_stage()
    identifies = stage.discord.gateway.identifies
    ended = await bot(stage.bot.environment, tmp_path)

    assert ended.code == 2
    assert f"pid {stage.bot.pid}" in ended.last_line
    assert "another process" in ended.last_line
    assert "Traceback" not in ended.err
    assert stage.discord.gateway.identifies == identifies
    assert was_whole(await end_of(await ask(stage, "The first one goes on")))


async def test_settings_from_dotenv_without_a_word(new_stage: NewStage, tmp_path: Path):
    cwd = tmp_path / "cwd"
    cwd.mkdir()
    stage = await new_stage(start=False, cwd=cwd, data_dir=tmp_path / "fresh")
    moved = ("DISCORD_TOKEN", "ONEKEY_API_KEY", "ONEKEY_BASE_URL", "DISCORD_API_URL")
    lines = [f"{name}={stage.bot.environment.pop(name)}" for name in moved]
    lines += ["# 从文件里来", 'SYSTEM_PROMPT="From the file"', "CHAT_MODEL=deepseek-chat"]
    (cwd / ".env").write_text("\n".join(lines), encoding="utf-16")  # as PowerShell writes it
    stage.bot.environment |= {"DATA_DIR": "kept", "CHAT_MODEL": "qwen3-max"}
    stage.bot.arguments = ("-m", "bot")
    await stage.start()

    assert was_whole(await end_of(await ask(stage, "Who answers?")))
    body = stage.api.requests.of("chat")[-1].json
    assert body["model"] == "qwen3-max", "the environment goes before the file"
    assert "From the file" in str(body["messages"])
    assert (cwd / "kept" / "onekey.db").is_file()


@pytest.mark.usefixtures("untouched")
async def test_dotenv_that_is_no_text_is_one_line(settings: dict[str, str], tmp_path: Path):
    (tmp_path / ".env").write_bytes(b"PK\x03\x04")
    for words in ((), ("check",)):
        ended = await bot(settings, tmp_path, *words)
        assert (ended.code, ended.err) == (2, ".env can't be read as text. Save it as UTF-8.\n")


@pytest.mark.usefixtures("untouched")
async def test_misspelt_name_is_told_beside_what_is_missing(settings: dict[str, str], tmp_path: Path):
    token = settings.pop("DISCORD_TOKEN")
    ended = await bot(settings | {"DISCORD_TOKN": token}, tmp_path)

    assert ended.code == 2
    assert ended.err.startswith("DISCORD_TOKEN is missing: ")
    said = "DISCORD_TOKN in the environment isn't a setting of this bot. Did you mean DISCORD_TOKEN?"
    assert ended.last_line == said
    assert token not in ended.err


async def test_check_tells_of_a_misspelt_name(settings: dict[str, str], tmp_path: Path):
    (tmp_path / ".env").write_text("CHAT_MODLE=qwen3-max\n", encoding="utf-8")
    ended = await bot(settings | {"IMAGE_MODEL": '"WAN2.7-Image"'}, tmp_path, "check")

    assert ended.code == 0, ended.out
    said = r"CHECK +in \.env isn't a setting of this bot\. Did you mean CHAT_MODEL\?"
    assert re.search(rf"^CHAT_MODLE +{said}$", ended.out, re.MULTILINE)
    assert re.search(r"^image model +ok +wan2\.7-image$", ended.out, re.MULTILINE)


@pytest.mark.usefixtures("untouched")
async def test_help(settings: dict[str, str], tmp_path: Path):
    ended = await new_python({name: settings[name] for name in ("PATH", "PYTHONPATH")}, tmp_path, "--help")

    assert ended.code == 0
    assert ended.err == ""
    for word in ("run", "check", "sandbox"):
        assert re.search(rf"^ +{word} {{2,}}\S", ended.out, re.MULTILINE)


@pytest.mark.usefixtures("untouched")
async def test_version(settings: dict[str, str], tmp_path: Path):
    ended = await bot({name: settings[name] for name in ("PATH", "PYTHONPATH")}, tmp_path, "--version")

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (ended.code, ended.out, ended.err) == (0, f"onekey-bot {project['version']}\n", "")


@pytest.mark.usefixtures("untouched")
async def test_unknown_word(settings: dict[str, str], tmp_path: Path):
    ended = await new_python(settings, tmp_path, "walk")

    assert ended.code == 2
    assert "Traceback" not in ended.err
    assert "walk" in ended.err


@pytest.mark.parametrize("signal_name", ["SIGTERM", "SIGINT", "SIGHUP"])
async def test_ends_when_told_to(new_stage: NewStage, signal_name: str):
    stage = await new_stage()
    stage.bot.signal(signal.Signals[signal_name])
    async with asyncio.timeout(10):
        assert await stage.bot.ended() == 0
    assert "Traceback" not in stage.bot.log.read_text()


# check


async def test_check_says_that_all_is_well(world: Stage, settings: dict[str, str], tmp_path: Path):
    ended = await new_python(settings, tmp_path, "check")

    assert ended.code == 0, ended.out + ended.err
    invite = re.search(r"https://discord\.com/\S+", ended.out)
    assert invite is not None
    assert f"client_id={world.world.application.id}" in invite[0]
    assert re.search(r"scope=bot(\+|%20)applications\.commands(&|$)", invite[0])
    react, view, send, files, history, write, begin = (1 << bit for bit in (6, 10, 11, 15, 16, 38, 35))
    permissions = re.search(r"permissions=(\d+)", invite[0])
    assert permissions is not None
    assert int(permissions[1]) == react | view | send | files | history | write | begin
    for secret in (settings["DISCORD_TOKEN"], settings["ONEKEY_API_KEY"]):
        assert secret not in ended.out + ended.err
    assert world.discord.gateway.identifies == 0


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"DISCORD_TOKEN": "wrong-token-wrong", "ONEKEY_API_KEY": "sk-wrong-wrong", "LOG_LEVEL": "loud"}, 2),
        ({"DISCORD_TOKEN": "", "CHAT_MODEL": "no-such-model"}, 2),
        ({"ONEKEY_BASE_URL": "website"}, 2),
        ({"DATABASE_URL": "postgresql://bot:s3cr3t-word@127.0.0.1:1/bot"}, 3),
        ({"DATABASE_URL": "postgresql://bot:s3cr3t-word@127.0.0.1:1/bot", "CHAT_MODEL": "no-such-model"}, 2),
        ({"ONEKEY_BASE_URL": "http://127.0.0.1:1/v1"}, 3),
    ],
)
async def test_check_says_what_is_not_well(
    world: Stage, settings: dict[str, str], tmp_path: Path, wrong: dict[str, str], code: int
):
    website = world.api.base_url.removesuffix("/v1") + "/pricing"
    settings |= {name: website if value == "website" else value for name, value in wrong.items()}
    ended = await bot(settings, tmp_path, "check")
    not_well = [line for line in ended.out.splitlines() if " NOT OK " in line]

    assert ended.code == code, ended.out
    assert any("  not now: " in line for line in not_well) == any("127.0.0.1:1/" in value for value in wrong.values())
    assert "Traceback" not in ended.out + ended.err
    for name in wrong:
        assert any(name in line or line.split()[0] in {"database", "API"} for line in not_well)
    assert len(not_well) == len(wrong)
    for secret in ("wrong-token-wrong", "sk-wrong-wrong", "s3cr3t-word"):
        assert secret not in ended.out + ended.err


@pytest.mark.parametrize(
    ("used", "threshold", "line"),
    [
        (7.66, "5", "ok      12.34 left of 20.00"),
        (7.66, "", "ok      12.34 left of 20.00"),
        (16.0, "", "ok      4.00 left of 20.00"),
        (16.0, "5", "LOW     4.00 left of 20.00: below LOW_BALANCE (5)"),
        (20.0, "", "LOW     0.00 left of 20.00: used up; top up the account"),
        (21.5, "5", "LOW     -1.50 left of 20.00: used up; top up the account"),
    ],
)
async def test_check_says_that_the_balance_is_low(  # noqa: PLR0917 - fixtures, then what differs
    world: Stage, settings: dict[str, str], tmp_path: Path, used: float, threshold: str, line: str
):
    world.api.used, before = used, world.api.used
    try:
        ended = await bot(settings | {"LOW_BALANCE": threshold}, tmp_path, "check")
    finally:
        world.api.used = before

    assert ended.code == 0, ended.out + ended.err
    assert ended.line("balance").removeprefix("balance").strip() == line


async def test_check_says_whether_discord_grants_the_text_of_messages(
    world: Stage, settings: dict[str, str], tmp_path: Path
):
    application = world.world.application
    assert "messages" not in (await bot(settings, tmp_path, "check")).out
    settings |= {"MESSAGE_CONTENT": "true"}
    ended = await bot(settings, tmp_path, "check")
    assert " NOT OK " in ended.line("messages")
    assert "Message Content Intent" in ended.line("messages")
    assert ended.code == 2
    application.intents, before = application.intents | MESSAGE_CONTENT, application.intents
    try:
        ended = await bot(settings, tmp_path, "check")
    finally:
        application.intents = before
    assert " ok " in ended.line("messages")
    assert ended.code == 0


async def test_check_says_which_permissions_are_missing(world: Stage, settings: dict[str, str], tmp_path: Path):
    lacking = world.world.guild("Poor", bot_permissions=BOT_PERMISSIONS & ~Permission.ADD_REACTIONS)
    lacking.roles[lacking.id].permissions &= ~Permission.ADD_REACTIONS
    try:
        ended = await bot(settings, tmp_path, "check")
    finally:
        lacking.app_installed = False
    assert ended.line("permissions").removeprefix("permissions").strip() == "CHECK   missing in Poor: Add Reactions"
    assert ended.code == 0


async def test_check_while_the_bot_runs(new_stage: NewStage, tmp_path: Path):
    stage = await new_stage()
    ended = await bot(stage.bot.environment, tmp_path, "check")

    assert ended.code == 0, ended.out + ended.err
    assert was_whole(await end_of(await ask(stage, "The bot goes on")))
