"""Another answer to the same question, in the messages where one stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from bot.cards.caller import caller_of
from bot.kit.bot import Interaction
from bot.kit.edits import Handle
from bot.kit.token_limits import TokenLimits
from bot.store.database import Database
from cogs.ask import turn_rows as turns
from cogs.ask.cards import heading
from cogs.ask.custom_ids import rows_below
from cogs.ask.endings import ending_of
from cogs.ask.messages import Messages
from cogs.ask.pages import Page, Pages
from cogs.ask.records import CUT, Turn
from cogs.ask.surfaces import surface_for


async def show_again(press: Interaction, turn: Turn, beside: Sequence[int], shown: Sequence[int]) -> None:
    """Show another answer to the same question, `turn`, in the messages where one stands; the pressed one last."""
    the = press.client.the
    caller = replace(caller_of(press), private=turn.private)
    surface, before = surface_for(press, caller, the(TokenLimits), turn.id, shown, pressed=True)
    locale, said = caller.locale, turn.answer or ""
    shown_as = Pages(heading(turn, locale), locale, cites=False)

    async def read() -> list[Page]:
        await shown_as.read(said, ended=True, cut=turn.finish != "stop")
        return shown_as.ended(ending_of(turn, locale))

    pages = await read()
    cut, direct = turn.finish in CUT, turn.guild_id is None
    below = rows_below(turn.id, said=True, beside=beside, cut=cut, direct=direct, locale=locale)
    notes = _Notes(the(Database))
    messages = Messages(surface, notes, locale)
    messages.take_over(before, ())
    card, _ = shown_as.view(len(pages) - 1, pages, ended=False, below=below)
    await messages.begin(card, pages[-1] if not shown_as.has_files else ("", None))
    while behind := messages.behind(pages):
        card, files = shown_as.view(behind[0], pages, ended=True, below=below)
        if not await messages.show(behind[0], pages[behind[0]], card, files or None):
            shown_as.without_files(few=caller.token_only)
            pages = await read()
    await messages.take_back(len(pages), final=True)
    await notes.written()


class _Notes:
    """Notes where an answer stands that ended long ago."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stands: dict[int, int | None] = {}

    def note(self, key: int, handle: Handle, locale: str) -> None:
        del locale
        self._stands[handle.message_id or 0] = key

    def gone(self, key: int, handle: Handle) -> None:
        del key
        self._stands[handle.message_id or 0] = None

    async def written(self) -> None:
        """Keep what was noted."""

        def write(connection: Connection) -> None:
            for message_id, key in self._stands.items():
                if key is None:
                    turns.stands_no_more(connection, message_id)
                elif message_id:
                    turns.stands_in(connection, key, message_id)

        await self._database.run(write)
