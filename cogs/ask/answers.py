"""The answers that are growing now: one `Answer` an /ask, from the acknowledgement to its last edit."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import discord
from sqlalchemy import Connection

from bot.api.client import OneKeyClient
from bot.cards.confirm import submit
from bot.clock import steady
from bot.errors import NotAllowed
from bot.generation.ordering.orders import Orders
from bot.i18n import locale_of
from bot.kinds import Kind
from bot.kit.again_later import confirmed_of
from bot.kit.cog import Submitted, features
from bot.kit.edits import Handle, MessageGone, OutOfReach, edit_by_itself
from bot.kit.places import is_moderator
from bot.kit.responses import PASSING, acknowledge, replace_message
from bot.kit.token_limits import TokenLimits
from bot.logs import milliseconds
from bot.orders.callers import Caller
from bot.orders.costs import Spent
from bot.orders.daily_limits import FORGIVEN_A_DAY
from bot.orders.moderation import Moderation
from bot.recent import Recent
from bot.settings import Scope
from bot.store import deletions
from bot.store.database import Database
from bot.store.signals import Signals
from cogs.ask import turn_rows as turns
from cogs.ask.answer import Answer
from cogs.ask.asking import Asking, Begun, begin, withdraw
from cogs.ask.cards import broken_off, heading, without_buttons
from cogs.ask.interrupted import InterruptedAnswers
from cogs.ask.records import INTERRUPTED, Turn
from cogs.ask.request import Request
from cogs.ask.rows import grows_in
from cogs.ask.surfaces import Surface, surface_for
from cogs.ask.tokens import TokenEstimates

if TYPE_CHECKING:
    from bot.kit.bot import Interaction

log = logging.getLogger(__name__)

REMEMBERED = 1000
"""Answers that ended, whose messages are known until their tokens are over."""
STOP = "stop"
"""What another process is sent: an answer, and who wants it stopped."""
LOOK_SECONDS = 0.5
LAST_WORDS_SECONDS = 10.0
"""How long the last edits of an answer may take that is about to be removed."""


class _Ended(NamedTuple):
    """Where an answer stands, and whether a person stopped it."""

    handles: list[Handle]
    stopped: bool


class Answers:
    """Starts answers, stops them for people, and ends them all when the process does."""

    def __init__(  # noqa: PLR0917 - of what lives as long as the process
        self,
        api: OneKeyClient,
        orders: Orders,
        database: Database,
        limits: TokenLimits,
        interrupted: InterruptedAnswers,
        moderation: Moderation,
        signals: Signals,
    ) -> None:
        self._api = api
        self._signals = signals
        signals.on(STOP, self._heard_stop)
        self._moderation = moderation
        self._orders = orders
        self._database = database
        self._limits = limits
        self._interrupted = interrupted
        self._estimates = TokenEstimates(api.window)
        self._growing: dict[int, tuple[Answer, asyncio.Task[object] | None]] = {}
        self._ended: Recent[int, _Ended] = Recent(REMEMBERED)

    async def ask(
        self, interaction: Interaction, asking: Asking, *, private: bool | None = None, shown: Sequence[int] = ()
    ) -> None:
        """Answer in one message that grows; where its price is to be seen first, ask about that instead.

        What is refused at once (model, daily share) is raised before anything is posted.
        `shown`: the messages that the answer stands in from now on, the pressed one last; none: new ones.
        """

        async def show(through: Interaction, begun: Begun) -> None:
            clearing = None if asking.again is None else asyncio.create_task(_without_buttons(interaction))
            surface, before = surface_for(
                through,
                begun.question.caller,
                self._limits,
                begun.turn.id,
                shown,
                pressed=through is interaction and confirmed_of(through) is None,
                on=bool(begun.said),
            )
            await self.answer(surface, begun, asking.files, before=before)
            if clearing is not None:
                await clearing

        order = partial(self.order, asking, name=interaction.user.display_name)
        await submit(interaction, order, show, private=private, instead=bool(shown))

    async def order(self, asking: Asking, caller: Caller, *, name: str) -> Begun:
        """Keep what is asked, to be answered: `answer` does that. `name`: what the person is called."""

        def order(connection: Connection) -> Begun:
            begun = begin(connection, self._orders, self._estimates, caller, asking, name=name)
            self._interrupted.begins(connection, begun.turn.id, begun.question.caller)
            return begun

        return await self._orders.submit(caller, order)

    async def reply(self, surface: Surface, caller: Caller, asking: Asking, *, name: str) -> None:
        """Answer a message that a person wrote. A `Refusal` is raised before anything is posted."""
        await self.answer(surface, await self.order(asking, caller, name=name), asking.files)

    async def answer(
        self,
        surface: Surface,
        begun: Begun,
        files: Sequence[discord.Attachment] = (),
        *,
        before: Sequence[Handle] = (),
    ) -> None:
        """Ask the model, and show what it answers. `before`: messages that it stands in already."""
        question, turn = begun.question, begun.turn
        caller = question.caller
        names = [str(file.get("filename")) for file in turn.files or ()]
        request = Request(
            surface.bot,
            begun,
            files,
            words=self._orders.words,
            moderation=self._moderation,
            estimates=self._estimates,
            notes=self._interrupted,
        )
        answer = Answer(
            surface,
            begun,
            request,
            head=surface.head if surface.silent else heading(turn, caller.locale),
            interrupted=self._interrupted,
            before=before,
            moderation=self._moderation,
        )
        about = surface.log_fields | {"kind": Kind.ASK.value, "model": question.model}
        log.info("ordered", extra=about | {"event": "ordered", "private": bool(caller.private)})
        began = time.monotonic()
        self._growing[answer.key] = (answer, asyncio.current_task())
        try:
            await answer.run(self._api)
        except Exception:
            # Nothing could be posted. The question may have gone out beside that, to be broken off.
            undo = await self._interrupted.forgetting(answer.key), partial(withdraw, begun=begun)
            await self._orders.questions.withdraw(question, *undo, nothing_spent=not answer.sent)
            self._interrupted.forgotten(answer.key)
            raise
        finally:
            del self._growing[answer.key]
            self._remember(answer)
        fields = {
            "event": "answered",
            "reason": answer.outcome.word,
            "milliseconds": milliseconds(time.monotonic() - began),
            "first_text": milliseconds(answer.first_text),
            "lag": milliseconds(answer.lag),
        }
        log.info("a question is over", extra=about | fields)
        submitted = Submitted(
            person_id=caller.person_id,
            command=surface.command,
            again=False,
            model=question.model,
            prompt=turn.prompt or "",
            place=caller.place,
            private=bool(caller.private),
            message_id=answer.handles[0].message_id if answer.handles else None,
            file_name=", ".join(names) or None,
            log_channel=question.log_channel,
        )
        for feature in features(surface.bot):
            feature.on_ordered(submitted)
        pools, person = answer.outcome.kept
        ends: list[Callable[[Connection], object]] = [await self._interrupted.forgetting(answer.key)]
        if answer.outcome.deleted:
            ends += [partial(turns.remove, ids=[turn.id]), partial(deletions.note, message_id=turn.id)]
        forgiven = await self._orders.questions.settle(
            question,
            *ends,
            nothing_made=answer.outcome.nothing_made,
            nothing_spent=answer.outcome.spent is Spent.NOTHING,
            pools=pools,
            person=person,
        )
        self._interrupted.forgotten(answer.key)
        if not forgiven:
            # The answer stands already, and does not say that it counts though it failed.
            key = "limit.counted" if answer.outcome.nothing_made else "limit.price_kept"
            await surface.tell(key, count=FORGIVEN_A_DAY)

    async def stop(self, interaction: Interaction, key: int) -> None:
        """Stop the answer `key` for who asked, or a moderator; a message of a process that is gone is mended instead.

        NotAllowed: it is somebody else's.
        """
        growing, _ = self._growing.get(key, (None, None))
        if growing is not None and not growing.stands_before(interaction):
            raise NotAllowed("error.not_your_stop")
        ended = self._ended.get(key)
        others = None
        if growing is None and ended is None and (me := self._database.process_id) is not None:
            others = await self._database.run(_of_others, key, me)
        if others is not None and not others.is_before(interaction.user.id, interaction.channel_id):
            raise NotAllowed("error.not_your_stop")
        metadata = interaction.message.interaction_metadata if interaction.message else None
        known = growing or others
        asked_by = known.person_id if known else metadata.user.id if metadata else None
        if interaction.user.id != asked_by and not is_moderator(interaction):
            raise NotAllowed("error.not_your_stop")
        if others is not None and others.finish is not None:
            raise NotAllowed("error.already_answered")
        if others is not None:
            await acknowledge(interaction)
            await self._signals.send(STOP, f"{key} {interaction.user.id}")
        elif growing is not None and growing.stop(by=interaction.user.id):
            await acknowledge(interaction)
        elif growing is not None or ended is not None:  # its last edit is on its way, or overtook the press
            stopped = growing.outcome.stopped if growing is not None else ended is not None and ended.stopped
            raise NotAllowed("error.already_stopped" if stopped else "error.already_answered")
        elif interaction.message is None:
            await acknowledge(interaction)
        else:
            locale = locale_of(interaction.locale)
            again = await self._interrupted.again(key, locale)
            await replace_message(interaction, broken_off(interaction.message, locale, again))

    def _heard_stop(self, said: str) -> None:
        """Somebody wants an answer stopped, which may grow here: their press came to another process."""
        key, _, by = said.partition(" ")
        growing, _ = self._growing.get(int(key), (None, None))
        if growing is not None:
            growing.stop(by=int(by))

    async def end(self, key: int, *, by: int) -> list[Handle]:
        """Stop the answer `key`, if it grows, and wait until nothing is added to it.

        Returns its messages; none, if it ended long ago or grew in another process.
        """
        growing, task = self._growing.get(key, (None, None))
        if growing is None:
            if (ended := self._ended.get(key)) is not None:
                return ended.handles
            await self._end_elsewhere(key, by=by)
            return []
        growing.stop(by=by)
        if task is not None:
            await asyncio.wait([task], timeout=LAST_WORDS_SECONDS)
        return growing.handles

    async def _end_elsewhere(self, key: int, *, by: int) -> None:
        """Have the process stop it in which the answer `key` grows, if it grows in one, and wait until it did."""
        me, until = self._database.process_id, time.monotonic() + LAST_WORDS_SECONDS
        if me is None:
            return
        while await self._database.run(grows_in, key) not in {None, me} and time.monotonic() < until:
            await self._signals.send(STOP, f"{key} {by}")
            await asyncio.sleep(LOOK_SECONDS)

    def _remember(self, answer: Answer) -> None:
        """Keep where it stands for as long as its token can delete it."""
        if answer.handles:
            left = min(each.token_expires_at or 0 for each in answer.handles) - steady()
            self._ended.put(answer.key, _Ended(answer.handles, answer.outcome.stopped), seconds=left)

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


def _of_others(connection: Connection, key: int, process_id: int) -> Turn | None:
    """The turn of an answer that grows in another process, or that has ended there; None: nobody has it."""
    grows, turn = grows_in(connection, key), turns.get(connection, key)
    if grows is None:
        return turn if turn is not None and turn.finish not in {None, INTERRUPTED} else None
    return turn if grows != process_id else None
