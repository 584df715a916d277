"""A round is made: its ideas are merged, and its pictures ordered, by a press or by its clock.

Each is a transaction. The row of the picture that a round changes is locked before the jam's, as a vote takes them: on
PostgreSQL they would wait for each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.errors import NotAllowed
from bot.generation.ordering.orders import Orders
from bot.generation.requests import MADE_FROM, From
from bot.generation.rows import generations, inputs
from bot.generation.rows.records import Generation, NewInput
from bot.kinds import Kind
from bot.orders import costs
from bot.orders.callers import Caller
from bot.orders.policy import Rules
from bot.orders.question import Question
from cogs.jam import asking, merge, rights, round_rows
from cogs.jam import rows as jams
from cogs.jam.facts import base_of, is_reviewed, pictures_of, place_of, prompt_so_far, takes_base, told_to_merge
from cogs.jam.records import Jam, Round
from cogs.jam.states import JamState


@dataclass(frozen=True, slots=True)
class Making:
    """A round that begins to be made. `question`: what was reserved for the merge; None: no model is asked. `payer`:
    who has the pictures made as soon as the ideas are merged; None: the prompt is looked at first.
    """

    jam: Jam
    question: Question | None
    payer: Caller | None


def begin(connection: Connection, *, orders: Orders, caller: Caller, jam_id: int, now: float) -> Making:
    """From open to merging: no more ideas. What speaks against the pictures is said now, before anything is spent.

    ConfirmationNeeded with the price of all of it.
    """
    jam, base = _locked(connection, jam_id, JamState.OPEN)
    rules = orders.read_rules(connection, caller.place)
    payer = rights.payer(connection, caller, jam, rules, now=now)
    ideas = round_rows.ideas_of(connection, jam.id, jam.round)
    if not ideas:
        raise NotAllowed("jam.needs_idea")
    payer.caller.check(connection, rules, Kind.IMAGE, "")
    told = told_to_merge(jam, rules, ideas, base)
    most = {"most_tokens": asking.most_tokens(told), "most_told": asking.most_told(told)}
    asks = payer.caller.may(rules, Kind.ASK)
    merging = None
    if asks:
        model = orders.model(rules, Kind.ASK)
        merging = costs.quote(payer.caller, rules, Kind.ASK, model, 1, most["most_tokens"], now)
    edits = takes_base(rules, base)
    pictures = _quote(orders, payer.caller, rules, edits=edits, now=now)
    reviewed = is_reviewed(rules, pictures.price if pictures is not None else 0)
    confirmed = rights.agreed(connection, rules, payer, merging, None if reviewed else pictures)
    question = orders.questions.begin(connection, confirmed, rules, None, **most) if asks else None
    if not reviewed:
        listed = merge.listed(jam.theme, jam.style, ideas, base=prompt_so_far(rules, base)).prompt
        with connection.begin_nested() as trial:
            _order(connection, orders, confirmed, rules, base, prompt=listed, edits=edits)
            trial.rollback()
    agreed = None if reviewed else confirmed.confirmed
    made = {"maker_id": None if reviewed else caller.person_id, "agreed": agreed, "reason": None, "detail": None}
    round_rows.change_round(connection, jam.id, jam.round, **made)
    moved = _move(connection, jam, payer, now=now, state=JamState.MERGING, round_due=None)
    return Making(moved, question, None if reviewed else confirmed)


def order(
    connection: Connection,
    *,
    orders: Orders,
    caller: Caller,
    jam_id: int,
    picture: NewInput | None,
    now: float,
    by_itself: bool = False,
) -> Generation:
    """From review to making: the round's pictures, queued. `picture`: where the base's file is now, where it is edited.

    `by_itself`: for who had the round made, when its ideas were merged; NotAllowed, unless that is still meant.
    ConfirmationNeeded as with every order.
    """
    jam, base = _locked(connection, jam_id, JamState.REVIEW)
    shown = round_rows.get_round(connection, jam.id, jam.round)
    if shown is None or not shown.prompt:
        raise NotAllowed("jam.not_now")
    rules = orders.read_rules(connection, place_of(jam) if by_itself else caller.place)
    payer = _maker(caller, jam, shown) if by_itself else rights.payer(connection, caller, jam, rules, now=now)
    payer.caller.check(connection, rules, Kind.IMAGE, shown.prompt)
    edits = picture is not None and takes_base(rules, base)
    confirmed = payer.caller
    if payer.takes_over:
        pictures = _quote(orders, payer.caller, rules, edits=edits, now=now)
        confirmed = rights.agreed(connection, rules, payer, pictures)
    row = _order(connection, orders, confirmed, rules, base, prompt=shown.prompt, edits=edits)
    if edits and picture is not None:
        inputs.put(connection, row.id, [picture])
    made: dict[str, object] = {"generation_id": row.id, "votes_until": None, "called_id": None}
    if not by_itself:  # else how the prompt came about is still to be told
        made |= {"reason": None, "detail": None}
    round_rows.change_round(connection, jam.id, jam.round, maker_id=None, agreed=None, **made)
    _move(connection, jam, payer, now=now, state=JamState.MAKING)
    return row


def not_ordered(connection: Connection, jam_id: int, step: int, *, reason: str, detail: str | None, now: float) -> bool:
    """A round could not be made by itself: people decide. False: the jam has moved on."""
    jam = jams.get_locked(connection, jam_id)
    if jam is None or jam.step != step:
        return False
    round_rows.change_round(connection, jam.id, jam.round, maker_id=None, agreed=None, reason=reason, detail=detail)
    if jam.closing:
        return jams.move(connection, jam.id, jam.step, state=JamState.CLOSING) is not None
    return jams.move(connection, jam.id, jam.step, round_due=None, host_seen_at=now) is not None


def _maker(caller: Caller, jam: Jam, shown: Round) -> rights.Payer:
    if shown.maker_id is None or shown.maker_id != caller.person_id:
        raise NotAllowed("jam.not_now")
    # Its card is a message of its own: what was pressed, if anything was, is the jam's.
    by_itself = replace(caller, token="", token_expires_at=0.0, event_id=None, place=place_of(jam))
    return rights.Payer(replace(rights.charged(by_itself, jam), confirmed=shown.agreed), takes_over=False)


def _locked(connection: Connection, jam_id: int, state: JamState) -> tuple[Jam, tuple[Generation, int] | None]:
    """The jam in `state`, and as with `base_of` the picture that its round changes, both locked."""
    before = jams.get(connection, jam_id)
    base = base_of(connection, before, before.round) if before is not None else None
    stands = generations.get_locked(connection, base[0].id) if base is not None else None
    jam = rights.in_state(connection, jam_id, {state})
    if before is None or before.round != jam.round:
        raise NotAllowed("jam.not_now")
    return jam, None if base is None or stands is None else (stands, base[1])


def _quote(orders: Orders, caller: Caller, rules: Rules, *, edits: bool, now: float) -> costs.Quote | None:
    """What a round's pictures cost."""
    model = orders.model(rules, Kind.IMAGE, _model(rules, edits=edits))
    return costs.quote(caller, rules, Kind.IMAGE, model, pictures_of(rules), 0, now)


def _model(rules: Rules, *, edits: bool) -> str | None:
    """None: the place's own."""
    return rules.made_with("edit_model") if edits else None


def _order(
    connection: Connection,
    orders: Orders,
    payer: Caller,
    rules: Rules,
    base: tuple[Generation, int] | None,
    *,
    prompt: str,
    edits: bool,
) -> Generation:
    parameters: dict[str, object] = {MADE_FROM: str(From.EDIT)} if edits else {}
    row, position = base if base is not None else (None, None)
    size = row.parameters.get("size") if row is not None else None
    if not edits or size:
        parameters["size"] = size or rules.value("image_size")
    return orders.order(
        connection,
        payer,
        rules,
        Kind.IMAGE,
        _model(rules, edits=edits),
        prompt=prompt,
        count=pictures_of(rules),
        parameters=parameters,
        parent_id=row.id if row is not None else None,
        action="round",
        source_id=row.id if row is not None and edits else None,
        source_position=position if edits else None,
    )


def _move(connection: Connection, jam: Jam, payer: rights.Payer, *, now: float, **values: object) -> Jam:
    if payer.takes_over:
        values |= {"host_id": payer.caller.person_id, "away": False, "host_seen_at": now}
    moved = jams.move(connection, jam.id, jam.step, **values)
    if moved is None:
        raise NotAllowed("jam.not_now")
    jams.note_host(connection, jam.id, payer.caller.person_id, now=now)
    return moved
