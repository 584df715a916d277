"""Orders of images: by words, by files that go along, and of images that are there. Each costs who orders."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import Connection

from bot.errors import NotAllowed
from bot.generation.card_facts import shown_picture
from bot.generation.ordering.orders import Orders
from bot.generation.ordering.repeats import refuse_double, refuse_second
from bot.generation.requests import (
    AVOID,
    CHOSE_MODEL,
    GIVEN,
    MADE_FROM,
    POSTED_IN,
    SEED,
    SHAPE,
    STYLE,
    From,
    said_in,
)
from bot.generation.rows import inputs
from bot.generation.rows.parents import Parent
from bot.generation.rows.records import Generation, NewInput
from bot.kinds import Kind
from bot.kit.more_lines import avoid_in, read_lines, seed_in
from bot.orders.callers import Caller
from bot.orders.policy import refuse_blank
from bot.settings.styles import style_at
from bot.shapes import parse
from cogs.imagine.wanted import Of, Wanted, refuse_gone

UPSCALE_BY: Final = 2
LONGEST_SIDE: Final = 2048
"""In pixels, of an upscaled picture: what today's edit models make at most. One that refuses it chooses itself."""
_SIZE: Final = re.compile(r"(\d{2,5})x(\d{2,5})")


class Children:
    """Places orders through `Orders`; every refusal is a `bot.errors.Refusal` and leaves nothing behind."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders

    async def make(self, caller: Caller, wanted: Wanted, of: Of | None = None) -> Generation:
        """Images as `wanted`, made `of` others if it says so.

        AlreadyMade: the caller asked for the same of the same a moment ago.
        """
        refuse_blank(wanted.prompt)
        size = parse(wanted.shape).image_size() if wanted.shape else None
        lines = read_lines(wanted.more)
        said: dict[str, object] = {SHAPE: wanted.shape or None, SEED: seed_in(lines), AVOID: avoid_in(lines) or None}
        refuse_gone(wanted.given)

        def order(connection: Connection) -> Generation:
            parents = {one.id: shown_picture(connection, one.id) for one in sorted(_orders(of), key=lambda one: one.id)}
            rules = self.orders.read_rules(connection, caller.place)
            for parent in parents.values():
                caller.check_press(rules, parent.person_id)
            files = [*(of.files if of is not None else ()), *(one.file for one in wanted.given)]
            style = style_at(rules, wanted.style)
            parameters = {name: value for name, value in said.items() if value is not None}
            if style is not None:
                parameters[STYLE] = {"name": style.name, "words": style.words}
            # Without a size the model keeps the image's own.
            if size or wanted.size or not files:
                parameters["size"] = size or wanted.size or rules.value("image_size")
            if files:
                parameters[MADE_FROM] = str(From.EDIT)
            if wanted.given:
                parameters[GIVEN] = [one.name for one in wanted.given]
            if of is not None and of.posted:
                parameters[POSTED_IN] = of.posted
            if wanted.model and files:
                parameters[CHOSE_MODEL] = True
            caller.check(connection, rules, Kind.IMAGE, said_in(wanted.prompt, parameters))
            model = wanted.model or (self.orders.maker(rules, "edit_model") if files else None)
            origin = _origin(of)
            if of is None:
                rules.check_count(wanted.count)
            else:
                first = origin.get("parent_id")
                position = origin.get("source_position")
                refuse_double(connection, caller, of.action, first, wanted.prompt, position, posted=of.posted)
            row = self.orders.order(
                connection,
                caller,
                rules,
                Kind.IMAGE,
                model,
                prompt=wanted.prompt,
                count=min(wanted.count, rules.value("max_images")),
                parameters=parameters,
                action=None if of is None else of.action,
                made_of=_orders(of),
                **origin,
            )
            inputs.put(connection, row.id, files)
            return row

        return await self.orders.submit(caller, order)

    async def of_result(
        self,
        caller: Caller,
        made: From,
        parent_id: int,
        position: int,
        picture: NewInput,
        *,
        passed: Collection[int] = (),
    ) -> Generation:
        """Variations of the picture at `position` (from 0), or its upscaled self.

        AlreadyMade: it was upscaled before, other than by the orders `passed`, whose messages are gone; or
        by the caller a moment ago.
        `picture`: where its file is now.
        """

        def order(connection: Connection) -> Generation:
            parent = shown_picture(connection, parent_id)
            rules = self.orders.read_rules(connection, caller.place)
            caller.check_press(rules, parent.person_id)
            refuse_second(connection, caller.place, made, parent.id, position, passed=passed)
            if not parent.prompt:
                raise NotAllowed("error.prompt_forgotten")
            refuse_double(connection, caller, made, parent.id, parent.prompt, position, passed=passed)
            size = parent.parameters.get("size")
            parameters: dict[str, object] = {MADE_FROM: str(made)}
            if size:
                parameters["size"] = _larger(str(size)) if made is From.UPSCALE else size
            caller.check(connection, rules, Kind.IMAGE, parent.prompt)
            row = self.orders.order(
                connection,
                caller,
                rules,
                Kind.IMAGE,
                self.orders.maker(rules, "edit_model"),
                prompt=parent.prompt,
                count=min(parent.count if made is From.VARY else 1, rules.value("max_images")),
                parameters=parameters,
                action=str(made),
                parent_id=parent.id,
                source_id=parent.id,
                source_position=position,
            )
            inputs.put(connection, row.id, [picture])
            return row

        return await self.orders.submit(caller, order)


def _orders(of: Of | None) -> Sequence[Parent]:
    return () if of is None else of.parents


def _origin(of: Of | None) -> dict[str, int | None]:
    """The columns that say what it came from: the first of its parents."""
    first = next(iter(_orders(of)), None)
    if first is None:
        return {}
    if first.position is None:
        return {"parent_id": first.id}
    return {"parent_id": first.id, "source_id": first.id, "source_position": first.position}


def _larger(size: str) -> str:
    """`size` upscaled, within the longest side, its shape kept."""
    sides = _SIZE.fullmatch(size)
    if sides is None:
        return size
    width, height = int(sides[1]), int(sides[2])
    by = max(1.0, min(UPSCALE_BY, LONGEST_SIDE / max(width, height)))
    return f"{int(width * by)}x{int(height * by)}"
