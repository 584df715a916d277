"""The answers that are growing now: one `Answer` an /ask, from the acknowledgement to its last edit."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Collection
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import discord

from bot.api.chat import ChatRequest, Message
from bot.api.client import OneKeyClient
from bot.cards.confirm import place
from bot.clock import steady
from bot.documents.words import left_out_line
from bot.errors import NotAllowed
from bot.generation.orders import Orders
from bot.i18n import locale_of
from bot.kit.attachments import Attachments, most_tokens, text_room
from bot.kit.cog import Placed, features
from bot.kit.edits import Handle, MessageGone, OutOfReach, edit_by_itself
from bot.kit.places import is_moderator
from bot.kit.responses import PASSING, acknowledge, replace_message
from bot.kit.token_limits import TokenLimits
from bot.orders.callers import Caller
from bot.orders.costs import Spent
from bot.orders.daily_limits import FORGIVEN_A_DAY
from bot.orders.moderation import Moderation
from bot.orders.question import Question
from bot.recent import Recent
from bot.settings import Scope
from bot.store.questions import Asked
from cogs.ask.answer import Answer
from cogs.ask.cards import broken_off, heading, without_buttons
from cogs.ask.interrupted import InterruptedAnswers
from cogs.ask.surfaces import InteractionSurface, Surface

if TYPE_CHECKING:
    from bot.kit.bot import Bot, Interaction

log = logging.getLogger(__name__)

REMEMBERED = 1000
"""Answers that ended, whose messages are known until their tokens are over."""
LAST_WORDS_SECONDS = 10.0
"""How long the last edits of an answer may take that is about to be removed."""


class _Ended(NamedTuple):
    """Where an answer stands, and whether a person stopped it."""

    handles: list[Handle]
    stopped: bool


class Answers:
    """Starts answers, stops them for people, and ends them all when the process does."""

    def __init__(
        self,
        api: OneKeyClient,
        orders: Orders,
        limits: TokenLimits,
        interrupted: InterruptedAnswers,
        moderation: Moderation,
    ) -> None:
        self._api = api
        self._moderation = moderation
        self._orders = orders
        self._limits = limits
        self._interrupted = interrupted
        self._growing: dict[int, tuple[Answer, asyncio.Task[object] | None]] = {}
        self._ended: Recent[int, _Ended] = Recent(REMEMBERED)

    async def ask(
        self,
        interaction: Interaction,
        *,
        prompt: str,
        model: str | None,
        file: discord.Attachment | None,
        private: bool | None,
        instead_of: int | None = None,
    ) -> None:
        """Answer `prompt` in one message that grows; where its price is to be seen first, ask about that instead.

        What is refused at once (model, daily share) is raised before anything is posted.
        """
        file_bytes = text_room([file]) if file else 0
        file_tokens = most_tokens([file]) if file else 0

        def order(caller: Caller) -> Awaitable[Question]:
            return self._orders.ask(
                caller,
                prompt=prompt,
                model=model,
                file_bytes=file_bytes,
                file_tokens=file_tokens,
                instead_of=instead_of,
            )

        async def show(through: Interaction, question: Question) -> None:
            clearing = None if instead_of is None else asyncio.create_task(_without_buttons(interaction))
            surface = InteractionSurface(through, question.caller, self._limits)
            await self._answer(surface, question, prompt=prompt, model=model, file=file)
            if clearing is not None:
                await clearing

        await place(interaction, order, show, private=private)

    async def ask_again(
        self, press: Interaction, asked: Asked, *, prompt: str | None = None, model: str | None = None
    ) -> None:
        """Ask a question that failed once more, as the answer to a press on it. NotAllowed: that was done before."""
        state = press.client._connection  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - what discord.py's own models are made with
        file = discord.Attachment(data=cast("Any", asked.file), state=state) if asked.file is not None else None
        await self.ask(
            press,
            prompt=asked.prompt if prompt is None else prompt,
            model=model or asked.model,
            file=file,
            private=asked.private or None,
            instead_of=asked.key,
        )

    async def reply(
        self, surface: Surface, caller: Caller, *, prompt: str, file: discord.Attachment | None = None
    ) -> None:
        """Answer a message that a person wrote. A `Refusal` is raised before anything is posted."""
        size = {"file_bytes": text_room([file]), "file_tokens": most_tokens([file])} if file else {}
        question = await self._orders.ask(caller, prompt=prompt, model=None, **size)
        await self._answer(surface, question, prompt=prompt, model=None, file=file)

    async def _answer(
        self,
        surface: Surface,
        question: Question,
        *,
        prompt: str,
        model: str | None,
        file: discord.Attachment | None,
    ) -> None:
        caller = question.caller
        answer = Answer(
            surface,
            question,
            asked_bytes=len(prompt.encode()) + (text_room([file]) if file else 0),
            head=surface.head if surface.silent else heading(prompt, file.filename if file else None),
            interrupted=self._interrupted,
            moderation=self._moderation,
        )
        began = time.monotonic()
        self._growing[answer.key] = (answer, asyncio.current_task())
        asked = Asked(
            key=answer.key,
            person_id=caller.person_id,
            guild_id=caller.place.guild_id,
            channel_id=caller.place.here,
            private=bool(caller.private),
            model=model,
            prompt=prompt,
            file=cast("dict[str, Any]", file.to_dict()) if file is not None else None,
            asked_at=time.time(),
        )
        self._interrupted.keep(asked)
        try:
            await answer.run(self._api, self._request(answer, surface.bot, question, prompt, file))
        except Exception:
            await self._orders.withdraw_ask(question)  # nothing could be posted
            await self._interrupted.forget(answer.key)
            raise
        finally:
            del self._growing[answer.key]
            self._remember(answer)
        fields = {"model": question.model, "milliseconds": int((time.monotonic() - began) * 1000)}
        log.info("a question is over", extra=surface.log_fields | fields | {"reason": answer.outcome})
        placed = Placed(
            person_id=caller.person_id,
            command=surface.command,
            again=False,
            model=question.model,
            prompt=prompt,
            place=caller.place,
            private=bool(caller.private),
            message_id=answer.handles[0].message_id if answer.handles else None,
            file_name=file.filename if file is not None else None,
        )
        for feature in features(surface.bot):
            feature.on_ordered(placed)
        pools, person = answer.kept
        forgiven = await self._orders.settle_ask(
            question,
            nothing_made=answer.nothing_made,
            nothing_spent=answer.spent is Spent.NOTHING,
            pools=pools,
            person=person,
        )
        await self._interrupted.forget(answer.key, question=not answer.can_be_asked_again)
        if not forgiven:
            # The answer stands already, and does not say that it counts though it failed.
            key = "limit.counted" if answer.nothing_made else "limit.price_kept"
            await surface.tell(key, count=FORGIVEN_A_DAY)

    async def stop(self, interaction: Interaction, key: int) -> None:
        """Stop the answer `key` for who asked, or a moderator; a message of a process that is gone is mended instead.

        NotAllowed: it is somebody else's.
        """
        growing, _ = self._growing.get(key, (None, None))
        metadata = interaction.message.interaction_metadata if interaction.message else None
        asked_by = growing.person_id if growing else metadata.user.id if metadata else None
        if interaction.user.id != asked_by and not is_moderator(interaction):
            raise NotAllowed("error.not_your_stop")
        ended = self._ended.get(key)
        if growing is not None and growing.stop(by=interaction.user.id):
            await acknowledge(interaction)
        elif growing is not None or ended is not None:  # its last edit is on its way, or overtook the press
            stopped = growing.stopped if growing is not None else ended is not None and ended.stopped
            raise NotAllowed("error.already_stopped" if stopped else "error.already_answered")
        elif interaction.message is None:
            await acknowledge(interaction)
        else:
            locale = locale_of(interaction.locale)
            again = await self._interrupted.again(key, locale)
            await replace_message(interaction, broken_off(interaction.message, locale, again))

    async def end(self, key: int, *, by: int) -> list[Handle]:
        """Stop the answer `key`, if it grows, and wait until nothing is added to it.

        Returns its messages; none, if it ended long ago or in another process.
        """
        growing, task = self._growing.get(key, (None, None))
        if growing is None:
            return ended.handles if (ended := self._ended.get(key)) is not None else []
        growing.stop(by=by)
        if task is not None:
            await asyncio.wait([task], timeout=LAST_WORDS_SECONDS)
        return growing.handles

    def _remember(self, answer: Answer) -> None:
        """Keep where it stands for as long as its token can delete it."""
        if answer.handles:
            left = min(each.token_expires_at or 0 for each in answer.handles) - steady()
            self._ended.put(answer.key, _Ended(answer.handles, answer.stopped), seconds=left)

    async def stop_all(self, seconds: float) -> None:
        """The process ends: every answer keeps what came and says that it broke off."""
        deadline = time.monotonic() + seconds
        while self._growing and (left := deadline - time.monotonic()) > 0:
            for answer, _ in self._growing.values():
                answer.interrupt()
            tasks = [task for _, task in self._growing.values() if task is not None]
            await asyncio.wait(tasks or [asyncio.ensure_future(asyncio.sleep(0.1))], timeout=left)

    def stop_in(self, places: Collection[tuple[Scope, int]], *, by: int) -> None:
        """Stop every answer that grows in places that were just paused."""
        for answer, _ in list(self._growing.values()):
            if any((at, where) in places for _, at, where in answer.place.scopes()):
                answer.stop(by=by)

    async def _request(
        self,
        answer: Answer,
        bot: Bot,
        question: Question,
        prompt: str,
        file: discord.Attachment | None,
    ) -> ChatRequest:
        system = question.system_prompt
        content, said = prompt, prompt
        if file is not None:
            material = await bot.the(Attachments).read_some([file], person_id=question.caller.person_id)
            if line := left_out_line(material.left_out, question.caller.locale):
                answer.add_to_head(line)
            content = await asyncio.to_thread(material.content, prompt)
            said = f"{prompt}\n{material.text}"
            await self._orders.words.refuse(said, question.blocked_words)
        await self._moderation.refuse(said, question.moderation)
        asked = Message(role="user", content=content)
        messages = (Message(role="system", content=system), asked) if system else (asked,)
        return ChatRequest(
            model=question.model,
            messages=messages,
            temperature=question.temperature,
            max_tokens=question.most_tokens,
            web_search=question.web_search,
        )


async def _without_buttons(interaction: Interaction) -> None:
    """Take what may help from the message whose question was asked once more, as far as the bot can edit it itself."""
    message = interaction.message
    if message is None or message.flags.ephemeral or message.attachments:
        return  # it does nothing any more, and says so when it is pressed
    handle = Handle.by_itself(interaction.application_id, message.channel.id, message.id)
    try:
        await edit_by_itself(interaction.client, handle, without_buttons(message))
    except (MessageGone, OutOfReach, *PASSING) as error:
        log.info("an answer keeps its Retry, which does nothing any more: %r", error)
