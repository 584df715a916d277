"""The panel's form, for what can't be chosen, and the button that opens it."""

from __future__ import annotations

import re
from typing import ClassVar, Self, cast

from bot.errors import NotAllowed
from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.kit.bot import Interaction
from bot.kit.components import INPUT_LIMIT, SafeButton, SafeForm, text_input
from bot.settings import Scope, Setting
from bot.settings.values import Decimal, Model, Size, Whole
from bot.text import shorten
from cogs.config import changes, managers
from cogs.config.panel_looks import DESCRIPTION_LIMIT, form_button
from cogs.config.panel_steps import KEY, SCOPE, OfSetting, set_typed
from cogs.config.validity import setting_of

LABEL_LIMIT = 45


class FormButton(OfSetting, SafeButton, template=rf"config:form:{SCOPE}:{KEY}"):
    """Opens the form for what can't be chosen: texts, numbers, lists, other models."""

    def __init__(self, scope: Scope, key: str) -> None:
        super().__init__(form_button(scope, key, DEFAULT_LOCALE))
        self.scope, self.key = scope, key

    async def pressed(self, interaction: Interaction) -> None:
        setting = setting_of(self.key)
        scope, _ = managers.target(interaction, self.scope, setting)
        look = await changes.look_at(interaction)
        present = setting.show(look.own(scope, setting.key))
        if present is not None and len(present) > INPUT_LIMIT:
            # Sent with less in it, the form would replace the whole.
            raise NotAllowed("config.too_long_for_form", most=INPUT_LIMIT)
        await ValueForm(scope, setting, present=present, locale=locale_of(interaction.locale)).open(interaction)


class ValueForm(SafeForm):
    """One input with what is set for the scope in it, at most INPUT_LIMIT characters."""

    template: ClassVar[re.Pattern[str]] = re.compile(rf"config:write:{SCOPE}:{KEY}")

    def __init__(
        self, scope: Scope, setting: Setting, *, present: str | None = None, locale: str = DEFAULT_LOCALE
    ) -> None:
        super().__init__(title=setting.key, custom_id=f"config:write:{scope}:{setting.key}")
        short = isinstance(setting.kind, Model | Size | Whole | Decimal)
        help_ = shorten(text(locale, setting.help_key), DESCRIPTION_LIMIT)
        label = shorten(setting.key, LABEL_LIMIT)
        self.add_item(text_input("value", label, help_, present=present or "", short=short))
        self.scope, self.setting = scope, setting

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(Scope(match["scope"]), setting_of(match["key"]))

    async def submitted(self, interaction: Interaction, values: object) -> None:
        typed = str(cast("dict[str, str]", values).get("value", ""))
        await set_typed(interaction, self.scope, self.setting.key, typed)
