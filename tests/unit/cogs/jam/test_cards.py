"""The cards of a jam in both languages, up to their largest: nothing that people wrote breaks one, or stays alive."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from discord import ui

from bot.generation.rows.records import Generation
from bot.i18n import LOCALES
from cogs.jam import cards
from cogs.jam.facts import JamFacts
from cogs.jam.naming import contributions
from cogs.jam.reasons import RoundReason
from cogs.jam.records import Idea, Jam, Member, Round
from cogs.jam.thread.final import Final, final_card
from cogs.jam.thread.reveal import reveal_card
from cogs.jam.thread.word import word
from tests.words import en, piece, zh

ALICE, BOB, CAROL = 11, 22, 33
THREAD, CHANNEL, GUILD, CARD = 700, 600, 500, 800
HOSTILE = "# <@1> @everyone **x** [a](https://b.c) discord.gg/x <t:1:R> `y`\n> -# z"
STATES = ("open", "merging", "review", "making", "voting", "closing", "over")
_ids = itertools.count(1)


def a_jam(**changes: Any) -> Jam:
    jam = Jam(
        id=7,
        guild_id=GUILD,
        channel_id=CHANNEL,
        category_id=None,
        thread_id=THREAD,
        message_id=THREAD,
        final_message_id=None,
        slot=CHANNEL,
        application_id=1,
        started_by=ALICE,
        locale="en",
        theme="A castle",
        style=None,
        state="open",
        step=1,
        round=1,
        paid_by="starter",
        ideas_each=2,
        closing=False,
        ended_by=None,
        created_at=1_000.0,
        ends_at=2_800.0,
        ended_at=None,
        end_due=False,
        host_id=ALICE,
        host_seen_at=1_000.0,
        away=False,
        round_seconds=None,
        round_due=None,
        source_id=None,
        source_position=None,
    )
    return replace(jam, **changes)


def a_round(number: int = 1, **changes: Any) -> Round:
    columns: dict[str, Any] = dict.fromkeys(Round.__slots__)
    columns |= {"jam_id": 7, "number": number, "message_id": CARD}
    made = Round(**columns)
    return replace(made, **changes)


def an_idea(person: int | None, said: str, part: str | None = None) -> Idea:
    return Idea(next(_ids), 7, 1, person, said, part, 1_100.0)


def members(*ids: int) -> tuple[Member, ...]:
    return tuple(Member(7, id_, 1_000.0, None) for id_ in ids)


def pictures(**changes: Any) -> Generation:
    """An order of four pictures."""
    columns: dict[str, Any] = dict.fromkeys(Generation.__slots__)
    columns |= {"id": 90, "kind": "image", "state": "delivered", "guild_id": GUILD, "channel_id": THREAD}
    columns |= {"message_id": 900, "model": "wan", "count": 4, "locale": "en", "prompt": "p", "parameters": {}}
    return Generation(**(columns | changes))


def facts(**changes: Any) -> JamFacts:
    return replace(JamFacts(jam=a_jam(), round=a_round(), members=members(ALICE)), **changes)


def round_card(shown: JamFacts, *, now: float = 1_500.0) -> ui.LayoutView:
    return cards.round_card(shown, now=now)


def texts(view: ui.LayoutView) -> str:
    return "\n".join(item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay))


def pressable(view: ui.LayoutView) -> list[str]:
    labels = [
        getattr(item, "label", None) or getattr(getattr(item, "item", None), "label", None) for item in _all(view)
    ]
    return [label for label in labels if label]


def _all(view: ui.LayoutView) -> list[ui.Item[Any]]:
    return list(view.walk_children())


def check_size(view: ui.LayoutView) -> None:
    assert view.content_length() <= 4000
    assert view.total_children_count <= 40
    view.to_components()


def test_open() -> None:
    ideas = (an_idea(BOB, "a dragon on the roof"), an_idea(ALICE, "a red flag"), an_idea(BOB, "at dusk"))
    shown = facts(ideas=ideas, members=members(ALICE, BOB), price=20, merge_price=3, jam=a_jam(style="watercolour"))
    view = round_card(shown)
    assert texts(view) == (
        f"### A castle\n-# Round 1 · watercolour · started by <@{ALICE}> · ends <t:2800:R>\n"
        f"**2 people** · <@{ALICE}>, <@{BOB}>\n**Ideas**\n- <@{BOB}>: a dragon on the roof; at dusk\n"
        f"- <@{ALICE}>: a red flag\n{en('jam.reply', count=2)}\n"
        f"-# {en('jam.who_makes', who=f'<@{ALICE}>', minutes=3)}\n"
        f"-# Paid by <@{ALICE}> · {en('jam.costs', pictures=en('card.pictures', count=4), credits='20 credits')}"
        f" · {en('jam.merge_costs', credits='3 credits')}"
    )
    assert pressable(view) == [
        "Add an idea",
        "Change ideas",
        f"{en('button.jam_go', count=4)} · up to 23 credits",
        "Leave",
        en("button.jam_close"),
    ]


def test_open_with_nothing_yet() -> None:
    view = round_card(facts())
    assert en("jam.no_ideas") in texts(view)
    assert "credits" not in texts(view)


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"ideas": (), "members": members(ALICE)}, None),  # nothing waits for them
        ({"members": members(ALICE)}, "jam.away_free"),
        ({"members": members(ALICE), "price": 20}, "jam.away"),
        ({"members": members(BOB)}, "jam.left_free"),
        ({"members": members(BOB), "ideas": (), "price": 20}, "jam.left_pays"),
        ({"members": members(BOB), "state": "voting", "price": 20}, "jam.left_votes"),
        ({"members": members(ALICE), "state": "voting"}, "jam.away_votes"),
        ({"members": members(BOB), "state": "making"}, "jam.left_makes"),
        ({"members": members(ALICE), "state": "merging", "price": 20}, "jam.away_makes"),
    ],
)
def test_a_host_is_away_or_has_left(changed: dict[str, Any], key: str | None) -> None:
    jam = a_jam(away=True, state=changed.pop("state", "open"))
    view = round_card(facts(**{"ideas": (an_idea(BOB, "a moon"),), **changed}, jam=jam))
    keys = [f"jam.{why}{end}" for why in ("away", "left") for end in ("", "_free", "_pays", "_votes", "_makes")]
    told = [en(one, who=f"<@{ALICE}>") for one in keys]
    assert [line for line in texts(view).splitlines() if line in told] == (
        [] if key is None else [en(key, who=f"<@{ALICE}>")]
    )
    assert pressable(view)[0] == en("button.jam_take_over"), "in every state"


def test_a_timed_round_without_ideas_says_that_the_jam_ends() -> None:
    timed, when = a_jam(round_due=1_600.0), "<t:1600:R>"
    assert en("jam.round_ends", when=when) in texts(round_card(facts(jam=timed)))
    assert en("jam.round_due", when=when) in texts(round_card(facts(jam=timed, ideas=(an_idea(BOB, "a moon"),))))


def test_a_winner_s_card_says_what_it_went_on_from_and_which_images_tied() -> None:
    first, second = pictures(id=89), pictures()
    given = (an_idea(BOB, "a moon", "a moon"),)
    won = facts(round=a_round(2, winner=1, tied=3), ideas=given, generation=second, votes={0: 1, 1: 1, 2: 1})
    before = f"\n- {en('jam.and_before', round=1)}"
    numbers = en("jam.lot_and", others="1, 2", last="3")
    shown = texts(reveal_card(replace(won, base=first, made={1: first, 2: second}), None))
    assert shown.endswith(before)
    assert en("jam.lot", numbers=numbers, number=2) in shown
    assert before not in texts(reveal_card(won, None)), "the first, or that was removed"
    gone = texts(reveal_card(replace(won, votes={2: 1}), None))
    assert piece("jam.lot") not in gone, "who voted for it left since"


def test_the_second_round_says_what_it_changes() -> None:
    made = pictures()
    shown = facts(
        jam=a_jam(round=2), round=a_round(2), base=made, base_position=2, made={1: made}, edits=True, ideas=()
    )
    link = f"https://discord.com/channels/{GUILD}/{THREAD}/900"
    assert en("jam.changes", number="3", round="1", link=link) in texts(round_card(shown))
    assert en("jam.builds_on", number="3", round="1", link=link) in texts(round_card(replace(shown, edits=False)))


def review(locale: str = "en", **changes: Any) -> JamFacts:
    """A dragon that stands in the prompt in other words, a moon in its own, and a flag that does not."""
    ideas = (
        an_idea(BOB, "a dragon", "a small dragon"),
        an_idea(CAROL, "a red flag"),
        an_idea(CAROL, "a Moon", "A moon"),
        an_idea(None, ""),
    )
    prompt = "A moon over the castle, a small dragon"
    shown = facts(jam=a_jam(state="review", locale=locale), round=a_round(prompt=prompt), ideas=ideas, price=20)
    return replace(shown, **changes)


def test_review() -> None:
    view = round_card(review(merge_price=3))
    assert texts(view) == (
        f"### A castle\n-# Round 1 · started by <@{ALICE}> · ends <t:2800:R>\n**1 person** · <@{ALICE}>\n"
        f"**The prompt**\n> A moon over the castle, a small dragon\n"
        + en("jam.parts")
        + f"\n- <@{BOB}>: a dragon → “a small dragon”\n"
        + f"- <@{CAROL}>: a red flag (not found in the prompt); a Moon\n- someone: –\n"
        + en("jam.decides", who=f"<@{ALICE}>")
        + f"\n-# Paid by <@{ALICE}> · {en('jam.costs', pictures=en('card.pictures', count=4), credits='20 credits')}"
    )
    as_they_are = en("button.jam_as_they_are")
    assert pressable(view) == [
        f"{en('button.jam_go', count=4)} · 20 credits",
        "Edit the prompt",
        as_they_are,
        "Back to ideas",
        en("button.jam_close"),
    ]
    assert _accent(view) == cards.WAITING
    assert pressable(round_card(review(price=None, pictures=1)))[0] == en("button.jam_go", count=1)
    free = round_card(review(price=0, merge_price=0))
    assert pressable(free)[0] == en("button.jam_go", count=4)
    assert "credit" not in texts(free)
    assert as_they_are not in pressable(round_card(review(ideas=()))), "they were deleted"


def test_review_in_chinese() -> None:
    shown = texts(round_card(review("zh_CN")))
    assert f"- <@{BOB}>：a dragon → “a small dragon”\n" in shown
    assert f"- <@{CAROL}>：a red flag（未在提示词中找到）；a Moon\n" in shown
    assert "直接使用原想法" in pressable(round_card(review("zh_CN")))


@pytest.mark.parametrize(
    ("reason", "locale", "said"),
    [
        ("jam.as_they_are", "en", en("jam.as_they_are")),
        ("jam.as_they_are", "zh_CN", zh("jam.as_they_are")),
        ("jam.merge_odd", "en", en("jam.merge_odd")),
        # Of a round that was merged when a draft was still judged.
        ("jam.merge_unfair", "en", en("jam.merge_unfair")),
        ("jam.merge_unfair", "zh_CN", zh("jam.merge_unfair")),
    ],
)
def test_ideas_that_are_listed_are_called_so(reason: str, locale: str, said: str) -> None:
    view = round_card(review(locale, round=a_round(prompt="A castle; a dragon", reason=reason)))
    assert f"**{said}**" in texts(view)
    assert len(pressable(view)) == 4, "there are no others to use"
    assert _accent(view) == (cards.WAITING if reason == "jam.as_they_are" else cards.WARNING)


@pytest.mark.parametrize(
    "reason", [one for one in RoundReason if one not in {RoundReason.AS_THEY_ARE, RoundReason.NOT_ORDERED}]
)
@pytest.mark.parametrize("locale", LOCALES)
def test_what_went_wrong_is_said(reason: RoundReason, locale: str) -> None:
    failed = pictures(state="failed", reason="key_refused")
    shown = facts(
        jam=a_jam(state="review", locale=locale),
        round=a_round(prompt="A castle", reason=reason, detail=HOSTILE),
        generation=failed,
    )
    view = round_card(shown)
    assert str(reason) not in texts(view)
    assert _accent(view) == cards.WARNING
    check_harmless(view)


def test_voting() -> None:
    shown = facts(
        jam=a_jam(state="voting"),
        round=a_round(prompt="A castle", votes_until=2_000.0),
        generation=pictures(),
        votes={0: 2, 3: 1},
    )
    view = round_card(shown)
    link = f"https://discord.com/channels/{GUILD}/{THREAD}/900"
    assert en("jam.voting_there", link=link, when="<t:2000:R>") in texts(view)
    assert "-# 3 votes so far" in texts(view)
    assert pressable(view) == [en("button.jam_end_vote"), en("button.jam_pictures"), en("button.jam_close")]
    assert en("jam.counting") in texts(round_card(shown, now=2_000.5))
    closing = round_card(replace(shown, jam=a_jam(state="voting", closing=True)))
    assert pressable(closing) == [en("button.jam_end_vote"), en("button.jam_pictures")]
    assert "the last round" in texts(closing)


@pytest.mark.parametrize(
    ("round_", "votes", "said"),
    [
        (a_round(winner=2), {2: 7, 0: 1}, en("jam.won", number="3", count=7)),
        (a_round(winner=2), {2: 1}, en("jam.won", number="3", count=1)),
        (a_round(winner=0, tied=2), {0: 3, 1: 3}, en("jam.drawn", tied="2", count=3, number="1")),
        (a_round(winner=0), {}, en("jam.unvoted", number="1")),
    ],
)
def test_how_a_round_ended(round_: Round, votes: dict[int, int], said: str) -> None:
    shown = facts(jam=a_jam(round=2), round=replace(round_, prompt="A castle"), generation=pictures(), votes=votes)
    view = round_card(shown)
    assert f"{said} [{en('jam.pictures')}](https://discord.com/channels/{GUILD}/{THREAD}/900)" in texts(view)
    assert pressable(view) == []
    assert _accent(view) is None


def test_the_only_picture_did_not_win_against_others() -> None:
    shown = facts(jam=a_jam(round=2), round=a_round(winner=0), generation=pictures(count=1))
    assert en("jam.only_one") in texts(round_card(shown))


def test_removed_pictures_are_not_linked_to() -> None:
    shown = facts(jam=a_jam(round=2), round=a_round(winner=0), generation=pictures(removed_at=5.0))
    assert "channels" not in texts(round_card(shown))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("said", ["*" * 200, "长" * 200, "word " * 40, HOSTILE * 3])
def test_the_largest_cards_fit(locale: str, state: str, said: str) -> None:
    """40 ideas of 200 characters, a prompt of 1,500, and 200 ideas, from people with the longest ids."""
    for count in (40, 200):
        people = [2**63 - number for number in range(count)]
        ideas = tuple(an_idea(person, said[:200], said[:120]) for person in people)
        shown = facts(
            jam=a_jam(state=state, locale=locale, theme=(said * 3)[:200], style=(said * 3)[:100], started_by=2**63 - 1),
            round=a_round(prompt=None if state == "open" else (said * 10)[:1500], votes_until=9_000.0),
            ideas=ideas,
            given=ideas,
            members=members(*people),
            price=10**9,
            merge_price=10**9,
            generation=pictures(),
            made={1: pictures()},
        )
        view = round_card(shown)
        check_size(view)
        check_harmless(view)
        won = a_round(winner=1, prompt=(said * 10)[:1500])
        end = replace(shown, round=won, rounds=(won,))
        for each in (round_card(end), final_card(end, Final(picture="1.png", strip="s.png", votes=5)), word(shown.jam)):
            check_size(each)
            check_harmless(each)


def test_forty_ideas_all_stand_on_the_card() -> None:
    """Shortened, but each with its words and its person."""
    ideas = tuple(an_idea(10**18 + number, f"thing{number:02} " + "word " * 38) for number in range(40))
    shown = texts(round_card(facts(ideas=ideas, members=members(*(idea.person_id or 0 for idea in ideas)))))
    for number, idea in enumerate(ideas):
        assert f"- <@{idea.person_id}>: thing{number:02}" in shown


def test_what_does_not_fit_is_counted() -> None:
    ideas = [an_idea(number, "word") for number in range(100)]
    shown = contributions("en", ideas, 300)
    assert len(shown) <= 300
    kept = shown.count("\n")
    assert shown.endswith(f"… and {100 - kept} more people")


def test_people_are_named_up_to_eight() -> None:
    assert cards.people("en", range(1, 21)).endswith("<@8> and 12 more")
    assert cards.people("zh_CN", range(1, 4)) == "**3 人** · <@1>、<@2>、<@3>"


def test_somebody_forgotten() -> None:
    shown = facts(jam=a_jam(started_by=None), ideas=(an_idea(None, ""),), price=1)
    assert "started by someone" in texts(round_card(shown))
    assert "- someone: –" in texts(round_card(shown))


def test_the_word_in_the_channel() -> None:
    assert pressable(word(a_jam())) == ["Add an idea"]
    assert f"<#{THREAD}>" in texts(word(a_jam()))
    assert en("jam.here") in texts(word(a_jam(message_id=CARD)))
    ended = word(a_jam(), over=en("jam.over"))
    assert pressable(ended) == []
    assert "ends" not in texts(ended)


def test_the_end() -> None:
    made = {1: pictures(id=90), 2: pictures(id=91)}
    rounds = (a_round(1, winner=0), a_round(2, winner=1))
    given = (
        an_idea(BOB, "a dragon, with a rude word", "a dragon"),
        an_idea(CAROL, "a flag", "a flag"),
        an_idea(BOB, "at night", "at night"),
        an_idea(ALICE, "what was edited out"),
        replace(an_idea(ALICE, "what was never made", "never made"), round=3),
    )
    left = Member(7, CAROL, 1_000.0, 1_500.0)
    shown = facts(
        jam=a_jam(state="closing", round=2),
        round=rounds[1],
        rounds=rounds,
        made=made,
        given=given,
        members=(*members(ALICE, BOB), left),
    )
    view = final_card(shown, Final(picture="2.png", strip="jam-7.png", votes=12))
    assert texts(view) == (
        f"### A castle\n**Made together**\n- <@{BOB}>: a dragon; at night\n- <@{CAROL}>: a flag\n-# "
        + en("jam.also_there", who=f"<@{ALICE}>")
        + f"\n-# 2 rounds · 12 votes · started by <@{ALICE}> · <#{THREAD}>"
    )
    galleries = [item for item in view.walk_children() if isinstance(item, ui.MediaGallery)]
    assert [item.items[0].media.url for item in galleries] == ["attachment://2.png", "attachment://jam-7.png"]


@pytest.mark.parametrize(("by", "said"), [(None, en("jam.time_up")), (BOB, en("jam.closed_by", who=f"<@{BOB}>"))])
def test_an_end_without_a_picture(by: int | None, said: str) -> None:
    view = final_card(facts(jam=a_jam(state="closing", ended_by=by), given=(an_idea(BOB, "a flag"),)), Final())
    assert piece("jam.without_picture") in texts(view)
    assert texts(view).endswith(f"-# {said}")


def check_harmless(view: ui.LayoutView) -> None:
    """What people wrote neither mentions, nor links, nor marks up anything."""
    shown = texts(view)
    for alive in ("<@1>", " @everyone", "**x**", "[a](", "discord.gg", "<t:1:R>", "`y`"):
        assert alive not in shown.replace("\\", "\0")


def _accent(view: ui.LayoutView) -> int | None:
    colour = next(item for item in view.children if isinstance(item, ui.Container)).accent_colour
    return None if colour is None else int(colour)
