"""A file of another server's settings: what stands there by an id is found here by its name.

Pure: what there is here comes as ids and names. What is not told apart by its name is for a person to choose, or to
leave out; then what names it stays as it is here, since a list of roles without them would let everybody in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, cast

from bot.errors import BadValue
from bot.settings.scope import Scope
from bot.settings.table import SETTINGS
from bot.settings.things import Thing, What
from bot.settings.values import Channel, ListOf

if TYPE_CHECKING:
    from bot.settings.file import Section
    from bot.settings.values import Value


@dataclass(frozen=True, slots=True)
class Here:
    """What there is in the server, by id, and by name without regard to case (`bot.settings.names.by_name`)."""

    there: frozenset[Thing] = frozenset()
    named: Mapping[What, Mapping[str, tuple[int, ...]]] = field(
        default_factory=dict[What, "Mapping[str, tuple[int, ...]]"]
    )


@dataclass(frozen=True, slots=True)
class Match:
    """`found`: things of the file, and what they are here. `open`: those that are not, or several, called so here."""

    found: Mapping[Thing, int]
    open: tuple[Thing, ...]


def match(sections: Sequence[Section], names: Mapping[Thing, str], here: Here) -> Match:
    """What the things are here that a file names beside their ids. Those that are here by their ids are left alone."""
    found: dict[Thing, int] = {}
    open_: dict[Thing, None] = {}
    for thing in (one for section in sections for one in things_of(section)):
        if thing in here.there or thing not in names:
            continue
        ids = here.named.get(thing[0], {}).get(names[thing].strip().casefold(), ())
        if len(ids) == 1:
            found[thing] = ids[0]
        else:
            open_[thing] = None
    return Match(found, tuple(open_))


def things_of(section: Section) -> Iterable[Thing]:
    """What a section is of, and what its values name."""
    if section.scope_id is not None and section.scope is not Scope.SERVER:
        yield _what(section.scope), section.scope_id
    for key, value in section.values.items():
        yield from _named_by(key, value)


def named_in(stored: Mapping[tuple[str, int], Mapping[str, object]]) -> Iterable[Thing]:
    """The places that have settings, and what these name."""
    for (scope, id_), values in stored.items():
        if scope != Scope.SERVER:
            yield _what(Scope(scope)), id_
        for key, value in values.items():
            yield from _named_by(key, value)


def translated(sections: Sequence[Section], known: Mapping[Thing, int | None]) -> list[Section]:
    """The sections with what things are here; None: left out. BadValue: two of them would be the same place."""
    made: list[Section] = []
    places: set[tuple[Scope, int | None]] = set()
    for section in sections:
        id_ = section.scope_id
        if id_ is not None and section.scope is not Scope.SERVER:
            id_ = known.get((_what(section.scope), id_), id_)
            if id_ is None:
                continue
        if (section.scope, id_) in places:
            raise BadValue("copy.same_place", place=f"<#{id_}>")
        places.add((section.scope, id_))
        values: dict[str, Value] = {}
        kept: set[str] = set()
        for key, value in section.values.items():
            if any(known.get(thing, 0) is None for thing in _named_by(key, value)):
                kept.add(key)
            else:
                values[key] = _with(key, value, known)
        # The lines of single entries are of the ids that stand in the file.
        made.append(replace(section, scope_id=id_, values=values, kept=frozenset(kept), entries={}))
    return made


def _named_by(key: str, value: object) -> Iterable[Thing]:
    kind = SETTINGS[key].kind if key in SETTINGS else None
    match kind:
        case ListOf():
            yield from ((What.ROLE, id_) for id_ in kind.roles(cast("list[object]", value)))
        case Channel() if value:
            yield What.CHANNEL, int(str(value))
        case _:
            return


def _with(key: str, value: Value, known: Mapping[Thing, int | None]) -> Value:
    def now(what: What, id_: int) -> int:
        return known.get((what, id_)) or id_

    match SETTINGS[key].kind if key in SETTINGS else None:
        case ListOf() as kind:
            return kind.with_roles(cast("list[object]", value), partial(now, What.ROLE))
        case Channel() if value:
            return now(What.CHANNEL, int(str(value)))
        case _:
            return value


def _what(scope: Scope) -> What:
    return What.CATEGORY if scope is Scope.CATEGORY else What.CHANNEL
