"""What somebody chose and has not applied yet: read, kept and applied for the person of an interaction."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bot.settings.changes import IMPORT, Realm
from bot.store import events
from bot.store.database import Database
from cogs.config import draft_rows as drafts

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.kit.bot import Interaction
    from cogs.config.draft_rows import Applied, Draft, Drafts
    from cogs.config.spots import Spot


async def draft_of(interaction: Interaction, spot: Spot) -> Draft:
    """Of one place."""
    return await interaction.client.the(Database).run(drafts.read, interaction.user.id, spot.place, now=time.time())


async def every_draft(interaction: Interaction) -> Drafts:
    """Of all places of the server, or of the direct messages."""
    realm = Realm(interaction.guild_id, interaction.channel_id or 0)
    return await interaction.client.the(Database).run(drafts.all_of, interaction.user.id, realm, now=time.time())


async def keep_drafts(interaction: Interaction, left: Drafts, *, imported: bool = False) -> None:
    """In the place of those before; an empty one goes. `imported`: all of it came of a file."""
    person_id, guild_id, now = interaction.user.id, interaction.guild_id, time.time()

    def keep(c: Connection) -> None:
        drafts.put(c, person_id, left, guild_id=guild_id, now=now)
        if imported:
            drafts.note_source(c, person_id, left, IMPORT)

    await interaction.client.the(Database).run(keep)


async def apply_drafts(interaction: Interaction, shown: Drafts) -> Applied:
    """Make one change of them, as they were shown; once, however often Discord sends the press."""
    return await interaction.client.the(Database).run(
        events.once(interaction.id, drafts.apply),
        interaction.user.id,
        shown,
        guild_id=interaction.guild_id,
        now=time.time(),
    )
