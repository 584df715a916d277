"""The bot's sentences by key: what tests look for, so that a better wording breaks none of them."""

from __future__ import annotations

import re

from bot.i18n import template, text
from bot.settings import SETTINGS


def en(key: str, **facts: object) -> str:
    """What a person with an English Discord reads."""
    return text("en", key, **facts)


def zh(key: str, **facts: object) -> str:
    """What a person with a Chinese Discord reads."""
    return text("zh_CN", key, **facts)


def piece(key: str, locale: str = "en", *, count: int = 1) -> str:
    """The longest piece of a sentence that holds no fact: to look for it whatever the facts are."""
    return max(re.split(r"\{.*?\}", template(locale, key, count)), key=len).strip()


def named(setting: str, locale: str = "en") -> str:
    """What people call a setting."""
    return text(locale, "config.pausing") if setting == "paused" else SETTINGS[setting].name(locale)
