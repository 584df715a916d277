"""What a person picks for options, in menus and in forms: its id, and the object an interaction carries beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.discord import payloads
from sandbox.discord.models import Channel, Role, User

if TYPE_CHECKING:
    from sandbox.discord.models import Json, JsonValue
    from sandbox.discord.state import State


class ClientRefusal(Exception):
    """The client did not let the person do that: no such command here, a wrong option, a button that is gone."""

    option = ""
    """The option whose value was refused, where it was one."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file a person picks."""

    filename: str
    data: bytes


# What an option or a menu of each kind takes.
OPTION_TAKES: dict[int, tuple[type, ...]] = {6: (User,), 7: (Channel,), 8: (Role,), 9: (User, Role), 11: (Upload,)}
MENU_TAKES: dict[int, tuple[type, ...]] = {5: (User,), 6: (Role,), 7: (User, Role), 8: (Channel,), 19: (Upload,)}


@dataclass(slots=True)
class Resolver:
    """Gathers `resolved` of one interaction (its "Resolved Data Structure")."""

    state: State
    user: User
    channel: Channel
    found: dict[str, Json] = field(default_factory=dict[str, "Json"])

    def pick(self, picked: JsonValue, takes: tuple[type, ...], channel_types: list[int] | None, what: str) -> str:
        """The id of what was picked. `what`: the option or menu, for the refusal. Raises: ClientRefusal."""
        if not isinstance(picked, takes):
            msg = f"{what} takes something else"
            raise ClientRefusal(msg)
        if isinstance(picked, Channel) and channel_types and picked.type not in channel_types:
            msg = f"{what} does not take this kind of channel"
            raise ClientRefusal(msg)
        if isinstance(picked, Upload):
            return self._upload(picked)
        if isinstance(picked, User):
            self._user(picked)
        elif isinstance(picked, Role):
            self._keep("roles", picked.id, payloads.role(picked, everyone=picked.id == self.channel.guild_id))
        elif isinstance(picked, Channel):
            self._channel(picked)
        return str(picked.id)

    def by_id(self, default: Json) -> User | Role | Channel | None:
        """What a menu's default value names; None when it is gone."""
        found = int(default["id"])
        if default["type"] == "user":
            return self.state.users.get(found)
        if default["type"] == "channel":
            return self.state.channels.get(found)
        guild = self.state.guild_of(self.channel)
        return None if guild is None else guild.roles.get(found)

    def _upload(self, picked: Upload) -> str:
        made = self.state.attach(self.channel, picked.filename, picked.data, ephemeral=True)
        self._keep("attachments", made.id, payloads.attachment(made))
        return str(made.id)

    def _user(self, picked: User) -> None:
        self._keep("users", picked.id, payloads.user(picked))
        guild = self.state.guild_of(self.channel)
        member = None if guild is None else guild.members.get(picked.id)
        if guild is not None and member is not None:
            shape = payloads.member(guild, member, channel=self.channel, with_user=False)
            self._keep("members", picked.id, {k: v for k, v in shape.items() if k not in ("deaf", "mute")})

    def _channel(self, picked: Channel) -> None:
        guild = self.state.guild_of(picked)
        member = None if guild is None else guild.members.get(self.user.id)
        bot = None if guild is None else guild.members.get(self.state.application.bot.id)
        self._keep("channels", picked.id, payloads.picked_channel(picked, guild, member, bot))

    def _keep(self, kind: str, key: int, shape: Json) -> None:
        self.found.setdefault(kind, {})[str(key)] = shape
