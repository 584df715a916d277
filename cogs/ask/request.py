"""The request for a turn: what the model is told, read of files on the way, and made smaller where it is too much."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, cast

import discord

from bot.api.chat_request import ChatRequest, ImagePart
from bot.documents.words import left_out_line
from bot.errors import BadValue, Moderated, ReadsNoImages, TooLong
from bot.kit.attachments import Attachments
from cogs.ask import context
from cogs.ask.turn_rows import length

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.api.completion import Usage
    from bot.documents.material import Material, Picture
    from bot.kit.bot import Bot
    from bot.orders.blocked.check import Reader
    from bot.orders.moderation import Moderation
    from cogs.ask.asking import Begun
    from cogs.ask.interrupted import InterruptedAnswers
    from cogs.ask.records import Past, Quote
    from cogs.ask.tokens import TokenEstimates

log = logging.getLogger(__name__)

PAST_IMAGE_SECONDS = 3.0
LEAST_OF_FILES = 4_000
"""Bytes of a turn's files that are told however small the room is."""


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
        self._past = begun.branch.turns
        self._material: Material | None = None
        """What was read of the turn's files, unless that was done before."""
        self.told: context.Told | None = None

    @property
    def has_files(self) -> bool:
        return bool(self._files or self._begun.turn.files)

    @property
    def size(self) -> int:
        """Bytes that the model reads, as far as it is known."""
        return self.told.size if self.told is not None else length(self._new.prompt)

    @property
    def left_out(self) -> bool:
        """Whether something of what was said before is not told."""
        return self.told is not None and self.told.left_out

    async def make(self) -> ChatRequest:
        """UnusableFile: a file can't be read. BadValue: what was read holds a blocked word, or is flagged."""
        begun, question = self._begun, self._begun.question
        if self._images is None:
            self._past = await self._checked_past()
            self._images = await self._seen()
        images = self._images if self._with_past_images else {self._new.id: self._images.get(self._new.id, ())}
        self.told = context.told(
            self._past,
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

    async def made_smaller(self, error: Exception) -> bool:
        """Whether less can be told, once: half of what was said before, or none of its images, or less of the files.

        Then `make` does so.
        """
        told = self.told
        if isinstance(error, TooLong) and await self._with_less(self._room()):
            return True
        if isinstance(error, ReadsNoImages) and self._material is not None and await self._without_scans():
            return True
        if told is None or self._budget < self._begun.budget or not self._with_past_images:
            return False
        if isinstance(error, TooLong) and len(told.messages) > 2:
            self._budget //= 2
            return True
        if isinstance(error, ReadsNoImages) and told.images and not (self._images or {}).get(self._new.id):
            self._with_past_images = False
            return True
        return False

    def _room(self) -> int:
        """Bytes that the turn's files may have beside its words."""
        room = self._estimates.bytes_for(self._begun.question.model, self._budget)
        return max(LEAST_OF_FILES, room - length(self._new.prompt))

    async def _with_less(self, most: int) -> bool:
        """Cut the turn's files to so many bytes. False: they have no more than that."""
        if self._material is None or (less := self._material.within(most)) == self._material:
            return False
        self._tell_of(less)
        return True

    async def _without_scans(self) -> bool:
        """Leave out the scanned pages of what has words, too. False: there are none, or other images."""
        material = self._material
        if material is None or (less := material.without_scans()) == material:
            return False
        self._tell_of(less)
        self._images = {**(self._images or {}), self._new.id: await asyncio.to_thread(_parts, less.pictures)}
        return True

    def _tell_of(self, material: Material) -> None:
        """Have the model told of the files so, and the next ones know it."""
        turn, descriptions = self._begun.turn, self._begun.turn.files or []
        self._material = material
        self.left_out_line = left_out_line(material.left_out, self._begun.question.caller.locale) or ""
        seen = {one.name for one in material.documents if one.pictures}
        described = [one | {context.IMAGE: True} if one.get("filename") in seen else one for one in descriptions]
        self._new = context.with_read(self._new, material.text)
        self._notes.has_read(turn.id, material.text, described)

    def learn(self, usage: Usage) -> None:
        """What the service counted."""
        if self.told is not None and not self.told.images:
            self._estimates.learn(self._begun.question.model, self.told.size, usage.prompt_tokens)

    async def _checked_past(self) -> tuple[Past, ...]:
        """What was said before. A turn without an answer may have ended before it was checked: that is done now, of all
        of them together, and the model is told none of them where they do not pass.
        """
        question = self._begun.question
        past = self._begun.branch.turns
        parts = (part for one in past if not one.answer for part in (*_quoted(one.quotes), one.prompt, one.read or ""))
        if unheard := "\n\n".join(filter(None, parts)):
            try:
                await self._words.refuse(unheard, question.blocked_words)
                await self._moderation.refuse(unheard, question.moderation, question.whose)
            except (BadValue, Moderated) as error:
                log.info("what was asked before and not answered is not told: %r", error)
                return tuple(one for one in past if one.answer)
        return past

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
        said = "\n\n".join((*_quoted(self._begun.quotes), self._new.prompt))
        pictures: tuple[Picture, ...] = ()
        if files:
            attachments = self._bot.the(Attachments)
            # Of what somebody wrote there are its words, whatever came with it.
            read = attachments.read if self._begun.quotes else attachments.read_some
            material = await read(files, person_id=question.caller.person_id)
            pictures = material.pictures
            if turn.read is None:
                self._tell_of(material.within(self._room()) if self._begun.budget_set else material)
                said = f"{said}\n\n{self._new.read or ''}"
            else:
                self.left_out_line = left_out_line(material.left_out, question.caller.locale) or ""
        if said != self._new.prompt:
            await self._words.refuse(said, question.blocked_words)
        await self._moderation.refuse(said, question.moderation, question.whose)
        parts = await asyncio.to_thread(_parts, pictures) if pictures else ()
        await self._moderation.refuse_pictures([part.url for part in parts], question.moderation, question.whose)
        return parts

    async def _seen_before(self) -> dict[int, Sequence[ImagePart]]:
        """The newest images of what was said before, as far as they can be had soon."""
        found: dict[int, Sequence[ImagePart]] = {}
        try:
            async with asyncio.timeout(PAST_IMAGE_SECONDS):
                for id_, file in context.images_before(self._past):
                    whose = self._begun.question.caller.person_id
                    material = await self._bot.the(Attachments).read([_attachment(self._bot, file)], person_id=whose)
                    images = await asyncio.to_thread(_parts, material.pictures)
                    found[id_] = (*found.get(id_, ()), *images)
        except TimeoutError as error:
            log.info("an image of what was said before is left out: %r", error)
        return found


def _quoted(quotes: Sequence[Quote]) -> list[str]:
    return [one.text for one in quotes]


def _attachment(bot: Bot, description: Mapping[str, Any]) -> discord.Attachment:
    state = bot._connection  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - what discord.py's own models are made with
    return discord.Attachment(data=cast("Any", description), state=state)


def _parts(pictures: Sequence[Picture]) -> tuple[ImagePart, ...]:
    """Encoding them takes 1 ms a megabyte and more."""
    return tuple(picture.part() for picture in pictures)
