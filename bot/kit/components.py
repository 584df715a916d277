"""The safe bases that every view, modal and button stands on: an exception in any of them reaches the one error path.

discord.py sends an exception in a `DynamicItem`'s callback to the log only, and swallows those of `from_custom_id`
and `interaction_check`; a bare button in a layout is refused by Discord, not by the library.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Self, TypeVar, cast

import discord
from discord import ui

from bot.errors import NotAllowed
from bot.kit.bot import Bot, Interaction
from bot.kit.error_path import report
from bot.kit.in_time import over
from bot.kit.responses import open_form

ItemT = TypeVar("ItemT", bound=ui.Item[Any])
SelectT = TypeVar("SelectT", ui.Select[Any], ui.RoleSelect[Any], ui.ChannelSelect[Any])


class Card(ui.LayoutView):
    """A Components V2 message without a time-out; its buttons are dynamic items, so they work for ever."""

    def __init__(self, *items: ui.Item[Any]) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)
        # What is pressed is found by its custom_id: the library need not remember every card that was ever sent.
        self.stop()

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception, item: ui.Item[Any], /) -> None:
        del item
        await report(cast("Interaction", interaction), error)


def button(
    label: str,
    custom_id: str,
    *,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    disabled: bool = False,
) -> ui.Button[Any]:
    """What a button looks like; the press is found by `custom_id` (`FeatureCog.items`)."""
    return ui.Button(label=label, style=style, custom_id=custom_id, disabled=disabled)


def row(*buttons: ui.Item[Any]) -> ui.ActionRow[Any]:
    """Buttons side by side: in a layout they stand in rows only."""
    return ui.ActionRow(*buttons)


CHOSEN = ":chosen"
"""How a menu's custom_id ends that stands for buttons: `<beginning>:<value>` is that of what each option presses."""


def only_answered(view: Card, items: Iterable[type[ui.DynamicItem[Any]]]) -> Card:
    """`view` without the buttons, menus and options that none of `items` answers to: those of features that are left
    out.
    """
    patterns = [item.__discord_ui_compiled_template__ for item in items]

    def is_answered(custom_id: str) -> bool:
        return any(pattern.fullmatch(custom_id) for pattern in patterns)

    for part in list(view.walk_children()):
        name = getattr(part, "custom_id", None)
        parent = part.parent
        if isinstance(name, str) and isinstance(parent, ui.ActionRow):
            there = is_answered(name)
            if isinstance(part, ui.Select) and name.endswith(CHOSEN):
                beginning = name.removesuffix(CHOSEN)
                part.options = [one for one in part.options if is_answered(f"{beginning}:{one.value}")]
                there = there and bool(part.options)
            if not there:
                parent.remove_item(part)
            if not parent.children:
                (parent.parent if isinstance(parent.parent, ui.Container) else view).remove_item(parent)
    return view


def section(content: str, button: ui.Item[Any]) -> ui.Section[Any]:
    """A text with a button beside it."""
    return ui.Section(content, accessory=button)


class SafeItem(ui.DynamicItem[ItemT], template=r"(?!)"):
    """A button or menu that works after a restart: its custom_id holds all it needs, `pressed` does the work.

    Subclasses give `template=` and read the match in `from_match`.
    """

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        """The item of a pressed custom_id, which anybody can forge."""
        raise NotImplementedError

    async def pressed(self, interaction: Interaction) -> None:
        """What the press does. Any exception reaches the error path."""
        raise NotImplementedError

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Any:  # noqa: ANN401 - itself, or what reports why there is none
        del interaction
        try:
            return cls.from_match(match)
        except Exception as error:  # noqa: BLE001 - the one error path takes all of them
            return _Broken(item, error)

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Always: the check is the callback's, where an exception of it is seen."""
        del interaction
        return True

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await _safely(interaction, self.pressed)


class _Broken(SafeItem[ui.Item[Any]], template=r"(?s:.*)"):
    """Stands in for an item that could not be made of its custom_id."""

    def __init__(self, item: ui.Item[Any], error: Exception) -> None:
        super().__init__(item)
        self.error = error

    async def pressed(self, interaction: Interaction) -> None:
        del interaction
        raise self.error


class SafeButton(SafeItem[ui.Button[Any]], template=r"(?!)"):
    """A button on the safe base."""


class KeyButton(SafeButton, template=r"(?!)"):
    """The press of a button that others draw; its custom_id holds the number `key`, and nothing else that it needs."""

    def __init__(self, custom_id: str, key: int) -> None:
        super().__init__(button("–", custom_id))
        self.key = key

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match.string, int(match["key"]))


class SafeSelect(SafeItem[SelectT], template=r"(?!)"):
    """A menu on the safe base; the type argument is the kind of menu."""

    @staticmethod
    def chosen(interaction: Interaction) -> list[str]:
        """What was chosen, as the interaction carries it: values, or the ids of roles and channels."""
        values = cast("dict[str, Any]", interaction.data or {}).get("values")
        return [str(value) for value in cast("list[object]", values or [])]


class KeyMenu(SafeSelect[ui.Select[Any]], template=r"(?!)"):
    """As KeyButton, for a menu."""

    def __init__(self, custom_id: str, key: int) -> None:
        super().__init__(ui.Select(custom_id=custom_id))
        self.key = key

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match.string, int(match["key"]))


class ChosenMenu(SafeSelect[ui.Select[Any]], template=rf"(?P<beginning>.{{1,80}}){CHOSEN}"):
    """A menu that stands for buttons: what is chosen is as if the button of it were pressed."""

    def __init__(self, beginning: str) -> None:
        super().__init__(ui.Select(custom_id=f"{beginning}{CHOSEN}"))
        self.beginning = beginning

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["beginning"])

    async def pressed(self, interaction: Interaction) -> None:
        (value,) = self.chosen(interaction)[:1] or ("",)
        await _press(interaction, interaction.client.items, f"{self.beginning}:{value}", SafeButton)


RETURNED = "~"
"""In a form's custom_id before what says that it was refused before, and came back (`bot.kit.returning_forms`)."""
INPUT_LIMIT = 4000
"""Characters that one input of a form takes (Discord)."""


def text_input(
    name: str,
    label: str,
    help_: str | None,
    *,
    present: str = "",
    most: int = INPUT_LIMIT,
    short: bool = False,
    required: bool = True,
) -> ui.Label[Any]:
    """A form's input for at most `most` characters, with `present` in it. `short`: of one line."""
    entry: ui.TextInput[Any] = ui.TextInput(
        custom_id=name,
        style=discord.TextStyle.short if short else discord.TextStyle.paragraph,
        default=present[:most] or None,
        max_length=most,
        required=required,
    )
    return ui.Label(text=label, description=help_, component=entry)


def file_input(name: str, label: str, help_: str, *, most: int) -> ui.Label[Any]:
    """A form's place for up to `most` files, or none."""
    upload: ui.FileUpload[Any] = ui.FileUpload(custom_id=name, required=False, min_values=0, max_values=most)
    return ui.Label(text=label, description=help_, component=upload)


class SafeForm(ui.Modal):
    """A form that works after a restart: its custom_id holds all it needs, `submitted` does the work.

    The library keeps open forms in memory, one for each custom_id: two people with the same form open would lose one
    of them, a restart all. So these are never kept; `dispatch_form` finds the class of a custom_id.
    """

    template: ClassVar[re.Pattern[str]] = re.compile(r"(?!)")

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        """The form of a submitted custom_id, which anybody can forge."""
        raise NotImplementedError

    async def submitted(self, interaction: Interaction, values: Mapping[str, str]) -> None:
        """What the submission does. `values`: what stood in the text inputs, by their custom_ids."""
        raise NotImplementedError

    async def open(self, interaction: Interaction) -> None:
        """Show it as the answer to a press."""
        self.stop()
        await open_form(interaction, self)


async def dispatch_press(interaction: Interaction, items: Iterable[type[ui.DynamicItem[Any]]]) -> None:
    """Answer a press that none of `items` answers to. Any exception reaches the error path."""
    why: Exception = NotAllowed("error.gone")
    try:
        if _is_answered(interaction, items):
            return
    except Exception as error:  # noqa: BLE001 - of the message: the library has ended with it, in silence
        why = error

    async def refuse(_: Interaction) -> None:
        raise why

    await _safely(interaction, refuse)


async def dispatch_again(interaction: Interaction, items: Iterable[type[ui.DynamicItem[Any]]]) -> None:
    """What was pressed or chosen, once more. Any exception reaches the error path."""

    async def press(checked: Interaction) -> None:
        await _press(checked, items, str(cast("dict[str, Any]", checked.data or {}).get("custom_id", "")), SafeItem)

    await _safely(interaction, press)


async def _press(
    interaction: Interaction, items: Iterable[type[ui.DynamicItem[Any]]], custom_id: str, kind: type[SafeItem[Any]]
) -> None:
    """Do what one of `items` does that is of this `kind`. NotAllowed: there is none."""
    for item in items:
        match = item.__discord_ui_compiled_template__.fullmatch(custom_id)
        if match is not None and issubclass(item, kind):
            await item.from_match(match).pressed(interaction)
            return
    raise NotAllowed("error.gone")


def _is_answered(interaction: Interaction, items: Iterable[type[ui.DynamicItem[Any]]]) -> bool:
    """Whether one of `items` answers to a press. The library looks it up in the message that came with the press."""
    data = cast("dict[str, Any]", interaction.data or {})
    custom_id = str(data.get("custom_id", ""))
    message = interaction.message
    if message is None:
        return False
    layout = ui.LayoutView if message.flags.components_v2 else ui.View
    stand_there = {
        (item.type.value, getattr(item, "custom_id", None)) for item in layout.from_message(message).walk_children()
    }
    taken = any(item.__discord_ui_compiled_template__.fullmatch(custom_id) for item in items)
    return taken and (data.get("component_type"), custom_id) in stand_there


async def dispatch_form(interaction: Interaction, forms: Iterable[type[SafeForm]]) -> None:
    """Hand a submitted form to its class among `forms`, if there is one. Any exception reaches the error path."""

    async def submit(checked: Interaction) -> None:
        data = cast("dict[str, Any]", checked.data or {})
        custom_id = str(data.get("custom_id", "")).partition(RETURNED)[0]
        values = {name: said[0] for name, said in filled_in(checked).items() if said and said[0]}
        for form in forms:
            if match := form.template.fullmatch(custom_id):
                return await form.from_match(match).submitted(checked, values)
        raise NotAllowed("error.gone")

    await _safely(interaction, submit)


def filled_in(interaction: Interaction) -> dict[str, list[str]]:
    """What a submitted form says, by the custom_ids of its parts: texts, choices; of a box `true` or `false`."""
    return dict(_inputs(cast("dict[str, Any]", interaction.data or {}).get("components")))


def _inputs(components: object) -> Iterator[tuple[str, list[str]]]:
    """The parts of a submitted form in its rows and labels."""
    for part in cast("list[dict[str, Any]]", components or []):
        inner = part.get("components") or ([part["component"]] if "component" in part else [])
        yield from _inputs(inner)
        if "custom_id" in part:
            value, values = part.get("value"), cast("list[object] | None", part.get("values"))
            said = values if isinstance(values, list) else [] if value is None else [value]
            yield str(part["custom_id"]), [str(each).lower() if isinstance(each, bool) else str(each) for each in said]


async def _safely(interaction: discord.Interaction[Any], work: Callable[[Interaction], Awaitable[None]]) -> None:
    checked = cast("discord.Interaction[Bot]", interaction)
    try:
        if await checked.client.tree.interaction_check(checked):
            await work(checked)
    except Exception as error:  # noqa: BLE001 - the one error path takes all of them
        await report(checked, error)
    finally:
        over(checked)
