"""What a server locks: typed, at resolving, and when a nearer scope is given a value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.environment import read_environment
from bot.errors import BadValue, NotAllowed
from bot.settings import SETTINGS, Origin, Place, resolve
from bot.settings.changes import Change, refuse_locked
from bot.settings.locks import Lock
from bot.settings.places import lock_of, stored_at

ENVIRONMENT = read_environment(
    {"DISCORD_TOKEN": "token-of-a-bot", "ONEKEY_API_KEY": "sk-secret-key"}, Path("/nonexistent/.env")
)
PLACE = Place(channel_id=20, thread_id=30, category_id=10, guild_id=1)
SERVER, CATEGORY, CHANNEL, THREAD = ("server", 1), ("category", 10), ("channel", 20), ("channel", 30)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("image_model", ["image_model"]),
        ("Image-Model, limits:narrow", ["image_model", "limits:narrow"]),
        ("max_images : narrow；blocked_words：收紧", ["max_images:narrow", "blocked_words:narrow"]),
        ("roles, roles:narrow", ["roles:narrow"]),
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
        ("image_model:narrow", "config.bad_lock_narrow"),
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
        ("blocked_words", "blocked_words", {SERVER: ["x"], CHANNEL: ["y"]}, ["x"], Origin.SERVER),
        # They add up as ever.
        ("blocked_words", "blocked_words:narrow", {SERVER: ["x"], CHANNEL: ["y"]}, ["y", "x"], Origin.CHANNEL),
        # Numbers only smaller, step by step.
        ("max_images", "max_images:narrow", {SERVER: 3, CHANNEL: 4}, 3, Origin.SERVER),
        ("max_images", "max_images:narrow", {SERVER: 3, CATEGORY: 2, CHANNEL: 4}, 2, Origin.CATEGORY),
        ("max_images", "max_images:narrow", {SERVER: 3, CATEGORY: 2, THREAD: 1}, 1, Origin.THREAD),
        ("max_images", "max_images:narrow", {CHANNEL: 2}, 2, Origin.CHANNEL),
        ("confirm_above", "confirm_above:narrow", {SERVER: 20, CHANNEL: ""}, 20, Origin.SERVER),
        ("confirm_above", "confirm_above:narrow", {CHANNEL: 50}, 50, Origin.CHANNEL),
        # Lists of what is allowed only shorter.
        (
            "commands",
            "commands:narrow",
            {SERVER: ["ask", "video"], CHANNEL: ["ask", "imagine"]},
            ["ask"],
            Origin.CHANNEL,
        ),
        ("commands", "commands:narrow", {SERVER: ["ask"], CHANNEL: []}, [], Origin.CHANNEL),
        ("roles", "roles:narrow", {SERVER: [1, 2], CHANNEL: [2, 3]}, [2], Origin.CHANNEL),
        ("roles", "roles:narrow", {CHANNEL: [2]}, [2], Origin.CHANNEL),
        # An empty list is everybody, and everything.
        ("roles", "roles:narrow", {SERVER: [1, 2], CHANNEL: []}, [1, 2], Origin.SERVER),
        ("roles", "roles:narrow", {SERVER: [1, 2], CHANNEL: [3]}, [1, 2], Origin.SERVER),
        ("allowed_models", "allowed_models:narrow", {SERVER: ["qwen*"], CHANNEL: []}, ["qwen*"], Origin.SERVER),
        (
            "allowed_models",
            "allowed_models:narrow",
            {SERVER: ["qwen*"], CHANNEL: ["qwen3-*", "GPT-5", "Qwen-max"]},
            ["qwen3-*", "Qwen-max"],
            Origin.CHANNEL,
        ),
        ("allowed_models", "allowed_models:narrow", {SERVER: ["qwen?"], CHANNEL: ["qwen*"]}, ["qwen?"], Origin.SERVER),
        ("age_restricted_only", "age_restricted_only:narrow", {SERVER: True, CHANNEL: False}, True, Origin.SERVER),
        ("age_restricted_only", "age_restricted_only:narrow", {CHANNEL: True}, True, Origin.CHANNEL),
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
    assert lock_of("image_model", PLACE, values) is None
    assert stored_at("image_model", PLACE, values) is not None
    locked = {**values, SERVER: {"locks": ["image_model", "limits:narrow"]}}
    assert lock_of("image_model", PLACE, locked) == Lock("image_model", narrow=False)
    assert lock_of("limits", PLACE, locked) == Lock("limits", narrow=True)
    assert stored_at("image_model", PLACE, locked) is None
    assert lock_of("image_model", Place(channel_id=20), locked) is None


@pytest.mark.parametrize(
    ("server", "wanted", "key"),
    [
        ({"locks": ["image_model"]}, [Change("channel", 20, "image_model", "b")], "config.locked"),
        ({"locks": ["image_model"]}, [Change("category", 10, "image_model", "b")], "config.locked"),
        ({"locks": ["image_model"]}, [Change("server", 1, "image_model", "b")], None),
        ({"locks": ["image_model"]}, [Change("channel", 20, "image_model", None)], None),
        ({"locks": ["image_model"]}, [Change("channel", 20, "paused", value=True)], None),
        (
            {"locks": ["max_images:narrow"], "max_images": 2},
            [Change("channel", 20, "max_images", 3)],
            "config.locked_narrow",
        ),
        ({"locks": ["max_images:narrow"], "max_images": 2}, [Change("channel", 20, "max_images", 1)], None),
        ({"locks": ["max_images:narrow"]}, [Change("channel", 20, "max_images", 3)], None),
        ({"locks": ["limits:narrow"]}, [Change("channel", 20, "limits", ["video=3/day"])], None),
        ({"locks": ["limits"]}, [Change("channel", 20, "limits", ["video=3/day"])], "config.locked"),
        # What is changed in the same go counts.
        (
            {},
            [Change("channel", 20, "max_images", 3), Change("server", 1, "locks", ["max_images"])],
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
