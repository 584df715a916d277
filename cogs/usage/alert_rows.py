"""Alerts of pools that are due (`bot.orders.pool_steps` stores them), and where they are to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, or_, select

from bot.i18n import DEFAULT_LOCALE
from bot.orders.ledger import Account
from bot.periods import period_start
from bot.settings import Scope
from bot.settings import stored as settings
from bot.store.schema import accounts as a
from bot.store.schema import pool_alerts as due
from bot.store.schema import settings as s

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row


class Alert(NamedTuple):
    """`percent`: the step that was reached, with `spent` of `ceiling` credits. `locale`: the server's.

    `log_channel_id`: where moderators read of it when the alert channel can't be used; 0: nowhere.
    """

    account_id: int
    account: Account
    percent: int
    spent: int
    ceiling: int
    guild_id: int
    channel_id: int
    log_channel_id: int
    locale: str


def alerts(c: Connection, *, now: float) -> list[Alert]:
    """Those of servers that have an alert channel. A day's or month's that is over is forgotten."""
    here = a.c.id == due.c.account_id
    goes_on = or_(*((a.c.period == each) & (a.c.starts == period_start(each, now)) for each in ("day", "month")))
    c.execute(delete(due).where(~select(a.c.id).where(here, goes_on).exists()))
    heard = (s.c.scope == "server") & (s.c.scope_id == a.c.guild_id) & (s.c.key == "alert_channel")
    columns = (a.c.guild_id, a.c.kind, a.c.owner_id, a.c.period, a.c.starts, *due.c)
    query = select(*columns).join(due, here).join(s, heard).order_by(due.c.account_id)
    return [_alert(c, row) for row in c.execute(query).all()]


def _alert(c: Connection, row: Row[Any]) -> Alert:
    # The server's: who reads the channel need not be where something was ordered.
    (values,) = settings.read(c, scopes=[(Scope.SERVER, row.guild_id)]).values()
    return Alert(
        account_id=row.account_id,
        account=Account(row.kind, row.owner_id, row.period, row.starts),
        percent=row.percent,
        spent=row.spent,
        ceiling=row.ceiling,
        guild_id=row.guild_id,
        channel_id=int(str(values["alert_channel"])),
        log_channel_id=int(str(values.get("log_channel") or 0)),
        locale=str(values.get("language") or DEFAULT_LOCALE),
    )


def told(c: Connection, alert: Alert) -> None:
    """People were told of it. One that has taken its place meanwhile stays due."""
    same = (due.c.percent == alert.percent) & (due.c.ceiling == alert.ceiling)
    c.execute(delete(due).where(due.c.account_id == alert.account_id, same))
