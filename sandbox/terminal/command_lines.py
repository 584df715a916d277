"""A typed line as a slash command: `/imagine a red fox --count 2`, `/imagine prompt:a red fox count:2`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from sandbox.discord.choosing import Upload
from sandbox.names import mentioned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.discord.models import Json

_SUB_COMMANDS: Final = (1, 2)
_TEXT: Final = 3
_PLAIN: Final = (_TEXT, 4, 5, 10)
_YES: Final = frozenset({"", "true", "yes", "on", "1"})
_NO: Final = frozenset({"false", "no", "off", "0"})


class Unclear(ValueError):
    """The line can't be understood; the text says why, for the person who typed it."""


@dataclass(slots=True)
class Phrase:
    """`name` with its subcommands ("config set") and the options by name, as the acting side takes them."""

    name: str
    options: dict[str, Any] = field(default_factory=dict[str, Any])


def parse(
    line: str,
    commands: Sequence[Json],
    *,
    people: Mapping[str, object] | None = None,
    channels: Mapping[str, object] | None = None,
    roles: Mapping[str, object] | None = None,
    mentions: Mapping[str, str] | None = None,
) -> Phrase:
    """Reads a line that begins with a slash. `commands` as registered; the others by name, for options that take one.

    `mentions`: what becomes of "@bob" or "#general" inside a text (see `mentioned`).
    Text without a name belongs to the required options in their order, the last one takes what is left.

    Raises:
        Unclear: no such command or option, or a value of the wrong kind.
    """
    name, options, rest = _followed(line, commands)
    given = _named(rest, options)
    by_name = {option["name"]: option for option in options}
    known = {6: people or {}, 7: channels or {}, 8: roles or {}, 9: {**(people or {}), **(roles or {})}}
    values = {key: _value(by_name[key], text, known) for key, text in given.items()}
    for key, value in values.items():
        if by_name[key]["type"] == _TEXT and not by_name[key].get("choices"):
            values[key] = mentioned(value, mentions or {})
    missing = [option["name"] for option in options if option.get("required") and option["name"] not in values]
    if missing:
        raise Unclear(f"/{name} needs {', '.join(missing)}")
    return Phrase(name, values)


def begun(line: str, commands: Sequence[Json]) -> Phrase:
    """A line that is still being typed: what it has so far, as plain text.

    Raises:
        Unclear: no such command or option.
    """
    name, options, rest = _followed(line, commands)
    plain = {option["name"] for option in options if option["type"] in _PLAIN}
    return Phrase(name, {key: text for key, text in _named(rest, options).items() if key in plain})


def _followed(line: str, commands: Sequence[Json]) -> tuple[str, list[Json], str]:
    """The command of a line with its sub-commands, its options, and the rest of the line."""
    words = line.strip().removeprefix("/").split(maxsplit=1)
    known = {command["name"]: command for command in commands}
    if not words or words[0] not in known:
        raise Unclear(f"There is no /{words[0] if words else ''} here. Commands: {_slashed(known)}")
    name, rest = words[0], words[1] if len(words) > 1 else ""
    options: list[Json] = known[name].get("options") or []
    while options and options[0]["type"] in _SUB_COMMANDS:
        below = {option["name"]: option for option in options}
        word, _, rest = rest.strip().partition(" ")
        if word not in below:
            raise Unclear(f"/{name} needs one of: {', '.join(below)}")
        name = f"{name} {word}"
        options = cast("list[Json]", below[word].get("options") or [])
    return name, options, rest


def _slashed(names: Mapping[str, object]) -> str:
    return ", ".join(f"/{name}" for name in names) or "none"


def _named(text: str, options: Sequence[Json]) -> dict[str, str]:
    """The text of each option: `--name value`, `--name=value` or `name:value`, and what stands before them."""
    if not options:
        if text.strip():
            raise Unclear("this command has no options")
        return {}
    names = "|".join(re.escape(option["name"]) for option in options)
    marks = list(re.finditer(rf"(?:^|(?<=\s))(?:--({names})(?:=|\s+|$)|({names}):(?=\S|$))", text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    given = {
        mark[1] or mark[2]: text[mark.end() : end].strip().strip('"') for mark, end in zip(marks, ends, strict=False)
    }
    before = text[: marks[0].start()].strip() if marks else text.strip()
    unknown = re.search(r"(?:^|\s)--(\w+)", before)
    if unknown:
        raise Unclear(f"there is no option {unknown[1]}, only {names.replace('|', ', ')}")
    return _positional(before, options, given) | given


def _positional(text: str, options: Sequence[Json], given: Mapping[str, str]) -> dict[str, str]:
    free = [option["name"] for option in options if option["name"] not in given]
    wanted = [name for name in free if any(o["name"] == name and o.get("required") for o in options)] or free[:1]
    if not text:
        return {}
    if not wanted:
        raise Unclear(f"what is {text!r}?")
    return dict(zip(wanted, text.split(maxsplit=len(wanted) - 1), strict=False))


def named(text: str, names: Sequence[str]) -> dict[str, str]:
    """`name=value` for each of the names that stands in the text; {} when it does not begin with one."""
    marks = list(re.finditer(rf"(?:^|(?<=\s))({'|'.join(map(re.escape, names))})=", text))
    if not marks or marks[0].start():
        return {}
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    return {mark[1]: text[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=True)}


def _value(option: Json, text: str, known: Mapping[int, Mapping[str, object]]) -> Any:  # noqa: ANN401 - an option's kind decides
    kind, name = option["type"], option["name"]
    choices: list[Json] = option.get("choices") or []
    for choice in choices:
        if text in {str(choice["value"]), choice["name"]}:
            return choice["value"]
    try:
        match kind:
            case 4:
                return int(text)
            case 10:
                return float(text)
            case 5:
                return flag(text)
            case 11:
                return file_at(text)
            case 6 | 7 | 8 | 9:
                return _thing(text, known[kind])
            case _:
                return text
    except (ValueError, OSError) as error:
        raise Unclear(f"{name}: {text!r} isn't a valid value ({error})") from error


def _thing(text: str, known: Mapping[str, object]) -> object:
    """A person, channel or role by its name, with or without the sign before it."""
    name = text if text in known else text.lstrip("@#")
    if name not in known:
        raise ValueError(f"there are {', '.join(known) or 'none'}")
    return known[name]


def flag(text: str) -> bool:
    """Yes or no.

    Raises:
        Unclear: neither.
    """
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise Unclear("use true or false")


def file_at(path: str) -> Upload:
    """A file to send along.

    Raises:
        OSError: it can't be read.
    """
    found = Path(path).expanduser()
    return Upload(found.name, found.read_bytes())
