"""What somebody chose for a place and has not applied yet: a row a person and place, until it becomes a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sqlalchemy import delete, select

from bot.settings import SETTINGS, stored
from bot.settings import changes as store
from bot.settings.changes import Change, Changed
from bot.store.schema import DRAFT_SECONDS
from bot.store.schema import setting_drafts as d
from bot.store.upsert import insert_for

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from bot.settings.stored import Json
    from cogs.config.spots import Spot


@dataclass(frozen=True, slots=True)
class Step:
    """One setting of a draft. None: nothing is set there, or is to be."""

    before: Json | None
    """What was set there when it was chosen."""
    after: Json | None


Draft = Mapping[str, Step]
"""By the settings' keys, in the order in which they were chosen."""


@dataclass(frozen=True, slots=True)
class Applied:
    """`lines` of the history; or, where `meanwhile` is not empty, what somebody else changed since it was chosen, with
    what is set there now: then nothing was applied.
    """

    lines: tuple[Changed, ...] = ()
    meanwhile: Mapping[str, tuple[Json | None, Changed | None]] | None = None


def read(c: Connection, person_id: int, spot: Spot, *, now: float) -> Draft:
    """What is not applied yet; empty: nothing."""
    query = select(d.c.changes).where(_of(person_id, spot), d.c.drafted_at > now - DRAFT_SECONDS)
    found = cast("Mapping[str, tuple[Json | None, Json | None]]", c.execute(query).scalar() or {})
    return {key: Step(*pair) for key, pair in found.items() if key in SETTINGS}


def add(
    c: Connection,
    person_id: int,
    spot: Spot,
    chosen: Mapping[str, Json | None],
    *,
    holding: Mapping[str, object],
    guild_id: int | None,
    now: float,
) -> None:
    """Put what was chosen into the draft. What is so already leaves it; `holding`: what holds there by wider places
    where nothing is set.
    """
    present = _present(c, spot)
    draft = dict(read(c, person_id, spot, now=now))
    for key, value in chosen.items():
        draft.pop(key, None)
        before = present.get(key)
        if not _same(before, value) and (before is not None or not _same(holding.get(key), value)):
            draft[key] = Step(before, value)
    put(c, person_id, spot, draft, guild_id=guild_id, now=now)


def put(c: Connection, person_id: int, spot: Spot, draft: Draft, *, guild_id: int | None, now: float) -> None:
    """Keep a draft in the place of the one before; an empty one goes."""
    if not draft:
        c.execute(delete(d).where(_of(person_id, spot)))
        return
    facts = {"changes": {key: [step.before, step.after] for key, step in draft.items()}, "drafted_at": now}
    whose = {"person_id": person_id, "scope": str(spot.scope), "scope_id": spot.id, "guild_id": guild_id}
    insert = insert_for(c, d).values(**whose, **facts)
    c.execute(insert.on_conflict_do_update(index_elements=[d.c.person_id, d.c.scope, d.c.scope_id], set_=facts))


def apply(c: Connection, person_id: int, spot: Spot, draft: Draft, *, guild_id: int | None, now: float) -> Applied:
    """Make of a draft one change, and forget it. What somebody else changed meanwhile is told first: the draft then
    counts from what is set now.
    """
    store.hold(c, spot.id if guild_id is None else guild_id)
    if read(c, person_id, spot, now=now) != draft:
        return Applied()  # another press of the same button, or another window, was first
    present = _present(c, spot)
    moved = {
        key: present.get(key)
        for key, step in draft.items()
        if not _same(present.get(key), step.before) and not _same(present.get(key), step.after)
    }
    if moved:
        by = store.newest(c, spot.place, list(moved))
        since = {key: Step(present.get(key), step.after) for key, step in draft.items()}
        put(c, person_id, spot, since, guild_id=guild_id, now=now)
        return Applied(meanwhile={key: (value, by.get(key)) for key, value in moved.items()})
    wanted = [Change(str(spot.scope), spot.id, key, step.after) for key, step in draft.items()]
    lines = store.make(c, wanted, by=person_id, now=now, guild_id=guild_id)
    put(c, person_id, spot, {}, guild_id=guild_id, now=now)
    return Applied(tuple(lines))


def _present(c: Connection, spot: Spot) -> Mapping[str, Json]:
    return stored.read(c, scopes=[spot.place]).get(spot.place, {})


def _same(one: object, other: object) -> bool:
    """As stored: `True` is no 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _of(person_id: int, spot: Spot) -> ColumnElement[bool]:
    return (d.c.person_id == person_id) & (d.c.scope == str(spot.scope)) & (d.c.scope_id == spot.id)
