"""What Discord's client does before it sends a command: finds it, shows or hides it, checks every option."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.discord import commands, payloads
from sandbox.discord.interactions import installed_owners
from sandbox.discord.models import CATEGORY, DM, FORUM
from sandbox.discord.permissions import Permission
from sandbox.discord.resolving import OPTION_TAKES, ClientRefusal, Resolver, Upload

__all__ = ["Chosen", "ClientRefusal", "Upload", "choose", "choose_on_message", "visible"]

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Json, JsonValue, Message, User
    from sandbox.discord.state import State


@dataclass(slots=True)
class Chosen:
    """A command ready to send: its interaction `data` and by which installations it may be used."""

    command: Json
    name: str
    owners: dict[str, str]
    options: list[Json] = field(default_factory=list["Json"])
    resolved: dict[str, Json] = field(default_factory=dict[str, "Json"])
    target: Message | None = None
    """What a message command is used on."""

    @property
    def data(self) -> Json:
        made: Json = {"id": self.command["id"], "name": self.command["name"], "type": self.command["type"]}
        if self.options:
            made["options"] = self.options
        if self.resolved:
            made["resolved"] = self.resolved
        if self.target is not None:
            made["target_id"] = str(self.target.id)
        return made


def visible(
    state: State, user: User, channel: Channel, *, kind: int = commands.CHAT_INPUT
) -> list[tuple[Json, dict[str, str]]]:
    """Every command of a kind that the person is offered in a channel, with its installations."""
    if channel.type in (CATEGORY, FORUM) or channel.id not in state.channels:
        return []
    every = [command for command in state.application.commands.values() if command["type"] == kind]
    found = [(command, _offered(state, user, channel, command)) for command in every]
    return [(command, owners) for command, owners in found if owners]


def _offered(state: State, user: User, channel: Channel, command: Json) -> dict[str, str]:
    guild = state.guild_of(channel)
    context = 0 if guild is not None else 1 if channel.type == DM else 2
    contexts: list[int] | None = command["contexts"]
    allowed = context in contexts if contexts is not None else context != 1 or command["dm_permission"]
    owners = installed_owners(state, user, channel, command["integration_types"]) if allowed else {}
    granted = state.permissions(channel, user)
    if not granted & Permission.VIEW_CHANNEL or (command["nsfw"] and guild is not None and not state.nsfw(channel)):
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

    `name` with groups and sub-commands: "config set". `focused`: the option being typed (autocomplete): then required
    ones may be missing, and the others are not checked. Raises: ClientRefusal.
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
    resolver = Resolver(state, user, channel)
    _fill(_Picker(chosen, resolver), known, target, values, focused)
    # With suggestions Discord resolves nothing: the bot gets bare ids.
    chosen.resolved = resolver.found if focused is None else {}
    return chosen


def choose_on_message(state: State, user: User, message: Message, name: str) -> Chosen:
    """A message's command ("Apps" in its menu) as the client would send it.

    A private answer ("only you can see this") has no such menu. Raises: ClientRefusal.
    """
    offered = visible(state, user, message.channel, kind=commands.MESSAGE)
    found = next(((c, o) for c, o in offered if name in (c["name"], commands.local_name(c, user.locale))), None)
    if found is None or message.visible_to is not None:
        msg = f"{name} is not offered to {user.name} on this message"
        raise ClientRefusal(msg)
    command, owners = found
    resolved = {"messages": {str(message.id): payloads.message(message, state.guild_of(message.channel))}}
    return Chosen(command, command["name"], owners, resolved=resolved, target=message)


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
            given = values[option["name"]]
            try:
                entry["value"] = picker.value(option, given) if focused is None else picker.typed(option, given)
            except ClientRefusal as refusal:
                refusal.option = option["name"]
                raise
        target.append(entry)


@dataclass(slots=True)
class _Picker:
    """Turns what a person picked into option values, and gathers what the interaction resolves."""

    chosen: Chosen
    resolver: Resolver

    def typed(self, option: Json, picked: JsonValue) -> JsonValue:
        """A value while another option is being typed: nothing is checked yet."""
        if option["type"] in OPTION_TAKES:
            return self._picked(option, picked)
        choices: list[Json] = option.get("choices") or []
        return next((each["value"] for each in choices if each["name"] == picked), picked)

    def value(self, option: Json, picked: JsonValue) -> JsonValue:
        kind = option["type"]
        made = self._picked(option, picked) if kind in OPTION_TAKES else self._plain(option, kind, picked)
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

    def _picked(self, option: Json, picked: JsonValue) -> str:
        what = f"/{self.chosen.name}: {option['name']}"
        return self.resolver.pick(picked, OPTION_TAKES[option["type"]], option.get("channel_types"), what)

    def _refusal(self, option: Json, why: str) -> ClientRefusal:
        return ClientRefusal(f"/{self.chosen.name}: {option['name']} {why}")
