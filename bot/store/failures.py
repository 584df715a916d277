"""What the database may fail with, apart from the code's own mistakes."""

from __future__ import annotations

from bot.background import Over


class StoreUnavailable(Exception):
    """The database could not do its work: locked by another program, disk full, connection lost.

    Nothing was changed, unless `outcome_unknown`: the connection broke while the commit was on its way. The text is for
    the log and holds no address and no password.
    """

    def __init__(self, detail: str, *, outcome_unknown: bool = False) -> None:
        super().__init__(detail)
        self.outcome_unknown = outcome_unknown


class LeaseLost(StoreUnavailable, Over):
    """This process was silent for too long, and others have its work: it is to end at once, and to change nothing.

    `starting`: before it had any, so that it may begin anew.
    """

    def __init__(self, *, starting: bool = False) -> None:
        super().__init__("others have this process's work")
        self.starting = starting
