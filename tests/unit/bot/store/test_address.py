from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import ConfigurationError
from bot.store.address import PostgresqlAddress, SqliteAddress, parse


def postgresql(url: str) -> PostgresqlAddress:
    address = parse(url)
    assert isinstance(address, PostgresqlAddress)
    return address


def test_sqlite_with_an_absolute_and_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert parse("sqlite:////srv/bot/50% off.db") == SqliteAddress(Path("/srv/bot/50% off.db"))
    assert parse("sqlite:///data/one.db") == SqliteAddress(tmp_path / "data" / "one.db")


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_postgresql_under_its_names(scheme: str):
    address = postgresql(f"{scheme}://ann:p%40ss@db.example:5433/bot?sslmode=require")
    assert address.dsn == "postgresql://ann:p%40ss@db.example:5433/bot?sslmode=require"
    assert address.shown == "PostgreSQL at db.example:5433, database bot"


def test_options_that_are_not_asyncpgs_are_left_out():
    address = postgresql("postgres://ann@db/bot?sslmode=verify-full&channel_binding=require&application_name=x")
    assert address.dsn == "postgresql://ann@db/bot?sslmode=verify-full&application_name=x"


def test_sockets_and_several_hosts():
    assert postgresql("postgresql:///bot?host=/run/pg").shown == "PostgreSQL at /run/pg, database bot"
    assert postgresql("postgresql://u@a:5432,b:5433/bot").dsn == "postgresql://u@a:5432,b:5433/bot"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "bot.db",
        "mysql://x/y",
        "sqlite:/x.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://host/x.db",
        "sqlite:///x.db?mode=ro",
    ],
)
def test_what_is_no_database(url: str):
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        parse(url)


@pytest.mark.parametrize("password", ["hush@12", "hush/12", "hush#12", "hush[12"])
def test_a_password_with_stray_signs_is_not_repeated(password: str):
    with pytest.raises(ConfigurationError, match="percent-encoded") as refused:
        parse(f"postgresql://ann:{password}@db/bot")
    assert "hush" not in str(refused.value)


def test_a_password_is_not_shown():
    address = postgresql("postgresql://ann:hush:12@db/bot?password=hush2")
    assert "hush" not in address.shown + repr(address)


def test_redacting_knows_the_password_in_each_spelling():
    address = postgresql("postgresql://ann:p%40ss@db/bot?password=second")
    assert address.redact(f"{address.dsn}: p%40ss p@ss second third") == "***: *** *** *** third"
