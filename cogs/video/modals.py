"""What is sent by the forms of a video. Whatever goes wrong, its person gets the words back."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final, Self

from bot.cards.caller import caller_of
from bot.cards.confirm import submit
from bot.cards.deliverer import CardDeliverer
from bot.cards.image_pressed import files_now, result_at
from bot.cards.retries import failed_elsewhere, failed_order, retry_elsewhere, retry_here
from bot.cards.row_pressed import row_in_view
from bot.cards.sources import clip_of, source_of
from bot.cards.video_form import WORDS
from bot.errors import BadValue
from bot.generation.ordering.video import Given, Video
from bot.generation.ordering.videos import Videos
from bot.generation.requests import Role
from bot.kit.components import SafeForm
from bot.kit.returning_forms import ReturningForm
from bot.orders.policy import refuse_blank
from bot.recent import Recent
from cogs.video import custom_ids
from cogs.video.reading import said_in, shown, tell_shape, usable

if TYPE_CHECKING:
    import discord

    from bot.generation.rows.records import Generation
    from bot.kit.bot import Interaction
    from bot.orders.callers import Caller

MOST_BEGUN: Final = 1000
"""Of all people together; the oldest is forgotten first."""
BEGUN_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Begun:
    """What a command said beside the form that it opened."""

    video: Video
    private: bool | None


class BegunForms(Recent[tuple[int, int], Begun]):
    """By the person, since what a form names may be forged, and the command's interaction. A restart forgets them, and
    their forms then ask to begin again.
    """

    def __init__(self) -> None:
        super().__init__(MOST_BEGUN, seconds=BEGUN_SECONDS)


class _VideoForm(ReturningForm):
    """Subclasses have a template and say what is ordered."""

    name = WORDS
    beside: ClassVar[Sequence[Role]] = ()
    """What is there already, of what files may be."""

    def usable(self, files: Sequence[discord.Attachment]) -> Sequence[discord.Attachment]:
        return usable(files, beside=self.beside)

    def __init__(self, custom_id: str, match: re.Match[str]) -> None:
        super().__init__(title="–", custom_id=custom_id)
        self.match = match

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match.string, match)

    @property
    def key(self) -> int:
        """The order that it is about."""
        return int(self.match["id"])


class NewForm(_VideoForm):
    template: ClassVar[re.Pattern[str]] = custom_ids.NEW

    async def use(self, interaction: Interaction, typed: str) -> None:
        the = interaction.client.the
        begun = None
        if (key := self.match["key"]) is not None:
            begun = the(BegunForms).get((interaction.user.id, int(key)))
            if begun is None:
                raise BadValue("form.begun_gone")
        said = said_in(interaction, typed)
        before = () if begun is None else begun.video.files.items()
        files = {role: one for index, (role, one) in enumerate(before) if said.keeps is None or index in said.keeps}
        files |= said.video.files
        asked = replace(said.video, files={role: files[role] for role in Role if role in files})
        private = said.private
        if private is None and begun is not None and begun.private is False:
            private = False  # as the command said; the other way stands in the form

        def order(caller: Caller) -> Awaitable[Generation]:
            return the(Videos).order(caller, asked)

        show = shown(asked, the(CardDeliverer).post)
        await submit(interaction, order, show, private=private)


class EditForm(_VideoForm):
    """Of a video that was made; what is made of it is its child."""

    template: ClassVar[re.Pattern[str]] = custom_ids.EDIT

    async def use(self, interaction: Interaction, typed: str) -> None:
        row = await row_in_view(interaction, self.key)
        said = said_in(interaction, typed)
        private = said.private if said.private is not None or row.private else False
        the = interaction.client.the

        def order(caller: Caller) -> Awaitable[Generation]:
            return the(Videos).edit(caller, row.id, said.video, keeps=said.keeps)

        await submit(interaction, order, shown(said.video, the(CardDeliverer).post), private=private)


class AgainForm(_VideoForm):
    """Of one that failed: in its card, or as a message of its own."""

    template: ClassVar[re.Pattern[str]] = custom_ids.AGAIN

    async def use(self, interaction: Interaction, typed: str) -> None:
        anew = self.match["anew"] is not None
        row = await (failed_elsewhere if anew else failed_order)(interaction, self.key)
        said = said_in(interaction, typed)
        private = row.private if said.private is None else said.private
        caller = caller_of(interaction, private=private)
        changed = await interaction.client.the(Videos).changed(caller, row, said.video, keeps=said.keeps)
        # One that was refused before comes from below the refusal; a card can't be hidden, nor shown to others.
        card = None if anew or private != row.private else interaction.message
        if card is None or card.id != row.message_id:
            await retry_elsewhere(interaction, row, changed=changed, private=private)
        else:
            await retry_here(interaction, row, message_id=card.id, changed=changed)
        await tell_shape(interaction, said.video, changed.parameters or {})


class AnimateForm(_VideoForm):
    """The movement in an image of a card; without words, what the image was made by."""

    template: ClassVar[re.Pattern[str]] = custom_ids.ANIMATE
    beside = (Role.FIRST,)

    async def use(self, interaction: Interaction, typed: str) -> None:
        row = await row_in_view(interaction, self.key)
        position = int(self.match["number"]) - 1
        result = await result_at(interaction, row, position)
        image = source_of(result, await files_now(interaction, row))
        said = said_in(interaction, typed if typed.strip() else row.prompt, beside=self.beside)
        refuse_blank(said.video.prompt)
        video = replace(said.video, files={Role.FIRST: Given(image), **said.video.files})
        the = interaction.client.the

        def order(caller: Caller) -> Awaitable[Generation]:
            return the(Videos).animate(caller, row.id, position, video)

        private = row.private if said.private is None else said.private
        await submit(interaction, order, the(CardDeliverer).post, private=private)


class ExtendForm(_VideoForm):
    """What happens next in a clip."""

    template: ClassVar[re.Pattern[str]] = custom_ids.EXTEND

    async def use(self, interaction: Interaction, typed: str) -> None:
        row = await row_in_view(interaction, self.key)
        result = await result_at(interaction, row, 0)
        said = said_in(interaction, typed)
        video = replace(said.video, files={Role.CLIP: Given(clip_of(result, await files_now(interaction, row)))})
        the = interaction.client.the

        def order(caller: Caller) -> Awaitable[Generation]:
            return the(Videos).extend(caller, row.id, video)

        private = row.private if said.private is None else said.private
        await submit(interaction, order, the(CardDeliverer).post, private=private)


VIDEO_FORMS: tuple[type[SafeForm], ...] = (NewForm, EditForm, AgainForm, AnimateForm, ExtendForm)
