"""The tables of settings in docs/moderators.md and its translations, by topics, made from the code that reads them.

uv run python -m tests.settings_table     # writes them anew; tests/house/test_docs.py holds the pages to them
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from bot.environment import read_environment
from bot.i18n import text
from bot.settings import SETTINGS, Scope, Setting
from bot.settings.topics import TOPIC_NAMES, Topic
from bot.settings.values import Choice, Flag

DOCS: Final = Path(__file__).parents[1] / "docs"
PAGES: Final = {"en": DOCS / "moderators.md", "zh_CN": DOCS / "moderators.zh-CN.md"}
_HEADS: Final = {"en": "| Setting | What it is | For | Default |", "zh_CN": "| 设置 | 说明 | 适用范围 | 默认值 |"}
_SCOPES: Final = {
    "en": {scope: str(scope) for scope in Scope},
    "zh_CN": {Scope.CHANNEL: "频道", Scope.CATEGORY: "类别", Scope.SERVER: "服务器"},
}
_WORDS: Final = {"all": "config.all", "none": "config.none", "everyone": "config.everyone", "default": "prices.usual"}
_TABLES: Final = re.compile(r"(?<=<!-- settings -->\n).*?(?=<!-- /settings -->)", re.DOTALL)
_USUAL: Final = read_environment(
    {"DISCORD_TOKEN": "token-of-a-bot", "ONEKEY_API_KEY": "sk-secret-key"}, Path("/nonexistent/.env")
)


def tables(locale: str) -> str:
    """A heading and a table for each topic, with the defaults of an owner who changed none."""
    lines: list[str] = []
    separator = ", " if locale == "en" else "、"
    for topic in Topic:
        lines += ["", f"### {text(locale, TOPIC_NAMES[topic])}", "", _HEADS[locale], "|---|---|---|---|"]
        for key, setting in SETTINGS.items():
            if setting.topic is topic:
                scopes = separator.join(_SCOPES[locale][scope] for scope in reversed(Scope) if scope in setting.scopes)
                lines.append(f"| `{key}` | {text(locale, setting.help_key)} | {scopes} | {_usual(locale, setting)} |")
    return "\n".join([*lines, "", ""])


def _usual(locale: str, setting: Setting) -> str:
    """The default as one types it; beside English in the reader's words."""
    value = setting.default(_USUAL)
    typed = setting.show(value) or "–"
    if locale == "en":
        return typed
    if isinstance(setting.kind, Flag):
        return text(locale, "config.on" if value else "config.off")
    if isinstance(setting.kind, Choice) and value in setting.kind.options:
        return text(locale, setting.kind.options[str(value)])
    return text(locale, _WORDS[typed]) if typed in _WORDS else typed


def written(locale: str) -> str:
    """What stands on the page."""
    found = _TABLES.search(PAGES[locale].read_text(encoding="utf-8"))
    return found[0] if found else ""


if __name__ == "__main__":
    for language, page in PAGES.items():
        made = tables(language)
        page.write_text(_TABLES.sub(lambda _, made=made: made, page.read_text(encoding="utf-8")), encoding="utf-8")
