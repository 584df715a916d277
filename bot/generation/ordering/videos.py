"""Orders of videos: of words, of files of one's own, of an image on a card, and what goes on from another video."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from bot.api.rungs import Part
from bot.errors import BadValue, NoModelSet, NotAllowed
from bot.generation.card_facts import shown_picture
from bot.generation.ordering.again import Changed
from bot.generation.ordering.orders import Orders
from bot.generation.ordering.repeats import refuse_double
from bot.generation.ordering.video import LONGEST, Given, Video, animates_with, longer, names_of, refuse_extending
from bot.generation.requests import (
    BEGINS_WITH,
    BEGINS_WITH_SOUND,
    FREE,
    From,
    Role,
    given_names,
    lasts,
    made_from,
    roles_of,
    said_in,
    seconds_among,
    takes_shape,
)
from bot.generation.rows import generations, inputs, result_rows
from bot.generation.rows.records import NewInput
from bot.kinds import Kind
from bot.orders.policy import Rules
from bot.states import RETRYABLE, SHOWN
from bot.text import escape, shorten

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.generation.rows.records import Generation, Result
    from bot.orders.callers import Caller


class Service(Protocol):
    """What is known of the service (`bot.api.client.OneKeyClient`)."""

    async def video_lacks(self, model: str) -> Collection[Part]: ...


class Videos:
    """Places orders through `Orders`; every refusal is a `bot.errors.Refusal` and leaves nothing behind."""

    def __init__(self, orders: Orders, service: Service) -> None:
        self._orders = orders
        self._service = service

    async def order(self, caller: Caller, video: Video) -> Generation:
        """A video of words, and of what its person sent along."""
        made = From.FILES if video.files else None
        video = await self._checked(caller, video, made)

        def order(connection: Connection) -> Generation:
            rules = self._orders.read_rules(connection, caller.place)
            return self._order(connection, caller, rules, video, made)

        return await self._orders.submit(caller, order)

    async def animate(self, caller: Caller, parent_id: int, position: int, video: Video) -> Generation:
        """A video that begins with the image at `position` (from 0) of a card, which is the first of its files."""
        video = await self._checked(caller, video, From.ANIMATE)

        def order(connection: Connection) -> Generation:
            parent = shown_picture(connection, parent_id)
            rules = self._orders.read_rules(connection, caller.place)
            caller.check_press(rules, parent.person_id)
            refuse_double(connection, caller, From.ANIMATE, parent.id, video.prompt, position)
            origin = {"parent_id": parent.id, "source_id": parent.id, "source_position": position}
            return self._order(connection, caller, rules, video, From.ANIMATE, action="animate", **origin)

        return await self._orders.submit(caller, order)

    async def extend(self, caller: Caller, parent_id: int, video: Video) -> Generation:
        """A video that goes on from the clip of `parent_id`, which is the one of its files."""
        parent = await self._orders.run(caller, lambda connection: shown_video(connection, parent_id))
        clips = await self._orders.run(caller, lambda connection: result_rows.of_generation(connection, parent.id))
        seconds = seconds_among(clips, parent)
        files = {role: replace(one, known=_known(clips)) for role, one in video.files.items()}
        wanted, model = video.seconds or longer(seconds), video.model or goes_on_with(parent)
        video = replace(video, seconds=wanted, model=model, files=files)
        refuse_extending(seconds, video.seconds)
        video = await self._checked(caller, video, From.EXTEND)

        def order(connection: Connection) -> Generation:
            parent = shown_video(connection, parent_id)
            rules = self._orders.read_rules(connection, caller.place)
            caller.check_press(rules, parent.person_id)
            refuse_double(connection, caller, "animate", parent.id, video.prompt, 0)
            origin = {"parent_id": parent.id, "source_id": parent.id, "source_position": 0}
            return self._order(connection, caller, rules, video, From.EXTEND, action="animate", **origin)

        return await self._orders.submit(caller, order)

    async def refuse_extending(self, caller: Caller, parent: Generation) -> None:
        """Before a form opens: what is known to speak against going on from this video, if anything is."""
        clip = {Role.CLIP: Given(NewInput())}
        asked = Video(prompt=parent.prompt, model=goes_on_with(parent), seconds=LONGEST, files=clip)
        await self._refuse_lacking(caller, asked, From.EXTEND)

    async def edit(self, caller: Caller, parent_id: int, video: Video, *, keeps: Collection[int] | None) -> Generation:
        """Another video after that of `parent_id`. `keeps`: which of the files that it was made of, counted
        from 0; None: all.
        """
        parent = await self._orders.run(caller, lambda connection: shown_video(connection, parent_id))
        video, made = await self._with_kept(caller, parent, video, keeps)
        video = await self._checked(caller, video, made)

        def order(connection: Connection) -> Generation:
            parent = shown_video(connection, parent_id)
            rules = self._orders.read_rules(connection, caller.place)
            caller.check_press(rules, parent.person_id)
            refuse_double(connection, caller, "remix", parent.id, video.prompt)
            return self._order(connection, caller, rules, video, made, action="remix", parent_id=parent.id)

        return await self._orders.submit(caller, order)

    async def changed(self, caller: Caller, old: Generation, video: Video, *, keeps: Collection[int] | None) -> Changed:
        """What of a failed order is to be otherwise. `keeps`: which of the files that it was made of, counted
        from 0; None: all.
        """
        video, made = await self._with_kept(caller, old, video, keeps)
        video = await self._checked(caller, video, made, usual=old.model)
        rules = await self._orders.rules(caller.place)
        return Changed(
            prompt=video.prompt,
            model=video.model,
            parameters=video.parameters(rules, made),
            files=[one.file for one in video.files.values()],
        )

    async def _with_kept(
        self, caller: Caller, row: Generation, video: Video, keeps: Collection[int] | None
    ) -> tuple[Video, From | None]:
        """With those of the files that `row` was made of that it `keeps`, unless others took their place, and what it
        makes of them. BadValue: their addresses ended.
        """
        stored = await self._orders.run(caller, lambda connection: inputs.of(connection, row.id))
        names = given_names(row.parameters)
        named = [None] * (len(stored) - len(names)) + names
        kept = {
            role: (one, name)
            for index, (role, one, name) in enumerate(zip(roles_of(row.parameters), stored, named, strict=False))
            if role not in video.files and (keeps is None or index in keeps)
        }
        # Their copies here are gone when it was delivered.
        if not all(lasts(one) or (one.path is not None and row.state in RETRYABLE) for one, _ in kept.values()):
            raise BadValue("video.files_expired")
        known = {name: row.parameters[name] for name in (BEGINS_WITH, BEGINS_WITH_SOUND) if name in row.parameters}
        files = {
            role: Given(inputs.again(one), name, known if role is Role.CLIP else {})
            for role, (one, name) in kept.items()
        } | dict(video.files)
        # What it was made of stands first: an image of a card, or a clip.
        made = made_from(row) if keeps is None or 0 in keeps else None
        video = replace(video, files={role: files[role] for role in Role if role in files})
        return video, made or (From.FILES if files else None)

    async def _checked(self, caller: Caller, video: Video, made: From | None, *, usual: str | None = None) -> Video:
        """As it can be made. BadValue: it can't. `usual`: the model where none is chosen; None: the place's own."""
        video = video.shaped()
        video.check()
        if video.model is not None and made is From.ANIMATE:
            raise BadValue("more.no_model")
        await self._refuse_lacking(caller, replace(video, model=video.model or usual), made)
        return video

    async def _refuse_lacking(self, caller: Caller, video: Video, made: From | None) -> None:
        """BadValue: the service is known to take no such thing for the model that is meant."""
        if not video.parts:
            return
        rules = await self._orders.rules(caller.place)
        model = self._orders.model(rules, Kind.VIDEO, self._wanted(rules, video, made))
        lacks = await self._service.video_lacks(model)
        lacking = [part for part in Part if part in video.parts and part in lacks]
        if lacking:
            raise BadValue("video.lacks", model=escape(shorten(model, 60)), what=partial(names_of, lacking))

    def _order(
        self,
        connection: Connection,
        caller: Caller,
        rules: Rules,
        video: Video,
        made: From | None,
        *,
        action: str | None = None,
        **origin: int,
    ) -> Generation:
        parameters = video.parameters(rules, made)
        caller.check(connection, rules, Kind.VIDEO, said_in(video.prompt, parameters))
        row = self._orders.order(
            connection,
            caller,
            rules,
            Kind.VIDEO,
            self._wanted(rules, video, made),
            prompt=video.prompt,
            count=1,
            parameters=parameters,
            action=action,
            **origin,
        )
        inputs.put(connection, row.id, [one.file for one in video.files.values()])
        return row

    def _wanted(self, rules: Rules, video: Video, made: From | None) -> str | None:
        """The model that is meant; None: the place's own. What begins with an image or a clip has one of its own, if
        there is one; what is made of one on a card has no other. Raises as `Rules.maker`.
        """
        if video.model is not None and (made is None or made in FREE):
            return video.model
        if made in {From.ANIMATE, From.EXTEND}:
            if made is From.EXTEND and not rules.value("animate_model"):
                raise NoModelSet("error.no_extend_model")
            return self._orders.maker(rules, "animate_model")
        return animates_with(rules, video.files) or None


def goes_on_with(row: Generation) -> str | None:
    """The video's own model, where it takes images, so likely clips too. None: the one that animates at the place."""
    return None if takes_shape(row.parameters) else row.model


def shown_video(connection: Connection, generation_id: int) -> Generation:
    """A video's row, locked. NotAllowed: it is no longer to be seen."""
    row = generations.get_locked(connection, generation_id)
    if row is None or row.removed_at is not None or row.kind != Kind.VIDEO or row.state not in SHOWN:
        raise NotAllowed("error.gone")
    return row


def clip_seconds(connection: Connection, row: Generation) -> float | None:
    """How long its clip is, as far as that is known: measured, else asked for."""
    return seconds_among(result_rows.of_generation(connection, row.id), row)


def _known(clips: Sequence[Result]) -> Mapping[str, object]:
    """What a video is told to go on from, as far as it was measured."""
    known: list[Mapping[str, object]] = [
        {BEGINS_WITH: f"{one.width}x{one.height}", BEGINS_WITH_SOUND: one.sound} for one in clips if one.width
    ]
    return known[0] if known else {}
