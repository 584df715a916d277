"""The owner's settings: each missing or impossible value is one line that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.env_file import nearest
from bot.environment import VARIABLES, misspelt, read_environment
from bot.errors import ConfigurationError
from bot.kinds import Kind

GOOD = {"DISCORD_TOKEN": "token-of-a-bot", "ONEKEY_API_KEY": "sk-secret-key"}


def test_two_values_are_enough(tmp_path: Path) -> None:
    environment = read_environment(GOOD, tmp_path / ".env")
    assert environment.onekey_base_url == "https://api.onekeymodel.com/v1"
    assert environment.default_models == ("deepseek-chat", "wan2.7-image", "wan2.7-t2v")
    assert environment.daily_limit_per_user == {Kind.ASK: 100, Kind.IMAGE: 20, Kind.VIDEO: 3}
    assert environment.video_poll_seconds == 5
    assert environment.allowed_guilds == frozenset()
    assert not environment.allow_user_install
    assert environment.database == f"sqlite:///{Path('data').resolve()}/onekey.db"


def test_the_process_goes_before_the_file_also_with_what_is_empty(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    written = "ONEKEY_API_KEY=sk-from-the-file\nCHAT_MODEL=of-the-file\nIMAGE_MODEL=\nLOG_LEVEL=debug\n"
    dotenv.write_text(written, encoding="utf-8")
    given = {name: value for name, value in GOOD.items() if name != "ONEKEY_API_KEY"}
    environment = read_environment({**given, "CHAT_MODEL": "of-the-process", "LOG_LEVEL": ""}, dotenv)
    assert environment.onekey_api_key == "sk-from-the-file"
    assert environment.chat_model == "of-the-process"
    assert environment.image_model == "wan2.7-image"
    assert environment.log_level == "info"
    with pytest.raises(ConfigurationError, match="ONEKEY_API_KEY is empty in the environment"):
        read_environment({**given, "ONEKEY_API_KEY": ""}, dotenv)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DISCORD_TOKEN", "with space in it"),
        ("ONEKEY_BASE_URL", "api.onekeymodel.com"),
        ("ONEKEY_BASE_URL", "ftp://api.onekeymodel.com"),
        ("ONEKEY_BASE_URL", "https://host:99999/v1"),
        ("DATABASE_URL", "mysql://host/name"),
        ("DISCORD_API_URL", "proxy:8080"),
        ("CHAT_MODEL", "two words"),
        ("VIDEO_POLL_SECONDS", "soon"),
        ("VIDEO_POLL_SECONDS", "0"),
        ("VIDEO_POLL_SECONDS", "nan"),
        ("ALLOWED_GUILDS", "my server"),
        ("ALLOW_USER_INSTALL", "perhaps"),
        ("DAILY_LIMIT_PER_USER", "ask"),
        ("DAILY_LIMIT_PER_USER", "ask=many"),
        ("DAILY_LIMIT_PER_USER", "sing=1"),
        ("DAILY_LIMIT_PER_USER", "video=-1"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_an_impossible_value_is_one_line_that_names_it_and_what_belongs_there(
    name: str, value: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_environment({**GOOD, name: value}, tmp_path / ".env")
    line = str(caught.value)
    hint = next(variable.hint for variable in VARIABLES if variable.name == name)
    assert line.startswith(name)
    assert hint in line
    assert "\n" not in line


def test_every_missing_value_has_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_environment({}, tmp_path / ".env")
    assert [line.split()[0] for line in str(caught.value).splitlines()] == ["DISCORD_TOKEN", "ONEKEY_API_KEY"]


def test_secrets_are_in_no_message_and_no_repr(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_environment({**GOOD, "DISCORD_TOKEN": "hush hush"}, tmp_path / ".env")
    assert "hush" not in str(caught.value)
    environment = read_environment({**GOOD, "DATABASE_URL": "postgresql://me:hush@host/name"}, tmp_path / ".env")
    for secret in (*GOOD.values(), "hush"):
        assert secret not in repr(environment)


def test_limits_name_what_they_change(tmp_path: Path) -> None:
    environment = read_environment({**GOOD, "DAILY_LIMIT_PER_USER": "video=unlimited, ask=0"}, tmp_path / ".env")
    assert environment.daily_limit_per_user == {Kind.ASK: 0, Kind.IMAGE: 20, Kind.VIDEO: None}


FILE = "# 机器人的令牌\nDISCORD_TOKEN=token-of-a-bot\nONEKEY_API_KEY=sk-secret-key\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gbk", "utf-32"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_file_of_any_encoding(encoding: str, newline: str, tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_bytes(FILE.replace("\n", newline).encode(encoding))
    environment = read_environment({}, dotenv)
    assert (environment.discord_token, environment.onekey_api_key) == (GOOD["DISCORD_TOKEN"], GOOD["ONEKEY_API_KEY"])


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"\0\0\0\1", b"a" * 2_000_000, None])
def test_a_file_that_can_not_be_read_is_one_line(data: bytes | None, tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    if data is None:
        dotenv.mkdir()
    else:
        dotenv.write_bytes(data)
    with pytest.raises(ConfigurationError, match=r"\.env can't be read[^\n]*\.$"):
        read_environment(GOOD, dotenv)


@pytest.mark.parametrize(
    "written",
    [
        '"{}"',
        "'{}'",
        "`{}`",
        "“{}”",
        "‘{}’",
        "”{}”",
        "「{}」",
        ' "{}" ',
        '" {} "',
        "{}  ",
        "{}\r",
        "\ufeff{}",
        "{}\u200b",
    ],
)
def test_what_stands_around_a_value_is_taken_off(written: str, tmp_path: Path) -> None:
    value = written.format("sk-secret-key")
    assert read_environment({**GOOD, "ONEKEY_API_KEY": value}, tmp_path / ".env").onekey_api_key == "sk-secret-key"
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"export DISCORD_TOKEN=token-of-a-bot\nONEKEY_API_KEY = {value}\n", encoding="utf-8")
    assert read_environment({}, dotenv).onekey_api_key == "sk-secret-key"


def test_what_is_no_pair_stays(tmp_path: Path) -> None:
    prompt = '"Yes" or "no"'
    assert read_environment({**GOOD, "SYSTEM_PROMPT": prompt}, tmp_path / ".env").system_prompt == prompt
    assert read_environment({**GOOD, "IMAGE_MODEL": '""'}, tmp_path / ".env").image_model == "wan2.7-image"
    with pytest.raises(ConfigurationError, match="quotation mark"):
        read_environment({**GOOD, "ONEKEY_API_KEY": '"sk-secret-key'}, tmp_path / ".env")
    exported = {"export ONEKEY_API_KEY": "sk-1-2-3-4", "DISCORD_TOKEN": "token-of-a-bot"}
    assert read_environment(exported, tmp_path / ".env").onekey_api_key == "sk-1-2-3-4"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ONEKEY_APIKEY", "ONEKEY_API_KEY"),
        ("ONEKEY_KEY", "ONEKEY_API_KEY"),
        ("onekey_api_key", "ONEKEY_API_KEY"),
        ("DISCORD_TOKN", "DISCORD_TOKEN"),
        ("DISCORD-TOKEN", "DISCORD_TOKEN"),
        ("DISCORD_BOT_TOKEN", "DISCORD_TOKEN"),
        ("CHAT_MODLE", "CHAT_MODEL"),
        ("VIDEO_MODELS", "VIDEO_MODEL"),
        ("ALOWED_GUILDS", "ALLOWED_GUILDS"),
        ("DAILY_LIMITS_PER_USER", "DAILY_LIMIT_PER_USER"),
    ],
)
def test_a_misspelt_name_is_told(name: str, meant: str, tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"TZ=UTC\nPOSTGRES_PASSWORD=x\n{name}=hush\n", encoding="utf-8")
    told = misspelt({}, dotenv)
    assert told == {name: f"in {dotenv} isn't a setting of this bot. Did you mean {meant}?"}
    with pytest.raises(ConfigurationError, match=rf"(?m)^{name} in .* Did you mean {meant}\?$") as caught:
        read_environment({}, dotenv)
    assert "hush" not in str(caught.value)


def test_of_the_environment_only_what_seems_ours_is_told(tmp_path: Path) -> None:
    environ = {"ONEKEY_APIKEY": "x", "DISCORD_WEBHOOK_URL": "x", "CHAT_MODLE": "x", "PATH": "x", "OPENAI_API_KEY": "x"}
    assert list(misspelt(environ, tmp_path / ".env")) == ["ONEKEY_APIKEY"]
    assert misspelt({**GOOD, "DISCORD_TOKEN_2": "x"}, tmp_path / ".env") == {}


def test_our_own_names_are_not_near_each_other() -> None:
    names = [variable.name for variable in VARIABLES]
    assert [name for name in names if nearest(name, [other for other in names if other != name])] == []
