"""The buttons of a picture's card beside Reroll: each works for ever, by its row's id and the picture's number."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from functools import partial
from typing import Any, ClassVar

from discord import ui
from sqlalchemy import Connection

from bot.cards.button_looks import CARD, NEVER_AGAIN
from bot.cards.caller import caller_of
from bot.cards.confirm import submit
from bot.cards.deliverer import CardDeliverer
from bot.cards.image_pressed import ImageButton, files_pressed, for_one, result_at
from bot.cards.row_pressed import row_in_view
from bot.cards.sources import files_of, from_cards, source_of
from bot.errors import AlreadyMade, NotAllowed
from bot.generation import voting
from bot.generation.ordering.again import reroll
from bot.generation.ordering.orders import Orders
from bot.generation.requests import From, given_names
from bot.generation.rows import inputs
from bot.generation.rows.records import Generation, NewInput
from bot.i18n import locale_of, text
from bot.kinds import Kind
from bot.kit.bot import Bot, Interaction
from bot.kit.coalesced_edits import CoalescedEdits, pressed_card
from bot.kit.cog import features
from bot.kit.components import ChosenMenu, KeyButton
from bot.kit.responses import acknowledge, tell_beside
from bot.orders.callers import Caller
from bot.states import SHOWN
from bot.store.database import Database
from cogs.imagine.change import change_of_card
from cogs.imagine.made_before import is_deleted, place_once, with_message
from cogs.imagine.modals import AgainButton, edit_prompt
from cogs.imagine.orders import Children
from cogs.imagine.wanted import is_gone


class RerollButton(KeyButton, template=rf"{CARD}:reroll"):
    """The same prompt again, as a new message, by and for whoever presses."""

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_in_view(interaction, self.key)
        if row.kind != Kind.IMAGE or row.state not in SHOWN or row.action in NEVER_AGAIN:
            raise NotAllowed("error.gone")
        the = interaction.client.the
        files = await self._files(interaction, row)

        def order(caller: Caller) -> Awaitable[Generation]:
            return reroll(the(Orders), caller, row.id, files=files)

        await place_once(interaction, order, private=row.private)

    async def _files(self, interaction: Interaction, row: Generation) -> list[NewInput]:
        """Where what goes along is now. NotAllowed: it is nowhere any more."""
        stored = await interaction.client.the(Database).run(inputs.still, row.id)
        files = await from_cards(interaction.client, row, stored)
        gone = [index for index, one in enumerate(files) if is_gone(one)]
        if gone:
            given = len(files) - len(given_names(row.parameters))
            raise NotAllowed("imagine.files_gone_reroll" if gone[-1] >= given else "error.picture_gone")
        return files


class EditPromptButton(KeyButton, template=rf"{CARD}:remix"):
    """The form with everything in it; what is made of it is a child."""

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_in_view(interaction, self.key)
        if row.kind != Kind.IMAGE or row.state not in SHOWN:
            raise NotAllowed("error.gone")
        await edit_prompt(interaction, row)


class VoteButton(ImageButton, template=for_one("vote")):
    """The one vote that a person has on a card; another press changes it."""

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_in_view(interaction, self.key)
        message = interaction.message
        if message is None:
            raise NotAllowed("error.gone")
        the = interaction.client.the
        caller, vote = caller_of(interaction), (row.id, interaction.user.id, self.position)
        is_open = partial(_is_open, interaction.client)

        def cast(connection: Connection) -> None:
            caller.check_barred(connection)
            voting.cast(connection, *vote, now=time.time(), is_open=is_open)

        # One transaction: many vote in the same moment, and each waits for those before.
        await the(Orders).submit(caller, cast)
        # Not before the vote stands: a press that was acknowledged counts. The edit is noted before that, so that
        # a process that is about to end waits for it.
        acknowledged = asyncio.create_task(acknowledge(interaction))
        names = frozenset(files_of(message))

        async def shown() -> ui.LayoutView | None:
            await asyncio.wait([acknowledged])
            return await the(CardDeliverer).current(row.id, names)

        the(CoalescedEdits).refresh(("image", message.id), pressed_card(interaction), shown)
        await acknowledged
        if row.action == "round":  # its card does not show votes until they are counted
            await tell_beside(interaction, text(locale_of(interaction.locale), "jam.vote_cast", number=self.number))


class _MakingButton(ImageButton, template=r"(?!)"):
    """Orders something made of the picture, by and for whoever presses."""

    made: ClassVar[From]

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_in_view(interaction, self.key)
        the = interaction.client.the
        result = await result_at(interaction, row, self.position)
        if row.state not in SHOWN:
            raise NotAllowed("error.gone")
        picture = source_of(result, files_pressed(interaction))
        passed: set[int] = set()

        def order(caller: Caller) -> Awaitable[Generation]:
            return the(Children).of_result(caller, self.made, row.id, self.position, picture, passed=passed)

        while True:
            try:
                await submit(interaction, order, the(CardDeliverer).post, private=row.private)
            except AlreadyMade as already:
                if not await is_deleted(interaction, already):
                    raise await with_message(interaction, already) from None
                passed.add(already.generation_id)
            else:
                return


class VaryButton(_MakingButton, template=for_one("vary")):
    """As many variations of the picture as the card has pictures."""

    made = From.VARY


class UpscaleButton(_MakingButton, template=for_one("upscale")):
    """The same picture, larger; whoever asks for it again is shown where it is."""

    made = From.UPSCALE


class ChangeButton(ImageButton, template=for_one("change")):
    """A form for words about that image."""

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_in_view(interaction, self.key)
        await result_at(interaction, row, self.position)
        if row.state not in SHOWN:
            raise NotAllowed("error.gone")
        await change_of_card(interaction, row, self.number)


def _is_open(bot: Bot, connection: Connection, generation_id: int, person_id: int) -> bool:
    return all(feature.may_vote(connection, generation_id, person_id) for feature in features(bot))


PICTURE_BUTTONS: tuple[type[ui.DynamicItem[Any]], ...] = (
    ChosenMenu,
    RerollButton,
    EditPromptButton,
    AgainButton,
    VoteButton,
    VaryButton,
    UpscaleButton,
    ChangeButton,
)
