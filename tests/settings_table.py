"""The tables of settings in docs/moderators.md, by topics, made from the code that reads them.

uv run python -m tests.settings_table     # writes them anew; tests/house/test_docs.py holds the page to them
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from bot.environment import read_environment
from bot.i18n import text
from bot.settings import SETTINGS, Scope
from bot.settings.topics import TOPIC_NAMES, Topic

PAGE: Final = Path(__file__).parents[1] / "docs" / "moderators.md"
_TABLES: Final = re.compile(r"(?<=<!-- settings -->\n).*?(?=<!-- /settings -->)", re.DOTALL)
_USUAL: Final = read_environment(
    {"DISCORD_TOKEN": "token-of-a-bot", "ONEKEY_API_KEY": "sk-secret-key"}, Path("/nonexistent/.env")
)


def tables() -> str:
    """A heading and a table for each topic, with the defaults of an owner who changed none."""
    lines: list[str] = []
    for topic in Topic:
        lines += ["", f"### {text('en', TOPIC_NAMES[topic])}", ""]
        lines += ["| Setting | What it is | For | Default |", "|---|---|---|---|"]
        for key, setting in SETTINGS.items():
            if setting.topic is topic:
                scopes = ", ".join(scope for scope in reversed(Scope) if scope in setting.scopes)
                usual = setting.show(setting.default(_USUAL)) or "–"
                lines.append(f"| `{key}` | {text('en', setting.help_key)} | {scopes} | {usual} |")
    return "\n".join([*lines, "", ""])


def written() -> str:
    """What stands on the page."""
    found = _TABLES.search(PAGE.read_text(encoding="utf-8"))
    return found[0] if found else ""


if __name__ == "__main__":
    PAGE.write_text(_TABLES.sub(lambda _: tables(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
