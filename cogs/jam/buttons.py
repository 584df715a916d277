"""The buttons under a jam's cards, `jam:<id>:<action>`. Each press is answered at once; the card follows."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from discord import ui

from bot.cards.caller import caller_of
from bot.cards.confirm import submit
from bot.cards.deliverer import CardDeliverer
from bot.cards.image_pressed import ImageButton, for_one
from bot.cards.row_pressed import row_in_view
from bot.errors import NotAllowed
from bot.generation.ordering.orders import Orders
from bot.i18n import locale_of, text
from bot.kinds import Kind
from bot.kit.bot import Interaction
from bot.kit.components import KeyButton
from bot.kit.responses import answer, tell
from bot.states import SHOWN
from bot.text import one_line, shorten
from cogs.jam.merge import THEME_MOST
from cogs.jam.modals import EditForm, IdeaForm, OwnIdeasForm, StartForm
from cogs.jam.pressed import acknowledged, facts_here, jam_here, may_lead, welcome
from cogs.jam.removing import ideas_card
from cogs.jam.scheduler import Scheduler
from cogs.jam.service import Jams
from cogs.jam.starting import check_here
from cogs.jam.thread.pictures import base_picture

if TYPE_CHECKING:
    from bot.generation.rows.records import Generation
    from bot.orders.callers import Caller
    from cogs.jam.records import Jam


class _ChangeButton(KeyButton, template=r"(?!)"):
    """A button of which the press is answered at once, then changes the jam."""

    async def pressed(self, interaction: Interaction) -> None:
        jam = await jam_here(interaction, self.key)
        await acknowledged(interaction)
        await self.change(interaction.client.the(Jams), caller_of(interaction), jam.id)

    async def change(self, jams: Jams, caller: Caller, jam_id: int) -> object:
        raise NotImplementedError


# As long as a custom_id may be: a press on a number that no row can have gets its sentence too.
_JAM = r"jam:(?P<key>\d{1,80})"


class JoinButton(KeyButton, template=rf"{_JAM}:join"):
    """Come in without an idea: from a card, or from the jam's word in the channel, as they stood once."""

    async def pressed(self, interaction: Interaction) -> None:
        jam = await jam_here(interaction, self.key)
        await interaction.client.the(Orders).refuse_barred(caller_of(interaction))
        await acknowledged(interaction)
        joined = await interaction.client.the(Jams).join(jam.id, interaction.user.id)
        if joined:
            welcome(interaction, jam)
        if not joined or interaction.channel_id != jam.thread_id:
            key = "jam.joined" if joined else "jam.already_in"
            await tell(interaction, text(locale_of(interaction.locale), key, thread=f"<#{jam.thread_id}>"))


class LeaveButton(_ChangeButton, template=rf"{_JAM}:leave"):
    """Go; what one gave stays, with one's name."""

    async def change(self, jams: Jams, caller: Caller, jam_id: int) -> None:
        if not await jams.leave(jam_id, caller.person_id):
            raise NotAllowed("jam.not_in")

    async def pressed(self, interaction: Interaction) -> None:
        await super().pressed(interaction)
        await tell(interaction, text(locale_of(interaction.locale), "jam.left_it"))


class AddButton(KeyButton, template=rf"{_JAM}:add"):
    """Opens the form for an idea."""

    async def pressed(self, interaction: Interaction) -> None:
        jam = await jam_here(interaction, self.key)
        if jam.state != "open":
            raise NotAllowed("jam.not_open")
        await interaction.client.the(Orders).may(caller_of(interaction), Kind.IMAGE)
        await IdeaForm(jam.id, locale=locale_of(interaction.locale)).open(interaction)


class EnterButton(JoinButton, template=rf"{_JAM}:enter"):
    """From the jam's word in the channel: an idea, where the round takes any; else one is in it for the next."""

    async def pressed(self, interaction: Interaction) -> None:
        jam = await jam_here(interaction, self.key)
        if jam.state not in {"opening", "open"}:  # by the time that something is typed, it is open
            await super().pressed(interaction)
            return
        await interaction.client.the(Orders).may(caller_of(interaction), Kind.IMAGE)
        await IdeaForm(jam.id, locale=locale_of(interaction.locale)).open(interaction)


class IdeasButton(KeyButton, template=rf"{_JAM}:ideas"):
    """One's own ideas of the round, to be changed; a moderator may remove anybody's."""

    async def pressed(self, interaction: Interaction) -> None:
        facts = await facts_here(interaction, self.key)
        caller, locale = caller_of(interaction), locale_of(interaction.locale)
        if facts.jam.state != "open":
            raise NotAllowed("jam.not_open")
        own = [idea.said for idea in facts.ideas if idea.person_id == caller.person_id]
        if caller.moderates and len(own) < len(facts.ideas):
            await answer(interaction, ideas_card(facts, locale, own=bool(own)), ephemeral=True)
        elif own:
            await OwnIdeasForm(facts.jam.id, present="\n".join(own), locale=locale).open(interaction)
        else:
            raise NotAllowed("jam.no_own_ideas")


class OwnIdeasButton(KeyButton, template=rf"{_JAM}:own"):
    """A moderator's own ideas, to be changed."""

    async def pressed(self, interaction: Interaction) -> None:
        facts = await facts_here(interaction, self.key)
        own = [idea.said for idea in facts.ideas if idea.person_id == interaction.user.id]
        if facts.jam.state != "open" or not own:
            raise NotAllowed("jam.not_open" if own else "jam.no_own_ideas")
        form = OwnIdeasForm(facts.jam.id, present="\n".join(own), locale=locale_of(interaction.locale))
        await form.open(interaction)


class MakeButton(KeyButton, template=rf"{_JAM}:make"):
    """No more ideas for this round: they are merged into a prompt, and its images made."""

    async def pressed(self, interaction: Interaction) -> None:
        jam = await may_lead(interaction, self.key)

        def make(caller: Caller) -> Awaitable[Jam]:
            return interaction.client.the(Jams).make(caller, jam.id)

        async def show(through: Interaction, jam: Jam) -> None:
            """The scheduler shows it on the jam's card."""

        await submit(interaction, make, show, private=False, sends=True)


class GoButton(KeyButton, template=rf"{_JAM}:go"):
    """Orders the round's pictures, which are posted as the answer."""

    async def pressed(self, interaction: Interaction) -> None:
        await may_lead(interaction, self.key)
        facts = await facts_here(interaction, self.key)
        the = interaction.client.the
        picture = await base_picture(interaction.client, facts)

        def order(caller: Caller) -> Awaitable[Generation]:
            return the(Jams).order(caller, facts.jam.id, picture=picture)

        async def show(through: Interaction, row: Generation) -> None:
            try:
                await the(CardDeliverer).post(through, row)
            finally:
                the(Scheduler).nudge()
                # From now on the card leads to the pictures.
                the(Scheduler).show(facts.jam.id)

        await submit(interaction, order, show, private=False)


class EditButton(KeyButton, template=rf"{_JAM}:edit"):
    """Opens the form with the merged prompt."""

    async def pressed(self, interaction: Interaction) -> None:
        facts = await facts_here(interaction, self.key)
        if facts.jam.state != "review" or not facts.round.prompt or facts.makes_itself:
            raise NotAllowed("jam.not_now")
        jam, locale = facts.jam, locale_of(interaction.locale)
        await EditForm(jam.id, jam.step, locale=locale, present=facts.round.prompt).open(interaction)


class UseIdeasButton(_ChangeButton, template=rf"{_JAM}:asis"):
    """The ideas as they are, instead of what the chat model made of them."""

    async def change(self, jams: Jams, caller: Caller, jam_id: int) -> object:
        return await jams.use_ideas(caller, jam_id)


class BackButton(_ChangeButton, template=rf"{_JAM}:back"):
    """More ideas for this round after all."""

    async def change(self, jams: Jams, caller: Caller, jam_id: int) -> object:
        return await jams.back(caller, jam_id)


class EndVoteButton(_ChangeButton, template=rf"{_JAM}:endvote"):
    """The votes are counted now."""

    async def pressed(self, interaction: Interaction) -> None:
        await may_lead(interaction, self.key, moderators=True)
        await super().pressed(interaction)

    async def change(self, jams: Jams, caller: Caller, jam_id: int) -> None:
        await jams.end_vote(caller, jam_id)


class AgainButton(KeyButton, template=rf"{_JAM}:again"):
    """Opens the form for another jam, with the same people."""

    async def pressed(self, interaction: Interaction) -> None:
        jam = await jam_here(interaction, self.key)
        check_here(interaction)
        await interaction.client.the(Orders).may(caller_of(interaction), Kind.IMAGE)
        await interaction.client.the(Jams).refuse_running(caller_of(interaction))
        minutes = (jam.round_seconds or 0) // 60
        said = {"theme": jam.theme, "style": jam.style or "", "locale": locale_of(interaction.locale)}
        form = StartForm(f"jam:{jam.id}:again", minutes=minutes, **said)
        await form.open(interaction)


class FromImageButton(ImageButton, template=for_one("jam")):
    """Opens the form for a jam that begins with an image."""

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_in_view(interaction, self.key)
        if row.kind != Kind.IMAGE or row.state not in SHOWN:
            raise NotAllowed("error.gone")
        check_here(interaction)
        await interaction.client.the(Orders).may(caller_of(interaction), Kind.IMAGE, asked_by=row.person_id)
        await interaction.client.the(Jams).refuse_running(caller_of(interaction))
        theme = shorten(one_line(row.prompt), THEME_MOST)
        form = StartForm(f"jam:from:{row.id}:{self.number}", theme=theme, locale=locale_of(interaction.locale))
        await form.open(interaction)


JAM_BUTTONS: tuple[type[ui.DynamicItem[Any]], ...] = (
    JoinButton,
    LeaveButton,
    AddButton,
    EnterButton,
    IdeasButton,
    OwnIdeasButton,
    MakeButton,
    GoButton,
    EditButton,
    UseIdeasButton,
    BackButton,
    EndVoteButton,
    AgainButton,
    FromImageButton,
)
