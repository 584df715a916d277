"""What somebody asks, and how it begins: checked, counted, priced and kept in one transaction, before any request."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Self, cast

from bot.api.chat_request import MESSAGE_TOKENS, SEARCH_TOKENS
from bot.errors import BadValue, ModelNotAllowed, NotAllowed, UnknownModel
from bot.kinds import Kind
from bot.kit.attachments import most_tokens, text_room
from bot.orders.costs import ANSWER_TOKENS, FILE_TOKENS
from bot.orders.policy import refuse_blank
from bot.settings.personas import DEFAULT, Persona, persona_at
from cogs.ask import context
from cogs.ask import turn_rows as turns
from cogs.ask.records import LENGTH, Branch, Past, Quote, Turn
from cogs.ask.tokens import MOST_USUAL, USUAL
from cogs.ask.turn_rows import length

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import discord
    from sqlalchemy import Connection

    from bot.generation.ordering.orders import Orders
    from bot.orders.callers import Caller
    from bot.orders.policy import Rules
    from bot.orders.question import Question
    from cogs.ask.tokens import TokenEstimates


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What is asked. At most one of the ids of turns is given; with the last three, what is None is as it was there."""

    prompt: str | None = None
    model: str | None = None
    persona: str | None = None
    files: Sequence[discord.Attachment] = ()
    quotes: Sequence[Quote] = ()
    """What others wrote that this is about."""
    headed: bool = True
    """Whether the question is to stand above the answer."""
    answers_to: int | None = None
    """The turn that is gone on from."""
    again: int | None = None
    """The turn that failed and is asked once more: that can be had once."""
    beside: int | None = None
    """The turn that is to have another answer beside its own."""
    on: int | None = None
    """The turn whose answer was cut, and that it is gone on with."""
    about_id: int | None = None
    """The message that is asked about, to be linked above an answer that others see."""


class _File(NamedTuple):
    """What Discord says of a file."""

    filename: str
    size: int
    content_type: str | None

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> Self:
        kind = described.get("content_type")
        size = int(described.get("size") or 0)
        return cls(str(described.get("filename")), size, None if kind is None else str(kind))


GOING_ON = 2_000
"""Tokens that what goes on may have, where the model took more than usual for the turn before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An /ask that may be sent. `budget`: tokens that all it is told may have; `persona`: that answers, if not Default.

    `said`: how the answer begins, where it is gone on with.
    """

    question: Question
    turn: Turn
    quotes: tuple[Quote, ...] = ()
    branch: Branch = field(default_factory=Branch)
    budget: int = USUAL
    budget_set: bool = False
    """Whether it is what moderators set: files are cut to it at once, and not only where the model takes no more."""
    beside: tuple[int, ...] = ()
    """All answers to the same question, its own last."""
    said: str = ""

    @property
    def past(self) -> Past:
        """The turn itself, as the next ones will know it."""
        turn = self.turn
        return Past(turn.id, turn.person_id, turn.name, turn.prompt or "", turn.files, turn.read, "", self.quotes)


def begin(
    connection: Connection, orders: Orders, estimates: TokenEstimates, caller: Caller, asking: Asking, *, name: str
) -> Begun:
    """Keep what is asked, and read what was said before it. A `Refusal` leaves nothing behind.

    `caller.event_id` is the turn's id. `name`: what the model is told that the person is called.
    """
    old = _old(connection, caller, asking)
    parent_id = old.parent_id if old is not None else asking.answers_to
    parent = _parent(connection, caller, parent_id) if parent_id is not None else None
    before, answers_to = old or parent, parent
    if before is not None and before.private:
        caller = replace(caller, private=True)
    elif old is not None and asking.again is None:
        caller = replace(caller, private=False)  # it is shown where the other answer is
    prompt = (old.prompt or "") if old is not None and asking.prompt is None else asking.prompt or ""
    files = old.files if old is not None else [_described(file) for file in asking.files]
    quotes = tuple(asking.quotes) if old is None else turns.quotes_of(connection, old.id)
    if not files and not quotes:
        refuse_blank(prompt)
    rules = orders.checked(connection, caller, Kind.ASK, prompt)
    own = rules.value("conversations") == "own"
    # What a moderator has asked once more is still the words of who wrote them.
    whose = old.person_id if old is not None and asking.prompt is None else caller.person_id
    if own and parent is not None and parent.person_id != whose:
        # What was answered to somebody else is asked about; the rest of their conversation is theirs.
        quotes = (*([Quote(parent.answer, None, parent.person_id)] if parent.answer else []), *quotes)
        parent = None
    persona = _persona(rules, asking.persona, before)
    model = _model(orders, rules, asking.model, persona, before, keep=old is not None and asking.again is None)
    budget_set = rules.value("context_tokens")
    budget = int(budget_set or _usual(parent, model, estimates))
    room = estimates.bytes_for(model, budget)
    branch = Branch()
    if parent is not None:
        branch = turns.branch(connection, parent.id, person_id=whose, own=own, most_bytes=room)
    id_ = caller.event_id or 0
    read = old.read if old is not None else None
    said = (old.answer or "") if old is not None and asking.on is not None else ""
    name = old.name or "" if old is not None and whose != caller.person_id else name
    past = Past(old.id if said and old is not None else id_, whose, name, prompt, files, read, "", quotes)
    told = context.told(branch.turns, past, system=persona.instructions, said=said, room=room)
    described = [_File.of(file) for file in files or ()]
    told_of_files = text_room(described) if read is None else 0
    asked_bytes = length(prompt) + sum(length(one.text) for one in quotes)
    own_bytes = asked_bytes + length(read or "") + length(persona.instructions or "") + length(said)
    # No more tokens than bytes, whatever the model; of what was said before no more than is told.
    most = own_bytes + min(branch.size, budget) + max(told_of_files, FILE_TOKENS * len(described)) + ANSWER_TOKENS
    seen = [_File.of(file) for _, file in context.images_before(branch.turns)]
    sent = told.size + MESSAGE_TOKENS * len(told.messages) + most_tokens((*described, *seen))
    sent += SEARCH_TOKENS if rules.value("web_search") else 0
    question = orders.questions.begin(connection, caller, rules, model, most_tokens=most, most_told=sent)
    question = replace(question, system_prompt=persona.instructions, temperature=persona.temperature)
    if old is not None and asking.on is not None:
        beside = tuple(turns.answers_beside(connection, old.first_id))
        return Begun(question=question, turn=old, quotes=quotes, branch=branch, budget=budget, beside=beside, said=said)
    place, now = caller.place, time.time()
    turn = Turn(
        id=id_,
        parent_id=None if parent is None else parent.id,
        first_id=id_ if old is None or (asking.again is not None and asking.prompt is not None) else old.first_id,
        person_id=whose,
        name=name,
        guild_id=place.guild_id,
        channel_id=place.here,
        private=bool(question.caller.private),
        headed=asking.headed if old is None else old.headed or asking.again is not None,
        wanted_model=asking.model or (before.wanted_model if before is not None else None),
        model=question.model,
        persona=persona.name,
        prompt=prompt,
        files=files or None,
        read=read,
        answer=None,
        finish=None,
        prompt_tokens=None,
        answer_tokens=None,
        asked_bytes=asked_bytes + length(read or ""),
        answer_bytes=0,
        asked_again=False,
        asked_at=now,
        ended_at=now,
        says_who=_says_who(question.caller, asking, old, answers_to),
        about_id=asking.about_id if old is None else old.about_id,
    )
    turns.begin(connection, turn, quotes)
    beside = (*turns.answers_beside(connection, turn.first_id), id_) if turn.first_id != id_ else ()
    return Begun(
        question=question,
        turn=turn,
        quotes=quotes,
        branch=branch,
        budget=budget,
        budget_set=budget_set is not None,
        beside=beside,
    )


def _usual(parent: Turn | None, model: str, estimates: TokenEstimates) -> int:
    """Tokens where nobody set any; after a long file that was taken, so many as it takes to go on with it."""
    usual = estimates.usual(model)
    if parent is None or not parent.answer:
        return usual
    taken = parent.prompt_tokens or estimates.tokens_of(model, parent.asked_bytes)
    if taken <= usual:
        return usual
    return min(taken + (parent.answer_tokens or 0) + GOING_ON, MOST_USUAL)


def _says_who(caller: Caller, asking: Asking, old: Turn | None, parent: Turn | None) -> bool:
    """Whether Discord would not show the others who asked: it names who typed a command, and who is replied to."""
    if old is not None and asking.again is None:
        return old.says_who  # in its place
    if caller.private or caller.place.guild_id is None:
        return False
    if not asking.headed or caller.confirmed is not None or asking.about_id is not None:
        return asking.headed
    if old is not None:
        return old.says_who or not old.headed or old.person_id != caller.person_id
    return parent is not None and parent.person_id != caller.person_id


def withdraw(connection: Connection, begun: Begun) -> None:
    """Nothing could be posted: it is as if it was never asked."""
    if begun.said:
        turns.cut_once_more(connection, begun.turn.id, begun.turn.finish or LENGTH)
    else:
        turns.remove(connection, [begun.turn.id])


def _old(connection: Connection, caller: Caller, asking: Asking) -> Turn | None:
    """The turn that is asked once more, in one way or another; NotAllowed: it can't be, or not by this person."""
    id_ = asking.again or asking.beside or asking.on
    if id_ is None:
        return None
    old = turns.get(connection, id_)
    if old is None or not old.is_before(caller.person_id, caller.place.here):
        raise NotAllowed("error.gone")
    if asking.again is not None:
        if turns.take_again(connection, id_) is None:
            raise NotAllowed("error.already_retried")
    elif old.person_id != caller.person_id:
        raise NotAllowed("ask.asker_only")
    elif asking.on is not None and turns.take_on(connection, id_) is None:
        raise NotAllowed("error.already_answered")
    return old


def _parent(connection: Connection, caller: Caller, id_: int) -> Turn | None:
    """The turn that is gone on from; None: it is gone since. NotAllowed: it is out of this person's sight."""
    parent = turns.get(connection, id_)
    if parent is not None and not parent.is_before(caller.person_id, caller.place.here):
        raise NotAllowed("error.gone")
    return parent


def _persona(rules: Rules, wanted: str | None, before: Turn | None) -> Persona:
    """That is chosen, else the one that answered before, else the place's."""
    if wanted is None and before is not None:
        try:
            return persona_at(rules, before.persona or DEFAULT)
        except BadValue:
            return persona_at(rules)  # it is gone since
    return persona_at(rules, wanted)


def _model(
    orders: Orders, rules: Rules, wanted: str | None, persona: Persona, before: Turn | None, *, keep: bool
) -> str:
    """That is chosen, else as before, as far as that is allowed still, else the persona's, else the place's.

    `keep`: the one that answered before, whoever chose it.
    """
    if wanted is not None and wanted.strip():
        return orders.model(rules, Kind.ASK, wanted)
    as_before = None if before is None else before.model if keep else before.wanted_model
    if as_before:
        try:
            return orders.model(rules, Kind.ASK, as_before)
        except (ModelNotAllowed, UnknownModel):
            pass
    return orders.model(rules, Kind.ASK, persona.model)


def _described(file: discord.Attachment) -> dict[str, Any]:
    return cast("dict[str, Any]", file.to_dict())
