"""A setting as a part of a form: what it looks like, and what was typed or chosen, read back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, cast

import discord
from discord import ui

from bot.i18n import locale_of, text
from bot.kit.commands import CHOICES
from bot.kit.components import INPUT_LIMIT, text_input
from bot.kit.places import channels_there, roles_there
from bot.settings.credits import Allowance, Pool
from bot.settings.entries import Entries
from bot.settings.limits import Limits, in_words
from bot.settings.values import Channel, Choice, Commands, Decimal, Flag, Model, Roles, Size, Text, Whole
from bot.text import one_line, shorten
from cogs.config.cards import plainly
from cogs.config.choices import Option, options_of
from cogs.config.validity import PERSONA, WRITABLE_TYPES, names_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.kit.bot import Interaction
    from bot.settings import Setting

_NAME = re.compile(r"\w+([ -]\w+)*")
RADIOS = 10
"""Options of a group of radio buttons, at most (Discord)."""
HINT_LIMIT = 100
"""Characters of what stands under a label (Discord)."""


@dataclass(frozen=True, slots=True)
class Field:
    """`filled`: what stands in it when the form opens, as it would be sent; of several boxes, of each."""

    label: ui.Label[Any]
    filled: tuple[Sequence[str], ...]

    @property
    def marks(self) -> list[str]:
        return [mark(one) for one in self.filled]


def mark(said: Sequence[str]) -> str:
    """Six letters that tell whether a part of a form was changed. Who leaves it alone wants nothing of it."""
    words = "\0".join(sorted(" ".join(one.split()) for one in said if one.strip()))
    return blake2b(words.encode("utf-8", "replace"), digest_size=3).hexdigest()


def field_of(interaction: Interaction, setting: Setting, value: object, personas: Sequence[str] = ()) -> Field | None:
    """With `value` in it. None: it is longer than what a form holds; sent with less in it, that would be lost.
    `personas`: the names of those that the server has.
    """
    locale = locale_of(interaction.locale)
    name, help_ = text(locale, setting.name_key), text(locale, setting.help_key)
    if re.match(r"[,，;；:：。]|$", rest := help_.removeprefix(name)):  # the label says it
        help_ = rest.lstrip(",，;；:：。 ")
    hint = shorten(help_, HINT_LIMIT) or None
    shown = setting.show(value)
    part: ui.Item[Any]
    match setting.kind:
        case Text() if setting.key == PERSONA and personas:
            none = Option(plainly(locale, setting.key, None), "none")
            filled = [shown if shown is not None and shown in personas else none.value]
            part = _choice(setting.key, [none, *(Option(one, one) for one in personas)], filled[0], radios=False)
        case Flag():
            box: ui.Checkbox[Any] = ui.Checkbox(custom_id=setting.key, default=bool(value))
            return Field(ui.Label(text=name, description=hint, component=box), ([str(bool(value)).lower()],))
        case Entries():
            return None  # each has a form of its own: /config personas, /config styles
        case Roles():
            roles = roles_there(interaction.guild, cast("list[int]", value or []))
            part = ui.RoleSelect(
                custom_id=setting.key,
                min_values=0,
                max_values=25,
                default_values=roles,
                placeholder=text(locale, "roles.everyone"),
            )
            hint = text(locale, "roles.everyone_help")
            filled = [str(role.id) for role in roles]
        case Channel():
            channel = channels_there(interaction.guild, [cast("int", value or 0)])
            part = ui.ChannelSelect(
                custom_id=setting.key, min_values=0, channel_types=WRITABLE_TYPES, default_values=channel
            )
            filled = [str(each.id) for each in channel]
        case Commands(options=options):
            filled = list(cast("list[str]", value))
            boxes = [discord.CheckboxGroupOption(label=f"/{one}", value=one, default=one in filled) for one in options]
            part = ui.CheckboxGroup(custom_id=setting.key, required=False, min_values=0, options=boxes)
        case Choice() | Model() | Size() | Whole() if options := _offered(interaction, setting, shown):
            filled = [shown or "none"]
            part = _choice(setting.key, options, filled[0], radios=isinstance(setting.kind, Choice))
        case _:
            typed = shown or ""
            if isinstance(setting.kind, Limits) and value:  # as it is shown everywhere else
                typed = ", ".join(in_words(locale, entry) for entry in cast("list[str]", value))
            if isinstance(setting.kind, Limits | Allowance):
                typed = _with_names(interaction, typed)
            if isinstance(setting.kind, Pool) and value:
                typed = plainly(locale, setting.key, value)
            if len(typed) > INPUT_LIMIT:
                return None
            short = isinstance(setting.kind, Model | Size | Whole | Decimal)
            return Field(text_input(setting.key, name, hint, present=typed, short=short, required=False), ([typed],))
    return Field(ui.Label(text=name, description=hint, component=part), (filled,))


def _with_names(interaction: Interaction, typed: str) -> str:
    """With `@Artists` for a role's mention, where it is read as that role again: a text field shows letters only."""
    guild, names = interaction.guild, names_for(interaction)

    def name(found: re.Match[str]) -> str:
        role = guild.get_role(int(found[1])) if guild is not None else None
        if role is None or not _NAME.fullmatch(role.name) or len(names.roles.get(role.name.casefold(), ())) != 1:
            return found[0]
        return f"@{role.name}"

    return re.sub(r"<@&(\d{1,19})>", name, typed)


def boxes(name: str, label: str, options: Mapping[str, tuple[str, bool]]) -> Field:
    """Several boxes in one part of a form: what each says, and whether it is ticked."""
    group: ui.CheckboxGroup[Any] = ui.CheckboxGroup(
        custom_id=name,
        required=False,
        min_values=0,
        options=[
            discord.CheckboxGroupOption(label=said, value=value, default=on) for value, (said, on) in options.items()
        ],
    )
    filled = tuple([str(on).lower()] for _, on in options.values())
    return Field(ui.Label(text=label, component=group), filled)


def typed_of(setting: Setting, said: Sequence[str]) -> str:
    """What was typed or chosen, as one would type it behind /config set; left empty it is none."""
    if isinstance(setting.kind, Flag):
        return "on" if "true" in said else "off"
    if isinstance(setting.kind, Roles):
        return " ".join(said) or "everyone"
    return ", ".join(one for one in said if one.strip()) or "none"


def _offered(interaction: Interaction, setting: Setting, shown: str | None) -> list[Option]:
    """All there is to choose from, what is there now among it; empty: more than a menu holds, or one has to type."""
    options = list(dict.fromkeys(options_of(interaction, setting)))
    if not options:
        return []
    if setting.can_be_none:
        options.append(Option(plainly(locale_of(interaction.locale), setting.key, None), "none"))
    if shown is not None and shown not in {one.value for one in options}:
        options.insert(0, Option(shown, shown))
    fits = len(options) <= CHOICES and all(len(one.value) <= HINT_LIMIT for one in options)
    return options if fits else []


def _choice(name: str, options: Sequence[Option], chosen: str, *, radios: bool) -> ui.Item[Any]:
    if radios and 2 <= len(options) <= RADIOS:
        return ui.RadioGroup(
            custom_id=name,
            options=[
                discord.RadioGroupOption(label=one.name, value=one.value, default=one.value == chosen)
                for one in options
            ],
        )
    return ui.Select(
        custom_id=name,
        options=[
            discord.SelectOption(
                label=shorten(one_line(one.name), HINT_LIMIT), value=one.value, default=one.value == chosen
            )
            for one in options
        ],
    )
