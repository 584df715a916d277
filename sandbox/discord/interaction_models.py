"""One interaction: a command, a press, a submitted form or a question for suggestions."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.discord import payloads

if TYPE_CHECKING:
    import asyncio

    from sandbox.discord.models import Channel, Json, Message, User

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5


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


def acknowledge(interaction: Interaction, callback_type: int) -> None:
    """Note the first callback. The caller has checked that it is the first and in time."""
    interaction.acknowledged_at = time.monotonic()
    interaction.callback_type = callback_type
    if interaction.timer is not None:
        interaction.timer.cancel()
