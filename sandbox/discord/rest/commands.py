"""Registering an application's commands, all of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import commands, errors, payloads
from sandbox.discord.pipeline import Answer, Call, Route
from sandbox.discord.rest.lookups import guild_of

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


async def permitted(call: Call) -> Answer:
    """Who may use which command in a server, where its managers set anything."""
    guild = guild_of(call)
    made = [payloads.command_permissions(guild, id_, call.state.application) for id_ in guild.command_permissions]
    return Answer(made)


_PERMISSIONS = "/applications/{application}/guilds/{guild}/commands/permissions"
ROUTES = (
    Route("PUT", "/applications/{application}/commands", overwrite, "commands.write"),
    Route("GET", _PERMISSIONS, permitted, resource=("guild",)),
)
