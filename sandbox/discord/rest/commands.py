"""Registering an application's commands, all of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import commands, errors
from sandbox.discord.pipeline import Answer, Call, Route

if TYPE_CHECKING:
    from sandbox.discord.models import Json, JsonValue


async def overwrite(call: Call) -> Answer:
    state = call.state
    if call.id("application") != state.application.id:
        raise errors.unknown_application()
    forms: JsonValue = call.body.json
    if not isinstance(forms, list):
        raise errors.form_error((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    typed: list[Json] = list(forms)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] -- JSON of a client
    commands.check(typed)
    return Answer(commands.overwrite(state.application, typed, new_id=state.ids))


ROUTES = (Route("PUT", "/applications/{application}/commands", overwrite, "commands.write"),)
