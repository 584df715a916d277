"""/config grant: credits for one person beyond their share, noted in the history with who gave them and why."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import discord
from sqlalchemy import Connection

from bot.errors import BadValue, NotAllowed
from bot.i18n import locale_of, text
from bot.kit.short_cards import note
from bot.kit.written import with_names
from bot.orders import grants, ledger
from bot.orders.grants import value_of
from bot.settings import Scope
from bot.store import events
from bot.store.database import Database
from bot.text import escape, one_line, shorten
from cogs.config import changes, managers

if TYPE_CHECKING:
    from discord import ui

    from bot.kit.bot import Interaction
    from bot.settings.changes import Changed

REASON_LIMIT = 200
SHOWN_LIMIT = 100
"""Of a reason in the history, in characters before escaping."""


async def grant(
    interaction: Interaction,
    person: discord.User | discord.Member,
    credits: int,  # noqa: A002 - the word for them
    reason: str,
) -> ui.LayoutView:
    """Give credits, or take unused ones back with a negative number. A `Refusal` says why not."""
    if interaction.guild_id is None:
        raise NotAllowed("config.only_in_servers")
    if not managers.may_change(interaction, Scope.SERVER, interaction.guild_id):
        raise NotAllowed("grant.not_allowed")
    if not isinstance(person, discord.Member) or person.bot:
        raise BadValue("grant.nobody")
    why = shorten(one_line(await with_names(interaction, reason)), REASON_LIMIT)
    if not why:
        raise BadValue("config.no_text", most=REASON_LIMIT)
    if credits == 0:
        raise BadValue("grant.zero")
    guild_id, person_id, by, now = interaction.guild_id, person.id, interaction.user.id, time.time()

    def give(connection: Connection) -> tuple[Changed | None, int]:
        line = grants.give(
            connection, guild_id=guild_id, person_id=person_id, credits=credits, reason=why, by=by, now=now
        )
        return line, ledger.granted_left(connection, guild_id=guild_id, person_id=person_id)

    line, left = await interaction.client.the(Database).run(events.once(interaction.id, give))
    if line is None:
        raise BadValue("grant.nothing", person=f"<@{person_id}>")
    locale = locale_of(interaction.locale)
    said = [sentence(locale, line, REASON_LIMIT), text(locale, "grant.left", person=f"<@{person_id}>", count=left)]
    if value_of(line)["credits"] != credits:
        said.append(f"-# {text(locale, 'grant.less')}")
    if (await changes.look_at(interaction)).rules.value("daily_credits") is None:
        said.append(f"-# {text(locale, 'grant.no_share')}")
    return note("\n".join(said))


def sentence(locale: str, line: Changed, limit: int = SHOWN_LIMIT) -> str:
    """“Granted 50 credits to @alice: a prize”, “Took back 50 credits from …”; what was forgotten is left out."""
    return _sentence(locale, line, limit, mention=True)


def plainly(locale: str, line: Changed) -> str:
    """The same where Discord shows letters only."""
    return _sentence(locale, line, SHOWN_LIMIT, mention=False)


def _sentence(locale: str, line: Changed, limit: int, *, mention: bool) -> str:
    value = value_of(line)
    amount, why = value["credits"], shorten(value.get("reason", ""), limit)
    said = _said(amount, undoes=line.undoes is not None)
    facts = {"count": abs(amount)}
    if "person" not in value:
        return text(locale, said.forgotten, **facts)
    person = f"<@{value['person']}>" if mention else value["person"]
    # Whoever gave it has had their data deleted, and their words with it.
    if not why:
        return text(locale, said.plain, person=person, **facts)
    return text(locale, said.reasoned, person=person, reason=escape(why) if mention else why, **facts)


class _Said(NamedTuple):
    """The keys of one sentence: without a reason, with one, and when its person is forgotten."""

    plain: str
    reasoned: str
    forgotten: str


_GIVEN = _Said("grant.given", "grant.given_for", "grant.given_forgotten")
_TAKEN = _Said("grant.taken", "grant.taken_for", "grant.taken_forgotten")
_NOTHING = _Said("grant.taken_nothing", "grant.taken_nothing_for", "grant.taken_nothing_forgotten")
_RETURNED = _Said("grant.returned", "grant.returned_for", "grant.returned_forgotten")


def _said(amount: int, *, undoes: bool) -> _Said:
    """What was done. Only what takes a grant back is ever a line of nothing: all of it was used."""
    if amount <= 0:
        return _TAKEN if amount else _NOTHING
    return _RETURNED if undoes else _GIVEN
