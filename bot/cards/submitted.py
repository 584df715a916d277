"""What features hear of an order of images or a video."""

from __future__ import annotations

from bot.generation.pauses import place_of
from bot.generation.rows.records import Generation
from bot.kinds import Kind
from bot.kit.bot import Bot
from bot.kit.cog import Submitted, features


def tell_ordered(bot: Bot, row: Generation) -> None:
    """Its placeholder stands: tell the features that want to know."""
    order = Submitted(
        person_id=row.person_id,
        command=f"/{Kind(row.kind).command}",
        again=row.parent_id is not None,
        model=row.model,
        prompt=row.prompt,
        place=place_of(row),
        private=row.private,
        message_id=row.message_id,
    )
    for feature in features(bot):
        feature.on_ordered(order)
