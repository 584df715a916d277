"""What a server locks: typed, at resolving, and when a nearer scope is given a value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.environment import read_environment
from bot.errors import BadValue, NotAllowed
from bot.settings import SETTINGS, Origin, Place, resolve
from bot.settings.changes import Change, refuse_locked
from bot.settings.places import locked_at, stored_at

ENVIRONMENT = read_environment(
    {"DISCORD_TOKEN": "token-of-a-bot", "ONEKEY_API_KEY": "sk-secret-key"}, Path("/nonexistent/.env")
)
PLACE = Place(channel_id=20, thread_id=30, category_id=10, guild_id=1)
SERVER, CATEGORY, CHANNEL, THREAD = ("server", 1), ("category", 10), ("channel", 20), ("channel", 30)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("image_model", ["image_model"]),
        ("Image-Model, limits", ["image_model", "limits"]),
        ("image_model limits", ["image_model", "limits"]),
        # As people call them, in either language.
        ("Model for /imagine，web search, 次数上限", ["image_model", "web_search", "limits"]),
        # As earlier versions wrote them.
        ("max_images : narrow；blocked_words：收紧", ["max_images", "blocked_words"]),
        ("roles, roles:narrow", ["roles"]),
        ("none", []),
    ],
)
def test_what_may_be_typed(typed: str, stored: list[str]) -> None:
    setting = SETTINGS["locks"]
    assert setting.parse(typed) == stored
    assert setting.parse(setting.show(stored) or "") == stored


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("nothing", "config.bad_lock"),
        ("image_model:wide", "config.bad_lock"),
        # Of the whole server already.
        ("prompt_days", "config.bad_lock"),
        ("locks", "config.bad_lock"),
    ],
)
def test_what_may_not(typed: str, key: str) -> None:
    with pytest.raises(BadValue) as refused:
        SETTINGS["locks"].parse(typed)
    assert refused.value.key == key


@pytest.mark.parametrize(
    ("key", "lock", "stored", "held", "origin"),
    [
        # Nothing nearer holds.
        ("image_model", "image_model", {SERVER: "a", CHANNEL: "b", THREAD: "c"}, "a", Origin.SERVER),
        ("image_model", "image_model", {CATEGORY: "b"}, ENVIRONMENT.image_model, Origin.DEFAULT),
        # They add up as ever.
        ("blocked_words", "blocked_words", {SERVER: ["x"], CHANNEL: ["y"]}, ["y", "x"], Origin.CHANNEL),
        # Numbers only smaller, step by step.
        ("max_images", "max_images", {SERVER: 3, CHANNEL: 4}, 3, Origin.SERVER),
        ("max_images", "max_images", {SERVER: 3, CATEGORY: 2, CHANNEL: 4}, 2, Origin.CATEGORY),
        ("max_images", "max_images", {SERVER: 3, CATEGORY: 2, THREAD: 1}, 1, Origin.THREAD),
        ("max_images", "max_images", {CHANNEL: 2}, 2, Origin.CHANNEL),
        ("confirm_above", "confirm_above", {SERVER: 20, CHANNEL: ""}, 20, Origin.SERVER),
        ("confirm_above", "confirm_above", {CHANNEL: 50}, 50, Origin.CHANNEL),
        # Lists of what is allowed only shorter.
        (
            "commands",
            "commands",
            {SERVER: ["ask", "video"], CHANNEL: ["ask", "imagine"]},
            ["ask"],
            Origin.CHANNEL,
        ),
        ("commands", "commands", {SERVER: ["ask"], CHANNEL: []}, [], Origin.CHANNEL),
        ("roles", "roles", {SERVER: [1, 2], CHANNEL: [2, 3]}, [2], Origin.CHANNEL),
        ("roles", "roles", {CHANNEL: [2]}, [2], Origin.CHANNEL),
        # An empty list is everybody, and everything.
        ("roles", "roles", {SERVER: [1, 2], CHANNEL: []}, [1, 2], Origin.SERVER),
        ("roles", "roles", {SERVER: [1, 2], CHANNEL: [3]}, [1, 2], Origin.SERVER),
        ("allowed_models", "allowed_models", {SERVER: ["qwen*"], CHANNEL: []}, ["qwen*"], Origin.SERVER),
        (
            "allowed_models",
            "allowed_models",
            {SERVER: ["qwen*"], CHANNEL: ["qwen3-*", "GPT-5", "Qwen-max"]},
            ["qwen3-*", "Qwen-max"],
            Origin.CHANNEL,
        ),
        ("allowed_models", "allowed_models", {SERVER: ["qwen?"], CHANNEL: ["qwen*"]}, ["qwen?"], Origin.SERVER),
        # Each command's own too.
        (
            "allowed_models",
            "allowed_models",
            {SERVER: ["wan*", "ask=qwen*"], CHANNEL: ["video=wan2.7-t2v", "ask=gpt-5"]},
            ["wan*", "ask=qwen*", "video=wan2.7-t2v"],
            Origin.CHANNEL,
        ),
        ("age_restricted_only", "age_restricted_only", {SERVER: True, CHANNEL: False}, True, Origin.SERVER),
        ("age_restricted_only", "age_restricted_only", {CHANNEL: True}, True, Origin.CHANNEL),
        ("limits", "limits", {CHANNEL: ["video=3/day"]}, ["video=3/day"], Origin.CHANNEL),
        ("web_search", "web_search", {SERVER: False, CHANNEL: True}, False, Origin.SERVER),
        ("web_search", "web_search", {SERVER: True, CHANNEL: False}, False, Origin.CHANNEL),
        ("moderation", "moderation", {SERVER: "prompts", CHANNEL: "off"}, "prompts", Origin.SERVER),
        ("moderation", "moderation", {CHANNEL: "results"}, "results", Origin.CHANNEL),
        # As earlier versions stored them.
        ("max_images", "max_images:narrow", {SERVER: 3, CHANNEL: 2}, 2, Origin.CHANNEL),
        # Without one, the nearest.
        ("max_images", "roles", {SERVER: 2, CHANNEL: 4}, 4, Origin.CHANNEL),
    ],
)
def test_what_holds(key: str, lock: str, stored: dict[tuple[str, int], Any], held: object, origin: Origin) -> None:
    values: dict[tuple[str, int], dict[str, object]] = {SERVER: {"locks": [lock]}}
    for place, value in stored.items():
        values.setdefault(place, {})[key] = value
    found = resolve(SETTINGS[key], PLACE, values, ENVIRONMENT)
    assert (found.value, found.origin) == (held, origin)


def test_locks_are_the_servers_alone() -> None:
    values = {CHANNEL: {"locks": ["image_model"], "image_model": "b"}, THREAD: {"image_model": "c"}}
    image_model = SETTINGS["image_model"]
    assert not locked_at("image_model", PLACE, values)
    assert stored_at(image_model, PLACE, values) is not None
    locked = {**values, SERVER: {"locks": ["image_model", "limits:narrow"]}}
    assert locked_at("image_model", PLACE, locked)
    assert locked_at("limits", PLACE, locked)
    assert stored_at(image_model, PLACE, locked) is None
    assert not locked_at("image_model", Place(channel_id=20), locked)


@pytest.mark.parametrize(
    ("server", "wanted", "key"),
    [
        ({"locks": ["image_model"]}, [Change("channel", 20, "image_model", "b")], "config.locked"),
        ({"locks": ["image_model"]}, [Change("category", 10, "image_model", "b")], "config.locked"),
        ({"locks": ["image_model"]}, [Change("server", 1, "image_model", "b")], None),
        ({"locks": ["image_model"]}, [Change("channel", 20, "image_model", None)], None),
        ({"locks": ["image_model"]}, [Change("channel", 20, "paused", value=True)], None),
        (
            {"locks": ["max_images"], "max_images": 2},
            [Change("channel", 20, "max_images", 3)],
            "config.locked_narrow",
        ),
        ({"locks": ["max_images"], "max_images": 2}, [Change("channel", 20, "max_images", 1)], None),
        ({"locks": ["max_images"]}, [Change("channel", 20, "max_images", 3)], None),
        ({"locks": ["limits"]}, [Change("channel", 20, "limits", ["video=3/day"])], None),
        # What is changed in the same go counts.
        (
            {},
            [Change("channel", 20, "image_model", "b"), Change("server", 1, "locks", ["image_model"])],
            "config.locked",
        ),
        (
            {"locks": ["max_images"]},
            [Change("channel", 20, "max_images", 3), Change("server", 1, "locks", None)],
            None,
        ),
    ],
)
def test_who_sets_what_is_locked_is_told(server: dict[str, Any], wanted: list[Change], key: str | None) -> None:
    if key is None:
        refuse_locked(wanted, server)
        return
    with pytest.raises(NotAllowed) as refused:
        refuse_locked(wanted, server)
    assert refused.value.key == key
