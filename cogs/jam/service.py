"""What people do with jams: commands and presses come through here. Every refusal is a `bot.errors.Refusal`."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from functools import partial

from sqlalchemy import Connection

from bot.environment import Environment
from bot.errors import BadValue, NotAllowed
from bot.generation.ordering.orders import Orders
from bot.generation.rows.records import Generation, NewInput
from bot.orders.callers import Caller
from bot.store import events
from bot.store.database import Database
from cogs.jam import ideas, making, merge, new_jam, review, rights, round_rows
from cogs.jam import rows as jams
from cogs.jam import states as steps
from cogs.jam.facts import JamFacts, place_of, read_facts
from cogs.jam.ideas import Given
from cogs.jam.new_jam import Asked
from cogs.jam.posted import Opened
from cogs.jam.records import Jam
from cogs.jam.scheduler import Scheduler
from cogs.jam.states import JamState
from cogs.jam.words import plain


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

    async def start(self, caller: Caller, asked: Asked) -> Jam:
        """A jam in the caller's channel that is being opened; `opened` or `abandon` follows.

        NotAllowed `jam.running` names the one that is there (`link`).
        """
        begin = partial(new_jam.begin, orders=self._orders, caller=caller, asked=asked.checked(), now=self._clock())
        try:
            return await self._orders.run(caller, events.once(caller.event_id, begin))
        except NotAllowed as refused:
            running = await self._database.run(jams.in_channel, caller.place.here)
            if refused.key == "jam.running" and running is not None:
                self._changed(running.id)  # its card may have been deleted
            raise

    async def refuse_running(self, caller: Caller) -> None:
        """Before a form opens: NotAllowed, where a jam is there already."""
        await self._database.run(new_jam.refuse_running, caller)

    async def note_opening(self, jam_id: int, *, thread_id: int | None = None, message_id: int | None = None) -> None:
        """Where its thread, or its word in the channel, stands: for who finds the jam half opened after a crash."""
        places = {"thread_id": thread_id, "message_id": message_id}
        known = {name: id_ for name, id_ in places.items() if id_ is not None}
        await self._database.run(jams.note, jam_id, **known)

    async def opened(self, jam_id: int, stands: Opened) -> Jam | None:
        """Its thread, its word in the channel and the card of its first round stand. None: it was given up."""
        jam = await self._database.run(steps.opened, jam_id, stands, now=self._clock())
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
            joined = jams.join(connection, jam_id, person_id, now=self._clock())
            jams.note_host(connection, jam_id, person_id, now=self._clock())
            return joined

        return self._changed(jam_id, changed=await self._database.run(change))

    async def leave(self, jam_id: int, person_id: int) -> bool:
        """False: they were not in it."""

        def change(connection: Connection) -> Jam | None:
            rights.alive(connection, jam_id)
            return steps.left(connection, jam_id, person_id, now=self._clock())

        return self._left(await self._database.run(change), person_id)

    async def host_left(self, jam: Jam) -> bool:
        """Its host left the server. False: somebody else leads it by now."""
        if jam.host_id is None:
            return True
        left = await self._database.run(steps.left, jam.id, jam.host_id, now=self._clock())
        return self._left(left, jam.host_id)

    async def take_over(self, caller: Caller, jam_id: int) -> Jam:
        """They lead the jam, and pay, in place of a host who is away."""

        def change(connection: Connection) -> Jam | None:
            jam = rights.in_state(connection, jam_id, steps.RUNNING)
            if rights.is_host(connection, caller, jam):
                raise NotAllowed("jam.leads_already")
            rules = self._orders.read_rules(connection, place_of(jam))
            rights.payer(connection, caller, jam, rules, now=self._clock())  # who may not pay does not lead
            jams.join(connection, jam.id, caller.person_id, now=self._clock())  # a moderator, where the pool pays
            values = {"host_id": caller.person_id, "host_seen_at": self._clock(), "away": False}
            return jams.move(connection, jam.id, jam.step, **values)

        return self._moved(await self._orders.run(caller, change))

    async def add_idea(self, caller: Caller, jam_id: int, said: str) -> Given:
        """An idea for the round under way; who gives one is in the jam."""
        add = partial(
            ideas.add,
            orders=self._orders,
            caller=caller,
            jam_id=jam_id,
            said=ideas.checked(said),
            now=self._clock(),
        )
        given = await self._orders.run(caller, events.once(caller.event_id, add))
        self._changed(jam_id)
        return given

    async def replace_ideas(self, caller: Caller, jam_id: int, said: str) -> None:
        """The caller's ideas of the round under way are these, one a line; what stands no more is withdrawn."""
        lines = [ideas.checked(line) for line in said.splitlines() if plain(line)]
        change = partial(
            ideas.replace, orders=self._orders, caller=caller, jam_id=jam_id, said=lines, now=self._clock()
        )
        await self._orders.run(caller, events.once(caller.event_id, change))
        self._changed(jam_id)

    async def remove_idea(self, caller: Caller, jam_id: int, idea_id: int) -> None:
        """Anybody's idea of the round under way, by a moderator."""
        remove = partial(ideas.remove, caller=caller, jam_id=jam_id, idea_id=idea_id, now=self._clock())
        await self._database.run(remove)
        self._changed(jam_id)

    async def make(self, caller: Caller, jam_id: int) -> Jam:
        """From open to merging: no more ideas; the chat model merges those there are, which costs what an /ask costs.
        Then the pictures are made, unless the prompt is to be looked at first.

        ConfirmationNeeded as with every order (`bot.cards.confirm.submit`).
        """
        begin = partial(making.begin, orders=self._orders, caller=caller, jam_id=jam_id, now=self._clock())
        with self._scheduler.handing(jam_id):
            begun = await self._orders.submit(caller, begin)
            self._scheduler.merge(begun)
        self._changed(jam_id)
        return begun.jam

    async def back(self, caller: Caller, jam_id: int) -> Jam:
        """From review to open: the merged prompt is dropped, ideas come in again."""
        return self._moved(await self._database.run(partial(review.back, now=self._clock()), caller, jam_id))

    async def edit(self, caller: Caller, jam_id: int, prompt: str, *, step: int | None = None) -> Jam:
        """In review: another prompt, of at most `cogs.jam.merge.MOST` characters.

        `step`: what the jam was at when its prompt was read; NotAllowed, where it has moved on since.
        """
        prompt = plain(prompt)
        if not prompt:
            raise BadValue("jam.empty_prompt")
        if len(prompt) > merge.MOST:
            raise BadValue("jam.prompt_long", most=merge.MOST)
        given = {"orders": self._orders, "caller": caller, "jam_id": jam_id, "prompt": prompt, "step": step}
        return self._moved(await self._orders.run(caller, partial(review.edit, **given, now=self._clock())))

    async def use_ideas(self, caller: Caller, jam_id: int) -> Jam:
        """In review: the ideas as they are, one after another, in place of the model's prompt."""
        use = partial(review.use_ideas, now=self._clock())
        return self._moved(await self._database.run(use, self._orders, caller, jam_id))

    async def order(self, caller: Caller, jam_id: int, *, picture: NewInput | None = None) -> Generation:
        """From review to making: the round's pictures, queued; the placeholder is posted as for any order, then
        `claims.start(row)`. Where that can't be posted: `orders.withdraw(row)` and `scheduler.nudge()`.

        `picture`: where the base's file is now (`facts.base`, `facts.base_position`), wanted where `facts.edits`.
        ConfirmationNeeded as with every order.
        """
        given = {"orders": self._orders, "caller": caller, "jam_id": jam_id, "picture": picture}
        row = await self._orders.submit(caller, partial(making.order, **given, now=self._clock()))
        self._changed(jam_id)
        return row

    async def end_vote(self, caller: Caller, jam_id: int) -> None:
        """In voting: the vote ends now."""

        def change(connection: Connection) -> None:
            jam = rights.in_state(connection, jam_id, {JamState.VOTING})
            rights.check_ends_vote(connection, caller, jam, now=self._clock())
            jams.note_host(connection, jam.id, caller.person_id, now=self._clock())
            round_rows.shorten_vote(connection, jam.id, jam.round, until=self._clock())

        await self._database.run(change)
        self._changed(jam_id)

    async def close(self, caller: Caller, jam_id: int) -> Jam:
        """It ends: at once, or with the round under way (`closing`)."""

        def change(connection: Connection) -> Jam | None:
            jam = rights.in_state(connection, jam_id, steps.RUNNING)
            rights.check_leads(connection, caller, jam, now=self._clock())
            if jam.closing:
                raise NotAllowed("jam.closing_already")
            return steps.wind_up(connection, jam.id, now=self._clock(), by=caller.person_id)

        return self._moved(await self._database.run(change))

    async def pictures_removed(self, generation_ids: Collection[int]) -> None:
        """Orders were removed: bring up to date what jams show of their pictures. One that was no round's has none."""
        for round_ in await self._database.run(round_rows.rounds_with, generation_ids):
            self._scheduler.show(round_.jam_id, round_.number)
            self._scheduler.show(round_.jam_id, round_.number + 1)  # whose base it was
            self._scheduler.show(round_.jam_id)
        self._scheduler.nudge()

    async def message_removed(self, message_id: int) -> None:
        """A message was removed: a round's card is posted anew while people need it; nothing leads to an end that is
        gone.
        """
        if (jam_id := await self._database.run(round_rows.of_card, message_id)) is not None:
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

    def _left(self, jam: Jam | None, person_id: int) -> bool:
        """`jam`: which they left; None: they were not in it."""
        if jam is None:
            return False
        self._changed(jam.id)
        if jam.host_id == person_id:
            self._scheduler.host_left(jam)
        return True

    def _changed(self, jam_id: int, *, changed: bool = True) -> bool:
        if changed:
            self._scheduler.show(jam_id)
            self._scheduler.nudge()
        return changed
