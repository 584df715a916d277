"""One use of a command, button, menu or form, as the person sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.interaction_models import Interaction
    from sandbox.discord.models import Json, Message, Version
    from sandbox.discord.observers import Change
    from sandbox.discord.state import State

NO_ANSWER = "The application did not respond"


class Invocation:
    """One use of a command, button, menu or form, and everything that came of it."""

    def __init__(self, state: State, interaction: Interaction) -> None:
        self.interaction = interaction
        self._state = state

    @property
    def started_at(self) -> float:
        """time.monotonic() when the person pressed enter."""
        return self.interaction.created_at

    @property
    def acknowledged_at(self) -> float | None:
        """time.monotonic() when Discord took the first answer; None until then."""
        return self.interaction.acknowledged_at

    @property
    def failed(self) -> bool:
        """True when nothing came within three seconds: the person reads `NO_ANSWER`."""
        return self.interaction.failed

    @property
    def response(self) -> Message | None:
        """What @original names: the answer (a "thinking…" one too), or the message that a press changed."""
        return self.interaction.original

    @property
    def followups(self) -> list[Message]:
        return self.interaction.followups

    @property
    def messages(self) -> list[Message]:
        """The response and the follow-ups, without deleted ones."""
        first = [] if self.response is None else [self.response]
        return [each for each in (*first, *self.followups) if not each.deleted]

    @property
    def versions(self) -> list[Version]:
        """Every state of the response, oldest first."""
        return [] if self.response is None else self.response.versions

    @property
    def modal(self) -> Json | None:
        """The form that opened, if any."""
        return self.interaction.modal

    @property
    def text(self) -> str:
        """All text of the messages on display."""
        return "\n".join(each.text for each in self.messages)

    async def acknowledged(self, timeout: float = 4.0) -> float:  # noqa: ASYNC109 (as in Observers.wait_until)
        """Seconds until the first answer. Raises: TimeoutError; NoAnswer when Discord gave up."""

        def done() -> bool:
            return self.acknowledged_at is not None or self.failed

        await self._wait(done, timeout)
        if self.acknowledged_at is None:
            raise NoAnswer(NO_ANSWER)
        return self.acknowledged_at - self.started_at

    async def message(self, timeout: float = 20.0) -> Message:  # noqa: ASYNC109 (as in Observers.wait_until)
        """The response, once it is more than "thinking…"; what follows where that was taken away.

        Raises: TimeoutError; NoAnswer when Discord gave up.
        """

        def shown() -> Message | None:
            first = self.response
            if first is not None and first.loading and first.deleted:
                first = self.followups[0] if self.followups else None
            return None if first is None or first.loading else first

        await self._wait(lambda: self.failed or shown() is not None, timeout)
        message = shown()
        if message is None:
            raise NoAnswer(NO_ANSWER)
        return message

    async def until(self, predicate: Callable[[Message], bool], timeout: float = 20.0) -> Message:  # noqa: ASYNC109 (as in Observers.wait_until)
        """The first of its messages (now or later) that the predicate accepts. Raises: TimeoutError."""
        found: list[Message] = []

        def done() -> bool:
            found[:] = [each for each in self.messages if predicate(each)]
            return bool(found)

        await self._wait(done, timeout)
        return found[0]

    async def form(self) -> Json:
        """The form that opens. Raises: TimeoutError; NoAnswer when something else came, or nothing."""
        await self.acknowledged()
        if self.modal is None:
            msg = "no form opened"
            raise NoAnswer(msg)
        return self.modal

    async def _wait(self, done: Callable[[], bool], timeout: float) -> None:  # noqa: ASYNC109 (as in Observers.wait_until)
        if done():
            return

        def concerned(change: Change) -> bool:
            mine = change.interaction_id == self.interaction.id or (
                change.message is not None
                and (change.message is self.interaction.original or change.message in self.interaction.followups)
            )
            return mine and done()

        await self._state.observers.wait_until(concerned, timeout)


class NoAnswer(Exception):
    """The application did not respond, or not with what was waited for."""
