"""Where a jam stands: its channel or thread, and the link to the pictures of its round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.kit.links import message_link
from cogs.jam.facts import JamFacts

if TYPE_CHECKING:
    from cogs.jam.records import Jam


def begun_in_thread(jam: Jam) -> bool:
    """Whether it was started in a thread that was there: the jam's own has the id of the message it was made from."""
    return jam.thread_id is not None and jam.thread_id != jam.message_id


def word_channel(jam: Jam) -> int:
    """Where the jam was started."""
    return jam.thread_id if jam.thread_id is not None and begun_in_thread(jam) else jam.channel_id


def pictures_link(facts: JamFacts) -> str | None:
    """The message of the shown round's pictures; None: there is none, or it was removed."""
    made = facts.generation
    if made is None or made.message_id is None or made.removed_at is not None:
        return None
    return message_link(made.guild_id, made.channel_id, made.message_id)
