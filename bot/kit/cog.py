"""What a feature is to the rest: a cog with its buttons, forms and background work, and what it wants to hear of.

The client and other features loop over `features(bot)`: nobody imports a feature to reach it. Every hook has a default
that says nothing, so that a feature can be left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.background import Work
from bot.environment import Kind
from bot.kit.bot import Bot, Interaction
from bot.kit.components import SafeForm
from bot.kit.edits import Handle
from bot.settings import Place, Scope

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """An order that was submitted: what a log needs. `again`: of one before it. `message_id` None: where it
    stands is not known. `log_channel` None: it is not known whether one is set at the place; 0: none is.
    """

    person_id: int
    command: str
    again: bool
    model: str
    prompt: str
    place: Place
    private: bool
    message_id: int | None
    file_name: str | None = None
    log_channel: int | None = None


class Settings(Protocol):
    """The settings that hold at a place (`bot.orders.policy.Rules`)."""

    def value(self, key: str) -> Any: ...  # noqa: ANN401 - of the type that the setting's kind stores


class FeatureCog(commands.Cog):
    """The base of every feature's cog."""

    items: ClassVar[Sequence[type[ui.DynamicItem[Any]]]] = ()
    """What can be pressed or chosen: found by its custom_id, under old messages too."""
    modals: ClassVar[Sequence[type[SafeForm]]] = ()
    menus: Sequence[app_commands.ContextMenu] = ()
    orders: ClassVar[Kind | None] = None
    """What its commands order: where moderators turned that off, /help says so."""
    in_help: ClassVar[Sequence[str]] = ()
    """Of a group of commands those that /help names; a command of its own it always does."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    def may_use(self, interaction: Interaction, settings: Settings) -> bool:
        """Whether this person may use its commands here, beyond what is true of all features."""
        del interaction, settings
        return True

    def background(self) -> Sequence[Work]:
        """Work for as long as the process lives."""
        return ()

    def on_gained(self, shard_id: int) -> None:
        """From now on this process acts for a shard's servers; another one did before."""

    async def on_giving(self, shard_id: int) -> None:
        """Another process is about to act for a shard's servers: let go of what is done for them by itself."""

    async def finish(self, seconds: float) -> None:
        """The process ends: bring to an end within `seconds` what people are waiting for."""

    async def last_words(self, seconds: float) -> None:
        """All that ran has ended: what is still to be told."""

    async def takes(self, message: discord.Message) -> bool:
        """Take what somebody wrote to the bot, if it is for this feature alone; False: it is not. Never raises."""
        del message
        return False

    async def hears_in(self) -> Collection[int]:
        """The channels and threads where `takes` may take something: what is written there while the bot is away is
        looked for.
        """
        return ()

    async def on_written(self, message: discord.Message) -> None:
        """Somebody wrote to the bot, and no feature alone is meant. Never raises."""

    def on_ordered(self, order: Submitted) -> None:
        """Something was ordered, and its message stands. Returns at once and never raises."""

    def on_going_on(self, generation_id: int) -> None:
        """What was made and could not be fetched is fetched once more."""

    def on_paused(self, places: Collection[tuple[Scope, int]], *, by: int) -> None:
        """A moderator paused these scopes, each with the id of what it is."""

    async def on_removed(self, ids: Sequence[int]) -> None:
        """These generations were removed, wherever they stood."""

    async def on_message_removed(self, message_id: int) -> None:
        """A message that is no generation's card was removed."""

    async def on_forgotten(self, person_id: int) -> None:
        """A person has their data deleted: forget what is not in a column that says whose it is."""

    async def forget_here(self, person_id: int, channel_id: int) -> int:
        """A person has what they said in a channel deleted; how many things it were."""
        del person_id, channel_id
        return 0

    async def stop_growing(self, interaction_id: int, *, by: int) -> list[Handle]:
        """Stop what answers an interaction, if it still grows; its messages, as far as they are known."""
        del interaction_id, by
        return []

    async def messages_with(self, message_id: int, *, by: int) -> list[Handle]:
        """All of the bot's messages that go when this one does, which asked or is one of them; what grows there is
        stopped first. None: it is no message of this feature's.
        """
        del message_id, by
        return []

    def asker_of(self, connection: Connection, message_id: int) -> int | None:
        """Whose a message is that is no generation's card."""
        del connection, message_id

    def shown_by(self, connection: Connection, message_id: int) -> int | None:
        """The generation whose images a message shows that is not its card."""
        del connection, message_id

    def words_of(self, connection: Connection, message_id: int) -> str | None:
        """What a message is about, as words that could be a prompt."""
        del connection, message_id

    def may_vote(self, connection: Connection, generation_id: int, person_id: int) -> bool:
        """Whether a person's vote for the images of a generation counts. NotAllowed: it does not, and why."""
        del connection, generation_id, person_id
        return True


def features(bot: Bot) -> Iterator[FeatureCog]:
    """The features that are loaded."""
    for cog in bot.cogs.values():
        if isinstance(cog, FeatureCog):
            yield cog


async def taken(bot: Bot, message: discord.Message) -> bool:
    """Whether a message was for one feature alone, which took it."""
    for feature in features(bot):
        if await feature.takes(message):
            return True
    return False
