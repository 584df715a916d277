"""The card of pictures: within Discord's limits at its fullest, and what it says of where it came from."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from discord import ui

from bot.cards.card import card
from bot.cards.origins import origin
from bot.cards.uploads import Form, Shown
from bot.generation.card_facts import CardFacts
from bot.generation.rows.records import Result
from bot.reasons import Reason
from bot.states import RETRYABLE, State
from tests.unit.bot.cards.showing import row, text_of
from tests.words import en, piece, zh

LONGEST = "https://storage.example/" + "a" * 650


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_at_its_fullest_it_is_within_discord_s_limits(locale: str) -> None:
    """40 components and 4,000 characters (Discord, "Component Reference")."""
    made = row(locale=locale, count=4, prompt="*" * 4000, action="vary", source_id=1, source_position=3, price=999_999)
    facts = CardFacts(
        row=replace(made, submitted_at=1.0, generated_at=9999.0, parameters={"size": "1024x1024"}, model="m" * 100),
        results=tuple(
            Result(number, made.id, number, LONGEST, None, "image/png", 50_000_000, 4e9, f"{number + 1}.jpg", 1)
            for number in range(4)
        ),
        parents=[row(number, count=4, prompt="*" * 4000) for number in range(1, 10)],
        votes=dict.fromkeys(range(4), 1000),
        offers=frozenset({"edit", "animate"}),
    )
    shown = [Shown(number, f"{number + 1}.jpg", Form.SMALLER) for number in range(4)]
    view = card(facts, uploads=shown, upload_limit=10 * 1024 * 1024)
    assert view.total_children_count <= 40
    assert view.content_length() <= 4000
    assert len([item for item in view.walk_children() if getattr(item, "custom_id", None)]) == 8
    # Without votes, models or files there is still a card.
    assert card(CardFacts(row=made)).total_children_count >= 4


@pytest.mark.parametrize("state", [State.DELIVERED, State.UNFETCHED])
@pytest.mark.parametrize("shows_link", [False, True])
@pytest.mark.parametrize(("expires_at", "ended"), [(None, False), (5001.0, False), (4999.0, True)])
def test_what_did_not_arrive_can_be_fetched_until_its_link_ends(
    state: State, expires_at: float | None, *, ended: bool, shows_link: bool
) -> None:
    made = row(state=state, count=2, ended_at=5000.0)
    shown = [Shown(0, "1.png", Form.ORIGINAL)] if state == State.DELIVERED else []
    # Of delivered images a link is shown only in place of a file.
    url = "https://storage.example/1.png" if shows_link and state == State.UNFETCHED else None
    results = tuple(Result(number, made.id, number, url, None, None, None, expires_at) for number in range(2))
    view = card(CardFacts(row=made, results=results), uploads=shown)
    labels = [item.label for item in view.walk_children() if isinstance(item, ui.Button)]
    assert ("Fetch again" in labels) != ended
    assert ("expired." in text_of(view)) == ended


def test_a_link_beside_what_is_missing_does_not_end_it() -> None:
    """A link is shown where only this machine could not fetch, or where the file is too large for it."""
    link = "https://files.example.com/1"
    for others, state, ended in (
        ([], State.UNFETCHED, False),
        ([4999.0], State.UNFETCHED, False),
        ([4999.0], State.DELIVERED, True),
        ([5001.0], State.DELIVERED, False),
    ):
        made = row(state=state, count=1 + len(others), ended_at=5000.0)
        gone = [Result(number, made.id, number, None, None, None, None, at) for number, at in enumerate(others, 1)]
        view = card(CardFacts(row=made, results=(Result(0, made.id, 0, link, None, None, None, 5001.0), *gone)))
        labels = [item.label for item in view.walk_children() if isinstance(item, ui.Button)]
        assert ("Fetch again" in labels, "expired." in text_of(view)) == (not ended, ended), (others, state)
        assert link in text_of(view)


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
@pytest.mark.parametrize("state", sorted(RETRYABLE | {State.CANCELLED, State.DROPPED, State.QUEUED}))
def test_a_round_speaks_of_no_button_and_no_option_that_it_has_not(locale: str, state: State) -> None:
    """The jam's own card orders it again, with the models that are set there."""
    for reason in Reason:
        made = row(locale=locale, action="round", state=state, reason=reason, created_at=0.0)
        view = card(CardFacts(row=made))
        said = text_of(view)
        assert not [item for item in view.walk_children() if isinstance(item, ui.Button)]
        assert not re.search(r"\bRetry\b|“重试”|option “model”|model 选项", said), reason


def test_what_an_interrupted_picture_and_round_may_be_made_anew_by() -> None:
    facts: dict[str, Any] = {"state": State.UNKNOWN, "reason": Reason.INTERRUPTED}
    alone = card(CardFacts(row=row(**facts)))
    assert piece("image.interrupted") in text_of(alone)
    assert piece("image.interrupted_round") in text_of(card(CardFacts(row=row(action="round", **facts))))
    assert piece("image.interrupted_round", "zh_CN") in text_of(
        card(CardFacts(row=row(action="round", locale="zh_CN", **facts)))
    )


PARENT = row(1, count=4, prompt="the [parent]", person_id=5)
LINK = "https://discord.com/channels/9/20/30"
NAME = r"the \[parent\]"


@pytest.mark.parametrize(
    ("action", "position", "said"),
    [
        ("reroll", None, f"Reroll of [{NAME}]({LINK}) by <@5>"),
        ("remix", None, f"New prompt for [{NAME}]({LINK}) by <@5>"),
        ("edit", None, f"Changed from [{NAME}]({LINK}) by <@5>"),
        ("vary", 1, en("card.from_vary_n", number="2", what=f"[{NAME}]({LINK})", who="<@5>")),
        ("upscale", 3, en("card.from_upscale_n", number="4", what=f"[{NAME}]({LINK})", who="<@5>")),
        ("animate", 0, en("card.from_animate_n", number="1", what=f"[{NAME}]({LINK})", who="<@5>")),
        ("round", 2, en("card.from_round_n", number="3", what=f"[{NAME}]({LINK})")),
        ("retry", None, None),
        (None, None, None),
    ],
)
def test_each_way_of_coming_from_another(action: str | None, position: int | None, said: str | None) -> None:
    facts = CardFacts(row=row(action=action, source_position=position), parents=[PARENT])
    assert origin(facts) == said


@pytest.mark.parametrize(
    ("parent", "said"),
    [
        ({"removed_at": 1.0}, en("card.from_removed")),
        ({"message_id": None}, f"New prompt for {NAME} by <@5>"),
        ({"guild_id": 8, "channel_id": 21}, f"New prompt for {NAME} by <@5>"),
        ({"guild_id": None, "channel_id": 21}, f"New prompt for {NAME} by <@5>"),
        ({"channel_id": 21}, f"New prompt for [{NAME}](https://discord.com/channels/9/21/30) by <@5>"),
        ({"prompt": ""}, f"New prompt for [{en('card.a_picture')}]({LINK}) by <@5>"),
        ({"private": True}, None),
    ],
)
def test_a_link_only_where_the_reader_may_follow_it(parent: dict[str, Any], said: str | None) -> None:
    facts = CardFacts(row=row(action="remix"), parents=[replace(PARENT, **parent)])
    assert origin(facts) == said


def test_a_private_parent_of_a_private_child_is_named() -> None:
    facts = CardFacts(row=row(action="remix", private=True), parents=[replace(PARENT, private=True)])
    assert origin(facts) == f"New prompt for {NAME} by <@5>"


def test_several_parents_are_all_named_but_for_what_is_not_to_be_told() -> None:
    other = replace(PARENT, id=2, prompt="another", person_id=6)
    combined = row(action="edit", source_position=1)
    two = [f"[{NAME}]({LINK})", f"[another]({LINK})"]
    facts = CardFacts(row=combined, parents=[PARENT, other])
    assert origin(facts) == en("card.from_several", what=", ".join(two))
    gone = CardFacts(row=combined, parents=[PARENT, replace(other, removed_at=1.0)])
    assert origin(gone) == en("card.from_several", what=f"{two[0]}, {en('card.from_gone')}")
    private = CardFacts(row=combined, parents=[PARENT, replace(other, private=True)])
    assert origin(private) == en("card.from_change_n", number=2, what=two[0], who="<@5>")


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ("9/20/31", en("card.from_posted", link="https://discord.com/channels/9/20/31")),
        ("@me/20/31", en("card.from_posted", link="https://discord.com/channels/@me/20/31")),
        ("9/20/31) [evil](https://evil.example", None),
        ("", None),
    ],
)
def test_a_posted_picture_has_a_link_to_where_it_stood(posted: str, said: str | None) -> None:
    assert origin(CardFacts(row=row(action="edit", parameters={"posted": posted}))) == said


@pytest.mark.parametrize(
    ("facts", "locale", "said"),
    [
        (
            {"state": State.FAILED, "reason": Reason.INVALID},
            "en",
            f"-# {en('limit.counted', count=5)}",
        ),
        (
            {"state": State.CANCELLED, "ended_by": 1},
            "zh_CN",
            f"-# {zh('limit.counted', count=5)}",
        ),
        (
            {"state": State.UNKNOWN, "submitted_at": 1.0, "price": 5},
            "en",
            f"-# {en('limit.price_kept', count=5)}",
        ),
    ],
)
def test_what_is_not_forgiven_says_so(facts: dict[str, Any], locale: str, said: str) -> None:
    shown = text_of(card(CardFacts(row=row(locale=locale, unforgiven=True, **facts))))
    assert shown.splitlines()[-1] == said
    assert ("5 credits" in shown) == bool(facts.get("price"))
    before = text_of(card(CardFacts(row=row(locale=locale, **facts))))
    assert said not in before
    assert "credits" not in before
