"""Orders that come from a picture: of whose, with which model, how large, and had once where that is enough."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from bot.errors import AlreadyMade, BadValue, ModelNotAllowed, NotAllowed
from bot.generation import voting
from bot.generation.card_facts import read_facts
from bot.generation.ordering.again import reroll, retry_anew
from bot.generation.ordering.orders import Orders
from bot.generation.requests import From
from bot.generation.rows import generations, inputs, queries, result_rows, votes
from bot.generation.rows.parents import Parent
from bot.generation.rows.records import NewInput, NewResult
from cogs.imagine.orders import Children
from cogs.imagine.wanted import Given, Of, Wanted, files_of_order, wanted_of
from tests.conftest import BOTH
from tests.unit import stored_settings
from tests.unit.ordering import ALICE, BOB, CHANNEL, GUILD, AnyModel, a_video, caller, environment_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from sqlalchemy import Connection

    from bot.generation.rows.records import Generation
    from bot.orders.callers import Caller
    from bot.store.database import Database

pytestmark = pytest.mark.databases("sqlite")

PICTURE = NewInput(url="https://cdn.example/1.png", expires_at=4e9)


@pytest.fixture
def children(orders: Orders) -> Children:
    return Children(orders)


async def put(database: Database, **values: Any) -> None:
    for key, value in values.items():
        write = partial(stored_settings.put, scope="server", scope_id=GUILD, guild_id=GUILD, changed_by=ALICE, now=1.0)
        await database.run(write, key=key, value=value)


async def done(database: Database, row: Generation, *, pictures: int | None = None, message_id: int = 30) -> Generation:
    """`row`, delivered."""

    def finish(connection: Any) -> Generation:
        claimed = generations.claim(connection, row.id, states={"queued"})
        assert claimed is not None
        results = [NewResult(url=f"https://api.example/{number}.png") for number in range(pictures or row.count)]
        generations.change(connection, row.id, claimed.epoch, state="submitting", submitted_at=1.0)
        assert result_rows.put(connection, row.id, claimed.epoch, results)
        changed = generations.change(
            connection, row.id, claimed.epoch, state="delivered", generated_at=2.0, ended_at=3.0, message_id=message_id
        )
        assert changed is not None
        return changed

    return await database.run(finish)


async def remix(children: Children, who: Caller, parent_id: int, *, prompt: str) -> Generation:
    """The card's form, sent with other words."""

    def read(connection: Connection) -> tuple[Wanted, list[NewInput]]:
        row = generations.get(connection, parent_id)
        assert row is not None
        files, given = files_of_order(connection, row)
        return wanted_of(row, given), files

    wanted, files = await children.orders.run(who, read)
    of = Of(action="remix", parents=[Parent(parent_id)], files=files)
    return await children.make(who, replace(wanted, prompt=prompt), of)


async def change(
    children: Children, who: Caller, *, prompt: str, posted: str, parent_id: int | None = None
) -> Generation:
    """The menu of a message, with words for its image; `parent_id`: it stands on that card."""
    if parent_id is None:
        return await children.make(
            who, Wanted(prompt=prompt, given=[Given("a.png", PICTURE)]), Of(action="edit", posted=posted)
        )
    return await children.make(
        who, Wanted(prompt=prompt), Of(action="edit", parents=[Parent(parent_id, 0)], files=[PICTURE])
    )


async def card(
    database: Database, orders: Orders, *, count: int = 2, size: str | None = "1024x768", **who: Any
) -> Generation:
    row = await orders.image(caller(**who), prompt="a red fox", count=count, size=size, model=None)
    return await done(database, row)


async def test_what_each_asks_of_the_service(database: Database, orders: Orders, children: Children) -> None:
    await put(database, edit_model="edit", animate_model="animate")
    parent = await card(database, orders, count=3)
    kinds = (From.VARY, From.UPSCALE)
    made = {kind: await children.of_result(caller(BOB), kind, parent.id, 1, PICTURE) for kind in kinds}
    told = {kind: (row.kind, row.model, row.count, row.parameters) for kind, row in made.items()}
    assert told == {
        "vary": ("image", "edit", 3, {"size": "1024x768", "from": "vary"}),
        "upscale": ("image", "edit", 1, {"size": "2048x1536", "from": "upscale"}),
    }
    for kind, row in made.items():
        assert (row.action, row.parent_id, row.source_id, row.source_position) == (kind, parent.id, parent.id, 1)
        assert (row.person_id, row.prompt) == (BOB, "a red fox")
        assert [(one.url, one.expires_at) for one in await database.run(inputs.of, row.id)] == [(PICTURE.url, 4e9)]
        facts = await database.run(read_facts, row)
        assert facts.parents == [parent]


@pytest.mark.parametrize(
    ("size", "larger"),
    [
        ("512x512", "1024x1024"),
        ("1536x1024", "2048x1365"),
        ("2048x2048", "2048x2048"),
        ("4096x16", "4096x16"),
        ("auto", "auto"),
    ],
)
async def test_how_large_an_upscaled_one_is(
    database: Database, orders: Orders, children: Children, size: str, larger: str
) -> None:
    await put(database, edit_model="edit")
    parent = await card(database, orders, size=size)
    row = await children.of_result(caller(), From.UPSCALE, parent.id, 0, PICTURE)
    assert row.parameters["size"] == larger


@pytest.mark.databases(*BOTH)
async def test_of_many_at_once_one_is_made(database: Database, orders: Orders, children: Children) -> None:
    await put(database, edit_model="edit")
    parent = await card(database, orders)
    presses = [children.of_result(caller(person), From.UPSCALE, parent.id, 0, PICTURE) for person in range(1, 9)]
    ends = await asyncio.gather(*presses, return_exceptions=True)
    made = [end for end in ends if not isinstance(end, BaseException)]
    refused = [end for end in ends if isinstance(end, AlreadyMade)]
    assert (len(made), len(refused)) == (1, 7)
    assert {(each.generation_id, each.done, each.message_id) for each in refused} == {(made[0].id, False, None)}
    await done(database, made[0], message_id=31)
    with pytest.raises(AlreadyMade) as again:
        await children.of_result(caller(), From.UPSCALE, parent.id, 0, PICTURE)
    assert (again.value.done, again.value.guild_id, again.value.channel_id, again.value.message_id) == (
        True,
        GUILD,
        CHANNEL,
        31,
    )
    # The other picture, a variation, and whose message is gone are other orders.
    await children.of_result(caller(), From.UPSCALE, parent.id, 1, PICTURE)
    for person in (ALICE, BOB):
        await children.of_result(caller(person), From.VARY, parent.id, 0, PICTURE)
    second = await children.of_result(caller(), From.UPSCALE, parent.id, 0, PICTURE, passed={made[0].id})
    with pytest.raises(AlreadyMade) as again:
        await children.of_result(caller(), From.UPSCALE, parent.id, 0, PICTURE, passed={made[0].id})
    assert again.value.generation_id == second.id


async def test_a_retry_does_not_make_a_second(database: Database, orders: Orders, children: Children) -> None:
    await put(database, edit_model="edit")
    parent = await card(database, orders)
    failed = await children.of_result(caller(), From.UPSCALE, parent.id, 0, PICTURE)
    end = partial(generations.end, from_states={"queued"}, state="failed", submitted_at=1.0, ended_at=2.0)
    await database.run(end, failed.id)
    made = await children.of_result(caller(BOB), From.UPSCALE, parent.id, 0, PICTURE)
    with pytest.raises(AlreadyMade) as again:
        await retry_anew(orders, caller(), failed.id)
    assert again.value.generation_id == made.id
    await database.run(end, made.id)
    retried = await retry_anew(orders, caller(), failed.id)
    assert (retried.action, retried.source_id, retried.source_position) == ("upscale", parent.id, 0)
    assert [one.url for one in await database.run(inputs.of, retried.id)] == [PICTURE.url]


async def test_what_nobody_else_sees_is_not_shown_to_them(
    database: Database, orders: Orders, children: Children
) -> None:
    await put(database, edit_model="edit")
    parent = await card(database, orders)
    private = await children.of_result(caller(private=True), From.UPSCALE, parent.id, 0, PICTURE)
    dm = caller(guild_id=None, channel_id=77)
    await database.run(
        partial(stored_settings.put, scope="channel", scope_id=77, guild_id=None, changed_by=ALICE, now=1.0),
        key="edit_model",
        value="edit",
    )
    elsewhere = await children.of_result(dm, From.UPSCALE, parent.id, 0, PICTURE)
    here = await children.of_result(caller(BOB), From.UPSCALE, parent.id, 0, PICTURE)
    assert len({private.id, elsewhere.id, here.id}) == 3
    with pytest.raises(AlreadyMade) as again:
        await children.of_result(dm, From.UPSCALE, parent.id, 0, PICTURE)
    assert again.value.generation_id == elsewhere.id
    # What failed, or was taken away, is not there.
    await database.run(partial(generations.remove, by=BOB, now=5.0), here.id)
    await children.of_result(caller(BOB), From.UPSCALE, parent.id, 0, PICTURE)


async def test_what_is_refused_leaves_nothing_behind(database: Database, orders: Orders, children: Children) -> None:
    parent = await card(database, orders)
    waiting = await orders.image(caller(), prompt="a red fox", count=1, size=None, model=None)
    film = await a_video(orders, caller(), prompt="a red fox", resolution=None, model=None)
    before = len(await database.run(partial(queries.of_person, limit=99), ALICE))

    async def refused(kind: From = From.VARY, row: Generation = parent, by: Caller | None = None) -> str:
        with pytest.raises(NotAllowed) as error:
            await children.of_result(by or caller(), kind, row.id, 0, PICTURE)
        return error.value.key

    assert await refused() == "error.no_edit_model"
    await put(database, edit_model="edit", buttons="asker")
    assert await refused(row=waiting) == await refused(row=film) == "error.gone"
    assert await refused(by=caller(BOB)) == "policy.asker_only"
    with pytest.raises(NotAllowed):
        await change(children, caller(BOB), prompt="bluer", posted="9/20/30", parent_id=parent.id)
    with pytest.raises(NotAllowed):
        await remix(children, caller(BOB), parent.id, prompt="bluer")
    await put(database, blocked_words=["blue"])
    with pytest.raises(BadValue):
        await remix(children, caller(), parent.id, prompt="a blue fox")
    await database.run(partial(generations.remove, by=ALICE, now=5.0), parent.id)
    assert await refused() == "error.gone"
    assert len(await database.run(partial(queries.of_person, limit=99), ALICE)) == before
    assert not await database.run(partial(queries.of_person, limit=99), BOB)


async def test_a_remix_has_the_parent_s_model_unless_that_only_edits(
    database: Database, orders: Orders, children: Children
) -> None:
    await put(database, edit_model="edit")
    row = await orders.image(caller(), prompt="a red fox", count=4, size="512x512", model="another")
    parent = await done(database, row)
    await put(database, max_images=2)
    remixed = await remix(children, caller(BOB), parent.id, prompt="a wolf")
    assert (remixed.model, remixed.count, remixed.parameters) == ("another", 2, {"size": "512x512"})
    assert (remixed.action, remixed.parent_id, remixed.source_id) == ("remix", parent.id, None)
    edited = await change(children, caller(), prompt="bluer", posted="9/20/30")
    assert (edited.model, edited.parameters) == ("edit", {"posted": "9/20/30", "from": "edit", "given": ["a.png"]})
    # With other words for the same image, which goes along again; what varies one is words alone.
    again = await remix(children, caller(), (await done(database, edited)).id, prompt="a bear")
    assert (again.model, again.parameters) == ("edit", {"from": "edit", "given": ["a.png"]})
    assert [one.url for one in await database.run(inputs.of, again.id)] == [PICTURE.url]
    vary = await children.of_result(caller(), From.VARY, parent.id, 0, PICTURE)
    words = await remix(children, caller(), (await done(database, vary)).id, prompt="a bear")
    assert (words.model, "from" in words.parameters) == ("wan2.7-image", False)
    await put(database, allowed_models=["wan*"])
    with pytest.raises(ModelNotAllowed):
        await remix(children, caller(), parent.id, prompt="a wolf")


@pytest.mark.databases(*BOTH)
async def test_two_presses_of_one_person_are_one_order(databases: list[Database], tmp_path: Path) -> None:
    """Through two doors, at once and one after the other; of what was ordered it is told where it is."""
    both = [Orders(database, AnyModel(), environment_of(tmp_path)) for database in databases]
    making = [Children(each) for each in both]
    await put(databases[0], edit_model="edit", animate_model="animate")
    parent = await card(databases[0], both[0])
    presses: dict[str, Callable[[int, Caller], Awaitable[Generation]]] = {
        "reroll": lambda n, who: reroll(both[n], who, parent.id),
        "remix": lambda n, who: remix(making[n], who, parent.id, prompt="a wolf"),
        "vary": lambda n, who: making[n].of_result(who, From.VARY, parent.id, 0, PICTURE),
        "upscale, seen by nobody else": lambda n, who: making[n].of_result(
            replace(who, private=True), From.UPSCALE, parent.id, 1, PICTURE
        ),
        "edit of a card": lambda n, who: change(making[n], who, prompt="bluer", posted="9/20/31", parent_id=parent.id),
    }
    for name, press in presses.items():
        ends = await asyncio.gather(*(press(n % 2, caller()) for n in range(6)), return_exceptions=True)
        [made] = [end for end in ends if not isinstance(end, BaseException)]
        refused = [end for end in ends if isinstance(end, AlreadyMade)]
        assert [(each.generation_id, each.by_asker) for each in refused] == [(made.id, True)] * 5, name
        with pytest.raises(AlreadyMade):
            await press(0, caller())
        # Somebody else means it, and so does who comes back to it, or orders it in another channel.
        if not name.startswith("upscale"):
            assert (await press(1, caller(BOB))).id > made.id, name
            assert (await press(0, caller(channel_id=21))).id > made.id, name
        await databases[1].run(age, made.id)
        assert (await press(1, caller())).id > made.id, name


def age(connection: Connection, generation_id: int) -> None:
    """It was ordered six seconds ago."""
    row = generations.get(connection, generation_id)
    assert row is not None
    generations.change(connection, row.id, row.epoch, created_at=row.created_at - 6)


async def test_words_that_differ_are_two_orders(database: Database, orders: Orders, children: Children) -> None:
    await put(database, edit_model="edit")
    parent = await card(database, orders)
    for prompt in ("a wolf", "a bear"):
        assert await remix(children, caller(), parent.id, prompt=prompt)
    for position in (0, 1):
        assert await children.of_result(caller(), From.VARY, parent.id, position, PICTURE)
    for posted in ("9/20/31", "9/20/32"):
        assert await change(children, caller(), prompt="bluer", posted=posted)
    with pytest.raises(AlreadyMade):
        await change(children, caller(), prompt="bluer", posted="9/20/32")


async def test_who_may_vote_for_what(database: Database, orders: Orders) -> None:
    parent = await card(database, orders)
    over: set[int] = set()

    def is_open(_: Connection, generation_id: int, person_id: int) -> bool:
        del person_id
        return generation_id not in over

    async def cast(row: Generation, position: int = 0) -> str | None:
        try:
            await database.run(partial(voting.cast, now=4.0, is_open=is_open), row.id, BOB, position)
        except NotAllowed as error:
            return error.key
        return None

    assert await cast(parent, 1) is None
    assert await database.run(votes.counts, parent.id) == {1: 1}
    assert await cast(parent, 2) == "error.gone"
    over.add(parent.id)
    assert await cast(parent) == "error.vote_over"
    assert await database.run(votes.counts, parent.id) == {1: 1}
    over.clear()
    private = await card(database, orders, private=True)
    at_home = await card(database, orders, guild_id=None)
    waiting = await orders.image(caller(), prompt="a red fox", count=1, size=None, model=None)
    for row in (private, at_home, waiting, replace(parent, id=999)):
        assert await cast(row) == "error.gone"
    await database.run(partial(generations.remove, by=ALICE, now=5.0), parent.id)
    assert await cast(parent) == "error.gone"
    assert await database.run(votes.counts, parent.id) == {}
