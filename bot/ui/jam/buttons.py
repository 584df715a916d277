"""The buttons under a jam's cards, `jam:<id>:<action>`. Each press is answered at once; the card follows."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, ClassVar, Self

import discord
from discord import ui

from bot.errors import NotAllowed
from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.ui.callers import caller_of
from bot.ui.components import SafeButton
from bot.ui.confirm import place
from bot.ui.jam.forms import EditForm, IdeaForm
from bot.ui.jam.pictures import base_picture
from bot.ui.jam.reading import acknowledged, facts_here, jam_here, pictures_link
from bot.ui.responses import tell
from bot.ui.typing import Interaction

if TYPE_CHECKING:
    from bot.generation.callers import Caller
    from bot.jam.facts import JamFacts
    from bot.jam.jams import Jams
    from bot.store.generations import Generation
    from bot.store.jams import Jam


class JamButton(SafeButton, template=r"(?!)"):
    """A button of a jam. Subclasses name the action, the label's key and the style."""

    action: ClassVar[str]
    label_key: ClassVar[str]
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.secondary

    def __init__(self, jam_id: int, *, locale: str = DEFAULT_LOCALE, label: str | None = None) -> None:
        shown = label or text(locale, self.label_key)
        super().__init__(ui.Button(label=shown, style=self.style, custom_id=f"jam:{jam_id}:{self.action}"))
        self.jam_id = jam_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["id"]))


class _ChangeButton(JamButton, template=r"(?!)"):
    """A button of which the press is answered at once, then changes the jam."""

    async def pressed(self, interaction: Interaction) -> None:
        jam = await jam_here(interaction, self.jam_id)
        await acknowledged(interaction)
        await self.change(interaction.client.resources.jams, caller_of(interaction), jam.id)

    async def change(self, jams: Jams, caller: Caller, jam_id: int) -> object:
        raise NotImplementedError


# As long as a custom_id may be: a press on a number that no row can have gets its sentence too.
_JAM = r"jam:(?P<id>\d{1,80})"


class JoinButton(JamButton, template=rf"{_JAM}:join"):
    """Come in: from the round's card, or from the jam's word in the channel."""

    action = "join"
    label_key = "button.jam_join"

    async def pressed(self, interaction: Interaction) -> None:
        jam = await jam_here(interaction, self.jam_id)
        await acknowledged(interaction)
        joined = await interaction.client.resources.jams.join(jam.id, interaction.user.id)
        if not joined or interaction.channel_id != jam.thread_id:
            key = "jam.joined" if joined else "jam.already_in"
            await tell(interaction, text(locale_of(interaction.locale), key, thread=f"<#{jam.thread_id}>"))


class LeaveButton(_ChangeButton, template=rf"{_JAM}:leave"):
    """Go; what one gave stays, with one's name."""

    action = "leave"
    label_key = "button.jam_leave"

    async def change(self, jams: Jams, caller: Caller, jam_id: int) -> None:
        if not await jams.leave(jam_id, caller.person_id):
            raise NotAllowed("jam.not_in")


class AddButton(JamButton, template=rf"{_JAM}:add"):
    """Opens the form for an idea."""

    action = "add"
    label_key = "button.jam_add"
    style = discord.ButtonStyle.primary

    async def pressed(self, interaction: Interaction) -> None:
        jam = await jam_here(interaction, self.jam_id)
        if jam.state != "open":
            raise NotAllowed("jam.not_open")
        await IdeaForm(jam.id, locale=locale_of(interaction.locale)).open(interaction)


class MakeButton(JamButton, template=rf"{_JAM}:make"):
    """No more ideas for this round: they are merged into a prompt."""

    action = "make"
    label_key = "button.jam_make"

    async def pressed(self, interaction: Interaction) -> None:
        jam = await jam_here(interaction, self.jam_id)

        def make(caller: Caller) -> Awaitable[Jam]:
            return interaction.client.resources.jams.make(caller, jam.id)

        async def show(through: Interaction, jam: Jam) -> None:
            """The desk shows it on the jam's card."""

        await place(interaction, make, show, private=False, sends=True)


class GoButton(JamButton, template=rf"{_JAM}:go"):
    """Orders the round's pictures, which are posted as the answer."""

    action = "go"
    label_key = "button.jam_make"
    style = discord.ButtonStyle.primary

    async def pressed(self, interaction: Interaction) -> None:
        facts = await facts_here(interaction, self.jam_id)
        resources = interaction.client.resources
        picture = await base_picture(interaction.client, facts)

        def order(caller: Caller) -> Awaitable[Generation]:
            return resources.jams.order(caller, facts.jam.id, picture=picture)

        async def show(through: Interaction, row: Generation) -> None:
            try:
                await resources.deliverer.post(through, row)
            finally:
                resources.desk.nudge()
                # From now on the card leads to the pictures.
                resources.desk.show(facts.jam.id)

        await place(interaction, order, show, private=False)


class EditButton(JamButton, template=rf"{_JAM}:edit"):
    """Opens the form with the merged prompt."""

    action = "edit"
    label_key = "button.jam_edit"

    async def pressed(self, interaction: Interaction) -> None:
        facts = await facts_here(interaction, self.jam_id)
        if facts.jam.state != "review" or not facts.round.prompt:
            raise NotAllowed("jam.not_now")
        jam, locale = facts.jam, locale_of(interaction.locale)
        await EditForm(jam.id, jam.step, locale=locale, present=facts.round.prompt).open(interaction)


class BackButton(_ChangeButton, template=rf"{_JAM}:back"):
    """More ideas for this round after all."""

    action = "back"
    label_key = "button.jam_back"

    async def change(self, jams: Jams, caller: Caller, jam_id: int) -> object:
        return await jams.back(caller, jam_id)


class EndVoteButton(_ChangeButton, template=rf"{_JAM}:endvote"):
    """The votes are counted now."""

    action = "endvote"
    label_key = "button.jam_end_vote"
    style = discord.ButtonStyle.primary

    async def change(self, jams: Jams, caller: Caller, jam_id: int) -> None:
        await jams.end_vote(caller, jam_id)


class CloseButton(_ChangeButton, template=rf"{_JAM}:close"):
    """The jam ends: at once, or with the round that is under way."""

    action = "close"
    label_key = "button.jam_close"
    style = discord.ButtonStyle.danger

    async def change(self, jams: Jams, caller: Caller, jam_id: int) -> object:
        return await jams.close(caller, jam_id)


def buttons(facts: JamFacts) -> list[ui.Item[Any]]:
    """What can be pressed under a round's card: at most five, which is one row."""
    jam, locale = facts.jam, facts.jam.locale
    if facts.has_ended or not facts.is_current:
        return []
    close = [] if jam.closing else [CloseButton(jam.id, locale=locale)]
    match jam.state:
        case "opening" | "open":
            people = [JoinButton(jam.id, locale=locale), LeaveButton(jam.id, locale=locale)]
            return [*people, AddButton(jam.id, locale=locale), MakeButton(jam.id, locale=locale), *close]
        case "review":
            go = GoButton(jam.id, label=_go_label(facts))
            return [go, EditButton(jam.id, locale=locale), BackButton(jam.id, locale=locale), *close]
        case "voting":
            link = pictures_link(facts)
            label = text(locale, "button.jam_pictures")
            look: list[ui.Item[Any]] = [ui.Button(label=label, url=link)] if link else []
            return [EndVoteButton(jam.id, locale=locale), *look, *close]
        case "merging" | "making":
            return [*close]
        case _:
            return []


def _go_label(facts: JamFacts) -> str:
    locale = facts.jam.locale
    label = text(locale, "button.jam_go", count=facts.pictures)
    if not facts.price:
        return label
    return f"{label} · {text(locale, 'card.credits', count=facts.price)}"


JAM_BUTTONS: tuple[type[ui.DynamicItem[Any]], ...] = (
    JoinButton,
    LeaveButton,
    AddButton,
    MakeButton,
    GoButton,
    EditButton,
    BackButton,
    EndVoteButton,
    CloseButton,
)
