"""The answers that are growing now: one `Answer` an /ask, from the acknowledgement to its last edit."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING

from bot.api.chat import ChatRequest, Message
from bot.api.client import OneKeyClient
from bot.environment import Environment
from bot.errors import NotAllowed
from bot.generation.orders import Orders
from bot.i18n import locale_of
from bot.ui.answer import Answer
from bot.ui.answer_cards import broken_off, heading
from bot.ui.attachments import as_message, refuse_unusable
from bot.ui.callers import caller_of, is_moderator
from bot.ui.ratelimits import TokenLimits
from bot.ui.responses import acknowledge, replace_message

if TYPE_CHECKING:
    import discord

    from bot.ui.typing import Interaction


ENDED_KEPT = 1000


class Answers:
    """Starts answers, stops them for people, and ends them all when the process does."""

    def __init__(self, api: OneKeyClient, orders: Orders, environment: Environment, limits: TokenLimits) -> None:
        self._api = api
        self._orders = orders
        self._environment = environment
        self._limits = limits
        self._growing: dict[int, tuple[Answer, asyncio.Task[object] | None]] = {}
        # A press on Stop may be on its way when the answer ends.
        self._ended: deque[int] = deque(maxlen=ENDED_KEPT)

    async def ask(
        self,
        interaction: Interaction,
        *,
        prompt: str,
        model: str | None,
        file: discord.Attachment | None,
        private: bool,
    ) -> None:
        """Answer `prompt` in one message that grows.

        What is refused at once (model, daily share, a file by its size or type) is raised before anything is posted.
        """
        if file is not None:
            refuse_unusable(file)
        caller = caller_of(interaction, private=private)
        chosen = await self._orders.ask(caller.person_id, caller.place, model)
        answer = Answer(
            interaction,
            caller,
            model=chosen,
            head=heading(prompt, file.filename if file else None),
            limits=self._limits,
        )
        self._growing[answer.key] = (answer, asyncio.current_task())
        try:
            error = await answer.run(self._api, self._request(chosen, prompt, file))
        except Exception:
            # Nothing could be posted: the person has seen nothing of it.
            await self._orders.give_back_ask(caller.person_id)
            raise
        finally:
            del self._growing[answer.key]
            self._ended.append(answer.key)
        if answer.nothing_made:
            await self._orders.give_back_ask(caller.person_id)
        if error is not None:
            await interaction.client.resources.alerts.consider(error)

    async def stop(self, interaction: Interaction, key: int) -> None:
        """Stop the answer `key` for who asked, or a moderator; a message of a process that is gone is mended instead.

        NotAllowed: it is somebody else's.
        """
        growing, _ = self._growing.get(key, (None, None))
        metadata = interaction.message.interaction_metadata if interaction.message else None
        asked_by = growing.person_id if growing else metadata.user.id if metadata else None
        if interaction.user.id != asked_by and not is_moderator(interaction):
            raise NotAllowed("error.not_your_stop")
        if growing is not None:
            growing.stop(by=interaction.user.id)
            await acknowledge(interaction)
        elif key in self._ended or interaction.message is None:
            await acknowledge(interaction)  # its last edit overtook the press
        else:
            await replace_message(interaction, broken_off(interaction.message, locale_of(interaction.locale)))

    async def stop_all(self, seconds: float) -> None:
        """The process ends: every answer keeps what came and says that it broke off."""
        deadline = time.monotonic() + seconds
        while self._growing and (left := deadline - time.monotonic()) > 0:
            for answer, _ in self._growing.values():
                answer.interrupt()
            tasks = [task for _, task in self._growing.values() if task is not None]
            await asyncio.wait(tasks or [asyncio.ensure_future(asyncio.sleep(0.1))], timeout=left)

    async def _request(self, model: str, prompt: str, file: discord.Attachment | None) -> ChatRequest:
        system = self._environment.system_prompt
        asked = await as_message(prompt, file) if file else Message(role="user", content=prompt)
        messages = (Message(role="system", content=system), asked) if system else (asked,)
        return ChatRequest(model=model, messages=messages)
