"""What people write in a jam: ideas, another prompt, and what the next one is about."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Self

from bot.cards.caller import caller_of
from bot.cards.row_pressed import LARGEST_ID
from bot.errors import NotAllowed
from bot.i18n import DEFAULT_LOCALE, text
from bot.kit.bot import Interaction
from bot.kit.components import SafeForm, text_input
from bot.kit.text_modals import WrittenForm
from cogs.jam.merge import IDEA_MOST, STYLE_MOST, THEME_MOST
from cogs.jam.merge import MOST as PROMPT_MOST
from cogs.jam.new_jam import Asked
from cogs.jam.pressed import acknowledged, facts_here, give_idea, jam_here
from cogs.jam.service import Jams
from cogs.jam.starting import open_jam

if TYPE_CHECKING:
    from cogs.jam.records import Jam


class _JamForm(WrittenForm):
    """One input, `jam:<id>:<name>`, with more after that where a form needs it. Subclasses name it and its texts, and
    give what was written to the jam.
    """

    most: ClassVar[int]
    title_key: ClassVar[str]
    label_key: ClassVar[str]
    help_key: ClassVar[str]
    required: ClassVar[bool] = True
    action: ClassVar[str | None] = None
    """Where its custom_id has another name than its input."""

    def __init__(self, jam_id: int, *more: str, present: str = "", locale: str = DEFAULT_LOCALE) -> None:
        custom_id = ":".join(("jam", str(jam_id), self.action or self.name, *more))
        super().__init__(title=text(locale, self.title_key), custom_id=custom_id)
        label, help_ = text(locale, self.label_key), text(locale, self.help_key)
        self.add_item(text_input(self.name, label, help_, present=present, most=self.most, required=self.required))
        self.jam_id = jam_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["id"]))

    async def use(self, interaction: Interaction, typed: str) -> None:
        jam = await jam_here(interaction, self.jam_id)
        await acknowledged(interaction)
        await self.give(interaction, jam, typed)

    async def give(self, interaction: Interaction, jam: Jam, said: str) -> None:
        """Give the jam what was written."""
        raise NotImplementedError


class IdeaForm(_JamForm):
    """One idea for the round under way."""

    template: ClassVar[re.Pattern[str]] = re.compile(r"jam:(?P<id>\d{1,80}):idea")
    name = "idea"
    most = IDEA_MOST
    title_key = "button.jam_add"
    label_key = "jam.form_idea"
    help_key = "jam.form_idea_help"

    async def give(self, interaction: Interaction, jam: Jam, said: str) -> None:
        await give_idea(interaction, jam, said)


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

    async def give(self, interaction: Interaction, jam: Jam, said: str) -> None:
        caller = caller_of(interaction, private=False)
        await interaction.client.the(Jams).edit(caller, jam.id, said, step=self.step)


class OwnIdeasForm(_JamForm):
    """One's ideas of the round under way, one a line: what stands no more is withdrawn."""

    template: ClassVar[re.Pattern[str]] = re.compile(r"jam:(?P<id>\d{1,80}):own")
    name = "ideas"
    most = 10 * (IDEA_MOST + 1)
    title_key = "button.jam_own"
    label_key = "jam.form_own"
    help_key = "jam.form_own_help"
    required = False
    action = "own"

    async def give(self, interaction: Interaction, jam: Jam, said: str) -> None:
        await interaction.client.the(Jams).replace_ideas(caller_of(interaction, private=False), jam.id, said)


class StartForm(WrittenForm):
    """Another jam with the same people, or one that begins with an image."""

    template: ClassVar[re.Pattern[str]] = re.compile(
        r"jam:(?:(?P<jam>\d{1,80}):again|from:(?P<source>\d{1,80}):(?P<number>\d{1,3}))"
    )
    name = "theme"

    def __init__(
        self, custom_id: str, *, theme: str = "", style: str = "", minutes: int = 0, locale: str = DEFAULT_LOCALE
    ) -> None:
        """`minutes`: after which its rounds are made by themselves; 0: they are not."""
        super().__init__(title=text(locale, "jam.form_start"), custom_id=custom_id)
        about, look = text(locale, "jam.form_theme"), text(locale, "jam.form_style")
        timer = text(locale, "jam.form_timer", count=minutes) if minutes else None
        self.add_item(text_input(self.name, about, timer, present=theme, most=THEME_MOST))
        self.add_item(text_input("style", look, None, present=style, most=STYLE_MOST, short=True, required=False))

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match.string)

    async def use(self, interaction: Interaction, typed: str) -> None:
        match = self.template.fullmatch(self.custom_id)
        asked = Asked(typed, self.values.get("style") or None)
        if match is None:
            raise NotAllowed("error.gone")
        if match["source"] is not None:
            source = int(match["source"])
            if source > LARGEST_ID:
                raise NotAllowed("error.gone")
            await open_jam(interaction, replace(asked, source=(source, int(match["number"]) - 1)))
            return
        facts = await facts_here(interaction, int(match["jam"]))
        jam = facts.jam
        people = [member.person_id for member in facts.present if member.person_id != interaction.user.id]
        minutes = max(1, round((jam.ends_at - jam.created_at) / 60))
        each = (jam.round_seconds or 0) // 60
        await open_jam(interaction, replace(asked, minutes=minutes, round_minutes=each, people=people))


JAM_FORMS: tuple[type[SafeForm], ...] = (IdeaForm, EditForm, OwnIdeasForm, StartForm)
