"""What stands behind a message: the generation whose images it shows, also where it is another feature's message."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.generation.rows import generations
from bot.generation.rows.records import Generation
from bot.kit.bot import Bot
from bot.kit.cog import features
from bot.store import copies


def order_behind(connection: Connection, bot: Bot, *, channel_id: int, message_id: int) -> Generation | None:
    """The order whose images a message shows: as its card, as one that was delivered again, or by what a feature says
    of it.
    """
    row = generations.of_message(connection, channel_id=channel_id, message_id=message_id)
    if row is not None:
        return row
    found = copies.generation_of(connection, message_id)
    if found is None:
        shown = (feature.shown_by(connection, message_id) for feature in features(bot))
        found = next((each for each in shown if each is not None), None)
    return None if found is None else generations.get(connection, found)
