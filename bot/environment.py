"""What the owner sets: read once from the environment and `.env`, then frozen.

`VARIABLES` is the one table of them. The reader, `onekey-bot check`, `.env.example` and the table in docs/owners.md
are held to it by tests.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from bot.env_file import nearest, read_env_file, tidied
from bot.errors import ConfigurationError
from bot.kinds import BY_COMMAND, Kind
from bot.money import Budget, OwnPrice, parse_budget, parse_prices

_DOTENV = Path(".env")
_PREFIXES = ("ONEKEY_", "DISCORD_")


@dataclass(frozen=True, slots=True)
class Variable:
    """One setting of the owner: `default` None means that it must be given. `hint` says what to put there."""

    name: str
    default: str | None
    parse: Callable[[str], Any]
    hint: str
    secret: bool = False


def _token(value: str) -> str:
    if re.search(r"\s", value) or len(value) < 8:
        raise ValueError("doesn't look like a token or key")
    if re.search("[\"'`“”‘’]", value):
        raise ValueError("contains a quotation mark")
    return value


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("isn't an http(s) address such as https://example.org/v1")
    _ = parts.port  # raises ValueError itself for a port out of range
    return value.rstrip("/")


def _optional_url(value: str) -> str | None:
    return _url(value) if value else None


def _database_url(value: str) -> str:
    if value and not re.match(r"(postgres(ql)?|sqlite)://", value):
        raise ValueError("must begin with postgresql:// or sqlite://, or be empty")
    return value


def _name(value: str) -> str:
    if not value or re.search(r"\s", value) or len(value) > 100:
        raise ValueError("must be a model name: no spaces, at most 100 characters")
    return value


def _seconds(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        raise ValueError("must be a number of seconds") from None
    if not 0.1 <= number <= 3600:
        raise ValueError("must be between 0.1 and 3600 seconds")
    return number


def _amount(value: str) -> float | None:
    if not value:
        return None
    if not re.fullmatch(r"\d{1,12}(\.\d{1,4})?", value, re.ASCII):
        raise ValueError("must be a number such as 5 or 0.5, or be empty")
    return float(value)


def _flag(value: str) -> bool:
    lowered = value.lower()
    if lowered in {"true", "yes", "on", "1"}:
        return True
    if lowered in {"false", "no", "off", "0", ""}:
        return False
    raise ValueError("must be true or false")


def _address(value: str) -> tuple[str, int] | None:
    """Host and port. Without a host: every address of this machine."""
    if not value:
        return None
    host, separator, port = value.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not separator or not port.isdecimal() or not 0 < int(port) < 65536 or re.search(r"[\s/\[\]]", bare):
        raise ValueError("must be an address such as 127.0.0.1:9464")
    return bare, int(port)


def _shard_count(value: str) -> int | None:
    if not value:
        return None
    if not re.fullmatch(r"[1-9]\d{0,3}", value, re.ASCII):
        raise ValueError("must be a number of shards from 1 to 9999, or be empty")
    return int(value)


def _guilds(value: str) -> frozenset[int]:
    parts = [part for part in re.split(r"[\s,]+", value) if part]
    if not all(part.isascii() and part.isdigit() and len(part) <= 20 for part in parts):
        raise ValueError("must be server IDs separated by commas")
    return frozenset(map(int, parts))


def _limits(value: str) -> dict[Kind, int | None]:
    limits: dict[Kind, int | None] = {Kind.ASK: 100, Kind.IMAGE: 20, Kind.VIDEO: 3}
    for part in (part.strip() for part in value.split(",")):
        if not part:
            continue
        command, equals, number = (piece.strip() for piece in part.partition("="))
        kind = BY_COMMAND.get(command)
        if kind is None or not equals:
            raise ValueError("must look like ask=100,imagine=20,video=3")
        if number == "unlimited":
            limits[kind] = None
        elif number.isascii() and number.isdigit() and int(number) <= 1_000_000:
            limits[kind] = int(number)
        else:
            raise ValueError(f"{command} must be a whole number, or the word unlimited")
    return limits


def _direct_messages(value: str) -> str:
    """Empty: by ALLOWED_GUILDS, in `read_environment`."""
    return value and _one_of("off", "members", "everyone")(value)


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        word = value.lower()
        if word not in words:
            raise ValueError(f"must be one of: {', '.join(words)}")
        return word

    return parse


VARIABLES: tuple[Variable, ...] = (
    Variable(
        "DISCORD_TOKEN",
        None,
        _token,
        "the bot's token: Discord developer portal → your application → Bot → Reset Token",
        secret=True,
    ),
    Variable(
        "ONEKEY_API_KEY", None, _token, "the API key: your OneKeyModel account → API keys → create one", secret=True
    ),
    Variable("ONEKEY_BASE_URL", "https://api.onekeymodel.com/v1", _url, "the API's base URL, with or without /v1"),
    Variable("DATA_DIR", "./data", Path, "folder for the database, and for results until they are delivered"),
    Variable(
        "DATABASE_URL",
        "",
        _database_url,
        "empty for SQLite in DATA_DIR, or postgresql://user:password@host/name",
        secret=True,
    ),
    Variable(
        "DISCORD_API_URL", "", _optional_url, "a REST proxy for Discord, e.g. http://proxy:8080/api/v10; usually empty"
    ),
    Variable(
        "SHARD_COUNT",
        "",
        _shard_count,
        "for more than one process: how many shards they share out among them, about one for 1,000 servers; needs "
        "PostgreSQL, and is the same for every process (docs/scale.md); empty: one process, as Discord recommends",
    ),
    Variable("CHAT_MODEL", "deepseek-chat", _name, "default model for /ask"),
    Variable("IMAGE_MODEL", "wan2.7-image", _name, "default model for /imagine"),
    Variable("VIDEO_MODEL", "wan2.7-t2v", _name, "default model for /video"),
    Variable("SYSTEM_PROMPT", "", str, "instructions for every /ask, e.g. a tone or a language; can be empty"),
    Variable("VIDEO_POLL_SECONDS", "5", _seconds, "seconds between the first status checks of a running video"),
    Variable("ALLOWED_GUILDS", "", _guilds, "server IDs separated by commas; empty: every server that adds the bot"),
    Variable(
        "DIRECT_MESSAGES",
        "",
        _direct_messages,
        "who can use the bot in direct messages: off, members (of the servers it's allowed in) or everyone; "
        "empty: members if ALLOWED_GUILDS is set, otherwise everyone",
    ),
    Variable("ALLOW_USER_INSTALL", "false", _flag, "true: people can add the bot to their own account"),
    Variable(
        "MESSAGE_CONTENT",
        "false",
        _flag,
        "true: read messages that don't mention the bot, where it takes part in a conversation; "
        "needs Message Content Intent in the developer portal",
    ),
    Variable(
        "DAILY_LIMIT_PER_USER",
        "ask=100,imagine=20,video=3",
        _limits,
        "how often each person can use each command per day (UTC): a number, or unlimited",
    ),
    Variable(
        "LOW_BALANCE",
        "",
        _amount,
        "alert the owner when the service account has less than this, in the unit its site shows, e.g. 5; empty: never",
    ),
    Variable(
        "BUDGET",
        "",
        parse_budget,
        "the most that all orders together may cost, in the unit the service's site shows, e.g. 50/month, 10/week or "
        "2/day; empty: no limit",
    ),
    Variable(
        "PRICES",
        "",
        parse_prices,
        "your own prices for BUDGET, where the service lists none or wrong ones, e.g. wan2.7-image=0.02/image, "
        "wan2.7-t2v=0.5/video, deepseek*=0.27:1.10/1M; empty: the service's list",
    ),
    Variable("ALLOW_PRIVATE_URLS", "false", _flag, "true: also fetch results from private addresses (for tests)"),
    Variable(
        "HEALTH",
        "",
        _address,
        "address that answers /healthz (alive) and /readyz (works), e.g. 127.0.0.1:9465; empty: none",
    ),
    Variable(
        "METRICS",
        "",
        _address,
        "address for Prometheus, e.g. 127.0.0.1:9464: /metrics, /healthz and /readyz; needs the extra metrics; "
        "empty: none",
    ),
    Variable("LOG_LEVEL", "INFO", _one_of("debug", "info", "warning", "error"), "debug, info, warning or error"),
    Variable("LOG_FORMAT", "text", _one_of("text", "json"), "text, or json for one object per line"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The owner's settings, checked. Secrets stay out of `repr`."""

    discord_token: str = field(repr=False)
    onekey_api_key: str = field(repr=False)
    onekey_base_url: str
    data_dir: Path
    database_url: str = field(repr=False)
    discord_api_url: str | None
    shard_count: int | None
    chat_model: str
    image_model: str
    video_model: str
    system_prompt: str
    video_poll_seconds: float
    allowed_guilds: frozenset[int]
    direct_messages: str
    allow_user_install: bool
    message_content: bool
    daily_limit_per_user: Mapping[Kind, int | None]
    low_balance: float | None
    budget: Budget | None
    prices: tuple[OwnPrice, ...]
    allow_private_urls: bool
    health: tuple[str, int] | None
    metrics: tuple[str, int] | None
    log_level: str
    log_format: str

    @property
    def database(self) -> str:
        """The database's address: DATABASE_URL, or SQLite in DATA_DIR."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'onekey.db'}"

    @property
    def is_shared(self) -> bool:
        """Whether other processes with the same token may be at work beside this one."""
        return self.shard_count is not None and self.database.startswith("postgres")

    @property
    def default_models(self) -> tuple[str, ...]:
        return (self.chat_model, self.image_model, self.video_model)


def raw_values(environ: Mapping[str, str] | None = None, dotenv: Path | None = None) -> dict[str, str]:
    """The variables as text: the process's environment before `.env` of the working folder.

    Empty means unset; one that is empty in the environment is so whatever `.env` says, as with python-dotenv.
    """
    environ = os.environ if environ is None else environ
    written = read_env_file(dotenv or _DOTENV)
    return {**written, **{name: "" for name in written if name in environ}, **tidied(environ)}


def misspelt(environ: Mapping[str, str] | None = None, dotenv: Path | None = None) -> dict[str, str]:
    """Names that are none of ours and look as if they were meant to be, each with a sentence.

    Of the environment, which is full of others' variables, only those that begin as ours do and are nearly one that
    is not given.
    """
    names = [variable.name for variable in VARIABLES]
    written = read_env_file(dotenv or _DOTENV)
    given = tidied(os.environ if environ is None else environ)
    found: dict[str, str] = {}
    for name in dict.fromkeys((*written, *given)):
        if name in names:
            continue
        meant = nearest(name, names)
        prefixed = name.upper().startswith(_PREFIXES)
        if name in written and (meant or prefixed):
            found[name] = f"in {dotenv or _DOTENV} isn't a setting of this bot."
        elif prefixed and meant and not {**written, **given}.get(meant):
            found[name] = "in the environment isn't a setting of this bot."
        if name in found and meant:
            found[name] += f" Did you mean {meant}?"
    return found


def parse_variable(variable: Variable, raw: Mapping[str, str]) -> object:
    """The value of `variable`, or ConfigurationError with one line that names it and where to get it."""
    text = raw.get(variable.name, "").strip() or variable.default
    if text is None:
        why = "is empty in the environment, whatever .env says" if variable.name in raw else "is missing"
        raise ConfigurationError(f"{variable.name} {why}: set it in .env or the environment ({variable.hint}).")
    try:
        return variable.parse(text)
    except ValueError as error:
        raise ConfigurationError(f"{variable.name} {error} ({variable.hint}).") from None


def read_environment(environ: Mapping[str, str] | None = None, dotenv: Path | None = None) -> Environment:
    """Read and check every variable. ConfigurationError: one line for each that is missing or impossible."""
    raw = raw_values(environ, dotenv)
    values: dict[str, object] = {}
    problems: list[str] = []
    for variable in VARIABLES:
        try:
            values[variable.name.lower()] = parse_variable(variable, raw)
        except ConfigurationError as error:
            problems.append(str(error))
    if problems:
        problems += [f"{name} {said}" for name, said in misspelt(environ, dotenv).items()]
        raise ConfigurationError("\n".join(problems))
    values["direct_messages"] = values["direct_messages"] or default_of("DIRECT_MESSAGES", raw)
    return Environment(**cast("dict[str, Any]", values))


def default_of(name: str, raw: Mapping[str, str]) -> str | None:
    """What holds where a variable is not given, which for one of them hangs on another."""
    if name == "DIRECT_MESSAGES":
        return "members" if raw.get("ALLOWED_GUILDS", "").strip() else "everyone"
    return next(variable.default for variable in VARIABLES if variable.name == name)
