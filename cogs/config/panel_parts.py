"""The forms of a page: one for each command, with all that people set of it, and the rest five at a time (Discord)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.i18n import text
from bot.kinds import BY_COMMAND, Kind
from bot.settings import MODEL_SETTING, SETTINGS
from bot.settings.topics import Topic
from bot.text import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.settings import Setting

AT_ONCE = 5
"""Parts of a form (Discord)."""
LABEL_LIMIT = 40
ON = "on"
"""In a command's form: whether it is on. What is stored of it is the setting `commands`."""
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


def _of_command(kind: Kind) -> Iterable[str]:
    return f"{kind.command}_roles", MODEL_SETTING[kind]


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
