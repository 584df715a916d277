"""A form with everything that may be in one: drawn, filled in, sent."""

from __future__ import annotations

from typing import Any

from sandbox.discord.invocation import Invocation
from sandbox.discord.people import Person
from sandbox.discord.state import Draft
from tests.unit.sandbox.browser.conftest import Visitor

OPTIONS = [{"label": "Small", "value": "s", "description": "512 pixels"}, {"label": "Large", "value": "l"}]


def label(number: int, text: str, component: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": 18, "id": 10 * number, "label": text, "component": {"id": 10 * number + 1, **component}, **more}


FIRST = [
    {"type": 10, "id": 1, "content": "Write **anything**."},
    label(1, "Name", {"type": 4, "custom_id": "name", "style": 1, "value": '"<b>"', "required": True}, description="?"),
    label(2, "Size", {"type": 3, "custom_id": "size", "options": OPTIONS, "min_values": 1, "max_values": 2}),
    label(3, "Who", {"type": 5, "custom_id": "who"}),
    label(4, "Files", {"type": 19, "custom_id": "files", "min_values": 1, "max_values": 2}),
]
SECOND = [
    label(1, "Where", {"type": 8, "custom_id": "where", "required": False}),
    label(2, "Radio", {"type": 21, "custom_id": "radio", "options": OPTIONS}),
    label(3, "Boxes", {"type": 22, "custom_id": "boxes", "options": OPTIONS}),
    label(4, "Check", {"type": 23, "custom_id": "check"}),
    {"type": 1, "id": 50, "components": [{"type": 4, "id": 51, "custom_id": "old", "style": 2, "label": "Old"}]},
]


async def opened(visitor: Visitor, person: Person, components: list[dict[str, Any]]) -> Invocation:
    """A form that the bot opened: the press that asked for it, and what came."""
    world, general = visitor.stage.world, visitor.stage.channel("general")
    button = {"type": 2, "id": 2, "style": 1, "label": "Open", "custom_id": "open"}
    message = world.create_message(
        general, world.application.bot, Draft(components=[{"type": 1, "id": 1, "components": [button]}])
    )
    use = await person.press(message, label="Open")
    use.interaction.modal = {"custom_id": "form", "title": "A form", "components": components}
    return use


def filled(**values: Any) -> dict[str, Any]:
    return {f"field.{name}": value for name, value in values.items()}


def sent(visitor: Visitor) -> dict[str, Any]:
    """What the submitted form carried, by custom_id."""
    interaction = list(visitor.stage.world.interactions.values())[-1]
    inside = [
        part.get("component") or part["components"][0] for part in interaction.data["components"] if len(part) > 2
    ]
    return {each["custom_id"]: each.get("value", each.get("values")) for each in inside}


async def test_a_form_is_drawn_whole_and_its_texts_stay_texts(visitor: Visitor) -> None:
    use = await opened(visitor, visitor.stage.person("bob"), FIRST)
    address = visitor.browser.address_of(visitor.stage.person("bob"), visitor.stage.channel("general"), form=use)
    async with visitor.session.get(address) as response:
        html = await response.text()
    assert "Write <strong>anything</strong>." in html
    assert 'value="&#34;&lt;b&gt;&#34;"' in html
    assert html.count('class="field"') == 4
    assert 'type="file"' in html[html.index("open-form") :]
    other = address.replace("/as/bob", "/as/alice")
    async with visitor.session.get(other) as response:
        assert "open-form" not in await response.text()


async def test_every_kind_of_field_is_sent_as_discord_sends_it(visitor: Visitor) -> None:
    world, bob = visitor.stage.world, visitor.stage.person("bob")
    world.rules.acknowledge_within = 0.05  # nobody answers here
    use = await opened(visitor, bob, FIRST)
    visitor.browser.address_of(bob, visitor.stage.channel("general"), form=use)
    answer = await visitor.act(
        "bob", "submit", use=str(use.interaction.id), **filled(name="雪", size="l", who=str(bob.id), files=b"a note")
    )
    assert answer == {"failed": "The application did not respond"}
    carried = sent(visitor)
    [file] = carried.pop("files")
    assert world.attachments[int(file)].data == b"a note"
    assert carried == {"name": "雪", "size": ["l"], "who": [str(bob.id)]}

    use = await opened(visitor, bob, SECOND)
    visitor.browser.address_of(bob, visitor.stage.channel("general"), form=use)
    given = filled(radio="s", boxes="l", check="on", old="two\nlines")
    await visitor.act("bob", "submit", use=str(use.interaction.id), **given)
    assert sent(visitor) == {"where": [], "radio": "s", "boxes": ["l"], "check": True, "old": "two\nlines"}


async def test_what_the_client_would_not_send_is_said(visitor: Visitor) -> None:
    bob = visitor.stage.person("bob")
    use = await opened(visitor, bob, FIRST)
    visitor.browser.address_of(bob, visitor.stage.channel("general"), form=use)
    assert "required" in (await visitor.act("bob", "submit", use=str(use.interaction.id), **filled(name="")))["refused"]
    assert "no longer open" in (await visitor.act("alice", "submit", use=str(use.interaction.id)))["refused"]
    assert "no longer open" in (await visitor.act("bob", "submit", use="1"))["refused"]
