"""/jobs: one's own pictures and videos, or a channel's or server's for moderators, in pages that work for ever."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Self, TypeAlias, cast

import discord
from discord import ui

from bot.cards.button_looks import steps_of
from bot.cards.caller import caller_of
from bot.cards.retries import retry_elsewhere
from bot.cards.row_pressed import may_act, may_bring, row_by_id, too_late
from bot.errors import NotAllowed
from bot.generation.ordering.orders import Orders
from bot.generation.pauses import Pauses
from bot.generation.rows import queries
from bot.generation.rows.records import Generation
from bot.generation.work.claims import Claims
from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.kinds import Kind
from bot.kit.bot import Interaction
from bot.kit.components import Card, SafeButton, section
from bot.kit.links import message_link
from bot.kit.pages import PageButton, page, turns_from
from bot.kit.periods import Period
from bot.kit.places import is_moderator
from bot.kit.responses import replace_message
from bot.kit.titles import prompt_title
from bot.reasons import Step, steps_after
from bot.settings.values import LARGEST_ID
from bot.states import CANCELLABLE, LIVE, RETRYABLE, State
from bot.store.database import Database
from bot.text import escape
from cogs.jobs.again import open_form
from cogs.jobs.buttons import fetch_again
from cogs.jobs.redelivery import Redelivery

PAGE = 5
TITLE_LIMIT = 80

Action: TypeAlias = Literal["cancel", "retry", "edit", "fetch", "redeliver"]


class Whose(StrEnum):
    MINE = "mine"
    CHANNEL = "channel"
    SERVER = "server"


_STATES: dict[str, str] = {
    State.QUEUED: "state.queued",
    State.SUBMITTING: "state.submitting",
    State.RUNNING: "state.running",
    State.GENERATED: "state.generated",
    State.DELIVERED: "state.delivered",
    State.DROPPED: "state.dropped",
    State.UNFETCHED: "state.unfetched",
    State.UNKNOWN: "state.unknown",
    State.FAILED: "state.failed",
    State.EXPIRED: "state.expired",
    State.CANCELLED: "state.cancelled",
}


@dataclass(frozen=True, slots=True)
class Search:
    """What a list shows; None: all. Of one's own all are one's own."""

    whose: Whose = Whose.MINE
    by: int | None = None
    period: Period | None = None

    @property
    def code(self) -> str:
        """As a custom_id keeps it."""
        if self.by is None and self.period is None:
            return self.whose.value
        return f"{self.whose.value}/{self.by or 0}/{self.period or ''}"

    @classmethod
    def of(cls, match: re.Match[str]) -> Self:
        by = min(int(match["by"] or 0), LARGEST_ID) or None
        return cls(Whose(match["whose"]), by, Period(match["period"]) if match["period"] else None)


SEARCH = r"(?P<whose>mine|channel|server)(?:/(?P<by>\d{1,19})/(?P<period>[dwm]?))?"


async def jobs_card(interaction: Interaction, search: Search, *, before_id: int | None = None) -> Card:
    """A page, newest first. NotAllowed: a channel's or server's is for moderators."""
    whose = search.whose
    if whose is not Whose.MINE:
        needed = is_moderator(interaction) if whose is Whose.CHANNEL else interaction.permissions.manage_guild
        if interaction.guild_id is None or not needed:
            raise NotAllowed("jobs.not_allowed")
    database = interaction.client.the(Database)
    # One more than fits, so that it is known whether there is an older page.
    limit = PAGE + 1
    since = None if search.period is None else search.period.since
    if whose is Whose.MINE:
        person = interaction.user.id
        rows = await database.run(queries.of_person, person, since=since, before_id=before_id, limit=limit)
    else:
        rows = await database.run(
            queries.of_place,
            interaction.guild_id or 0,
            (interaction.channel_id or 0) if whose is Whose.CHANNEL else None,
            by=search.by,
            since=since,
            before_id=before_id,
            limit=limit,
        )
    ordered_again = await database.run(queries.with_child, [row.id for row in rows if row.state in RETRYABLE])
    return _card(
        locale_of(interaction.locale),
        search,
        rows,
        ordered_again=ordered_again,
        held={row.id for row in rows if row.state in LIVE and interaction.client.the(Pauses).held(row)},
        before_id=before_id,
        reader=interaction.user.id,
    )


def _card(
    locale: str,
    search: Search,
    rows: Sequence[Generation],
    *,
    ordered_again: Collection[int],
    held: Collection[int],
    before_id: int | None,
    reader: int,
) -> Card:
    heading = {Whose.MINE: "jobs.mine", Whose.CHANNEL: "jobs.channel", Whose.SERVER: "jobs.server"}[search.whose]
    facts = [f"<@{search.by}>"] if search.by else []
    facts += [search.period.named(locale)] if search.period else []
    under = f"\n-# {' · '.join(facts)}" if facts else ""
    items: list[ui.Item[Any]] = [ui.TextDisplay(f"### {text(locale, heading)}{under}")]
    if not rows:
        items.append(ui.TextDisplay(text(locale, "jobs.none_found" if facts else "jobs.none")))
    for job in rows[:PAGE]:
        state = "state.held" if job.id in held else _STATES[job.state]
        shown = _entry(locale, job, text(locale, state), with_person=search.whose is not Whose.MINE, reader=reader)
        action = _action(job, reader=reader)
        if action is None or (action in {"retry", "edit"} and job.id in ordered_again):
            items.append(ui.TextDisplay(shown))
        else:
            items.append(section(shown, JobButton(action, job.id, search, before_id=before_id or 0, locale=locale)))
    turns = turns_from(before_id, [job.id for job in rows], PAGE)
    return page(items, [JobsPageButton(search, each, locale=locale) for each in turns])


def _entry(locale: str, job: Generation, state: str, *, with_person: bool, reader: int) -> str:
    kept = prompt_title(job.prompt, locale, TITLE_LIMIT)
    name = text(locale, "jobs.private") if _is_hidden(job, reader) else kept
    kind = text(locale, "jobs.video" if job.kind == Kind.VIDEO else "jobs.picture")
    facts = [kind, state, f"<t:{int(job.created_at)}:R>", escape(job.model)]
    if with_person:
        facts.append(f"<@{job.person_id}>")
    if job.message_id is not None and not job.private:
        where = message_link(job.guild_id, job.channel_id, job.message_id)
        facts.append(f"[{text(locale, 'jobs.message')}]({where})")
    if job.removed_at is not None:
        by = f"<@{job.removed_by}>" if job.removed_by is not None else None
        facts.append(text(locale, "jobs.removed_by", who=by) if by else text(locale, "jobs.removed"))
    return f"**{name}**\n-# {' · '.join(facts)}"


def _action(job: Generation, *, reader: int) -> Action | None:
    """What `reader`, who asked for it or moderates here, can do with a job in its state."""
    if job.removed_at is not None:
        return None
    if job.state in CANCELLABLE and job.kind == Kind.VIDEO:
        return "cancel"
    if _is_hidden(job, reader):
        return None  # either of the others would show what it is
    if not job.prompt:
        return None  # with the prompt went the results
    if job.state in RETRYABLE and Step.RETRY in steps_after(job.reason):
        return "retry"
    if steps_of(job):
        return "edit"
    if job.state == State.UNFETCHED:
        return "fetch"
    return "redeliver" if job.state in {State.DELIVERED, State.DROPPED} else None


def _is_hidden(job: Generation, reader: int) -> bool:
    """A private one is nobody else's to read, not a moderator's either."""
    return job.private and job.person_id != reader


class JobsPageButton(PageButton, template=rf"jobs:{SEARCH}:(?P<before>\d{{1,18}})"):
    """Another page of the same list."""

    def __init__(self, search: Search, before_id: int, *, locale: str = DEFAULT_LOCALE) -> None:
        super().__init__(before_id, f"jobs:{search.code}", locale)
        self.search = search

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(Search.of(match), int(match["before"]))

    async def page(self, interaction: Interaction) -> Card:
        return await jobs_card(interaction, self.search, before_id=self.before_id)


class JobButton(
    SafeButton,
    template=rf"job:(?P<id>\d{{1,50}}):(?P<action>cancel|retry|edit|fetch|redeliver):{SEARCH}:(?P<before>\d{{1,18}})",
):
    """What can be done with a job in its state, for who asked for it and for moderators. `before_id`: of its page."""

    def __init__(
        self, action: Action, generation_id: int, search: Search, *, before_id: int, locale: str = DEFAULT_LOCALE
    ) -> None:
        key = {
            "cancel": "button.cancel",
            "retry": "button.retry",
            "edit": "button.edit_retry",
            "fetch": "button.fetch",
            "redeliver": "button.redeliver",
        }[action]
        style = discord.ButtonStyle.danger if action == "cancel" else discord.ButtonStyle.secondary
        custom_id = f"job:{generation_id}:{action}:{search.code}:{before_id}"
        super().__init__(ui.Button(label=text(locale, key), style=style, custom_id=custom_id))
        self.generation_id = generation_id
        self.action: Action = action
        self.search = search
        self.before_id = before_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        # The template lets nothing else through.
        action = cast("Action", match["action"])
        return cls(action, int(match["id"]), Search.of(match), before_id=int(match["before"]))

    async def pressed(self, interaction: Interaction) -> None:
        job = await row_by_id(interaction, self.generation_id)
        may_act(interaction, job, "jobs.not_yours")
        if self.action != "cancel" and _is_hidden(job, interaction.user.id):
            raise NotAllowed("jobs.not_yours")
        the = interaction.client.the
        match self.action:
            case "cancel":
                if await the(Claims).cancel(job.id, by=interaction.user.id) is None:
                    raise too_late(await row_by_id(interaction, job.id))
                await self._turn(interaction)
            case "retry":
                may_bring(interaction, job)
                await retry_elsewhere(interaction, job)
            case "edit":
                may_bring(interaction, job)
                await open_form(interaction, job, anew=True)
            case "fetch":
                await fetch_again(interaction, job)
                await self._turn(interaction)
            case _:
                if job.state not in {State.DELIVERED, State.DROPPED}:
                    raise NotAllowed("jobs.not_ready")
                if the(Pauses).held(job):
                    raise NotAllowed("card.held")
                private = await _allowed_here(interaction, job)
                await the(Redelivery).post(interaction, job, private=private)

    async def _turn(self, interaction: Interaction) -> None:
        """Show the page as it is now."""
        view = await jobs_card(interaction, self.search, before_id=self.before_id or None)
        await replace_message(interaction, view)


async def _allowed_here(interaction: Interaction, job: Generation) -> bool:
    """Whether it is to be delivered here privately. NotAllowed, BadValue: its rules speak against it."""
    may_bring(interaction, job)
    caller = caller_of(interaction)
    orders = interaction.client.the(Orders)
    kind = Kind(job.kind)
    rules = await orders.run(caller, lambda connection: orders.checked(connection, caller, kind, job.prompt))
    return job.private or bool(caller.ruled_by(rules).private)
