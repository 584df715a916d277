"""`onekey-bot health`: asks the bot that runs on this machine whether it works, at HEALTH or METRICS."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING, Final, cast

from bot.environment import VARIABLES, parse_variable
from bot.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

ANSWER_SECONDS: Final = 10.0


def ask(raw: Mapping[str, str], *, ready: bool) -> int:
    """Print its answer; the exit code: 0 where it is well, 1 where it is not, or there is none."""
    given = [parse_variable(variable, raw) for variable in VARIABLES if variable.name in {"HEALTH", "METRICS"}]
    address = cast("tuple[str, int] | None", next(filter(None, given), None))
    if address is None:
        raise ConfigurationError(
            "HEALTH is missing: set it to an address such as 127.0.0.1:9465, for run and for health."
        )
    host, port = address
    here = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - where it listens
    connection = http.client.HTTPConnection(here, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/readyz" if ready else "/healthz")
        answer = connection.getresponse()
        said = answer.read().decode("utf-8", "replace").strip()
    except (OSError, http.client.HTTPException) as error:
        _say(f"no answer from {here}:{port}: {error}")
        return 1
    finally:
        connection.close()
    _say(said)
    return 0 if answer.status == 200 else 1


def _say(said: str) -> None:
    print(said)  # noqa: T201 - what was asked for
