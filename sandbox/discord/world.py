"""The world: what exists, and the people who act in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.interactions import repeat
from sandbox.discord.people import Person
from sandbox.discord.state import State

if TYPE_CHECKING:
    from sandbox.discord.interaction_models import Interaction
    from sandbox.discord.models import Guild


class World(State):
    """Start here: `world = World()`, a `world.guild(…)`, a `world.text_channel(…)`, and `world.person(…)`s in it."""

    def person(
        self,
        name: str,
        *,
        guild: Guild | None = None,
        permissions: int = 0,
        locale: str = "en-US",
        app_installed: bool = False,
    ) -> Person:
        """A new person; with `guild` a member of it, `permissions` on top of @everyone's.

        `app_installed`: they installed the application to their own account.
        """
        user = self.user(name, locale=locale)
        user.app_installed = app_installed
        if guild is not None:
            self.join(guild, user, permissions=permissions)
        return Person(self, user)

    def crowd(self, guild: Guild, count: int) -> list[Person]:
        """So many new members, "member-1" and so on; they act at once with `asyncio.gather(*(each.press(…) …))`."""
        return [self.person(f"member-{number}", guild=guild) for number in range(1, count + 1)]

    def repeat(self, interaction: Interaction) -> None:
        """Let its INTERACTION_CREATE come once more. `rules.repeats` does so at once, with all of them."""
        repeat(self, interaction)

    def expire_tokens(self, *interactions: Interaction) -> None:
        """Let tokens end now, as if 15 minutes were over: those given, or all there are."""
        for interaction in interactions or tuple(self.interactions.values()):
            interaction.expired = True
