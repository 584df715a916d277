"""What a group does beside giving ideas: a press or the clock makes a round, somebody takes over, ideas change."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.errors import ConfirmationNeeded, NotAllowed, NotEnoughCredits
from bot.generation.rows import generations
from bot.settings import Place
from cogs.jam import round_rows
from cogs.jam.new_jam import Asked
from cogs.jam.reasons import RoundReason
from cogs.privacy.forgetting import forget_rows
from tests.conftest import BOTH
from tests.unit.cogs.jam.test_rounds import refused
from tests.unit.cogs.jam.world import ALICE, BOB, CAROL, CHANNEL, MODERATOR, SERVER, THREAD, World

if TYPE_CHECKING:
    from bot.generation.rows.records import Generation
    from cogs.jam.records import Jam

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture(autouse=True)
async def straight(world: World) -> None:
    """Nobody looks at the prompt first."""
    await world.set(jam_review="auto")


async def given(world: World, jam: Jam, *people: int) -> None:
    for person in people or (BOB,):
        await world.jams.add_idea(world.caller(person), jam.id, f"the idea of {person}")


async def ordered(world: World, jam: Jam) -> Generation:
    """The round's pictures, once it was made by itself."""
    await world.scheduler.idle()
    await world.look()
    assert (await world.get(jam)).state == "making"
    return world.host.pictures[-1]


@pytest.mark.databases(*BOTH)
async def test_one_press_merges_and_makes(world: World) -> None:
    jam = await world.opened()
    await given(world, jam, BOB, CAROL)
    presses = [world.jams.make(world.caller(event_id=100 + n), jam.id) for n in range(4)]
    ends = await asyncio.gather(*presses, return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["Jam", "NotAllowed", "NotAllowed", "NotAllowed"]
    row = await ordered(world, jam)
    assert [one.id for one in world.host.pictures] == [row.id]
    assert row.prompt == "a harbour: the idea of 2, the idea of 3"
    assert (row.person_id, row.token, row.action) == (ALICE, "", "round")
    assert len(world.model.asked) == 1
    assert world.host.asked_for == [], "who pressed is known"
    shown = await world.round(jam)
    assert (shown.maker_id, shown.generation_id) == (None, row.id)
    await world.made(row)
    await world.look()
    assert (await world.get(jam)).state == "voting"
    assert [facts.round.number for facts in world.host.calls] == [1]
    await world.ballot(row.id, BOB, 1)
    await world.jams.end_vote(world.caller(), jam.id)
    await world.look(4)
    assert [facts.round.winner for facts in world.host.revealed] == [1]
    assert [facts.round.number for facts in world.host.rounds] == [2]
    assert (await world.round(jam)).reveal_id == 801


async def test_a_prompt_is_looked_at_where_its_pictures_are_dear(world: World) -> None:
    await world.set(prices=["imagine=5"], daily_credits=["500"], confirm_above=19)
    jam = await world.opened()
    await given(world, jam)
    await world.jams.make(world.caller(), jam.id)
    await world.scheduler.idle()
    await world.look()
    assert (await world.get(jam)).state == "review"
    with pytest.raises(ConfirmationNeeded):
        await world.jams.order(world.caller(), jam.id)
    await world.jams.back(world.caller(), jam.id)
    await world.set(jam_review="never")
    with pytest.raises(ConfirmationNeeded) as asked:
        await world.jams.make(world.caller(), jam.id)
    assert asked.value.price > 20, "the merge costs, too"
    await world.jams.make(world.caller(confirmed=asked.value.price), jam.id)
    assert (await ordered(world, jam)).price == 20


async def test_what_speaks_against_the_pictures_is_said_before_the_merge(world: World) -> None:
    await world.set(prices=["imagine=5"], daily_credits=["12"])
    jam = await world.opened()
    await given(world, jam)
    with pytest.raises(NotEnoughCredits):
        await world.jams.make(world.caller(), jam.id)
    assert world.model.asked == []
    assert (await world.get(jam)).state == "open"
    await world.unset("daily_credits")
    await world.unset("prices")
    world.limit(ask=9, imagine=1)
    await world.orders.image(world.caller(), prompt="x", count=1, size=None, model=None)
    with pytest.raises(Exception, match="imagine"):
        await world.jams.make(world.caller(), jam.id)
    assert (await world.get(jam)).state == "open"


async def test_a_round_s_clock(world: World) -> None:
    """It makes the round for the host, in the next process too, and only then; without a new idea it ends the jam."""
    jam = await world.opened(round_minutes=2)
    assert jam.round_due == world.clock.now + 120
    await given(world, jam)
    await world.look()
    assert (await world.get(jam)).state == "open"
    world = await world.again()
    world.clock.now += 119
    assert await world.scheduler.look() <= 1.0
    row = await ordered(world, jam)
    assert row.person_id == ALICE
    assert world.host.asked_for == [ALICE]
    await world.made(row)
    await world.look()
    await world.jams.end_vote(world.caller(), jam.id)
    await world.look(4)
    jam = await world.get(jam)
    assert (jam.state, jam.round, jam.round_due) == ("open", 2, world.clock.now + 120)
    world.clock.now += 120
    await world.look(4)
    jam = await world.get(jam)
    assert jam.state == "over"
    assert [one.reason for one in await world.database.run(round_rows.rounds_of, jam.id)][1] == RoundReason.NO_IDEAS
    assert [one.id for one in world.host.pictures] == [row.id]


async def test_a_round_s_clock_without_who_pays(world: World) -> None:
    """Nothing is made for a host who left; others may go on. Where it can't be paid, that is said."""
    jam = await world.opened(round_minutes=1)
    await given(world, jam, BOB, CAROL)
    world.host.left = {ALICE}
    world.clock.now += 60
    await world.look()
    now, shown = await world.get(jam), await world.round(jam)
    assert (now.state, now.round_due, now.away) == ("open", None, True)
    assert shown.reason == RoundReason.HOST_GONE
    await world.jams.make(world.caller(BOB, locale="zh_CN"), jam.id)
    row = await ordered(world, jam)
    assert (row.person_id, (await world.get(jam)).host_id) == (BOB, BOB)
    assert row.locale == jam.locale == "en", "the jam's language, whoever pressed"

    await world.jams.close(world.caller(BOB), jam.id)
    await world.made(row)
    await world.look()
    world.clock.now += 31
    await world.look(6)
    assert (await world.get(jam)).state == "over"
    other = await world.opened(round_minutes=1)
    await given(world, other)
    await world.set(prices=["imagine=5"], daily_credits=["2"])
    world.host.left = set()
    world.clock.now += 60
    await world.look()
    shown = await world.round(other)
    assert (shown.reason, (await world.get(other)).state) == (RoundReason.NOT_ORDERED, "open")
    assert shown.detail


async def test_somebody_takes_over_from_a_host_who_is_away(world: World) -> None:
    await world.set(prices=["imagine=5"], daily_credits=["500"])
    jam = await world.opened()
    await given(world, jam, BOB)
    world.clock.now += 179
    assert await refused(world.jams.make(world.caller(BOB), jam.id)) == "jam.starter_only_until"
    await world.look()
    assert not (await world.get(jam)).away
    world.clock.now += 1
    await world.look()
    assert (await world.get(jam)).away
    assert world.host.shown, "its card says so"
    await world.look(2)
    assert [told.jam.id for told in world.host.told_away] == [jam.id], "and a message, once"
    assert await refused(world.jams.make(world.caller(CAROL), jam.id)) == "jam.not_in_yet"
    assert await refused(world.jams.close(world.caller(BOB), jam.id)) == "jam.take_over_first"
    with pytest.raises(ConfirmationNeeded) as asked:
        await world.jams.make(world.caller(BOB), jam.id)
    await world.jams.make(world.caller(BOB, confirmed=asked.value.price), jam.id)
    row = await ordered(world, jam)
    assert (row.person_id, row.price) == (BOB, 20)
    now = await world.get(jam)
    assert (now.host_id, now.started_by, now.away) == (BOB, ALICE, False)

    # The next process counts on from what is stored; who does anything is there.
    await world.made(row)
    await world.look()
    await world.jams.end_vote(world.caller(BOB), jam.id)
    await world.look(4)
    world.clock.now += 100
    await world.jams.add_idea(world.caller(BOB), jam.id, "more")
    world = await world.again()
    world.clock.now += 100
    await world.look()
    assert not (await world.get(jam)).away
    world.clock.now += 80
    await world.look()
    assert (await world.get(jam)).away
    await world.jams.take_over(world.caller(ALICE), jam.id)
    assert (await world.get(jam)).host_id == ALICE
    # Who leaves is away at once; who had their data deleted, too.
    await world.jams.leave(jam.id, ALICE)
    await world.jams.take_over(world.caller(BOB), jam.id)
    assert await refused(world.jams.take_over(world.caller(BOB), jam.id)) == "jam.leads_already"
    await forget_rows(world.database, BOB)
    await world.jams.join(jam.id, CAROL)
    await world.jams.take_over(world.caller(CAROL), jam.id)
    assert (await world.get(jam)).host_id == CAROL


async def test_killed_between_the_merge_and_the_pictures(world: World) -> None:
    """The round is made by the next process, once, for who had pressed."""
    jam = await world.opened()
    await given(world, jam)
    await world.jams.make(world.caller(), jam.id)
    await world.scheduler.idle()
    assert (await world.get(jam)).state == "review"
    assert await refused(world.jams.edit(world.caller(), jam.id, "another")) == "jam.not_now"
    world = await world.again()
    row = await ordered(world, jam)
    assert (row.person_id, world.host.asked_for) == (ALICE, [ALICE])
    await world.look()
    assert len(world.host.pictures) == 1

    # While the ideas are merged, it may be closed: the round is finished first.
    await world.made(row)
    await world.look()
    await world.jams.end_vote(world.caller(), jam.id)
    await world.look(4)
    await given(world, jam)
    world.model.answer = lambda _: None
    await world.jams.make(world.caller(), jam.id)
    async with asyncio.timeout(10):
        await world.model.came.wait()
    closed = await world.jams.close(world.caller(), jam.id)
    assert (closed.state, closed.closing) == ("merging", True)
    world.model.release.set()
    last = await ordered(world, jam)
    await world.made(last)
    await world.look()
    world.clock.now += 31
    await world.look(4)
    assert (await world.get(jam)).state == "over"


async def test_ideas_are_changed_until_they_are_made(world: World) -> None:
    await world.set(blocked_words=["gore"])
    jam = await world.opened()
    for typed in ("one", "two"):
        await world.jams.add_idea(world.caller(BOB), jam.id, typed)
    await given(world, jam, CAROL)

    async def said() -> list[tuple[int | None, str]]:
        return [(one.person_id, one.said) for one in await world.database.run(round_rows.ideas_of, jam.id, 1)]

    await world.jams.replace_ideas(world.caller(BOB), jam.id, "  one, but larger \n\n")
    assert await said() == [(BOB, "one, but larger"), (CAROL, "the idea of 3")]
    await world.jams.replace_ideas(world.caller(BOB), jam.id, "one\nthree")
    assert await refused(world.jams.replace_ideas(world.caller(BOB), jam.id, "1\n2\n3")) == "jam.ideas_used"
    assert await refused(world.jams.replace_ideas(world.caller(BOB), jam.id, "GORE")) == "policy.blocked_word"
    assert await refused(world.jams.replace_ideas(world.caller(BOB), jam.id, "i" * 201)) == "jam.idea_long"
    ideas = await world.database.run(round_rows.ideas_of, jam.id, 1)
    theirs = next(one for one in ideas if one.person_id == CAROL)
    assert await refused(world.jams.remove_idea(world.caller(), jam.id, theirs.id)) == "jam.moderators_only"
    await world.jams.remove_idea(world.caller(MODERATOR), jam.id, theirs.id)
    assert await refused(world.jams.remove_idea(world.caller(MODERATOR), jam.id, theirs.id)) == "jam.idea_gone"
    assert await said() == [(BOB, "one"), (BOB, "three")]
    await world.jams.make(world.caller(), jam.id)
    assert await refused(world.jams.replace_ideas(world.caller(BOB), jam.id, "late")) == "jam.not_open"
    assert await refused(world.jams.remove_idea(world.caller(MODERATOR), jam.id, theirs.id)) == "jam.not_open"


async def test_a_host_who_left_leads_no_more(world: World) -> None:
    """In no state, until they come back; while it votes, anybody in the jam may end that, or take over."""
    jam = await world.opened()
    await given(world, jam, BOB, CAROL)
    await world.jams.leave(jam.id, ALICE)
    alice, bob, stranger = world.caller(), world.caller(BOB), world.caller(77)
    assert await refused(world.jams.make(alice, jam.id)) == "jam.not_host_now"
    assert await refused(world.jams.close(alice, jam.id)) == "jam.not_host_now"
    assert await refused(world.jams.take_over(alice, jam.id)) == "jam.not_host_now"
    await world.jams.replace_ideas(alice, jam.id, "")
    assert (await world.get(jam)).away, "whatever else they do"
    await world.jams.add_idea(alice, jam.id, "a moon")
    assert not (await world.get(jam)).away
    await world.jams.make(alice, jam.id)
    row = await ordered(world, jam)
    await world.jams.leave(jam.id, ALICE)
    await world.made(row)
    await world.look()
    assert (await world.get(jam)).state == "voting"
    assert await refused(world.jams.end_vote(alice, jam.id)) == "jam.not_host_now"
    assert await refused(world.jams.end_vote(stranger, jam.id)) == "jam.not_in_yet"
    assert await refused(world.jams.close(bob, jam.id)) == "jam.take_over_first"
    assert (await world.jams.take_over(bob, jam.id)).host_id == BOB
    assert await refused(world.jams.end_vote(world.caller(CAROL), jam.id)) == "jam.leads_only"
    await world.jams.leave(jam.id, BOB)
    await world.jams.end_vote(world.caller(CAROL), jam.id)
    await world.look(4)
    now = await world.get(jam)
    assert (now.state, now.round, now.host_id, now.away) == ("open", 2, BOB, True)


async def test_who_left_has_no_vote(world: World) -> None:
    jam = await world.opened()
    await given(world, jam, BOB, CAROL)
    await world.jams.make(world.caller(), jam.id)
    row = await ordered(world, jam)
    await world.made(row)
    await world.look()
    for person, position in ((ALICE, 0), (BOB, 2), (CAROL, 2)):
        await world.ballot(row.id, person, position)
    await world.jams.leave(jam.id, BOB)
    await world.jams.leave(jam.id, CAROL)
    assert await refused(world.ballot(row.id, BOB, 1)) == "jam.no_vote"
    facts = await world.jams.facts(jam.id)
    assert facts is not None
    assert facts.votes == {0: 1}
    await world.jams.join(jam.id, CAROL)
    await world.ballot(row.id, CAROL, 2)
    await world.jams.leave(jam.id, CAROL)
    await world.jams.end_vote(world.caller(), jam.id)
    await world.look(4)
    assert (await world.round(jam)).winner == 0


async def test_one_jam_a_thread_and_one_from_a_picture(world: World) -> None:
    jam = await world.opened()
    inside = Place(channel_id=CHANNEL, thread_id=THREAD, guild_id=SERVER)
    with pytest.raises(NotAllowed) as second:
        await world.jams.start(world.caller(place=inside), Asked("another", minutes=5))
    assert second.value.facts == {"link": f"https://discord.com/channels/{SERVER}/{THREAD}"}
    await world.jams.close(world.caller(), jam.id)
    await world.look()

    picture = await world.orders.image(world.caller(), prompt="a lighthouse", count=2, size="512x512", model=None)
    await world.made(picture)
    await world.set(edit_model="flux-edit")
    for source in ((picture.id, 4), (404, 0)):
        place = Place(channel_id=CHANNEL, guild_id=SERVER)
        start = world.jams.start(world.caller(place=place), Asked("x", minutes=5, source=source))
        assert await refused(start) == "error.gone"
    begun = await world.opened(source=(picture.id, 1), people=[BOB, CAROL])
    facts = await world.jams.facts(begun.id)
    assert facts is not None
    assert (facts.base, facts.base_position) == (await world.database.run(generations.get, picture.id), 1)
    assert [one.person_id for one in facts.present] == [ALICE, BOB, CAROL]
    await given(world, begun)
    await world.jams.make(world.caller(), begun.id)
    row = await ordered(world, begun)
    assert (row.source_id, row.source_position, row.model) == (picture.id, 1, "flux-edit")
    assert row.parameters["size"] == "512x512"
