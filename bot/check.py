"""`onekey-bot check`: whether each setting, the database, the API and Discord's token are well, in one table, and what
`run` would do. It changes nothing.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import aiohttp
import discord

from bot.api.client import OneKeyClient
from bot.api.models import meant
from bot.api.session import build_session
from bot.connecting import use_discord_at
from bot.environment import VARIABLES, Environment, default_of, misspelt, parse_variable, raw_values, read_environment
from bot.errors import ApiError, ConfigurationError, KeyRefused, NotAnApi, TaskNotFound
from bot.generation.files.fit import ffmpeg
from bot.monitoring.server import HOW
from bot.store.failures import StoreUnavailable
from bot.store.looking import look_at, look_at_folder

PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    attach_files=True,
    read_message_history=True,
    create_public_threads=True,
    add_reactions=True,
)
"""All that is used: answers and edits after an interaction's 15 minutes, with files, in channels and threads, and a
reaction where a mention can't be answered.
"""
SCOPES = ("bot", "applications.commands")
MOST_SERVERS = 200
NO_VIDEO = "onekey-bot-check"
ANSWER_SECONDS = 10.0
"""For each of those that are asked, all tries together."""
REQUIRED = {variable.name for variable in VARIABLES if variable.default is None}
WIDTH = max(len(variable.name) for variable in VARIABLES)


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of the table. `low`: well as yet, but not for long; `doubtful`: perhaps not meant so; `later`: nothing is
    wrong with the settings, it only can't be had now.
    """

    subject: str
    well: bool
    said: str
    low: bool = False
    doubtful: bool = False
    later: bool = False


async def check() -> int:
    """Print the table, line by line, and the invite link. 2: settings are to be changed; 3: else all is well, but
    something can't be had now.
    """
    code = 0
    bad: set[str] = set()
    for finding in _settings():
        _print(finding)
        if not finding.well:
            bad.add(finding.subject)
    raw = raw_values()
    # What is missing or impossible is left at its default (or a stand-in), and what hangs on it is not looked at.
    usable = {name: value for name, value in raw.items() if name not in bad}
    environment = read_environment({**dict.fromkeys(REQUIRED & bad, "missing-value"), **usable}, Path(os.devnull))
    use_discord_at(environment.discord_api_url)
    invite: str | None = None
    async for finding, link in _connections(environment, bad):
        _print(finding)
        if not finding.well:
            code = 3 if finding.later and code != 2 else 2
        invite = link or invite
    if invite:
        print(f"\nInvite link, with only the permissions the bot needs:\n{invite}")  # noqa: T201
    return 2 if bad else code


async def _connections(environment: Environment, bad: set[str]) -> AsyncIterator[tuple[Finding, str | None]]:
    """The database, the API and Discord, as far as their settings can be used; with Discord's the invite link."""
    if not bad & {"DATA_DIR", "DATABASE_URL"}:
        yield await _database(environment), None
    if "DATA_DIR" not in bad:
        yield await _files(environment), None
    if not bad & {"ONEKEY_API_KEY", "ONEKEY_BASE_URL"}:
        async for finding in _api(environment):
            yield finding, None
    if not bad & {"DISCORD_TOKEN", "DISCORD_API_URL"}:
        async for finding in _discord(environment):
            yield finding


def _settings() -> list[Finding]:
    raw = raw_values()
    findings: list[Finding] = []
    for variable in VARIABLES:
        try:
            parse_variable(variable, raw)
        except ConfigurationError as error:
            findings.append(Finding(variable.name, well=False, said=str(error).removeprefix(f"{variable.name} ")))
            continue
        given = raw.get(variable.name)
        if given and (lacks := _lacking_extra(variable.name, raw)):
            findings.append(Finding(variable.name, well=False, said=f"{given}, but it needs the extra {lacks}"))
            continue
        shown = "set" if given and variable.secret else given or f"default: {default_of(variable.name, raw) or 'empty'}"
        findings.append(Finding(variable.name, well=True, said=shown))
    findings.append(_ffmpeg())
    findings += [Finding(name, well=True, doubtful=True, said=said) for name, said in misspelt().items()]
    return findings


def _lacking_extra(name: str, raw: Mapping[str, str]) -> str | None:
    """What the package is to be installed with for a variable that is given; None: nothing is missing."""
    match name:
        case "METRICS" if find_spec("prometheus_client") is None:
            return f"metrics: {HOW}"
        case "SHARD_COUNT" if raw.get("DATABASE_URL", "").startswith("postgres") and find_spec("pgqueuer") is None:
            return f"many: {HOW.replace('metrics', 'many')}"
        case _:
            return None


def _ffmpeg() -> Finding:
    if (found := ffmpeg()) is not None:
        return Finding("ffmpeg", well=True, said=found)
    said = "not found: a clip that is too large for Discord is linked, not made smaller; install ffmpeg to change that"
    return Finding("ffmpeg", well=True, doubtful=True, said=said)


async def _database(environment: Environment) -> Finding:
    try:
        return Finding("database", well=True, said=(await look_at(environment.database)).said)
    except (ConfigurationError, StoreUnavailable, OSError) as error:
        later = not isinstance(error, ConfigurationError)
        return Finding("database", well=False, later=later, said=str(error).removeprefix("DATABASE_URL: "))


async def _files(environment: Environment) -> Finding:
    """Where results are kept until they are delivered, and SQLite's database."""
    try:
        against = await asyncio.to_thread(look_at_folder, environment.data_dir.resolve())
    except (StoreUnavailable, OSError) as error:
        return Finding("files", well=False, later=True, said=str(error))
    return Finding("files", well=against is None, said=against or f"{environment.data_dir} can be written to")


async def _api(environment: Environment) -> AsyncIterator[Finding]:
    async with build_session() as session:
        try:
            client = OneKeyClient(session, base_url=environment.onekey_base_url, api_key=environment.onekey_api_key)
            async with asyncio.timeout(ANSWER_SECONDS):
                listed = await client.list_models()
            balance = await _balance(client, environment.low_balance)
        except TimeoutError:
            said = f"no answer within {ANSWER_SECONDS:.0f} s: check ONEKEY_BASE_URL"
            yield Finding("API", well=False, later=True, said=said)
            return
        except KeyRefused:
            yield Finding("API", well=False, said="the key was rejected: check ONEKEY_API_KEY")
            return
        except NotAnApi:
            yield Finding("API", well=False, said="returned a web page instead of an API: check ONEKEY_BASE_URL")
            return
        except (ApiError, ConfigurationError) as error:
            yield Finding("API", well=False, later=isinstance(error, ApiError), said=str(error))
            return
        videos = await _videos(client)
    if listed is None:
        yield Finding(
            "API", well=True, said="reachable; it doesn't list its models, so the key and model names weren't checked"
        )
        yield balance
        yield videos
        return
    yield Finding(
        "API", well=True, said=f"reachable, key accepted, {len(listed)} model{'' if len(listed) == 1 else 's'}"
    )
    yield balance
    for variable, model in (
        ("CHAT_MODEL", environment.chat_model),
        ("IMAGE_MODEL", environment.image_model),
        ("VIDEO_MODEL", environment.video_model),
    ):
        found = meant(model, listed)
        said = found if found in listed else f"{model} isn't one of the API's models: check {variable}"
        yield Finding(f"{variable.partition('_')[0].lower()} model", well=found in listed, said=said)
    yield videos


async def _videos(client: OneKeyClient) -> Finding:
    """Whether the service has a route for videos: it is asked for one that there can't be, which costs nothing."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await client.get_video(NO_VIDEO)
    except NotAnApi:
        return Finding("videos", well=False, said="the service has no route for them: /video would fail")
    except TaskNotFound as error:
        if error.__cause__ is None or "task" in str(error).lower():
            return Finding("videos", well=True, said="the service has a route for them")
        said = f"perhaps the service has no route for them; it answered: {error}"
    except KeyRefused:
        return Finding("videos", well=False, said="the key was rejected for them: check ONEKEY_API_KEY")
    except (ApiError, TimeoutError) as error:
        said = f"whether the service has a route for them can't be told: {error or 'no answer'}"
    else:
        return Finding("videos", well=True, said="the service has a route for them")
    return Finding("videos", well=True, doubtful=True, said=said)


async def _balance(client: OneKeyClient, threshold: float | None) -> Finding:
    """What the account has; low below `threshold`, or with nothing left. Nothing is wrong where it is not told."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            balance = await client.balance()
    except (ApiError, TimeoutError):
        balance = None
    if balance is None:
        said = "the service doesn't report it"
    elif balance.left is None:
        said = f"no limit, {balance.used:,.2f} used"
    else:
        said = f"{balance.left:,.2f} left of {balance.total:,.2f}"
        if balance.left <= 0:
            return Finding("balance", well=True, low=True, said=f"{said}: used up; top up the account")
        if threshold is not None and balance.left < threshold:
            return Finding("balance", well=True, low=True, said=f"{said}: below LOW_BALANCE ({threshold:g})")
    return Finding("balance", well=True, said=said)


async def _discord(environment: Environment) -> AsyncIterator[tuple[Finding, str | None]]:
    client = discord.Client(intents=discord.Intents.none())
    async with client:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await client.login(environment.discord_token)
        except discord.LoginFailure:
            yield Finding("Discord", well=False, said="the token was rejected: check DISCORD_TOKEN"), None
            return
        except TimeoutError:
            yield Finding("Discord", well=False, later=True, said=f"no answer within {ANSWER_SECONDS:.0f} s"), None
            return
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            yield Finding("Discord", well=False, later=True, said=f"can't be reached: {error}"), None
            return
        application_id = client.application_id or 0
        invite = discord.utils.oauth_url(application_id, permissions=PERMISSIONS, scopes=SCOPES)
        yield Finding("Discord", well=True, said=f"logged in as {client.user}"), invite
        if environment.message_content:
            yield _content(client.application_flags), None
        async for finding in _servers(client):
            yield finding, None


def _content(granted: discord.ApplicationFlags) -> Finding:
    if granted.gateway_message_content or granted.gateway_message_content_limited:
        return Finding("messages", well=True, said="Discord grants Message Content")
    said = "Discord doesn't grant Message Content: developer portal → your application → Bot → Message Content Intent"
    return Finding("messages", well=False, said=said)


async def _servers(client: discord.Client) -> AsyncIterator[Finding]:
    """Permissions that the bot lacks in its servers, channels aside; the first servers that Discord names."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            servers = await client.http.get_guilds(MOST_SERVERS)
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError, OSError):
        return
    for server in servers:
        has = discord.Permissions(int(server.get("permissions", 0)))
        lacking = [name for name, wanted in PERMISSIONS if wanted and not getattr(has, name)]
        if lacking and not has.administrator:
            said = f"missing in {server['name']}: {', '.join(map(named, lacking))}"
            yield Finding("permissions", well=True, doubtful=True, said=said)


def named(permission: str) -> str:
    """What Discord's settings call a permission of the library's."""
    return "View Channels" if permission == "read_messages" else permission.replace("_", " ").title()


def _print(finding: Finding) -> None:
    mark = ("LOW" if finding.low else "CHECK" if finding.doubtful else "ok") if finding.well else "NOT OK"
    said = f"not now: {finding.said}" if finding.later else finding.said
    print(f"{finding.subject:<{WIDTH}}  {mark:<6}  {said}", flush=True)  # noqa: T201
