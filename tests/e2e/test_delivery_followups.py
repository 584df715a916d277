"""A long answer's further messages: each stands once, whatever becomes of the acknowledgement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.asking import GOES_ON, ask, end_of, model_says, said, was_whole
from tests.e2e.cards import labels

if TYPE_CHECKING:
    from sandbox.discord.models import Message
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORDS = [f"word{number}" for number in range(1200)]
LONG = "[delay:0.2] [rate:4000]"


@pytest.fixture(autouse=True)
def _pages(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = stage.discord.limits.groups | {"webhook.post": None, "webhook.patch": None}
    monkeypatch.setattr(stage.discord.limits, "groups", groups)
    model_says(monkeypatch, " ".join(WORDS))


def lose(stage: Stage, fault: str, token: str) -> None:
    """The first follow-up goes wrong."""
    kind, _, applied = fault.partition(" ")
    route = f"POST /webhooks/*/{token}"
    if kind == "drop":
        stage.discord.faults.drop(route, applied=bool(applied))
    else:
        stage.discord.faults.status(route, int(kind), applied=bool(applied))


def words(messages: list[Message]) -> list[str]:
    return [word for message in messages for word in said(message).split()]


@pytest.mark.parametrize("fault", ["500", "500 applied", "503 applied", "drop", "drop applied"])
async def test_a_page_whose_acknowledgement_was_lost_stands_once(stage: Stage, fault: str) -> None:
    use = await ask(stage, f"Pages meet {fault} {LONG}")
    lose(stage, fault, use.interaction.token)
    last = await end_of(use, within=20)
    assert stage.discord.faults.active == []
    assert was_whole(last)
    assert len(use.messages) > 1
    assert [labels(message) for message in use.messages] == [[]] * (len(use.messages) - 1) + [GOES_ON]
    assert words(use.messages) == WORDS


async def test_where_it_can_t_be_looked_for_nothing_is_missing(stage: Stage) -> None:
    """Without the right to read the channel a page may stand twice; the answer is whole all the same."""
    channel = stage.channel("pictures")
    stage.world.overwrite(channel, stage.world.application.bot, deny=Permission.READ_MESSAGE_HISTORY)
    use = await ask(stage, f"Unreadable {LONG}", where="pictures")
    lose(stage, "500 applied", use.interaction.token)
    last = await end_of(use, within=20)
    assert was_whole(last)
    assert set(words(use.messages)) == set(WORDS)


async def test_a_private_page_that_was_lost_comes(stage: Stage) -> None:
    use = await ask(stage, f"Private pages {LONG}", private=True)
    lose(stage, "500", use.interaction.token)
    last = await end_of(use, within=20)
    assert was_whole(last)
    assert all(message.ephemeral for message in use.messages)
    assert words(use.messages) == WORDS
