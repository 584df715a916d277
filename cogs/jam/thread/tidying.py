"""What a round's messages still show of what was removed: taken away, beside all else."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.i18n import text
from bot.kit.short_cards import note
from bot.store.writes import until_committed
from cogs.jam import round_rows
from cogs.jam.cards import round_card
from cogs.jam.reasons import RoundReason

if TYPE_CHECKING:
    from bot.kit.posting import Posting
    from bot.store.database import Database
    from cogs.jam.facts import JamFacts


class Tidying:
    def __init__(self, database: Database, posting: Posting) -> None:
        self._database = database
        self._posting = posting
        self._under_way: set[tuple[int, int]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def tidied(self, facts: JamFacts) -> JamFacts:
        """Without what was removed since. What the round's messages still show of it is taken away, soon: a card is
        rendered in its channel's turn, which the edits wait for.
        """
        round_, made = facts.round, facts.generation
        lost = round_.picture is not None and (facts.base is None or facts.lost is not None)
        removed = bool(round_.reveal_id) and (made is None or made.removed_at is not None)
        shown = replace(facts, round=replace(round_, picture=None)) if lost else facts
        if (lost or removed) and (facts.jam.id, round_.number) not in self._under_way:
            self._under_way.add((facts.jam.id, round_.number))
            work = self._tidy(shown, lost=lost, removed=removed)
            task = asyncio.create_task(work, name=f"jam-tidy-{facts.jam.id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return shown

    async def _tidy(self, facts: JamFacts, *, lost: bool, removed: bool) -> None:
        jam, round_ = facts.jam, facts.round
        changed: dict[str, object] = {}
        try:
            if lost and jam.thread_id is not None and round_.message_id is not None:
                card = round_card(facts, now=time.time())
                await self._posting.try_to_edit(jam.application_id, jam.thread_id, round_.message_id, card)
                changed["picture"] = None
            if removed and jam.thread_id is not None and round_.reveal_id:
                gone = note(text(jam.locale, RoundReason.ROUND_REMOVED))
                await self._posting.try_to_edit(jam.application_id, jam.thread_id, round_.reveal_id, gone)
                changed["reveal_id"] = 0
            if changed:
                await until_committed(self._database, round_rows.change_round, jam.id, round_.number, **changed)
        finally:
            self._under_way.discard((jam.id, round_.number))
