"""Reading DATABASE_URL. An error never repeats the URL, for a password with a stray sign in it ends up anywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from bot.errors import ConfigurationError

_OPTIONS_ASYNCPG_LACKS = frozenset(
    # libpq's own, which asyncpg would send to the server as settings and be refused for. Hosters put them in the
    # URLs they hand out.
    {"channel_binding", "connect_timeout", "gssencmode", "keepalives", "keepalives_idle", "keepalives_interval"}
    | {"keepalives_count", "tcp_user_timeout", "sslsni", "requirepeer", "sslcompression", "client_encoding"}
)
_UNREADABLE = "DATABASE_URL can't be read: signs such as @ / : # in a password must be percent-encoded (@ is %40)"


@dataclass(frozen=True, slots=True)
class SqliteAddress:
    """A database file, as an absolute path."""

    path: Path

    @property
    def shown(self) -> str:
        """For messages."""
        return str(self.path)


@dataclass(frozen=True, slots=True)
class PostgresqlAddress:
    """`dsn` goes to asyncpg as it is (sslmode, host and the rest are its matter); never to a log."""

    dsn: str = field(repr=False)
    shown: str
    secrets: tuple[str, ...] = field(repr=False, default=())

    def redact(self, text: str) -> str:
        """The text without the URL and the password, however they are spelled."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text


def parse(url: str) -> SqliteAddress | PostgresqlAddress:
    """The database that a URL names.

    Raises ConfigurationError for anything but `sqlite:///file` (three slashes and a relative path, or four and an
    absolute one) and `postgresql://…` (also `postgres://…`, and either with `+asyncpg`).
    """
    scheme, separator, rest = url.strip().partition("://")
    if separator and scheme == "sqlite":
        return _sqlite(rest)
    if separator and scheme.removesuffix("+asyncpg") in {"postgresql", "postgres"}:
        return _postgresql(rest)
    msg = "DATABASE_URL must be sqlite:////path/to/file.db or postgresql://user:password@host/database"
    raise ConfigurationError(msg)


def _sqlite(rest: str) -> SqliteAddress:
    name = rest.removeprefix("/")
    if not rest.startswith("/") or not name or name.startswith(":") or "?" in name or "\0" in name:
        msg = "DATABASE_URL: after sqlite:/// comes a file's path (an absolute one makes four slashes), and no options"
        raise ConfigurationError(msg)
    return SqliteAddress(Path(name).resolve())  # one file, one lock, whichever link leads to it


def _postgresql(rest: str) -> PostgresqlAddress:
    try:
        parts = urlsplit(f"postgresql://{rest}")
        several = "," in parts.netloc.rpartition("@")[2]  # host1:5432,host2:5432 is well to asyncpg
        port, host, password = None if several else parts.port, parts.hostname, parts.password
        query = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:  # its text would show a part of the password
        raise ConfigurationError(_UNREADABLE) from None
    if parts.netloc.count("@") > 1 or parts.fragment:
        raise ConfigurationError(_UNREADABLE)
    query = [(key, value) for key, value in query if key not in _OPTIONS_ASYNCPG_LACKS]
    options = dict(query)
    dsn = urlunsplit(("postgresql", parts.netloc, parts.path, urlencode(query), ""))
    where = options.get("host") or host or "localhost"
    shown = (
        f"PostgreSQL at {where}{f':{port}' if port else ''}, database {unquote(parts.path.lstrip('/')) or '(default)'}"
    )
    passwords = {secret for secret in (password, options.get("password")) if secret}
    passwords |= {unquote(secret) for secret in passwords}
    return PostgresqlAddress(dsn, shown, (dsn, *sorted(passwords, key=len, reverse=True)))
