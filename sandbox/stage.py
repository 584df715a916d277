"""The stage: Discord and the API on loopback, and the real bot as a process of its own between them.

    async with Stage() as stage:
        alice = stage.person("alice")
        ...
        await stage.restart()

End-to-end tests, benches, the demo and the terminal all stand on it.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from sandbox.discord.people import Person
from sandbox.discord.permissions import Permission
from sandbox.discord.server import DiscordServer
from sandbox.discord.world import World
from sandbox.onekey import OneKeyServer
from sandbox.process import RUN, STOP_WITHIN, BotEnded, BotProcess

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from types import TracebackType

    from sandbox.discord.models import Channel, Guild
    from sandbox.discord.pipeline import Latency
    from sandbox.onekey import Behaviour
    from sandbox.process import Child

ROOT: Final = Path(__file__).resolve().parent.parent
"""Where the packages bot, cogs and sandbox stand."""
READY_WITHIN: Final = 60.0
"""Seconds: the first start after an installation compiles everything, and machines are small or busy."""
# What a process needs of its surroundings and what no bot reads as a setting.
_KEPT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "SYSTEMROOT", "VIRTUAL_ENV", "COVERAGE_PROCESS_START")
_LOOK: Final = 0.005
"""Seconds between two looks at whether the bot is ready."""
BOT_PERMISSIONS: Final = int(
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.CREATE_PUBLIC_THREADS
)
"""What the bot is invited with."""


@dataclass(slots=True)
class Scene:
    """A world with its places and people by name."""

    world: World
    guild: Guild
    channels: dict[str, Channel] = field(default_factory=dict[str, "Channel"])
    people: dict[str, Person] = field(default_factory=dict[str, Person])


def default_scene() -> Scene:
    """The server "OneKey Lab": #general with the thread "plans", a category with #pictures; alice owns the server and
    the application, bob is a member, 小明 is one whose Discord speaks Chinese.
    """
    world = World(application_name="OneKey Bot", owner="alice")
    owner = world.application.owner
    guild = world.guild("OneKey Lab", owner=owner, bot_permissions=BOT_PERMISSIONS)
    studio = world.category(guild, "Studio")
    general = world.text_channel(guild, "general")
    pictures = world.text_channel(guild, "pictures", category=studio)
    plans = world.thread(general, "plans", owner=owner)
    people = {
        "alice": Person(world, owner),
        "bob": world.person("bob", guild=guild),
        "小明": world.person("小明", guild=guild, locale="zh-CN"),
    }
    return Scene(world, guild, {"general": general, "pictures": pictures, "plans": plans}, people)


MODERATOR: Final = int(Permission.MANAGE_CHANNELS | Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS)
ADMIN: Final = MODERATOR | int(Permission.MANAGE_GUILD | Permission.MANAGE_ROLES)


def staffed_scene() -> Scene:
    """`default_scene` with people who may do more, and places that differ: carol, a moderator (Manage Channels and
    Messages), and dave, an admin (Manage Server too); the age-restricted #late-night, the forum post "ideas-1", and
    #mod-log, which members do not see. The roles are Moderators, Admins and Artists (bob has that one).
    """
    scene = default_scene()
    world, guild = scene.world, scene.guild
    roles = {
        "carol": world.role(guild, "Moderators", permissions=MODERATOR),
        "dave": world.role(guild, "Admins", permissions=ADMIN),
        "bob": world.role(guild, "Artists", mentionable=True),
    }
    for name, role in roles.items():
        if name not in scene.people:
            scene.people[name] = world.person(name, guild=guild)
        world.give_role(guild, scene.people[name].user, role)
    log = world.text_channel(guild, "mod-log")
    for target in (roles["carol"], roles["dave"], world.application.bot):
        world.overwrite(log, target, allow=Permission.VIEW_CHANNEL)
    world.overwrite(log, guild.roles[guild.id], deny=Permission.VIEW_CHANNEL)
    forum = world.forum(guild, "ideas")
    scene.channels |= {
        "late-night": world.text_channel(guild, "late-night", nsfw=True),
        "mod-log": log,
        "ideas-1": world.thread(forum, "ideas-1", owner=scene.people["bob"].user),
    }
    return scene


class Stage:
    """Both stand-ins and the bot.

    `data_dir`: kept if given, else a temporary one. `environment`: settings of the bot on top of the stage's own.
    `real_api`: base URL and key of a real API in place of the stand-in. `latency`: how far away Discord is (seconds
    of a REST round trip; gateway events take half of it). `cwd`: the bot's working folder, by default an empty one,
    so that no `.env` is read by chance. `start`: whether the bot is started on entering. `spawn`: in place of a new
    Python for its process.
    """

    def __init__(
        self,
        *,
        scene: Scene | None = None,
        behaviour: Behaviour | None = None,
        real_api: tuple[str, str] | None = None,
        data_dir: Path | None = None,
        environment: Mapping[str, str] | None = None,
        poll_seconds: float = 1.0,
        latency: float | Latency = 0.0,
        cwd: Path | None = None,
        log: Path | None = None,
        start: bool = True,
        spawn: Callable[[BotProcess], Awaitable[Child]] | None = None,
    ) -> None:
        self.scene = scene or default_scene()
        self.discord = DiscordServer(self.scene.world, latency=latency)
        self.ready_seconds = 0.0
        """From the start of the process to READY and registered commands, last time."""
        self._api = None if real_api else OneKeyServer(behaviour=behaviour)
        self._real_api = real_api
        self._data_dir = data_dir
        self._overrides = dict(environment or {})
        self._poll_seconds = poll_seconds
        self._cwd = cwd
        self._log = log
        self._start = start
        self._spawn = spawn
        self._bot: BotProcess | None = None
        self._stack = AsyncExitStack()

    @property
    def world(self) -> World:
        return self.scene.world

    @property
    def guild(self) -> Guild:
        return self.scene.guild

    @property
    def api(self) -> OneKeyServer:
        """The API's stand-in.

        Raises:
            RuntimeError: the stage plays against a real API.
        """
        if self._api is None:
            raise RuntimeError("the stage plays against a real API")
        return self._api

    @property
    def invented(self) -> bool:
        """Whether the API is the stand-in."""
        return self._api is not None

    @property
    def secrets(self) -> tuple[str, ...]:
        """The key and the token that the bot has."""
        key = self._real_api[1] if self._real_api is not None else self.api.key
        return (self.discord.token, key)

    @property
    def bot(self) -> BotProcess:
        """The bot's process.

        Raises:
            RuntimeError: the stage was not entered.
        """
        if self._bot is None:
            raise RuntimeError("the stage was not entered")
        return self._bot

    @property
    def data_dir(self) -> Path:
        return Path(self.bot.environment["DATA_DIR"])

    def person(self, name: str) -> Person:
        return self.scene.people[name]

    def channel(self, name: str) -> Channel:
        return self.scene.channels[name]

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.discord)
            if self._api is not None:
                await stack.enter_async_context(self._api)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onekey-stage-")))
            self._bot = self._process(folder)
            stack.push_async_callback(self._bot.stop)
            if self._start:
                await self.start()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def _process(self, folder: Path) -> BotProcess:
        data_dir = (self._data_dir or folder / "data").resolve()
        data_dir.mkdir(parents=True, exist_ok=True)
        cwd = self._cwd or folder / "empty"
        cwd.mkdir(exist_ok=True)
        base_url, key = self._real_api or (self.api.base_url, self.api.key)
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | {
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
            "DISCORD_TOKEN": self.discord.token,
            "DISCORD_API_URL": self.discord.api_url,
            "ONEKEY_API_KEY": key,
            "ONEKEY_BASE_URL": base_url,
            "DATA_DIR": str(data_dir),
            "VIDEO_POLL_SECONDS": f"{self._poll_seconds:g}",
            "DAILY_LIMIT_PER_USER": "ask=unlimited,imagine=unlimited,video=unlimited",
            **self._overrides,
        }
        log = (self._log or folder / "bot.log").resolve()
        return BotProcess(environment=environment, cwd=cwd, log=log, spawn=self._spawn)

    def beside(self, *, log: Path, arguments: Sequence[str] = RUN, **environment: str) -> BotProcess:
        """A further process with the bot's token and settings, which the caller starts and stops."""
        bot = self.bot
        own = {**bot.environment, **environment}
        return BotProcess(environment=own, cwd=bot.cwd, log=log, arguments=arguments, spawn=self._spawn)

    # the bot

    async def start(self, *, within: float = READY_WITHIN) -> None:
        """Starts the bot and waits until it is connected and its commands are registered.

        Raises:
            BotEnded: it ended instead; the text holds the end of its log.
            TimeoutError: it was not ready in time; likewise.
        """
        before = self.discord.gateway.identifies
        await self.bot.start()
        ended = asyncio.create_task(self.bot.ended())
        ready = asyncio.create_task(self._ready(before))
        try:
            await asyncio.wait({ended, ready}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                ready.result()
                self.ready_seconds = time.monotonic() - self.bot.started_at
                return
            if ended.done():
                raise BotEnded(f"the bot ended with exit code {ended.result()}:\n{self.bot.log_end()}")
            raise TimeoutError(f"the bot was not ready within {within:g} s:\n{self.bot.log_end()}")
        finally:
            for task in (ended, ready):
                task.cancel()
            await asyncio.gather(ended, ready, return_exceptions=True)

    async def stop(self, *, within: float = STOP_WITHIN) -> int:
        """SIGTERM; after `within` seconds SIGKILL. The exit code."""
        return await self.bot.stop(within=within)

    async def kill(self) -> int:
        """SIGKILL."""
        return await self.bot.kill()

    async def restart(self) -> None:
        """Stops the bot, if it runs, and starts it with the same data and settings."""
        await self.stop()
        await self.start()

    def check(self) -> None:
        """Nothing, while the bot runs.

        Raises:
            BotEnded: it does not.
        """
        if not self.bot.running:
            raise BotEnded(f"the bot ended with exit code {self.bot.returncode}:\n{self.bot.log_end()}")

    async def _ready(self, identifies: int) -> None:
        gateway, application = self.discord.gateway, self.world.application
        # Looked at, not waited for: the stand-in tells nobody that commands were registered.
        while gateway.identifies <= identifies or not application.commands:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK)
