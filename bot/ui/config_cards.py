"""What /config answers: private messages to who manages the channel."""

from __future__ import annotations

from collections.abc import Mapping

from discord import ui

from bot.i18n import text
from bot.settings import SETTINGS, Effective, Origin, Place, Scope, Setting
from bot.text import escape, one_line, shorten
from bot.ui.notes import note

_ORIGINS: Mapping[Origin, str] = {
    Origin.THREAD: "config.from_thread",
    Origin.CHANNEL: "config.from_channel",
    Origin.CATEGORY: "config.from_category",
    Origin.SERVER: "config.from_server",
    Origin.DEFAULT: "config.from_default",
}


def changed(locale: str, setting: Setting, value: str, place: Place, *, unchecked: bool) -> ui.LayoutView:
    """A value was kept; `unchecked`: the service has no list of models to check the name against."""
    if setting.narrowest is Scope.SERVER:
        where = text(locale, "config.this_server")
    else:
        where = f"<#{place.id_of(Scope.CHANNEL)}>"
    lines = [text(locale, "config.changed", setting=setting.key, value=escape(value), where=where)]
    if unchecked and setting.command:
        lines.append(f"-# {text(locale, 'config.unchecked')}")
    return note("\n".join(lines))


def overview(locale: str, effective: Mapping[str, Effective], channel_id: int) -> ui.LayoutView:
    """Every setting with its effective value and where it comes from."""
    lines = [f"### {text(locale, 'config.title', channel=f'<#{channel_id}>')}"]
    for key, setting in SETTINGS.items():
        value = effective[key]
        origin = text(locale, _ORIGINS[value.origin])
        shown = shorten(one_line(setting.show(value.value) or "–"), 80)
        lines.append(f"**{key}** · {escape(shown)} · {origin}")
    return note("\n".join(lines))
