"""The pages of docs say what the code does: the moderators' table of settings is the code's own."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from bot.environment import read_environment
from bot.i18n import text
from bot.settings import SETTINGS, Scope

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "moderators.md"
ENVIRONMENT = read_environment(
    {"DISCORD_TOKEN": "token-of-a-bot", "ONEKEY_API_KEY": "sk-secret-key"}, Path("/nonexistent/.env")
)


def table() -> list[str]:
    """The settings as the page lists them."""
    lines = ["| Setting | What it is | For | Default |", "|---|---|---|---|"]
    for key, setting in SETTINGS.items():
        scopes = ", ".join(scope for scope in reversed(Scope) if scope in setting.scopes)
        usual = setting.show(setting.default(ENVIRONMENT)) or "–"
        lines.append(f"| `{key}` | {text('en', setting.help_key)} | {scopes} | {usual} |")
    return lines


def test_the_table_of_settings_is_the_codes() -> None:
    written = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    assert written[: len(table())] == table(), "the table should be:\n" + "\n".join(table())


def test_every_command_of_config_has_its_transcript() -> None:
    source = ast.parse((ROOT / "cogs" / "config" / "cog.py").read_text(encoding="utf-8"))
    commands = {
        next((str(ast.literal_eval(word.value)) for word in decorator.keywords if word.arg == "name"), function.name)
        for function in ast.walk(source)
        if isinstance(function, ast.AsyncFunctionDef)
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "app_commands.command"
    }
    shown = set(re.findall(r"^    \S+ in #\S+> /config (\w+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert len(commands) == 12
    assert shown == commands
