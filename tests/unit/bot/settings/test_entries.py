"""What is called as the usual one is called could never be chosen."""

from __future__ import annotations

import pytest

from bot.errors import BadValue
from bot.settings.entries import Entries
from bot.settings.personas import Personas, is_default
from bot.settings.styles import Styles
from bot.settings.values import is_none


@pytest.mark.parametrize(
    ("kind", "rest"), [(Personas(), {"instructions": "Say arr."}), (Styles(), {"words": "in oil"})]
)
@pytest.mark.parametrize("name", ["Default", "默认", "None", "无", "無", "没有", "Pirate"])
def test_names_that_mean_the_usual_one_are_taken(kind: Entries, rest: dict[str, str], name: str) -> None:
    means_usual = is_default(name) if isinstance(kind, Personas) else is_none(name)
    if not means_usual:
        assert kind.of([{"name": name, **rest}]) == [{"name": name, **rest}]
        return
    with pytest.raises(BadValue) as refused:
        kind.of([{"name": name, **rest}])
    assert refused.value.key == kind.usual_taken
