"""What is done in a round's review: its prompt edited or given up, the ideas used as they are.

Each is a transaction for a jam that is locked first.
"""

from __future__ import annotations

from sqlalchemy import Connection

from bot.errors import NotAllowed
from bot.generation.ordering.orders import Orders
from bot.kinds import Kind
from bot.orders.callers import Caller
from cogs.jam import merge, rights, round_rows
from cogs.jam import rows as jams
from cogs.jam.facts import base_of, place_of, prompt_so_far
from cogs.jam.reasons import RoundReason
from cogs.jam.records import Jam
from cogs.jam.states import JamState


def back(connection: Connection, caller: Caller, jam_id: int, *, now: float) -> Jam | None:
    """To open: the merged prompt is dropped, ideas come in again."""
    jam = _led(connection, caller, jam_id, now=now)
    dropped = {"prompt": None, "reason": None, "detail": None, "generation_id": None}
    round_rows.change_round(connection, jam.id, jam.round, **dropped)
    round_rows.set_parts(connection, jam.id, jam.round, {})
    due = now + jam.round_seconds if jam.round_seconds is not None else None
    return jams.move(connection, jam.id, jam.step, state=JamState.OPEN, round_due=due)


def edit(
    connection: Connection, *, orders: Orders, caller: Caller, jam_id: int, prompt: str, step: int | None, now: float
) -> Jam | None:
    """Another prompt. `step`: what the jam was at when its prompt was read."""
    jam = _led(connection, caller, jam_id, now=now)
    if step is not None and jam.step != step:
        raise NotAllowed("jam.not_now")
    orders.checked(connection, caller, Kind.IMAGE, prompt)
    ideas = round_rows.ideas_of(connection, jam.id, jam.round)
    round_rows.set_parts(connection, jam.id, jam.round, merge.edited(ideas, prompt))
    round_rows.change_round(connection, jam.id, jam.round, prompt=prompt, reason=None, detail=None)
    return jams.move(connection, jam.id, jam.step)


def use_ideas(connection: Connection, orders: Orders, caller: Caller, jam_id: int, *, now: float) -> Jam | None:
    """The ideas as they are, one after another, in place of the model's prompt."""
    jam = _led(connection, caller, jam_id, now=now)
    ideas = round_rows.ideas_of(connection, jam.id, jam.round)
    if not ideas:  # they were deleted since
        raise NotAllowed("jam.needs_idea")
    rules = orders.read_rules(connection, place_of(jam))
    so_far = prompt_so_far(rules, base_of(connection, jam, jam.round))
    merged = merge.listed(jam.theme, jam.style, ideas, base=so_far)
    round_rows.set_parts(connection, jam.id, jam.round, merged.parts)
    said = {"prompt": merged.prompt, "reason": RoundReason.AS_THEY_ARE, "detail": None}
    round_rows.change_round(connection, jam.id, jam.round, **said)
    return jams.move(connection, jam.id, jam.step)


def _led(connection: Connection, caller: Caller, jam_id: int, *, now: float) -> Jam:
    """The jam in review, led by the caller, locked. NotAllowed: its pictures are about to be ordered."""
    jam = rights.in_state(connection, jam_id, {JamState.REVIEW})
    rights.check_leads(connection, caller, jam, now=now)
    shown = round_rows.get_round(connection, jam.id, jam.round)
    if shown is None or shown.maker_id is not None:
        raise NotAllowed("jam.not_now")
    jams.note_host(connection, jam.id, caller.person_id, now=now)
    return jam
