"""`.env` as people write it: any encoding, quotes of any kind, a word in front; and names that are nearly ours."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values

from bot.decoding import decode
from bot.errors import ConfigurationError

LIMIT = 1024 * 1024
_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "”": "”", "‘": "’", "’": "’", "«": "»", "「": "」", "＂": "＂"}
_UNSEEN = " \t\r\n\x0b\x0c\xa0\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202f\u2060\u3000\ufeff"
_CLOSE = 0.8
"""Of 1: "DISCORD_TOKN" and "CHAT_MODLE" are 0.96 and 0.89, the nearest two of our own names 0.75."""


def read_env_file(path: Path) -> dict[str, str]:
    """The variables that have a value. ConfigurationError: one line that says why it can't be read."""
    if not path.exists():
        return {}
    try:
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read: {error.strerror}.") from None
    text = decode(data) if len(data) <= LIMIT else None
    if text is None:
        raise ConfigurationError(f"{path} can't be read as text. Save it as UTF-8.")
    return tidied(dotenv_values(stream=io.StringIO(text.replace("\0", ""))))


def tidied(variables: Mapping[str, str | None]) -> dict[str, str]:
    """Those that have a value, without what shells and editors put around names and values.

    `docker run --env-file` and systemd keep quotes that a shell takes off.
    """
    tidy = (
        (name.strip(_UNSEEN).removeprefix("export ").strip(), unquoted(value or ""))
        for name, value in variables.items()
    )
    return {name: value for name, value in tidy if name and value}


def unquoted(value: str) -> str:
    """`value` without space and without one pair of quotes around it."""
    value = value.strip(_UNSEEN)
    inner = value[1:-1]
    if len(value) > 1 and _QUOTES.get(value[0]) == value[-1] and not {value[0], value[-1]} & set(inner):
        return inner.strip(_UNSEEN)
    return value


def nearest(name: str, ours: Iterable[str]) -> str | None:
    """The one of `ours` that `name` is nearly, or None."""
    plain = {_plain(each): each for each in ours}
    found = get_close_matches(_plain(name[:100]), plain, n=1, cutoff=_CLOSE)
    return plain[found[0]] if found else None


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.upper()))
