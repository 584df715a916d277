"""A row as a line of the file: each column under the name that it was declared with, as far as it says something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from bot.kinds import BY_COMMAND, Kind
from bot.kit.links import message_link
from bot.money import shown
from bot.periods import DAY_SECONDS
from cogs.privacy.rows import is_time

if TYPE_CHECKING:
    from sqlalchemy import RowMapping, Table

    Odd = Mapping[str, object]

_ORDER: Final = (
    "month",
    "day",
    "command",
    "order",
    "kind",
    "state",
    "setting",
    "value",
    "where",
    "link",
    "prompt",
    "model",
)
"""What a line begins with, where it has it; the rest comes as it is stored."""


def said(**facts: object) -> dict[str, Any]:
    """What there is: a line that says nothing is left out."""
    return {name: value for name, value in facts.items() if value is not None}


def moment(seconds: float | None, form: str = "%Y-%m-%d %H:%M:%S UTC") -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime(form)


def line_of(table: Table) -> Callable[[RowMapping], dict[str, Any]]:
    """How a row of this table reads."""
    told = sorted((one for one in table.columns if one.info.get("shown")), key=lambda one: _place(one.info["shown"]))
    # Of words that were forgotten there is nothing to say; every Double is a time.
    fields = [
        (one.name, one.info["shown"], one.info["left"] if one.info.get("words") else None, is_time(one)) for one in told
    ]
    odd = _ODD.get(table.name)

    def line(row: RowMapping) -> dict[str, Any]:
        values = {
            name: moment(row[column]) if is_time else row[column]
            for column, name, left, is_time in fields
            if row[column] != left
        }
        return said(**{**values, **(odd(row) if odd is not None else {})})

    return line


def _place(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _generation(row: RowMapping) -> Odd:
    where = row["guild_id"], row["channel_id"], row["message_id"]
    return {
        "message": message_link(*where) if where[2] is not None else None,
        "pictures": row["count"] if row["kind"] == Kind.IMAGE else None,
    }


def _cost(row: RowMapping) -> Odd:
    actual = row["actual"]
    return {"command": f"/{row['kind']}", "cost": None if actual is None else shown(actual)}


def _total(row: RowMapping) -> Odd:
    year, month = divmod(row["month"], 12)
    return {"month": f"{1970 + year}-{month + 1:02}", "cost": shown(row["amount"])}


def _daily_count(row: RowMapping) -> Odd:
    kind = row["kind"]
    return {
        "day": moment(row["day"] * DAY_SECONDS, "%Y-%m-%d"),
        "command": f"/{kind}" if kind in BY_COMMAND else None,
        "forgiven": kind.replace("_", " ") if kind not in BY_COMMAND else None,
    }


def _where(row: RowMapping) -> Odd:
    return {"where": f"{row['scope']} {row['scope_id']}"}


_ODD: Final[Mapping[str, Callable[[RowMapping], Odd]]] = {
    "generations": _generation,
    "votes": lambda row: {"picture": row["position"] + 1},
    "reservations": lambda row: {"command": f"/{row['kind']}"},
    "costs": _cost,
    "totals": _total,
    "daily_counts": _daily_count,
    "limit_counts": lambda row: {"command": f"/{row['kind']}", **_where(row)},
    "settings": _where,
    "setting_changes": _where,
    "setting_drafts": _where,
    "turns": lambda row: {"files": [file["filename"] for file in row["files"]] if row["files"] else None},
}
"""What is told in other words than the column's; None: nothing."""
