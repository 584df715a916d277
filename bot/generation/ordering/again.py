"""An order once more, by and for whoever presses: a reroll of what was made, a retry of what failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.errors import NotAllowed
from bot.generation.ordering.orders import Orders
from bot.generation.ordering.repeats import refuse_double, refuse_second
from bot.generation.requests import REFUSED, SEED, SHAPE, SIZE_PARAMETER, said_in
from bot.generation.rows import generations, inputs, parents, queries
from bot.generation.rows.parents import Parent
from bot.generation.rows.records import Generation, NewInput
from bot.kinds import Kind
from bot.orders.callers import Caller
from bot.orders.policy import Rules, refuse_blank
from bot.reasons import Reason
from bot.states import RETRYABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What is to be otherwise in an order that is submitted again; None: as it was. `size` as the API writes it.

    `parameters`: all of a video's, with the `files` that go along.
    """

    prompt: str | None = None
    model: str | None = None
    size: str | None = None
    parameters: Mapping[str, object] | None = None
    files: Sequence[NewInput] | None = None


async def reroll(
    orders: Orders, caller: Caller, generation_id: int, *, files: Sequence[NewInput] | None = None
) -> Generation:
    """The same pictures' order again, by and for whoever pressed: a child of the old one.

    `files`: where what goes along is now; None: where it was then.
    """

    def order(connection: Connection) -> Generation:
        # Locked: its person may be deleting it.
        old = generations.get_locked(connection, generation_id)
        if old is None:
            raise NotAllowed("error.gone")
        rules = orders.read_rules(connection, caller.place)
        caller.check_press(rules, old.person_id)
        refuse_double(connection, caller, "reroll", old.id, old.prompt, old.source_position)
        return _again(orders, connection, caller, rules, old, action="reroll", changed=Changed(files=files))

    return await orders.submit(caller, order)


async def retry(
    orders: Orders, caller: Caller, generation_id: int, *, message_id: int, changed: Changed | None = None
) -> Generation:
    """The order again after its failure, in the same message, which the new row takes over: it can be had once.

    The caller's token is to edit that message.
    """

    def order(connection: Connection) -> Generation:
        old = generations.take_message(connection, generation_id, message_id=message_id, states=RETRYABLE)
        if old is None or queries.has_child(connection, old.id):
            raise NotAllowed("error.already_retried")
        rules = orders.read_rules(connection, caller.place)
        again = _again(orders, connection, caller, rules, old, changed=changed)
        stands = generations.store_message(
            connection, again.id, message_id=message_id, channel_id=old.channel_id, original=True
        )
        return stands or again

    return await orders.submit(caller, order)


async def retry_anew(
    orders: Orders, caller: Caller, generation_id: int, *, changed: Changed | None = None
) -> Generation:
    """The order again after its failure, as a new message. The old card can't order it a second time."""

    def order(connection: Connection) -> Generation:
        old = generations.get_locked(connection, generation_id)
        if old is None or old.state not in RETRYABLE or queries.has_child(connection, old.id):
            raise NotAllowed("error.already_retried")
        return _again(orders, connection, caller, orders.read_rules(connection, caller.place), old, changed=changed)

    return await orders.submit(caller, order)


def _again(
    orders: Orders,
    connection: Connection,
    caller: Caller,
    rules: Rules,
    old: Generation,
    *,
    action: str | None = None,
    changed: Changed | None = None,
) -> Generation:
    """The order of `old` once more, by the rules of the place where it is asked for now.

    `action` None: it takes the place of `old`, which failed, and so comes from what that came from.
    """
    if old.removed_at is not None:
        raise NotAllowed("error.gone")  # while its price was asked about
    kind = Kind(old.kind)
    if not old.prompt:
        raise NotAllowed("error.prompt_forgotten")
    changed = changed or Changed()
    prompt = old.prompt if changed.prompt is None else changed.prompt
    refuse_blank(prompt)
    parameters = dict(old.parameters if changed.parameters is None else changed.parameters)
    caller.check(connection, rules, kind, said_in(prompt, parameters))
    if old.source_id is not None and old.source_position is not None and action is None:
        generations.get_locked(connection, old.source_id)
        refuse_second(connection, caller.place, old.action or "", old.source_id, old.source_position)
    count = min(old.count, rules.value("max_images"))
    if changed.size:
        parameters |= {SIZE_PARAMETER[old.kind]: changed.size} | ({SHAPE: changed.size} if kind is Kind.IMAGE else {})
        if old.reason == Reason.INVALID and (refused := old.parameters.get(SIZE_PARAMETER[old.kind])):
            parameters[REFUSED] = [*old.parameters.get(REFUSED, ()), refused]
    made_of = parents.of(connection, [old.id]).get(old.id, ())
    if action is not None:
        parameters.pop(SEED, None)  # the same chance would make the same
        made_of = [one for one in made_of if one.position is not None] or [Parent(old.id)]
    again = orders.order(
        connection,
        caller,
        rules,
        kind,
        changed.model or old.model,
        prompt=prompt,
        count=count,
        parameters=parameters,
        made_of=made_of,
        parent_id=old.id,
        action=action or old.action or "retry",
        source_id=old.source_id,
        source_position=old.source_position,
    )
    if changed.files is None:
        inputs.copy(connection, old.id, to=again.id)
    else:
        inputs.put(connection, again.id, changed.files)
    return again
