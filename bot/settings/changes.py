"""Changes of settings, each with its line in the history: who changed what, when, from what to what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, insert, not_, select, tuple_, update

from bot.errors import NotAllowed
from bot.settings import stored as settings
from bot.settings.locks import LOCKS, is_locked, narrowed
from bot.settings.stored import Json, Place
from bot.settings.table import SETTINGS
from bot.store.schema import setting_changes as h
from bot.store.schema import settings as s

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Select, Table


IMPORT: Final = "import"
"""What a change came by that a file brought."""


@dataclass(frozen=True, slots=True)
class Change:
    """`value` None: nothing is to be set there any more."""

    scope: str
    scope_id: int
    key: str
    value: Json | None


@dataclass(frozen=True, slots=True)
class Changed:
    """A line of the history; the columns' order is `schema.setting_changes`'s. Times are Unix seconds."""

    id: int
    batch: int
    """Changes made in one go share the id of the first of them."""
    undoes: int | None
    """The batch that this one took back."""
    guild_id: int | None
    scope: str
    scope_id: int
    key: str
    before: Json | None
    after: Json | None
    changed_by: int | None
    """None: that person's data was deleted."""
    changed_at: float
    came_by: str | None = None
    """A preset's name, or IMPORT; None: it was chosen or typed."""


def make(
    c: Connection,
    wanted: Sequence[Change],
    *,
    by: int,
    now: float,
    guild_id: int | None,
    undoes: int | None = None,
    came_by: str | None = None,
) -> list[Changed]:
    """Make the changes in one go and return the lines of the history.

    What is so already leaves none, unless it takes back the batch `undoes`: that is then known to be taken back.
    NotAllowed: the server locks one of them.
    """
    if not wanted:
        return []
    hold(c, wanted[0].scope_id if guild_id is None else guild_id)
    server = ("server", guild_id or 0)
    present = settings.read(c, scopes={server, *((str(one.scope), one.scope_id) for one in wanted)})
    if undoes is None:  # what it brings back may be locked since, and then holds no more than it did
        refuse_locked(wanted, present.get(server, {}))
    lines: list[dict[str, Any]] = []
    shared = {"undoes": undoes, "guild_id": guild_id, "changed_by": by, "changed_at": now, "came_by": came_by}
    stored: dict[tuple[str, int, str], Json | None] = {}
    for one in wanted:
        place = str(one.scope), one.scope_id
        before = stored.get((*place, one.key), present.get(place, {}).get(one.key))
        if undoes is not None or before != one.value or type(before) is not type(one.value):
            stored[*place, one.key] = one.value
            line = {"scope": place[0], "scope_id": place[1], "key": one.key, "before": before, "after": one.value}
            lines.append(line | shared)
    settings.put_all(c, stored, changed_by=by, now=now, guild_id=guild_id)
    return _noted(c, lines)


def refuse_locked(wanted: Iterable[Change], server: Mapping[str, Json]) -> None:
    """NotAllowed: by what the `server` has set, or is given among them, a nearer scope may not have a value."""
    wanted = list(wanted)
    held = {**server, **{one.key: one.value for one in wanted if one.scope == "server"}}
    for one in wanted:
        nearer = one.scope != "server" and one.value is not None
        setting = SETTINGS.get(one.key)
        if setting is None or setting.adds_up or not (nearer and is_locked(held.get(LOCKS), one.key)):
            continue
        if not setting.narrows:
            raise NotAllowed("config.locked", setting=setting.name)
        near = setting.meant(one.value)
        if narrowed(setting.kind, setting.meant(held.get(one.key)), near) != near:
            raise NotAllowed("config.locked_narrow", setting=setting.name)


def _noted(c: Connection, lines: Sequence[dict[str, Any]]) -> list[Changed]:
    """Lines of the history as one batch, in a few statements however many they are."""
    if not lines:
        return []
    first = c.execute(insert(h).values(**lines[0]).returning(h.c.id)).scalar_one()
    c.execute(update(h).where(h.c.id == first).values(batch=first))
    if rest := [{**line, "batch": first} for line in lines[1:]]:
        c.execute(insert(h), rest)
    return [Changed(*row) for row in c.execute(select(h).where(h.c.batch == first).order_by(h.c.id))]


def edit(
    c: Connection,
    place: Place,
    key: str,
    change: Callable[[Json | None], Json | None],
    *,
    by: int,
    now: float,
    guild_id: int | None,
) -> tuple[Json | None, list[Changed]]:
    """Make a value of the one that is set there (None: nothing is, or is to be). The new value and its lines.

    Of two edits at once the second is given what the first one made.
    """
    scope, scope_id = place
    hold(c, scope_id if guild_id is None else guild_id)
    value = change(settings.read(c, scopes=[place]).get((str(scope), scope_id), {}).get(key))
    return value, make(c, [Change(scope, scope_id, key, value)], by=by, now=now, guild_id=guild_id)


@dataclass(frozen=True, slots=True)
class Realm:
    """Whose changes: a server's, or those of one channel outside servers. `places`: only these; None: all of them."""

    guild_id: int | None
    channel_id: int
    places: frozenset[Place] | None = None


def everything(c: Connection, realm: Realm) -> dict[Place, dict[str, Json]]:
    """All that is set within `realm`, by its places."""
    found: dict[Place, dict[str, Json]] = {}
    query = select(s.c.scope, s.c.scope_id, s.c.key, s.c.value).where(_within(s, realm))
    for scope, scope_id, key, value in c.execute(query):
        if realm.places is None or (scope, scope_id) in realm.places:
            found.setdefault((scope, scope_id), {})[key] = value
    return found


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What was changed in one go."""

    count: int
    lines: tuple[Changed, ...]
    """The first of them that were looked for, oldest first."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for in the history; None: whatever it is. `since`: Unix seconds."""

    by: int | None = None
    key: str | None = None
    since: float | None = None
    batch: int | None = None


def history(
    c: Connection,
    realm: Realm,
    *,
    wanted: Wanted | None = None,
    before: int | None = None,
    limit: int,
    lines: int,
) -> list[ChangeSet]:
    """What was changed within `realm`, newest first: `limit` sets older than the batch `before`, with up to so many
    `lines` of each.
    """
    seen = _within(h, realm) if realm.places is None else _within(h, realm) & _at(realm.places)
    fits = seen
    if wanted is not None:
        if wanted.by is not None:
            fits &= h.c.changed_by == wanted.by
        if wanted.key is not None:
            fits &= h.c.key == wanted.key
        if wanted.since is not None:
            fits &= h.c.changed_at >= wanted.since
        if wanted.batch is not None:
            fits &= h.c.batch == wanted.batch
    older = fits if before is None else fits & (h.c.batch < before)
    batches = select(h.c.batch).where(older).group_by(h.c.batch).order_by(h.c.batch.desc()).limit(limit)
    found = list(c.execute(batches).scalars())
    counts = select(h.c.batch, func.count()).where(seen, h.c.batch.in_(found)).group_by(h.c.batch)
    count = {row[0]: row[1] for row in c.execute(counts)}
    rank = func.row_number().over(partition_by=h.c.batch, order_by=h.c.id)
    ranked = select(h.c.id, rank.label("rank")).where(fits, h.c.batch.in_(found)).subquery()
    first = select(ranked.c.id).where(ranked.c.rank <= lines)
    of: dict[int, list[Changed]] = {batch: [] for batch in found}
    for row in c.execute(select(h).where(h.c.id.in_(first)).order_by(h.c.id)):
        of[row.batch].append(Changed(*row))
    return [ChangeSet(count[batch], tuple(mine)) for batch, mine in of.items()]


def newest(c: Connection, place: Place, keys: Sequence[str]) -> dict[str, Changed]:
    """The last change of each of these settings at a place, as far as there was one."""
    there = (h.c.scope == str(place[0])) & (h.c.scope_id == place[1]) & h.c.key.in_(keys)
    last = select(func.max(h.c.id)).where(there).group_by(h.c.key)
    return {row.key: Changed(*row) for row in c.execute(select(h).where(h.c.id.in_(last)))}


def is_any_set(c: Connection, guild_id: int, keys: Sequence[str] | None = None) -> bool:
    """Whether a server has set any of these settings (None: anything), wherever in it."""
    query = select(s.c.key).where(s.c.guild_id == guild_id).limit(1)
    return c.execute(query if keys is None else query.where(s.c.key.in_(keys))).first() is not None


def of_batch(c: Connection, batch: int, realm: Realm) -> list[Changed]:
    """The changes that were made in one go, oldest first, held until the transaction ends. None of another realm's."""
    query = select(h).where(_within(h, realm), h.c.batch == batch).order_by(h.c.id).with_for_update()
    return [Changed(*row) for row in c.execute(query)]


def to_undo(c: Connection, realm: Realm, *, limit: int) -> list[int]:
    """The newest batches, newest first, that touched nothing outside `realm`, are no undoing themselves, and were not
    taken back yet.
    """
    open_ = _within(h, realm) & h.c.undoes.is_(None) & h.c.batch.not_in(_undone())
    if realm.places is not None:
        open_ &= h.c.batch.not_in(select(h.c.batch).where(_within(h, realm), not_(_at(realm.places))))
    query = select(h.c.batch).where(open_).group_by(h.c.batch).order_by(h.c.batch.desc()).limit(limit)
    return list(c.execute(query).scalars())


def is_undone(c: Connection, batch: int) -> bool:
    """Whether `batch` was taken back."""
    return c.execute(select(h.c.id).where(h.c.undoes == batch).limit(1)).first() is not None


def last_undo(c: Connection, realm: Realm) -> Changed | None:
    """The newest change that took one back."""
    query = select(h).where(_within(h, realm), h.c.undoes.is_not(None)).order_by(h.c.id.desc()).limit(1)
    row = c.execute(query).first()
    return None if row is None else Changed(*row)


def taking_back(lines: Sequence[Changed]) -> list[Change]:
    """The changes that bring back what was before `lines`, newest first."""
    return [Change(line.scope, line.scope_id, line.key, line.before) for line in reversed(lines)]


def hold(c: Connection, realm_id: int) -> None:
    """Let nobody else change settings of a server, or of a channel outside servers, until the transaction ends.

    Where nothing is set yet there is no row to lock. SQLite has one writer.
    """
    if c.dialect.name == "postgresql":
        c.execute(select(func.pg_advisory_xact_lock(realm_id)))


def _undone() -> Select[tuple[int]]:
    return select(h.c.undoes).where(h.c.undoes.is_not(None))


def _at(places: frozenset[Place]) -> ColumnElement[bool]:
    return tuple_(h.c.scope, h.c.scope_id).in_([(str(scope), id_) for scope, id_ in sorted(places)])


def _within(table: Table, realm: Realm) -> ColumnElement[bool]:
    if realm.guild_id is not None:
        return table.c.guild_id == realm.guild_id
    return table.c.guild_id.is_(None) & (table.c.scope == "channel") & (table.c.scope_id == realm.channel_id)
