"""What somebody is told when what they waited for has ended."""

from __future__ import annotations

import pytest

from bot.cards.notices import words
from bot.kinds import Kind
from bot.states import State
from tests.unit.bot.cards.showing import row
from tests.words import en


@pytest.mark.parametrize(
    ("kind", "state", "key"),
    [
        (Kind.VIDEO, State.DELIVERED, "notice.video"),
        (Kind.VIDEO, State.FAILED, "notice.video_failed"),
        (Kind.VIDEO, State.EXPIRED, "notice.expired"),
        (Kind.VIDEO, State.UNKNOWN, "notice.unknown"),
        (Kind.VIDEO, State.UNFETCHED, "notice.unfetched"),
        (Kind.IMAGE, State.DELIVERED, "notice.images"),
        (Kind.IMAGE, State.FAILED, "notice.images_failed"),
        (Kind.IMAGE, State.UNKNOWN, "notice.unknown"),
        (Kind.IMAGE, State.UNFETCHED, "notice.unfetched"),
    ],
)
def test_what_may_still_come_is_not_said_to_have_failed(kind: Kind, state: State, key: str) -> None:
    order = row(kind=kind, state=state, count=1)
    assert words(order) == en(key, who=f"<@{order.person_id}>", count=1)
