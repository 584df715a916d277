"""A failed order once more: in the card it stood in, or in a message of its own, after which the old card has no Retry.

By a press on the card itself its token edits the card, also after its price was asked about. From elsewhere (/jobs, or
when the card is gone by then) the new order is the press's answer.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from bot.cards.caller import caller_of
from bot.cards.card import card
from bot.cards.confirm import Drafts, Ordered, submit, tell_low
from bot.cards.deliverer import CardDeliverer
from bot.cards.handles import handle_of
from bot.cards.mending import mended_unless_allowed, row_of_card
from bot.cards.row_pressed import may_act, may_bring, row_by_id
from bot.cards.submitted import tell_ordered
from bot.errors import ConfirmationNeeded, NotAllowed
from bot.generation.ordering.again import Changed, retry, retry_anew
from bot.generation.ordering.orders import Orders
from bot.generation.rows import generations
from bot.generation.rows.records import Generation
from bot.generation.work.claims import Claims
from bot.generation.work.progress import Progress
from bot.kit.components import only_answered
from bot.kit.edits import MessageGone, OutOfReach, edit, find
from bot.kit.responses import PASSING, acknowledge
from bot.orders.callers import Caller
from bot.states import RETRYABLE
from bot.store.database import Database

if TYPE_CHECKING:
    from bot.kit.bot import Bot, Interaction

log = logging.getLogger(__name__)


async def failed_order(press: Interaction, generation_id: int) -> Generation:
    """The failed order of the pressed card, for who asked for it and for moderators. NotAllowed: anything else."""
    row = await row_of_card(press, generation_id)
    async with mended_unless_allowed(press, row):
        may_act(press, row, "error.not_your_retry")
        if row.private and row.person_id != press.user.id:
            raise NotAllowed("error.gone")  # forged: nobody else sees the card
        if row.state not in RETRYABLE or press.message is None:
            raise NotAllowed("error.already_retried")
    return row


async def failed_elsewhere(press: Interaction, generation_id: int) -> Generation:
    """A failed order in a list, likewise."""
    row = await row_by_id(press, generation_id)
    may_act(press, row, "jobs.not_yours")
    if row.private and row.person_id != press.user.id:
        raise NotAllowed("jobs.not_yours")
    may_bring(press, row)
    return row


async def retry_here(press: Interaction, old: Generation, *, message_id: int, changed: Changed | None = None) -> None:
    """Turn the pressed card, the message `message_id`, into that of a new run; its price may be asked about beside it.

    NotAllowed: it was ordered again before.
    """
    the = press.client.the
    through = caller_of(press, private=old.private)
    if through.confirmed is not None:  # by a press that is not on the card
        await retry_elsewhere(press, old, changed=changed)
        return

    async def confirmed(answer: Interaction, price: int) -> Ordered:
        caller = replace(caller_of(answer, private=old.private), confirmed=price)
        if not await _stands(press, message_id):
            anew = await retry_anew(the(Orders), caller, old.id, changed=changed)
            return Ordered(partial(_shown, answer, caller, partial(_post, answer, anew, old=old)))
        # The new run is shown by another token and begins at once: only if this press is ours to answer.
        await acknowledge(answer)
        # The press that confirms can't edit the card, the one on the card can.
        caller = replace(caller, token=through.token, token_expires_at=through.token_expires_at)
        again = await retry(the(Orders), caller, old.id, message_id=message_id, changed=changed)
        return Ordered(partial(_shown, answer, caller, partial(_go_on, press.client, again)), elsewhere=True)

    try:
        again = await retry(the(Orders), through, old.id, message_id=message_id, changed=changed)
    except ConfirmationNeeded as needed:
        await the(Drafts).ask(press, needed, confirmed, beside=True)
    else:
        await _shown(press, through, partial(the(CardDeliverer).replace, press, again))


async def retry_elsewhere(
    press: Interaction, old: Generation, *, changed: Changed | None = None, private: bool | None = None
) -> None:
    """Order `old` again as the answer to a press, and not in its card. NotAllowed: it was ordered again before.

    `private` None: as `old` was.
    """

    def order(caller: Caller) -> Awaitable[Generation]:
        return retry_anew(press.client.the(Orders), caller, old.id, changed=changed)

    await submit(press, order, partial(_post, old=old), private=old.private if private is None else private)


async def _shown(press: Interaction, caller: Caller, show: Callable[[], Awaitable[None]]) -> None:
    await show()
    await tell_low(press, caller)


async def _stands(press: Interaction, message_id: int) -> bool:
    """Whether the pressed card is still there, and the press's token reaches it."""
    try:
        return await find(press.client, press.application_id, press.token) == message_id
    except PASSING as error:
        log.info("a failed card can't be looked for, it is taken to stand: %s", error)
        return True


async def _go_on(bot: Bot, again: Generation) -> None:
    """Show the new run in the card that it took over, and begin. An edit that fails is made up for by the next one."""
    try:
        # Its place in line is told by who admits, once it does wait.
        await bot.the(CardDeliverer).show(await bot.the(Progress).facts(again, in_line=False))
    finally:
        bot.the(Claims).start(again)
        tell_ordered(bot, again)


async def _post(answer: Interaction, again: Generation, *, old: Generation) -> None:
    await answer.client.the(CardDeliverer).post(answer, again)
    await _take_retry(answer.client, old.id)


async def _take_retry(bot: Bot, generation_id: int) -> None:
    """Take its Retry from the card of a row that was ordered again elsewhere, as far as the card can be reached."""
    the = bot.the
    old = await the(Database).run(generations.get, generation_id)
    if old is None or old.message_id is None:
        return
    try:
        await edit(bot, handle_of(old), only_answered(card(await the(Progress).facts(old)), bot.items))
    except (MessageGone, OutOfReach, *PASSING) as error:
        log.info("a generation's card keeps its Retry, which does nothing any more: %r", error, extra=old.logged)
