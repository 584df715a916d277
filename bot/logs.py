"""The log: one line an event on standard error, as text or JSON, with every secret taken out."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime

import orjson

# An interaction's token stands in its URLs: who has it can answer in the bot's name for 15 minutes.
_TOKEN_IN_PATH = re.compile(r"((?:webhooks|interactions)/\d+/)[\w.\-]{20,}")


class _Formatter(logging.Formatter):
    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._secrets = [secret for secret in secrets if secret]

    def format(self, record: logging.LogRecord) -> str:
        return self._clean(super().format(record))

    def _clean(self, line: str) -> str:
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return _TOKEN_IN_PATH.sub(r"\1***", line)


class _JsonFormatter(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        event = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            event["trace"] = self.formatException(record.exc_info)
        return self._clean(orjson.dumps(event).decode())


def start_log(*, level: str, form: str, secrets: Iterable[str]) -> None:
    """Log to standard error; `form` is text or json. The libraries' debug lines are left out: they hold tokens."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter(secrets) if form == "json" else _Formatter(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("discord", "aiohttp", "asyncio"):
        logging.getLogger(name).setLevel(max(logging.INFO, root.level))
    # At INFO it writes every statement with its values: tokens and prompts.
    logging.getLogger("sqlalchemy").setLevel(max(logging.WARNING, root.level))
