"""The acting side: persons who type commands, press buttons, fill in forms, write and read.

Tests, the terminal and any other front end act through these; they never touch REST or the gateway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sandbox.discord import commands, mentions
from sandbox.discord.choosing import ClientRefusal, Upload, choose, choose_on_message, visible
from sandbox.discord.components import SELECTS, STRING_SELECT
from sandbox.discord.forms import Filling, menu_values
from sandbox.discord.interaction_models import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Interaction
from sandbox.discord.interactions import begin, installed_owners
from sandbox.discord.invocation import Invocation
from sandbox.discord.models import CATEGORY, FORUM, Channel, Guild, Json, Message, User, walk
from sandbox.discord.permissions import Permission
from sandbox.discord.resolving import Resolver
from sandbox.discord.state import Draft

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.discord.models import JsonValue
    from sandbox.discord.state import State


class Person:
    """Somebody with a Discord client."""

    def __init__(self, state: State, user: User) -> None:
        self.state = state
        self.user = user

    def __repr__(self) -> str:
        return f"Person({self.user.name!r})"

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def name(self) -> str:
        return self.user.name

    # commands

    def commands(self, channel: Channel) -> list[Json]:
        """The slash commands offered here, as registered."""
        return [command for command, _ in visible(self.state, self.user, channel)]

    async def command(self, channel: Channel, name: str, /, **options: JsonValue) -> Invocation:
        """Type a slash command ("video", "config set"). Persons, channels, roles and `Upload`s are options too.

        Raises: ClientRefusal for what Discord's client would not send.
        """
        values = {key: _plain(value) for key, value in options.items()}
        chosen = choose(self.state, self.user, channel, name, values)
        self._enter(channel)
        return self._begin(Interaction(COMMAND, self.user, channel, chosen.data, chosen.owners, chosen.name))

    def message_commands(self, message: Message) -> list[str]:
        """What stands under "Apps" in a message's menu, in the person's language. A private answer has no such menu."""
        if message not in self.sees(message.channel) or message.visible_to is not None:
            return []
        offered = visible(self.state, self.user, message.channel, kind=commands.MESSAGE)
        return [commands.local_name(command, self.user.locale) for command, _ in offered]

    async def message_command(self, message: Message, name: str) -> Invocation:
        """Use a message's command ("Apps" in its menu), by its name or what it is called in the person's language.

        Raises: ClientRefusal when it is not offered on this message.
        """
        if message not in self.sees(message.channel):
            msg = f"{self.name} does not see this message"
            raise ClientRefusal(msg)
        chosen = choose_on_message(self.state, self.user, message, name)
        self._enter(message.channel)
        made = Interaction(COMMAND, self.user, message.channel, chosen.data, chosen.owners, chosen.name, target=message)
        return self._begin(made)

    async def autocomplete(
        self,
        channel: Channel,
        name: str,
        /,
        *,
        focused: str,
        value: str = "",
        options: Mapping[str, JsonValue] | None = None,
        **others: JsonValue,
    ) -> list[Json]:
        """The choices (`name`, `value`) shown while typing `value` into the option `focused`.

        `others`: what stands in other options; `options`: the same, for names that Python's keywords take here.
        Raises: ClientRefusal when the option has no suggestions; NoAnswer when none came within three seconds.
        """
        values = {key: _plain(each) for key, each in {**(options or {}), **others}.items()} | {focused: value}
        chosen = choose(self.state, self.user, channel, name, values, focused=focused)
        if not _suggests(chosen.command, name, focused):
            msg = f"/{name}: {focused} has no suggestions"
            raise ClientRefusal(msg)
        use = self._begin(Interaction(AUTOCOMPLETE, self.user, channel, chosen.data, chosen.owners, chosen.name))
        await use.acknowledged(self.state.rules.acknowledge_within + 1.0)
        return use.interaction.choices or []

    def _begin(self, made: Interaction) -> Invocation:
        begin(self.state, made)
        return Invocation(self.state, made)

    # buttons, menus, forms

    async def press(self, message: Message, *, label: str | None = None, custom_id: str | None = None) -> Invocation:
        """Press a button, by what stands on it or by its custom_id. Raises: ClientRefusal when it can't be pressed."""
        part = self._find(message, label, custom_id, (2,))
        if "custom_id" not in part:
            msg = "a link opens in the browser; no bot hears of it"
            raise ClientRefusal(msg)
        data: Json = {"component_type": 2, "custom_id": part["custom_id"], "id": part["id"]}
        return self._component(message, data)

    async def select(self, message: Message, *values: JsonValue, custom_id: str | None = None) -> Invocation:
        """Choose in a menu: values or labels of a string menu; persons, roles or channels in the others.

        Raises: ClientRefusal for a menu that can't be used, and for values it does not have or take.
        """
        part = self._find(message, None, custom_id, SELECTS)
        resolver = Resolver(self.state, self.user, message.channel)
        data: Json = {"component_type": part["type"], "custom_id": part["custom_id"], "id": part["id"]}
        data["values"] = menu_values(part, map(_plain, values), resolver)
        if part["type"] != STRING_SELECT:
            data["resolved"] = resolver.found
        return self._component(message, data)

    async def submit(self, opened: Invocation, values: dict[str, JsonValue] | None = None) -> Invocation:
        """Fill in and send the form that `opened` opened; inputs not in `values` keep what stands in them.

        `values` by custom_id: text; for a menu one or a list of what `select` takes; `Upload`s for files.
        Raises: ClientRefusal for a required input left empty or one outside its limits.
        """
        modal = opened.modal
        if modal is None:
            msg = "no form is open"
            raise ClientRefusal(msg)
        earlier = opened.interaction
        given = {key: _plain_all(value) for key, value in (values or {}).items()}
        filling = Filling(given, Resolver(self.state, self.user, earlier.channel))
        parts: list[Json] = modal["components"]
        sent = [filling.filled(part) for part in parts]
        if filling.given:
            msg = f"the form has no {', '.join(filling.given)}"
            raise ClientRefusal(msg)
        data: Json = {"custom_id": modal["custom_id"], "components": sent}
        if filling.resolver.found:
            data["resolved"] = filling.resolver.found
        made = Interaction(MODAL, self.user, earlier.channel, data, earlier.owners, source=earlier.source)
        made.opened_by = earlier
        return self._begin(made)

    async def forge(self, message: Message, custom_id: str, *, planted: bool = False) -> Invocation:
        """Press what is not on a message.

        Discord stops most of this; a bot must bear it all the same (an old client, a message that has just changed).
        `planted`: the event says that the button stands there, without which discord.py drops the press.
        """
        button: Json = {"type": 2, "style": 2, "label": "Forged", "custom_id": custom_id, "id": 1000}
        data: Json = {"component_type": 2, "custom_id": custom_id, "id": 1}
        return self._component(message, data, planted=button if planted else None)

    def _component(self, message: Message, data: Json, *, planted: Json | None = None) -> Invocation:
        owners = self._owners(message)
        self._enter(message.channel)
        made = Interaction(COMPONENT, self.user, message.channel, data, owners, source=message, planted=planted)
        return self._begin(made)

    def _owners(self, message: Message) -> dict[str, str]:
        metadata: Json = message.interaction or {}
        owners: dict[str, str] | None = metadata.get("authorizing_integration_owners")
        if owners is not None:
            return owners
        return installed_owners(self.state, self.user, message.channel, [0]) or {"0": "0"}

    def _find(self, message: Message, label: str | None, custom_id: str | None, kinds: Iterable[int]) -> Json:
        if message not in self.sees(message.channel):
            msg = f"{self.name} does not see this message"
            raise ClientRefusal(msg)
        shown = [part for part in walk(message.components) if part["type"] in kinds]
        for part in shown:
            if (label is None or part.get("label") == label) and (
                custom_id is None or part.get("custom_id") == custom_id
            ):
                if part.get("disabled"):
                    msg = f"{label or custom_id} is greyed out"
                    raise ClientRefusal(msg)
                return part
        names = ", ".join(str(part.get("label") or part.get("custom_id")) for part in shown) or "nothing"
        msg = f"there is no {label or custom_id or 'menu'} on this message, only {names}"
        raise ClientRefusal(msg)

    # writing and reading

    async def say(self, channel: Channel, text: str, *files: Upload) -> Message:
        """Write in a channel. Raises: ClientRefusal without the permission."""
        return self._write(channel, text, files, None)

    async def reply_to(self, message: Message, text: str, *files: Upload, ping: bool = True) -> Message:
        """Answer a message; with `ping` its author is mentioned."""
        return self._write(message.channel, text, files, message, ping=ping)

    def _write(
        self, channel: Channel, text: str, files: tuple[Upload, ...], reference: Message | None, *, ping: bool = True
    ) -> Message:
        needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
        nowhere = channel.type in (CATEGORY, FORUM) or channel.id not in self.state.channels
        if nowhere or not self.state.permissions(channel, self.user) & needed:
            msg = f"{self.name} may not write in #{channel.name}"
            raise ClientRefusal(msg)
        self._enter(channel)
        if channel.is_thread:
            # Who writes in a thread is in it from then on.
            self.state.join_thread(channel, self.user)
        attached = [self.state.attach(channel, file.filename, file.data) for file in files]
        draft = Draft(content=text, attachments=attached, allowed=mentions.Allowed(replied_user=ping))
        return self.state.create_message(channel, self.user, draft, reference=reference)

    def _enter(self, channel: Channel) -> None:
        """The client wakes an archived thread before it does anything there."""
        if channel.archived:
            self.state.wake(channel)

    async def start_thread(self, message: Message, name: str) -> Channel:
        """What "Create Thread" in a message's menu does.

        Raises: ClientRefusal without the permission, or when the message has one.
        """
        if (
            not self.permissions(message.channel) & Permission.CREATE_PUBLIC_THREADS
            or message.id in self.state.channels
        ):
            msg = f"{self.name} can't start a thread here"
            raise ClientRefusal(msg)
        return self.state.begin_thread(message, name, self.user)

    async def post(self, forum: Channel, title: str, text: str, *files: Upload) -> Channel:
        """Begin a post in a forum; its thread. Raises: ClientRefusal without the permission."""
        if forum.type != FORUM:
            msg = f"#{forum.name} is no forum"
            raise ClientRefusal(msg)
        if not self.state.permissions(forum, self.user) & Permission.SEND_MESSAGES:
            msg = f"{self.name} may not write in #{forum.name}"
            raise ClientRefusal(msg)
        thread = self.state.thread(forum, title, owner=self.user)
        attached = [self.state.attach(thread, file.filename, file.data) for file in files]
        # A post's first message has the id of its thread.
        self.state.create_message(thread, self.user, Draft(content=text, attachments=attached), message_id=thread.id)
        return thread

    async def edit(self, message: Message, text: str) -> None:
        """Change one's own message. Raises: ClientRefusal for another's."""
        if message.author is not self.user or message.deleted:
            msg = f"{self.name} may not edit this message"
            raise ClientRefusal(msg)
        self.state.edit_message(message, Draft(content=text))

    async def purge(self, channel: Channel, *messages: Message) -> None:
        """Delete many at once. Raises: ClientRefusal without the permission."""
        if channel.guild_id is None or not self.permissions(channel) & Permission.MANAGE_MESSAGES:
            msg = f"{self.name} may not delete these messages"
            raise ClientRefusal(msg)
        self.state.delete_messages(channel, messages)

    def may_delete(self, message: Message) -> bool:
        """As `delete` allows it."""
        allowed = self.state.permissions(message.channel, self.user) & Permission.MANAGE_MESSAGES
        return message.author is self.user or bool(allowed) or message.visible_to == self.id

    async def delete(self, message: Message) -> None:
        """Delete a message: one's own, or anybody's with the permission; an ephemeral one is just dismissed."""
        if not self.may_delete(message):
            msg = f"{self.name} may not delete this message"
            raise ClientRefusal(msg)
        self.state.delete_message(message)

    def sees(self, channel: Channel) -> list[Message]:
        """The messages of a channel that this person can see now, oldest first."""
        granted = self.state.permissions(channel, self.user)
        if not granted & Permission.VIEW_CHANNEL:
            return []
        return [each for each in channel.messages.values() if not each.deleted and each.visible_to in (None, self.id)]

    def permissions(self, channel: Channel) -> Permission:
        """What this person may do in a channel, overwrites and (for a thread) its parent considered."""
        return Permission(self.state.permissions(channel, self.user))

    def dm(self) -> Channel:
        """This person's direct messages with the bot."""
        return self.state.dm(self.user)

    def joins(self, guild: Guild, *, permissions: int = 0) -> Person:
        """Become a member; `permissions` come on top of @everyone's. Returns itself."""
        self.state.join(guild, self.user, permissions=permissions)
        return self


def _plain(value: JsonValue) -> JsonValue:
    return value.user if isinstance(value, Person) else value


def _plain_all(value: JsonValue) -> JsonValue:
    return (
        [_plain(each) for each in cast("list[JsonValue]", value)] if isinstance(value, (list, tuple)) else _plain(value)
    )


def _suggests(command: Json, name: str, focused: str) -> bool:
    known: list[Json] = command["options"]
    for word in name.removeprefix("/").split()[1:]:
        known = next(each for each in known if each["name"] == word).get("options") or []
    return any(each["name"] == focused and each.get("autocomplete") for each in known)
