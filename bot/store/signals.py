"""What processes on one database tell each other at once: that something in it changed which they keep in memory.

Nothing hangs on it: what was not heard is found in the database a little later.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from bot.store.failures import StoreUnavailable
from bot.store.processes import tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.store.database import Database

FORGOTTEN: Final = "forgotten"
"""A person had their data deleted."""
log = logging.getLogger(__name__)


class Signals:
    """Where a process is alone, nothing is sent and nothing comes. `hear` is called with what others sent."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: defaultdict[str, list[Callable[[str], None]]] = defaultdict(list)

    def on(self, kind: str, listener: Callable[[str], None]) -> None:
        """Call `listener` with what another process says of `kind`. It returns at once."""
        self._listeners[kind].append(listener)

    async def send(self, kind: str, said: str = "") -> None:
        """Tell the others. Never raises: who does not hear it looks by themselves."""
        if (me := self._database.process_id) is None:
            return
        try:
            await self._database.run(tell, me, kind, said)
        except StoreUnavailable as error:
            log.warning("the other processes are not told of %s: %s", kind, error)

    def hear(self, payload: str) -> None:
        sender, _, rest = payload.partition(" ")
        kind, _, said = rest.partition(" ")
        if sender != str(self._database.process_id):
            for listener in self._listeners[kind]:
                listener(said)
