"""What each setting is about and what people call it, in the order of the panel, of suggestions and of docs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Topic(StrEnum):
    """A page of the panel."""

    WHAT = "what"
    WHO = "who"
    HOW_MUCH = "how_much"
    LANGUAGE = "language"
    SAFETY = "safety"
    RECORD = "record"
    CONVERSATIONS = "conversations"
    TOGETHER = "together"
    CREDITS = "credits"


TOPIC_NAMES: Final[Mapping[Topic, str]] = {
    Topic.WHAT: "topic.what",
    Topic.WHO: "topic.who",
    Topic.HOW_MUCH: "topic.how_much",
    Topic.LANGUAGE: "topic.language",
    Topic.SAFETY: "topic.safety",
    Topic.RECORD: "topic.record",
    Topic.CONVERSATIONS: "topic.conversations",
    Topic.TOGETHER: "topic.together",
    Topic.CREDITS: "topic.credits",
}

SETTING_NAMES: Final[Mapping[Topic, Mapping[str, str]]] = {
    Topic.WHAT: {
        "commands": "setting.commands",
        "chat_model": "setting.chat_model",
        "image_model": "setting.image_model",
        "video_model": "setting.video_model",
        "allowed_models": "setting.allowed_models",
        "web_search": "setting.web_search",
        "image_size": "setting.image_size",
        "styles": "setting.styles",
        "video_resolution": "setting.video_resolution",
    },
    Topic.WHO: {
        "roles": "setting.roles",
        "ask_roles": "setting.ask_roles",
        "imagine_roles": "setting.imagine_roles",
        "video_roles": "setting.video_roles",
        "locks": "setting.locks",
    },
    Topic.HOW_MUCH: {
        "limits": "setting.limits",
        "max_images": "setting.max_images",
        "max_running_videos": "setting.max_running_videos",
        "max_running_videos_per_person": "setting.max_running_videos_per_person",
    },
    Topic.LANGUAGE: {
        "language": "setting.language",
        "answers": "setting.answers",
        "notify": "setting.notify",
    },
    Topic.SAFETY: {
        "blocked_words": "setting.blocked_words",
        "moderation": "setting.moderation",
        "spoilers": "setting.spoilers",
        "age_restricted_only": "setting.age_restricted_only",
    },
    Topic.RECORD: {
        "log_channel": "setting.log_channel",
        "prompt_days": "setting.prompt_days",
    },
    Topic.CONVERSATIONS: {
        "mentions": "setting.mentions",
        "conversations": "setting.conversations",
        "threads": "setting.threads",
        "context_tokens": "setting.context_tokens",
        "system_prompt": "setting.system_prompt",
        "temperature": "setting.temperature",
        "persona": "setting.persona",
        "personas": "setting.personas",
    },
    Topic.TOGETHER: {
        "edit_model": "setting.edit_model",
        "animate_model": "setting.animate_model",
        "buttons": "setting.buttons",
        "button_roles": "setting.button_roles",
        "jam_roles": "setting.jam_roles",
        "jam_ideas": "setting.jam_ideas",
        "jam_review": "setting.jam_review",
        "jam_round": "setting.jam_round",
        "jam_paid_by": "setting.jam_paid_by",
    },
    Topic.CREDITS: {
        "daily_credits": "setting.daily_credits",
        "server_pool": "setting.server_pool",
        "channel_pool": "setting.channel_pool",
        "prices": "setting.prices",
        "confirm_above": "setting.confirm_above",
        "alert_channel": "setting.alert_channel",
    },
}
"""Each setting of `table.py` stands in one of them, with its name: a form's label, of 45 characters (Discord)."""

TOPIC_OF: Final[Mapping[str, Topic]] = {key: topic for topic, keys in SETTING_NAMES.items() for key in keys}
