"""A conversation as rows: a tree, of which each branch sees its own past alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Connection, select

from bot.errors import BadValue, NotAllowed, TooLong
from bot.store.schema import deletions
from bot.store.schema import turns as table
from cogs.ask import turn_rows as turns
from cogs.ask.records import LENGTH, Quote
from cogs.privacy import rows as privacy
from cogs.privacy.forgetting import forget_rows
from cogs.privacy.stored import all_of
from tests.unit.ordering import ALICE, BOB, CHANNEL, GUILD
from tests.unit.stored_settings import put

if TYPE_CHECKING:
    from bot.store.database import Database
    from tests.unit.cogs.ask.talking import Talk

CAROL = 3
ELSEWHERE = 21


def noted(connection: Connection) -> list[int | None]:
    """The messages of which is noted that they were deleted."""
    return list(connection.execute(select(deletions.c.message_id)).scalars())


async def set_here(database: Database, key: str, value: Any) -> None:
    here: dict[str, Any] = {"scope": "server", "scope_id": GUILD, "guild_id": GUILD, "changed_by": 1, "now": 0.0}
    await database.run(put, key=key, value=value, **here)


async def test_a_reply_is_told_what_was_said(talk: Talk) -> None:
    first = await talk.say("My name is Ada.", "Hello, Ada.")
    second = await talk.say("I live in Turin.", "A fine city.", to=first)
    assert await talk.told(await talk.ask("Where do I live?", to=second)) == [
        ("user", "My name is Ada."),
        ("assistant", "Hello, Ada."),
        ("user", "I live in Turin."),
        ("assistant", "A fine city."),
        ("user", "Where do I live?"),
    ]
    assert await talk.told(await talk.ask("Where do I live?")) == [("user", "Where do I live?")]


async def test_replies_to_an_older_answer_branch(talk: Talk) -> None:
    root = await talk.say("Pick a colour.", "Red.")
    await talk.say("Another.", "Blue.", to=root)
    told = await talk.told(await talk.ask("Why?", to=root))
    assert [text for _, text in told] == ["Pick a colour.", "Red.", "Why?"]


async def test_another_answer_stands_beside_the_first(talk: Talk, database: Database) -> None:
    root = await talk.say("Hello", "Hi")
    one = await talk.say("Pick a colour.", "Red.", to=root)
    begun = await talk.ask(beside=one, model="other")
    assert [text for _, text in await talk.told(begun)] == ["Hello", "Hi", "Pick a colour."]
    assert begun.question.model == "other"
    assert begun.beside == (one, begun.turn.id)
    await talk.answered(begun.turn.id, "Blue.")
    assert await database.run(turns.answers_beside, one) == [one, begun.turn.id]
    again = await talk.ask(beside=begun.turn.id)
    assert (again.question.model, again.turn.first_id) == ("other", one)
    for id_, colour in ((one, "Red."), (begun.turn.id, "Blue.")):
        assert [text for _, text in await talk.told(await talk.ask("Why?", to=id_))][-2] == colour


@pytest.mark.parametrize("which", ["beside", "on"])
async def test_another_answer_and_its_end_are_the_askers(talk: Talk, which: str) -> None:
    root = await talk.say("Hello", "Hi", finish="length")
    which_turn: dict[str, Any] = {which: root}
    with pytest.raises(NotAllowed, match="asker_only"):
        await talk.ask(by=BOB, **which_turn)


async def test_what_the_length_limit_cut_is_gone_on_with_once_at_a_time(talk: Talk, database: Database) -> None:
    root = await talk.say("Count.", "One, two,", finish="length")
    begun = await talk.ask(on=root)
    assert begun.said == "One, two,"
    told = await talk.told(begun)
    assert told[:2] == [("user", "Count."), ("assistant", "One, two,")]
    assert told[2][0] == "user"
    with pytest.raises(NotAllowed):
        await talk.ask(on=root)
    await database.run(turns.cut_once_more, root, LENGTH)
    await talk.ask(on=root)
    await talk.answered(root, "One, two, three.")
    with pytest.raises(NotAllowed):
        await talk.ask(on=root)


async def test_a_question_that_failed_is_asked_once_more_once(talk: Talk, database: Database) -> None:
    root = await talk.say("Hello", "Hi")
    failed = await talk.say("Why?", "", finish="error", to=root, model="m")
    again = await talk.ask(again=failed)
    assert ([text for _, text in await talk.told(again)], again.question.model) == (["Hello", "Hi", "Why?"], "m")
    with pytest.raises(NotAllowed, match="already_retried"):
        await talk.ask(again=failed)
    now = time.time()
    other = await talk.say("Why?", "", finish="error")
    assert await database.run(turns.get_failed, failed, now=now) is None
    assert await database.run(turns.get_failed, other, now=now) is not None
    assert await database.run(turns.get_failed, other, now=now + turns.AGAIN_SECONDS + 1) is None


async def test_who_says_what_is_told_where_several_talk(talk: Talk) -> None:
    first = await talk.say("I am taller.", "Than whom?")
    second = await talk.say('From "Person 1":\nI am short.', "I see.", by=BOB, to=first)
    told = await talk.told(await talk.ask("Who is taller?", by=CAROL, to=second))
    assert told[0][0] == "system"
    assert [text for role, text in told if role == "user"] == [
        'From "Person 1":\nI am taller.',
        'From "Person 2":\nFrom "Person 1":\nI am short.',
        'From "Person 3":\nWho is taller?',
    ]


async def test_in_conversations_of_ones_own_an_answer_to_somebody_else_is_quoted(
    talk: Talk, database: Database
) -> None:
    first = await talk.say("My secret is 42.", "Noted.")
    second = await talk.say("Sing.", "La la.", to=first)
    await set_here(database, "conversations", "own")
    begun = await talk.ask("What was that?", by=BOB, to=second)
    ((role, text),) = await talk.told(begun)
    assert role == "user"
    assert "La la." in text
    assert "42" not in text
    assert text.endswith("What was that?")
    await talk.answered(begun.turn.id, "A song.")
    after = await talk.told(await talk.ask("Really?", by=BOB, to=begun.turn.id))
    assert [text[-14:] for _, text in after] == ["What was that?", "A song.", "Really?"]
    # What was shared before is each one's own part of it from now on.
    told = await talk.told(await talk.ask("And?", to=second))
    assert [text for _, text in told] == ["My secret is 42.", "Noted.", "Sing.", "La la.", "And?"]


async def test_nobody_goes_on_from_what_they_do_not_see(talk: Talk) -> None:
    mine = await talk.say("Secret", "Hush", private=True)
    with pytest.raises(NotAllowed):
        await talk.ask("What?", by=BOB, to=mine)
    open_ = await talk.say("Open", "Yes")
    with pytest.raises(NotAllowed):
        await talk.ask("What?", to=open_, channel_id=ELSEWHERE)
    begun = await talk.ask("More", to=mine)
    assert begun.turn.private
    assert begun.question.caller.private


async def test_where_something_is_removed_the_rest_goes_on(talk: Talk, database: Database) -> None:
    ids = [await talk.say("Q0", "A0")]
    for number in range(1, 6):
        ids.append(await talk.say(f"Q{number}", f"A{number}", to=ids[-1]))
    assert await database.run(turns.remove, [ids[2], ids[3]]) == 2
    told = await talk.told(await talk.ask("Last", to=ids[5]))
    assert [text for _, text in told] == ["Q0", "A0", "Q1", "A1", "Q4", "A4", "Q5", "A5", "Last"]
    assert await database.run(turns.remove, [ids[0]]) == 1
    told = await talk.told(await talk.ask("Last", to=ids[5]))
    assert [text for _, text in told][:2] == ["Q1", "A1"]


async def test_a_persons_data_goes_with_what_others_quote_of_it(talk: Talk, database: Database) -> None:
    first = await talk.say("Of Alice", "One")
    quotes = [Quote("Alice wrote this", "Alice", ALICE), Quote("Carol wrote that", "Carol", CAROL)]
    second = await talk.say("Of Bob", "Two", by=BOB, to=first, quotes=quotes)
    stored = await all_of(database, ALICE)
    assert [one["prompt"] for one in stored["conversations"]] == ["Of Alice"]
    assert [one["text"] for one in stored["quoted_in_conversations"]] == ["Alice wrote this"]
    await forget_rows(database, ALICE)
    stored = await all_of(database, ALICE)
    assert (stored["conversations"], stored["quoted_in_conversations"]) == ([], [])
    told = [text for _, text in await talk.told(await talk.ask("Well?", by=BOB, to=second))]
    assert "Alice" not in "".join(told)
    assert "Carol wrote that" in told[0]
    assert told[1:] == ["Two", "Well?"]


async def test_what_is_here_can_go_alone(talk: Talk, database: Database) -> None:
    here = await talk.say("Here", "A")
    there = await talk.say("There", "B", channel_id=ELSEWHERE)
    bobs = await talk.say("Bob's", "C", by=BOB, to=here)
    assert await database.run(turns.remove_here, CHANNEL, of=ALICE, limit=9) == 1
    assert [await database.run(turns.get, id_) is None for id_ in (here, there, bobs)] == [True, False, False]
    gone = [await database.run(turns.remove_here, CHANNEL, guild_id=id_, limit=9) for id_ in (GUILD + 1, GUILD)]
    assert gone == [0, 1]
    assert [await database.run(turns.get, id_) is None for id_ in (there, bobs)] == [False, True]


async def test_words_age_and_rows_end(talk: Talk, database: Database) -> None:
    quotes = [Quote("Carol wrote that", "Carol", CAROL)]
    old = await talk.say("Old", "A", quotes=quotes)
    new = await talk.say("New", "B", to=old)
    walk: dict[str, Any] = {"after": 0, "upto": 99, "days": 30}
    later = time.time() + 31 * 86_400
    assert await database.run(privacy.forget_words, table, **walk, now=later - 2 * 86_400) == []
    assert await database.run(privacy.forget_words, table, **walk, now=later) == [old, new]
    assert (await all_of(database, CAROL))["quoted_in_conversations"] == []
    assert await database.run(turns.get, new) is None
    assert await database.run(privacy.delete_over, table, now=later, limit=9) == 2


async def test_a_message_leads_to_its_turn(talk: Talk, database: Database) -> None:
    one = await talk.say("Hello", "Hi")
    other = await talk.say(beside=one, prompt="", answer="Hey")
    for message_id in (70, 71):
        await database.run(turns.stands_in, one, message_id)
    await database.run(turns.stands_in, other, 71)
    found = [await database.run(turns.of_message, id_) for id_ in (70, 71, one, 99)]
    assert [turn and turn.id for turn in found] == [one, other, one, None]
    assert await database.run(turns.messages_of, other) == [71]
    assert await database.run(turns.remove_shown, 99) == []
    assert await database.run(noted) == [], "what nobody asked here is nothing that a backup brings back"
    assert await database.run(turns.remove_shown, 71) == [70]
    assert await database.run(noted) == [71]
    assert [await database.run(turns.get, id_) for id_ in (one, other)] == [None, None]
    await database.run(turns.stands_in, one, 72)
    assert await database.run(turns.of_message, 72) is None


async def test_whole_turns_are_left_out_oldest_first(talk: Talk, database: Database) -> None:
    await set_here(database, "context_tokens", 1000)
    last = await talk.say("Q0 " + "x" * 600, "A0")
    for number in range(1, 9):
        last = await talk.say(f"Q{number} " + "x" * 600, f"A{number}", to=last)
    request = talk.request(await talk.ask("Last", to=last))
    told = (await request.make()).messages
    assert request.left_out
    said = [str(one.content)[:2] for one in told]
    assert said == ["Q5", "A5", "Q6", "A6", "Q7", "A7", "Q8", "A8", "La"]
    assert await request.made_smaller(TooLong("too long"))
    assert [str(one.content)[:2] for one in (await request.make()).messages] == ["Q7", "A7", "Q8", "A8", "La"]
    assert not await request.made_smaller(TooLong("too long")), "once"


async def test_a_long_file_is_there_for_what_goes_on_from_it(talk: Talk, database: Database) -> None:
    """Where the model took it once; not where it did not, or moderators said how much may be told."""
    read = "fox " * 15_000

    async def goes_on(tokens: tuple[int, int] | None, answer: str = "Foxes") -> bool:
        begun = await talk.ask("What is in it?")
        await database.run(turns.has_read, begun.turn.id, read[:99], [])
        await database.run(turns.has_read, begun.turn.id, read, [])
        await database.run(turns.end, begun.turn.id, answer, "stop", tokens, time.time())
        turn = await database.run(turns.get, begun.turn.id)
        assert turn is not None
        assert turn.asked_bytes == len(read) + len("What is in it?")
        return any(read in said for _, said in await talk.told(await talk.ask("And then?", to=turn.id)))

    assert await goes_on((20_000, 5))
    assert await goes_on(None)
    assert not await goes_on(None, answer="")
    await set_here(database, "context_tokens", 1000)
    assert not await goes_on((20_000, 5))


async def test_blank_questions_are_refused(talk: Talk) -> None:
    with pytest.raises(BadValue):
        await talk.ask("  ")
    root = await talk.say("Hello", "Hi")
    with pytest.raises(BadValue):
        await talk.ask("", to=root)
