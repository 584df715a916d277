"""Orders whose price is to be seen first: asked about privately, and submitted by a press.

The press submits the order through its own interaction, so that the card is its answer, public where it would have
been; the private question becomes a word, also where the order is refused for good. A row takes care that it is once,
and holds what was typed or pressed: where the press comes to another process, that is acted upon once more. What was
asked about in reply to a message stands in memory alone: a restart forgets it, and the button says what to do.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import discord
from discord import ui

from bot.cards import question_rows as questions
from bot.cards.caller import caller_of
from bot.cards.question_rows import Question
from bot.errors import ConfirmationNeeded, DailyLimitReached, NotAllowed, NotEnoughCredits, PlaceLimitReached, Refusal
from bot.i18n import locale_of, text
from bot.kit.again_later import act_again, event_of
from bot.kit.components import Card, button, only_answered, row
from bot.kit.error_path import sentence
from bot.kit.in_time import expect
from bot.kit.limit_words import low
from bot.kit.places import TOKEN_SECONDS
from bot.kit.replying import send_reply
from bot.kit.responses import PASSING, Posted, acknowledge, answer, change, replace_message, tell_beside
from bot.kit.short_cards import note
from bot.orders.policy import PAUSED_KEYS
from bot.recent import Recent
from bot.store.database import Database, StoreUnavailable

if TYPE_CHECKING:
    from bot.kit.bot import Bot, Interaction
    from bot.orders.callers import Caller

log = logging.getLogger(__name__)

DraftOrder: TypeAlias = "Callable[[Interaction, int], Awaitable[Ordered]]"
Order = TypeVar("Order")

_ORDERED = "ordered"
"""In an interaction's extras: it has submitted an order."""
MOST_DRAFTS = 1000
"""Of all servers together; the oldest is forgotten first."""


async def submit(
    interaction: Interaction,
    order: Callable[[Caller], Awaitable[Order]],
    show: Callable[[Interaction, Order], Awaitable[None]],
    *,
    private: bool | None = None,
    sends: bool = False,
    instead: bool = False,
) -> None:
    """Submit an order for who typed or pressed, and show it; ask them first, where its price is to be seen.

    `order` may be called twice, the second time with a confirmed caller; `show` once, with the interaction that
    submitted it: this one, or the press that confirmed. `sends`: what is ordered is sent to the service before it is
    shown, so the interaction is acknowledged before. `instead`: the pressed message is turned into it.
    """

    async def submitted_by(through: Interaction, confirmed: int | None = None) -> Callable[[], Awaitable[None]]:
        caller = caller_of(through, private=private)
        if confirmed is not None:
            caller = replace(caller, confirmed=confirmed)
        # As it is set at the place is told by the database alone.
        expect(through, private=caller.private_by_default if private is None else private, anew=not (sends or instead))
        if sends:
            await acknowledge(through)
        made = await order(caller)
        through.extras[_ORDERED] = True

        async def shown() -> None:
            await show(through, made)
            await tell_low(through, caller)

        return shown

    async def confirmed(press: Interaction, price: int) -> Ordered:
        return Ordered(await submitted_by(press, price))

    try:
        shown = await submitted_by(interaction)
    except ConfirmationNeeded as needed:
        await interaction.client.the(Drafts).ask(interaction, needed, confirmed)
    else:
        await shown()


async def tell_low(interaction: Interaction, caller: Caller) -> None:
    """Tell the person privately, beside what they ordered, which limits they have nearly used up. Never raises."""
    if caller.low.limits:
        await tell_beside(interaction, low(locale_of(interaction.locale), caller.low.limits))


@dataclass(frozen=True, slots=True)
class Ordered:
    """What was submitted by a press that confirmed. `show` answers the press; not so with `elsewhere`."""

    show: Callable[[], Awaitable[None]]
    elsewhere: bool = False


@dataclass(slots=True)
class _Draft:
    """`edit`: shows something in place of the question. `seen`: the question, where others see it too.

    `taken`: it was pressed, and is made or about to be, or was refused for good. `event`: as in the row.
    """

    person_id: int
    locale: str
    order: DraftOrder
    price: int
    edit: Callable[..., Awaitable[object]] | None = None
    seen: discord.Message | None = None
    taken: bool = False
    event: dict[str, Any] | None = None

    async def say(self, key: str, *, press: Interaction | None = None) -> None:
        """Put a word in place of the question; as the answer to `press`, where it has none. One that others see goes
        without a word. Never raises.
        """
        word = note(text(self.locale, key))
        try:
            if self.seen is not None:
                if press is not None:
                    await acknowledge(press)
                await self.seen.delete()
            elif press is not None:
                await _instead(press, word)
            elif self.edit is not None:
                await self.edit(word)
        except PASSING as error:
            log.info("a question about a price stays as it is: %s", error)


class Drafts:
    """Orders that wait for a press, each for as long as its question can be edited."""

    def __init__(self) -> None:
        self._drafts: Recent[int, _Draft] = Recent(MOST_DRAFTS, seconds=TOKEN_SECONDS)

    async def ask(
        self,
        interaction: Interaction,
        needed: ConfirmationNeeded,
        order: DraftOrder,
        *,
        beside: bool = False,
        instead: bool = False,
        event: dict[str, Any] | None = None,
    ) -> None:
        """Ask privately whether the price is all right.

        `beside`: with a message of its own, so that the interaction's token still edits the card that was pressed.
        `instead`: in place of the question that was pressed, which was about `event`.
        """
        locale, event = locale_of(interaction.locale), event or event_of(interaction)
        edit = partial(change, interaction, Posted(0))
        draft = _Draft(interaction.user.id, locale, order, needed.price, edit, event=event)
        asked = Question(interaction.id, interaction.user.id, needed.price, event, time.time())
        await interaction.client.the(Database).run(questions.put, asked)
        self._drafts.put(interaction.id, draft)
        question = _question(interaction.client, interaction.id, needed, locale)
        try:
            if instead:
                await _instead(interaction, question)
            else:
                if beside:
                    await acknowledge(interaction)
                draft.edit = partial(change, interaction, await answer(interaction, question, ephemeral=True))
        except BaseException:
            self._drafts.pop(interaction.id)
            raise

    async def ask_below(
        self, bot: Bot, message: discord.Message, needed: ConfirmationNeeded, order: DraftOrder, locale: str
    ) -> None:
        """Ask who wrote `message` in a reply to it: nothing private can be said to a message."""
        draft = _Draft(message.author.id, locale, order, needed.price)
        self._drafts.put(message.id, draft)
        try:
            question = _question(bot, message.id, needed, locale)
            draft.seen = await send_reply(message.channel, message.to_reference(), question)
        except BaseException:
            self._drafts.pop(message.id)
            raise

    async def submit(self, press: Interaction, key: int) -> None:
        """Submit the order that `key` stands for, once however often it is pressed."""
        draft = self._draft(press, key)
        database, asked = press.client.the(Database), None
        if draft is not None:
            draft.taken = True
        if draft is None or draft.seen is None:
            try:
                asked = await database.run(questions.take, key, person_id=press.user.id, now=time.time())
            except StoreUnavailable:
                if draft is not None:
                    draft.taken = False
                raise
        if draft is None or (asked is None and draft.seen is None):
            await _submit_again(press, asked)
            return
        try:
            ordered = await draft.order(press, draft.price)
        except ConfirmationNeeded as needed:
            # Dearer than it was when it was asked about: asked anew.
            self._drafts.pop(key)
            await self.ask(press, needed, draft.order, instead=True, event=draft.event)
            if draft.seen is not None:
                await draft.say("confirm.over")
            return
        except Refusal as refusal:
            if _may_pass(refusal, draft.price):
                draft.taken = False  # nothing was ordered: it may be pressed again, when there are credits
                if asked is not None:
                    await database.run(questions.put, asked)
                raise
            await _instead(press, note(sentence(refusal, locale_of(press.locale)) or ""))
            return
        except BaseException:
            self._drafts.pop(key)  # whether it was is not known
            raise
        # Beside the card, which may grow for minutes.
        word = asyncio.create_task(draft.say("confirm.ordered", press=press if ordered.elsewhere else None))
        try:
            await ordered.show()
        except Exception:
            await word
            await draft.say("confirm.not_shown")
            raise
        await word

    def _draft(self, press: Interaction, key: int) -> _Draft | None:
        """What this process asked who pressed. NotAllowed: somebody else was asked for all to see, or it is taken."""
        draft = self._drafts.get(key)
        if draft is not None and draft.person_id != press.user.id:
            if draft.seen is not None:
                raise NotAllowed("ask.asker_only")
            return None
        if draft is not None and draft.taken:
            raise NotAllowed("confirm.taken")  # the question turns into a word a moment later, or has already
        return draft


async def _submit_again(press: Interaction, asked: Question | None) -> None:
    """Submit what another process asked about, or this one before it was started anew. None: it is over."""
    locale, question = locale_of(press.locale), press.message
    if asked is None or asked.event is None or not await act_again(press, asked.event, asked.price):
        seen = question is not None and not question.flags.ephemeral
        await _instead(press, note(text(locale, "confirm.over_message" if seen else "confirm.over")))
    elif _ORDERED in press.extras and question is not None:
        try:
            await change(press, Posted(question.id, original=False), note(text(locale, "confirm.ordered")))
        except PASSING as error:
            log.info("a question about a price stays as it is: %s", error)


def _question(bot: Bot, key: int, needed: ConfirmationNeeded, locale: str) -> Card:
    said: ui.TextDisplay[Any] = ui.TextDisplay(sentence(needed, locale) or "")
    return only_answered(Card(said, row(_order_button(key, needed, locale))), bot.items)


def _order_button(key: int, needed: ConfirmationNeeded, locale: str) -> ui.Button[Any]:
    name = "button.order_at_most" if needed.at_most else "button.order"
    label = text(locale, name, credits=text(locale, "card.credits", count=needed.price))
    return button(label, f"order:{key}", style=discord.ButtonStyle.primary)


def _may_pass(refusal: Refusal, price: int) -> bool:
    """Whether what was asked about at `price` may be ordered all the same, a little later."""
    match refusal:
        case NotEnoughCredits():
            return refusal.price <= price  # dearer: its button names a price that it can't be had for
        case NotAllowed():
            return refusal.key in PAUSED_KEYS.values()
        case _:
            return isinstance(refusal, DailyLimitReached | PlaceLimitReached)


async def _instead(press: Interaction, view: ui.LayoutView) -> None:
    """Show `view` in place of the question. A forged press may come from any message: only a private one is turned."""
    private = press.message is not None and press.message.flags.ephemeral
    if private:
        await replace_message(press, view)
    else:
        await answer(press, view, ephemeral=True)
