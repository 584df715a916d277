"""What moderators may set, and which value holds where.

`SETTINGS` is the one declared table: the commands, what they show and what they check are made from it. Resolution
is pure: the stored values of a place's scopes in, the effective value and where it comes from out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from bot.environment import Environment, Kind

ModelKey: TypeAlias = Literal["chat_model", "image_model", "video_model"]


class Scope(StrEnum):
    """Where a value is stored. A thread is a channel of its own."""

    SERVER = "server"
    CATEGORY = "category"
    CHANNEL = "channel"


class Origin(StrEnum):
    """Where an effective value comes from, nearest first."""

    THREAD = "thread"
    CHANNEL = "channel"
    CATEGORY = "category"
    SERVER = "server"
    DEFAULT = "default"


Value: TypeAlias = str | int | float | bool | list[str]
Values: TypeAlias = Mapping[tuple[str, int], Mapping[str, object]]
"""Stored values: (scope, id of the server, category, channel or thread) → setting → value."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that moderators may set.

    `parse` takes what a person typed and returns the value to store; ValueError, whose text is the key of a
    sentence, says what is wrong with it. `help_key` names the setting's description. `kind` is the command whose
    models it chooses from, where it is a model.
    """

    key: str
    parse: Callable[[str], Value]
    help_key: str
    default: Callable[[Environment], object]
    scopes: frozenset[Scope]
    kind: Kind | None = None

    @property
    def narrowest(self) -> Scope:
        """Where /config keeps it: this channel, unless it is of the whole server only."""
        return Scope.CHANNEL if Scope.CHANNEL in self.scopes else Scope.SERVER


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command was used. Outside a server only `channel_id` is known."""

    channel_id: int
    thread_id: int | None = None
    category_id: int | None = None
    guild_id: int | None = None

    def id_of(self, scope: Scope) -> int:
        """The id under which a value of `scope` is stored here; a thread is a channel of its own."""
        if scope is Scope.CHANNEL:
            return self.thread_id or self.channel_id
        return (self.category_id if scope is Scope.CATEGORY else self.guild_id) or 0

    def scopes(self) -> tuple[tuple[Origin, Scope, int], ...]:
        """What may hold a value here, nearest first."""
        chain = (
            (Origin.THREAD, Scope.CHANNEL, self.thread_id),
            (Origin.CHANNEL, Scope.CHANNEL, self.channel_id),
            (Origin.CATEGORY, Scope.CATEGORY, self.category_id),
            (Origin.SERVER, Scope.SERVER, self.guild_id),
        )
        return tuple((origin, scope, id_) for origin, scope, id_ in chain if id_ is not None)


@dataclass(frozen=True, slots=True)
class Effective:
    value: object
    origin: Origin


def model_name(typed: str) -> str:
    """A model's name as typed: 1-100 characters, no spaces, nothing that Markdown or a mention is made of."""
    name = typed.strip()
    if not re.fullmatch(r"[\w.:/@+\-]{1,100}", name):
        raise ValueError("config.bad_model_name")
    return name


def whole_number(least: int, most: int) -> Callable[[str], Value]:
    """A parser of whole numbers within bounds."""

    def parse(typed: str) -> Value:
        digits = typed.strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 6 and least <= int(digits) <= most):
            raise ValueError("config.bad_number")
        return int(digits)

    return parse


_EVERYWHERE = frozenset(Scope)
_SERVER = frozenset({Scope.SERVER})
VIDEOS_PER_PERSON, VIDEOS_PER_SERVER = 2, 10
"""How many videos run at once where a server has set nothing else; the others wait their turn."""

SETTINGS: Mapping[str, Setting] = {
    setting.key: setting
    for setting in (
        Setting(
            "chat_model", model_name, "config.help_chat_model", lambda bot: bot.chat_model, _EVERYWHERE, kind="ask"
        ),
        Setting(
            "image_model",
            model_name,
            "config.help_image_model",
            lambda bot: bot.image_model,
            _EVERYWHERE,
            kind="imagine",
        ),
        Setting(
            "video_model", model_name, "config.help_video_model", lambda bot: bot.video_model, _EVERYWHERE, kind="video"
        ),
        Setting(
            "videos_per_person",
            whole_number(1, 20),
            "config.help_videos_per_person",
            lambda _: VIDEOS_PER_PERSON,
            _SERVER,
        ),
        Setting(
            "videos_per_server",
            whole_number(1, 200),
            "config.help_videos_per_server",
            lambda _: VIDEOS_PER_SERVER,
            _SERVER,
        ),
    )
}

MODEL_SETTING: Mapping[Kind, ModelKey] = {"ask": "chat_model", "imagine": "image_model", "video": "video_model"}


def resolve(setting: Setting, place: Place, values: Values, environment: Environment) -> Effective:
    """The value that holds at `place`: thread, else channel, category, server, else the owner's default."""
    for origin, scope, id_ in place.scopes():
        stored = values.get((scope, id_), {})
        if setting.key in stored:
            return Effective(stored[setting.key], origin)
    return Effective(setting.default(environment), Origin.DEFAULT)
