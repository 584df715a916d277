"""Cards that only an interaction's token can edit: once it is over they say what was true then.

Any press on such a card brings a fresh token, by which it is brought up to date, and delivered where that could not be
done.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.cards.row_pressed import row_by_id
from bot.errors import NotAllowed
from bot.generation.rows import generations
from bot.generation.work.claims import Claims
from bot.generation.work.progress import Progress
from bot.i18n import text
from bot.kit.links import message_link
from bot.kit.places import token_of
from bot.kit.responses import acknowledge, replace_message
from bot.kit.short_cards import note
from bot.states import OVERDUE, State
from bot.store.database import Database

if TYPE_CHECKING:
    from bot.generation.rows.records import Generation
    from bot.kit.bot import Interaction


async def row_of_card(press: Interaction, generation_id: int) -> Generation:
    """The row of the pressed card. NotAllowed: another channel's, so its custom_id was forged; or it came by direct
    message since the card was out of reach, which the card then says.
    """
    row = await row_by_id(press, generation_id)
    if row.channel_id == press.channel_id:
        return row
    if row.context != "bot_dm" or row.person_id != press.user.id or row.message_id is None:
        raise NotAllowed("error.gone")
    asked = press.message.interaction_metadata if press.message is not None else None
    if asked is not None and asked.user.id == row.person_id:  # one's own card, and nobody else's
        await replace_message(press, note(text(row.locale, "card.sent_by_dm")))
    raise NotAllowed("error.sent_by_dm", link=message_link(None, row.channel_id, row.message_id))


async def mend(press: Interaction, row: Generation) -> None:
    """Bring the pressed card up to date by the press's token, which the row keeps, where the bot can't edit it itself.

    The press is acknowledged then, and nothing else, so that its original message is the card.
    """
    message = press.message
    there = message is not None and message.id == row.message_id and row.channel_id == press.channel_id
    if not there or not (row.token_only or row.private) or row.state == State.DELIVERED:
        return
    await acknowledge(press)
    the = press.client.the
    fresh = await the(Database).run(
        generations.take_token,
        row.id,
        message_id=row.message_id or 0,
        **token_of(press),
    )
    if fresh is None or fresh.state == State.DELIVERED:
        return
    if fresh.state == State.DROPPED:
        await the(Claims).deliver_again(fresh.id)
    else:
        await the(Progress).show(fresh, overdue=fresh.shown_state == OVERDUE)


@asynccontextmanager
async def mended_unless_allowed(press: Interaction, row: Generation) -> AsyncGenerator[None]:
    """`mend` the pressed card where what the press wants is refused inside, since its own answer would do it else."""
    try:
        yield
    except NotAllowed:
        await mend(press, row)
        raise
