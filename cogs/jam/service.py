"""What people do with jams: commands and presses come through here. Every refusal is a `bot.errors.Refusal`."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from functools import partial

from sqlalchemy import Connection

from bot.environment import Environment
from bot.errors import BadValue, NotAllowed
from bot.generation.orders import Orders
from bot.generation.records import Generation, NewInput
from bot.kinds import Kind
from bot.orders.callers import Caller
from bot.orders.question import Question
from bot.store import events
from bot.store.database import Database
from cogs.jam import asking, merge, review, rights
from cogs.jam import rows as jams
from cogs.jam import states as steps
from cogs.jam.facts import JamFacts, base_of, read_facts, told_to_merge
from cogs.jam.records import Idea, Jam, NewJam
from cogs.jam.scheduler import Scheduler
from cogs.jam.states import JamState
from cogs.jam.words import plain

MINUTES_MOST = 24 * 60
IDEAS_MOST = 40
"""Of a round, so that each still has room for its words in the prompt."""


class Jams:
    """Changes jams, each in one transaction, then has the scheduler show the cards and go on from the new state.

    Of two presses at once one comes first; the other finds the jam changed, and is refused with `NotAllowed`.
    """

    def __init__(
        self,
        database: Database,
        orders: Orders,
        environment: Environment,
        scheduler: Scheduler,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._orders = orders
        self._environment = environment
        self._scheduler = scheduler
        self._clock = clock

    async def start(self, caller: Caller, *, theme: str, style: str | None, minutes: int) -> Jam:
        """A jam in the caller's channel that is being opened; `opened` or `abandon` follows. `minutes`: 1 to a day's.

        NotAllowed `jam.running` names the one that is there (`link`).
        """
        theme, style = plain(theme), plain(style or "") or None
        if not theme:
            raise BadValue("jam.empty_theme")
        if len(theme) > merge.THEME_MOST or len(style or "") > merge.STYLE_MOST:
            raise BadValue("jam.theme_long", theme=merge.THEME_MOST, style=merge.STYLE_MOST)
        if not 1 <= minutes <= MINUTES_MOST:
            raise BadValue("jam.minutes", most=MINUTES_MOST)

        def begin(connection: Connection) -> Jam:
            place = caller.place
            if place.guild_id is None or caller.token_only:
                raise NotAllowed("jam.channels_only")
            rules = self._orders.checked(connection, caller, Kind.IMAGE, f"{theme}\n{style or ''}")
            rights.check_starts(caller, rules)
            now = self._clock()
            new = NewJam(
                guild_id=place.guild_id,
                channel_id=place.channel_id,
                thread_id=place.thread_id,
                category_id=place.category_id,
                application_id=caller.application_id,
                started_by=caller.person_id,
                locale=rules.value("language") or caller.locale,
                theme=theme,
                style=style,
                paid_by=rights.paid_by(caller, rules, now),
                ideas_each=rules.value("jam_ideas"),
                ends_at=now + 60.0 * minutes,
            )
            jam = jams.insert_new(connection, new, now=now)
            if jam is None:
                raise NotAllowed("jam.running", link=_link(jams.in_channel(connection, place.here), caller))
            return jam

        try:
            return await self._orders.run(caller, events.once(caller.event_id, begin))
        except NotAllowed as refused:
            running = await self._database.run(jams.in_channel, caller.place.here)
            if refused.key == "jam.running" and running is not None:
                self._changed(running.id)  # its card may have been deleted
            raise

    async def note_opening(self, jam_id: int, *, thread_id: int | None = None, message_id: int | None = None) -> None:
        """Where its thread, or its word in the channel, stands: for who finds the jam half opened after a crash."""
        places = {"thread_id": thread_id, "message_id": message_id}
        known = {name: id_ for name, id_ in places.items() if id_ is not None}
        await self._database.run(jams.note, jam_id, **known)

    async def opened(self, jam_id: int, *, thread_id: int, message_id: int, card_id: int) -> Jam | None:
        """Its thread, its word in the channel and the card of its first round stand. None: it was given up."""
        stands = {"thread_id": thread_id, "message_id": message_id, "card_id": card_id}
        jam = await self._database.run(steps.opened, jam_id, **stands)
        if jam is not None:
            self._changed(jam_id)
        return jam

    async def abandon(self, jam_id: int) -> None:
        """It could not be opened: it is as if it had never been, and the channel is free."""
        await self._database.run(jams.discard, jam_id)

    async def facts(self, jam_id: int, number: int | None = None) -> JamFacts | None:
        """What the card of round `number` (None: of the one under way) shows now."""
        return await self._database.run(read_facts, jam_id, self._environment, number=number)

    async def join(self, jam_id: int, person_id: int) -> bool:
        """False: they were in it before."""

        def change(connection: Connection) -> bool:
            rights.alive(connection, jam_id)
            return jams.join(connection, jam_id, person_id, now=self._clock())

        return self._changed(jam_id, changed=await self._database.run(change))

    async def leave(self, jam_id: int, person_id: int) -> bool:
        """False: they were not in it."""

        def change(connection: Connection) -> bool:
            rights.alive(connection, jam_id)
            return jams.leave(connection, jam_id, person_id, now=self._clock())

        return self._changed(jam_id, changed=await self._database.run(change))

    async def add_idea(self, caller: Caller, jam_id: int, said: str) -> Idea:
        """An idea for the round under way; who gives one is in the jam."""
        said = plain(said)
        if not said:
            raise BadValue("jam.empty_idea")
        if len(said) > merge.IDEA_MOST:
            raise BadValue("jam.idea_long", most=merge.IDEA_MOST)

        def add(connection: Connection) -> Idea:
            # Locked: of two ideas at once one is the last that is allowed.
            jam = rights.in_state(connection, jam_id, {JamState.OPEN}, otherwise="jam.not_open")
            self._orders.checked(connection, caller, Kind.IMAGE, said)
            if jams.count_ideas(connection, jam, caller.person_id) >= jam.ideas_each:
                raise NotAllowed("jam.ideas_used", most=jam.ideas_each)
            if jams.count_ideas(connection, jam) >= IDEAS_MOST:
                raise NotAllowed("jam.round_full", most=IDEAS_MOST)
            now = self._clock()
            jams.join(connection, jam.id, caller.person_id, now=now)
            return jams.add_idea(connection, jam, caller.person_id, said, now=now)

        idea = await self._orders.run(caller, events.once(caller.event_id, add))
        self._changed(jam_id)
        return idea

    async def make(self, caller: Caller, jam_id: int) -> Jam:
        """From open to merging: no more ideas; the chat model merges those there are, which costs what an /ask costs.

        ConfirmationNeeded as with every order (`bot.cards.confirm.submit`).
        """

        def order(connection: Connection) -> tuple[Jam, Question | None]:
            jam = rights.in_state(connection, jam_id, {JamState.OPEN})
            payer = rights.payer(caller, jam)
            ideas = jams.ideas_of(connection, jam.id, jam.round)
            if not ideas:
                raise NotAllowed("jam.needs_idea")
            rules = self._orders.checked(connection, payer, Kind.IMAGE, "")
            merging = jams.move(connection, jam.id, jam.step, state=JamState.MERGING)
            if merging is None:
                raise NotAllowed("jam.not_now")
            if not payer.may(rules, Kind.ASK):
                return merging, None  # listed: nothing is asked
            base = base_of(connection, jam.id, jam.round)
            told = told_to_merge(jam, rules, ideas, base)
            most = {"most_tokens": asking.most_tokens(told), "most_told": asking.most_told(told)}
            return merging, self._orders.questions.begin(connection, payer, rules, None, **most)

        with self._scheduler.handing(jam_id):
            jam, question = await self._orders.submit(caller, order)
            self._scheduler.merge(jam, question)
        self._changed(jam_id)
        return jam

    async def back(self, caller: Caller, jam_id: int) -> Jam:
        """From review to open: the merged prompt is dropped, ideas come in again."""
        return self._moved(await self._database.run(review.back, caller, jam_id))

    async def edit(self, caller: Caller, jam_id: int, prompt: str, *, step: int | None = None) -> Jam:
        """In review: another prompt, of at most `cogs.jam.merge.MOST` characters.

        `step`: what the jam was at when its prompt was read; NotAllowed, where it has moved on since.
        """
        prompt = plain(prompt)
        if not prompt:
            raise BadValue("jam.empty_prompt")
        if len(prompt) > merge.MOST:
            raise BadValue("jam.prompt_long", most=merge.MOST)

        change = partial(review.edit, orders=self._orders, caller=caller, jam_id=jam_id, prompt=prompt, step=step)
        return self._moved(await self._orders.run(caller, change))

    async def use_ideas(self, caller: Caller, jam_id: int) -> Jam:
        """In review: the ideas as they are, one after another, in place of the model's prompt."""
        return self._moved(await self._database.run(review.use_ideas, self._orders, caller, jam_id))

    async def order(self, caller: Caller, jam_id: int, *, picture: NewInput | None = None) -> Generation:
        """From review to making: the round's pictures, queued; the placeholder is posted as for any order, then
        `claims.start(row)`. Where that can't be posted: `orders.withdraw(row)` and `scheduler.nudge()`.

        `picture`: where the base's file is now (`facts.base`, `facts.base_position`), wanted where `facts.edits`.
        ConfirmationNeeded as with every order.
        """
        order = partial(review.order, orders=self._orders, caller=caller, jam_id=jam_id, picture=picture)
        row = await self._orders.submit(caller, order)
        self._changed(jam_id)
        return row

    async def end_vote(self, caller: Caller, jam_id: int) -> None:
        """In voting: the vote ends now."""

        def change(connection: Connection) -> None:
            jam = rights.in_state(connection, jam_id, {JamState.VOTING})
            rights.check_leads(caller, jam)
            jams.shorten_vote(connection, jam.id, jam.round, until=self._clock())

        await self._database.run(change)
        self._changed(jam_id)

    async def close(self, caller: Caller, jam_id: int) -> Jam:
        """It ends: at once, or with the round under way (`closing`)."""

        def change(connection: Connection) -> Jam | None:
            jam = rights.in_state(
                connection, jam_id, set(JamState) - {JamState.OPENING, JamState.CLOSING, JamState.OVER}
            )
            rights.check_leads(caller, jam)
            if jam.closing:
                raise NotAllowed("jam.closing_already")
            return steps.wind_up(connection, jam.id, now=self._clock(), by=caller.person_id)

        return self._moved(await self._database.run(change))

    async def pictures_removed(self, generation_ids: Collection[int]) -> None:
        """Orders were removed: bring up to date what jams show of their pictures. One that was no round's has none."""
        for round_ in await self._database.run(jams.rounds_with, generation_ids):
            self._scheduler.show(round_.jam_id, round_.number)
            self._scheduler.show(round_.jam_id)  # whose base it may have been
        self._scheduler.nudge()

    async def message_removed(self, message_id: int) -> None:
        """A message was removed: a round's card is posted anew while people need it; nothing leads to an end that is
        gone.
        """
        if (jam_id := await self._database.run(jams.of_card, message_id)) is not None:
            self._scheduler.show(jam_id)
        jam = await self._database.run(jams.of_message, message_id)
        if jam is not None and jam.final_message_id == message_id:
            await self.end_removed(jam.id)

    async def end_removed(self, jam_id: int) -> None:
        """The message that a jam ended with is gone: nothing leads there any more."""
        await self._database.run(steps.end_removed, jam_id)
        self._scheduler.nudge()

    async def person_forgotten(self) -> None:
        """What somebody gave to jams is forgotten: those that go on are shown anew."""
        for jam_id in await self._database.run(jams.live_ids):
            self._changed(jam_id)

    def _moved(self, jam: Jam | None) -> Jam:
        if jam is None:
            raise NotAllowed("jam.not_now")
        self._changed(jam.id)
        return jam

    def _changed(self, jam_id: int, *, changed: bool = True) -> bool:
        if changed:
            self._scheduler.show(jam_id)
            self._scheduler.nudge()
        return changed


def _link(jam: Jam | None, caller: Caller) -> str:
    place = caller.place
    here = jam.thread_id if jam is not None and jam.thread_id is not None else place.here
    return f"https://discord.com/channels/{place.guild_id}/{here}"
