"""From the second round on what the group has made so far stays, whatever the model answers; so does an edit."""

from __future__ import annotations

import json

import pytest

from bot.jam.reasons import RoundReason
from bot.store import jams
from tests.unit.jam.conftest import BOB, CAROL, World

FIRST = "a harbour, watercolour; a red dragon, paper lanterns"


def merged(prompt: str, words: str) -> str:
    return json.dumps({"prompt": prompt, "parts": [{"idea": 1, "words": words}]})


@pytest.mark.parametrize(
    ("model", "prompt", "shown", "reason"),
    [
        (
            None,
            "A red dragon over the harbour among paper lanterns, falling snow",
            "a harbour, watercolour; A red dragon over the harbour among paper lanterns, falling snow",
            None,
        ),
        (None, "A cat in falling snow", f"{FIRST}; falling snow", RoundReason.MERGE_UNFAIR),
        (None, "Falling snow, no dragon, no lanterns", f"{FIRST}; falling snow", RoundReason.MERGE_UNFAIR),
        # The picture itself goes along: what is to be changed is enough.
        ("flux-edit", "Let falling snow cover it", "a harbour, watercolour; Let falling snow cover it", None),
    ],
)
async def test_the_picture_so_far_stays(
    world: World, model: str | None, prompt: str, shown: str, reason: RoundReason | None
) -> None:
    if model is not None:
        await world.set(edit_model=model)
    jam = await world.opened()
    await world.reviewed(jam, "a red dragon", "paper lanterns")
    await world.made(await world.jams.order(world.caller(), jam.id))
    await world.look()
    await world.jams.end_vote(world.caller(), jam.id)
    await world.look()
    assert (await world.get(jam)).round == 2
    world.model.answer = lambda _: merged(prompt, "falling snow")
    await world.reviewed(jam, "falling snow")
    second = await world.round(jam, 2)
    assert (second.prompt, second.reason) == (shown, reason)


async def test_a_small_edit_leaves_everybody_their_part(world: World) -> None:
    jam = await world.opened()
    await world.jams.add_idea(world.caller(CAROL), jam.id, "no people")
    await world.reviewed(jam, "a red dragon", "paper lanterns")
    edited = "the harbour without people, two red dragons, lamps"
    await world.jams.edit(world.caller(), jam.id, edited)
    ideas = await world.database.run(jams.ideas_of, jam.id, 1)
    assert {idea.said: idea.part for idea in ideas} == {
        "no people": "without people",
        "a red dragon": "red dragons",
        "paper lanterns": None,
    }
    await world.jams.edit(world.caller(), jam.id, "the harbour, no red dragon, Paper lanterns")
    ideas = await world.database.run(jams.ideas_of, jam.id, 1)
    assert [idea.part for idea in ideas if idea.person_id == BOB] == [None, "Paper lanterns"]
