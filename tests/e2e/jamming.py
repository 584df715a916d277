"""What the tests of jams share: starting one, its thread, its cards, and what people do in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.e2e.cards import eventually, files, labels, says, server, someone
from tests.e2e.configuring import told
from tests.words import en, piece

if TYPE_CHECKING:
    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Attachment, Channel, Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage

WITHIN: Final = 15.0
"""Seconds for what takes one at most: the machine may be busy."""
TAKEN, REFUSED = "💡", "🚫"
"""The bot's signs under a message that is an idea, and under one that can be none."""


@dataclass(slots=True)
class Jam:
    """A jam as its people see it."""

    stage: Stage
    starter: Person
    channel: Channel
    use: Invocation
    word: Message
    thread: Channel
    pressed: list[Invocation] = field(default_factory=list["Invocation"])

    def posted_in(self, where: Channel) -> list[Message]:
        """The bot's messages that everybody sees, oldest first."""
        bot = self.stage.world.application.bot
        return [each for each in where.messages.values() if each.author is bot and not (each.deleted or each.ephemeral)]

    @property
    def cards(self) -> list[Message]:
        """A round's each."""
        return [each for each in self.posted_in(self.thread) if "started by" in each.text and each is not self.word]

    @property
    def card(self) -> Message:
        """The newest round's."""
        return self.cards[-1]

    @property
    def reveals(self) -> list[Message]:
        """Where it was shown who won."""
        return [each for each in self.posted_in(self.thread) if piece("jam.reveal") in each.text]

    @property
    def pictures(self) -> list[Message]:
        """The delivered pictures, a message a round."""
        return [each for each in self.posted_in(self.thread) if has_votes(each)]

    @property
    def finals(self) -> list[Message]:
        """How it ended: posted once."""
        place = [each for each in self.posted_in(self.channel) if each is not self.word]
        return [each for each in place if "Made together" in each.text or "共同完成" in each.text]

    @property
    def id(self) -> int:
        return int(str(self.card.buttons()[0]["custom_id"]).split(":")[1])

    async def until(self, text: str, *, rounds: int = 1) -> Message:
        """The newest card, once there are so many rounds and it says so."""
        try:
            await eventually(lambda: len(self.cards) >= rounds and says(text)(self.card), within=WITHIN)
        except TimeoutError:
            shown = "\n---\n".join(f"{each.text}\n{labels(each)}" for each in self.posted_in(self.thread))
            raise AssertionError(f"no card says {text!r}:\n{shown}\n{self.stage.bot.log_end(20)}") from None
        return self.card

    async def press(self, who: Person, label: str) -> Invocation:
        """Press a button of the newest card, by how it begins, once it can be."""

        def shown() -> dict[str, Any]:
            return next(part for part in self.card.buttons() if str(part.get("label", "")).startswith(label))

        await eventually(lambda: not shown().get("disabled"), within=WITHIN)
        found = shown()
        use = await who.press(self.card, custom_id=str(found["custom_id"]))
        self.pressed.append(use)
        return use

    async def idea(self, who: Person, said: str) -> Invocation:
        """Add an idea through the form."""
        opened = await self.press(who, "Add an idea")
        await opened.form()
        use = await who.submit(opened, {"idea": said})
        await use.acknowledged()
        return use

    async def make(self) -> Message:
        """Order the pictures, of the ideas or the reviewed prompt; their message, once there can be voted."""
        before = len(self.pictures)
        await self.press(self.starter, "Make ")
        await eventually(lambda: len(self.pictures) > before, within=WITHIN)
        await self.until(piece("jam.voting_there"))
        return self.pictures[-1]

    async def review(self) -> Message:
        """Merge the ideas, where the prompt is looked at first; the card with the prompt."""
        await self.press(self.starter, en("button.jam_merge"))
        return await self.until("decides")

    async def close(self) -> None:
        """End the jam, and mean it."""
        question = await (await self.press(self.starter, en("button.jam_close"))).message()
        await (await self.starter.press(question, label=en("button.jam_close"))).acknowledged()

    async def ended(self) -> Message:
        """The end in the channel, once the channel is free and all is said."""
        await eventually(lambda: bool(self.finals) and piece("jam.over")[:-1] in self.word.text, within=WITHIN)
        return self.finals[0]


def has_votes(message: Message) -> bool:
    return bool(files(message, "image")) and any(":vote:" in str(part.get("custom_id")) for part in message.buttons())


async def vote(who: Person, pictures: Message, number: int) -> Invocation:
    """Vote for a picture by its number."""
    found = next(part for part in pictures.buttons() if str(part["custom_id"]).endswith(f":vote:{number}"))
    return await who.press(pictures, custom_id=str(found["custom_id"]))


async def start(
    stage: Stage, *, channel: Channel | None = None, who: Person | None = None, reviewed: bool = False, **options: Any
) -> Jam:
    """A jam in a channel of its own, or in `channel`, started by a person of its own; its first card stands.

    `reviewed`: the prompt is looked at before it is spent.
    """
    where = channel or server(stage)
    if reviewed:
        await told(stage.person("alice"), where, "set", setting="jam_review", value="always", scope="channel")
    starter = who or someone(stage, "alice", at=where)
    use = await starter.command(where, "jam start", **({"theme": "A castle in the clouds"} | options))
    return await begun(stage, starter, where, use)


async def begun(stage: Stage, starter: Person, where: Channel, use: Invocation) -> Jam:
    """The jam that a command or a form began, once its first card stands."""
    word = await use.until(
        lambda message: any(
            piece(key, locale) in message.text for key in ("jam.there", "jam.here") for locale in ("en", "zh_CN")
        ),
        WITHIN,
    )
    jam = Jam(stage, starter, where, use, word, stage.world.channels.get(word.id, where))
    await eventually(lambda: bool(jam.cards), within=WITHIN)
    return jam


def strip_of(message: Message) -> Attachment:
    return next(each for each in message.attachments if each.filename.startswith("jam-"))
