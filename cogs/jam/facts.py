"""What a jam's cards are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from sqlalchemy import Connection

from bot.api.chat_request import Message
from bot.environment import Environment
from bot.generation.rows import generations
from bot.generation.rows.records import Generation
from bot.kinds import Kind
from bot.orders import costs
from bot.orders.policy import Rules, read_rules
from bot.settings import Place
from bot.settings.credits import price_of
from cogs.jam import asking, rights, round_rows
from cogs.jam import rows as jams
from cogs.jam.records import Idea, Jam, Member, Round

PICTURES = 4
"""Of a round, where moderators allow as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JamFacts:
    """Everything that the card of a round shows: the same facts give the same card.

    `round`: the one shown; `ideas` are its own, oldest first, `given` those of all rounds. `members`: in order of
    joining, those who left included. `generation` and `votes` (position → how many): of the shown round.
    `made`: the order of each round that has one, by the round's number. `pictures`: how many a round makes, for `price`
    credits; merging the ideas costs at most `merge_price`. None: there are no credits. `pool_pays`: a pool does, and
    not the host. `base`: the order whose picture number `base_position` (from 0) the shown round changes; None: it is
    the first, or that was removed. `edits`: the place has a model that takes the base's picture along. `is_reviewed`:
    the prompt is looked at before it is spent.
    """

    jam: Jam
    round: Round
    ideas: tuple[Idea, ...] = ()
    members: tuple[Member, ...] = ()
    rounds: tuple[Round, ...] = ()
    generation: Generation | None = None
    votes: Mapping[int, int] = field(default_factory=dict[int, int])
    price: int | None = None
    pictures: int = PICTURES
    merge_price: int | None = None
    is_reviewed: bool = False
    given: tuple[Idea, ...] = ()
    made: Mapping[int, Generation] = field(default_factory=dict[int, Generation])
    base: Generation | None = None
    base_position: int = 0
    edits: bool = False
    pool_pays: bool = False

    @property
    def present(self) -> tuple[Member, ...]:
        """Who is in it now."""
        return tuple(member for member in self.members if member.left_at is None)

    @property
    def is_current(self) -> bool:
        """Whether the shown round is the one under way."""
        return self.round.number == self.jam.round

    @property
    def finished(self) -> tuple[Round, ...]:
        """The rounds that have a winner whose picture still stands."""
        return tuple(one for one in self.rounds if one.winner is not None and _stands(self.made.get(one.number)))

    @property
    def last_winner(self) -> Round | None:
        """The last round that was finished, also one whose pictures were removed since."""
        return next((one for one in reversed(self.rounds) if one.winner is not None), None)

    @property
    def lost(self) -> Round | None:
        """The finished round before the shown one, where its pictures were removed since."""
        won = [one for one in self.rounds if one.winner is not None and one.number < self.round.number]
        return won[-1] if won and not _stands(self.made.get(won[-1].number)) else None

    @property
    def base_round(self) -> int | None:
        """The round whose winner the shown one goes on from. None: it is the first, or that was removed."""
        base = self.base
        return None if base is None else next((number for number, row in self.made.items() if row.id == base.id), None)

    @property
    def makes_itself(self) -> bool:
        """Whether its pictures are about to be ordered, with nobody looking at the prompt."""
        return self.round.maker_id is not None and self.jam.state in {"merging", "review"}

    @property
    def credited(self) -> tuple[Idea, ...]:
        """The ideas that are in a picture that won and still stands, with the words of its prompt that they became."""
        numbers = {one.number for one in self.finished}
        return tuple(replace(idea, said=idea.part) for idea in self.given if idea.part and idea.round in numbers)

    @property
    def has_ended(self) -> bool:
        return self.jam.state in {"closing", "over"}


def place_of(jam: Jam) -> Place:
    """Where its rounds are, in the words of the settings."""
    return Place(channel_id=jam.channel_id, thread_id=jam.thread_id, category_id=jam.category_id, guild_id=jam.guild_id)


def base_of(connection: Connection, jam: Jam, number: int) -> tuple[Generation, int] | None:
    """The order and the position of the picture that round `number` changes: the last winner that still stands, before
    there is one the picture that the jam began with.
    """
    return _base(jam, round_rows.rounds_of(connection, jam.id), number, partial(generations.get, connection))


def pictures_of(rules: Rules) -> int:
    """How many a round makes."""
    return min(PICTURES, rules.value("max_images"))


def is_reviewed(rules: Rules, price: int) -> bool:
    """Whether a prompt is looked at before `price` is spent on its pictures."""
    match rules.value("jam_review"):
        case "always":
            return True
        case "never":
            return False
        case _:
            above = rules.value("confirm_above")
            return above is not None and price > above


def takes_base(rules: Rules, base: tuple[Generation, int] | None) -> bool:
    """Whether the picture itself goes along with the order of the round, rather than its prompt."""
    return base is not None and bool(rules.made_with("edit_model"))


def prompt_so_far(rules: Rules, base: tuple[Generation, int] | None) -> str | None:
    """The prompt of the picture so far, where the picture itself does not go along."""
    return None if base is None or takes_base(rules, base) else base[0].prompt or None


def told_to_merge(
    jam: Jam, rules: Rules, ideas: Sequence[Idea], base: tuple[Generation, int] | None
) -> tuple[Message, ...]:
    """What the chat model is told: it is what a merge is priced by, and what is sent."""
    so_far = base[0].prompt or None if base is not None else None
    return asking.messages(jam.theme, jam.style, ideas, base=so_far, edits=takes_base(rules, base))


def shown_at_the_end(connection: Connection, message_id: int) -> int | None:
    """The order whose picture won last, by the message that its jam ended with."""
    jam = jams.of_message(connection, message_id)
    if jam is None or jam.final_message_id != message_id:
        return None
    base = base_of(connection, jam, jam.round + 1)
    return None if base is None else base[0].id


def shown_in(connection: Connection, message_id: int) -> int | None:
    """The order whose picture a message of a jam shows: where a round's winner is shown, or how the jam ended."""
    revealed = round_rows.of_reveal(connection, message_id)
    return shown_at_the_end(connection, message_id) if revealed is None else revealed.generation_id


def read_facts(
    connection: Connection, jam_id: int, environment: Environment, *, number: int | None = None
) -> JamFacts | None:
    """What the card of round `number` shows now; None: of the round under way. None: there is no such jam or round."""
    jam = jams.get(connection, jam_id)
    if jam is None:
        return None
    rounds = round_rows.rounds_of(connection, jam_id)
    shown = next((one for one in rounds if one.number == (number or jam.round)), None)
    if shown is None:
        return None
    given = round_rows.ideas_of(connection, jam_id)
    ideas = tuple(idea for idea in given if idea.round == shown.number)
    orders = {one.number: generations.get(connection, one.generation_id) for one in rounds if one.generation_id}
    made = {number: row for number, row in orders.items() if row is not None}
    generation = made.get(shown.number)
    rules = read_rules(connection, place_of(jam), environment)
    known = {row.id: row for row in made.values()}
    base = _base(jam, rounds, shown.number, lambda id_: known.get(id_) or generations.get(connection, id_))
    pictures = pictures_of(rules)
    price, merge_price = _prices(jam, rules, ideas, base, pictures)
    return JamFacts(
        jam=jam,
        round=shown,
        ideas=ideas,
        members=jams.members_of(connection, jam_id),
        rounds=rounds,
        generation=generation,
        votes=round_rows.votes_in(connection, jam.id, generation.id) if generation is not None else {},
        price=price,
        pictures=pictures,
        merge_price=merge_price,
        is_reviewed=is_reviewed(rules, price or 0),
        given=given,
        made=made,
        base=base[0] if base is not None else None,
        base_position=base[1] if base is not None else 0,
        edits=bool(rules.made_with("edit_model")),
        pool_pays=rights.pool_pays(jam, rules),
    )


def _base(
    jam: Jam, rounds: Sequence[Round], number: int, order: Callable[[int], Generation | None]
) -> tuple[Generation, int] | None:
    for one in reversed(rounds):
        if one.number < number and one.winner is not None and one.generation_id is not None:
            row = order(one.generation_id)
            if row is not None and _stands(row):
                return row, one.winner
    begun = order(jam.source_id) if jam.source_id is not None else None
    return (begun, jam.source_position or 0) if begun is not None and _stands(begun) else None


def _prices(
    jam: Jam, rules: Rules, ideas: tuple[Idea, ...], base: tuple[Generation, int] | None, pictures: int
) -> tuple[int | None, int | None]:
    if not costs.has_credits(rules):
        return None, None
    prices = rules.value("prices")
    model = rules.made_with("edit_model") if takes_base(rules, base) else str(rules.value("image_model"))
    chat = price_of(prices, Kind.ASK, str(rules.value("chat_model")))
    told = told_to_merge(jam, rules, ideas, base)
    merging = chat.of(1, tokens=asking.most_tokens(told)) if Kind.ASK.command in rules.value("commands") else 0
    return price_of(prices, Kind.IMAGE, model).of(pictures), merging


def _stands(row: Generation | None) -> bool:
    return row is not None and row.removed_at is None
