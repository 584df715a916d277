"""Who orders: what the floors below need to know of an interaction, and what the rules of a place say to it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from bot.errors import Barred, NotAllowed
from bot.kinds import Kind
from bot.orders import bars, limits
from bot.orders.blocked.check import Verdicts
from bot.orders.policy import Rules
from bot.settings import Origin, Place
from bot.settings.limits_left import Left


@dataclass(slots=True)
class Low:
    """What a person is to be told beside what they ordered. Set in a transaction that may be run again: as a whole."""

    limits: tuple[Left, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who orders, from where, and the interaction through which the card can be edited until `token_expires_at`.

    `private` None: as it is set at the place, else as the person chose for themselves (`private_by_default`).
    `confirmed`: the price that was seen and agreed to. `roles` are the person's in the server, `age_restricted` the
    channel's. `moderates`: may act on others' messages there.
    `original`: their token will call what answers them its original message, as far as can be told.
    `event_id`: the interaction itself, which is acted upon once (`bot.store.events`).
    `pools_only`: the pools of the place pay, nothing is taken from the person's share; without a pool, that pays.
    """

    person_id: int
    place: Place
    context: str
    locale: str
    application_id: int
    token: str
    token_expires_at: float
    private: bool | None = False
    private_by_default: bool = False
    token_only: bool = False
    roles: frozenset[int] = frozenset()
    age_restricted: bool = False
    confirmed: int | None = None
    moderates: bool = False
    pools_only: bool = False
    original: bool = True
    event_id: int | None = None
    verdicts: Verdicts = field(default_factory=Verdicts, compare=False, repr=False)
    """Which blocked words stand in what they said, as far as that is known."""
    low: Low = field(default_factory=Low, compare=False, repr=False)
    """The limits of which little is left since their order was submitted."""

    def ruled_by(self, rules: Rules) -> Caller:
        """With what the place decides: whether it is private, and the language of public cards."""
        private = self.private
        if private is None:
            answers = rules.effective["answers"]
            private = answers.value == "private" or (self.private_by_default and answers.origin is Origin.DEFAULT)
        language = None if private else rules.value("language")
        return replace(self, private=private, locale=language or self.locale)

    def check(self, connection: Connection, rules: Rules, kind: Kind, prompt: str) -> None:
        """Raise what in the rules of their place speaks against this use, if anything does; Unread: see there."""
        self.check_barred(connection)
        self.check_command(rules, kind)
        self.verdicts.check(prompt, rules.value("blocked_words"))

    def check_barred(self, connection: Connection) -> None:
        """Barred: moderators of the server let them order nothing there."""
        guild_id = self.place.guild_id
        bar = None if guild_id is None else bars.barred(connection, guild_id, self.person_id, time.time())
        if bar is not None:
            raise Barred(bar.guild_id, bar.reason, bar.until, news=bar.told_at is None)

    def check_command(self, rules: Rules, kind: Kind) -> None:
        """NotAllowed: whatever they ask for, what `kind` makes is not for them here."""
        in_guild = self.place.guild_id is not None
        rules.check(kind, roles=self.roles, in_guild=in_guild, age_restricted=self.age_restricted)

    def may(self, rules: Rules, kind: Kind) -> bool:
        """As `check_command`."""
        try:
            self.check_command(rules, kind)
        except NotAllowed:
            return False
        return True

    def take(self, connection: Connection, rules: Rules, kind: Kind, now: float) -> tuple[int, ...]:
        """Take one of each limit of their place; which counts it was taken of. PlaceLimitReached: as `limits.take`."""
        taken = limits.take(connection, rules, self.place, self.person_id, self.roles, kind, now)
        self.low.limits = taken.low
        return taken.counts

    def check_brings(self, *, age_restricted: bool) -> None:
        """NotAllowed: it was made in an age-restricted channel, and here is neither one nor their direct messages."""
        if age_restricted and not (self.age_restricted or self.context == "bot_dm"):
            raise NotAllowed("policy.stays_age_restricted")

    def check_press(self, rules: Rules, asked_by: int) -> None:
        """NotAllowed, where moderators decided that not everybody orders by the buttons under others' cards."""
        rules.check_press(asked_by=asked_by, person_id=self.person_id, roles=self.roles, moderates=self.moderates)
