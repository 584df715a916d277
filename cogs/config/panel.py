"""/setup: the settings of one place in pages. What is chosen is a draft: nothing changes until Apply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.i18n import listed, locale_of, text
from bot.kit.components import Card, button, row, section
from bot.kit.places import channels_there, place_of
from bot.kit.refused_forms import again_button
from bot.settings import SETTINGS, Scope, Setting
from bot.settings.locks import LOCKS
from bot.settings.topics import TOPIC_NAMES, Topic
from bot.text import shorten
from cogs.config import managers
from cogs.config.bars import LIST as BARRED
from cogs.config.cards import effective, heading, lock_sign, plainly
from cogs.config.changes import Look, look_at
from cogs.config.differences import Difference, difference
from cogs.config.lock_menus import lock_menus
from cogs.config.no_log import no_reports
from cogs.config.own_drafts import every_draft
from cogs.config.panel_parts import parts_of
from cogs.config.spots import Spot
from cogs.config.steps import known_first

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.kit.bot import Interaction
    from cogs.config.draft_rows import Draft, Drafts

VALUES_LIMIT = 600
"""Of the values on a page, in characters before escaping: the panel stays within a message's 4,000."""
TEXT_LIMIT = 3800
"""Of all texts, in characters: the head's is not counted."""
STEPS_SHOWN = 8
STEP_LIMIT = 30
"""Of each value of a change, in characters before escaping."""
WHOLE = "setup:all:whole"
TABS = 5
"""Buttons in a row (Discord)."""
PLACES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
    discord.ChannelType.media,
    discord.ChannelType.category,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
]


async def panel(
    interaction: Interaction,
    spot: Spot,
    *,
    said: Sequence[str] = (),
    undo: str | None = None,
    again: str | None = None,
) -> Card:
    """The panel, with what was just `said`, and the button that takes the change set `undo` back (behind its number,
    the preset that it came from). `again`: the form that was refused.

    NotAllowed: the person may not change that place.
    """
    look = await look_at(interaction, spot.looked_at(interaction))
    every = await every_draft(interaction)
    draft = every.get(spot.place, {})
    locale = locale_of(interaction.locale)
    settings = page_of(look, spot)
    items: list[ui.Item[Any]] = [_head(interaction, spot, look)]
    if interaction.guild_id is not None:
        items.append(row(_place_menu(interaction, spot)))
    items.extend(_tabs(interaction, spot, look))
    items.append(ui.Separator())
    lines = [*_page(interaction, spot, look, settings)]
    if spot.topic is Topic.RECORD and (hint := await no_reports(interaction, look)):
        lines.append(hint)
    items.append(ui.TextDisplay("\n".join(lines)))
    items.extend(_editors(interaction, spot, look, settings))
    if spot.scope is Scope.SERVER and spot.topic is Topic.WHO:
        step = draft.get(LOCKS)
        items.extend(lock_menus(locale, spot, look.own(spot.scope, LOCKS) if step is None else step.after))
    steps = [*steps_said(interaction, draft)]
    if draft:
        lines = [f"**{text(locale, 'setup.not_applied')}**", *(one.said for one in steps)]
        lines += await known_first(interaction, locale, spot.place, draft, look.values)
        items += [ui.Separator(), ui.TextDisplay("\n".join(lines))]
    if every:
        items.append(row(*_drafted(locale, spot, every, whole=all(one.is_whole for one in steps))))
    if said:
        room = TEXT_LIMIT - sum(len(item.content) for item in items if isinstance(item, ui.TextDisplay))
        items.append(ui.TextDisplay(shorten("\n".join(said), room)))
    below: list[ui.Button[Any]] = []
    if again is not None:
        below.append(again_button(locale, f"{spot.custom_id('again')}:{again}"))
    if undo is not None:
        below.append(button(text(locale, "button.undo"), f"{spot.custom_id('undo')}:{undo}"))
    if below:
        items.append(row(*below))
    return Card(ui.Container(*items))


def all_settings(interaction: Interaction, look: Look) -> ui.Button[Any]:
    """The button under a list of settings that leads to all of them."""
    place = look.place
    spot = Spot(Scope.CATEGORY if place.here == place.category_id else Scope.CHANNEL, place.here)
    return button(text(locale_of(interaction.locale), "button.all_settings"), spot.custom_id("page"))


def page_of(look: Look, spot: Spot) -> list[Setting]:
    """What can be set there on that page. The page of credits is there to switch them on, too."""
    return [
        setting
        for setting in SETTINGS.values()
        if setting.topic is spot.topic
        and spot.scope in setting.scopes
        and (look.shows(setting) or (spot.topic is Topic.CREDITS and look.place.guild_id is not None))
    ]


def title(locale: str, spot: Spot, look: Look) -> str:
    """Whose settings these are."""
    if spot.scope is Scope.SERVER:
        return text(locale, "setup.title_server")
    return heading(locale, look)[0].removeprefix("### ")


def _head(interaction: Interaction, spot: Spot, look: Look) -> ui.Item[Any]:
    """Whose settings they are, and the way to the server's, or back to where one is."""
    locale = locale_of(interaction.locale)
    said = "\n".join([f"### {title(locale, spot, look)}", *heading(locale, look)[1:]])
    server = Spot(Scope.SERVER, interaction.guild_id or 0, spot.topic)
    if spot.scope is Scope.SERVER:
        here = Spot.here(interaction, spot.topic)
        return section(said, button(text(locale, _here(interaction)), here.custom_id("page")))
    if interaction.guild_id is not None and managers.may_change(interaction, Scope.SERVER, server.id):
        return section(said, button(text(locale, "config.scope_server"), server.custom_id("page")))
    return ui.TextDisplay(said)


def _here(interaction: Interaction) -> str:
    return "config.scope_channel" if place_of(interaction).thread_id is None else "config.scope_thread"


def _place_menu(interaction: Interaction, spot: Spot) -> ui.ChannelSelect[Any]:
    return ui.ChannelSelect(
        custom_id=spot.custom_id("place"),
        channel_types=PLACES,
        placeholder=text(locale_of(interaction.locale), "setup.choose_place"),
        default_values=channels_there(interaction.guild, [] if spot.scope is Scope.SERVER else [spot.id]),
    )


def _tabs(interaction: Interaction, spot: Spot, look: Look) -> Iterator[ui.Item[Any]]:
    locale = locale_of(interaction.locale)
    tabs: list[ui.Button[Any]] = []
    for topic in Topic:
        there = spot.at(topic)
        known = topic is not Topic.CREDITS or look.credits or spot.topic is Topic.CREDITS
        if known and page_of(look, there):
            style = discord.ButtonStyle.primary if there == spot else discord.ButtonStyle.secondary
            tabs.append(button(text(locale, TOPIC_NAMES[topic]), there.custom_id("page"), style=style))
    if interaction.guild_id is not None:
        tabs.append(button(text(locale, "button.presets"), spot.custom_id("presets")))
    for first in range(0, len(tabs), TABS):
        yield row(*tabs[first : first + TABS])


def _page(interaction: Interaction, spot: Spot, look: Look, settings: Sequence[Setting]) -> Iterator[str]:
    """What applies there and why."""
    locale, guild = locale_of(interaction.locale), interaction.guild
    if spot.topic is Topic.CREDITS and not look.credits:
        yield f"-# {text(locale, 'setup.credits_off')}"
    limit = VALUES_LIMIT // max(len(settings), 1)
    for setting in settings:
        value = effective(locale, look, setting.key, limit, guild=guild)
        yield f"**{text(locale, setting.name_key)}**{lock_sign(look, setting.key)} · {value}"
    wider = [each for each in SETTINGS.values() if each.topic is spot.topic and look.shows(each)]
    names = listed(locale, (text(locale, each.name_key) for each in wider if each not in settings))
    if names:
        key = "setup.of_server" if spot.scope is not Scope.SERVER else "setup.of_channels"
        yield f"-# {text(locale, key, settings=names)}"


def _editors(interaction: Interaction, spot: Spot, look: Look, settings: Sequence[Setting]) -> Iterator[ui.Item[Any]]:
    """The page's forms; a menu of what is set at this very place, to be cleared; the way to credits."""
    locale = locale_of(interaction.locale)
    buttons = [
        button(label, f"{spot.custom_id('form')}:{part}")  # the page's own tab is what stands out
        for part, label in parts_of(locale, spot.topic, settings)
    ]
    if spot.topic is Topic.HOW_MUCH and interaction.guild_id is not None and not look.credits:
        buttons.append(button(text(locale, "button.use_credits"), spot.at(Topic.CREDITS).custom_id("page")))
    if spot.topic is Topic.WHO and spot.scope is Scope.SERVER:
        buttons.append(button(text(locale, "button.bars"), f"{BARRED}:0"))
    if buttons:
        yield row(*buttons)
    own = [setting for setting in settings if look.own(spot.scope, setting.key) is not None]
    if own:
        options = [
            discord.SelectOption(
                label=text(locale, setting.name_key),
                value=setting.key,
                description=plainly(locale, setting.key, look.own(spot.scope, setting.key), 100) or None,
            )
            for setting in own
        ]
        yield row(
            ui.Select(
                custom_id=spot.custom_id("clear"),
                placeholder=text(locale, _clear_key(interaction, spot)),
                options=options,
                max_values=len(options),
            )
        )


def _clear_key(interaction: Interaction, spot: Spot) -> str:
    guild = interaction.guild
    channel = None if guild is None else guild.get_channel_or_thread(spot.id)
    if spot.scope is Scope.CHANNEL:
        return "setup.clear_thread" if isinstance(channel, discord.Thread) else "setup.clear_channel"
    return "setup.clear_category" if spot.scope is Scope.CATEGORY else "setup.clear_server"


def steps_said(interaction: Interaction, draft: Draft) -> Iterator[Difference]:
    """What Apply would change, or changed."""
    locale = locale_of(interaction.locale)
    for key, step in list(draft.items())[:STEPS_SHOWN]:
        yield difference(locale, key, step, interaction.guild, STEP_LIMIT)
    if len(draft) > STEPS_SHOWN:
        yield Difference(text(locale, "config.more", count=len(draft) - STEPS_SHOWN), is_whole=False)


def _drafted(locale: str, spot: Spot, every: Drafts, *, whole: bool) -> Iterator[ui.Button[Any]]:
    """What is done with the draft, and the way to those of other places; to all of it where it is not `whole`."""
    if draft := every.get(spot.place):
        apply = text(locale, "button.apply", count=len(draft))
        yield button(apply, spot.custom_id("apply"), style=discord.ButtonStyle.success)
        yield button(text(locale, "button.discard"), spot.custom_id("discard"))
    if every.keys() - {spot.place}:
        count = sum(map(len, every.values()))
        yield button(text(locale, "button.all_drafts", count=count), "setup:all:page:0")
    if not whole:
        yield button(text(locale, "button.whole"), WHOLE)
