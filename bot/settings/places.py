"""Where a value is stored, and which one holds at a place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias, cast

from bot.environment import Environment
from bot.settings.locks import LOCKS, is_locked, narrowed
from bot.settings.scope import Scope

if TYPE_CHECKING:
    from bot.settings.table import Setting

PAUSED = "paused"
"""The key under which a pause is stored. No setting: it does not give way to a nearer one."""


class Origin(StrEnum):
    """Where an effective value comes from, nearest first."""

    THREAD = "thread"
    CHANNEL = "channel"
    CATEGORY = "category"
    SERVER = "server"
    DEFAULT = "default"


Values: TypeAlias = Mapping[tuple[str, int], Mapping[str, object]]
"""Stored values: (scope, id of the server, category, channel or thread) → setting → value."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command was used. Outside a server only `channel_id` is known."""

    channel_id: int
    thread_id: int | None = None
    category_id: int | None = None
    guild_id: int | None = None

    @property
    def here(self) -> int:
        """The id of the thread, or of the channel that is none."""
        return self.thread_id or self.channel_id

    def id_of(self, scope: Scope) -> int | None:
        """The id under which a value of `scope` is stored here; None: there is no such scope here."""
        if scope is Scope.CHANNEL:
            return self.here
        return self.category_id if scope is Scope.CATEGORY else self.guild_id

    def scopes(self) -> tuple[tuple[Origin, Scope, int], ...]:
        """What may hold a value here, nearest first."""
        chain = (
            (Origin.THREAD, Scope.CHANNEL, self.thread_id),
            (Origin.CHANNEL, Scope.CHANNEL, self.channel_id),
            (Origin.CATEGORY, Scope.CATEGORY, self.category_id),
            (Origin.SERVER, Scope.SERVER, self.guild_id),
        )
        return tuple((origin, scope, id_) for origin, scope, id_ in chain if id_ is not None)


@dataclass(frozen=True, slots=True)
class Effective:
    """`parts`: of a list that adds up over scopes, each scope's own, nearest first; `origin` is the nearest's."""

    value: object
    origin: Origin
    parts: tuple[Effective, ...] = ()


def resolve(setting: Setting, place: Place, values: Values, environment: Environment) -> Effective:
    """The value that holds at `place`: thread, else channel, category, server, else the owner's default.

    Of lists that add up, all of them together: a nearer one takes nothing away. What the server locks holds as the
    server has it, whatever nearer scopes say; of what has narrower values, narrowed by them.
    """
    if setting.adds_up and (parts := tuple(one for one in _stored(setting.key, place, values) if one.value)):
        entries = (entry for part in parts for entry in cast("list[object]", part.value))
        return Effective(list(dict.fromkeys(entries)), parts[0].origin, parts)
    default = setting.default(environment) if locked_at(setting.key, place, values) else None
    found = stored_at(setting, place, values, default)
    return found or Effective(setting.default(environment), Origin.DEFAULT)


def locked_at(key: str, place: Place, values: Values) -> bool:
    """Whether the server of `place` locks a setting."""
    return is_locked(values.get((Scope.SERVER, place.guild_id or 0), {}).get(LOCKS), key)


def stored_at(setting: Setting, place: Place, values: Values, default: object = None) -> Effective | None:
    """The stored value that holds at `place`; None: nothing is set around it that counts. What is locked counts from
    the server's value on inwards, or from the `default`, as far as each value narrows the wider one.
    """
    found = list(_stored(setting.key, place, values))
    if not locked_at(setting.key, place, values):
        nearest = found[0] if found else None
        return nearest and Effective(setting.meant(nearest.value), nearest.origin)
    held = Effective(default, Origin.DEFAULT)
    for stored in reversed(found):
        value = setting.meant(stored.value)
        if stored.origin is not Origin.SERVER:
            value = narrowed(setting.kind, held.value, value) if setting.narrows else held.value
        if stored.origin is Origin.SERVER or value != held.value:
            held = Effective(value, stored.origin)
    return None if held.origin is Origin.DEFAULT else held


def _stored(key: str, place: Place, values: Values) -> Iterator[Effective]:
    """What is stored around `place`, nearest first."""
    for origin, scope, id_ in place.scopes():
        stored = values.get((scope, id_), {})
        if key in stored:
            yield Effective(stored[key], origin)


def is_paused(place: Place, values: Values) -> Origin | None:
    """The widest scope that is paused and that `place` lies in; None: all is on."""
    paused = (origin for origin, scope, id_ in reversed(place.scopes()) if values.get((scope, id_), {}).get(PAUSED))
    return next(paused, None)
