"""Shows jams on Discord: the `Host` of `cogs/jam/ports.py`. Cards of rounds are here, how a jam ends is in `ending`."""

from __future__ import annotations

import asyncio
import io
import logging
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import discord

from bot.cards.deliverer import CardDeliverer
from bot.cards.handles import handle_of
from bot.cards.sources import files_of
from bot.i18n import text
from bot.kit.coalesced_edits import CoalescedEdits, pressed_card
from bot.kit.components import Card, only_answered
from bot.kit.edits import Handle
from bot.kit.links import message_link
from bot.kit.message_parts import custom_ids_in
from bot.kit.own_choices import Choices
from bot.kit.places import is_age_restricted, roles_of
from bot.kit.posting import NotNow, Posting, Refused
from bot.kit.responses import PASSING
from bot.kit.short_cards import note
from bot.orders.callers import Caller
from bot.orders.policy import read_rules
from bot.recent import Recent
from bot.store.writes import until_committed
from cogs.jam.cards import away, round_card
from cogs.jam.facts import JamFacts, place_of, read_facts
from cogs.jam.places import word_channel
from cogs.jam.posted import Opened, RoundCard
from cogs.jam.states import card_lost
from cogs.jam.thread.ending import Ending, says
from cogs.jam.thread.hint import Hint
from cogs.jam.thread.opening import begin_thread, find_word
from cogs.jam.thread.pictures import LOOK_SECONDS, Gatherer, base_picture
from cogs.jam.thread.reveal import call_ended, call_to_vote, reveal_card, reveal_heading
from cogs.jam.thread.tidying import Tidying
from cogs.jam.thread.word import ChannelWord, word

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence

    from discord import ui

    from bot.environment import Environment
    from bot.generation.rows.records import Generation, NewInput
    from bot.kit.bot import Bot, Interaction
    from bot.kit.own_token import OwnToken
    from bot.store.database import Database
    from cogs.jam.records import Jam, Round

log = logging.getLogger(__name__)

CALLED_MOST = 80
"""People that one message mentions."""
PRESSES = 1000
"""Cards whose newest press is kept, by whose token they are edited."""


class JamHost:
    """`gatherer`: has the pictures of a jam's rounds."""

    def __init__(  # noqa: PLR0917 - what the cog opens, in order
        self,
        bot: Bot,
        database: Database,
        environment: Environment,
        coalesced: CoalescedEdits,
        own_token: OwnToken,
        gatherer: Gatherer,
    ) -> None:
        self._bot = bot
        self._database = database
        self._environment = environment
        self._coalesced = coalesced
        self._gatherer = gatherer
        self._own_token = own_token
        self._posting = Posting(bot, own_token)
        self._ending = Ending(self._posting, gatherer)
        self._word = ChannelWord(database, environment, coalesced)
        self._tidying = Tidying(database, self._posting)
        self._hint = Hint(bot, database, self._posting)
        self._presses: Recent[int, Handle] = Recent(PRESSES)
        self._tasks: set[asyncio.Task[None]] = set()
        self.on_lost: Callable[[], None] = lambda: None
        """Called when a card was found to be gone, and another is due."""

    def pressed(self, interaction: Interaction) -> None:
        """A press that has been acknowledged, and nothing else: its card can be edited through it."""
        handle = pressed_card(interaction)
        if handle.message_id is not None:
            self._presses.put(handle.message_id, handle)

    def show(self, jam: Jam, round_: Round) -> None:
        if round_.message_id is None or jam.thread_id is None:
            return
        handle = self._presses.get(round_.message_id) or Handle.by_itself(
            jam.application_id, jam.thread_id, round_.message_id
        )

        async def render() -> ui.LayoutView | None:
            facts = await self._database.run(read_facts, jam.id, self._environment, number=round_.number)
            return None if facts is None else round_card(self._tidying.tidied(facts), now=time.time())

        async def gone() -> None:
            if await until_committed(self._database, card_lost, jam.id, round_.number, handle.message_id or 0):
                self.on_lost()

        self._coalesced.refresh(("jam", jam.id, round_.number), handle, render, gone=gone)
        self._word.show(jam)
        self._hint.listen(jam)

    async def post_round(self, facts: JamFacts) -> RoundCard | None:
        if facts.jam.thread_id is None:
            return None
        return await self._post_round(facts, facts.jam.thread_id)

    async def caller(self, jam: Jam, person_id: int) -> Caller | None:
        guild = self._bot.get_guild(jam.guild_id)
        channel = guild.get_channel(jam.channel_id) if guild is not None else None
        if guild is None or channel is None:
            msg = f"the channel of jam {jam.id} is not known now"
            raise NotNow(msg)
        try:
            member = await guild.fetch_member(person_id)
        except discord.NotFound:
            return None
        except PASSING as error:
            raise NotNow(str(error)) from error
        return Caller(
            person_id=person_id,
            place=place_of(jam),
            context="guild",
            locale=self._bot.the(Choices).of(person_id).language or jam.locale,
            application_id=jam.application_id,
            token="",
            token_expires_at=0.0,
            roles=roles_of(member),
            age_restricted=is_age_restricted(channel),
            moderates=channel.permissions_for(member).manage_messages,
        )

    async def base_picture(self, facts: JamFacts) -> NewInput | None:
        return await base_picture(self._bot, facts)

    async def post_pictures(self, row: Generation) -> None:
        await self._bot.the(CardDeliverer).post_by_itself(row)

    async def call(self, facts: JamFacts) -> int:
        thread_id, people = facts.jam.thread_id, [member.person_id for member in facts.present]
        wanted = [id_ for id_ in people if self._bot.the(Choices).of(id_).notify == "always"][:CALLED_MOST]
        rules = await self._database.run(read_rules, place_of(facts.jam), self._environment)
        if thread_id is None or not wanted or rules.value("notify") == "never":
            return 0
        called = call_to_vote(facts, wanted)
        posted = await self._posted(facts, thread_id, called.heading)
        if posted is not None:
            return posted[0]
        nonce = f"jam{facts.jam.id}.{facts.round.number}.vote"
        return await self._posting.post(thread_id, note(called.said), nonce=nonce, mentioned=wanted) or 0

    async def tell_away(self, facts: JamFacts) -> None:
        said, thread_id = away(facts), facts.jam.thread_id
        if said and thread_id is not None:
            if facts.round.message_id is not None:
                link = message_link(facts.jam.guild_id, thread_id, facts.round.message_id)
                said = [*said, text(facts.jam.locale, "jam.to_card", link=link)]
            # A message of its own, as nobody sees that a card was edited; it notifies nobody.
            nonce = f"jam{facts.jam.id}.{facts.jam.step}.away"
            await self._posting.post(thread_id, note("\n".join(said)), nonce=nonce)

    async def reveal(self, facts: JamFacts) -> int:
        thread_id, made = facts.jam.thread_id, facts.generation
        if thread_id is None or made is None or made.removed_at is not None:
            return 0
        if (posted := await self._posted(facts, thread_id, reveal_heading(facts))) is not None:
            return posted[0]
        nonce = f"jam{facts.jam.id}.{facts.round.number}.won"
        offers = await self._gatherer.offers(made)

        def shown(name: str | None) -> Card:
            return only_answered(reveal_card(facts, name, offers=offers), self._bot.items)

        picture = await self._picture(self._gatherer.file(self._bot, made, facts.round.winner or 0))
        current = partial(self._bot.the(CardDeliverer).current, made.id)
        self._coalesced.refresh(("image", made.message_id), handle_of(made), current)  # nobody votes there any more
        revealed = await self._post_with(thread_id, picture, shown, nonce=nonce) or 0
        if facts.round.called_id:
            # Beside all else, and after it: one thing at a time in a thread, and what is told waits for no edit.
            self._spawn(self._end_call(facts, thread_id), name=f"jam-call-{thread_id}")
        return revealed

    async def _end_call(self, facts: JamFacts, thread_id: int) -> None:
        ended = note(call_ended(facts))
        await self._posting.try_to_edit(facts.jam.application_id, thread_id, facts.round.called_id or 0, ended)

    def add_to_thread(self, thread_id: int, person_id: int) -> None:
        """Have somebody who joined see the thread among theirs, soon. Never raises."""

        async def add() -> None:
            try:
                # A line of its own, as its route has a limit of its own: nothing that is posted waits for it.
                async with self._own_token.turn(-thread_id):
                    await self._bot.http.add_user_to_thread(thread_id, person_id)
            except PASSING as error:
                log.info("somebody is not added to a jam's thread: %s", error)

        self._spawn(add(), name=f"jam-thread-{thread_id}")

    async def is_gone(self, jam: Jam) -> bool:
        """Whether the jam's host left the server. False also where that is not known now."""
        if jam.host_id is None:
            return True
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                return await self.caller(jam, jam.host_id) is None
        except (NotNow, TimeoutError):
            return False

    async def post_final(self, facts: JamFacts) -> int | None:
        return await self._ending.post(facts)

    async def renew_final(self, facts: JamFacts) -> int | None:
        return await self._ending.renew(facts)

    async def find_opening(self, jam: Jam) -> Opened | None:
        message_id = jam.message_id
        try:
            message_id = message_id or await find_word(self._bot, jam)
            if message_id is None:
                return None
            thread_id = jam.thread_id or await begin_thread(self._bot, jam, message_id)
        except (discord.NotFound, discord.Forbidden):
            if message_id is not None:
                given_up = note(text(jam.locale, "jam.not_opened"))
                await self._posting.try_to_edit(jam.application_id, word_channel(jam), message_id, given_up)
            return None
        except PASSING as error:
            raise NotNow(str(error)) from error
        facts = await self._database.run(read_facts, jam.id, self._environment)
        if facts is None:
            return None
        card = await self._post_round(facts, thread_id)
        if card is None:
            return None
        begun = replace(jam, thread_id=thread_id, message_id=message_id)
        await self._posting.try_to_edit(begun.application_id, word_channel(begun), message_id, word(begun))
        return Opened(thread_id, message_id, card)

    async def _post_round(self, facts: JamFacts, thread_id: int) -> RoundCard | None:
        known = {round_.message_id for round_ in facts.rounds}
        add = f"jam:{facts.jam.id}:add"
        found = await self._found(
            thread_id, lambda message: message.id not in known and add in custom_ids_in(message.components)
        )
        if found is not None:
            return RoundCard(found[0], next(iter(found[1]), None))
        # With the step: one that was deleted is posted anew.
        nonce = f"jam{facts.jam.id}.{facts.round.number}.{facts.jam.step}"
        names: list[str | None] = []

        def shown(name: str | None) -> Card:
            names.append(name)
            return round_card(replace(facts, round=replace(facts.round, picture=name)), now=time.time())

        picture = None
        if facts.base is not None and facts.lost is None:
            picture = await self._picture(self._gatherer.file(self._bot, facts.base, facts.base_position))
        posted = await self._post_with(thread_id, picture, shown, nonce=nonce)
        return None if posted is None else RoundCard(posted, names[-1])

    async def _picture(self, look: Awaitable[tuple[str, bytes] | None]) -> tuple[str, bytes] | None:
        try:
            return await look
        except PASSING as error:
            raise NotNow(str(error)) from error

    async def _post_with(
        self, thread_id: int, picture: tuple[str, bytes] | None, shown: Callable[[str | None], Card], *, nonce: str
    ) -> int | None:
        """Post a card with a picture, else without it, where Discord refuses that."""
        if picture is not None:
            file = discord.File(io.BytesIO(picture[1]), picture[0])
            try:
                return await self._posting.post(thread_id, shown(picture[0]), nonce=nonce, files=[file])
            except Refused as error:
                log.warning("a card of a jam is posted without its picture: %s", error)
        return await self._posting.post(thread_id, shown(None), nonce=nonce)

    async def _posted(self, facts: JamFacts, thread_id: int, words: str) -> tuple[int, Sequence[str]] | None:
        """A message that was posted after the card of the round of `facts`, and says so."""
        after = facts.round.message_id or 0
        return await self._found(thread_id, lambda message: message.id > after and says(message, words))

    async def _found(
        self, thread_id: int, is_it: Callable[[discord.Message], bool]
    ) -> tuple[int, Sequence[str]] | None:
        """A message of the bot's own, and the names of its files."""
        names: list[str] = []

        def look(message: discord.Message) -> bool:
            if is_it(message):
                names[:] = files_of(message)
                return True
            return False

        posted = await self._posting.posted_before(thread_id, look)
        return None if posted is None else (posted, tuple(names))

    def _spawn(self, work: Coroutine[object, object, None], *, name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
