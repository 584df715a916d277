"""A new order: resolve settings → check → take from the day's share → row. Commands and buttons come through here."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from bot.environment import Environment, Kind
from bot.errors import DailyLimitReached, NotAllowed, UnknownModel
from bot.generation.states import RETRYABLE
from bot.generation.writes import surely
from bot.settings import MODEL_SETTING, SETTINGS, Effective, Place, Values, resolve
from bot.store import daily, generations, settings
from bot.store.database import Database
from bot.store.generations import Generation, NewGeneration

DAY_SECONDS = 86_400


class Models(Protocol):
    """Which models the service offers; answered from memory (`bot.api.catalogue`)."""

    def names(self) -> tuple[str, ...]: ...

    def knows(self, name: str) -> bool | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who orders, from where, and the interaction through which the card can be edited until `token_expires_at`."""

    person_id: int
    place: Place
    context: str
    locale: str
    application_id: int
    token: str
    token_expires_at: float
    private: bool = False
    token_only: bool = False


def stored_values(connection: Connection, place: Place) -> Values:
    """The stored settings of every scope that `place` lies in."""
    return settings.read(connection, scopes=[(scope, id_) for _, scope, id_ in place.scopes()])


class Orders:
    """Places orders. Every refusal is a `bot.errors.Refusal` and leaves nothing behind."""

    def __init__(self, database: Database, models: Models, environment: Environment) -> None:
        self._database = database
        self._models = models
        self._environment = environment

    async def effective(self, place: Place) -> Mapping[str, Effective]:
        """Every setting's value at `place`, and where it comes from."""
        values = await self._database.run(stored_values, place)
        return {key: resolve(setting, place, values, self._environment) for key, setting in SETTINGS.items()}

    async def ask(self, person_id: int, place: Place, model: str | None) -> str:
        """Take one /ask of the person's day; return the model that answers here."""

        def order(connection: Connection) -> str:
            chosen = self._model(connection, "ask", place, model)
            self._take(connection, person_id, "ask")
            return chosen

        return await self._database.run(order)

    async def image(self, caller: Caller, *, prompt: str, count: int, size: str, model: str | None) -> Generation:
        """A queued picture order of `count` (1-4) pictures of `size` ("1024x1024")."""
        return await self._place(caller, "imagine", model, prompt=prompt, count=count, parameters={"size": size})

    async def video(self, caller: Caller, *, prompt: str, resolution: str, model: str | None) -> Generation:
        """A queued video order; `resolution` as the API writes it ("1280*720")."""
        return await self._place(caller, "video", model, prompt=prompt, count=1, parameters={"resolution": resolution})

    async def reroll(self, caller: Caller, generation_id: int) -> Generation:
        """The same pictures' order again, by and for whoever pressed: a child of the old one."""

        def order(connection: Connection) -> Generation:
            old = generations.get(connection, generation_id)
            if old is None:
                raise NotAllowed("error.gone")
            return self._again(connection, caller, old)

        return await self._database.run(order)

    async def retry(self, caller: Caller, generation_id: int, *, message_id: int) -> Generation:
        """The order again after its failure, in the same message, which the new row takes over: it can be had once."""

        def order(connection: Connection) -> Generation:
            old = generations.take_message(connection, generation_id, message_id=message_id, states=RETRYABLE)
            if old is None or generations.has_child(connection, old.id):
                raise NotAllowed("error.already_retried")
            again = self._again(connection, caller, old)
            generations.place_message(connection, again.id, message_id=message_id, channel_id=old.channel_id)
            return generations.get(connection, again.id) or again

        return await self._database.run(order)

    async def retry_anew(self, caller: Caller, generation_id: int) -> Generation:
        """The order again after its failure, as a new message. The old card can't order it a second time."""

        def order(connection: Connection) -> Generation:
            old = generations.get_locked(connection, generation_id)
            if old is None or old.state not in RETRYABLE or generations.has_child(connection, old.id):
                raise NotAllowed("error.already_retried")
            return self._again(connection, caller, old)

        return await self._database.run(order)

    async def withdraw(self, row: Generation) -> None:
        """Its placeholder could not be posted: nobody will see it. Nothing was sent; the day's share is given back."""
        await surely(self._database, withdraw, row)

    async def give_back_ask(self, person_id: int) -> None:
        """The service made nothing of an /ask: the person's day is as before."""
        await self._database.run(daily.give_back, person_id=person_id, kind="ask", day=_today())

    def _again(self, connection: Connection, caller: Caller, old: Generation) -> Generation:
        kind: Kind = "imagine" if old.kind == "image" else "video"
        self._take(connection, caller.person_id, kind)
        return self._insert(
            connection,
            caller,
            kind,
            model=old.model,
            prompt=old.prompt,
            count=old.count,
            parameters=dict(old.parameters),
            parent_id=old.id,
        )

    async def _place(
        self,
        caller: Caller,
        kind: Kind,
        model: str | None,
        *,
        prompt: str,
        count: int,
        parameters: dict[str, object],
    ) -> Generation:
        def order(connection: Connection) -> Generation:
            chosen = self._model(connection, kind, caller.place, model)
            self._take(connection, caller.person_id, kind)
            return self._insert(
                connection, caller, kind, model=chosen, prompt=prompt, count=count, parameters=parameters
            )

        return await self._database.run(order)

    def _insert(
        self,
        connection: Connection,
        caller: Caller,
        kind: Kind,
        *,
        model: str,
        prompt: str,
        count: int,
        parameters: dict[str, object],
        parent_id: int | None = None,
    ) -> Generation:
        place = caller.place
        new = NewGeneration(
            kind="image" if kind == "imagine" else "video",
            person_id=caller.person_id,
            guild_id=place.guild_id,
            channel_id=place.thread_id or place.channel_id,
            context=caller.context,
            private=caller.private,
            token_only=caller.token_only,
            token=caller.token,
            token_expires_at=caller.token_expires_at,
            application_id=caller.application_id,
            locale=caller.locale,
            prompt=prompt,
            model=model,
            parameters=parameters,
            count=count,
            parent_id=parent_id,
        )
        return generations.insert(connection, new, now=time.time())

    def _model(self, connection: Connection, kind: Kind, place: Place, wanted: str | None) -> str:
        """The model asked for, if the service has it (or does not say what it has), else the one set here."""
        effective = str(
            resolve(SETTINGS[MODEL_SETTING[kind]], place, stored_values(connection, place), self._environment).value
        )
        if wanted is None or wanted == effective:
            return effective
        if self._models.knows(wanted) is False:
            others = tuple(name for name in self._models.names() if name != effective)
            raise UnknownModel(wanted, (effective, *others))
        return wanted

    def _take(self, connection: Connection, person_id: int, kind: Kind) -> None:
        limit = self._environment.daily_limit_per_user[kind]
        day = _today()
        if limit is not None and not daily.take(connection, person_id=person_id, kind=kind, day=day, limit=limit):
            raise DailyLimitReached(kind, limit, (day + 1) * DAY_SECONDS)


def withdraw(connection: Connection, row: Generation) -> None:
    """Forget a queued row that has no message of its own, and give back what it took: the message that it was to take
    over from a failed one, and its share of the person's day.
    """
    if not generations.discard(connection, row.id):
        return
    give_back(connection, row)
    if row.message_id is not None and row.parent_id is not None:
        generations.place_message(connection, row.parent_id, message_id=row.message_id, channel_id=row.channel_id)


def give_back(connection: Connection, row: Generation) -> None:
    """Undo what `row` took from its person's day, on the day it was taken."""
    daily.give_back(
        connection,
        person_id=row.person_id,
        kind="imagine" if row.kind == "image" else "video",
        day=int(row.created_at // DAY_SECONDS),
    )


def _today() -> int:
    return int(time.time() // DAY_SECONDS)
