"""Settings of a server that its categories and channels may not change: `image_model, limits`. Of what has narrower
values they may still set those, so that a lock never takes a stricter rule from a channel.

A lock holds when values are resolved, so what a channel was given before is of no use either; and when somebody sets
one, they are told. What is narrower, `narrowed` says by the type of the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from bot.errors import BadValue
from bot.kinds import BY_COMMAND
from bot.settings.values import (
    Choice,
    Commands,
    Decimal,
    Flag,
    ListOf,
    Patterns,
    Roles,
    Value,
    ValueKind,
    Whole,
    patterns_of,
)
from bot.text import escape, shorten

LOCKS: Final = "locks"
_SUFFIX: Final = re.compile(r"\s*[:：]\s*(?:narrow|narrower|收紧|只能收紧)$")
"""Behind a key in lists of earlier versions, where a lock came in two kinds."""


@dataclass(frozen=True, slots=True)
class Locks(ListOf):
    """Keys of settings. `lockable`: those that there are, by what they may be called, in small letters."""

    lockable: Callable[[], Mapping[str, str]]
    most: int = 50
    nothing = frozenset({"none"})

    def split(self, typed: str) -> list[str]:
        lockable = self.lockable()
        found: list[str] = []
        for part in re.split(r"[,，、;；\n]+", typed):
            # Names may be of several words; keys may stand beside each other.
            whole = _folded(part) in lockable or all(word not in lockable for word in map(_folded, part.split()))
            found += [part] if whole else part.split()
        return [part for part in found if part.strip()]

    def of(self, parts: Sequence[str]) -> Value:
        lockable = self.lockable()
        found: list[str] = []
        for part in parts:
            key = lockable.get(_folded(part))
            if key is None:
                raise BadValue("config.bad_lock", part=escape(shorten(part.strip(), 60)))
            found.append(key)
        return list(dict.fromkeys(found))


def _folded(part: str) -> str:
    return " ".join(_SUFFIX.sub("", part.lower()).replace("_", " ").replace("-", " ").split())


def is_locked(entries: object, key: str) -> bool:
    """Whether a stored list locks a setting."""
    return any(entry.partition(":")[0] == key for entry in cast("Sequence[str]", entries or ()))


def narrows(kind: ValueKind) -> bool:
    """Whether there are narrower values of this type."""
    return (isinstance(kind, Choice) and kind.narrowing) or isinstance(
        kind, Whole | Decimal | Flag | Commands | Patterns | Roles
    )


def narrowed(kind: ValueKind, wide: object, near: object) -> object:
    """What holds of a nearer value under a wider one, which may only be narrowed. None: nothing is set."""
    if wide is None or near is None:
        return near if wide is None else wide
    match kind:
        case Whole() | Decimal():
            return min(cast("float", wide), cast("float", near))
        case Flag(permits=True):
            return wide and near
        case Flag():
            return wide or near
        case Choice(options=options):
            return max(str(wide), str(near), key=list(options).index)
        case Commands():
            return [one for one in cast("list[str]", wide) if one in cast("list[str]", near)]
        case Patterns():
            return _models(cast("list[str]", wide), cast("list[str]", near))
        case Roles():
            return _fewer(wide, near, lambda wider, nearer: wider == nearer)
        case _:
            return wide


def _models(wide: list[str], near: list[str]) -> list[object]:
    """Of lists of allowed models, those of each command."""
    general = _fewer(patterns_of(wide, ""), patterns_of(near, ""), _covers)
    own = {one.partition("=")[0].removeprefix("/") for one in (*wide, *near) if "=" in one}
    return general + [
        f"{command}={one}"
        for command in BY_COMMAND
        if command in own
        for one in _fewer(patterns_of(wide, command), patterns_of(near, command), _covers)
    ]


def _fewer(wide: object, near: object, covers: Callable[[object, object], bool]) -> list[object]:
    """Of a list that allows what is in it, and everything where it is empty: what both of them allow.

    Where that is nothing, what the wider one allows: nothing would be everything.
    """
    wider, nearer = cast("list[object]", wide), cast("list[object]", near)
    if not wider:
        return nearer
    return [one for one in nearer if any(covers(each, one) for each in wider)] or wider


def _covers(wider: object, nearer: object) -> bool:
    """Whether a pattern stands for all that another one does. What a `?` stands for is no `*`."""
    signs = {"*": ".*", "?": "[^*]"}
    pattern = "".join(signs.get(sign) or re.escape(sign) for sign in str(wider).lower())
    return re.fullmatch(pattern, str(nearer).lower()) is not None
