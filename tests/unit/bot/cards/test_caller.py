"""Who typed and where, from what Discord sends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from unittest.mock import create_autospec

import discord
import pytest

from bot.cards.caller import caller_of
from bot.kit.own_choices import Choices
from bot.kit.places import TOKEN_SECONDS, is_user_installed_only
from bot.store.database import Database
from tests.unit.discord_objects import USER, library, read_what_is_partial

if TYPE_CHECKING:
    from bot.kit.bot import Bot

PERSON, SERVER, CHANNEL, APPLICATION = int(USER["id"]), 2002, 3003, 4004
DIRECT: dict[str, Any] = {
    "guild_id": None,
    "member": None,
    "user": USER,
    "channel": {"id": str(CHANNEL), "type": 1, "recipients": [USER]},
}


def interaction(**facts: Any) -> discord.Interaction[Bot]:
    """A command typed in a server's channel, as the library reads it."""
    member: dict[str, Any] = {"user": USER, "roles": [], "joined_at": None, "deaf": False, "mute": False, "flags": 0}
    data: dict[str, Any] = {
        "id": "5005",
        "application_id": str(APPLICATION),
        "type": 2,
        "token": "an interaction's token",
        "version": 1,
        "guild_id": str(SERVER),
        "channel_id": str(CHANNEL),
        "channel": {"id": str(CHANNEL), "type": 0, "name": "general", "position": 0},
        "member": {**member, "permissions": "0"},
        "app_permissions": "0",
        "locale": "en-US",
        "attachment_size_limit": 10485760,
        "entitlements": [],
        "data": {"id": "1", "name": "video", "type": 1},
    }
    made: Any = {name: value for name, value in (data | facts).items() if value is not None}
    application: Any = {**USER, "id": str(APPLICATION), "username": "bot"}
    state = library()
    state.user = discord.ClientUser(state=state, data=application)
    read: Any = discord.Interaction(data=made, state=state)
    read.client.the = {Choices: Choices(create_autospec(Database, instance=True))}.__getitem__
    return read


@pytest.mark.parametrize(
    ("facts", "token_only"),
    [
        ({"authorizing_integration_owners": {"0": str(SERVER)}}, False),
        ({"authorizing_integration_owners": {"0": str(SERVER), "1": str(PERSON)}}, False),
        ({"authorizing_integration_owners": {"1": str(PERSON)}}, True),
        # Not there: then what can't be reached is found out when it is tried, and comes by direct message.
        ({"authorizing_integration_owners": {}}, False),
        ({}, False),
    ],
)
async def test_what_the_bot_can_reach(facts: dict[str, Any], *, token_only: bool) -> None:
    typed = interaction(**facts)
    assert is_user_installed_only(typed) is token_only
    caller = caller_of(typed)
    assert caller.token_only is token_only
    assert (caller.person_id, caller.place.guild_id, caller.place.channel_id) == (PERSON, SERVER, CHANNEL)
    assert caller.context == "guild"


@pytest.mark.parametrize(
    ("facts", "context"),
    [
        ({"context": 1}, "bot_dm"),
        ({"context": 2}, "private_channel"),
        # Discord need not say it.
        ({"authorizing_integration_owners": {"0": "0"}}, "bot_dm"),
        ({"authorizing_integration_owners": {"0": "0", "1": str(PERSON)}}, "bot_dm"),
        ({"authorizing_integration_owners": {"1": str(PERSON)}}, "private_channel"),
        ({}, "bot_dm"),
    ],
)
async def test_direct_messages_with_the_bot_are_known(facts: dict[str, Any], context: str) -> None:
    typed = interaction(**DIRECT, **facts)
    caller = caller_of(typed)
    assert caller.context == context
    assert caller.token_only is (context != "bot_dm")


@pytest.mark.parametrize("kind", [0, 2, 5, 10, 11, 12, 13, 15, 16])
async def test_a_channel_of_which_little_is_said(monkeypatch: pytest.MonkeyPatch, kind: int) -> None:
    """What Discord documents of a partial channel, for a thread too; in no cache."""
    read_what_is_partial(monkeypatch)
    server: dict[str, Any] = {"id": str(SERVER), "locale": "en-US", "features": []}
    thread = {"archived": False, "archive_timestamp": "2026-01-01T00:00:00+00:00", "auto_archive_duration": 60}
    more = {"thread_metadata": thread, "parent_id": "7"} if kind in {10, 11, 12} else {}
    typed = interaction(guild=server, channel={"id": str(CHANNEL), "type": kind, "name": "x", "position": 0, **more})
    place = caller_of(typed).place
    assert (place.guild_id, place.here) == (SERVER, CHANNEL)
    assert place.channel_id == (7 if more else CHANNEL)


async def test_the_token_s_end_is_counted_by_our_own_clock() -> None:
    """The id, from which Discord's clock can be read, is of 2015 here."""
    before = time.time()
    ends = caller_of(interaction()).token_expires_at
    assert before + TOKEN_SECONDS <= ends <= time.time() + TOKEN_SECONDS
