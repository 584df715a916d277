"""The owner's settings: each missing or impossible value is one line that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.environment import VARIABLES, read_environment
from bot.errors import ConfigurationError

GOOD = {"DISCORD_TOKEN": "token-of-a-bot", "ONEKEY_API_KEY": "sk-secret-key"}


def test_two_values_are_enough(tmp_path: Path) -> None:
    environment = read_environment(GOOD, tmp_path / ".env")
    assert environment.onekey_base_url == "https://api.onekeymodel.com/v1"
    assert environment.default_models == ("deepseek-chat", "wan2.7-image", "wan2.7-t2v")
    assert environment.daily_limit_per_user == {"ask": 100, "imagine": 20, "video": 3}
    assert environment.video_poll_seconds == 5
    assert environment.allowed_guilds == frozenset()
    assert not environment.allow_user_install
    assert environment.database == f"sqlite:///{Path('data').resolve()}/onekey.db"


def test_the_process_goes_before_the_file_and_empty_is_unset(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("ONEKEY_API_KEY=sk-from-the-file\nCHAT_MODEL=of-the-file\nIMAGE_MODEL=\n", encoding="utf-8")
    environment = read_environment({**GOOD, "ONEKEY_API_KEY": "", "CHAT_MODEL": "of-the-process"}, dotenv)
    assert environment.onekey_api_key == "sk-from-the-file"
    assert environment.chat_model == "of-the-process"
    assert environment.image_model == "wan2.7-image"


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
    assert environment.daily_limit_per_user == {"ask": 0, "imagine": 20, "video": None}
