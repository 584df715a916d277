"""/config prices: what each command costs here, and one price changed at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from discord import app_commands, ui

from bot.api.catalogue import ModelCatalogue
from bot.errors import BadValue, NotAllowed
from bot.i18n import text
from bot.kinds import BY_COMMAND, Kind
from bot.kit.commands import CHOICES
from bot.kit.components import Card, row
from bot.orders.costs import has_credits
from bot.settings import SETTINGS, Scope
from bot.settings.credits import DEFAULT_PRICES, PER_SECOND, PER_TOKENS, entry_of, priced, with_price
from bot.text import escape
from cogs.config import cards, changes, managers
from cogs.config.service_prices import FromServiceButton

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.kit.bot import Interaction
    from cogs.config.changes import Look, Outcome

TABLE_LIMIT = 3500
"""Of the table, in characters: with its head it stays within a message's 4,000."""
RESET = "reset"

_EACH: dict[Kind, str] = {
    Kind.ASK: "prices.each_question",
    Kind.IMAGE: "prices.each_picture",
    Kind.VIDEO: "prices.each_video",
}


async def change(interaction: Interaction, kind: Kind, amount: str | None, pattern: str | None) -> Outcome:
    """Set a price, or with None (or `reset`) remove it. A `Refusal` says why not."""
    wanted = (amount or RESET).strip().lower()
    model = (pattern or "").strip().lower() or None

    def edit(present: object) -> str | None:
        prices = cast("list[str]", present or [])
        changed = with_price(prices, kind, model, None if wanted == RESET else wanted)
        if wanted == RESET and len(changed) == len(prices):
            raise BadValue("prices.not_set", what=escape(priced(kind.command, model)))
        return ", ".join(changed) or None

    return await changes.change(interaction, SETTINGS["prices"], Scope.SERVER, edit)


def outcome(locale: str, made: Outcome, kind: Kind, pattern: str | None) -> list[str]:
    """What it now costs, and what to know about it."""
    said = cards.outcome(locale, made)
    model = (pattern or "").strip().lower()
    what = priced(kind.command, model)
    for entry in cast("Sequence[str]", made.value or ()):
        if entry.partition("=")[0] == what:
            name, price = _parts(locale, entry)
            said[0] = (
                text(locale, "prices.now", what=name, price=price)
                if price
                else text(locale, "prices.now_free", what=name)
            )
    return said


def table(locale: str, look: Look) -> ui.LayoutView:
    """What each command costs, and the models that have a price of their own."""
    if look.place.guild_id is None:
        raise NotAllowed("config.only_in_servers")
    lines = [f"### {text(locale, 'prices.title')}"]
    if not has_credits(look.rules):
        lines.append(f"-# {text(locale, 'prices.off')}")
    own = cast("Sequence[str]", look.rules.value("prices"))
    entries = [entry for kind in Kind for entry in _of_kind(kind, own)]
    length = 0
    for shown, entry in enumerate(entries):
        line = _line(locale, entry, usual=entry not in own)
        length += len(line) + 1
        if length > TABLE_LIMIT:
            lines.append(text(locale, "config.more", count=len(entries) - shown))
            break
        lines.append(line)
    display: ui.TextDisplay[Any] = ui.TextDisplay("\n".join(lines))
    return Card(display, row(FromServiceButton(locale=locale)))


def suggested_amounts(interaction: Interaction, typed: str, command: str) -> list[app_commands.Choice[str]]:
    """What it usually costs, and `reset`."""
    if not _manages(interaction):
        return []
    usual = [entry.partition("=")[2] for entry in DEFAULT_PRICES if entry.partition("=")[0] == command]
    other = {Kind.ASK.command: ["2/1k"], Kind.VIDEO.command: ["10/s"]}.get(command, [])
    found = [one for one in (typed.strip(), *usual, *other, RESET) if typed.strip().lower() in one]
    return [app_commands.Choice(name=one, value=one) for one in dict.fromkeys(found) if 0 < len(one) <= 20]


async def suggested_models(interaction: Interaction, typed: str, command: str) -> list[app_commands.Choice[str]]:
    """The patterns that have a price, for videos a quality, then the service's models."""
    if not _manages(interaction):
        return []
    look = await changes.look_at(interaction)
    prices = cast("Sequence[str]", look.rules.value("prices"))
    known = [one.what[len(command) :].removeprefix(":") for one in map(entry_of, prices) if one.command == command]
    known += ["@1080p"] if command == Kind.VIDEO.command else []
    names = dict.fromkeys([*filter(None, known), *interaction.client.the(ModelCatalogue).names()])
    wanted = typed.strip().lower()
    found = [name for name in names if wanted in name.lower() and len(name) <= 100]
    return [app_commands.Choice(name=name, value=name) for name in found[:CHOICES]]


def _manages(interaction: Interaction) -> bool:
    try:
        managers.check_here(interaction)
    except NotAllowed:
        return False
    return interaction.guild_id is not None


def _of_kind(kind: Kind, own: Sequence[str]) -> list[str]:
    """The command's price, then those of its models."""
    mine = [entry for entry in own if entry_of(entry).command == kind.command]
    base = [entry for entry in mine if entry.startswith(f"{kind.command}=")]
    usual = [entry for entry in DEFAULT_PRICES if entry.startswith(f"{kind.command}=")]
    return [*(base or usual), *(entry for entry in mine if entry not in base)]


def _line(locale: str, entry: str, *, usual: bool) -> str:
    name, price = _parts(locale, entry)
    return " · ".join([name, price or text(locale, "prices.free"), *([text(locale, "prices.usual")] if usual else [])])


def _parts(locale: str, entry: str) -> tuple[str, str]:
    """What a price is of, and the price; empty: none."""
    one = entry_of(entry)
    key = {PER_TOKENS: "prices.each_tokens", PER_SECOND: "prices.each_second"}.get(one.price.per)
    name = " ".join([f"**/{one.command}**", *map(escape, filter(None, (one.model, one.quality.upper())))])
    count = one.price.credits
    return name, text(locale, key or _EACH[BY_COMMAND[one.command]], count=count) if count else ""
