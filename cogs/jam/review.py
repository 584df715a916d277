"""What is done in a round's review: its prompt edited or given up, the ideas used as they are, its pictures ordered.

Each is a transaction for a jam that is locked first.
"""

from __future__ import annotations

from sqlalchemy import Connection

from bot.errors import NotAllowed
from bot.generation import inputs
from bot.generation import rows as generations
from bot.generation.orders import Orders
from bot.generation.records import Generation, NewInput
from bot.generation.requests import MADE_FROM, From
from bot.kinds import Kind
from bot.orders.callers import Caller
from cogs.jam import merge, rights
from cogs.jam import rows as jams
from cogs.jam.facts import PICTURES, base_of, place_of, prompt_so_far
from cogs.jam.reasons import RoundReason
from cogs.jam.records import Jam
from cogs.jam.states import JamState


def back(connection: Connection, caller: Caller, jam_id: int) -> Jam | None:
    """To open: the merged prompt is dropped, ideas come in again."""
    jam = _led(connection, caller, jam_id)
    dropped = {"prompt": None, "reason": None, "detail": None, "generation_id": None}
    jams.change_round(connection, jam.id, jam.round, **dropped)
    jams.set_parts(connection, jam.id, jam.round, {})
    return jams.move(connection, jam.id, jam.step, state=JamState.OPEN)


def edit(
    connection: Connection, *, orders: Orders, caller: Caller, jam_id: int, prompt: str, step: int | None
) -> Jam | None:
    """Another prompt. `step`: what the jam was at when its prompt was read."""
    jam = _led(connection, caller, jam_id)
    if step is not None and jam.step != step:
        raise NotAllowed("jam.not_now")
    orders.checked(connection, caller, Kind.IMAGE, prompt)
    ideas = jams.ideas_of(connection, jam.id, jam.round)
    jams.set_parts(connection, jam.id, jam.round, merge.edited(ideas, prompt))
    jams.change_round(connection, jam.id, jam.round, prompt=prompt, reason=None, detail=None)
    return jams.move(connection, jam.id, jam.step)


def use_ideas(connection: Connection, orders: Orders, caller: Caller, jam_id: int) -> Jam | None:
    """The ideas as they are, one after another, in place of the model's prompt."""
    jam = _led(connection, caller, jam_id)
    ideas = jams.ideas_of(connection, jam.id, jam.round)
    if not ideas:  # they were deleted since
        raise NotAllowed("jam.needs_idea")
    rules = orders.read_rules(connection, place_of(jam))
    so_far = prompt_so_far(rules, base_of(connection, jam.id, jam.round))
    merged = merge.listed(jam.theme, jam.style, ideas, base=so_far)
    jams.set_parts(connection, jam.id, jam.round, merged.parts)
    said = {"prompt": merged.prompt, "reason": RoundReason.AS_THEY_ARE, "detail": None}
    jams.change_round(connection, jam.id, jam.round, **said)
    return jams.move(connection, jam.id, jam.step)


def order(
    connection: Connection, *, orders: Orders, caller: Caller, jam_id: int, picture: NewInput | None
) -> Generation:
    """To making: the round's pictures, queued. `picture`: where the base's file is now, where it is edited."""
    before = jams.get(connection, jam_id)
    base = base_of(connection, jam_id, before.round) if before is not None else None
    # The order's row before the jam's, as a vote takes them: on PostgreSQL they would wait for each other.
    stands = generations.get_locked(connection, base[0].id) if base is not None else None
    jam = rights.in_state(connection, jam_id, {JamState.REVIEW})
    payer = rights.payer(caller, jam)
    shown = jams.get_round(connection, jam.id, jam.round)
    if before is None or before.round != jam.round or shown is None or not shown.prompt:
        raise NotAllowed("jam.not_now")
    rules = orders.checked(connection, payer, Kind.IMAGE, shown.prompt)
    edits = bool(rules.made_with("edit_model")) and picture is not None and base is not None
    parameters: dict[str, object] = {MADE_FROM: str(From.EDIT)} if edits else {}
    if not edits or (stands is not None and stands.parameters.get("size")):
        size = stands.parameters.get("size") if stands is not None else None
        parameters["size"] = size or rules.value("image_size")
    row = orders.order(
        connection,
        payer,
        rules,
        Kind.IMAGE,
        rules.made_with("edit_model") if edits else None,
        prompt=shown.prompt,
        count=min(PICTURES, rules.value("max_images")),
        parameters=parameters,
        parent_id=stands.id if stands is not None else None,
        action="round",
        source_id=stands.id if stands is not None and edits else None,
        source_position=base[1] if base is not None and edits else None,
    )
    if edits and picture is not None:
        inputs.put(connection, row.id, [picture])
    made = {"generation_id": row.id, "reason": None, "detail": None, "votes_until": None}
    jams.change_round(connection, jam.id, jam.round, **made)
    if jams.move(connection, jam.id, jam.step, state=JamState.MAKING) is None:
        raise NotAllowed("jam.not_now")
    return row


def _led(connection: Connection, caller: Caller, jam_id: int) -> Jam:
    """The jam in review, led by the caller, locked."""
    jam = rights.in_state(connection, jam_id, {JamState.REVIEW})
    rights.check_leads(caller, jam)
    return jam
