"""The form that a video is ordered by, as it looks; its submissions are the feature's own.

Five inputs are all that a form has: words, files, shape and length in one menu, quality, and the rest in lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import ui

from bot.api.rungs import tier_of
from bot.cards.caller import caller_of
from bot.generation import requests
from bot.generation.ordering.orders import Orders
from bot.generation.ordering.video import LONGEST, QUALITIES, SHORTEST, USUAL_QUALITY
from bot.generation.pauses import place_of
from bot.generation.requests import AVOID, SEED, Role, chooses_model, given_names, roles_of, seconds_of, takes_shape
from bot.i18n import locale_of, text
from bot.kinds import Kind
from bot.kit.again import model_input
from bot.kit.components import SafeForm, file_input, text_input
from bot.kit.more_lines import lines_of, more_input, private_line
from bot.kit.returning_forms import ReturningForm, kept_input
from bot.orders.costs import has_credits
from bot.settings.credits import PER_SECOND, price_of
from bot.shapes import Shape, shown

if TYPE_CHECKING:
    from bot.generation.rows.records import Generation
    from bot.kit.bot import Interaction
    from bot.orders.policy import Rules

WORDS: Final = "prompt"
FILES: Final = "files"
FRAME: Final = "frame"
QUALITY: Final = "quality"
SHAPE, SECONDS = "shape:", "seconds:"
"""What the values of the menu of shape and length begin with."""
MOST_FILES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What stands in a form when it opens. `shape`: as it was asked for. `kept`: the names of files that go along
    unless others take their place.
    """

    prompt: str = ""
    shape: str | None = None
    seconds: int | None = None
    quality: str | None = None
    more: str = ""
    kept: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """What a form asks for. `title`, `words`, `help_`: keys of the catalogue. `files`: the key of what files it takes;
    None: none. `longer_than`: seconds that it has already. `prices`: what it costs in each quality, in words.
    """

    title: str
    words: str = "form.prompt"
    help_: str = "form.video_help"
    files: str | None = "form.video_files"
    shape: bool = True
    longer_than: float = 0.0
    may_be_blank: bool = False
    model: ui.Label[Any] | None = None
    """Where it is chosen, too. Then, and where there are files from before, the quality stands in the menu of shape and
    length.
    """
    prices: Mapping[str, str] = field(default_factory=dict[str, str])


async def open_again(interaction: Interaction, order: Generation, *, anew: bool = False) -> None:
    """Edit and retry, with all that a failed order asked for in it; `anew`: as a message of its own."""
    locale = locale_of(interaction.locale)
    extends = Role.CLIP in roles_of(order.parameters)
    filled, model = filled_by(order), None
    if chooses_model(order.parameters) and filled.kept:  # there is no room for a menu
        filled = filled_by(order, model=order.model)
    elif chooses_model(order.parameters):
        orders = interaction.client.the(Orders)
        offered = await orders.offered(place_of(order), Kind.VIDEO)
        model = model_input(order.model, offered, listed=orders.lists(order.model) is not None, locale=locale)
    asks = Asks(
        title="form.again",
        help_="form.again_help",
        files=None if extends else "form.video_files",
        shape=takes_shape(order.parameters),
        model=model,
    )
    await video_form(f"video:again:{order.id}{':anew' if anew else ''}", locale, asks, filled).open(interaction)


async def open_animate(interaction: Interaction, image: Generation, number: int) -> None:
    """Asks what is to move in the image `number` (from 1) of a card."""
    orders = interaction.client.the(Orders)
    rules = await orders.may(caller_of(interaction), Kind.VIDEO, asked_by=image.person_id)
    model, locale = orders.maker(rules, "animate_model"), locale_of(interaction.locale)
    asks = Asks(
        title="form.animate",
        words="form.movement",
        help_="form.movement_help",
        files="form.last_and_sound",
        shape=False,
        may_be_blank=True,
        prices=prices_of(rules, model, locale),
    )
    filled = Filled(quality=tier_of(str(rules.value("video_resolution"))))
    await video_form(f"animate:{image.id}:{number}", locale, asks, filled).open(interaction)


def prices_of(rules: Rules, model: str, locale: str) -> Mapping[str, str]:
    """What a video with `model` costs in each quality, in words. Empty: there are no credits at the place."""
    if not has_credits(rules):
        return {}
    each = {quality: price_of(rules.value("prices"), Kind.VIDEO, model, quality) for quality in QUALITIES}
    return {
        quality: text(locale, "prices.each_second" if price.per == PER_SECOND else "card.credits", count=price.credits)
        for quality, price in each.items()
    }


def video_form(custom_id: str, locale: str, asks: Asks, filled: Filled) -> SafeForm:
    """The form, to be opened. What is sent is found by its `custom_id`."""
    form = ReturningForm(title=text(locale, asks.title), custom_id=custom_id)
    help_ = text(locale, asks.help_)
    form.add_item(
        text_input(WORDS, text(locale, asks.words), help_, present=filled.prompt, required=not asks.may_be_blank)
    )
    if asks.files is not None:
        form.add_item(file_input(FILES, text(locale, "form.attachments"), text(locale, asks.files), most=MOST_FILES))
    if filled.kept:
        form.add_item(kept_input(locale, filled.kept))
    form.add_item(_frame(locale, asks, filled))
    if asks.model is not None:
        form.add_item(asks.model)
    elif not filled.kept:
        form.add_item(_quality(locale, filled, asks.prices))
    form.add_item(more_input(locale, filled.more, help_key="form.more_help_videos"))
    return form


def filled_by(order: Generation, *, model: str | None = None, private: bool | None = None) -> Filled:
    """With all that an order asked for in it. `model`, `private`: what its lines say of these, if anything."""
    asked = order.parameters
    shape = asked.get(requests.SHAPE)
    roles = roles_of(asked)
    names = given_names(asked)
    unnamed = [_UNNAMED[role] for role in roles[: len(roles) - len(names)]]
    return Filled(
        prompt=order.prompt,
        shape=str(shape) if shape and takes_shape(asked) else None,
        seconds=seconds_of(order),
        quality=tier_of(str(asked.get("resolution") or "")),
        more=lines_of(
            {
                "seed": asked.get(SEED),
                "avoid": asked.get(AVOID),
                "model": model,
                "private": private_line(private),
            }
        ),
        kept=[*(text(order.locale, key) for key in unnamed), *names],
    )


_UNNAMED: Final = {
    Role.FIRST: "video.part_image",
    Role.LAST: "video.part_last",
    Role.SOUND: "video.part_sound",
    Role.CLIP: "video.part_clip",
}


_FRAME_HELP: Final = {
    "form.frame": "form.frame_help",
    "form.frame_quality": "form.frame_help",
    "form.length": "form.length_help",
    "form.length_quality": "form.length_quality_help",
    "form.total": "form.total_help",
}


def _frame(locale: str, asks: Asks, filled: Filled) -> ui.Label[Any]:
    options: list[discord.SelectOption] = []
    if asks.shape:
        names = {shape.value: f"{shape.name_in(locale)} ({shape.ratio})" for shape in Shape}
        if filled.shape and filled.shape not in names:
            names[filled.shape] = shown(filled.shape)
        options += [_option(f"{SHAPE}{value}", name, chosen=value == filled.shape) for value, name in names.items()]
    for seconds in range(SHORTEST, LONGEST + 1):
        if seconds > asks.longer_than:
            name = text(locale, "form.seconds", count=seconds)
            options.append(_option(f"{SECONDS}{seconds}", name, chosen=seconds == filled.seconds))
    quality_too = asks.model is not None or bool(filled.kept)
    if quality_too:
        options += [
            _option(quality, quality, chosen=quality == filled.quality, help_=asks.prices.get(quality))
            for quality in QUALITIES
        ]
    kinds = 1 + asks.shape + quality_too
    menu: ui.Select[Any] = ui.Select(
        custom_id=FRAME, options=options, required=False, min_values=0, max_values=min(kinds, len(options))
    )
    label = "form.frame" if asks.shape else "form.total" if asks.longer_than else "form.length"
    if quality_too:
        label = "form.frame_quality" if asks.shape else "form.length_quality"
    return ui.Label(text=text(locale, label), description=text(locale, _FRAME_HELP[label]), component=menu)


def _option(value: str, name: str, *, chosen: bool = False, help_: str | None = None) -> discord.SelectOption:
    return discord.SelectOption(label=name, value=value, default=chosen, description=help_)


def _quality(locale: str, filled: Filled, prices: Mapping[str, str]) -> ui.Label[Any]:
    chosen = filled.quality or USUAL_QUALITY
    ways = [
        discord.RadioGroupOption(
            label=quality, value=quality, description=prices.get(quality), default=quality == chosen
        )
        for quality in QUALITIES
    ]
    group: ui.RadioGroup[Any] = ui.RadioGroup(custom_id=QUALITY, required=False, options=ways)
    help_ = None if prices else text(locale, "form.quality_help")
    return ui.Label(text=text(locale, "form.quality"), description=help_, component=group)
