"""What a column holds of people, said where it is declared (`info=`): /privacy and the janitor walk the tables by it,
whatever features are loaded. A column that could hold a person, or their words, and says nothing fails a test.

Of a person is what stands in the rows that their id is in. Conditions are SQL; `:now` is Unix seconds, `:today` the
day from 1970-01-01 (UTC).
"""

from __future__ import annotations

from typing import Any

NOBODY = 0
"""Stands where somebody must, and that person's data was deleted."""
DAY_OVER = "day < :today"
PERIOD_OVER = "ends_at < :now"
BAR_OVER = "until < :now"


def deleted(where: str | None = None) -> dict[str, Any]:
    """Whose the row is: it is shown to them, and with their data it is deleted; `where`: only if that holds."""
    return {"person": "deleted", "where": where}


def cleared(name: str | None = None) -> dict[str, Any]:
    """Who did something with the row: with their data their id goes, and the row stays. `name`: as in `shown`."""
    return {"person": "cleared", "shown": name}


def apart(name: str | None = None) -> dict[str, Any]:
    """People, or their words, in a way that takes a function: `cogs.privacy.apart` has it. `name`: as in `shown`."""
    return {"person": "apart", "shown": name}


def shown(name: str) -> dict[str, Any]:
    """Told under this name to whose row it is."""
    return {"shown": name}


def words(name: str | None = None, *, left: str | dict[str, Any] | None = None) -> dict[str, Any]:
    """What people wrote, or the service: after the days of a server's `prompt_days` only `left` is left.

    `name`: as in `shown`; None: it is nobody's own.
    """
    return {"shown": name, "words": True, "left": left}


def nobodys(why: str) -> dict[str, Any]:
    """It looks like a person or their words, and is neither."""
    return {"nobodys": why}


def rows(
    section: str | None = None,
    *,
    by: str | None = None,
    over: str | None = None,
    ages: bool = False,
    go: bool = False,
    tree: str | None = None,
) -> dict[str, Any]:
    """Of a table. `section`: of the file, that shows its rows to whose they are ("credits/orders": in another one);
    None: none by itself. `by`: the column that they are in order of, before their key.

    `over`: of which rows nobody has any use. `ages`: the words in a row, and in those that belong to it, are forgotten
    so many days after its `ended_at`. `go`: these are among them, and go as a whole. `tree`: the column that says which
    row one comes from; where a person's row is deleted, those that come from it go on without it.
    """
    return {"section": section, "by": by, "over": over, "ages": ages, "go": go, "tree": tree}
