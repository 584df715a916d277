"""A small real discord.py bot against the stand-in: what it does must work as it does on Discord."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Callable
from typing import Any

import discord
import pytest
from discord import app_commands, ui
from discord.ext import commands

from sandbox.discord.choosing import ClientRefusal, Upload
from sandbox.discord.invocation import NoAnswer
from sandbox.discord.models import Message
from sandbox.discord.server import DiscordServer
from sandbox.discord.state import Draft
from sandbox.discord.world import World

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\0\0\0\x02\0" + bytes(1000)


class Stop(ui.DynamicItem[ui.Button[Any]], template=r"stop:(?P<n>\d+)"):
    def __init__(self, n: int) -> None:
        super().__init__(ui.Button(label="Stop", custom_id=f"stop:{n}"))

    @classmethod
    async def from_custom_id(cls, interaction: Any, item: Any, match: re.Match[str], /) -> Stop:
        del interaction, item
        return cls(int(match["n"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(view=ui.LayoutView().add_item(ui.TextDisplay("stopped")))


class Ask(ui.Modal, title="Your name"):
    name: ui.Label[Any] = ui.Label(text="Name", component=ui.TextInput(custom_id="name", max_length=10))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        assert isinstance(self.name.component, ui.TextInput)
        await interaction.response.send_message(f"hello {self.name.component.value}", ephemeral=True)


class Bot(commands.AutoShardedBot):
    def __init__(self, shard_count: int | None = None) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        super().__init__(
            command_prefix=[],
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            shard_count=shard_count,
        )
        self.heard: asyncio.Queue[discord.Message] = asyncio.Queue()
        self.failed: asyncio.Queue[Exception] = asyncio.Queue()

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Stop)
        add_commands(self)
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """The library sleeps 5 s between shards for one identify in 5 s: the stand-in allows 16 at once."""

    async def on_message(self, message: discord.Message, /) -> None:
        self.heard.put_nowait(message)


def add_commands(bot: Bot) -> None:
    @bot.tree.error
    async def on_error(interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
        del interaction
        bot.failed.put_nowait(getattr(error, "original", error))

    @bot.tree.command(description="A card that changes")
    async def card(interaction: discord.Interaction, text: str, file: discord.Attachment | None = None) -> None:
        view = ui.LayoutView(timeout=None)
        view.add_item(ui.TextDisplay(text)).add_item(ui.ActionRow[Any](Stop(7)))
        await interaction.response.send_message(view=view)
        data = PNG if file is None else await file.read()
        done = ui.LayoutView(timeout=None)
        done.add_item(ui.TextDisplay(f"{text}: done"))
        done.add_item(ui.MediaGallery(discord.MediaGalleryItem("attachment://fox.png")))
        done.add_item(ui.ActionRow[Any](Stop(7)))
        await interaction.edit_original_response(view=done, attachments=[discord.File(io.BytesIO(data), "fox.png")])

    @bot.tree.command(description="Thinks, then writes on")
    async def think(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True)
        await interaction.edit_original_response(content="done")
        await interaction.followup.send("only for you", ephemeral=True)
        message = await interaction.original_response()
        assert isinstance(interaction.channel, discord.TextChannel)
        await interaction.channel.get_partial_message(message.id).edit(content="edited with the bot's own token")

    @bot.tree.command(description="Opens a form")
    async def form(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Ask())

    @bot.tree.command(description="Never answers")
    async def silent(interaction: discord.Interaction) -> None:
        del interaction

    @bot.tree.command(description="A bare button, which discord.py lets through")
    async def bare(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(
            view=ui.LayoutView().add_item(ui.TextDisplay("x")).add_item(ui.Button(label="x", custom_id="x"))
        )

    @bot.tree.command(description="Suggests")
    async def pick(interaction: discord.Interaction, model: str) -> None:
        await interaction.response.send_message(model)

    @pick.autocomplete("model")
    async def models(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        del interaction
        names = ("deepseek-chat", "deepseek-r1", "wan")
        return [app_commands.Choice(name=name, value=name) for name in names if current in name]

    group = app_commands.Group(
        name="config", description="Settings", default_permissions=discord.Permissions(manage_guild=True)
    )

    @group.command(name="set", description="Set a setting")
    async def config_set(interaction: discord.Interaction, name: str, where: discord.TextChannel) -> None:
        await interaction.response.send_message(f"{name} in {where.name}", ephemeral=True)

    bot.tree.add_command(group)


class Scene:
    """A server with one channel, a person and the running bot."""

    def __init__(self, world: World, discord_server: DiscordServer, bot: Bot) -> None:
        self.world = world
        self.discord = discord_server
        self.bot = bot
        self.guild = next(iter(world.guilds.values()))
        self.channel = next(each for each in world.channels.values() if each.name == "general")
        self.alice = world.person("alice", guild=self.guild, locale="zh-CN")

    async def heard_of(self, message: Message) -> discord.Message:
        """A message as the bot heard it."""
        async with asyncio.timeout(5):
            while (heard := await self.bot.heard.get()).id != message.id:
                pass
        return heard


@pytest.fixture
async def scene(points_at: Callable[[DiscordServer], None]):
    world = World()
    guild = world.guild("Home")
    world.text_channel(guild, "general")
    async with DiscordServer(world) as server:
        points_at(server)
        bot = Bot()
        running = asyncio.create_task(bot.start(server.token))
        await server.gateway.wait_ready()
        yield Scene(world, server, bot)
        await bot.close()
        await running


async def test_a_card_is_sent_edited_with_a_file_and_stopped(scene: Scene):
    use = await scene.alice.command(scene.channel, "card", text="@everyone fox")
    message = await use.until(lambda each: "done" in each.text)
    assert [version.text for version in use.versions] == ["@everyone fox", "@everyone fox: done"]
    assert use.versions[0].at < use.versions[1].at
    assert not message.pinged
    assert (message.attachments[0].data, message.attachments[0].width) == (PNG, 1024)
    pressed = await scene.alice.press(message, label="Stop")
    assert (await pressed.until(lambda each: each.text == "stopped")) is message
    with pytest.raises(ClientRefusal, match="only nothing"):
        await scene.alice.press(message, label="Stop")


async def test_a_bot_reads_a_given_file_from_the_cdn(scene: Scene):
    picture = Upload("in.png", PNG + b"!")
    use = await scene.alice.command(scene.channel, "card", text="fox", file=picture)
    message = await use.until(lambda each: bool(each.attachments))
    assert message.attachments[0].data == PNG + b"!"


async def test_thinking_then_an_answer_then_a_private_word(scene: Scene):
    bob = scene.world.person("bob", guild=scene.guild)
    use = await scene.alice.command(scene.channel, "think")
    message = await use.until(lambda each: "own token" in each.content)
    assert use.versions[0].flags & 128
    assert use.followups[0].ephemeral
    assert [each.content for each in bob.sees(scene.channel)] == [message.content]
    assert [each.content for each in scene.alice.sees(scene.channel)] == [message.content, "only for you"]


async def test_a_form_is_opened_filled_in_and_answered(scene: Scene):
    opened = await scene.alice.command(scene.channel, "form")
    assert (await opened.form())["title"] == "Your name"
    with pytest.raises(ClientRefusal, match="required"):
        await scene.alice.submit(opened, {"name": ""})
    with pytest.raises(ClientRefusal, match="too long"):
        await scene.alice.submit(opened, {"name": "x" * 11})
    sent = await scene.alice.submit(opened, {"name": "Alice"})
    assert (await sent.message()).content == "hello Alice"


async def test_an_unanswered_command_fails_after_its_time(scene: Scene):
    scene.world.rules.acknowledge_within = 0.05
    use = await scene.alice.command(scene.channel, "silent")
    with pytest.raises(NoAnswer):
        await use.message()
    assert use.failed


async def test_a_bare_button_is_refused_with_discords_tree(scene: Scene):
    await scene.alice.command(scene.channel, "bare")
    error = await asyncio.wait_for(scene.bot.failed.get(), 5)
    assert isinstance(error, discord.HTTPException)
    assert (error.status, error.code) == (400, 50035)
    assert 'In data.components.1: Value of field "type" must be one of (1, 9, 10, 12, 13, 14, 17)' in error.text


async def test_suggestions_come_while_typing(scene: Scene):
    choices = await scene.alice.autocomplete(scene.channel, "pick", focused="model", value="deep")
    assert [choice["value"] for choice in choices] == ["deepseek-chat", "deepseek-r1"]
    use = await scene.alice.command(scene.channel, "pick", model="anything")
    assert (await use.message()).content == "anything"


async def test_a_command_of_moderators_is_hidden_from_others(scene: Scene):
    values = {"name": "chat_model", "where": scene.channel}
    with pytest.raises(ClientRefusal, match="not offered"):
        await scene.alice.command(scene.channel, "config set", **values)
    moderator = scene.world.person("mod", guild=scene.guild, permissions=1 << 5)
    use = await moderator.command(scene.channel, "config set", **values)
    assert (await use.message()).content == "chat_model in general"


async def test_text_reaches_the_bot_only_where_it_may_be_read(scene: Scene):
    await scene.alice.say(scene.channel, "a secret")
    assert (await asyncio.wait_for(scene.bot.heard.get(), 5)).content == ""
    await scene.alice.say(scene.alice.dm(), "hello bot")
    assert (await asyncio.wait_for(scene.bot.heard.get(), 5)).content == "hello bot"
    bot = scene.world.application.bot
    secret = await scene.alice.say(scene.channel, "another secret")
    fetched = await scene.bot.get_partial_messageable(scene.channel.id).fetch_message(secret.id)
    assert fetched.content == "", "over REST neither"
    plain = scene.world.create_message(scene.channel, bot, Draft(content="a regular message"))
    use = await scene.alice.command(scene.channel, "pick", model="one")
    answer = await use.message()
    heard = {
        text: await scene.heard_of(await scene.alice.reply_to(message, text))
        for text, message in (
            ("to a message", plain),
            ("to an answer", answer),
            (f"to an answer, {bot.mention}", answer),
            (f"to a secret, {bot.mention}", secret),
        )
    }
    assert [message.content for message in heard.values()] == [
        "to a message",
        "",
        f"to an answer, {bot.mention}",
        f"to a secret, {bot.mention}",
    ]
    replied = heard[f"to a secret, {bot.mention}"].reference
    assert replied is not None
    assert isinstance(replied.resolved, discord.Message)
    assert (replied.message_id, replied.resolved.content) == (secret.id, "")


async def test_the_bot_looks_around(scene: Scene):
    info = await scene.bot.application_info()
    assert info.owner.name == "owner"
    assert (await scene.bot.fetch_channel(scene.channel.id)).id == scene.channel.id
    user = await scene.bot.fetch_user(scene.alice.id)
    sent = await user.send("hi", nonce=77)
    assert sent.id == next(iter(scene.alice.dm().messages))
    scene.alice.user.dms_closed = True
    with pytest.raises(discord.Forbidden) as caught:
        await user.send("again")
    assert caught.value.code == 50007
    channel = scene.bot.get_channel(scene.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.typing()
    assert [message async for message in channel.history()] == []


async def test_a_lost_connection_is_resumed_and_misses_nothing(scene: Scene):
    assert scene.discord.gateway.drop() == 1
    await scene.alice.say(scene.alice.dm(), "while you were away")
    heard = await asyncio.wait_for(scene.bot.heard.get(), 10)
    assert heard.content == "while you were away"
    assert [session.resumed for session in scene.discord.gateway.sessions.values()] == [1]


async def test_op_7_and_op_9_bring_the_bot_back(scene: Scene):
    gateway = scene.discord.gateway
    resumed = asyncio.Event()

    async def on_resumed() -> None:
        resumed.set()

    scene.bot.add_listener(on_resumed, "on_resumed")
    gateway.reconnect()
    await asyncio.wait_for(resumed.wait(), 10)
    assert gateway.identifies == 1
    gateway.invalidate(resumable=False)
    await gateway.wait_ready()
    assert gateway.identifies == 2


async def test_a_wrong_token_is_refused(points_at: Callable[[DiscordServer], None]):
    async with DiscordServer(World()) as server:
        points_at(server)
        async with Bot() as bot:
            with pytest.raises(discord.LoginFailure):
                await bot.login("wrong")


async def test_two_shards_share_the_servers(points_at: Callable[[DiscordServer], None]):
    world = World()
    guilds = [world.guild(f"Guild {number}") for number in range(4)]
    for number, guild in enumerate(guilds):
        world.text_channel(guild, f"channel-{number}")
    async with DiscordServer(world) as server:
        points_at(server)
        bot = Bot(shard_count=2)
        running = asyncio.create_task(bot.start(server.token))
        await server.gateway.wait_ready(2)
        for guild in guilds:
            person = world.person("p", guild=guild)
            channel = next(each for each in guild.channels.values())
            use = await person.command(channel, "pick", model=guild.name)
            assert (await use.message()).content == guild.name
        await bot.close()
        await running
