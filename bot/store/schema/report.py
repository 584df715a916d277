"""Reports of messages, for a server's moderators."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Double, Index, Integer, Table

from bot.store.schema.base import metadata
from bot.store.schema.people import cleared, deleted, rows, shown

REPORT_SECONDS: Final = 30 * 86_400.0
"""How long a line in a log channel can be acted upon."""

# Who reported a message; each once.
reports = Table(
    "reports",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False, info=shown("message")),
    Column("person_id", BigInteger, primary_key=True, autoincrement=False, info=deleted()),
    Column("reported_at", Double, nullable=False, info=shown("reported")),
    Index("ix_reports_person", "person_id", "reported_at"),
    Index("ix_reports_reported", "reported_at"),
    info=rows("reports", by="reported_at", over=f"reported_at < :now - {REPORT_SECONDS}"),
)

# The line that stands in the log channel of a reported message.
report_lines = Table(
    "report_lines",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False, info=shown("message")),
    Column("guild_id", BigInteger, nullable=False, info=shown("server")),
    Column("channel_id", BigInteger, nullable=False, info=shown("channel")),
    # The person that the message was made for, as far as it is known.
    Column("asked_by", BigInteger, info=cleared()),
    Column("log_channel_id", BigInteger, nullable=False),
    # None: it is about to be posted.
    Column("log_message_id", BigInteger),
    Column("count", Integer, nullable=False, server_default="1"),
    Column("reported_by", BigInteger, info=cleared()),
    Column("reported_at", Double, nullable=False, info=shown("reported")),
    Column("removed_by", BigInteger, info=cleared()),
    Column("removed_at", Double, info=shown("removed")),
    # Who found nothing wrong with it; until somebody else reports it.
    Column("closed_by", BigInteger, info=cleared()),
    Column("closed_at", Double, info=shown("closed")),
    Index("ix_report_lines_reported", "reported_at"),
    info=rows("messages_for_you_that_were_reported", by="reported_at", over=f"reported_at < :now - {REPORT_SECONDS}"),
)
