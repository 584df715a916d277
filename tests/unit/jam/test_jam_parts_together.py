"""Two people edit a merged prompt at once: what stands for each idea is of the prompt that stands."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.jam.parts import parts_after
from bot.store import jams
from tests.unit.jam.conftest import MODERATOR

if TYPE_CHECKING:
    from tests.unit.jam.conftest import World


async def test_the_parts_are_of_the_prompt_that_stands(world: World) -> None:
    jam = await world.opened()
    await world.reviewed(jam, "a red dragon", "paper lanterns")
    prompts = (
        "the harbour, two red dragons",
        "the harbour, Paper Lanterns",
        "the harbour, lanterns of paper, a Dragon",
    )
    callers = (world.caller(), world.caller(MODERATOR), world.caller())
    before = await world.get(jam)
    await asyncio.gather(
        *(world.jams.edit(caller, jam.id, prompt) for caller, prompt in zip(callers, prompts, strict=True))
    )
    shown = await world.round(jam)
    ideas = await world.database.run(jams.ideas_of, jam.id, 1)
    assert shown.prompt in prompts
    assert (await world.get(jam)).step == before.step + len(prompts)
    parts = {idea.id: idea.part for idea in ideas}
    assert set(parts.values()) != {None}
    assert all(part is None or part in shown.prompt for part in parts.values())
    assert parts == parts_after(shown.prompt, ideas)
