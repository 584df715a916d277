"""Orders that come from a picture: what its buttons and the menu of a posted picture place. Each costs who presses."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import Connection

from bot.errors import NotAllowed
from bot.generation import inputs
from bot.generation.card_facts import shown_picture
from bot.generation.orders import Orders
from bot.generation.records import Generation, NewInput
from bot.generation.repeats import refuse_double, refuse_second
from bot.generation.requests import MADE_FROM, POSTED_IN, From
from bot.kinds import Kind
from bot.orders.callers import Caller
from bot.orders.policy import Rules, refuse_blank

UPSCALE_BY: Final = 2
LONGEST_SIDE: Final = 2048
"""In pixels, of an upscaled picture: what today's edit models make at most. One that refuses it chooses itself."""
_SIZE: Final = re.compile(r"(\d{2,5})x(\d{2,5})")
_MODEL_KEYS: Final[Mapping[From, str]] = {
    From.VARY: "edit_model",
    From.UPSCALE: "edit_model",
    From.EDIT: "edit_model",
    From.ANIMATE: "animate_model",
}


class Children:
    """Places orders through `Orders`; every refusal is a `bot.errors.Refusal` and leaves nothing behind."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders

    async def remix(self, caller: Caller, parent_id: int, *, prompt: str) -> Generation:
        """The pictures of `parent_id` once more, with another prompt."""
        refuse_blank(prompt)

        def order(connection: Connection) -> Generation:
            parent = shown_picture(connection, parent_id)
            rules = self._orders.read_rules(connection, caller.place)
            caller.check_press(rules, parent.person_id)
            caller.check(connection, rules, Kind.IMAGE, prompt)
            refuse_double(connection, caller, "remix", parent.id, prompt)
            return self._orders.order(
                connection,
                caller,
                rules,
                Kind.IMAGE,
                # The model it was made with, unless that is one that only edits.
                None if MADE_FROM in parent.parameters else parent.model,
                prompt=prompt,
                count=min(parent.count, rules.value("max_images")),
                parameters={"size": parent.parameters.get("size") or rules.value("image_size")},
                parent_id=parent.id,
                action="remix",
            )

        return await self._orders.submit(caller, order)

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
        """Variations of the picture at `position` (from 0), or its upscaled or animated self.

        AlreadyMade: it was upscaled or animated before, other than by the orders `passed`, whose messages are gone; or
        by the caller a moment ago.
        `picture`: where its file is now.
        """

        def order(connection: Connection) -> Generation:
            parent = shown_picture(connection, parent_id)
            rules = self._orders.read_rules(connection, caller.place)
            caller.check_press(rules, parent.person_id)
            refuse_second(connection, caller.place, made, parent.id, position, passed=passed)
            if not parent.prompt:
                raise NotAllowed("error.prompt_forgotten")
            refuse_double(connection, caller, made, parent.id, parent.prompt, position, passed=passed)
            size = parent.parameters.get("size")
            parameters: dict[str, object] = {}
            if made is From.ANIMATE:
                parameters["resolution"] = str(rules.value("video_resolution")).replace("x", "*")
            elif size:
                parameters["size"] = _larger(str(size)) if made is From.UPSCALE else size
            return self._order(
                connection,
                caller,
                rules,
                made,
                prompt=parent.prompt,
                count=parent.count if made is From.VARY else 1,
                parameters=parameters,
                picture=picture,
                parent_id=parent.id,
                source_id=parent.id,
                source_position=position,
            )

        return await self._orders.submit(caller, order)

    async def of_picture(
        self, caller: Caller, *, prompt: str, picture: NewInput, posted: str, parent_id: int | None = None
    ) -> Generation:
        """A picture made by `prompt` of one that stands in the message `posted` ("server/channel/message").

        `parent_id`: the order that it came of, if any.
        """
        refuse_blank(prompt)

        def order(connection: Connection) -> Generation:
            parent = shown_picture(connection, parent_id) if parent_id is not None else None
            rules = self._orders.read_rules(connection, caller.place)
            if parent is not None:
                caller.check_press(rules, parent.person_id)
            refuse_double(connection, caller, From.EDIT, parent_id, prompt, posted=posted)
            return self._order(
                connection,
                caller,
                rules,
                From.EDIT,
                prompt=prompt,
                count=1,
                # No size: the model keeps the picture's own.
                parameters={POSTED_IN: posted},
                picture=picture,
                parent_id=parent_id,
            )

        return await self._orders.submit(caller, order)

    def _order(
        self,
        connection: Connection,
        caller: Caller,
        rules: Rules,
        made: From,
        *,
        prompt: str,
        count: int,
        parameters: dict[str, object],
        picture: NewInput,
        **origin: int | None,
    ) -> Generation:
        kind = Kind.VIDEO if made is From.ANIMATE else Kind.IMAGE
        caller.check(connection, rules, kind, prompt)
        model = str(rules.value(_MODEL_KEYS[made]))
        if not model:
            raise NotAllowed("error.no_animate_model" if made is From.ANIMATE else "error.no_edit_model")
        row = self._orders.order(
            connection,
            caller,
            rules,
            kind,
            model,
            prompt=prompt,
            count=min(count, rules.value("max_images")),
            parameters={**parameters, MADE_FROM: str(made)},
            action=str(made),
            **origin,
        )
        inputs.put(connection, row.id, [picture])
        return row


def _larger(size: str) -> str:
    """`size` upscaled, within the longest side, its shape kept."""
    sides = _SIZE.fullmatch(size)
    if sides is None:
        return size
    width, height = int(sides[1]), int(sides[2])
    by = max(1.0, min(UPSCALE_BY, LONGEST_SIDE / max(width, height)))
    return f"{int(width * by)}x{int(height * by)}"
