"""The forms of a page: one for each command, with all that people set of it, and the rest five at a time (Discord)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.i18n import text
from bot.kinds import BY_COMMAND, Kind
from bot.settings import MODEL_SETTING, ROLES_SETTING, SETTINGS
from bot.settings.limits import UNLIMITED, Limit
from bot.settings.topics import Topic
from bot.text import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.settings import Setting

AT_ONCE = 5
"""Parts of a form (Discord)."""
LABEL_LIMIT = 40
ON, EACH, TOTAL = "on", "each", "total"
"""In a command's form: whether it is on, which is kept in `commands`; how often a day, which is kept in `limits`."""
PARTS = rf"(?P<part>{'|'.join(BY_COMMAND)}|\d)"


def parts_of(locale: str, topic: Topic, settings: Sequence[Setting]) -> list[tuple[str, str]]:
    """The forms of a page, each with what its button says."""
    rest = _chunks(topic, settings)
    alone = "button.more_settings" if topic is Topic.WHAT else "config.write"
    of_commands = [(kind.command, text(locale, "button.change_what", what=f"/{kind.command}")) for kind in Kind]
    return (of_commands if topic is Topic.WHAT else []) + [
        (str(number), text(locale, alone) if len(rest) == 1 else _label(locale, some))
        for number, some in enumerate(rest)
    ]


def settings_in(part: str, topic: Topic, settings: Sequence[Setting]) -> Sequence[Setting]:
    """The settings in a form. In a command's own one those of other pages too, as far as they can be set there."""
    if part in BY_COMMAND:
        return [setting for key in _of_command(BY_COMMAND[part]) if (setting := SETTINGS.get(key)) is not None]
    chunks = _chunks(topic, settings)
    return chunks[int(part)] if int(part) < len(chunks) else []


def limit_in(entries: Iterable[str], command: str, whose: str) -> str:
    """How often a day, as one types it; empty: no limit."""
    found = next((limit for limit in map(Limit.read, entries) if _is(limit, command, whose)), None)
    return "" if found is None else UNLIMITED if found.most is None else str(found.most)


def with_limits(entries: Sequence[str], command: str, said: Mapping[str, str]) -> str:
    """The list of limits with what was typed in a command's form, as one types it."""
    rest = [one for one in entries if not any(_is(Limit.read(one), command, whose) for whose in said)]
    added = [f"{'total ' if whose == TOTAL else ''}{command}={most}" for whose, most in said.items() if most.strip()]
    return ", ".join([*([SETTINGS["limits"].show(rest) or ""] if rest else []), *added]) or "none"


def _is(limit: Limit, command: str, whose: str) -> bool:
    of = limit.command, limit.period, limit.role, limit.total
    return of == (command, "day", None, whose == TOTAL)


def _of_command(kind: Kind) -> Iterable[str]:
    return ROLES_SETTING[kind], MODEL_SETTING[kind]


def _chunks(topic: Topic, settings: Sequence[Setting]) -> list[Sequence[Setting]]:
    """In as few forms as will do, of about the same size."""
    own = {"commands", *MODEL_SETTING.values()} if topic is Topic.WHAT else set[str]()
    rest = [setting for setting in settings if setting.key not in own]
    count = -(-len(rest) // AT_ONCE)
    size = -(-len(rest) // max(count, 1))
    return [rest[first : first + size] for first in range(0, len(rest), max(size, 1))]


def _label(locale: str, settings: Sequence[Setting]) -> str:
    more = " …" if len(settings) > 1 else ""
    return text(locale, "button.change_what", what=shorten(text(locale, settings[0].name_key), LABEL_LIMIT) + more)
