"""What people write in a jam: an idea, and another prompt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Self

from bot.cards.caller import caller_of
from bot.i18n import DEFAULT_LOCALE, text
from bot.kit.bot import Interaction
from bot.kit.components import SafeForm, text_input
from bot.kit.text_modals import WrittenForm
from cogs.jam.merge import IDEA_MOST
from cogs.jam.merge import MOST as PROMPT_MOST
from cogs.jam.pressed import acknowledged, jam_here
from cogs.jam.service import Jams

if TYPE_CHECKING:
    from bot.orders.callers import Caller


class _JamForm(WrittenForm):
    """One input, `jam:<id>:<name>`, with more after that where a form needs it. Subclasses name it and its texts, and
    give what was written to the jam.
    """

    most: ClassVar[int]
    title_key: ClassVar[str]
    label_key: ClassVar[str]
    help_key: ClassVar[str]

    def __init__(self, jam_id: int, *more: str, present: str = "", locale: str = DEFAULT_LOCALE) -> None:
        custom_id = ":".join(("jam", str(jam_id), self.name, *more))
        super().__init__(title=text(locale, self.title_key), custom_id=custom_id)
        label, help_ = text(locale, self.label_key), text(locale, self.help_key)
        self.add_item(text_input(self.name, label, help_, present=present, most=self.most))
        self.jam_id = jam_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["id"]))

    async def use(self, interaction: Interaction, typed: str) -> None:
        jam = await jam_here(interaction, self.jam_id)
        await acknowledged(interaction)
        await self.give(interaction.client.the(Jams), caller_of(interaction, private=False), jam.id, typed)

    async def give(self, jams: Jams, caller: Caller, jam_id: int, said: str) -> object:
        raise NotImplementedError


class IdeaForm(_JamForm):
    """One idea for the round under way."""

    template: ClassVar[re.Pattern[str]] = re.compile(r"jam:(?P<id>\d{1,80}):idea")
    name = "idea"
    most = IDEA_MOST
    title_key = "button.jam_add"
    label_key = "jam.form_idea"
    help_key = "jam.form_idea_help"

    async def give(self, jams: Jams, caller: Caller, jam_id: int, said: str) -> object:
        return await jams.add_idea(caller, jam_id, said)


class EditForm(_JamForm):
    """The merged prompt, to be changed before it is spent."""

    template: ClassVar[re.Pattern[str]] = re.compile(r"jam:(?P<id>\d{1,80}):prompt:(?P<step>\d{1,18})")
    name = "prompt"
    most = PROMPT_MOST
    title_key = "button.jam_edit"
    label_key = "jam.form_prompt"
    help_key = "jam.form_prompt_help"

    def __init__(self, jam_id: int, step: int, *, present: str = "", locale: str = DEFAULT_LOCALE) -> None:
        super().__init__(jam_id, str(step), present=present, locale=locale)
        self.step = step

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["id"]), int(match["step"]))

    async def give(self, jams: Jams, caller: Caller, jam_id: int, said: str) -> object:
        return await jams.edit(caller, jam_id, said, step=self.step)


JAM_FORMS: tuple[type[SafeForm], ...] = (IdeaForm, EditForm)
