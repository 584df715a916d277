"""The request for a turn: what the model is told, read of files on the way, and made smaller where it is too much."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, cast

import discord

from bot.api.chat import ChatRequest, ImagePart
from bot.documents.words import left_out_line
from bot.errors import ReadsNoImages, TooLong
from bot.kit.attachments import Attachments
from cogs.ask import context

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.api.chat import Usage
    from bot.documents.material import Picture
    from bot.kit.bot import Bot
    from bot.orders.blocked.check import Reader
    from bot.orders.moderation import Moderation
    from cogs.ask.asking import Begun
    from cogs.ask.interrupted import InterruptedAnswers
    from cogs.ask.tokens import TokenEstimates

log = logging.getLogger(__name__)

PAST_IMAGE_SECONDS = 3.0


class Request:
    """`make` it, and once more after `made_smaller`."""

    def __init__(
        self,
        bot: Bot,
        begun: Begun,
        files: Sequence[discord.Attachment],
        *,
        words: Reader,
        moderation: Moderation,
        estimates: TokenEstimates,
        notes: InterruptedAnswers,
    ) -> None:
        self._bot = bot
        self._begun = begun
        self._files = files
        self._words = words
        self._moderation = moderation
        self.left_out_line = ""
        """What of the files is not told, for who asked; empty: nothing."""
        self._estimates = estimates
        self._notes = notes
        self._budget = begun.budget
        self._with_past_images = True
        self._images: dict[int, Sequence[ImagePart]] | None = None
        self._new = begun.past
        self.told: context.Told | None = None

    @property
    def size(self) -> int:
        """Bytes that the model reads, as far as it is known."""
        return self.told.size if self.told is not None else len(self._new.prompt.encode())

    @property
    def left_out(self) -> bool:
        """Whether something of what was said before is not told."""
        return self.told is not None and self.told.left_out

    async def make(self) -> ChatRequest:
        """UnusableFile: a file can't be read. BadValue: what was read holds a blocked word."""
        begun, question = self._begun, self._begun.question
        if self._images is None:
            self._images = await self._seen()
        images = self._images if self._with_past_images else {self._new.id: self._images.get(self._new.id, ())}
        self.told = context.told(
            begun.branch.turns,
            self._new,
            system=question.system_prompt,
            images=images,
            room=self._estimates.bytes_for(question.model, self._budget),
            image_bytes=self._estimates.bytes_for(question.model, context.IMAGE_TOKENS),
            more=begun.branch.more,
            said=begun.said,
        )
        return ChatRequest(
            model=question.model,
            messages=self.told.messages,
            temperature=question.temperature,
            max_tokens=question.most_tokens,
            web_search=question.web_search,
        )

    def made_smaller(self, error: Exception) -> bool:
        """Whether what was said before can be told in half the room, or without images, once; then `make` does so."""
        told = self.told
        if told is None or self._budget < self._begun.budget or not self._with_past_images:
            return False
        if isinstance(error, TooLong) and len(told.messages) > 2:
            self._budget //= 2
            return True
        if isinstance(error, ReadsNoImages) and told.images and not (self._images or {}).get(self._new.id):
            self._with_past_images = False
            return True
        return False

    def learn(self, usage: Usage) -> None:
        """What the service counted."""
        if self.told is not None and not self.told.images:
            self._estimates.learn(self._begun.question.model, self.told.size, usage.prompt_tokens)

    async def _seen(self) -> dict[int, Sequence[ImagePart]]:
        """The images of the turn and of those before it; what was read of its files is noted."""
        past = asyncio.create_task(self._seen_before())
        try:
            mine = await self._read()
        except BaseException:
            past.cancel()
            raise
        return {**await past, self._new.id: mine}

    async def _read(self) -> Sequence[ImagePart]:
        turn, descriptions = self._begun.turn, self._begun.turn.files or []
        question = self._begun.question
        files = list(self._files) or [_attachment(self._bot, one) for one in descriptions]
        if turn.read is not None:  # as it was read before; images are fetched once more
            files = [file for file, one in zip(files, descriptions, strict=False) if one.get(context.IMAGE)]
        quotes = (one.text for one in self._begun.quotes)
        said = "\n\n".join((*quotes, self._new.prompt))
        pictures: tuple[Picture, ...] = ()
        if files:
            material = await self._bot.the(Attachments).read_some(files, person_id=question.caller.person_id)
            pictures = material.pictures
            self.left_out_line = left_out_line(material.left_out, question.caller.locale) or ""
            if turn.read is None:
                said = f"{said}\n\n{material.text}"
                self._new = context.with_read(self._new, material.text)
                seen = {one.name for one in material.documents if one.pictures}
                described = [
                    one | {context.IMAGE: True} if one.get("filename") in seen else one for one in descriptions
                ]
                self._notes.has_read(turn.id, material.text, described)
        if said != self._new.prompt:
            await self._words.refuse(said, question.blocked_words)
        await self._moderation.refuse(said, question.moderation)
        return await asyncio.to_thread(_parts, pictures) if pictures else ()

    async def _seen_before(self) -> dict[int, Sequence[ImagePart]]:
        """The newest images of what was said before, as far as they can be had soon."""
        found: dict[int, Sequence[ImagePart]] = {}
        try:
            async with asyncio.timeout(PAST_IMAGE_SECONDS):
                for id_, file in context.images_before(self._begun.branch.turns):
                    whose = self._begun.question.caller.person_id
                    material = await self._bot.the(Attachments).read([_attachment(self._bot, file)], person_id=whose)
                    images = await asyncio.to_thread(_parts, material.pictures)
                    found[id_] = (*found.get(id_, ()), *images)
        except TimeoutError as error:
            log.info("an image of what was said before is left out: %r", error)
        return found


def _attachment(bot: Bot, description: Mapping[str, Any]) -> discord.Attachment:
    state = bot._connection  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - what discord.py's own models are made with
    return discord.Attachment(data=cast("Any", description), state=state)


def _parts(pictures: Sequence[Picture]) -> tuple[ImagePart, ...]:
    """Encoding them takes 1 ms a megabyte and more."""
    return tuple(picture.part() for picture in pictures)
