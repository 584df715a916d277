"""Registering application commands, global and of a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.models import JsonValue


from sandbox.discord import commands, errors
from sandbox.discord.models import Json
from sandbox.discord.pipeline import Answer, Call, Route


def _scope(call: Call) -> int | None:
    """The server of a guild route. Raises: 10002 for another's application, 50001 for a server the bot is not in."""
    if call.id("application") != call.state.application.id:
        raise errors.unknown_application()
    if "guild" not in call.params:
        return None
    guild = call.state.guilds.get(call.id("guild"))
    if guild is None or not guild.app_installed:
        raise errors.missing_access()
    return guild.id


def _find(call: Call, guild_id: int | None) -> Json:
    found = call.state.application.commands.get(call.id("command"))
    if found is None or found.get("guild_id") != (None if guild_id is None else str(guild_id)):
        raise errors.unknown_command()
    return found


async def listed(call: Call) -> Answer:
    found = commands.in_scope(call.state.application.commands, _scope(call))
    if call.flag("with_localizations"):
        return Answer(found)
    # Without it each text comes in the requester's language only; a bot's own is the default one.
    return Answer([{k: v for k, v in each.items() if not k.endswith("_localizations")} for each in found])


async def overwrite(call: Call) -> Answer:
    guild_id = _scope(call)
    forms: JsonValue = call.body.json
    if not isinstance(forms, list):
        raise errors.form_error((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    typed: list[Json] = list(forms)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] -- JSON of a client
    commands.check_all(typed, guild_id=guild_id)
    state = call.state
    made = commands.overwrite(
        state.application.commands, typed, guild_id=guild_id, application_id=state.application.id, new_id=state.ids
    )
    return Answer(made)


async def create(call: Call) -> Answer:
    guild_id = _scope(call)
    form = call.body.form
    commands.check_one(form, guild_id=guild_id)
    state = call.state
    before = commands.in_scope(state.application.commands, guild_id)
    old = next((each for each in before if commands.same_command(each, form, guild_id)), None)
    kind = form.get("type") or commands.CHAT_INPUT
    if old is None and sum(each["type"] == kind for each in before) >= commands.LIMITS[kind]:
        raise errors.too_many_commands(commands.LIMITS[kind])
    made = commands.put(form, old, guild_id=guild_id, application_id=state.application.id, new_id=state.ids)
    state.application.commands[int(made["id"])] = made
    return Answer(made, 201 if old is None else 200)


async def fetch(call: Call) -> Answer:
    return Answer(_find(call, _scope(call)))


async def edit(call: Call) -> Answer:
    guild_id = _scope(call)
    old = _find(call, guild_id)
    form = {**old, **call.body.form}
    if guild_id is not None:
        form = {key: value for key, value in form.items() if key not in ("contexts", "integration_types")}
    commands.check_one(form, guild_id=guild_id)
    state = call.state
    made = commands.put(form, old, guild_id=guild_id, application_id=state.application.id, new_id=state.ids)
    state.application.commands[int(made["id"])] = made
    return Answer(made)


async def delete(call: Call) -> Answer:
    found = _find(call, _scope(call))
    del call.state.application.commands[int(found["id"])]
    return Answer(status=204)


def _routes(base: str, resource: tuple[str, ...]) -> tuple[Route, ...]:
    return (
        Route("GET", base, listed, resource=resource),
        Route("PUT", base, overwrite, "commands.write", resource),
        Route("POST", base, create, "commands.write", resource),
        Route("GET", base + "/{command}", fetch, resource=resource),
        Route("PATCH", base + "/{command}", edit, "commands.write", resource),
        Route("DELETE", base + "/{command}", delete, "commands.write", resource),
    )


ROUTES = (
    *_routes("/applications/{application}/commands", ()),
    *_routes("/applications/{application}/guilds/{guild}/commands", ("guild",)),
)
