"""The safe bases: an exception in any of them reaches the one error path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Self
from unittest.mock import AsyncMock, MagicMock, create_autospec

import discord
import pytest
from discord import ui

from bot.errors import NotAllowed
from bot.kit.components import SafeButton, SafeForm, SafeSelect, dispatch_form
from bot.kit.owner_alerts import OwnerAlerts
from tests.words import en, piece

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.fixture
def interaction() -> Any:
    """One that a person sees an answer to: `sent` has the sentences."""
    made = MagicMock(spec=discord.Interaction)
    made.locale = discord.Locale.american_english
    made.data = {}
    made.client.tree.interaction_check = AsyncMock(return_value=True)
    made.client.the = {OwnerAlerts: create_autospec(OwnerAlerts, instance=True)}.__getitem__
    made.response.is_done = MagicMock(return_value=False)
    made.response.send_message = AsyncMock()
    return made


def sent(interaction: Any) -> str:
    view: ui.LayoutView = interaction.response.send_message.await_args.kwargs["view"]
    return str(view.to_components()[0]["content"])


class Unmade(SafeButton, template=r"unmade:(\d+)"):
    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        del match
        raise NotAllowed("error.gone")


class Unpressed(SafeSelect[ui.Select[Any]], template=r"unpressed"):
    def __init__(self) -> None:
        super().__init__(ui.Select(custom_id="unpressed"))

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        del match
        return cls()

    async def pressed(self, interaction: Any) -> None:
        raise NotAllowed("config.bad_choice", options=", ".join(self.chosen(interaction)))


class Form(SafeForm):
    template: ClassVar[re.Pattern[str]] = re.compile(r"form:(?P<id>\d+)")

    def __init__(self, id_: int) -> None:
        super().__init__(title="A form", custom_id=f"form:{id_}")
        self.number = id_

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        if match["id"] == "0":
            raise NotAllowed("error.gone")
        return cls(int(match["id"]))

    async def submitted(self, interaction: Any, values: Mapping[str, str]) -> None:
        del interaction
        raise NotAllowed("config.bad_choice", options=f"{self.number} {dict(values)}")


async def pressed(item: Any, interaction: Any, custom_id: str) -> None:
    """As the library does it."""
    match = item.__discord_ui_compiled_template__.fullmatch(custom_id)
    made = await item.from_custom_id(interaction, ui.Button[Any](custom_id=custom_id), match)
    assert await made.interaction_check(interaction)
    await made.callback(interaction)


async def test_what_can_not_be_made_of_its_custom_id_is_told(interaction: Any):
    await pressed(Unmade, interaction, "unmade:1")
    assert sent(interaction).startswith(piece("error.gone"))


async def test_what_fails_when_it_is_chosen_is_told(interaction: Any):
    interaction.data = {"values": ["a", 2]}
    await pressed(Unpressed, interaction, "unpressed")
    assert sent(interaction) == en("config.bad_choice", options="a, 2")


async def test_an_unexpected_error_is_told_with_its_reference(interaction: Any):
    interaction.data = {"values": 5}
    await pressed(Unpressed, interaction, "unpressed")
    assert sent(interaction).startswith("Something went wrong on our side (ref ")


async def test_while_the_bot_may_not_be_used_nothing_is_done(interaction: Any):
    interaction.client.tree.interaction_check.return_value = False
    await pressed(Unpressed, interaction, "unpressed")
    interaction.response.send_message.assert_not_awaited()


@pytest.mark.parametrize(
    ("custom_id", "said"),
    [
        ("form:7", en("config.bad_choice", options="7 {'a': 'x', 'b': 'y'}")),
        ("form:0", piece("error.gone")),
    ],
)
async def test_forms_are_found_by_their_custom_id(interaction: Any, custom_id: str, said: str):
    interaction.data = {
        "custom_id": custom_id,
        "components": [
            {"type": 18, "component": {"type": 4, "custom_id": "a", "value": "x"}},
            {"type": 1, "components": [{"type": 4, "custom_id": "b", "value": "y"}]},
            {"type": 10, "content": "a text"},
        ],
    }
    await dispatch_form(interaction, [Form])
    assert sent(interaction).startswith(said)


async def test_an_open_form_is_kept_nowhere(interaction: Any):
    interaction.response.send_modal = AsyncMock()
    form = Form(1)
    await form.open(interaction)
    interaction.response.send_modal.assert_awaited_once_with(form)
    assert form.is_finished(), "what is finished is not stored by the library"
