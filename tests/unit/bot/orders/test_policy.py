"""What moderators allow at a place."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.environment import read_environment
from bot.errors import BadValue, ModelNotAllowed, NotAllowed, UnknownModel
from bot.i18n import text
from bot.kinds import Kind
from bot.orders.policy import Rules, rules_at
from bot.settings import Origin, Place, Scope, Values
from bot.settings.places import PAUSED

ENVIRONMENT = read_environment(
    {"DISCORD_TOKEN": "token-of-a-bot", "ONEKEY_API_KEY": "sk-secret-key", "CHAT_MODEL": "of-the-owner"},
    Path("/nonexistent/.env"),
)
PLACE = Place(channel_id=2, thread_id=1, category_id=3, guild_id=4)


class Models:
    def __init__(self, *names: str, listed: bool = True) -> None:
        self._names = names
        self._listed = listed

    def names(self) -> tuple[str, ...]:
        return self._names

    def knows(self, name: str) -> bool | None:
        return name in self._names if self._listed else None


def rules(scope: tuple[str, int] = (Scope.CHANNEL, 2), /, **values: object) -> Rules:
    return rules_at(PLACE, {scope: values}, ENVIRONMENT)


def check(held: Rules, **caller: object) -> None:
    facts: dict[str, object] = {"roles": (), "in_guild": True, "age_restricted": False} | caller
    held.check(Kind.IMAGE, **facts)  # pyright: ignore[reportArgumentType] - the three above


def test_nothing_set_speaks_against_nothing() -> None:
    check(rules())
    assert rules().model(Kind.ASK, None, Models()) == "of-the-owner"


@pytest.mark.parametrize(
    ("scope", "key"),
    [
        ((Scope.SERVER, 4), "policy.paused_server"),
        ((Scope.CATEGORY, 3), "policy.paused_category"),
        ((Scope.CHANNEL, 2), "policy.paused"),
        ((Scope.CHANNEL, 1), "policy.paused_thread"),
    ],
)
def test_a_pause_holds_for_all_that_lies_in_it(scope: tuple[str, int], key: str) -> None:
    held = rules(scope, **{PAUSED: True})
    with pytest.raises(NotAllowed, match=key):
        check(held)


def test_a_pause_does_not_give_way_to_a_nearer_place_nor_reach_another() -> None:
    values: Values = {(Scope.SERVER, 4): {PAUSED: True}, (Scope.CHANNEL, 1): {"chat_model": "x"}}
    assert rules_at(PLACE, values, ENVIRONMENT).paused is Origin.SERVER
    assert rules_at(Place(channel_id=2, guild_id=5), values, ENVIRONMENT).paused is None


def test_commands_may_be_off() -> None:
    with pytest.raises(NotAllowed, match=r"policy\.only_works") as refused:
        check(rules(commands=["video", "ask"]))
    assert text("en", refused.value.key, **refused.value.facts) == "Only /ask, /video work here."
    with pytest.raises(NotAllowed, match=r"policy\.command_off") as refused:
        check(rules(commands=[]))
    assert refused.value.facts == {"command": "/imagine"}
    check(rules(commands=["imagine"]))


def test_roles_may_be_needed_in_servers() -> None:
    held = rules(roles=[7, 8])
    with pytest.raises(NotAllowed, match=r"policy\.role_needed") as refused:
        check(held, roles={9})
    assert refused.value.facts == {"roles": "<@&7> <@&8>"}
    check(held, roles={8, 9})
    check(held, in_guild=False)


def test_age_restricted_channels_only() -> None:
    with pytest.raises(NotAllowed, match=r"policy\.age_restricted_only"):
        check(rules(age_restricted_only=True))
    check(rules(age_restricted_only=True), age_restricted=True)


def test_pictures_in_one_order() -> None:
    rules(max_images=2).check_count(2)
    with pytest.raises(BadValue, match=r"policy\.too_many_images"):
        rules(max_images=2).check_count(3)


def test_blocked_words_of_wider_places_hold_too() -> None:
    values: Values = {
        (Scope.CHANNEL, 1): {"blocked_words": []},
        (Scope.CHANNEL, 2): {"blocked_words": ["casino", "gun"]},
        (Scope.SERVER, 4): {"blocked_words": ["gun", "knife"]},
    }
    held = rules_at(PLACE, values, ENVIRONMENT)
    assert held.value("blocked_words") == ["casino", "gun", "knife"]
    parts = held.effective["blocked_words"].parts
    assert [(part.origin, part.value) for part in parts] == [
        (Origin.CHANNEL, ["casino", "gun"]),
        (Origin.SERVER, ["gun", "knife"]),
    ]
    assert rules((Scope.CHANNEL, 1), blocked_words=[]).effective["blocked_words"].origin is Origin.THREAD
    assert rules().value("blocked_words") == []


def test_only_allowed_models_are_offered_and_taken() -> None:
    models = Models("of-the-owner", "wan-1", "Wan-2", "qwen")
    held = rules(allowed_models=["wan*"])
    assert held.offered(Kind.ASK, models) == ("wan-1", "Wan-2")
    assert held.model(Kind.ASK, "Wan-2", models) == "Wan-2"
    for wanted in ("qwen", "of-the-owner", None):
        with pytest.raises(ModelNotAllowed) as refused:
            held.model(Kind.ASK, wanted, models)
        assert refused.value.available == ("wan-1", "Wan-2")
    with pytest.raises(UnknownModel):
        held.model(Kind.ASK, "wan-9", models)


def test_models_that_say_that_they_are_of_the_kind_come_first() -> None:
    """After the one in use here; what says that it is of another kind is not on offer, and may be typed."""
    listed = ("deepseek-chat", "wan2.7-i2v", "mystery", "text-embedding-3", "wan2.7-image", "gpt-image-1", "veo-3")
    models = Models(*listed)
    held = rules(chat_model="mystery", image_model="gpt-image-1", video_model="veo-3")
    assert held.offered(Kind.IMAGE, models) == ("gpt-image-1", "wan2.7-image", "mystery")
    assert held.offered(Kind.VIDEO, models) == ("veo-3", "wan2.7-i2v", "mystery")
    assert held.offered(Kind.ASK, models) == ("mystery", "deepseek-chat")
    assert held.model(Kind.ASK, "gpt-image-1", models) == "gpt-image-1"
    # The one in use here may say what it likes.
    assert rules(video_model="gpt-image-1").offered(Kind.VIDEO, models)[:2] == ("gpt-image-1", "wan2.7-i2v")


def test_instead_of_an_unknown_model_those_are_named_that_may_be_of_the_kind() -> None:
    listed = ("deepseek-chat", "wan2.7-i2v", "mystery", "text-embedding-3", "wan2.7-image", "veo-3")
    models = Models(*listed)
    held = rules(chat_model="deepseek-chat", image_model="wan2.7-image", video_model="veo-3")
    for kind, fitting in {
        Kind.ASK: ("deepseek-chat", "mystery"),
        Kind.IMAGE: ("wan2.7-image", "mystery"),
        Kind.VIDEO: ("veo-3", "wan2.7-i2v", "mystery"),
    }.items():
        with pytest.raises(UnknownModel) as refused:
            held.model(kind, "gpt", models)
        assert refused.value.available == fitting
    with pytest.raises(UnknownModel) as refused:
        held.model(Kind.VIDEO, "gpt", Models("deepseek-chat"))
    assert refused.value.available


def test_the_model_that_is_meant() -> None:
    models = Models("deepseek-chat", "Wan-2", "wan-2", "wan-1", "moonshot/kimi-k2")
    held = rules(chat_model="Qwen-Max")
    for wanted, chosen in {
        "DeepSeek-Chat": "deepseek-chat",
        " deepseek-chat ": "deepseek-chat",
        "DeepSeek Chat": "deepseek-chat",
        "deepseek/deepseek-chat": "deepseek-chat",
        "Kimi-K2": "moonshot/kimi-k2",
        "Wan-2": "Wan-2",
        "WAN-1": "wan-1",
        "qwen-max": "Qwen-Max",
        "  ": "Qwen-Max",
    }.items():
        assert held.model(Kind.ASK, wanted, models) == chosen
    for wanted in ("WAN-2", "deepseek", "other/kimi-k2", "chat"):
        with pytest.raises(UnknownModel):
            held.model(Kind.ASK, wanted, models)
    assert rules(video_model="WAN-1").model(Kind.VIDEO, None, models) == "wan-1"
    assert rules(allowed_models=["deepseek-*"]).model(Kind.ASK, "DEEPSEEK-CHAT", models) == "deepseek-chat"


def test_what_moderators_set_as_the_model_is_allowed_by_that() -> None:
    models = Models("of-the-owner", "wan-1", "qwen")
    held = rules(allowed_models=["wan*"], chat_model="qwen")
    assert held.model(Kind.ASK, None, models) == held.model(Kind.ASK, "qwen", models) == "qwen"
    assert held.offered(Kind.ASK, models) == ("qwen", "wan-1")


def test_a_command_s_own_list_leaves_out_what_moderators_set_too() -> None:
    """“Only this model” is every way's: also that of editing and animating."""
    models = Models("veo-3", "wan-i2v", "editor", "painter")
    held = rules(allowed_models=["video=veo-3", "imagine=painter"], animate_model="wan-i2v", edit_model="editor")
    for kind, wanted in ((Kind.VIDEO, "wan-i2v"), (Kind.IMAGE, "editor")):
        with pytest.raises(ModelNotAllowed):
            held.model(kind, wanted, models)
    assert held.offered(Kind.VIDEO, models) == ("veo-3",)
    assert held.made_with("animate_model") == held.made_with("edit_model") == ""
    with pytest.raises(ModelNotAllowed) as refused:
        held.maker("edit_model", models)
    assert (refused.value.model, refused.value.available) == ("editor", ("painter",))
    general = rules(allowed_models=["veo-3"], animate_model="wan-i2v")
    assert general.made_with("animate_model") == "wan-i2v", "allowed by being set, beside a list for all commands"
    assert rules(allowed_models=["video=wan*"], animate_model="wan-i2v").made_with("animate_model") == "wan-i2v"
    assert rules().made_with("animate_model") == ""
    with pytest.raises(NotAllowed) as none_is_set:
        rules().maker("animate_model", models)
    assert none_is_set.value.key == "error.no_animate_model"


def test_without_a_list_of_the_service_any_name_may_be_asked_for() -> None:
    assert rules().model(Kind.ASK, "anything", Models(listed=False)) == "anything"
