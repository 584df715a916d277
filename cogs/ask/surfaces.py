"""Where an answer grows, as far as an answer knows: it posts, it edits, and it asks whether there is room for that.

`InteractionSurface`: the answer to an interaction and its follow-ups, by the interaction's token, whose bucket is its
own. (`cogs.ask.channel_surface` has the regular messages of a channel.)
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import discord
from discord import ui

from bot.i18n import locale_of, text
from bot.kit import followups
from bot.kit.edits import Handle, edit, edit_by_itself
from bot.kit.own_messages import answers, own_message
from bot.kit.places import log_fields
from bot.kit.responses import acknowledge, answer, replace_message, tell_beside

if TYPE_CHECKING:
    import asyncio

    from bot.kit.bot import Bot, Interaction
    from bot.kit.token_limits import TokenLimits
    from bot.orders.callers import Caller


class Surface(Protocol):
    """`silent`: nothing is posted before there are words; people see that the bot is typing."""

    silent: bool
    head: str
    """Stands above a silent one's answer."""
    command: str
    """What the log calls this way of asking."""

    @property
    def bot(self) -> Bot: ...

    @property
    def key(self) -> int:
        """The id of the turn that is answered."""
        ...

    @property
    def log_fields(self) -> dict[str, Any]: ...

    def hold_until(self, edited_at: float) -> float:
        """Monotonic time before which only last words may be sent. `edited_at`: when this answer was, last."""
        ...

    def turn(
        self, *, posts: bool, first: bool, unless: asyncio.Event | None
    ) -> AbstractAsyncContextManager[bool, bool | None]:
        """Room for one request: a new message (`first`: of the answer), or an edit. False: `unless` came before it."""
        ...

    async def begin(self, view: ui.LayoutView) -> Handle:
        """Answer the event; of a silent surface the handle has no message yet. Raises what Discord said."""
        ...

    async def post(self, view: ui.LayoutView, files: list[discord.File]) -> Handle:
        """One message more. BROKEN: it may stand all the same."""
        ...

    async def edit(self, handle: Handle, view: ui.LayoutView, files: list[discord.File] | None) -> None:
        """Raises as `bot.kit.edits.edit`."""
        ...

    async def lost(self, known: set[int | None]) -> Handle | None:
        """A message that stands though its acknowledgement was lost, beyond the `known` ones."""
        ...

    async def tell(self, key: str, **facts: object) -> None:
        """A sentence to who asked, beside the answer. Never raises."""
        ...

    def ended(self) -> None:
        """Nothing more is shown."""
        ...


class InteractionSurface:
    """The answer to a command, a press or a form."""

    silent = False
    head = ""
    command = "/ask"

    def __init__(self, interaction: Interaction, caller: Caller, limits: TokenLimits, *, key: int) -> None:
        """`key`: of the turn that is answered."""
        self.key = key
        self._interaction = interaction
        self._caller = caller
        self._limits = limits

    @property
    def bot(self) -> Bot:
        return self._interaction.client

    @property
    def log_fields(self) -> dict[str, Any]:
        return log_fields(self._interaction)

    def hold_until(self, edited_at: float) -> float:
        del edited_at
        return self._limits.hold_until(self._interaction.token)

    @contextlib.asynccontextmanager
    async def turn(self, *, posts: bool, first: bool, unless: asyncio.Event | None) -> AsyncGenerator[bool]:
        del posts, first, unless
        yield True

    async def begin(self, view: ui.LayoutView) -> Handle:
        posted = await answer(self._interaction, view, ephemeral=bool(self._caller.private))
        return self._handle(posted.id, original=posted.original)

    async def post(self, view: ui.LayoutView, files: list[discord.File]) -> Handle:
        """As a follow-up: its edits keep to the token's own bucket."""
        private = bool(self._caller.private)
        return self._handle(
            await followups.post(self._interaction, view, files, ephemeral=private, limits=self._limits)
        )

    async def edit(self, handle: Handle, view: ui.LayoutView, files: list[discord.File] | None) -> None:
        await edit(self.bot, handle, view, attachments=files)

    async def lost(self, known: set[int | None]) -> Handle | None:
        ours, channel_id = answers(self._interaction.id), self._caller.place.here
        found = await own_message(self.bot, channel_id, lambda one: ours(one) and one.id not in known)
        return None if found is None else self._handle(found)

    async def tell(self, key: str, **facts: object) -> None:
        await tell_beside(self._interaction, text(locale_of(self._interaction.locale), key, **facts))

    def ended(self) -> None:
        pass

    def _handle(self, message_id: int, *, original: bool = False) -> Handle:
        return handle_of(self._caller, message_id, original=original)


class PressedSurface(InteractionSurface):
    """A message that stands already: the one that was pressed, or (`message_id`) one that the bot reaches by itself."""

    def __init__(
        self, interaction: Interaction, caller: Caller, limits: TokenLimits, *, key: int, message_id: int | None
    ) -> None:
        super().__init__(interaction, caller, limits, key=key)
        self._message_id = message_id

    async def begin(self, view: ui.LayoutView) -> Handle:
        if self._message_id is None:
            return self._handle(await replace_message(self._interaction, view), original=True)
        await acknowledge(self._interaction)
        handle = Handle.by_itself(self._caller.application_id, self._caller.place.here, self._message_id)
        await edit_by_itself(self.bot, handle, view, attachments=[])
        return handle


def handle_of(caller: Caller, message_id: int | None, *, original: bool) -> Handle:
    """Of a message that answers the interaction by which the caller came."""
    return Handle(
        application_id=caller.application_id,
        token=caller.token,
        token_expires_at=caller.token_expires_at,
        channel_id=caller.place.here,
        message_id=message_id,
        token_only=caller.token_only or bool(caller.private),
        original=original,
    )


def surface_for(
    through: Interaction,
    caller: Caller,
    limits: TokenLimits,
    key: int,
    shown: Sequence[int],
    *,
    pressed: bool,
    on: bool = False,
) -> tuple[Surface, list[Handle]]:
    """Where an answer grows that was asked for by an interaction, and its messages before that place.

    `on`: what these show stays. What only a token edits knows only the message that was pressed: where that is not
    enough, the answer grows in a new message.
    """
    token_only = bool(caller.private or caller.token_only)
    if not shown or (token_only and not (pressed and (on or len(shown) == 1))):
        return InteractionSurface(through, caller, limits, key=key), []
    here = partial(Handle.by_itself, caller.application_id, caller.place.here)
    surface = PressedSurface(through, caller, limits, key=key, message_id=None if pressed else shown[-1])
    return surface, [here(id_) for id_ in shown[:-1]]
