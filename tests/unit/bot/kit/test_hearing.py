"""Which messages are taken in at all, told by what Discord sends."""

from __future__ import annotations

from types import SimpleNamespace
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


def test_what_is_not_for_the_bot_is_overheard_once() -> None:
    parsers: dict[str, Any] = {"MESSAGE_CREATE": list[Any]().append}
    bot: Any = SimpleNamespace(application_id=99, _connection=SimpleNamespace(parsers=parsers))
    hearing, heard = Hearing(), list[str]()
    hearing.listen(bot)
    hearing.overheard.put("7", lambda: heard.append("7"))
    by_bot, joined = {"author": {"id": "2", "bot": True}}, {"type": 18}
    for event in (by_bot, joined, {"channel_id": "6"}, {"mentions": [{"id": ME}]}):
        parsers["MESSAGE_CREATE"](PLAIN | event)
        assert heard == []
    for _ in range(2):
        parsers["MESSAGE_CREATE"](PLAIN | {"type": 19})
    assert heard == ["7"]


def test_every_direct_message_of_a_person() -> None:
    direct = {key: value for key, value in PLAIN.items() if key != "guild_id"}
    assert Hearing().concerns(direct, ME)
    assert not Hearing().concerns(direct | {"author": {"id": ME, "bot": True}}, ME)
