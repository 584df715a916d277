"""What /config answers: private messages to who manages the place. What people typed is shown letter by letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from discord import ui

from bot.i18n import text
from bot.settings import MODEL_SETTING, PAUSED, SETTINGS, Effective, Origin, Scope, is_paused
from bot.settings.credits import Allowance
from bot.settings.kinds import Channel, Choice, Flag, Roles
from bot.store.changes import Changed
from bot.text import escape, one_line, shorten
from bot.ui.config.changes import Look, Outcome
from bot.ui.notes import note
from bot.ui.responses import answer, is_acknowledged
from bot.ui.typing import Interaction

VALUE_LIMIT = 60
"""Of a value in a line of its own, in characters. Escaping at most doubles it."""
LIST_LIMIT = 1350
"""Of all values in the list of settings, in characters: with names and origins it stays within a message's 4,000."""
ROLES_SHOWN = 4

_ORIGINS: Mapping[Origin, str] = {
    Origin.THREAD: "config.from_thread",
    Origin.CHANNEL: "config.from_channel",
    Origin.CATEGORY: "config.from_category",
    Origin.SERVER: "config.from_server",
    Origin.DEFAULT: "config.from_default",
}
_PAUSED: Mapping[Origin, str] = {
    Origin.THREAD: "config.show_paused_thread",
    Origin.CHANNEL: "config.show_paused_channel",
    Origin.CATEGORY: "config.show_paused_category",
    Origin.SERVER: "config.show_paused_server",
}


async def respond(interaction: Interaction, view: ui.LayoutView) -> None:
    """The private answer, also where a longer work was acknowledged before."""
    if is_acknowledged(interaction):
        await interaction.edit_original_response(view=view)
    else:
        await answer(interaction, view, ephemeral=True)


def where(locale: str, scope: str, id_: int) -> str:
    """A place in a sentence. A category's mention reads as its name, too."""
    return text(locale, "config.this_server") if scope == Scope.SERVER else f"<#{id_}>"


def shown(locale: str, key: str, value: object, limit: int = VALUE_LIMIT) -> str:
    """A value for people, safe and in one line; `limit`: characters before escaping."""
    if value is None:
        return "–"
    if key == PAUSED:
        return text(locale, "config.paused")
    setting = SETTINGS.get(key)
    match setting.kind if setting else None:
        case Roles() if value:
            roles = [f"<@&{role}>" for role in cast("list[int]", value)]
            more = len(roles) - ROLES_SHOWN
            return " ".join(roles[:ROLES_SHOWN]) + (f" +{more}" if more > 0 else "")
        case Allowance() if value:
            entries = cast("list[str]", value)
            more = len(entries) - ROLES_SHOWN
            # Ids and numbers alone: mentions are to be read as names.
            return f"{Allowance().show(entries[:ROLES_SHOWN])}{f' +{more}' if more > 0 else ''}"
        case Channel() if value:
            return f"<#{value}>"
        case Choice(options=options) if value in options:
            return text(locale, options[str(value)])
        case Flag():
            return text(locale, "config.on" if value else "config.off")
        case _:
            typed = setting.show(value) if setting else str(value)
            return escape(shorten(one_line(typed or ""), limit))


def plainly(locale: str, key: str, value: object, limit: int = 30) -> str:
    """A value for where Discord shows letters only, such as a choice."""
    if value is None or key == PAUSED:
        return shown(locale, key, value)
    setting = SETTINGS.get(key)
    return shorten(one_line(setting.show(value) or "" if setting else str(value)), limit)


def effective(locale: str, key: str, value: Effective, limit: int = VALUE_LIMIT) -> str:
    """A value with where it comes from."""
    return f"{shown(locale, key, value.value, limit)} · {text(locale, _ORIGINS[value.origin])}"


def overview(locale: str, look: Look) -> ui.LayoutView:
    """Every setting with its effective value and where it comes from."""
    lines = [f"### {text(locale, 'config.title', channel=f'<#{look.place.here}>')}", *paused_line(locale, look)]
    limit = LIST_LIMIT // len(SETTINGS)
    lines += [f"**{key}** · {effective(locale, key, look.rules.effective[key], limit)}" for key in SETTINGS]
    return note("\n".join(lines))


def paused_line(locale: str, look: Look) -> list[str]:
    """One line where the bot is paused, with the scope that it is paused by."""
    by = is_paused(look.place, look.values)
    return [] if by is None else [text(locale, _PAUSED[by])]


def outcome(locale: str, made: Outcome) -> list[str]:
    """What was set or reset, and what to know about it."""
    key = made.setting.key
    facts = {"setting": key, "where": where(locale, made.scope, made.scope_id)}
    holds = made.look.rules.effective[key]
    if made.value is not None:
        lines = [text(locale, "config.changed", value=shown(locale, key, made.value, 300), **facts)]
        if made.look.own(made.scope, key) != holds.value:
            lines.append(f"-# {text(locale, 'config.nearer', value=effective(locale, key, holds))}")
    else:
        said = text(locale, "config.reset" if made.changed else "config.was_not_set", **facts)
        lines = [said, f"-# {text(locale, 'config.holds', value=effective(locale, key, holds))}"]
    if made.unchecked:
        lines.append(f"-# {text(locale, 'config.unchecked')}")
    for kind in made.not_covered:
        model = made.look.rules.value(MODEL_SETTING[kind])
        lines.append(f"-# {text(locale, 'config.not_covered', command=f'/{kind}', model=escape(str(model)))}")
    return lines


def paused(locale: str, scope: Scope, id_: int) -> ui.LayoutView:
    return note(text(locale, "config.now_paused", where=where(locale, scope, id_)))


def resumed(locale: str, scope: Scope, id_: int, still: Origin | None) -> ui.LayoutView:
    """`still`: the wider scope that is paused all the same."""
    lines = [text(locale, "config.now_resumed", where=where(locale, scope, id_))]
    return note("\n".join([*lines, *([text(locale, _PAUSED[still])] if still else [])]))


def taken_in(locale: str, lines: Sequence[Changed]) -> ui.LayoutView:
    """How much a file changed."""
    if not lines:
        return note(text(locale, "config.imported_nothing"))
    places = len({(line.scope, line.scope_id) for line in lines})
    return note(text(locale, "config.imported", count=len(lines), places=places, number=lines[0].batch))
