"""Random orders over all options: what the card says is what the service is told, byte for byte."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from bot.cards.card import card
from bot.generation.card_facts import CardFacts
from bot.generation.requests import image_request, made_from
from bot.generation.rows.records import NewInput
from bot.settings.styles import in_style
from bot.shapes import IMAGE_SIZES, Shape, parse
from cogs.imagine.orders import Children
from cogs.imagine.wanted import Given, Wanted
from tests.unit.cogs.imagine.test_orders import put
from tests.unit.ordering import caller
from tests.words import en

if TYPE_CHECKING:
    from bot.generation.ordering.orders import Orders
    from bot.store.database import Database

pytestmark = pytest.mark.databases("sqlite")

ORDERS = 150
STYLES = {"Oil": "oil on canvas", "Around": "a sketch of {prompt}, in ink"}
SHAPES = (None, *Shape, "竖屏", "16:9", "3:2", "2：3", "1024x768", "640*480", "1000 × 700")
OWN = Given("a.png", NewInput(url="https://cdn.example/a.png", expires_at=4e9))


@pytest.mark.parametrize("seed", range(3))
async def test_what_the_card_says_is_what_the_service_is_told(database: Database, orders: Orders, seed: int) -> None:
    chance = random.Random(seed)
    children = Children(orders)
    await put(database, styles=[{"name": name, "words": words} for name, words in STYLES.items()], edit_model="edit")
    for number in range(ORDERS // 3):
        shape, style = chance.choice(SHAPES), chance.choice([None, "none", *STYLES])
        seeded, avoid = chance.choice([None, 0, 7, 2**31 - 1]), chance.choice(["", "text, 人物"])
        lines = [*([f"seed={seeded}"] if seeded is not None else []), *([f"避免 = {avoid}"] if avoid else [])]
        chance.shuffle(lines)
        given = [OWN] * chance.choice([0, 0, 1, 3])
        wanted = Wanted(
            prompt=f"fox {number}",
            count=chance.randint(1, 4),
            shape=shape,
            style=style,
            more="\n".join(lines),
            given=given,
        )
        row = await children.make(caller(1000 + number), wanted)
        size = parse(shape).image_size() if shape else None if given else IMAGE_SIZES[Shape.SQUARE]
        body: dict[str, Any] = {"model": "edit" if given else "wan2.7-image"}
        words = STYLES.get(style or "")
        body |= {"prompt": in_style(wanted.prompt, words) if words else wanted.prompt, "n": wanted.count}
        more = {name: said for name, said in (("seed", seeded), ("negative_prompt", avoid)) if said not in {None, ""}}
        body |= ({"size": size} if size else {}) | ({"parameters": more} if more else {})
        assert image_request(row).body() == orjson.dumps(body)
        assert (made_from(row) is not None) == bool(given)
        said = str(card(CardFacts(row=row)).to_components())
        assert (str(size).replace("x", "×") in said) == (size is not None)
        named = {name for name in STYLES if en("card.style", name=name) in said}
        assert named == ({style} if words is not None else set())
