"""A form's files are in the order that they were chosen in: a first frame and a last one are told apart by it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bot.kit.returning_forms import files_of

FIRST, SECOND, THIRD = "11", "12", "13"


def part(kind: int, name: str, **said: object) -> dict[str, Any]:
    return {"type": 18, "id": 1, "component": {"type": kind, "id": 2, "custom_id": name, **said}}


@pytest.mark.parametrize(
    ("components", "order"),
    [
        ([part(19, "files", values=[THIRD, FIRST, SECOND])], [THIRD, FIRST, SECOND]),
        ([part(4, "prompt", value="A fox"), part(19, "files", values=[SECOND, FIRST, THIRD])], [SECOND, FIRST, THIRD]),
        ([part(19, "one", values=[SECOND]), part(19, "two", values=[THIRD, FIRST])], [SECOND, THIRD, FIRST]),
        ([part(19, "files", values=[THIRD, "99"])], [THIRD, FIRST, SECOND]),
        ([part(19, "files")], [FIRST, SECOND, THIRD]),
    ],
)
def test_files_come_as_they_were_chosen(components: list[dict[str, Any]], order: list[str]) -> None:
    resolved = {
        id_: {"id": id_, "filename": f"{id_}.png", "size": 1, "url": "https://x/1", "proxy_url": "https://x/1"}
        for id_ in (FIRST, SECOND, THIRD)
    }
    client = SimpleNamespace(_connection=SimpleNamespace(http=None))
    data = {"custom_id": "form", "components": components, "resolved": {"attachments": resolved}}
    interaction: Any = SimpleNamespace(data=data, client=client)
    assert [str(file.id) for file in files_of(interaction)] == order
