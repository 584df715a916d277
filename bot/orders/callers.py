"""Who orders: what the floors below need to know of an interaction, and what the rules of a place say to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bot.errors import NotAllowed
from bot.kinds import Kind
from bot.orders.blocked.check import Verdicts
from bot.orders.policy import Rules
from bot.settings import Origin, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who orders, from where, and the interaction through which the card can be edited until `token_expires_at`.

    `private` None: as it is set at the place, else as the person chose for themselves (`private_by_default`).
    `confirmed`: the price that was seen and agreed to. `roles` are the person's in the server, `age_restricted` the
    channel's. `moderates`: may act on others' messages there.
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
    event_id: int | None = None
    verdicts: Verdicts = field(default_factory=Verdicts, compare=False, repr=False)
    """Which blocked words stand in what they said, as far as that is known."""

    def ruled_by(self, rules: Rules) -> Caller:
        """With what the place decides: whether it is private, and the language of public cards."""
        private = self.private
        if private is None:
            answers = rules.effective["answers"]
            private = answers.value == "private" or (self.private_by_default and answers.origin is Origin.DEFAULT)
        language = None if private else rules.value("language")
        return replace(self, private=private, locale=language or self.locale)

    def check(self, rules: Rules, kind: Kind, prompt: str) -> None:
        """Raise what in the rules of their place speaks against this use, if anything does; Unread: see there."""
        in_guild = self.place.guild_id is not None
        rules.check(kind, roles=self.roles, in_guild=in_guild, age_restricted=self.age_restricted)
        self.verdicts.check(prompt, rules.value("blocked_words"))

    def check_brings(self, *, age_restricted: bool) -> None:
        """NotAllowed: it was made in an age-restricted channel, and here is neither one nor their direct messages."""
        if age_restricted and not (self.age_restricted or self.context == "bot_dm"):
            raise NotAllowed("policy.stays_age_restricted")

    def check_press(self, rules: Rules, asked_by: int) -> None:
        """NotAllowed, where moderators decided that not everybody orders by the buttons under others' cards."""
        rules.check_press(asked_by=asked_by, person_id=self.person_id, roles=self.roles, moderates=self.moderates)
