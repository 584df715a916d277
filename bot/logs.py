"""The log: one line an event on standard error, as text or JSON, with every secret taken out.

What can be counted or looked for is a field (`extra=` of the standard library's calls), not part of a sentence. Ids of
Discord are text in JSON: browsers and jq round whole numbers that large.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final, TypeAlias

import orjson
from pythonjsonlogger.core import RESERVED_ATTRS, BaseJsonFormatter

Clean: TypeAlias = "Callable[[str], str]"

# An interaction's token stands in its URLs: who has it can answer in the bot's name for 15 minutes.
_TOKEN_IN_PATH = re.compile(r"((?:webhooks|interactions)/\d+/)[\w.\-]{20,}")
_EXACT: Final = 2**53
"""From here on JavaScript's numbers have gaps."""
_PLAIN = re.compile(r"[^\s\"=]+")
_RESERVED: Final = frozenset(RESERVED_ATTRS)


def cleaner(secrets: Iterable[str]) -> Clean:
    """Takes secrets out of a text, the longest first: one may be a part of another."""
    known = sorted({secret for secret in secrets if secret}, key=len, reverse=True)

    def clean(said: str) -> str:
        for secret in known:
            said = said.replace(secret, "***")
        said = _TOKEN_IN_PATH.sub(r"\1***", said)
        return said.encode(errors="backslashreplace").decode()  # half of a surrogate pair can't be written

    return clean


class TextFormatter(logging.Formatter):
    """For people: the sentence, then its fields as name=value."""

    def __init__(self, clean: Clean) -> None:
        super().__init__("%(message)s")
        self._clean = clean

    def format(self, record: logging.LogRecord) -> str:
        said = self._clean(super().format(record))
        return f"{self.formatTime(record)} {record.levelname:<7} {record.name}: {said}"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        return "  ".join(filter(None, (super().formatMessage(record), " ".join(self._fields(record)))))

    def _fields(self, record: logging.LogRecord) -> Iterator[str]:
        for name, value in vars(record).items():
            if name in _RESERVED or value is None:
                continue
            if isinstance(value, int):  # most are ids
                yield f"{name}={value}"
                continue
            said = self._clean(str(value))  # before quoting, which may change what a secret looks like
            yield f"{name}={said if _PLAIN.fullmatch(said) else orjson.dumps(said).decode()}"


class JsonFormatter(BaseJsonFormatter):
    """For machines: an object a line with time, level, logger, message, the fields, and trace where there is one."""

    def __init__(self, clean: Clean) -> None:
        names = {"levelname": "level", "name": "logger", "exc_info": "trace", "stack_info": "stack"}
        super().__init__(["levelname", "name", "message"], rename_fields=names, timestamp="time")
        self._clean = clean

    def process_log_record(self, log_data: dict[str, object]) -> dict[str, object]:
        return {name: self._plain(name, value) for name, value in log_data.items() if value is not None}

    def jsonify_log_record(self, log_data: dict[str, object]) -> str:
        return orjson.dumps(log_data).decode()

    def _plain(self, name: str, value: object) -> object:
        exact = isinstance(value, bool | float | datetime) or (isinstance(value, int) and abs(value) < _EXACT)
        return value if exact or name in {"level", "logger"} else self._clean(str(value))


def milliseconds(seconds: float | None) -> int | None:
    """As fields have it."""
    return None if seconds is None else round(seconds * 1000)


def start_log(*, level: str, form: str, secrets: Iterable[str]) -> None:
    """Log to standard error; `form` is text or json. The libraries' debug lines are left out: they hold tokens."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter((JsonFormatter if form == "json" else TextFormatter)(cleaner(secrets)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("discord", "aiohttp", "asyncio"):
        logging.getLogger(name).setLevel(max(logging.INFO, root.level))
    # At INFO it writes every statement with its values: tokens and prompts.
    logging.getLogger("sqlalchemy").setLevel(max(logging.WARNING, root.level))
