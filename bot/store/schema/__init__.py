"""The tables, with what must always be true of them written as constraints.

Times are Unix seconds (double precision). Ids of Discord are BIGINT. `HEAD` is the newest in `migrations/versions`; a
test holds the metadata here and the migrated database to each other, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from typing import Final

from bot.store.schema.ask import CHAT_SECONDS, chats, growing_answers, turn_messages, turn_quotes, turns
from bot.store.schema.base import DAILY_KINDS, SCOPES, CleanText, metadata
from bot.store.schema.credit import (
    ACCOUNTS,
    FORGIVEN,
    PERIODS,
    QUESTION_SECONDS,
    accounts,
    charges,
    daily_counts,
    limit_counts,
    limit_uses,
    pool_alerts,
    price_questions,
    reservations,
)
from bot.store.schema.generation import (
    ACTIONS,
    CONTEXTS,
    ENDED_STATES,
    KINDS,
    LIVE_STATES,
    STATES,
    copies,
    generations,
    inputs,
    notices,
    parents,
    results,
    votes,
)
from bot.store.schema.jam import JAM_STATES, PAYERS, jam_ideas, jam_members, jam_rounds, jams
from bot.store.schema.money import budgets, costs, totals
from bot.store.schema.own import deletions, events, facts
from bot.store.schema.own_choice import LANGUAGES, NOTIFY, own_choices
from bot.store.schema.process import FENCED, GONE, PROCESSES, processes, shards, turnstiles
from bot.store.schema.report import REPORT_SECONDS, report_lines, reports
from bot.store.schema.setting import DRAFT_SECONDS, bars, setting_changes, setting_drafts, settings

REVISIONS: Final = tuple(f"{number:04}" for number in range(1, 30))
"""Every migration, oldest first: what a database may say of itself without being newer than this code."""
HEAD: Final = REVISIONS[-1]

__all__ = [
    "ACCOUNTS",
    "ACTIONS",
    "CHAT_SECONDS",
    "CONTEXTS",
    "DAILY_KINDS",
    "DRAFT_SECONDS",
    "ENDED_STATES",
    "FENCED",
    "FORGIVEN",
    "GONE",
    "HEAD",
    "JAM_STATES",
    "KINDS",
    "LANGUAGES",
    "LIVE_STATES",
    "NOTIFY",
    "PAYERS",
    "PERIODS",
    "PROCESSES",
    "QUESTION_SECONDS",
    "REPORT_SECONDS",
    "REVISIONS",
    "SCOPES",
    "STATES",
    "CleanText",
    "accounts",
    "bars",
    "budgets",
    "charges",
    "chats",
    "copies",
    "costs",
    "daily_counts",
    "deletions",
    "events",
    "facts",
    "generations",
    "growing_answers",
    "inputs",
    "jam_ideas",
    "jam_members",
    "jam_rounds",
    "jams",
    "limit_counts",
    "limit_uses",
    "metadata",
    "notices",
    "own_choices",
    "parents",
    "pool_alerts",
    "price_questions",
    "processes",
    "report_lines",
    "reports",
    "reservations",
    "results",
    "setting_changes",
    "setting_drafts",
    "settings",
    "shards",
    "totals",
    "turn_messages",
    "turn_quotes",
    "turns",
    "turnstiles",
    "votes",
]
