"""Settings of a server that its categories and channels may not change, or only narrow: `image_model, limits:narrow`.

A lock holds when values are resolved, so what a channel was given before is of no use either; and when somebody sets
one, they are told. What is narrower, `narrowed` says by the type of the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from bot.errors import BadValue
from bot.settings.values import Commands, Decimal, Flag, ListOf, Patterns, Roles, Value, ValueKind, Whole
from bot.text import escape, shorten

LOCKS: Final = "locks"
NARROW: Final = "narrow"
_NARROW: Final = frozenset({NARROW, "narrower", "收紧", "只能收紧"})


@dataclass(frozen=True, slots=True)
class Lock:
    """`narrow`: nearer scopes may narrow the value; else nothing that they set holds."""

    key: str
    narrow: bool


@dataclass(frozen=True, slots=True)
class Locks(ListOf):
    """Keys of settings, each alone or with `:narrow`. `lockable`: those that there are, and whether they narrow."""

    lockable: Callable[[], Mapping[str, bool]]
    most: int = 50
    nothing = frozenset({"none"})

    def split(self, typed: str) -> list[str]:
        joined = re.sub(r"\s*[:：]\s*", ":", typed.strip())
        return [part for part in re.split(r"[\s,，、;；]+", joined) if part]

    def of(self, parts: Sequence[str]) -> Value:
        lockable = self.lockable()
        found: dict[str, str] = {}
        for part in parts:
            key, colon, how = part.lower().replace("-", "_").partition(":")
            if key not in lockable or (colon and how not in _NARROW):
                raise BadValue("config.bad_lock", part=escape(shorten(part, 60)), settings=", ".join(lockable))
            if colon and not lockable[key]:
                narrowing = ", ".join(key for key, narrows in lockable.items() if narrows)
                raise BadValue("config.bad_lock_narrow", setting=key, settings=narrowing)
            found[key] = f"{key}:{NARROW}" if colon else key
        return list(found.values())


def lock_in(entries: object, key: str) -> Lock | None:
    """The lock that a stored list has for a setting."""
    for entry in cast("Sequence[str]", entries or ()):
        name, colon, _ = entry.partition(":")
        if name == key:
            return Lock(key, narrow=bool(colon))
    return None


def narrows(kind: ValueKind) -> bool:
    """Whether there are narrower values of this type."""
    return isinstance(kind, Whole | Decimal | Flag | Commands | Patterns | Roles)


def narrowed(kind: ValueKind, wide: object, near: object) -> object:
    """What holds of a nearer value under a wider one, which may only be narrowed. None: nothing is set."""
    if wide is None or near is None:
        return near if wide is None else wide
    match kind:
        case Whole() | Decimal():
            return min(cast("float", wide), cast("float", near))
        case Flag():
            return wide or near
        case Commands():
            return [one for one in cast("list[str]", wide) if one in cast("list[str]", near)]
        case Patterns():
            return _fewer(wide, near, _covers)
        case Roles():
            return _fewer(wide, near, lambda wider, nearer: wider == nearer)
        case _:
            return wide


def _fewer(wide: object, near: object, covers: Callable[[object, object], bool]) -> object:
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
