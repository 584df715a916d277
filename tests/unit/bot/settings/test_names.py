"""Names of roles and channels, `none` for whatever can be unset, and finding a setting by other words."""

from __future__ import annotations

import pytest

from bot.errors import BadValue
from bot.settings import SETTINGS, Effective, Origin, Place, resolve
from bot.settings.file import FileProblem, read
from bot.settings.file_writing import write
from bot.settings.names import Names, by_name
from cogs.config.search import found

NAMES = Names(
    by_name([("Artists", 1), ("Art Team", 2), ("Art", 3), ("twins", 4), ("Twins", 5), ("画师", 6), ("100", 7)]),
    by_name([("images", 10), ("General Chat", 11), ("same", 12), ("same", 13), ("图片", 14)]),
)


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("roles", "@Artists", [1]),
        ("roles", "artists", [1]),
        ("roles", "@ARTISTS @art team, <@&9>", [1, 2, 9]),
        ("roles", "Art Team, Art", [2, 3]),
        ("roles", "@Art @画师", [3, 6]),
        ("roles", "＠画师", [6]),
        ("button_roles", "@everyone", []),
        ("daily_credits", "100, @Artists=500", ["100", "1=500"]),
        ("daily_credits", "100, Art Team=500", ["100", "2=500"]),
        ("daily_credits", "100", ["100"]),
        ("log_channel", "#images", 10),
        ("log_channel", "Images", 10),
        ("log_channel", "＃图片", 14),
        ("alert_channel", "#general chat", 11),
        ("log_channel", "<#99>", 99),
    ],
)
def test_names_stand_for_mentions(key: str, typed: str, value: object) -> None:
    setting = SETTINGS[key]
    assert setting.parse(NAMES.resolved(setting.kind, typed)) == value


@pytest.mark.parametrize(
    ("key", "typed", "sentence"),
    [
        ("roles", "@Twins", "config.several_roles"),
        ("roles", "@nobody", "config.no_such_role"),
        ("roles", "@Artistsand", "config.no_such_role"),
        ("daily_credits", "100, @nobody=5", "config.no_such_role"),
        ("log_channel", "#same", "config.several_channels"),
        ("log_channel", "#nowhere", "config.no_such_channel"),
        ("log_channel", "nowhere", "config.bad_channel"),
    ],
)
def test_what_is_not_one_is_said(key: str, typed: str, sentence: str) -> None:
    setting = SETTINGS[key]
    with pytest.raises(BadValue) as caught:
        setting.parse(NAMES.resolved(setting.kind, typed))
    assert caught.value.key == sentence


NONE: dict[str, object] = {
    **{key: list[str]() for key in ("ask_roles", "imagine_roles", "video_roles", "locks", "limits")},
    "allowed_models": [],
    "commands": [],
    "roles": [],
    "blocked_words": [],
    "button_roles": [],
    "jam_roles": [],
    "daily_credits": [],
    "log_channel": 0,
    "alert_channel": 0,
    "edit_model": "",
    "animate_model": "",
    "system_prompt": "",
    "temperature": "",
    "persona": "",
    "language": "",
    "confirm_above": "",
}
"""What `none` is stored as; of the others nothing is set any more."""


@pytest.mark.parametrize("typed", ["none", " None", "NONE", "无"])
@pytest.mark.parametrize("key", SETTINGS)
def test_none_means_none(key: str, typed: str) -> None:
    assert SETTINGS[key].parse(typed) == NONE.get(key)


def test_none_holds_against_a_wider_value() -> None:
    place = Place(channel_id=2, guild_id=1)
    for key, wide in (("temperature", 1), ("system_prompt", "A poet"), ("language", "en"), ("confirm_above", 20)):
        values = {("server", 1): {key: wide}, ("channel", 2): {key: ""}}
        assert resolve(SETTINGS[key], place, values, None) == Effective(None, Origin.CHANNEL)  # pyright: ignore[reportArgumentType] - no default is asked for


def _unnamed(*_: object) -> str:
    return ""


def test_none_and_names_in_a_file() -> None:
    stored: dict[tuple[str, int], dict[str, object]] = {
        ("server", 1): {"temperature": "", "edit_model": "", "log_channel": 0, "roles": []}
    }
    text = write(stored, heading="x", name_of=_unnamed, role_name=_unnamed)
    assert read(text)[0].values == stored["server", 1]
    typed = (
        'server:\n  roles: ["@Artists", "Art Team"]\n  log_channel: "#images"\n  chat_model: none\n'
        "  blocked_words: [none]\n  button_roles: 无\n  confirm_above: None\n"
    )
    (section,) = read(typed, NAMES)
    assert section.values == {
        "roles": [1, 2],
        "log_channel": 10,
        "blocked_words": [],
        "button_roles": [],
        "confirm_above": "",
    }
    for line in ("log_channel: #images", "roles: @Artists", "roles:\n  - @Artists"):
        with pytest.raises(FileProblem) as caught:
            read(f"server:\n  {line}\n", NAMES)
        assert caught.value.key == "config.file_quote"


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("limit", {"max_images", "max_running_videos", "daily_credits", "server_pool", "channel_pool"}),
        ("quota", {"daily_credits", "server_pool", "channel_pool"}),
        ("NSFW", {"age_restricted_only", "blocked_words"}),
        ("ban", {"blocked_words", "roles"}),
        ("限制", {"max_images", "daily_credits", "max_running_videos"}),
        ("额度", {"daily_credits", "server_pool", "prices"}),
        ("禁词", {"blocked_words"}),
        ("成人", {"age_restricted_only"}),
        ("blocked words", {"blocked_words"}),
        ("running video", {"max_running_videos", "max_running_videos_per_person"}),
        ("日志", {"log_channel"}),
    ],
)
def test_a_setting_is_found_by_what_people_call_it(typed: str, keys: set[str]) -> None:
    assert keys <= set(found(typed))


def test_keys_come_first_and_everything_is_found_by_nothing() -> None:
    assert found("chat")[0] == "chat_model"
    assert found("pool")[:2] == ["server_pool", "channel_pool"]
    assert set(found("")) == set(SETTINGS)
    assert found("no such thing at all") == []
