"""The log's two forms: fields for machines, sentences for people, and no secret in either."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from bot.logs import JsonFormatter, TextFormatter, cleaner, start_log

KEY = "sk-the-owners-own-key"
PASSWORD = 'pass"wörd\\'
IN_PATH = "aW50ZXJhY3Rpb246MTIzNDU2"
SECRETS = (KEY, f"postgresql://bot:{PASSWORD}@db/bot", PASSWORD, "bot", "")
FORMATTERS = {"text": TextFormatter(cleaner(SECRETS)), "json": JsonFormatter(cleaner(SECRETS))}


def record(message: str = "a sentence", *arguments: object, error: Exception | None = None, **fields: object) -> Any:
    trace = None if error is None else (type(error), error, error.__traceback__)
    logger = logging.getLogger("bot.somewhere")
    return logger.makeRecord(logger.name, logging.INFO, "a.py", 1, message, arguments, trace, extra=fields)


def read(made: logging.LogRecord) -> dict[str, Any]:
    line = FORMATTERS["json"].format(made)
    assert "\n" not in line
    return json.loads(line)


@pytest.mark.parametrize(
    ("value", "in_json", "in_text"),
    [
        (200, 200, " field=200"),
        (0.5, 0.5, " field=0.5"),
        (True, True, " field=True"),
        (None, ..., ""),
        ("deepseek-chat", "deepseek-chat", " field=deepseek-chat"),
        ("two words", "two words", ' field="two words"'),
        ("a=b", "a=b", ' field="a=b"'),
        ("", "", ' field=""'),
        ("forged\n2026 ERROR line", "forged\n2026 ERROR line", ' field="forged\\n2026 ERROR line"'),
        (1234567890123456789, "1234567890123456789", " field=1234567890123456789"),
        (2**80, str(2**80), f" field={2**80}"),
        ("\ud83d", "\\ud83d", " field=\\ud83d"),
        (KEY, "***", " field=***"),
        (f"{KEY} at last", "*** at last", ' field="*** at last"'),
        (PASSWORD, "***", " field=***"),
        (f"/webhooks/1/{IN_PATH}/messages", "/webhooks/1/***/messages", " field=/webhooks/1/***/messages"),
        (ValueError(KEY), "***", " field=***"),
        ([KEY], "['***']", " field=['***']"),
    ],
)
def test_a_field(value: object, in_json: object, in_text: str) -> None:
    assert read(record(field=value)).get("field", ...) == in_json
    line = FORMATTERS["text"].format(record(field=value))
    assert line.endswith(f" INFO    bot.somewhere: a sentence{' ' * bool(in_text)}{in_text}")


def test_an_event_as_json() -> None:
    event = read(record("%s of %s", 1, 2, command="ask"))
    assert str(event.pop("time")).endswith("+00:00")
    assert event == {"level": "INFO", "logger": "bot.somewhere", "message": "1 of 2", "command": "ask"}


def broken(said: str) -> Exception:
    """An error, and behind it another with a trace."""
    around = ValueError("around it")
    try:
        fail(said)
    except OSError as error:
        around.__cause__ = error
    return around


def fail(said: str) -> None:
    raise OSError(said)


@pytest.mark.parametrize("form", FORMATTERS)
@pytest.mark.parametrize("secret", [KEY, f"postgresql://bot:{PASSWORD}@db/bot", PASSWORD, f"/interactions/1/{IN_PATH}"])
def test_no_secret_stands_in_a_message_a_field_or_a_trace(form: str, secret: str) -> None:
    error = broken(f"no way to {secret}")
    line = FORMATTERS[form].format(record("%s", f"of {secret}", error=error, detail=secret, cause=error.__cause__))
    assert line.count("***") >= 4
    read_back = line + (str(json.loads(line)) if form == "json" else "")
    for hidden in (KEY, PASSWORD, "wörd", IN_PATH):
        assert hidden not in read_back
    assert "Traceback" in line
    assert "around it" in line


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, set back afterwards."""
    found = logging.getLogger()
    names = ("discord", "aiohttp", "asyncio", "sqlalchemy")
    handlers, level, levels = found.handlers[:], found.level, [logging.getLogger(name).level for name in names]
    yield found
    found.handlers[:] = handlers
    found.setLevel(level)
    for name, before in zip(names, levels, strict=True):
        logging.getLogger(name).setLevel(before)


@pytest.mark.parametrize("form", ["text", "json"])
def test_it_goes_to_standard_error(root: logging.Logger, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setattr(sys, "stderr", written := io.StringIO())
    start_log(level="info", form=form, secrets=SECRETS)
    logging.getLogger("bot.client").info("ready with %s", KEY, extra={"guild": 5})
    (line,) = written.getvalue().splitlines()
    assert len(root.handlers) == 1
    if form == "json":
        event = json.loads(line)
        assert (event["logger"], event["message"], event["guild"]) == ("bot.client", "ready with ***", 5)
    else:
        assert line.endswith("INFO    bot.client: ready with ***  guild=5")
