"""A server's whole use as a table, for its managers: who used what with which model, where, what became of it, and what
it cost: in credits, and really, in the unit of the service's account, where that tells it.

Of private orders it holds what managers can read of them today, in the log and in /jobs: that there were some, never
what was written. No prompt is in it at all.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import ui

from bot.aside import Aside
from bot.errors import NotAllowed
from bot.i18n import locale_of, text
from bot.kit.components import Card
from bot.kit.responses import acknowledge, answer
from bot.kit.short_cards import note
from bot.money import MICRO
from bot.store.database import Database
from cogs.usage import rows as usage
from cogs.usage.rows import Use

if TYPE_CHECKING:
    from bot.kit.bot import Interaction

MOST: Final = 100_000
PAGE: Final = 5000
"""Rows in one transaction: others' orders wait for it."""
FILE_NAME: Final = "server-usage.csv"
COLUMNS: Final = ("time", "person", "command", "model", "channel", "state", "credits", "cost")
_FORMULA: Final = frozenset("=+-@\t\r\n＝＋－＠")
"""The wide signs begin one too, where Chinese or Japanese is typed."""


async def send_table(interaction: Interaction) -> None:
    """Answer privately with the file. NotAllowed: it is for who may manage the server."""
    if interaction.guild_id is None or not interaction.permissions.manage_guild:
        raise NotAllowed("usage.not_manager")
    await acknowledge(interaction, ephemeral=True, thinking=True)
    the, locale = interaction.client.the, locale_of(interaction.locale)
    found = await _uses(the(Database), interaction.guild_id)
    if not found:
        await answer(interaction, note(text(locale, "usage.table_none")), ephemeral=True)
        return
    written, count = await the(Aside).run(write, found, limit=interaction.filesize_limit)
    said = text(locale, "usage.table", count=count)
    if count < len(found) or count == MOST:
        said += f"\n-# {text(locale, 'usage.table_cut', when=f'<t:{int(found[count - 1].at)}:f>')}"
    display: ui.TextDisplay[Any] = ui.TextDisplay(said)
    card = Card(display, ui.File(f"attachment://{FILE_NAME}"))
    await answer(interaction, card, ephemeral=True, files=[discord.File(io.BytesIO(written), FILE_NAME)])


async def _uses(database: Database, guild_id: int) -> list[Use]:
    """The newest first, at most `MOST`."""
    found = [await _all(database, read, guild_id) for read in (usage.orders_of, usage.questions_of, usage.charges_of)]
    return list(islice(merge(*found, key=lambda use: use.at, reverse=True), MOST))


async def _all(database: Database, read: Callable[..., list[Use]], guild_id: int) -> list[Use]:
    found: list[Use] = []
    while len(found) < MOST:
        after = found[-1] if found else None
        page = await database.run(read, guild_id=guild_id, after=after, limit=PAGE)
        found += page
        if len(page) < PAGE:
            break
    return found


def write(found: Sequence[Use], *, limit: int) -> tuple[bytes, int]:
    """The file of as many as fit into `limit` bytes, and how many these are. For a thread."""
    file = io.BytesIO()
    text_file = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    table = csv.writer(text_file)
    table.writerow(COLUMNS)
    count = 0
    for use in found:
        before = file.tell()
        table.writerow([safe(cell) for cell in _cells(use)])
        if file.tell() > limit:
            file.truncate(before)
            break
        count += 1
    return file.getvalue(), count


def _cells(use: Use) -> Iterable[object]:
    at = datetime.fromtimestamp(use.at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    cost = None if use.cost is None else f"{use.cost / MICRO:.6f}".rstrip("0").rstrip(".")
    return (at, use.person_id, use.command, use.model, use.channel_id, use.state, use.credits, cost)


def safe(cell: object) -> object:
    """Text that a spreadsheet takes for text: some begin a formula."""
    if isinstance(cell, str) and cell[:1] in _FORMULA:
        return f"'{cell}"
    return "" if cell is None else cell
