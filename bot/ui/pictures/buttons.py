"""The buttons of a picture's card beside Reroll: each works for ever, by its row's id and the picture's number."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Collection
from functools import partial
from typing import Any, ClassVar, Self

from discord import ui

from bot.errors import AlreadyMade, NotAllowed
from bot.generation import voting
from bot.generation.callers import Caller
from bot.generation.facts import CardFacts
from bot.generation.requests import From
from bot.generation.states import SHOWN
from bot.i18n import DEFAULT_LOCALE, text
from bot.store import events, generations
from bot.store.generations import Generation
from bot.ui.boards import pressed_card
from bot.ui.buttons import CARD, NEVER_AGAIN, CardButton, PromptButton, RerollButton
from bot.ui.components import SafeButton
from bot.ui.components import row as row_of
from bot.ui.confirm import place
from bot.ui.pictures.forms import RemixForm
from bot.ui.pictures.repeats import is_deleted, with_message
from bot.ui.pictures.sources import files_of, source_of
from bot.ui.responses import acknowledge
from bot.ui.rows import may_order, row_in_view
from bot.ui.typing import Interaction


class RemixButton(CardButton, template=rf"{CARD}:remix"):
    """A form with the prompt in it; what is made of it is a child."""

    action = "remix"
    label_key = "button.remix"

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_in_view(interaction, self.generation_id)
        if row.kind != "image" or row.state not in SHOWN:
            raise NotAllowed("error.gone")
        await may_order(interaction, row)
        await RemixForm(row.id, prompt=row.prompt, locale=interaction.locale).open(interaction)


class PictureButton(SafeButton, template=r"(?!)"):
    """A button for one picture of a card, `image:<id>:<action>:<number>`. `number` from 1; the only one shows none."""

    action: ClassVar[str]
    label_key: ClassVar[str]

    def __init__(
        self, generation_id: int, number: int, *, alone: bool = False, votes: int = 0, locale: str = DEFAULT_LOCALE
    ) -> None:
        name = text(locale, self.label_key)
        label = name if alone else f"{name} {number}"
        label += f" · {votes}" if votes else ""
        super().__init__(ui.Button(label=label, custom_id=f"image:{generation_id}:{self.action}:{number}"))
        self.generation_id = generation_id
        self.position = number - 1

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["id"]), int(match["number"]))


_ID = r"image:(?P<id>\d{1,80})"
_NUMBER = r"(?P<number>\d{1,3})"


class VoteButton(PictureButton, template=rf"{_ID}:vote:{_NUMBER}"):
    """The one vote that a person has on a card; another press changes it."""

    action = "vote"
    label_key = "button.vote"

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_in_view(interaction, self.generation_id)
        message = interaction.message
        if message is None:
            raise NotAllowed("error.gone")
        resources = interaction.client.resources
        vote = (row.id, interaction.user.id, self.position)
        await resources.database.run(events.once(interaction.id, partial(voting.cast, now=time.time())), *vote)
        # Not before the vote stands: a press that was acknowledged counts. The edit is noted before that, so that
        # a process that is about to end waits for it.
        acknowledged = asyncio.create_task(acknowledge(interaction))
        names = frozenset(files_of(message))

        async def shown() -> ui.LayoutView | None:
            await asyncio.wait([acknowledged])
            return await resources.deliverer.current(row.id, names)

        resources.boards.refresh(("image", message.id), pressed_card(interaction), shown)
        await acknowledged


class _MakingButton(PictureButton, template=r"(?!)"):
    """Orders something made of the picture, by and for whoever presses."""

    made: ClassVar[From]

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_in_view(interaction, self.generation_id)
        resources = interaction.client.resources
        results = await resources.database.run(generations.results_of, row.id)
        result = next((each for each in results if each.position == self.position), None)
        if result is None or row.state not in SHOWN:
            raise NotAllowed("error.gone")
        picture = source_of(result, files_of(interaction.message) if interaction.message is not None else {})
        passed: set[int] = set()

        def order(caller: Caller) -> Awaitable[Generation]:
            return resources.children.of_result(caller, self.made, row.id, self.position, picture, passed=passed)

        while True:
            try:
                await place(interaction, order, resources.deliverer.post, private=row.private)
            except AlreadyMade as already:
                if not await is_deleted(interaction, already):
                    raise await with_message(interaction, already) from None
                passed.add(already.generation_id)
            else:
                return


class VaryButton(_MakingButton, template=rf"{_ID}:vary:{_NUMBER}"):
    """As many variations of the picture as the card has pictures."""

    action = "vary"
    label_key = "button.vary"
    made = From.VARY


class UpscaleButton(_MakingButton, template=rf"{_ID}:upscale:{_NUMBER}"):
    """The same picture, larger; whoever asks for it again is shown where it is."""

    action = "upscale"
    label_key = "button.upscale"
    made = From.UPSCALE


class AnimateButton(_MakingButton, template=rf"{_ID}:animate:{_NUMBER}"):
    """A video of the picture; whoever asks for it again is shown where it is."""

    action = "animate"
    label_key = "button.animate"
    made = From.ANIMATE


PICTURE_BUTTONS: tuple[type[ui.DynamicItem[Any]], ...] = (
    RemixButton,
    VoteButton,
    VaryButton,
    UpscaleButton,
    AnimateButton,
)


def picture_rows(facts: CardFacts, positions: Collection[int], *, whole_prompt: bool) -> list[ui.ActionRow[Any]]:
    """The buttons of a delivered card: what concerns all of it, then a row for each thing to do with one picture.

    `positions`: of the pictures that can be got at. `whole_prompt`: the card shows it shortened.
    """
    row = facts.row
    of_all: list[ui.Item[Any]] = []
    if row.action not in NEVER_AGAIN:
        of_all.append(RerollButton(row.kind, row.id, locale=row.locale))
    if row.action != "round":
        of_all.append(RemixButton(row.kind, row.id, locale=row.locale))
    if whole_prompt:
        of_all.append(PromptButton(row.kind, row.id, locale=row.locale))
    alone = row.count == 1
    of_one = [
        [
            kind(row.id, position + 1, alone=alone, votes=votes.get(position, 0), locale=row.locale)
            for position in sorted(positions)
        ]
        for kind, votes in _of_one(facts)
    ]
    if alone:
        of_one = [[button for buttons in of_one for button in buttons]]
    return [row_of(*buttons) for buttons in (of_all, *of_one) if buttons]


def _of_one(facts: CardFacts) -> list[tuple[type[PictureButton], dict[int, int]]]:
    """The buttons that each picture has, with the votes that stand on them."""
    row = facts.row
    kinds: list[tuple[type[PictureButton], dict[int, int]]] = []
    if row.guild_id is not None and not row.private:
        kinds.append((VoteButton, dict(facts.votes)))
    if row.action == "round":
        return kinds
    if "edit" in facts.offers:
        kinds.append((VaryButton, {}))
        if row.action != "upscale":
            kinds.append((UpscaleButton, {}))
    if "animate" in facts.offers:
        kinds.append((AnimateButton, {}))
    return kinds
