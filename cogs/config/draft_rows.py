"""What somebody chose for places and has not applied yet: a row a person and place, until it becomes a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, cast

from sqlalchemy import delete, select, update

from bot.settings import PAUSED, SETTINGS, stored
from bot.settings import changes as store
from bot.settings.changes import Change, Changed
from bot.store.schema import DRAFT_SECONDS
from bot.store.schema import setting_drafts as d
from bot.store.upsert import insert_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import ColumnElement, Connection

    from bot.settings.changes import Realm
    from bot.settings.stored import Json, Place


@dataclass(frozen=True, slots=True)
class Step:
    """One setting of a draft. None: nothing is set there, or is to be."""

    before: Json | None
    """What was set there when it was chosen."""
    after: Json | None


Draft: TypeAlias = Mapping[str, Step]
"""By the settings' keys, in the order in which they were chosen."""
Drafts: TypeAlias = "Mapping[Place, Draft]"


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody else changed what is in a draft: `value` is set there now. `line` of the history, if it is kept."""

    place: Place
    key: str
    value: Json | None
    line: Changed | None


@dataclass(frozen=True, slots=True)
class Applied:
    """`lines` of the history; or, where something `moved` since it was chosen, nothing was applied."""

    lines: tuple[Changed, ...] = ()
    moved: tuple[Moved, ...] = field(default=())


def read(c: Connection, person_id: int, place: Place, *, now: float) -> Draft:
    """What is not applied yet; empty: nothing."""
    query = select(d.c.changes).where(_of(person_id, place), d.c.drafted_at > now - DRAFT_SECONDS)
    return _steps(c.execute(query).scalar())


def all_of(c: Connection, person_id: int, realm: Realm, *, now: float) -> Drafts:
    """All that somebody has not applied yet of a server, or of a channel outside servers: its settings first."""
    where = (d.c.person_id == person_id) & (d.c.drafted_at > now - DRAFT_SECONDS)
    if realm.guild_id is not None:
        where &= d.c.guild_id == realm.guild_id
    else:
        where &= d.c.guild_id.is_(None) & (d.c.scope_id == realm.channel_id)
    query = select(d.c.scope, d.c.scope_id, d.c.changes).where(where).order_by(d.c.scope.desc(), d.c.scope_id)
    found = ((scope, scope_id, _steps(changes)) for scope, scope_id, changes in c.execute(query))
    return {(scope, scope_id): draft for scope, scope_id, draft in found if draft}


def add(
    c: Connection,
    person_id: int,
    place: Place,
    chosen: Mapping[str, Json | None],
    *,
    holding: Mapping[str, object],
    guild_id: int | None,
    now: float,
) -> None:
    """Put what was chosen into the draft. What is so already leaves it; `holding`: what holds there by wider places
    where nothing is set.
    """
    draft = dict(read(c, person_id, place, now=now))
    for key in chosen:
        draft.pop(key, None)
    draft.update(steps(_present(c, place), chosen, holding))
    put(c, person_id, {place: draft}, guild_id=guild_id, now=now)
    note_source(c, person_id, [place], None)


def steps(present: Mapping[str, Json], chosen: Mapping[str, Json | None], holding: Mapping[str, object]) -> Draft:
    """What was chosen and is not so already."""
    return {
        key: Step(present.get(key), value)
        for key, value in chosen.items()
        if not same(present.get(key), value) and (key in present or not same(holding.get(key), value))
    }


def put(c: Connection, person_id: int, drafts: Drafts, *, guild_id: int | None, now: float) -> None:
    """Keep these drafts in the place of those before; an empty one goes."""
    for place, draft in drafts.items():
        if not draft:
            c.execute(delete(d).where(_of(person_id, place)))
            continue
        facts = {"changes": {key: [step.before, step.after] for key, step in draft.items()}, "drafted_at": now}
        whose = {"person_id": person_id, "scope": str(place[0]), "scope_id": place[1], "guild_id": guild_id}
        insert = insert_for(c, d).values(**whose, **facts)
        c.execute(insert.on_conflict_do_update(index_elements=[d.c.person_id, d.c.scope, d.c.scope_id], set_=facts))


def note_source(c: Connection, person_id: int, places: Iterable[Place], came_by: str | None) -> None:
    """What all that is drafted there came by."""
    for place in places:
        c.execute(update(d).where(_of(person_id, place)).values(came_by=came_by))


def _source(c: Connection, person_id: int, places: Iterable[Place]) -> str | None:
    """What all of it came by, if it is one thing."""
    found = {c.execute(select(d.c.came_by).where(_of(person_id, place))).scalar() for place in places}
    return found.pop() if len(found) == 1 else None


def apply(c: Connection, person_id: int, drafts: Drafts, *, guild_id: int | None, now: float) -> Applied:
    """Make one change of drafts, and forget them. What somebody else changed meanwhile is told first: they then count
    from what is set now.
    """
    _hold(c, drafts, guild_id)
    if any(read(c, person_id, place, now=now) != draft for place, draft in drafts.items()):
        return Applied()  # another press of the same button, or another window, was first
    came_by = _source(c, person_id, drafts)
    applied = make(c, person_id, drafts, guild_id=guild_id, now=now, came_by=came_by)
    left: Drafts = {place: {} for place in drafts}
    if applied.moved:
        present = stored.read(c, scopes=list(drafts))
        left = {
            place: {key: Step(present.get(place, {}).get(key), step.after) for key, step in draft.items()}
            for place, draft in drafts.items()
        }
    put(c, person_id, left, guild_id=guild_id, now=now)
    return applied


def make(
    c: Connection,
    person_id: int,
    drafts: Drafts,
    *,
    guild_id: int | None,
    now: float,
    came_by: str | None = None,
) -> Applied:
    """Make one change of drafts that are kept nowhere, unless somebody else changed something of them meanwhile."""
    if not drafts:
        return Applied()
    _hold(c, drafts, guild_id)
    if moved := tuple(_moved(c, drafts)):
        return Applied(moved=moved)
    wanted = [
        Change(str(scope), id_, key, step.after)
        for (scope, id_), draft in drafts.items()
        for key, step in draft.items()
    ]
    return Applied(tuple(store.make(c, wanted, by=person_id, now=now, guild_id=guild_id, came_by=came_by)))


def _moved(c: Connection, drafts: Drafts) -> Iterator[Moved]:
    present = stored.read(c, scopes=list(drafts))
    for place, draft in drafts.items():
        now = present.get(place, {})
        keys = [
            key
            for key, step in draft.items()
            if not same(now.get(key), step.before) and not same(now.get(key), step.after)
        ]
        by = store.newest(c, place, keys) if keys else {}
        for key in keys:
            yield Moved(place, key, now.get(key), by.get(key))


def _hold(c: Connection, drafts: Drafts, guild_id: int | None) -> None:
    for _, id_ in list(drafts)[:1]:
        store.hold(c, id_ if guild_id is None else guild_id)


def _steps(changes: object) -> Draft:
    found = cast("Mapping[str, tuple[Json | None, Json | None]]", changes or {})
    return {key: Step(*pair) for key, pair in found.items() if key in SETTINGS or key == PAUSED}


def _present(c: Connection, place: Place) -> Mapping[str, Json]:
    return stored.read(c, scopes=[place]).get(place, {})


def same(one: object, other: object) -> bool:
    """As stored: `True` is no 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _of(person_id: int, place: Place) -> ColumnElement[bool]:
    return (d.c.person_id == person_id) & (d.c.scope == str(place[0])) & (d.c.scope_id == place[1])
