"""What may be typed for each setting, and how it is shown."""

from __future__ import annotations

import pytest

from bot.errors import BadValue
from bot.i18n import LOCALES, text
from bot.settings import SETTINGS, Scope
from bot.settings.topics import TOPIC_NAMES, TOPIC_OF, Topic
from bot.settings.values import ListOf


@pytest.mark.parametrize(
    ("key", "typed", "value", "shown"),
    [
        ("allowed_models", "all", [], "all"),
        ("allowed_models", "qwen*,  gpt-4o，gpt-4o", ["qwen*", "gpt-4o"], "qwen*, gpt-4o"),
        ("system_prompt", "  You are\na poet.  ", "You are\na poet.", "You are\na poet."),
        ("temperature", "0,70", 0.7, "0.7"),
        ("temperature", "2.0", 2, "2"),
        ("image_size", "1280 × 720", "1280x720", "1280x720"),
        ("max_images", " 4 ", 4, "4"),
        ("commands", "/video ask", ["ask", "video"], "ask, video"),
        ("commands", "ALL", ["ask", "imagine", "video"], "ask, imagine, video"),
        ("commands", "none", [], "none"),
        ("roles", "@everyone", [], "everyone"),
        ("roles", "<@&12><@&13> 12", [12, 13], "<@&12> <@&13>"),
        ("answers", "Private", "private", "private"),
        ("answers", "私密", "private", "private"),
        ("language", "zh-cn", "zh_CN", "zh_CN"),
        ("language", "简体中文", "zh_CN", "zh_CN"),
        ("language", "中文", "zh_CN", "zh_CN"),
        ("age_restricted_only", "开", True, "on"),
        ("age_restricted_only", "off", False, "off"),
        ("blocked_words", "Tom  Jones, 骂人\nx", ["Tom Jones", "骂人", "x"], "Tom Jones, 骂人, x"),
        ("blocked_words", "NONE", [], "none"),
        ("log_channel", "<#12>", 12, "<#12>"),
        ("log_channel", "none", 0, "none"),
        ("prompt_days", "365", 365, "365"),
    ],
)
def test_typed_kept_and_shown(key: str, typed: str, value: object, shown: str) -> None:
    kept = SETTINGS[key].parse(typed)
    assert kept == value
    assert type(kept) is type(value)
    assert SETTINGS[key].show(kept) == shown
    assert SETTINGS[key].parse(shown) == kept


@pytest.mark.parametrize(
    ("key", "typed", "sentence"),
    [
        ("allowed_models", "a b$", "config.bad_model_name"),
        ("allowed_models", ",".join(f"m{number}" for number in range(51)), "config.bad_list"),
        ("system_prompt", "x" * 4001, "config.bad_text"),
        ("system_prompt", " ", "config.no_text"),
        ("temperature", "2.01", "config.bad_decimal"),
        ("temperature", "nan", "config.bad_decimal"),
        ("temperature", "١", "config.bad_decimal"),
        ("system_prompt", " \u200b\u3164", "config.no_text"),
        ("system_prompt", "****", "config.no_text"),
        ("max_images", "5", "config.bad_number"),
        ("max_images", "³", "config.bad_number"),
        ("image_size", "1x1", "error.size_out_of_range"),
        ("commands", "ask, sing", "config.bad_choices"),
        ("commands", " ", "config.bad_choices"),
        ("roles", "artists", "config.bad_roles"),
        ("roles", str(2**63), "config.bad_roles"),
        ("roles", " ".join(str(number) for number in range(1, 27)), "config.bad_roles"),
        ("answers", "loud", "config.bad_choice"),
        ("age_restricted_only", "maybe", "config.bad_choice"),
        ("blocked_words", "x" * 51, "config.bad_word"),
        ("blocked_words", ", ".join(f"w{number}" for number in range(201)), "config.bad_list"),
        ("blocked_words", ", ,", "config.bad_list"),
        ("log_channel", "general", "config.bad_channel"),
        ("log_channel", f"<#{2**63}>", "config.bad_channel"),
    ],
)
def test_what_can_not_be_used_is_refused_with_a_sentence(key: str, typed: str, sentence: str) -> None:
    with pytest.raises(BadValue) as refused:
        SETTINGS[key].parse(typed)
    assert refused.value.key == sentence
    for locale in LOCALES:
        assert "{" not in text(locale, refused.value.key, **refused.value.facts)


def test_a_list_taken_one_by_one_keeps_its_parts_whole() -> None:
    words = SETTINGS["blocked_words"].kind
    assert isinstance(words, ListOf)
    assert words.of([]) == []
    with pytest.raises(BadValue, match=r"config\.bad_list"):
        words.of(["a, b"])


def test_every_setting_is_short_enough_for_menus_and_has_a_scope_of_its_own() -> None:
    assert set(TOPIC_OF) == set(SETTINGS)
    for topic in Topic:
        assert 1 <= sum(setting.topic is topic for setting in SETTINGS.values()) <= 15
        assert all(len(text(locale, TOPIC_NAMES[topic])) <= 15 for locale in LOCALES)
    for key, setting in SETTINGS.items():
        assert len(f"config:channel:category:{key}") <= 100
        assert setting.narrowest in {Scope.CHANNEL, Scope.SERVER}
        for locale in LOCALES:
            assert len(text(locale, setting.help_key)) <= 100, key
            assert len(text(locale, setting.name_key)) <= 45, key
