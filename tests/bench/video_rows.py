"""Ten thousand running videos: their messages at Discord's stand-in, and their rows in the bot's database."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, insert, select

from bot.store.opening import open_database
from bot.store.schema import ENDED_STATES, generations
from sandbox.discord.interaction_models import COMMAND, Interaction
from sandbox.discord.models import COMPONENTS_V2, Json, Message
from sandbox.discord.state import Draft
from sandbox.stage import BOT_PERMISSIONS, Scene, World
from tests.bench.video_api import task_id

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database

GUILDS: Final = 50
CHANNELS_A_GUILD: Final = 4
PEOPLE: Final = 2000
TOKEN_SECONDS: Final = 900.0
_PLACEHOLDER: Final[Json] = {"type": 10, "id": 1, "content": "A fox in the snow: your video is being made"}


@dataclass(frozen=True, slots=True)
class Video:
    """A video that runs. `age`: seconds since it was submitted, when it was made up."""

    number: int
    age: float
    message: Message
    token: str


@dataclass(frozen=True, slots=True)
class Ended:
    """What the row says of a video. Times are Unix seconds."""

    number: int
    state: str
    generated_at: float | None
    ended_at: float | None


def make_scene() -> Scene:
    world = World(application_name="OneKey Bot", owner="owner")
    guilds = [world.guild(f"Server {number}", bot_permissions=BOT_PERMISSIONS) for number in range(GUILDS)]
    channels = {
        f"s{number}c{place}": world.text_channel(guild, f"c{place}")
        for place in range(CHANNELS_A_GUILD)
        for number, guild in enumerate(guilds)
    }
    people = {f"p{number}": world.person(f"p{number}", guild=guilds[number % GUILDS]) for number in range(PEOPLE)}
    return Scene(world, guilds[0], channels, people)


def make_videos(scene: Scene, *, count: int, youngest: float, oldest: float) -> list[Video]:
    """Placeholders in every channel in turn, `youngest` to `oldest` seconds old; a token lives 15 minutes."""
    world, people, channels = scene.world, list(scene.people.values()), list(scene.channels.values())
    made: list[Video] = []
    for number in range(count):
        channel = channels[number % len(channels)]
        # Of that channel's server: channels and people both go around the servers.
        person = people[(number + number // len(people) * GUILDS) % len(people)]
        guild = world.guild_of(channel)
        assert guild is not None
        age = youngest + (oldest - youngest) * ((number * 7919) % count) / count
        interaction = Interaction(
            id=world.ids(),
            token=f"bench{number}x{world.ids()}",
            kind=COMMAND,
            user=person.user,
            channel=channel,
            data={"type": 1},
            owners={"0": str(guild.id)},
            name="video",
            created_at=time.monotonic() - age,
            acknowledged_at=time.monotonic() - age,
            callback_type=4,
        )
        draft = Draft(components=[dict(_PLACEHOLDER)], flags=COMPONENTS_V2)
        interaction.original = world.create_message(channel, world.application.bot, draft, interaction=interaction)
        world.interactions[interaction.token] = interaction
        made.append(Video(number, age, interaction.original, interaction.token))
    return made


async def put_rows(url: str, scene: Scene, videos: list[Video], **otherwise: Any) -> None:
    """Every video a row in the state `running`, as if an earlier process had submitted it; or `otherwise`."""
    now = time.time()
    application = scene.world.application.id
    rows = [_row(video, now, application) | otherwise for video in videos]

    def write(connection: Connection) -> None:
        connection.execute(insert(generations), rows)

    async with open_database(url) as database:
        await database.run(write)


def _row(video: Video, now: float, application_id: int) -> dict[str, Any]:
    message = video.message
    user: Json = (message.interaction or {})["user"]
    submitted_at = now - video.age
    return {
        "kind": "video",
        "state": "running",
        "epoch": 1,
        "person_id": int(user["id"]),
        "guild_id": message.channel.guild_id,
        "channel_id": message.channel.id,
        "message_id": message.id,
        "context": "guild",
        "private": False,
        "token_only": False,
        "token": video.token,
        "token_expires_at": submitted_at + TOKEN_SECONDS,
        "application_id": application_id,
        "locale": "en-US",
        "prompt": f"A fox in the snow, number {video.number}: soft light, a slow camera, breath in the cold air",
        "model": "wan2.7-t2v",
        "parameters": {"resolution": "1280*720"},
        "count": 1,
        "task_id": task_id(video.number),
        "created_at": submitted_at,
        "submitted_at": submitted_at,
        "shown_state": "running",
    }


async def taken_over(database: Database, *, above: int) -> int:
    """How many open rows have an epoch above `above`."""

    def read(connection: Connection) -> int:
        g = generations.c
        query = select(func.count()).where(g.epoch > above, g.state.not_in(ENDED_STATES))
        return connection.execute(query).scalar_one()

    return await database.run(read)


async def states(database: Database) -> Counter[str]:
    """How many rows are in each state."""

    def read(connection: Connection) -> Counter[str]:
        query = select(generations.c.state, func.count()).group_by(generations.c.state)
        return Counter({str(state): int(count) for state, count in connection.execute(query)})

    return await database.run(read)


async def ended(database: Database) -> list[Ended]:
    """The rows that run no more."""

    def read(connection: Connection) -> list[Ended]:
        g = generations.c
        query = select(g.task_id, g.state, g.generated_at, g.ended_at).where(g.state != "running")
        return [Ended(int(row[0].rpartition("-")[2]), row[1], row[2], row[3]) for row in connection.execute(query)]

    return await database.run(read)
