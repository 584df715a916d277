"""A small real discord.py bot that moderates: message menus, settings, panels, forms; what changes around it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands, ui
from discord.ext import commands

from sandbox.discord.choosing import ClientRefusal, Upload
from sandbox.discord.models import Channel, walk
from sandbox.discord.people import Person
from sandbox.discord.permissions import Permission
from sandbox.discord.server import DiscordServer
from sandbox.discord.world import World


class Panel(ui.View):
    def __init__(self, log: int | None = None) -> None:
        super().__init__(timeout=None)
        kinds = [discord.ChannelType.text]
        defaults = [discord.SelectDefaultValue(id=log, type=discord.SelectDefaultValueType.channel)] if log else []
        self.channel: ui.ChannelSelect[Any] = ui.ChannelSelect(
            custom_id="log", channel_types=kinds, default_values=defaults, min_values=0
        )
        self.channel.callback = self.picked
        self.add_item(self.channel)
        self.roles: ui.RoleSelect[Any] = ui.RoleSelect(custom_id="roles", max_values=3)
        self.roles.callback = self.given
        self.add_item(self.roles)
        self.people: ui.UserSelect[Any] = ui.UserSelect(custom_id="people")
        self.people.callback = self.named
        self.add_item(self.people)

    async def picked(self, interaction: discord.Interaction) -> None:
        found = self.channel.values[0] if self.channel.values else None
        text = "no log" if found is None else f"log: {found.name}"
        await interaction.response.edit_message(content=text, view=Panel(None if found is None else found.id))

    async def given(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content=", ".join(role.name for role in self.roles.values))

    async def named(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content=f"{type(self.people.values[0]).__name__}")

    @ui.button(label="Edit", custom_id="edit")
    async def edit(self, interaction: discord.Interaction, _: Any) -> None:
        await interaction.response.send_modal(Form())


class Form(ui.Modal, title="Settings"):
    note: ui.TextDisplay[Any] = ui.TextDisplay("All of them at once.")
    prompt: ui.Label[Any] = ui.Label(
        text="System prompt",
        component=ui.TextInput(
            custom_id="prompt", style=discord.TextStyle.paragraph, max_length=4000, required=False, default="Be brief."
        ),
    )
    model: ui.Label[Any] = ui.Label(
        text="Model",
        component=ui.Select(
            custom_id="model",
            options=[
                discord.SelectOption(label="Deep", value="deepseek", default=True),
                discord.SelectOption(label="Wan"),
            ],
        ),
    )
    roles: ui.Label[Any] = ui.Label(
        text="Roles",
        component=ui.RoleSelect(custom_id="roles", max_values=2, required=False),
    )
    log: ui.Label[Any] = ui.Label(
        text="Log",
        component=ui.ChannelSelect(custom_id="log", required=False, channel_types=[discord.ChannelType.text]),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        parts = [label.component for label in (self.prompt, self.model, self.roles, self.log)]
        assert isinstance(parts[0], ui.TextInput)
        chosen = [
            [str(value) for value in part.values]
            for part in parts[1:]
            if isinstance(part, (ui.Select, ui.RoleSelect, ui.ChannelSelect))
        ]
        await interaction.response.edit_message(content=f"{len(parts[0].value)} {chosen}")


class Bot(commands.Bot):
    def __init__(self) -> None:
        super().__init__(command_prefix=[], intents=discord.Intents(guilds=True, guild_messages=True))
        self.events: asyncio.Queue[str] = asyncio.Queue()
        self.failed: asyncio.Queue[Exception] = asyncio.Queue()

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:
        super().dispatch(event_name, *args, **kwargs)
        if event_name.startswith(
            ("guild_role", "guild_channel", "thread", "raw_thread", "raw_message_delete", "member")
        ):
            self.events.put_nowait(event_name)

    async def heard(self, name: str) -> None:
        """Until this event came."""
        async with asyncio.timeout(5):
            while await self.events.get() != name:
                pass

    async def setup_hook(self) -> None:
        add_commands(self)
        await self.tree.sync()


def add_commands(bot: Bot) -> None:
    tree = bot.tree

    @tree.error
    async def on_error(interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
        del interaction
        bot.failed.put_nowait(getattr(error, "original", error))

    @tree.context_menu(name="Remove It")
    @app_commands.default_permissions(manage_messages=True)
    async def remove(interaction: discord.Interaction, message: discord.Message) -> None:
        metadata = message.interaction_metadata
        by = "nobody" if metadata is None else metadata.user.name
        files = [attachment.filename for attachment in message.attachments]
        await message.delete()
        text = f"{message.content} of {by} with {files} and {len(message.components)} rows"
        await interaction.response.send_message(text, ephemeral=True)

    @tree.context_menu(name="Who?")
    async def who(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(message.author.name)

    @tree.command(description="A panel")
    async def panel(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("settings", view=Panel(), ephemeral=True)

    @tree.command(description="A private file, then nothing")
    async def export(interaction: discord.Interaction) -> None:
        file = discord.File(io.BytesIO(b"chat_model: deepseek\n"), "settings.yaml")
        await interaction.response.send_message("here", file=file, ephemeral=True)
        more = await interaction.followup.send("more", wait=True)
        await more.delete()

    @tree.command(description="Takes its answer away")
    async def gone(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("for a moment")
        await interaction.delete_original_response()

    @tree.command(description="Writes to a log")
    async def log(interaction: discord.Interaction, where: str) -> None:
        await interaction.response.defer(ephemeral=True)
        await bot.get_partial_messageable(int(where)).send("asked")
        await interaction.edit_original_response(content="written")

    @tree.command(description="What one may do here")
    async def may(interaction: discord.Interaction) -> None:
        mine, its = interaction.permissions, interaction.app_permissions
        assert interaction.channel is not None
        nsfw = (
            not isinstance(interaction.channel, (discord.DMChannel, discord.GroupChannel))
            and interaction.channel.is_nsfw()
        )
        await interaction.response.send_message(f"{mine.manage_channels} {its.manage_messages} {nsfw}")

    config = app_commands.Group(name="config", description="Settings")
    roles = app_commands.Group(name="roles", description="Who", parent=config)

    @roles.command(name="allow", description="Allow")
    async def allow(  # noqa: PLR0917 - discord.py calls it by names
        interaction: discord.Interaction,
        role: discord.Role,
        where: discord.TextChannel,
        who: discord.Member,
        days: app_commands.Range[int, 1, 90],
        words: app_commands.Range[str, 1, 10],
        file: discord.Attachment,
    ) -> None:
        data = await file.read()
        text = f"{role.name} {where.name} {who.name} {days} {words} {data.decode()}"
        await interaction.response.send_message(text)

    @config.command(name="set", description="Set")
    async def config_set(
        interaction: discord.Interaction, setting: str, value: str, role: discord.Role | None = None
    ) -> None:
        await interaction.response.send_message(f"{setting}={value} {role}")

    @config_set.autocomplete("value")
    async def values(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        seen = interaction.namespace
        name = f"{seen.setting}/{current}/{type(seen.role).__name__}"
        return [app_commands.Choice(name=name, value=name)]

    tree.add_command(config)


class Scene:
    """A server with a private staff category, a person, a moderator and the running bot."""

    def __init__(self, world: World, server: DiscordServer, bot: Bot) -> None:
        self.world = world
        self.server = server
        self.bot = bot
        self.guild = next(iter(world.guilds.values()))
        self.channel = self.named("general")
        self.alice = world.person("alice", guild=self.guild)
        self.mod = world.person(
            "mod", guild=self.guild, permissions=Permission.MANAGE_MESSAGES | Permission.MANAGE_CHANNELS
        )

    def named(self, name: str) -> Channel:
        return next(each for each in self.world.channels.values() if each.name == name)

    async def said(self, person: Person, channel: Channel, command: str, **options: Any) -> str:
        return (await (await person.command(channel, command, **options)).message()).content

    @property
    def cached(self) -> discord.Guild:
        found = self.bot.get_guild(self.guild.id)
        assert found is not None
        return found


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


async def test_a_moderator_removes_a_message_by_its_menu(scene: Scene):
    card = await (await scene.alice.command(scene.channel, "may")).message()
    assert scene.alice.message_commands(card) == ["Who?"]
    assert scene.mod.message_commands(card) == ["Remove It", "Who?"]
    with pytest.raises(ClientRefusal, match="not offered to alice"):
        await scene.alice.message_command(card, "Remove It")
    use = await scene.mod.message_command(card, "Remove It")
    answer = await use.message()
    assert answer.content == "False False False of alice with [] and 0 rows"
    await scene.bot.heard("raw_message_delete")
    assert card.deleted
    assert scene.alice.sees(scene.channel) == []
    # The answer refers to what the command was used on, and is of the kind for menus.
    assert (answer.type, answer.reference) == (23, card)
    assert answer.interaction is not None
    assert (answer.interaction["target_message_id"], answer.interaction["command_type"]) == (str(card.id), 3)
    assert scene.mod.message_commands(answer) == []
    with pytest.raises(ClientRefusal, match="does not see"):
        await scene.mod.message_command(card, "Who?")


async def test_the_menu_gives_the_bot_a_whole_message_without_the_content_intent(scene: Scene):
    file = Upload("notes.txt", b"hello")
    said = await scene.alice.say(scene.channel, "between us", file)
    use = await scene.mod.message_command(said, "Remove It")
    # Not the bot's own, and it may not manage messages.
    error = await asyncio.wait_for(scene.bot.failed.get(), 5)
    assert isinstance(error, discord.Forbidden)
    assert error.code == 50013
    role = scene.world.role(scene.guild, "cleaners", permissions=Permission.MANAGE_MESSAGES)
    scene.world.give_role(scene.guild, scene.world.application.bot, role)
    use = await scene.mod.message_command(said, "Remove It")
    assert (await use.message()).content == "between us of nobody with ['notes.txt'] and 0 rows"
    async with aiohttp.ClientSession() as session, session.get(said.attachments[0].url) as answer:
        assert answer.status == 404


async def test_options_in_a_group_are_resolved_and_bounded(scene: Scene):
    role = scene.world.role(scene.guild, "artists")
    values: dict[str, Any] = {
        "role": role,
        "where": scene.channel,
        "who": scene.mod,
        "days": 30,
        "words": "fox",
        "file": Upload("in.txt", b"data"),
    }
    said = await scene.said(scene.alice, scene.channel, "config roles allow", **values)
    assert said == "artists general mod 30 fox data"
    category = scene.world.category(scene.guild, "Studio")
    for wrong, why in (
        ({"days": 0}, "takes 1 to 90"),
        ({"words": "x" * 11}, "1 to 10 characters"),
        ({"where": category}, "this kind of channel"),
        ({"role": scene.mod}, "something else"),
    ):
        with pytest.raises(ClientRefusal, match=why):
            await scene.alice.command(scene.channel, "config roles allow", **(values | wrong))


async def test_suggestions_know_the_other_values_unchecked(scene: Scene):
    role = scene.world.role(scene.guild, "artists")
    choices = await scene.alice.autocomplete(
        scene.channel, "config set", focused="value", value="deep", setting="chat_model", role=role
    )
    # Discord resolves nothing here: a role is a bare id.
    assert choices[0]["value"] == "chat_model/deep/Object"


async def test_menus_of_channels_roles_and_persons(scene: Scene):
    role = scene.world.role(scene.guild, "artists")
    thread = scene.world.thread(scene.channel, "plans")
    message = await (await scene.alice.command(scene.channel, "panel")).message()
    use = await scene.alice.select(message, scene.channel, custom_id="log")
    await use.until(lambda each: each.content == "log: general")
    part = next(part for part in walk(message.components) if part.get("custom_id") == "log")
    assert part["default_values"] == [{"id": str(scene.channel.id), "type": "channel"}]
    await (await scene.alice.select(message, custom_id="log")).until(lambda each: each.content == "no log")
    everyone = scene.guild.roles[scene.guild.id]
    use = await scene.alice.select(message, role, everyone, custom_id="roles")
    await use.until(lambda each: each.content == "artists, @everyone")
    assert use.interaction.callback_type == 6
    use = await scene.alice.select(message, scene.mod, custom_id="people")
    await use.until(lambda each: each.content == "Member")
    for wrong, name, why in (
        ((thread,), "log", "this kind of channel"),
        ((scene.mod,), "roles", "something else"),
        ((role, role), "roles", "each value once"),
        ((), "roles", "1 to 3"),
    ):
        with pytest.raises(ClientRefusal, match=why):
            await scene.alice.select(message, *wrong, custom_id=name)


async def test_a_form_from_a_panel_changes_the_panel(scene: Scene):
    role = scene.world.role(scene.guild, "artists")
    message = await (await scene.alice.command(scene.channel, "panel")).message()
    opened = await scene.alice.press(message, label="Edit")
    assert (await opened.form())["title"] == "Settings"
    with pytest.raises(ClientRefusal, match="too long"):
        await scene.alice.submit(opened, {"prompt": "x" * 4001})
    with pytest.raises(ClientRefusal, match="model is required"):
        await scene.alice.submit(opened, {"model": []})
    with pytest.raises(ClientRefusal, match="no GPT"):
        await scene.alice.submit(opened, {"model": "GPT"})
    sent = await scene.alice.submit(opened, {"prompt": "x" * 4000, "roles": [role], "log": scene.channel})
    changed = await sent.until(lambda each: each.content.startswith("4000"))
    assert changed is message
    assert changed.content == "4000 [['deepseek'], ['artists'], ['general']]"
    opened = await scene.alice.press(message, label="Edit")
    await opened.form()
    sent = await scene.alice.submit(opened, {"model": "Wan"})
    await sent.until(lambda each: each.content == "9 [['Wan'], [], []]")


async def test_private_files_and_answers_that_go(scene: Scene):
    use = await scene.alice.command(scene.channel, "export")
    message = await use.until(lambda each: bool(each.attachments))
    assert message.attachments[0].data == b"chat_model: deepseek\n"
    assert scene.mod.sees(scene.channel) == []
    async with aiohttp.ClientSession() as session, session.get(message.attachments[0].url) as answer:
        assert await answer.read() == message.attachments[0].data
    await scene.bot.heard("raw_message_delete")
    assert use.followups[0].deleted
    use = await scene.alice.command(scene.channel, "gone")
    await scene.bot.heard("raw_message_delete")
    assert use.messages == []


@pytest.mark.parametrize(
    ("allow", "deny", "code"), [(0, Permission.VIEW_CHANNEL, 50001), (0, Permission.SEND_MESSAGES, 50013)]
)
async def test_a_log_channel_that_is_closed_to_the_bot(scene: Scene, allow: int, deny: int, code: int):
    log = scene.world.text_channel(scene.guild, "log")
    assert await scene.said(scene.alice, scene.channel, "log", where=str(log.id)) == "written"
    scene.world.overwrite(log, scene.world.application.bot, allow=allow, deny=deny)
    await scene.alice.command(scene.channel, "log", where=str(log.id))
    error = await asyncio.wait_for(scene.bot.failed.get(), 5)
    assert isinstance(error, discord.Forbidden)
    assert error.code == code
    scene.world.overwrite(log, scene.world.application.bot)
    assert await scene.said(scene.alice, scene.channel, "log", where=str(log.id)) == "written"
    scene.world.delete_channel(log)
    await scene.alice.command(scene.channel, "log", where=str(log.id))
    missing = await asyncio.wait_for(scene.bot.failed.get(), 5)
    assert isinstance(missing, discord.NotFound)
    assert missing.code == 10003


async def test_permissions_follow_overwrites_into_threads(scene: Scene):
    world, bot = scene.world, scene.world.application.bot
    night = world.text_channel(scene.guild, "night", nsfw=True)
    thread = world.thread(night, "late", owner=scene.alice.user)
    await scene.bot.heard("thread_create")
    assert await scene.said(scene.alice, thread, "may") == "False False True"
    world.overwrite(night, scene.alice.user, allow=Permission.MANAGE_CHANNELS)
    world.overwrite(night, bot, allow=Permission.MANAGE_MESSAGES)
    assert await scene.said(scene.alice, thread, "may") == "True True True"
    assert scene.alice.permissions(thread) & Permission.MANAGE_CHANNELS
    assert not scene.alice.permissions(scene.channel) & Permission.MANAGE_CHANNELS
    forum = world.forum(scene.guild, "ideas")
    post = await scene.alice.post(forum, "A fox", "Who draws one?")
    await scene.bot.heard("thread_create")
    assert next(iter(post.messages)) == post.id
    assert await scene.said(scene.alice, post, "may") == "False False False"
    with pytest.raises(ClientRefusal, match="may not write in #ideas"):
        await scene.alice.say(forum, "not in a post")
    world.overwrite(forum, scene.alice.user, deny=Permission.SEND_MESSAGES_IN_THREADS)
    with pytest.raises(ClientRefusal, match="may not write in #A fox"):
        await scene.alice.say(post, "more")


async def test_the_bot_hears_of_roles_and_channels_that_change(scene: Scene):
    world, guild, heard = scene.world, scene.guild, scene.bot.heard
    role = world.role(guild, "artists")
    await heard("guild_role_create")
    world.set_permissions(guild, role, Permission.MANAGE_CHANNELS)
    await heard("guild_role_update")
    found = scene.cached.get_role(role.id)
    assert found is not None
    assert found.permissions.manage_channels
    world.give_role(guild, scene.alice.user, role)
    assert scene.alice.permissions(scene.channel) & Permission.MANAGE_CHANNELS
    world.give_role(guild, world.application.bot, role)
    # Of its own roles the bot hears without the members intent, of others' it does not.
    await heard("member_update")
    assert scene.cached.me.guild_permissions.manage_channels
    world.delete_role(guild, role)
    await heard("guild_role_delete")
    assert scene.cached.get_role(role.id) is None
    assert not scene.alice.permissions(scene.channel) & Permission.MANAGE_CHANNELS
    category = world.category(guild, "Studio")
    inside = world.text_channel(guild, "art", category=category)
    loose = world.text_channel(guild, "loose", category=category)
    for _ in range(3):
        await heard("guild_channel_create")
    world.overwrite(loose, scene.alice.user, deny=Permission.SEND_MESSAGES)
    world.overwrite(category, guild.roles[guild.id], deny=Permission.SEND_MESSAGES)
    for _ in range(3):
        await heard("guild_channel_update")
    # The one in sync follows its category.
    assert not scene.mod.permissions(inside) & Permission.SEND_MESSAGES
    assert scene.mod.permissions(loose) & Permission.SEND_MESSAGES
    channel = scene.bot.get_channel(inside.id)
    assert isinstance(channel, discord.TextChannel)
    assert channel.category is not None
    assert channel.category.name == "Studio"
    assert not channel.permissions_for(scene.cached.me).send_messages
    world.delete_channel(category)
    await heard("guild_channel_delete")
    await heard("guild_channel_update")
    assert channel.category is None
    assert inside.parent_id is None


async def test_private_threads_are_seen_by_those_in_them(scene: Scene):
    world, bot = scene.world, scene.world.application.bot
    secret = world.thread(scene.channel, "secret", owner=scene.mod.user, private=True)
    assert scene.alice.permissions(secret) == 0
    with pytest.raises(ClientRefusal, match="not offered"):
        await scene.alice.command(secret, "may")
    world.join_thread(secret, scene.alice.user)
    # Answers go by the interaction; the bot itself is not in the thread.
    assert await scene.said(scene.alice, secret, "may") == "False False False"
    assert scene.cached.get_thread(secret.id) is None
    world.join_thread(secret, bot)
    await scene.bot.heard("thread_join")
    assert scene.cached.get_thread(secret.id) is not None
    world.delete_channel(secret)
    await scene.bot.heard("thread_delete")
    hidden = world.text_channel(scene.guild, "hidden")
    world.overwrite(hidden, bot, deny=Permission.VIEW_CHANNEL)
    thread = world.thread(hidden, "under it")
    world.overwrite(hidden, bot)
    await scene.bot.heard("thread_join")
    assert scene.cached.get_thread(thread.id) is not None
    world.delete_channel(hidden)
    await scene.bot.heard("raw_thread_delete")
    with pytest.raises(ClientRefusal, match="not offered"):
        await scene.alice.command(thread, "may")


async def test_the_bot_looks_things_up(scene: Scene):
    role = scene.world.role(scene.guild, "artists")
    scene.world.give_role(scene.guild, scene.alice.user, role)
    member = await scene.cached.fetch_member(scene.alice.id)
    assert role.id in {each.id for each in member.roles}
    forum = scene.world.forum(scene.guild, "ideas")
    found = await scene.bot.fetch_channel(forum.id)
    assert isinstance(found, discord.ForumChannel)
    with pytest.raises(discord.NotFound):
        await scene.bot.fetch_channel(1)
    with pytest.raises(discord.HTTPException) as caught:
        await scene.bot.get_partial_messageable(forum.id).send("no")
    assert caught.value.code == 50008
    said = await scene.alice.say(scene.alice.dm(), "mine")
    with pytest.raises(discord.Forbidden) as forbidden:
        await scene.bot.get_partial_messageable(said.channel.id).get_partial_message(said.id).delete()
    assert forbidden.value.code == 50003
