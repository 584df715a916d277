"""Where a panel stands: whose settings it shows, and which page. It is in each custom_id, so a panel works for ever."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from bot.kit.places import place_of
from bot.settings import Scope
from bot.settings.topics import Topic
from cogs.config import managers

if TYPE_CHECKING:
    from bot.kit.bot import Interaction
    from bot.settings import Place

SPOT = rf"(?P<scope>{'|'.join(Scope)}):(?P<id>\d{{1,19}}):(?P<topic>{'|'.join(Topic)})"


@dataclass(frozen=True, slots=True)
class Spot:
    """A scope with the id of what it is, and the page that is shown."""

    scope: Scope
    id: int
    topic: Topic = Topic.WHAT

    @classmethod
    def of(cls, match: re.Match[str]) -> Self:
        return cls(Scope(match["scope"]), int(match["id"]), Topic(match["topic"]))

    @classmethod
    def here(cls, interaction: Interaction, topic: Topic = Topic.WHAT) -> Self:
        """The channel, thread or direct messages where one is."""
        return cls(Scope.CHANNEL, place_of(interaction).here, topic)

    def at(self, topic: Topic) -> Self:
        return replace(self, topic=topic)

    @property
    def place(self) -> tuple[str, int]:
        """As settings are stored under it."""
        return str(self.scope), self.id

    def custom_id(self, name: str) -> str:
        return f"setup:{name}:{self.scope}:{self.id}:{self.topic}"

    def looked_at(self, interaction: Interaction) -> Place:
        """What holds there. NotAllowed, with what is missing, unless the person may change it."""
        managers.check(interaction, self.scope, self.id)
        return managers.place_at(interaction, self.scope, self.id)
