"""What the tests of what is made of pictures share: a server with models for it, and the presses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.models import walk
from tests.e2e.cards import has_pictures, paint, private_answer
from tests.e2e.crediting import shop
from tests.words import en, zh

if TYPE_CHECKING:
    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Channel, Json, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage

EDIT_MODEL, ANIMATE_MODEL = "qwen-image-edit", "wan2.7-i2v"
PATIENCE = 20.0


async def studio(stage: Stage, **settings: str) -> Channel:
    """A channel in a server of its own with models to change and to animate pictures."""
    models = {"edit_model": EDIT_MODEL, "animate_model": ANIMATE_MODEL, "video_resolution": "320x180"}
    return await shop(stage, **(models | settings))


async def painted(who: Person, channel: Channel, prompt: str, *, count: int = 1) -> Message:
    """The card of a finished /imagine."""
    use, card = await paint(who, channel, prompt, count=count)
    await use.until(has_pictures(count), PATIENCE)
    return card


async def remix(who: Person, card: Message, prompt: str) -> Invocation:
    """Press Edit prompt, and send the form with another prompt."""
    opened = await who.press(card, label="Edit prompt")
    await opened.form()
    return await who.submit(opened, {"prompt": prompt})


async def animate(who: Person, card: Message, number: int = 0, words: str = "", **chosen: object) -> Invocation:
    """Press Animate (of the only image, or of `number`), and send the form."""
    opened = await act(who, card, f"Animate {number}" if number else "Animate")
    await opened.form()
    return await who.submit(opened, {"prompt": words, **chosen})  # pyright: ignore[reportArgumentType] - names of options


async def refused(who: Person, card: Message, label: str) -> str:
    """What only they read of a press."""
    return await private_answer(await act(who, card, label))


def made_of(stage: Stage) -> list[str]:
    """The prompts of all edits that the service was asked for."""
    return [request.form["prompt"] for request in stage.api.requests.of("edits")]


def menus(card: Message) -> list[Json]:
    """The menu of its images, where it has one."""
    return [part for part in walk(tuple(card.components)) if str(part.get("custom_id", "")).endswith(":chosen")]


def options(card: Message) -> list[str]:
    """What its menu offers to do with its images."""
    return [str(option["label"]) for menu in menus(card) for option in menu["options"]]


async def act(who: Person, card: Message, label: str) -> Invocation:
    """Press a button, or choose in the menu of its images: `Vary 2` is its option for the second one."""
    if label in {part.get("label") for part in card.buttons()}:
        return await who.press(card, label=label)
    what, _, number = label.rpartition(" ")
    named = {word("menu.of_image", number=number, what=what) for word in (en, zh)} if number.isdecimal() else {label}
    (chosen,) = named & set(options(card))
    (menu,) = menus(card)
    return await who.select(card, chosen, custom_id=str(menu["custom_id"]))
