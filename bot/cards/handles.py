"""All it takes to edit the card of a generation."""

from __future__ import annotations

from bot.generation.rows.records import Generation
from bot.kit.edits import Handle


def handle_of(row: Generation) -> Handle:
    """Of a row's card."""
    return Handle(
        application_id=row.application_id,
        token=row.token,
        token_expires_at=row.token_expires_at,
        channel_id=row.channel_id,
        message_id=row.message_id,
        token_only=row.token_only or row.private,
        original=row.original,
    )
