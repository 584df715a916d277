"""What a draft would change, in lines: what was there and what is to be, and what is to be known of it first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from bot.environment import Environment
from bot.errors import BadValue, NotAllowed, Refusal
from bot.i18n import text
from bot.kit.error_path import sentence
from bot.orders.policy import rules_at
from bot.settings import PAUSED, SETTINGS, Scope
from cogs.config import advice, managers, overrides, validity
from cogs.config.cards import setting_name, shown
from cogs.config.changes import LOG, chooses_models, read_by_others, refused_models
from cogs.config.panel_parts import EACH_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import discord

    from bot.kit.bot import Interaction
    from bot.orders.policy import Rules
    from bot.settings import Values
    from bot.settings.stored import Json, Place
    from cogs.config.draft_rows import Draft, Moved

_NO_LIMIT = frozenset({"config.bad_limit", "config.limit_of_what", "config.limit_command"})


async def known_first(interaction: Interaction, locale: str, place: Place, draft: Draft, values: Values) -> list[str]:
    """What is to be known of a draft before it is applied. `values`: what is set there and around it."""
    said: list[str] = []
    log = draft.get(LOG)
    if log is not None and (readers := read_by_others(interaction, *place, log.after)):
        said.append(f"-# {advice.open_log(locale, int(str(log.after)), readers)}")
    for key, step in draft.items():
        said += advice.of_another_kind(locale, key, step.after)
    models, jams = any(map(chooses_models, draft)), "jam_paid_by" in draft
    rules = _rules_with(interaction, place, draft, values) if models or jams else None
    if models and rules is not None:
        said += advice.warnings(locale, refused_models(interaction, rules))
    if jams and rules is not None:
        said += advice.no_pool(locale, rules)
    if place[0] == Scope.SERVER:
        chosen = {key: step.after for key, step in draft.items()}
        said += overrides.said(locale, await overrides.overridden(interaction, chosen))
    return said


def _rules_with(interaction: Interaction, place: Place, draft: Draft, values: Values) -> Rules | None:
    """What would hold there. None: the place is gone."""
    try:
        there = managers.place_at(interaction, Scope(place[0]), place[1])
    except NotAllowed:
        return None
    drafted = {**values.get(place, {}), **{key: step.after for key, step in draft.items()}}
    kept = {key: value for key, value in drafted.items() if value is not None}
    return rules_at(there, {**values, place: kept}, interaction.client.the(Environment))


def wrong(
    interaction: Interaction, locale: str, place: Place, draft: Draft, server: Mapping[str, Json]
) -> Mapping[str, str]:
    """What can't be applied any more, though it was right when it was chosen, with why: a role that is gone, a closed
    channel, a lock. `server`: what the server has set, or will have.
    """
    found: dict[str, str] = {}
    for key, step in draft.items():
        try:
            if step.after is not None and key != PAUSED:
                validity.usable(interaction, place, key, cast("Any", step.after), server)
        except Refusal as refused:
            found[key] = refusal(locale, key, shown(locale, key, step.after, guild=interaction.guild), refused)
    return found


def refusal(locale: str, key: str, value: str, refused: Refusal, part: str | None = None) -> str:
    """Why a value can't be used; the value itself where the reason does not say it. `part`: the form it is from."""
    why = sentence(refused, locale) or ""
    name = SETTINGS[key].name(locale)
    if isinstance(refused, NotAllowed) and refused.key.startswith("config.locked"):
        return why
    if key == "limits" and part in EACH_NAMES:  # only its own part of the list stands in a command's form
        if isinstance(refused, BadValue) and refused.key in _NO_LIMIT:
            why = text(locale, "setup.bad_each", part=refused.facts["part"])
        return text(locale, "setup.refused_why", setting=text(locale, EACH_NAMES[part]), why=why)
    if value in why:
        return text(locale, "setup.refused_why", setting=name, why=why)
    return text(locale, "setup.refused", setting=name, value=value, why=why)


def moved_line(locale: str, moved: Moved, guild: discord.Guild | None) -> str:
    """What somebody else changed meanwhile."""
    line = moved.line
    known = line is not None and line.changed_by is not None
    value = moved.value
    return text(
        locale,
        "setup.meanwhile",
        who=f"<@{line.changed_by}>" if line is not None and known else text(locale, "config.somebody"),
        when="" if line is None else f"<t:{int(line.changed_at)}:R>",
        setting=setting_name(locale, moved.key),
        value=text(locale, "config.not_set") if value is None else shown(locale, moved.key, value, guild=guild),
    )
