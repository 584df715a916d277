"""What a card is made of, and whether its pictures are still to be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from sqlalchemy import Connection

from bot.errors import NotAllowed
from bot.generation.pauses import place_of
from bot.generation.rows import admission, generations, queries, result_rows, votes
from bot.generation.rows.lineage import parents_of
from bot.generation.rows.records import Generation, Result
from bot.kinds import Kind
from bot.orders.policy import is_left_out, stored_values
from bot.settings import SETTINGS
from bot.settings.places import stored_at
from bot.states import KEPT, RETRYABLE, SHOWN, State

MODEL_OFFERS: Mapping[str, str] = {"edit_model": "edit", "animate_model": "animate"}
"""Settings that name a model → what a card then offers to do with its pictures."""


LINKED = 3
"""`results.form` of what a card shows no file of, but a link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """Everything that a card shows: the same facts give the same card, so an edit may be done twice.

    `place`: 1 for the next in line, only of a queued row. `usual`: seconds this model usually takes here, None
    without a history. `overdue`: running for longer than the soft limit. `retry_at`: Unix seconds of the next try
    while the service is busy. `held`: moderators paused the place. `parents`: what the row was made of, as it is
    now, without what is gone. `votes`: how many each position has; those of a jam's round are the jam's to tell.
    `decided`: that round has its winner. `offers`: of `MODEL_OFFERS`, what the place has a model for. `ordered_again`:
    of a row that failed, since that is had once. `owner_told`: the bot's owner has been told why it failed. `models`:
    others that may be asked for at the place, where that may help.
    `spoiler`: its results are shown behind one.
    """

    row: Generation
    results: tuple[Result, ...] = ()
    place: int | None = None
    usual: float | None = None
    overdue: bool = False
    retry_at: float | None = None
    held: bool = False
    parents: Sequence[Generation] = ()
    votes: Mapping[int, int] = field(default_factory=dict[int, int])
    decided: bool = False
    offers: frozenset[str] = frozenset()
    ordered_again: bool = False
    owner_told: bool = False
    models: tuple[str, ...] = ()
    spoiler: bool = False


def read_facts(
    connection: Connection,
    row: Generation,
    *,
    overdue: bool = False,
    retry_at: float | None = None,
    held: bool = False,
    in_line: bool = True,
) -> CardFacts:
    """What the card of `row` shows now. `in_line`: its place is told, if it waits for one."""
    pictures = row.kind == Kind.IMAGE and row.state in SHOWN
    shown = row.state in SHOWN
    stored = _stored(connection, row) if row.state in SHOWN | KEPT else {}
    return CardFacts(
        row=row,
        results=_results(connection, row),
        place=admission.position_in_line(connection, row.id) if in_line and row.state == State.QUEUED else None,
        usual=queries.usual_seconds(connection, kind=row.kind, model=row.model),
        overdue=overdue,
        retry_at=retry_at,
        held=held,
        parents=parents_of(connection, row),
        votes=votes.counts(connection, row.id) if pictures and row.action != "round" else {},
        decided=pictures and row.action == "round" and votes.is_decided(connection, row.id),
        offers=_offers(stored) if shown else frozenset(),
        spoiler=bool(stored.get("spoilers")),
        ordered_again=row.state in RETRYABLE and queries.has_child(connection, row.id),
    )


def shown_picture(connection: Connection, generation_id: int) -> Generation:
    """A picture's row. NotAllowed: it is no longer to be seen.

    Locked: its person may be deleting it, and what belongs to it; another press may order the same of it.
    """
    row = generations.get_locked(connection, generation_id)
    if row is None or row.removed_at is not None or row.kind != Kind.IMAGE or row.state not in SHOWN:
        raise NotAllowed("error.gone")
    return row


def _offers(stored: Mapping[str, object]) -> frozenset[str]:
    """What the place has a model for that may be used there."""
    allowed = cast("list[str]", stored.get("allowed_models") or [])
    return frozenset(
        offer
        for key, offer in MODEL_OFFERS.items()
        if (model := stored.get(key)) and not is_left_out(allowed, SETTINGS[key].command or Kind.IMAGE, str(model))
    )


def _results(connection: Connection, row: Generation) -> tuple[Result, ...]:
    results = result_rows.of_generation(connection, row.id)
    if row.state != State.UNFETCHED:
        return results
    # Where nothing of use answers, a link would look as if there were something.
    return tuple(one if one.form == LINKED else replace(one, url=None) for one in results)


def _stored(connection: Connection, row: Generation) -> dict[str, object]:
    """What moderators set at its place, of what a card is made by."""
    place = place_of(row)
    values = stored_values(connection, place)
    found = {key: stored_at(SETTINGS[key], place, values) for key in (*MODEL_OFFERS, "allowed_models", "spoilers")}
    return {key: one.value for key, one in found.items() if one is not None}
