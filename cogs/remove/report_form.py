"""The form that asks why a message is reported: nothing is sent before it is."""

from __future__ import annotations

import re
from typing import ClassVar, Final, Self

from bot.i18n import DEFAULT_LOCALE, text
from bot.kit.bot import Interaction
from bot.kit.components import text_input
from bot.kit.text_modals import WrittenForm
from bot.kit.written import with_names
from cogs.remove.reports import Reports

REASON_LIMIT: Final = 300


class ReportForm(WrittenForm):
    template: ClassVar[re.Pattern[str]] = re.compile(r"report:(?P<id>\d{1,20}):why")
    name = "reason"

    def __init__(self, message_id: int, *, locale: str = DEFAULT_LOCALE) -> None:
        super().__init__(title=text(locale, "report.form"), custom_id=f"report:{message_id}:why")
        label, help_ = text(locale, "report.why"), text(locale, "report.why_help")
        self.add_item(text_input(self.name, label, help_, most=REASON_LIMIT, required=False))
        self.message_id = message_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["id"]))

    async def use(self, interaction: Interaction, typed: str) -> None:
        said = await with_names(interaction, typed)
        await interaction.client.the(Reports).report(interaction, self.message_id, said[:REASON_LIMIT])
