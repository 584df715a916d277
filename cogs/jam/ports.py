"""Where jams are shown. What Discord is to the scheduler; `cogs.jam.thread.host` is the one there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from cogs.jam.facts import JamFacts
from cogs.jam.posted import Opened, RoundCard
from cogs.jam.records import Jam, Round

if TYPE_CHECKING:
    from bot.generation.rows.records import Generation, NewInput
    from bot.orders.callers import Caller


class Host(Protocol):
    """Every call may be repeated, after a crash in the middle of it, too: nothing is to be posted twice."""

    def show(self, jam: Jam, round_: Round) -> None:
        """Bring the round's card up to date, soon, as it is then. Called often; returns at once and never raises."""
        ...

    async def post_round(self, facts: JamFacts) -> RoundCard | None:
        """Post the card of a new round in the thread. None: nowhere left, the jam ends. NotNow."""
        ...

    async def caller(self, jam: Jam, person_id: int) -> Caller | None:
        """Somebody as who orders in the jam's place, as they are now. None: they left the server. NotNow."""
        ...

    async def base_picture(self, facts: JamFacts) -> NewInput | None:
        """Where the picture is that the shown round changes. None: it has none, or no model here takes it.

        NotAllowed: it is nowhere any more.
        """
        ...

    async def post_pictures(self, row: Generation) -> None:
        """Post the card of a round's order in the thread, and begin; where it can't be posted, it is taken back."""
        ...

    async def call(self, facts: JamFacts) -> int:
        """Call people to vote; the message's id. 0: nobody wants it, or there is nowhere to post it. NotNow."""
        ...

    async def tell_away(self, facts: JamFacts) -> None:
        """Say once in the thread that its host is away, where something waits for them. NotNow."""
        ...

    async def reveal(self, facts: JamFacts) -> int:
        """Show the winner of the round of `facts`; the message's id. 0: it can't be shown. NotNow."""
        ...

    async def post_final(self, facts: JamFacts) -> int | None:
        """Post the end in the parent channel; its message's id. None: nowhere left. NotNow.

        `facts` are those of the last round that was finished (`facts.finished`); where none was, of the one under way.
        """
        ...

    async def renew_final(self, facts: JamFacts) -> int | None:
        """Bring the end that stands up to date, and what leads there; its message's id. None: it was deleted. NotNow.

        `facts` as above.
        """
        ...

    async def find_opening(self, jam: Jam) -> Opened | None:
        """What became of a jam whose process ended while it was being opened. None: it is given up, and what stands of
        it was taken away as far as it can be found. NotNow.
        """
        ...
