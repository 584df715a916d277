"""A jam begins: what was asked for, and its row with the first round. Its thread and cards follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.errors import BadValue, NotAllowed
from bot.generation.card_facts import shown_picture
from bot.generation.ordering.orders import Orders
from bot.generation.rows import result_rows
from bot.kinds import Kind
from bot.orders.callers import Caller
from cogs.jam import merge, rights
from cogs.jam import rows as jams
from cogs.jam.records import Jam, NewJam
from cogs.jam.words import plain

MINUTES = 30
"""How long a jam goes on where nobody says otherwise."""
MINUTES_MOST = 24 * 60


@dataclass(frozen=True, slots=True)
class Asked:
    """`minutes`: 1 to a day's. `round_minutes`: a round is made by itself after so long; 0: never; None: as it is set
    at the place. `source`: the order and the position of the picture that it begins with. `people`: who is in it
    beside the caller.
    """

    theme: str
    style: str | None = None
    minutes: int = MINUTES
    round_minutes: int | None = None
    source: tuple[int, int] | None = None
    people: Sequence[int] = ()

    def checked(self) -> Asked:
        """As it is kept. BadValue."""
        theme, style = plain(self.theme), plain(self.style or "") or None
        if not theme:
            raise BadValue("jam.empty_theme")
        if len(theme) > merge.THEME_MOST or len(style or "") > merge.STYLE_MOST:
            raise BadValue("jam.theme_long", theme=merge.THEME_MOST, style=merge.STYLE_MOST)
        if not 1 <= self.minutes <= MINUTES_MOST:
            raise BadValue("jam.minutes", most=MINUTES_MOST)
        return replace(self, theme=theme, style=style)


def begin(connection: Connection, *, orders: Orders, caller: Caller, asked: Asked, now: float) -> Jam:
    """A jam in the caller's channel that is being opened. NotAllowed `jam.running`: one is there."""
    place = caller.place
    if place.guild_id is None or caller.token_only:
        raise NotAllowed("jam.channels_only")
    rules = orders.checked(connection, caller, Kind.IMAGE, f"{asked.theme}\n{asked.style or ''}")
    rights.check_starts(caller, rules)
    minutes = int(rules.value("jam_round")) if asked.round_minutes is None else asked.round_minutes
    if asked.source is not None:
        _check_source(connection, caller, asked.source)
    refuse_running(connection, caller)
    new = NewJam(
        guild_id=place.guild_id,
        channel_id=place.channel_id,
        thread_id=place.thread_id,
        category_id=place.category_id,
        application_id=caller.application_id,
        started_by=caller.person_id,
        locale=rules.value("language") or caller.locale,
        theme=asked.theme,
        style=asked.style,
        paid_by=rules.value("jam_paid_by"),
        ideas_each=rules.value("jam_ideas"),
        ends_at=now + 60.0 * asked.minutes,
        round_seconds=60 * minutes or None,
        source_id=asked.source[0] if asked.source is not None else None,
        source_position=asked.source[1] if asked.source is not None else None,
    )
    jam = jams.insert_new(connection, new, now=now)
    if jam is None:  # somebody else's began in the same moment
        raise _running(jams.in_channel(connection, place.here), caller)
    for number, person_id in enumerate(asked.people, start=1):
        jams.join(connection, jam.id, person_id, now=now + number / 1000)  # in their order
    return jam


def refuse_running(connection: Connection, caller: Caller) -> None:
    """NotAllowed `jam.running` with its `link`, where a jam is there already."""
    there = jams.in_channel(connection, caller.place.here)
    if there is not None:
        raise _running(there, caller)


def _running(jam: Jam | None, caller: Caller) -> NotAllowed:
    place = caller.place
    here = jam.thread_id if jam is not None and jam.thread_id is not None else place.here
    return NotAllowed("jam.running", link=f"https://discord.com/channels/{place.guild_id}/{here}")


def _check_source(connection: Connection, caller: Caller, source: tuple[int, int]) -> None:
    """NotAllowed: the picture is not to be seen any more, or not here."""
    row = shown_picture(connection, source[0])
    if row.guild_id != caller.place.guild_id or row.private:
        raise NotAllowed("error.gone")
    if source[1] not in {result.position for result in result_rows.of_generation(connection, row.id)}:
        raise NotAllowed("error.gone")
    caller.check_brings(age_restricted=bool(row.age_restricted))
