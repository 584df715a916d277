"""`python -m bot.store.migrate`: bring the database that ONEKEY_BOT_MIGRATE_URL names to the newest schema,
or to that which ONEKEY_BOT_MIGRATE_TO names.

A process of its own, started by `bot.store.upgrade`. Its last line on stderr is the reason when it fails (exit 1).
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config

from bot.store.upgrade import TO_VARIABLE, URL_VARIABLE

_log = logging.getLogger(__name__)


def configuration(url: str) -> Config:
    """Alembic's configuration, in code: `alembic.ini` would be a second place for the database's address."""
    config = Config(attributes={"url": url})
    # Alembic reads % in an option as interpolation, so the URL is no option.
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)
    url = os.environ.get(URL_VARIABLE)
    if not url:
        _log.error("%s is not set", URL_VARIABLE)
        return 2
    try:
        command.upgrade(configuration(url), os.environ.get(TO_VARIABLE) or "head")
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent wants it in one line, and last
        _log.debug("the migration failed", exc_info=True)
        origin = getattr(error, "orig", None) or error
        _log.error("%s: %s", type(origin).__name__, " ".join(str(origin).split()))
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
