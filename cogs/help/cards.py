"""What /help answers with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord import ui

from bot.i18n import listed, text
from bot.kit.components import Card

if TYPE_CHECKING:
    from cogs.help.service import Offer, Offered


def help_card(found: Offered) -> Card:
    locale = found.locale
    lines = [f"### {text(locale, 'help.title')}"]
    if found.refusal is not None:
        lines.append(found.refusal)
    lines += [_line(locale, offer) for offer in found.everyone]
    if found.menus:
        lines.append(text(locale, "help.menus", names=listed(locale, (f"**{name}**" for name in found.menus))))
    if found.credits is not None:
        left = text(locale, "card.credits", count=found.credits)
        lines.append(text(locale, "confirm.left", credits=left))
    if found.resets_at is not None:
        lines.append(f"-# {text(locale, 'help.resets', when=f'<t:{found.resets_at}:R>')}")
    parts = [lines]
    if found.moderators:
        parts.append(
            [
                f"### {text(locale, 'config.title_direct' if found.direct else 'help.moderators')}",
                *(_line(locale, offer) for offer in found.moderators),
            ]
        )
    if found.usage is not None:
        parts.append([f"### {text(locale, 'help.owner')}", text(locale, "help.owner_usage", command=found.usage)])
    items: list[ui.Item[Any]] = [ui.TextDisplay("\n".join(part)) for part in parts]
    return Card(ui.Container(*items))


def _line(locale: str, offer: Offer) -> str:
    if offer.needs is not None:
        return text(locale, "help.needs", command=offer.mention, roles=offer.needs)
    if offer.off:
        return text(locale, "help.off", command=offer.mention)
    line = f"{offer.mention} · {offer.about}"
    return line if offer.left is None else f"{line} · {text(locale, 'help.left', left=offer.left)}"
