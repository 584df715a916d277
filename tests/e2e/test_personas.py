"""Personas: made in a form, chosen in /ask, a place's default, deleted and brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.e2e.asking import ask, end_of
from tests.e2e.cards import labels, private_answer, someone
from tests.e2e.configuring import config
from tests.e2e.setting_up import parts_of, set_up
from tests.words import en

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

MANAGER = 1 << 4 | 1 << 5


def told(stage: Stage) -> dict[str, Any]:
    return cast("dict[str, Any]", stage.api.requests.of("chat")[-1].json)


async def made(who: Person, channel: Channel, **values: str) -> Message:
    card = await (await who.command(channel, "config personas")).message()
    press = await who.press(card, label=en("button.new_persona"))
    await press.form()
    await (await who.submit(press, dict(values))).acknowledged()
    return card


async def test_a_persona_is_made_and_answers(stage: Stage):
    manager, channel = someone(stage, "mona", permissions=MANAGER), stage.channel("general")
    card = await made(
        manager, channel, name="Sailor", instructions="Talk like a sailor.", model="qwen3-max", temperature="0.3"
    )
    assert en("personas.saved", name="Sailor") in card.text
    answer = await end_of(await ask(stage, "Hello", persona="sailor"))
    sent = told(stage)
    assert (sent["model"], sent["temperature"]) == ("qwen3-max", 0.3)
    assert sent["messages"][0] == {"role": "system", "content": "Talk like a sailor."}
    assert "-# Sailor · qwen3-max" in answer.text
    await end_of(await ask(stage, "Hello"))
    assert told(stage)["messages"][0]["role"] == "user"
    refused = await private_answer(await ask(stage, "Hello", persona="Nobody"))
    assert refused == en("personas.unknown", personas="Default, Sailor")


async def test_it_is_the_places_default_and_can_be_changed_and_undone(stage: Stage):
    manager, channel = someone(stage, "mona", permissions=MANAGER), stage.channel("general")
    refused = await config(manager, channel, "set", setting="persona", value="Nobody")
    assert refused.text == en("personas.unknown", personas="Default, Sailor")
    offered = await manager.autocomplete(channel, "config set", focused="value", setting="persona")
    assert {"Default", "Sailor"} <= {str(each["value"]) for each in offered}
    none = await config(manager, channel, "set", setting="persona", value="none")
    assert en("personas.unknown", personas="Default, Sailor") not in none.text
    await config(manager, channel, "set", setting="persona", value="sailor")
    answer = await end_of(await ask(stage, "Hello"))
    assert "-# Sailor · " in answer.text
    plain = await end_of(await ask(stage, "Hello", persona="Default"))
    assert "Sailor" not in plain.text
    panel = await set_up(manager, channel)
    await panel.press(en("topic.conversations"))
    last = [one for one in labels(panel.message) if one.startswith(en("button.change_what", what=""))][-1]
    _, parts = await panel.form(last)
    menu = {one["value"]: one.get("default", False) for one in parts["persona"]["options"]}
    assert menu == {"none": False, "Sailor": True}
    card = await (await manager.command(channel, "config personas")).message()
    chosen = await manager.press(card, label=en("button.edit"))
    await chosen.form()
    await manager.submit(chosen, {"delete": True})
    await stage.world.wait_until(lambda _: en("personas.deleted", name="Sailor") in card.text, 20)
    assert labels(card) == [en("button.new_persona")]
    await end_of(await ask(stage, "Hello"))
    assert told(stage)["messages"][0]["role"] == "user", "it is gone, so Default answers"
    await config(manager, channel, "undo")
    await end_of(await ask(stage, "Hello"))
    assert told(stage)["messages"][0]["content"] == "Talk like a sailor."


async def test_what_was_refused_stands_in_the_form_again(stage: Stage):
    manager, channel = someone(stage, "mona", permissions=MANAGER), stage.channel("general")
    card = await made(manager, channel, name="Pirate", instructions="Say arr.", temperature="hot")
    refused = card.text
    press = await manager.press(card, label=en("button.edit_again"))
    parts = parts_of(await press.form())
    await (await manager.submit(press, {"temperature": "0.5"})).acknowledged()
    saved = card.text
    press = await manager.press(card, custom_id="personas:edit:Pirate")
    edited = parts_of(await press.form())
    await (
        await manager.submit(press, {"instructions": "Say ahoy.", "model": ["qwen3-max"], "temperature": "9"})
    ).acknowledged()
    press = await manager.press(card, label=en("button.edit_again"))
    again = parts_of(await press.form())
    await (await manager.submit(press, {"temperature": ""})).acknowledged()
    answer = await end_of(await ask(stage, "Hello", persona="Pirate"))

    assert en("personas.bad_temperature", least=0, most=2) in refused
    assert (parts["name"]["value"], parts["temperature"]["value"]) == ("Pirate", "hot")
    assert en("personas.saved", name="Pirate") in saved
    assert (edited["instructions"]["value"], edited["temperature"]["value"]) == ("Say arr.", "0.5")
    assert again["instructions"]["value"] == "Say ahoy."
    assert [one["value"] for one in again["model"]["options"] if one.get("default")] == ["qwen3-max"]
    assert told(stage)["messages"][0]["content"] == "Say ahoy."
    assert "-# Pirate · qwen3-max" in answer.text
    await config(manager, channel, "reset", setting="personas")
