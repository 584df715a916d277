"""Every setting of moderators, declared once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bot.environment import Environment
from bot.i18n import LOCALES, text
from bot.kinds import BY_COMMAND, Kind
from bot.settings.credits import Allowance, Pool, Prices
from bot.settings.entries import NAME_LIMIT
from bot.settings.limits import Limits
from bot.settings.locks import Locks, narrows
from bot.settings.personas import Personas
from bot.settings.scope import Scope
from bot.settings.styles import Styles
from bot.settings.topics import SETTING_NAMES, TOPIC_OF, Topic
from bot.settings.values import (
    Channel,
    Choice,
    Commands,
    Decimal,
    Flag,
    ListOf,
    Model,
    Patterns,
    Roles,
    Size,
    Text,
    Value,
    ValueKind,
    Whole,
    Words,
    is_none,
)
from bot.shapes import KNOWN_IMAGE_SIZES, KNOWN_VIDEO_SIZES

UNSET = ""
"""Stored where it was said that there is to be none."""

ModelKey: TypeAlias = Literal["chat_model", "image_model", "video_model"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that moderators may set. `help_key` names its description, `default` is the owner's.

    A default of None means that nothing is set: the model's own temperature, each person's own language.
    """

    key: str
    kind: ValueKind
    help_key: str
    default: Callable[[Environment], object]
    scopes: frozenset[Scope] = frozenset(Scope)
    servers_only: bool = False
    """Whether it means nothing in direct messages."""
    can_be_none: bool = False
    """Whether nearer scopes may say that there is none, whatever a wider one has: kept as UNSET."""
    adds_up: bool = False
    """Whether the lists of all scopes around a place hold there together, instead of the nearest alone."""

    @property
    def topic(self) -> Topic:
        return TOPIC_OF[self.key]

    @property
    def name_key(self) -> str:
        """What people call it."""
        return SETTING_NAMES[self.topic][self.key]

    def name(self, locale: str) -> str:
        """What people call it, in `locale`."""
        return text(locale, self.name_key)

    @property
    def narrowest(self) -> Scope:
        """Where it is kept unless somebody says otherwise: this channel, or the server if it is of the whole server."""
        return Scope.CHANNEL if Scope.CHANNEL in self.scopes else Scope.SERVER

    @property
    def narrows(self) -> bool:
        """Whether nearer scopes may set a narrower value of it where the server locks it."""
        return self.adds_up or narrows(self.kind)

    @property
    def command(self) -> Kind | None:
        """The command whose model it chooses, where it is a model."""
        return self.kind.command if isinstance(self.kind, Model) else None

    def parse(self, typed: str) -> Value | None:
        """The value to store; None: `none` was typed for what has no such value, so nothing is to be set.

        BadValue: why it can't be used.
        """
        if not is_none(typed) or self._knows_none:
            return self.kind.parse(typed)
        return UNSET if self.can_be_none else None

    def show(self, value: object) -> str | None:
        """A value as one would type it; None: nothing is set."""
        if value is None:
            return None
        return "none" if self.can_be_none and value == UNSET else self.kind.show(value)

    def meant(self, stored: object) -> object:
        """What a stored value stands for."""
        return None if self.can_be_none and stored == UNSET else stored

    @property
    def _knows_none(self) -> bool:
        kind = self.kind
        listed = isinstance(kind, ListOf) and kind.takes_none
        return listed or isinstance(kind, Channel) or (isinstance(kind, Model) and kind.optional)


_SERVER = frozenset({Scope.SERVER})
IDEAS_EACH = 2
"""Ideas a person and round of a jam."""
VIDEOS_PER_PERSON, VIDEOS_PER_SERVER = 2, 10
"""How many videos run at once where a server has set nothing else; the others wait their turn."""
MODERATION = "prompts"
"""What the service's moderation is asked about where nothing else is set, if it has one."""
PROMPT_DAYS = 30
"""How long prompts are kept where a server has set nothing else, and in direct messages."""


def lockable() -> Mapping[str, str]:
    """What channels and categories may set: the keys, by what people may call them, in small letters."""
    below = [setting for setting in SETTINGS.values() if Scope.CATEGORY in setting.scopes]
    named = {setting.name(locale).lower(): setting.key for setting in below for locale in LOCALES}
    return named | {setting.key.replace("_", " "): setting.key for setting in below}


def by_topic(*declared: Setting) -> list[Setting]:
    """In the order of `topics`; each must stand there."""
    places = list(TOPIC_OF)
    return sorted(declared, key=lambda setting: places.index(setting.key))


SETTINGS: Mapping[str, Setting] = {
    setting.key: setting
    for setting in by_topic(
        Setting("chat_model", Model(Kind.ASK), "config.help_chat_model", lambda bot: bot.chat_model),
        Setting("image_model", Model(Kind.IMAGE), "config.help_image_model", lambda bot: bot.image_model),
        Setting("video_model", Model(Kind.VIDEO), "config.help_video_model", lambda bot: bot.video_model),
        Setting("allowed_models", Patterns(), "config.help_allowed_models", lambda _: []),
        Setting(
            "system_prompt",
            Text(4000),
            "config.help_system_prompt",
            lambda bot: bot.system_prompt or None,
            can_be_none=True,
        ),
        Setting("temperature", Decimal(0.0, 2.0), "config.help_temperature", lambda _: None, can_be_none=True),
        Setting("personas", Personas(), "config.help_personas", lambda _: [], _SERVER, servers_only=True),
        Setting(
            "persona",
            Text(NAME_LIMIT),
            "config.help_persona",
            lambda _: None,
            can_be_none=True,
            servers_only=True,
        ),
        Setting("context_tokens", Whole(500, 999_999), "config.help_context_tokens", lambda _: None),
        Setting("styles", Styles(), "config.help_styles", lambda _: [], _SERVER, servers_only=True),
        Setting("image_size", Size(KNOWN_IMAGE_SIZES), "config.help_image_size", lambda _: KNOWN_IMAGE_SIZES[0]),
        Setting("max_images", Whole(1, 4), "config.help_max_images", lambda _: 4),
        Setting(
            "video_resolution", Size(KNOWN_VIDEO_SIZES), "config.help_video_resolution", lambda _: KNOWN_VIDEO_SIZES[0]
        ),
        Setting("web_search", Flag(permits=True), "config.help_web_search", lambda _: False),
        Setting("commands", Commands(tuple(BY_COMMAND)), "config.help_commands", lambda _: list(BY_COMMAND)),
        Setting("roles", Roles(), "config.help_roles", lambda _: [], servers_only=True),
        Setting("ask_roles", Roles(), "config.help_ask_roles", lambda _: [], servers_only=True),
        Setting("imagine_roles", Roles(), "config.help_imagine_roles", lambda _: [], servers_only=True),
        Setting("video_roles", Roles(), "config.help_video_roles", lambda _: [], servers_only=True),
        Setting("locks", Locks(lockable), "config.help_locks", lambda _: [], _SERVER, servers_only=True),
        Setting("limits", Limits(), "config.help_limits", lambda _: [], servers_only=True, adds_up=True),
        Setting("mentions", Flag(permits=True), "config.help_mentions", lambda _: False, servers_only=True),
        Setting(
            "conversations",
            Choice({"shared": "config.shared", "own": "config.own"}),
            "config.help_conversations",
            lambda _: "shared",
            servers_only=True,
        ),
        Setting(
            "threads",
            Choice({"alone": "config.alone", "always": "config.always", "mentions": "config.mentions_only"}),
            "config.help_threads",
            lambda _: "alone",
            servers_only=True,
        ),
        Setting(
            "answers",
            Choice({"public": "config.public", "private": "config.private"}),
            "config.help_answers",
            lambda _: "public",
        ),
        Setting(
            "language",
            Choice({"en": "config.english", "zh_CN": "config.chinese"}, {"中文": "zh_CN", "chinese": "zh_CN"}),
            "config.help_language",
            lambda _: None,
            can_be_none=True,
        ),
        Setting("age_restricted_only", Flag(), "config.help_age_restricted_only", lambda _: False, servers_only=True),
        Setting("blocked_words", Words(), "config.help_blocked_words", lambda _: [], adds_up=True),
        Setting(
            "moderation",
            Choice({"off": "config.off", "prompts": "config.prompts", "results": "config.results"}, narrowing=True),
            "config.help_moderation",
            lambda _: MODERATION,
            servers_only=True,  # in direct messages it is not the member's to turn off
        ),
        Setting(
            "notify",
            Choice({"long": "config.notify_long", "never": "config.never"}),
            "config.help_notify",
            lambda _: "long",
            servers_only=True,
        ),
        Setting("spoilers", Flag(), "config.help_spoilers", lambda _: False),
        Setting("log_channel", Channel(), "config.help_log_channel", lambda _: 0, servers_only=True),
        Setting(
            "max_running_videos",
            Whole(1, 200),
            "config.help_max_running_videos",
            lambda _: VIDEOS_PER_SERVER,
            _SERVER,
            servers_only=True,
        ),
        Setting(
            "max_running_videos_per_person",
            Whole(1, 20),
            "config.help_max_running_videos_per_person",
            lambda _: VIDEOS_PER_PERSON,
            _SERVER,
            servers_only=True,
        ),
        Setting("edit_model", Model(Kind.IMAGE, optional=True), "config.help_edit_model", lambda _: ""),
        Setting("animate_model", Model(Kind.VIDEO, optional=True), "config.help_animate_model", lambda _: ""),
        Setting(
            "buttons",
            Choice({"anyone": "config.anyone", "asker": "config.asker"}, {"who asked": "asker", "提出者": "asker"}),
            "config.help_buttons",
            lambda _: "anyone",
            servers_only=True,
        ),
        Setting("button_roles", Roles(), "config.help_button_roles", lambda _: [], servers_only=True),
        Setting("jam_roles", Roles(), "config.help_jam_roles", lambda _: [], servers_only=True),
        Setting("jam_ideas", Whole(1, 10), "config.help_jam_ideas", lambda _: IDEAS_EACH, servers_only=True),
        Setting(
            "jam_review",
            Choice({"auto": "config.review_auto", "always": "config.review_always", "never": "config.review_never"}),
            "config.help_jam_review",
            lambda _: "auto",
            servers_only=True,
        ),
        Setting(
            "jam_round",
            Choice(
                {"0": "config.round_none", "1": "config.round_one", "2": "config.round_two", "5": "config.round_five"}
            ),
            "config.help_jam_round",
            lambda _: "0",
            servers_only=True,
        ),
        Setting(
            "jam_paid_by",
            Choice(
                {"starter": "config.starter", "pool": "config.pool"},
                {
                    **dict.fromkeys(("who started it", "the person who started it", "发起人"), "starter"),
                    **dict.fromkeys(
                        ("the channel’s pool", "the channel's pool", "频道额度池", "频道的共享点数"), "pool"
                    ),
                },
            ),
            "config.help_jam_paid_by",
            lambda _: "starter",
            servers_only=True,
        ),
        Setting("prices", Prices(), "config.help_prices", lambda _: [], _SERVER, servers_only=True),
        Setting("daily_credits", Allowance(), "config.help_daily_credits", lambda _: None, _SERVER, servers_only=True),
        Setting("server_pool", Pool(), "config.help_server_pool", lambda _: None, _SERVER, servers_only=True),
        Setting(
            "channel_pool",
            Pool(),
            "config.help_channel_pool",
            lambda _: None,
            frozenset({Scope.CHANNEL}),
            servers_only=True,
        ),
        Setting(
            "confirm_above",
            Whole(0, 999_999),
            "config.help_confirm_above",
            lambda _: None,
            can_be_none=True,
            servers_only=True,
        ),
        Setting("alert_channel", Channel(), "config.help_alert_channel", lambda _: 0, _SERVER, servers_only=True),
        Setting(
            "prompt_days",
            Whole(1, 365),
            "config.help_prompt_days",
            lambda _: PROMPT_DAYS,
            _SERVER,
            servers_only=True,
        ),
    )
}

ROLES_SETTING: Mapping[Kind, str] = {
    Kind.ASK: "ask_roles",
    Kind.IMAGE: "imagine_roles",
    Kind.VIDEO: "video_roles",
}
MODEL_SETTING: Mapping[Kind, ModelKey] = {
    Kind.ASK: "chat_model",
    Kind.IMAGE: "image_model",
    Kind.VIDEO: "video_model",
}
