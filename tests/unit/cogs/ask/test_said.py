"""What stands in messages of all kinds, as Discord sends them."""

from __future__ import annotations

from typing import Any

import pytest

from cogs.ask import said
from tests.unit.discord_objects import message, read_what_is_partial

POLL: dict[str, Any] = {
    "question": {"text": "Which fox?"},
    "answers": [
        {"answer_id": 1, "poll_media": {"text": "Red", "emoji": {"id": None, "name": "🦊"}}},
        {"answer_id": 2, "poll_media": {"text": "Grey"}},
    ],
    "expiry": "2026-01-02T00:00:00+00:00",
    "allow_multiselect": False,
    "layout_type": 1,
    "results": {"is_finalized": False, "answer_counts": [{"id": 1, "count": 3, "me_voted": False}]},
}
EMBED: dict[str, Any] = {
    "type": "rich",
    "title": "Build 7",
    "description": "It failed.",
    "fields": [{"name": "Branch", "value": "main"}],
    "footer": {"text": "CI"},
}
FORWARDED: dict[str, Any] = {
    "type": 0,
    "content": "",
    "embeds": [EMBED],
    "attachments": [],
    "timestamp": "2026-01-01T00:00:00+00:00",
    "edited_timestamp": None,
}


@pytest.fixture(autouse=True)
def _partial(monkeypatch: pytest.MonkeyPatch) -> None:
    read_what_is_partial(monkeypatch)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"content": "hello", "embeds": [EMBED]}, "hello"),
        ({"embeds": [EMBED]}, "Build 7\nIt failed.\nBranch\nmain"),
        ({"embeds": [{"type": "rich", "title": "Only that"}]}, "Only that"),
        ({"message_snapshots": [{"message": FORWARDED}]}, "Build 7\nIt failed.\nBranch\nmain"),
        ({"poll": POLL}, "Which fox?\n- Red (3)\n- Grey"),
        (
            {"poll": {"question": POLL["question"], "answers": POLL["answers"], "expiry": None}},
            "Which fox?\n- Red\n- Grey",
        ),
        ({"sticker_items": [{"id": "1", "name": "wave", "format_type": 1}]}, ""),
    ],
)
@pytest.mark.parametrize("components", [[], None], ids=["no parts", "nothing said of parts"])
async def test_the_words_of_a_message(facts: dict[str, Any], words: str, components: list[Any] | None) -> None:
    facts = facts if components is None else {**facts, "components": components}
    assert said.words(message(**facts)) == words
