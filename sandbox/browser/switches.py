"""What can be switched while the bot runs: shapes and faults of the API, faults of Discord, the bot's process.

The page draws `services()`, `FAULTS` and `DEEDS`; a form that was sent goes to one of the three that change something.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sandbox.discord.choosing import ClientRefusal
from sandbox.onekey.names import FAULTS as SERVICE_FAULTS
from sandbox.onekey.names import OUTCOMES, SHAPES
from sandbox.process import BotEnded

if TYPE_CHECKING:
    from sandbox.discord.server import DiscordServer
    from sandbox.onekey import OneKeyServer, Plan
    from sandbox.onekey.names import Route
    from sandbox.stage import Stage

ALWAYS: Final = 0
TIMES: Final = (1, 3, 10, ALWAYS)
"""How many requests a fault meets."""

_SHOWN: Final[tuple[Route, ...]] = (
    "chat",
    "images",
    "edits",
    "video.submit",
    "video.poll",
    "files",
    "models",
    "billing",
    "money",
    "moderations",
)
_NUMBERS: Final[dict[Route, dict[str, tuple[float, float]]]] = {
    "chat": {"first_token": (0, 120), "words_per_second": (1, 1000), "words": (0, 20_000)},
    "images": {"delay": (0, 600)},
    "video.submit": {"queue_seconds": (0, 3600), "run_seconds": (0, 3600)},
    "files": {"file_bytes": (0, 200_000_000)},
}
"""By route: what else its plan has that is worth turning, from and to."""


@dataclass(frozen=True, slots=True)
class Service:
    """A route of the API as it is switched now. `shapes` and `faults`: name → what it does."""

    route: Route
    shapes: Mapping[str, str]
    faults: Mapping[str, str]
    outcomes: Mapping[str, str]
    shape: str
    fault: str
    times: int
    """How many requests will still meet the fault; ALWAYS: all."""
    outcome: str
    numbers: Mapping[str, float]


FAULTS: Final[dict[str, Callable[[DiscordServer, str, int], object]]] = {
    "rate_limit": lambda discord, route, times: discord.faults.rate_limit(route, times=times, retry_after=3.0),
    "ban": lambda discord, route, times: discord.faults.rate_limit(route, times=times, retry_after=30.0, via=False),
    "500": lambda discord, route, times: discord.faults.status(route, 500, times=times),
    "502": lambda discord, route, times: discord.faults.status(route, 502, times=times),
    "lost": lambda discord, route, times: discord.faults.status(route, 500, times=times, applied=True),
    "drop": lambda discord, route, times: discord.faults.drop(route, times=times),
    "slow": lambda discord, route, times: discord.faults.slow(route, 5.0, times=times),
    "expired_token": lambda discord, route, times: discord.faults.expired_token(route, times=times),
}
PLACES: Final = {
    "all": "*",
    "first_answers": "POST /interactions/*",
    "answers": "* /webhooks/*",
    "edits": "PATCH *",
    "messages": "POST /channels/*/messages",
}
"""Which of the bot's requests a fault of Discord meets, as fnmatch of "METHOD /path"."""
DEEDS: Final = ("expire_tokens", "reconnect", "invalidate", "cut_gateway", "restart", "kill")
NEED_BOT: Final = frozenset({"reconnect", "invalidate", "cut_gateway", "kill"})
"""Of the deeds those that are for a bot that runs."""
_MANY: Final = 1_000_000


class Switches:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._busy = asyncio.Lock()

    def now(self) -> tuple[object, ...]:
        """All that can be switched as it is: whoever draws it compares it with what was drawn."""
        return self.running, self.busy, self.ordered, self.services()

    @property
    def running(self) -> bool:
        return self._stage.bot.running

    @property
    def busy(self) -> bool:
        """The bot is being restarted."""
        return self._busy.locked()

    @property
    def ordered(self) -> list[tuple[str, str, int]]:
        """Discord's faults that have not happened yet: kind, route, times left (ALWAYS)."""
        active = self._stage.discord.faults.active
        return [(each.kind, each.route, each.times if each.times < _MANY // 2 else ALWAYS) for each in active]

    def services(self) -> list[Service]:
        """None with a real API."""
        if not self._stage.invented:
            return []
        behaviour = self._stage.api.behaviour
        return [self._service(route, behaviour.plan(route)) for route in _SHOWN]

    def _service(self, route: Route, plan: Plan) -> Service:
        coming = [fault for each in self._api().coming(route) if (fault := each.get("fault"))]
        return Service(
            route=route,
            shapes=SHAPES[route],
            faults=SERVICE_FAULTS[route],
            outcomes=OUTCOMES if route == "video.submit" else {},
            shape=plan.shape,
            fault=plan.fault or next(iter(coming), ""),
            times=len(coming),
            outcome=plan.outcome,
            numbers={name: float(getattr(plan, name)) for name in _NUMBERS.get(route, {})},
        )

    def service(self, form: Mapping[str, str]) -> None:
        """Switches one route: `route`, `shape`, `fault`, `times`, `outcome` and its numbers.

        Raises:
            ClientRefusal: there is no such thing, or a number is out of range.
        """
        api = self._api()
        route = _route(form)
        shape, fault, times = form.get("shape", ""), form.get("fault", ""), _times(form)
        outcome = form.get("outcome") or "succeeded"
        for value, known in ((shape, SHAPES[route]), (fault, SERVICE_FAULTS[route]), (outcome, OUTCOMES)):
            if value and value not in known:
                raise ClientRefusal(f"{route} has no {value}.")
        numbers = {name: _number(form, name, *span) for name, span in _NUMBERS.get(route, {}).items() if form.get(name)}
        always = fault if times == ALWAYS else ""
        plan = replace(api.behaviour.plan(route), shape=shape, fault=always, outcome=outcome, **numbers)
        setattr(api.behaviour, route.removeprefix("video."), plan)
        api.calm(route)
        if fault and times != ALWAYS:
            api.next(route, times=times, fault=fault)

    def discord(self, form: Mapping[str, str]) -> None:
        """Orders a fault of Discord: `kind`, `place`, `times`; the kind "none" takes all of them back.

        Raises:
            ClientRefusal: there is no such fault or place.
        """
        kind, place = form.get("kind", ""), form.get("place", "all")
        if kind == "none":
            self._stage.discord.faults.clear()
        elif kind not in FAULTS or place not in PLACES:
            raise ClientRefusal("There is no such fault.")
        else:
            FAULTS[kind](self._stage.discord, PLACES[place], _times(form) or _MANY)

    async def deed(self, name: str) -> None:
        """Something that happens at once.

        Raises:
            ClientRefusal: it can't be done now, or there is no such thing.
        """
        gateway = self._stage.discord.gateway
        match name:
            case "expire_tokens":
                self._stage.world.expire_tokens()
            case "reconnect":
                gateway.reconnect()
            case "invalidate":
                gateway.invalidate()
            case "cut_gateway":
                gateway.drop()
            case "restart":
                await self._process(self._stage.restart)
            case "kill":
                await self._process(self._stage.kill)
            case _:
                raise ClientRefusal("There is no such thing.")

    async def _process(self, act: Callable[[], Any]) -> None:
        if self._busy.locked():
            raise ClientRefusal("The bot is already being restarted.")
        try:
            async with self._busy:
                await act()
        except (BotEnded, TimeoutError) as error:
            raise ClientRefusal(str(error)) from error

    def _api(self) -> OneKeyServer:
        if not self._stage.invented:
            raise ClientRefusal("A real API answers; it can't be switched.")
        return self._stage.api


def _route(form: Mapping[str, str]) -> Route:
    for route in _SHOWN:
        if route == form.get("route"):
            return route
    raise ClientRefusal("There is no such route.")


def _times(form: Mapping[str, str]) -> int:
    text = form.get("times", "1")
    if not text.isdigit() or int(text) not in TIMES:
        raise ClientRefusal("Choose how many times.")
    return int(text)


def _number(form: Mapping[str, str], name: str, least: float, most: float) -> float | int:
    try:
        value = float(form[name])
    except ValueError:
        value = -1.0
    if not least <= value <= most:
        raise ClientRefusal(f"{name}: a number from {least:g} to {most:g}.")
    return int(value) if name in {"words", "file_bytes"} else value
