"""Where jams are shown. What Discord is to the scheduler; `cogs.jam.thread.host` is the one there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cogs.jam.facts import JamFacts
from cogs.jam.records import Jam, Round


@dataclass(frozen=True, slots=True)
class Opened:
    """Where a jam stands: its thread, its word in the channel, and the card of its first round."""

    thread_id: int
    message_id: int
    card_id: int


class Host(Protocol):
    """Every call may be repeated, after a crash in the middle of it, too: nothing is to be posted twice."""

    def show(self, jam: Jam, round_: Round) -> None:
        """Bring the round's card up to date, soon, as it is then. Called often; returns at once and never raises."""
        ...

    async def post_round(self, facts: JamFacts) -> int | None:
        """Post the card of a new round in the thread; its message's id. None: nowhere left, the jam ends. NotNow."""
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
