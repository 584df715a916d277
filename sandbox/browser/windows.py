"""A window: whose eyes look at which place. It stands in the address, so that several can be open at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import web

from sandbox.discord.models import DM
from sandbox.discord.permissions import Permission

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Guild, Message, User
    from sandbox.discord.people import Person
    from sandbox.stage import Stage


@dataclass(frozen=True, slots=True)
class Window:
    """`name`: the person's, as it stands in the address."""

    stage: Stage
    name: str
    person: Person
    channel: Channel

    @property
    def path(self) -> str:
        return path_to(self.name, self.channel)

    @property
    def guild(self) -> Guild | None:
        return self.person.state.guild_of(self.channel)

    @property
    def locale(self) -> str:
        return self.person.user.locale

    @property
    def bot(self) -> User:
        return self.stage.world.application.bot

    def may(self, permission: Permission) -> bool:
        return bool(self.person.permissions(self.channel) & permission)

    def messages(self) -> list[Message]:
        """What this person sees here, oldest first."""
        return self.person.sees(self.channel)

    def name_of(self, some_id: int) -> str | None:
        """What stands for a mentioned id; None for a channel that this person does not see."""
        world = self.stage.world
        channel = world.channels.get(some_id)
        if channel is not None and not self.person.permissions(channel) & Permission.VIEW_CHANNEL:
            return None
        return world.name_of(some_id)

    def message(self, message_id: str) -> Message:
        """A message that is seen here.

        Raises:
            HTTPNotFound: it is not.
        """
        found = self.channel.messages.get(int(message_id)) if message_id.isdigit() else None
        if found is None or found not in self.person.sees(self.channel):
            raise web.HTTPNotFound(text="This message is gone.")
        return found


def path_to(name: str, channel: Channel) -> str:
    return f"/as/{quote(name, safe='')}/channel/{channel.id}"


def window_of(stage: Stage, request: web.Request) -> Window:
    """The window that a request is about.

    Raises:
        HTTPNotFound: there is no such person, or they do not see such a place.
    """
    name, number = request.match_info["name"], request.match_info["channel"]
    person = stage.scene.people.get(name)
    channel = stage.world.channels.get(int(number)) if number.isdigit() else None
    if person is None:
        raise web.HTTPNotFound(text=f"Nobody is called {name} here.")
    if channel is None or not person.permissions(channel) & Permission.VIEW_CHANNEL:
        raise web.HTTPNotFound(text=f"{name} sees no such channel.")
    return Window(stage, name, person, channel)


def is_direct(channel: Channel) -> bool:
    return channel.type == DM
