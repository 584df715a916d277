"""Which messages the bot takes in at all: decided before the library makes anything of them.

In a large server thousands of messages come that are for others; what the library builds of each costs more than all
the rest. Edits are not taken in: an edited question is read when it is asked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.kit.written import WRITTEN
from bot.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.kit.bot import Bot

_OVERHEARD_MOST: Final = 10_000


class Hearing:
    """`watched`: the places where every message may be for the bot, as Discord writes their ids. `overheard`: the same,
    and what is called, once, when a person writes there and not to the bot; nothing is read of it.
    """

    def __init__(self) -> None:
        self.watched: set[str] = set()
        self.overheard: Recent[str, Callable[[], None]] = Recent(_OVERHEARD_MOST)

    def listen(self, bot: Bot) -> None:
        """Take the place of the library's parsers of messages that are written and edited."""
        parsers = bot._connection.parsers  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - where the library finds them
        take_in = parsers["MESSAGE_CREATE"]

        def heard(event: Mapping[str, Any]) -> None:
            if self.concerns(event, str(bot.application_id)):
                take_in(event)
            elif _is_written(event) and (told := self.overheard.pop(event["channel_id"])) is not None:
                told()

        parsers["MESSAGE_CREATE"] = heard
        parsers["MESSAGE_UPDATE"] = _ignored

    def concerns(self, event: Mapping[str, Any], me: str) -> bool:
        """Whether a person wrote it, and to the bot: directly, by naming it, or in a place that is watched."""
        if not _by_person(event):
            return False
        if "guild_id" not in event or event["channel_id"] in self.watched:
            return True
        return any(each["id"] == me for each in event["mentions"])


def _by_person(event: Mapping[str, Any]) -> bool:
    return not event["author"].get("bot") and "webhook_id" not in event


def _is_written(event: Mapping[str, Any]) -> bool:
    return _by_person(event) and event.get("type", 0) in _TYPES


_TYPES: Final = frozenset(one.value for one in WRITTEN)


def _ignored(event: Mapping[str, Any]) -> None:
    del event
