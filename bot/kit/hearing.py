"""Which messages the bot takes in at all: decided before the library makes anything of them.

In a large server thousands of messages come that are for others; what the library builds of each costs more than all
the rest. Edits are not taken in: an edited question is read when it is asked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.kit.bot import Bot


class Hearing:
    """`watched`: the places where every message may be for the bot, as Discord writes their ids."""

    def __init__(self) -> None:
        self.watched: set[str] = set()

    def listen(self, bot: Bot) -> None:
        """Take the place of the library's parsers of messages that are written and edited."""
        parsers = bot._connection.parsers  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - where the library finds them
        take_in = parsers["MESSAGE_CREATE"]

        def heard(event: Mapping[str, Any]) -> None:
            if self.concerns(event, str(bot.application_id)):
                take_in(event)

        parsers["MESSAGE_CREATE"] = heard
        parsers["MESSAGE_UPDATE"] = _ignored

    def concerns(self, event: Mapping[str, Any], me: str) -> bool:
        """Whether a person wrote it, and to the bot: directly, by naming it, or in a place that is watched."""
        if event["author"].get("bot") or "webhook_id" in event:
            return False
        if "guild_id" not in event or event["channel_id"] in self.watched:
            return True
        return any(each["id"] == me for each in event["mentions"])


def _ignored(event: Mapping[str, Any]) -> None:
    del event
