"""The prices that the service lists itself, in credits at a rate that is shown and chosen: under /config prices.

What is proposed is seen before it is taken; it is taken in one change, with one line in the history and one undo.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Self, cast

import discord
from discord import ui

from bot.api.catalogue import ModelCatalogue
from bot.api.client import OneKeyClient
from bot.api.models import fitting
from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.kinds import Kind
from bot.kit.components import Card, SafeButton, SafeItem, SafeSelect, row
from bot.kit.responses import replace_message
from bot.kit.short_cards import note
from bot.money import MICRO, PER_MILLION, Price, shown, up
from bot.orders.money import Money
from bot.settings import SETTINGS, Scope
from bot.settings.credits import MOST_CREDITS, TOKENS
from bot.text import escape
from cogs.config import cards, changes, managers

if TYPE_CHECKING:
    from bot.kit.bot import Interaction
    from cogs.config.changes import Look

KEY: Final = "prices"
RATES: Final = (1, 10, 100, 1000, 10_000)
"""Credits for one unit of the service's currency."""
RATE: Final = 100
MOST: Final = 100
"""Prices that a server may have (`bot.settings.credits.Prices`)."""
_SUFFIXES: Final = {PER_MILLION: "/1k", "second": "/s"}
"""How prices are stored that are for something else than a whole order."""
LISTED: Final = 3000
"""Characters of what is proposed; the rest is counted."""
ASKING_SECONDS: Final = 2.0
"""Discord waits 3 s for the answer to a press."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """`entries`: as the setting stores them. `lines`: what they mean. `left_out`: how many there was no room for."""

    entries: tuple[str, ...]
    lines: tuple[str, ...]
    left_out: int = 0

    @property
    def digest(self) -> str:
        """What is taken is what was shown."""
        return hashlib.sha256(",".join(self.entries).encode()).hexdigest()[:12]


async def show(interaction: Interaction, rate: int = RATE, *, said: Sequence[str] = ()) -> None:
    """What the service's list would make of the prices here, in the place of the pressed message."""
    managers.target(interaction, Scope.SERVER, SETTINGS[KEY])
    locale = locale_of(interaction.locale)
    proposal = await _proposed(interaction, locale, rate)
    if proposal is None or not proposal.entries:
        key = "prices.untold" if proposal is None else "prices.none_listed"
        await replace_message(interaction, note(text(locale, key)))
        return
    await replace_message(interaction, _card(interaction, locale, rate, proposal, said))


async def take(interaction: Interaction, rate: int, digest: str) -> None:
    """Take what was shown; where it is otherwise by now, show it anew."""
    locale = locale_of(interaction.locale)
    proposal = await _proposed(interaction, locale, rate)
    if proposal is None or proposal.digest != digest:
        await show(interaction, rate, said=[text(locale, "prices.changed_meanwhile")])
        return

    def edit(present: object) -> str:
        return ", ".join([*_kept(cast("list[str]", present or []), proposal.entries), *proposal.entries])

    made = await changes.change(interaction, SETTINGS[KEY], Scope.SERVER, edit)
    lines = [text(locale, "prices.taken", count=len(proposal.entries)), *cards.outcome(locale, made)[1:]]
    await replace_message(interaction, note("\n".join(lines)))


def proposed(
    locale: str, offers: Sequence[tuple[Kind, str, Price]], present: Sequence[str], rate: int, symbol: str
) -> Proposal:
    """What these models cost in credits, as many as there is room for beside the other prices here."""
    found = {f"{kind.command}:{model.lower()}": (kind, model, price) for kind, model, price in offers}
    others = [entry for entry in present if entry.partition("=")[0] not in found]
    entries: list[str] = []
    lines: list[str] = []
    for what, (kind, model, price) in found.items():
        amount, key, real = _credits(locale, price, kind, rate, symbol)
        if amount > MOST_CREDITS or len(entries) + len(others) >= MOST:
            continue
        entries.append(f"{what}={amount}{_SUFFIXES.get(price.per, '')}")
        cost = text(locale, key, count=amount) if amount else text(locale, "prices.free")
        lines.append(f"**/{kind.command}** {escape(model)} · {cost} · {real}")
    return Proposal(tuple(entries), tuple(lines), len(found) - len(entries))


def _credits(locale: str, price: Price, kind: Kind, rate: int, symbol: str) -> tuple[int, str, str]:
    """Whole credits, rounded up; the sentence for them; and the service's own price. Tokens by an answer's price."""
    if price.per == PER_MILLION:
        dearest = max(price.amount, price.answered)
        asked, answered = (shown(up(each * MICRO), symbol) for each in (price.amount, price.answered))
        if asked == answered:
            real = text(locale, "prices.a_million", price=asked)
        else:
            real = text(locale, "prices.a_million_each", asked=asked, answered=answered)
        return _whole(dearest * TOKENS * rate), "prices.each_tokens", real
    keys = {Kind.ASK: "prices.each_question", Kind.IMAGE: "prices.each_picture", Kind.VIDEO: "prices.each_video"}
    key = "prices.each_second" if price.per == "second" else keys[kind]
    return _whole(price.amount * rate), key, shown(up(price.amount), symbol)


def _whole(amount: Fraction) -> int:
    return math.ceil(amount)


def _kept(present: Sequence[str], entries: Sequence[str]) -> list[str]:
    new = {entry.partition("=")[0] for entry in entries}
    return [entry for entry in present if entry.partition("=")[0] not in new]


async def _proposed(interaction: Interaction, locale: str, rate: int) -> Proposal | None:
    """None: the service tells no prices, or not in time."""
    the = interaction.client.the
    book = the(Money).book
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(ASKING_SECONDS):
            await book.refresh(the(OneKeyClient))
    if book.listed is None:
        return None
    look = await changes.look_at(interaction)
    present = cast("Sequence[str]", look.own(Scope.SERVER, KEY) or [])
    listed = book.listed.prices
    offers = [
        (kind, model, price)
        for kind in Kind
        for model in _offered(kind, look, the(ModelCatalogue).names())
        if (price := listed.get(model.lower())) is not None and price.most(kind) is not None
    ]
    return proposed(locale, offers, present, rate, book.unit.symbol)


def _offered(kind: Kind, look: Look, names: tuple[str, ...]) -> list[str]:
    """The models of this kind that may be used here, those in use first."""
    keys = {
        Kind.ASK: ("chat_model",),
        Kind.IMAGE: ("image_model", "edit_model"),
        Kind.VIDEO: ("video_model", "animate_model"),
    }
    in_use = [str(look.rules.value(key)) for key in keys[kind] if look.rules.value(key)]
    return [*dict.fromkeys([*in_use, *(name for name in fitting(kind, names) if look.rules.allows(kind, name))])]


def _card(interaction: Interaction, locale: str, rate: int, proposal: Proposal, said: Sequence[str]) -> Card:
    symbol = interaction.client.the(Money).book.unit.symbol
    head = [*said, f"### {text(locale, 'prices.from_service')}", _rate(locale, rate, symbol)]
    lines: list[str] = []
    length = 0
    for line in proposal.lines:
        length += len(line) + 1
        if length > LISTED:
            break
        lines.append(line)
    if hidden := len(proposal.lines) - len(lines):
        lines.append(text(locale, "config.more", count=hidden))
    if proposal.left_out:
        lines.append(f"-# {text(locale, 'prices.left_out', count=proposal.left_out, most=MOST)}")
    lines.append(f"-# {text(locale, 'prices.rounded')}")
    display: ui.TextDisplay[Any] = ui.TextDisplay("\n".join([*head, *lines]))
    buttons = row(TakeButton(rate, proposal.digest, locale=locale))
    return Card(display, row(RateMenu(rate, symbol, locale=locale)), buttons)


def _rate(locale: str, rate: int, symbol: str) -> str:
    unit = f"{symbol}1" if symbol else text(locale, "prices.unit")
    return text(locale, "prices.rate", unit=unit, credits=text(locale, "card.credits", count=rate))


class FromServiceButton(SafeButton, template="config:service"):
    """Under the table of prices."""

    def __init__(self, *, locale: str = DEFAULT_LOCALE) -> None:
        super().__init__(ui.Button(label=text(locale, "button.from_service"), custom_id="config:service"))

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        del match
        return cls()

    async def pressed(self, interaction: Interaction) -> None:
        await show(interaction)


class RateMenu(SafeSelect[ui.Select[Any]], template=r"config:service:rate"):
    """How many credits one unit of the service's currency is."""

    def __init__(self, rate: int = RATE, symbol: str = "", *, locale: str = DEFAULT_LOCALE) -> None:
        options = [
            discord.SelectOption(label=_rate(locale, each, symbol), value=str(each), default=each == rate)
            for each in RATES
        ]
        super().__init__(ui.Select(custom_id="config:service:rate", options=options))

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        del match
        return cls()

    async def pressed(self, interaction: Interaction) -> None:
        chosen = (self.chosen(interaction) or [""])[0]
        await show(interaction, int(chosen) if chosen in map(str, RATES) else RATE)


class TakeButton(SafeButton, template=r"config:service:(?P<rate>\d{1,6}):(?P<digest>[0-9a-f]{12})"):
    """Takes what is shown above it."""

    def __init__(self, rate: int, digest: str, *, locale: str = DEFAULT_LOCALE) -> None:
        label = text(locale, "button.take_prices")
        custom_id = f"config:service:{rate}:{digest}"
        super().__init__(ui.Button(label=label, style=discord.ButtonStyle.primary, custom_id=custom_id))
        self.rate, self.digest = rate, digest

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["rate"]), match["digest"])

    async def pressed(self, interaction: Interaction) -> None:
        await take(interaction, self.rate if self.rate in RATES else RATE, self.digest)


SERVICE_ITEMS: tuple[type[SafeItem[Any]], ...] = (FromServiceButton, RateMenu, TakeButton)
