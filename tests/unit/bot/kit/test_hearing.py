"""Which messages are taken in at all, told by what Discord sends."""

from __future__ import annotations

from typing import Any

import pytest

from bot.kit.hearing import Hearing

ME = "99"
PLAIN: dict[str, Any] = {"author": {"id": "1"}, "guild_id": "5", "channel_id": "7", "mentions": []}


@pytest.mark.parametrize(
    ("event", "concerns"),
    [
        ({}, False),
        ({"mentions": [{"id": "98"}, {"id": ME}]}, True),
        ({"mentions": [{"id": ME}], "author": {"id": "2", "bot": True}}, False),
        ({"mentions": [{"id": ME}], "webhook_id": "3"}, False),
        ({"mention_everyone": True}, False),
        ({"mention_roles": [ME]}, False),
        ({"channel_id": "8"}, True),
        ({"channel_id": "8", "author": {"id": "2", "bot": True}}, False),
    ],
)
def test_in_a_server(event: dict[str, Any], concerns: bool) -> None:
    hearing = Hearing()
    hearing.watched.add("8")
    assert hearing.concerns(PLAIN | event, ME) is concerns


def test_every_direct_message_of_a_person() -> None:
    direct = {key: value for key, value in PLAIN.items() if key != "guild_id"}
    assert Hearing().concerns(direct, ME)
    assert not Hearing().concerns(direct | {"author": {"id": ME, "bot": True}}, ME)
