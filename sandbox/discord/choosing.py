"""What Discord's client does before it sends a command: finds it, shows or hides it, checks every option."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.discord import commands, payloads
from sandbox.discord.interactions import installed_owners
from sandbox.discord.models import CATEGORY, DM, Attachment, Channel, Role, User
from sandbox.discord.permissions import Permission

if TYPE_CHECKING:
    from sandbox.discord.models import Json, JsonValue
    from sandbox.discord.state import State


class ClientRefusal(Exception):
    """The client did not let the person do that: no such command here, a wrong option, a button that is gone."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file a person picks for an option."""

    filename: str
    data: bytes
    content_type: str | None = None


@dataclass(slots=True)
class Chosen:
    """A command ready to send: its interaction `data` and by which installations it may be used."""

    command: Json
    name: str
    owners: dict[str, str]
    options: list[Json] = field(default_factory=list["Json"])
    resolved: dict[str, Json] = field(default_factory=dict[str, "Json"])

    @property
    def data(self) -> Json:
        made: Json = {"id": self.command["id"], "name": self.command["name"], "type": self.command["type"]}
        if self.options:
            made["options"] = self.options
        if self.resolved:
            made["resolved"] = self.resolved
        if "guild_id" in self.command:
            made["guild_id"] = self.command["guild_id"]
        return made


def visible(state: State, user: User, channel: Channel) -> list[tuple[Json, dict[str, str]]]:
    """Every slash command the person is offered in a channel, with its installations; a server's hides a global one."""
    if channel.type == CATEGORY:
        return []
    found: dict[str, tuple[Json, dict[str, str]]] = {}
    for command in sorted(state.application.commands.values(), key=lambda each: "guild_id" in each):
        owners = _offered(state, user, channel, command)
        if owners and command["type"] == commands.CHAT_INPUT:
            found[command["name"]] = (command, owners)
    return list(found.values())


def _offered(state: State, user: User, channel: Channel, command: Json) -> dict[str, str]:
    guild = state.guild_of(channel)
    if "guild_id" in command:
        if guild is None or command["guild_id"] != str(guild.id) or not guild.app_installed:
            return {}
        owners = {"0": str(guild.id)}
    else:
        context = 0 if guild is not None else 1 if channel.type == DM else 2
        contexts: list[int] | None = command.get("contexts")
        if contexts is None:
            allowed = context == 0 or (context == 1 and command.get("dm_permission", True)) or context == 2
        else:
            allowed = context in contexts
        owners = installed_owners(state, user, channel, command["integration_types"]) if allowed else {}
    granted = state.permissions(channel, user)
    if not granted & Permission.VIEW_CHANNEL:
        return {}
    if guild is None or not owners:
        return owners
    if not granted & Permission.USE_APPLICATION_COMMANDS:
        return {}
    needed = command.get("default_member_permissions")
    if needed is None or granted & Permission.ADMINISTRATOR:
        return owners
    # "0" is: administrators alone. What a person installed to themselves is no server's to hide.
    if int(needed) and not int(needed) & ~granted:
        return owners
    return {key: owner for key, owner in owners.items() if key == "1"}


def choose(
    state: State, user: User, channel: Channel, name: str, values: dict[str, JsonValue], *, focused: str | None = None
) -> Chosen:
    """A command with its options as the client would send them.

    `name` with sub-commands: "config set". `focused`: the option being typed (autocomplete): then required ones may
    be missing. Raises: ClientRefusal.
    """
    words = name.removeprefix("/").split()
    offered = {command["name"]: (command, owners) for command, owners in visible(state, user, channel)}
    if words[0] not in offered:
        msg = f"/{words[0]} is not offered to {user.name} here"
        raise ClientRefusal(msg)
    command, owners = offered[words[0]]
    chosen = Chosen(command, " ".join(words), owners)
    known: list[Json] = command["options"]
    target = chosen.options
    for word in words[1:]:
        step = next((each for each in known if each["name"] == word and each["type"] in (1, 2)), None)
        if step is None:
            msg = f"/{name}: there is no {word}"
            raise ClientRefusal(msg)
        inner: list[Json] = []
        target.append({"type": step["type"], "name": word, "options": inner})
        target = inner
        known = step.get("options") or []
    if any(each["type"] in (1, 2) for each in known):
        msg = f"/{name} needs one of: {', '.join(each['name'] for each in known)}"
        raise ClientRefusal(msg)
    _fill(_Picker(state, user, channel, chosen), known, target, values, focused)
    return chosen


def _fill(
    picker: _Picker, known: list[Json], target: list[Json], values: dict[str, JsonValue], focused: str | None
) -> None:
    by_name = {each["name"]: each for each in known}
    unknown = set(values) - set(by_name)
    if unknown:
        msg = f"/{picker.chosen.name} has no option {', '.join(sorted(unknown))}"
        raise ClientRefusal(msg)
    for option in known:
        if option["name"] not in values:
            if option.get("required") and focused is None:
                msg = f"/{picker.chosen.name}: the option {option['name']} is required"
                raise ClientRefusal(msg)
            continue
        entry: Json = {"type": option["type"], "name": option["name"]}
        if focused is not None and option["name"] == focused:
            entry |= {"value": str(values[focused]), "focused": True}
        else:
            entry["value"] = picker.value(option, values[option["name"]])
        target.append(entry)


@dataclass(slots=True)
class _Picker:
    """Turns what a person picked into option values, and gathers what the interaction resolves."""

    state: State
    user: User
    channel: Channel
    chosen: Chosen

    def value(self, option: Json, picked: JsonValue) -> JsonValue:
        kind = option["type"]
        made = self._plain(option, kind, picked) if kind in (3, 4, 5, 10) else self._resolved(option, kind, picked)
        choices: list[Json] = option.get("choices") or []
        if choices:
            for choice in choices:
                if made in (choice["value"], choice["name"]):
                    return choice["value"]
            raise self._refusal(option, f"must be one of {', '.join(str(choice['name']) for choice in choices)}")
        return made

    def _plain(self, option: Json, kind: int, picked: JsonValue) -> JsonValue:
        if kind == commands.STRING:
            if not isinstance(picked, str):
                raise self._refusal(option, "takes text")
            low, high = option.get("min_length") or 0, option.get("max_length") or 6000
            if not low <= len(picked) <= high:
                raise self._refusal(option, f"takes {low} to {high} characters")
            return picked
        if kind == commands.BOOLEAN:
            if not isinstance(picked, bool):
                raise self._refusal(option, "takes yes or no")
            return picked
        wanted = (int,) if kind == commands.INTEGER else (int, float)
        if not isinstance(picked, wanted) or isinstance(picked, bool):
            raise self._refusal(option, "takes a number")
        low, high = option.get("min_value"), option.get("max_value")
        if (low is not None and picked < low) or (high is not None and picked > high):
            raise self._refusal(option, f"takes {low} to {high}")
        return picked

    def _resolved(self, option: Json, kind: int, picked: JsonValue) -> str:
        if kind == commands.ATTACHMENT and isinstance(picked, Upload):
            return str(self._attachment(picked).id)
        if kind in (commands.USER_OPTION, commands.MENTIONABLE) and isinstance(picked, User):
            return self._user(picked)
        if kind in (commands.ROLE, commands.MENTIONABLE) and isinstance(picked, Role):
            self._keep("roles", picked.id, payloads.role(picked, everyone=picked.id == self.channel.guild_id))
            return str(picked.id)
        if kind == commands.CHANNEL and isinstance(picked, Channel):
            types: list[int] = option.get("channel_types") or []
            if types and picked.type not in types:
                raise self._refusal(option, "does not take this kind of channel")
            self._keep("channels", picked.id, self._channel(picked))
            return str(picked.id)
        raise self._refusal(option, "takes something else")

    def _channel(self, picked: Channel) -> Json:
        guild = self.state.guild_of(picked)
        member = None if guild is None else guild.members.get(self.user.id)
        return payloads.partial_channel(picked, guild, member)

    def _attachment(self, picked: Upload) -> Attachment:
        made = self.state.attach(self.channel, picked.filename, picked.data, kind=picked.content_type, ephemeral=True)
        self._keep("attachments", made.id, payloads.attachment(made))
        return made

    def _user(self, picked: User) -> str:
        self._keep("users", picked.id, payloads.user(picked))
        guild = self.state.guild_of(self.channel)
        member = None if guild is None else guild.members.get(picked.id)
        if guild is not None and member is not None:
            shape = payloads.member(guild, member, channel=self.channel, with_user=False)
            self._keep("members", picked.id, {k: v for k, v in shape.items() if k not in ("deaf", "mute")})
        return str(picked.id)

    def _keep(self, kind: str, key: int, shape: Json) -> None:
        self.chosen.resolved.setdefault(kind, {})[str(key)] = shape

    def _refusal(self, option: Json, why: str) -> ClientRefusal:
        return ClientRefusal(f"/{self.chosen.name}: {option['name']} {why}")
