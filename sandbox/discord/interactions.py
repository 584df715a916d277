"""One interaction: a command, a press, a submitted form or a question for suggestions, and its token."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.discord import payloads
from sandbox.discord.models import DM, GROUP_DM
from sandbox.discord.observers import Change
from sandbox.discord.permissions import Permission

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Json, Message, User
    from sandbox.discord.state import State

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
IN_GUILD, IN_BOT_DM, IN_PRIVATE = 0, 1, 2


@dataclass(slots=True, eq=False)
class Interaction:
    """`owners`: the `authorizing_integration_owners` ("0" the server, "1" the person). `begin` gives id and token."""

    kind: int
    user: User
    channel: Channel
    data: Json
    owners: dict[str, str]
    name: str | None = None
    source: Message | None = None
    """The message whose button was pressed, or above which the form opened."""
    target: Message | None = None
    """The message that a message command is used on."""
    opened_by: Interaction | None = None
    """What opened the form that this submits."""
    planted: Json | None = None
    """A component that stands in no message, which the event shows in its source all the same."""
    id: int = 0
    token: str = ""
    created_at: float = field(default_factory=time.monotonic)
    acknowledged_at: float | None = None
    """time.monotonic() at which Discord applied the first callback."""
    callback_type: int | None = None
    failed: bool = False
    """No callback within the time: the person reads "The application did not respond"."""
    expired: bool = False
    original: Message | None = None
    """What @original names: the first answer, or the message an update changed."""
    followups: list[Message] = field(default_factory=list["Message"])
    choices: list[Json] | None = None
    modal: Json | None = None
    event: Json = field(default_factory=dict[str, Any])
    """INTERACTION_CREATE, as it was sent first."""
    timer: asyncio.TimerHandle | None = None
    """Fires when nobody has acknowledged it in time."""

    @property
    def only_user_installed(self) -> bool:
        """The application is the person's own and not in the server: five follow-ups at most."""
        return "0" not in self.owners

    @property
    def metadata(self) -> Json:
        """`interaction_metadata` of the messages that answer it."""
        made: Json = {
            "id": str(self.id),
            "type": self.kind,
            "user": payloads.user(self.user),
            "authorizing_integration_owners": self.owners,
        }
        if self.name is not None:
            made |= {"name": self.name, "command_type": self.data["type"]}
        if self.target is not None:
            made["target_message_id"] = str(self.target.id)
        if self.opened_by is not None:
            made["triggering_interaction_metadata"] = self.opened_by.metadata
        elif self.source is not None:
            made["interacted_message_id"] = str(self.source.id)
        return made


def begin(state: State, made: Interaction) -> None:
    """Start the three seconds of a new interaction and send INTERACTION_CREATE."""
    made.id = state.ids()
    made.token = f"aW50ZXJhY3Rpb246{made.id}{secrets.token_hex(16)}"
    state.interactions[made.token] = made
    made.timer = asyncio.get_running_loop().call_later(state.rules.acknowledge_within, _give_up, state, made)
    made.event = payload(state, made)
    for _ in range(1 + state.rules.repeats):
        repeat(state, made)


def repeat(state: State, interaction: Interaction) -> None:
    """Send INTERACTION_CREATE, as it was the first time: Discord sends an event at least once."""
    state.announce("INTERACTION_CREATE", interaction.event, interaction.channel.guild_id, 0)


def _give_up(state: State, interaction: Interaction) -> None:
    if interaction.acknowledged_at is None:
        interaction.failed = True
        tell(state, interaction)


def acknowledge(interaction: Interaction, callback_type: int) -> None:
    """Note the first callback. The caller has checked that it is the first and in time."""
    interaction.acknowledged_at = time.monotonic()
    interaction.callback_type = callback_type
    if interaction.timer is not None:
        interaction.timer.cancel()


def tell(state: State, interaction: Interaction) -> None:
    """Tell who waits on this interaction that its state changed."""
    state.observers.emit(
        Change("interaction", interaction.channel, interaction.original, interaction.user, interaction.id)
    )


def token_alive(state: State, interaction: Interaction) -> bool:
    return not interaction.expired and time.monotonic() - interaction.created_at <= state.rules.token_lives


def app_permissions(state: State, channel: Channel) -> int:
    """What the application may do where the interaction began (Discord's note *** on the interaction object)."""
    guild = state.guild_of(channel)
    outside = Permission.ATTACH_FILES | Permission.EMBED_LINKS | Permission.MENTION_EVERYONE
    if guild is None:
        return int(outside | Permission.USE_EXTERNAL_EMOJIS if channel.type == DM else outside)
    if guild.app_installed:
        return state.permissions(channel, state.application.bot)
    return int(outside & ~Permission.MENTION_EVERYONE)


def payload(state: State, interaction: Interaction) -> Json:
    """The INTERACTION_CREATE event."""
    channel, user = interaction.channel, interaction.user
    guild = state.guild_of(channel)
    member = None if guild is None else guild.members[user.id]
    made: Json = {
        "id": str(interaction.id),
        "application_id": str(state.application.id),
        "type": interaction.kind,
        "data": interaction.data,
        "channel_id": str(channel.id),
        "channel": payloads.partial_channel(channel, guild, member),
        "token": interaction.token,
        "version": 1,
        "app_permissions": str(app_permissions(state, channel)),
        "locale": user.locale,
        "entitlements": [],
        "authorizing_integration_owners": interaction.owners,
        "context": IN_GUILD if guild is not None else IN_BOT_DM if channel.type == DM else IN_PRIVATE,
        "attachment_size_limit": state.filesize_limit(channel),
    }
    if guild is not None and member is not None:
        made["guild_id"] = str(guild.id)
        made["guild"] = {"id": str(guild.id), "locale": guild.locale, "features": []}
        made["guild_locale"] = guild.locale
        made["member"] = payloads.member(guild, member, channel=channel)
    else:
        made["user"] = payloads.user(user)
    if interaction.source is not None:
        made["message"] = payloads.message(interaction.source, guild)
        if interaction.planted is not None:
            planted: Json = {"type": 1, "id": 999, "components": [interaction.planted]}
            made["message"]["components"] = [*made["message"]["components"], planted]
    return made


def installed_owners(state: State, user: User, channel: Channel, integration_types: list[int]) -> dict[str, str]:
    """By which installations a person may use something here; empty: by none."""
    guild = state.guild_of(channel)
    owners: dict[str, str] = {}
    if 0 in integration_types:
        if guild is not None and guild.app_installed:
            owners["0"] = str(guild.id)
        elif channel.type == DM and state.shares_guild(user):
            owners["0"] = "0"
    if 1 in integration_types and user.app_installed and channel.type in (DM, GROUP_DM, 0, 11, 12):
        owners["1"] = str(user.id)
    return owners
