"""The forms of a page: one for each command, with all that people set of it, and the rest five at a time (Discord)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bot.errors import BadValue
from bot.i18n import text
from bot.kinds import BY_COMMAND, Kind
from bot.settings import MODEL_SETTING, ROLES_SETTING, SETTINGS
from bot.settings.limits import UNLIMITED, Limit, Limits
from bot.settings.locks import LOCKS
from bot.settings.topics import Topic
from bot.settings.values import is_none, patterns_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bot.settings import Setting

AT_ONCE = 5
"""Parts of a form (Discord)."""
_PARTS_OF_PAGE = ("button.change_first", "button.change_next")
LANGUAGE = "language"
ON, EACH, ONLY, BOXES = "on", "each", "only", "boxes"
"""In a command's form: whether it is on, which is kept in `commands`; how often a day, which is kept in `limits`;
whether its model alone may be used, which is kept in `allowed_models`. The first and the last are boxes of one part."""
EACH_NAMES = {
    Kind.ASK.command: "setup.each_ask",
    Kind.IMAGE.command: "setup.each_imagine",
    Kind.VIDEO.command: "setup.each_video",
}
PARTS = rf"(?P<part>{'|'.join(BY_COMMAND)}|\d)"


def parts_of(locale: str, topic: Topic, settings: Sequence[Setting]) -> list[tuple[str, str]]:
    """The forms of a page, each with what its button says."""
    rest = _chunks(topic, settings)
    alone = "button.more_settings" if topic is Topic.WHAT else "config.write"
    of_commands = [(kind.command, text(locale, "button.change_what", what=f"/{kind.command}")) for kind in Kind]
    # By where they stand on the page: names are too long for a button.
    return (of_commands if topic is Topic.WHAT else []) + [
        (str(number), text(locale, alone if len(rest) == 1 else _PARTS_OF_PAGE[number > 0], count=len(some)))
        for number, some in enumerate(rest)
    ]


def settings_in(part: str, topic: Topic, settings: Sequence[Setting]) -> Sequence[Setting]:
    """The settings in a form. In a command's own one those of other pages too, as far as they can be set there."""
    if part in BY_COMMAND:
        return [setting for key in _of_command(BY_COMMAND[part]) if (setting := SETTINGS.get(key)) is not None]
    chunks = _chunks(topic, settings)
    return chunks[int(part)] if int(part) < len(chunks) else []


def limit_in(entries: Iterable[str], command: str) -> str:
    """How often a day, as one types it; empty: no limit."""
    found = next((limit for limit in map(Limit.read, entries) if _is_each(limit, command)), None)
    return "" if found is None else UNLIMITED if found.most is None else str(found.most)


def with_limit(entries: Sequence[str], command: str, most: str) -> str:
    """The list of limits with what was typed in a command's form, as one types it: a number, or a limit."""
    rest = [one for one in entries if not _is_each(Limit.read(one), command)]
    typed = "" if is_none(most) else most.strip()
    added = [f"{command}={typed}" if _is_of_it(command, typed) else typed] if typed else []
    return ", ".join([*([SETTINGS["limits"].show(rest) or ""] if rest else []), *added]) or "none"


def _is_of_it(command: str, typed: str) -> bool:
    """Whether it is a limit as soon as the command stands before it: `3`, `10/hour`, `每天3次`."""
    try:
        return bool(Limits().parse(f"{command}={typed}"))
    except BadValue:
        return False


def is_only(patterns: Sequence[str], command: str, model: str) -> bool:
    """Whether that model alone may be used for a command."""
    return [one.lower() for one in patterns_of(patterns, command)] == [model.lower()]


def with_only(patterns: Sequence[str], command: str, model: str | None) -> str:
    """The list of allowed models with one of that command's own, or None, as one types it."""
    rest = [one for one in patterns if one.partition("=")[0].removeprefix("/") != command or "=" not in one]
    return ", ".join([*rest, *([f"{command}={model}"] if model else [])]) or "all"


def of_command(
    command: str,
    present: Callable[[str], object],
    typed: Mapping[str, str],
    *,
    on: bool | None,
    each: str | None,
    fixes: bool = False,
) -> dict[str, str]:
    """Settings as one types them, of what was chosen for a command: its own are `typed`, and ONLY as `on` or `off`.

    `present`: what applies now, by key. `on`, `each`: the command itself, and how often a day; as in `with_limit`.
    `fixes`: the model can be set there, and is when it alone may be used: a wider place may get another one.
    """
    made = {key: said for key, said in typed.items() if key != ONLY}
    if on is not None:
        commands = cast("list[str]", present("commands"))
        made["commands"] = ", ".join(one for one in BY_COMMAND if (on if one == command else one in commands)) or "none"
    if each is not None:
        made["limits"] = with_limit(cast("list[str]", present("limits") or []), command, each)
    key = MODEL_SETTING[BY_COMMAND[command]]
    patterns, now = cast("list[str]", present("allowed_models")), str(present(key))
    only = typed.get(ONLY)
    if only is None and key in made and is_only(patterns, command, now):
        only = "on"  # who chooses another model and leaves the box as it is, means that one
    if only == "on" and fixes:
        made.setdefault(key, now)
    if only is not None:
        made["allowed_models"] = with_only(patterns, command, made.get(key, now) if only == "on" else None)
    return made


def part_of(setting: Setting, settings: Sequence[Setting]) -> str:
    """The form of its page that a setting stands in. `settings`: those of the page."""
    command = next((kind.command for kind in Kind if setting.key in _of_command(kind)[:2]), None)
    if setting.topic is Topic.WHAT and command is not None:
        return command
    chunks = _chunks(setting.topic, settings)
    return next((str(number) for number, some in enumerate(chunks) if setting in some), "0")


def _is_each(limit: Limit, command: str) -> bool:
    return (limit.command, limit.period, limit.role, limit.total) == (command, "day", None, False)


def _of_command(kind: Kind) -> tuple[str, ...]:
    return ROLES_SETTING[kind], MODEL_SETTING[kind], LANGUAGE


def _chunks(topic: Topic, settings: Sequence[Setting]) -> list[Sequence[Setting]]:
    """In as few forms as will do, of about the same size."""
    own = {LOCKS} | ({"commands", *MODEL_SETTING.values()} if topic is Topic.WHAT else set[str]())
    rest = [setting for setting in settings if setting.key not in own]
    count = -(-len(rest) // AT_ONCE)
    size = -(-len(rest) // max(count, 1))
    return [rest[first : first + size] for first in range(0, len(rest), max(size, 1))]
