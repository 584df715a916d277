"""What `ui` and the cogs know of the running bot: its resources, not its class."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import discord
from discord.ext import commands

if TYPE_CHECKING:
    from bot.api.catalogue import ModelCatalogue
    from bot.api.client import OneKeyClient
    from bot.environment import Environment
    from bot.generation.aside import Aside
    from bot.generation.children import Children
    from bot.generation.claims import Claims
    from bot.generation.orders import Orders
    from bot.generation.worker import Worker
    from bot.jam.desk import Desk
    from bot.jam.jams import Jams
    from bot.store.database import Database
    from bot.ui.alerts import OwnerAlerts
    from bot.ui.answers import Answers
    from bot.ui.boards import Boards
    from bot.ui.confirm import Drafts
    from bot.ui.deliverer import CardDeliverer
    from bot.ui.gallery.threads import OpenThreads
    from bot.ui.jam.host import JamHost
    from bot.ui.leftovers import Leftovers
    from bot.ui.logbook import Logbook
    from bot.ui.own_token import OwnToken
    from bot.ui.pictures.picked import Picked
    from bot.ui.pool_alerts import PoolAlerts


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Everything that lives as long as the process, opened in `bot/process.py`. `stopping`: no new work is taken."""

    environment: Environment
    database: Database
    api: OneKeyClient
    catalogue: ModelCatalogue
    orders: Orders
    children: Children
    worker: Worker
    claims: Claims
    deliverer: CardDeliverer
    own_token: OwnToken
    boards: Boards
    picked: Picked
    threads: OpenThreads
    jams: Jams
    desk: Desk
    jam_host: JamHost
    answers: Answers
    aside: Aside
    drafts: Drafts
    leftovers: Leftovers
    alerts: OwnerAlerts
    logbook: Logbook
    pool_alerts: PoolAlerts
    stopping: asyncio.Event


class Bot(commands.AutoShardedBot):
    """The bot as `ui` and the cogs see it; `bot.client.OneKeyBot` is the one there is."""

    resources: Resources


Interaction: TypeAlias = discord.Interaction[Bot]
