"""The messages that are due: a jam that was being opened, a round's card, the call to vote, its winner, the end."""

from __future__ import annotations

from collections.abc import Callable

from bot.environment import Environment
from bot.store.database import Database
from bot.store.writes import until_committed
from cogs.jam import round_rows
from cogs.jam import rows as jams
from cogs.jam import states as steps
from cogs.jam.facts import JamFacts, read_facts
from cogs.jam.ports import Host
from cogs.jam.records import Jam


class Messages:
    """For the scheduler, which calls each once at a time for a jam. `show`: as `Scheduler.show`."""

    def __init__(
        self,
        database: Database,
        environment: Environment,
        host: Host,
        *,
        clock: Callable[[], float],
        show: Callable[[int, int | None], None],
    ) -> None:
        self._database = database
        self._environment = environment
        self._host = host
        self._clock = clock
        self._bring_up_to_date = show

    async def find(self, jam: Jam) -> None:
        found = await self._host.find_opening(jam)
        if found is None:
            await self._database.run(jams.discard, jam.id)
        elif await self._database.run(steps.opened, jam.id, found, now=self._clock()):
            self._show(jam.id)

    async def post_round(self, jam: Jam) -> None:
        facts = await self._facts(jam.id)
        if facts is None or facts.round.message_id is not None or facts.has_ended:
            return
        posted = await self._host.post_round(facts)
        if posted is None:
            await self._database.run(steps.wind_up, jam.id, now=self._clock())
            return
        number = facts.round.number
        stands = {"message_id": posted.message_id, "picture": posted.picture}
        await until_committed(self._database, round_rows.change_round, jam.id, number, **stands)
        self._show(jam.id, number)

    async def reveal(self, jam: Jam) -> None:
        """Show who won the round before: before anything else is posted."""
        finished = await self._database.run(round_rows.unrevealed, jam.id)
        facts = await self._facts(jam.id, finished.number) if finished is not None else None
        if facts is None:
            return
        message_id = await self._host.reveal(facts)
        await until_committed(self._database, round_rows.change_round, jam.id, facts.round.number, reveal_id=message_id)
        self._show(jam.id, facts.round.number)

    async def call(self, jam: Jam) -> None:
        facts = await self._facts(jam.id)
        if facts is not None and facts.jam.state == steps.JamState.VOTING:
            message_id = await self._host.call(facts)
            await until_committed(
                self._database, round_rows.change_round, jam.id, facts.round.number, called_id=message_id
            )

    async def tell_away(self, jam: Jam) -> None:
        facts = await self._facts(jam.id)
        if facts is not None:
            await self._host.tell_away(facts)

    async def post_final(self, jam: Jam) -> None:
        facts = await self._facts(jam.id)
        if facts is None:
            return
        self._host.show(facts.jam, facts.round)  # closed, first of all: nobody presses its buttons any more
        message_id = await self._host.post_final(await self._last(facts))
        await until_committed(self._database, steps.finish, jam.id, final_message_id=message_id, now=self._clock())
        self._show(jam.id)

    async def renew_final(self, jam: Jam) -> None:
        facts = await self._facts(jam.id)
        if facts is None:
            return
        message_id = await self._host.renew_final(await self._last(facts))
        await until_committed(self._database, steps.end_renewed, facts.jam, final_message_id=message_id)

    async def _last(self, facts: JamFacts) -> JamFacts:
        """Those of the last round that was finished, if one was."""
        if not facts.finished:
            return facts
        return await self._facts(facts.jam.id, facts.finished[-1].number) or facts

    async def _facts(self, jam_id: int, number: int | None = None) -> JamFacts | None:
        return await self._database.run(read_facts, jam_id, self._environment, number=number)

    def _show(self, jam_id: int, number: int | None = None) -> None:
        self._bring_up_to_date(jam_id, number)
