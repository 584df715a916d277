"""The sandbox in a terminal: one types as a member would, and sees the messages appear and change."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Final

from sandbox.discord.choosing import ClientRefusal
from sandbox.discord.invocation import NO_ANSWER, NoAnswer
from sandbox.discord.render import controls, is_being_made
from sandbox.display import changed
from sandbox.names import mentioned, mentions, places
from sandbox.onekey import help_text
from sandbox.process import BotEnded
from sandbox.terminal.command_lines import Unclear, file_at, parse
from sandbox.terminal.form_lines import Names, chosen, described, offered, target, written
from sandbox.terminal.places import listed, place_named

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Channel, Json, Message
    from sandbox.discord.observers import Change
    from sandbox.discord.people import Person
    from sandbox.display import Display
    from sandbox.stage import Stage

_HELP: Final = """\
  /ask …  /imagine …  /video …  /config …   run a command; options as --count 2, --count=2 or count:2
  press 1          press a button (or: press Reroll)      choose 2 a, b    choose from a menu (choose 2: list options)
  fill 1=text 2=a  fill in the open form                  say text         send a message (with the uploaded file)
  apps 1234 Name   use a message's Apps menu; 1234 is the end of its number (apps: list the newest message's)
  reply text       reply to the newest message, with a ping (reply 1234 text; quietly 1234 text: without)
  edit text        change your newest message                delete           delete it (delete 1234)
  as carol         switch member (as: list members)       in #pictures     go to a channel or thread (in: list; in dm)
  bob in dm: /ask… switch, go there and run it            bob: /ask …      switch and run it here
  lang zh-CN       set your Discord language              upload path      attach a file to the next command or say
  restart          restart the bot                        kill             kill the bot (SIGKILL)
  wait 30          wait for everything to finish          log              show the end of the bot's log
  words            list words that simulate faults        quit             end the sandbox\
"""
_WHO: Final = re.compile(r"(?P<who>\S+?)(?: in (?P<where>\S+))?:\s+(?P<line>.+)", re.DOTALL)
"""`bob: /imagine a fox`, `bob in #pictures: /imagine a fox`."""
_BUTTON: Final = 2
_AT_THE_END: Final = 60.0
"""Seconds that what is under way has to finish, where nobody says otherwise."""


class Terminal:
    """Who is typing where, what was shown, and what each word does."""

    def __init__(self, stage: Stage, display: Display) -> None:
        self.stage = stage
        self.display = display
        self.person: Person = next(iter(stage.scene.people.values()))
        self.channel: Channel = next(iter(stage.scene.channels.values()))
        self._shown: dict[int, list[str]] = {}
        self._numbers: list[tuple[int, str]] = []
        """(message, custom_id) of each button and menu that was shown; the first one is number 1."""
        self.form: Invocation | None = None
        """The form that is open."""
        self._upload: Any = None
        self._words: dict[str, Callable[[str], Awaitable[None]]] = {
            "press": self._press,
            "choose": self._choose,
            "fill": self._fill,
            "apps": self._apps,
            "say": self._say,
            "reply": self._reply,
            "quietly": self._quietly,
            "edit": self._edit,
            "delete": self._delete,
            "as": self._as,
            "in": self._in,
            "lang": self._lang,
            "upload": self._take,
            "restart": self._restart,
            "kill": self._kill,
            "wait": self.wait,
            "log": self._log,
            "words": self._list_words,
            "help": self._help,
        }

    @property
    def place(self) -> str:
        return f"@{self.person.name} {_name(self.channel)}"

    @property
    def places(self) -> list[str]:
        """Where this person can go."""
        return [f"#{each.name}" for each in places(self.stage.guild, self.person)]

    @property
    def words(self) -> list[str]:
        return [*self._words, "quit"]

    async def obey(self, line: str) -> bool:
        """Does what a line says; False for `quit`. What can't be done is said, never raised."""
        if line.strip() in {"quit", "exit"}:
            return False
        try:
            line = await self._turned(line.strip())
            word, _, rest = line.partition(" ")
            if word.startswith("/"):
                await self._command(line)
            elif word in self._words:
                await self._words[word](rest.strip())
            elif word:
                self.display.say("Commands start with a slash. Type `help` for everything else.")
        except (Unclear, ClientRefusal, NoAnswer, BotEnded, OSError) as error:
            # TimeoutError is an OSError
            self.display.say(str(error) or "This took too long.", style="yellow")
        return True

    async def _turned(self, line: str) -> str:
        """Becomes whom a line names, where it says; what is left of it."""
        found = _WHO.fullmatch(line)
        if found is None or found["who"].removeprefix("@") not in self.stage.scene.people:
            return line
        await self._as(found["who"])
        if found["where"]:
            await self._in(found["where"])
        return found["line"]

    # what is seen

    async def watch(self) -> None:
        """Shows every change that this person sees, wherever it happens."""
        async for change in self.stage.world.changes():
            self._show(change)

    def _show(self, change: Change) -> None:
        message = change.message
        if change.kind == "typing" and change.channel is self.channel and change.user is not self.person.user:
            self.display.say(f"{'' if change.user is None else change.user.name} is typing…", style="cyan")
        if change.kind == "interaction" or message is None or message.visible_to not in {None, self.person.id}:
            return
        if message.author is not self.stage.world.application.bot:
            if change.kind == "edited" and message.reactions:
                said = "  ".join(f"{emoji} {len(who)}" for emoji, who in message.reactions.items())
                self.display.say(f"{_name(message.channel)}  message {str(message.id)[-4:]}: {said}", style="cyan")
            return
        where = f"{_name(message.channel)}  message {str(message.id)[-4:]}"
        if change.kind == "deleted":
            self.display.say(f"{where} was deleted", style="cyan")
            return
        lines = self.display.lines(message, locale=self.person.user.locale) + self._buttons(message)
        before = self._shown.get(message.id, [])
        if lines == before:
            return
        self._shown[message.id] = lines
        paths = [str(path) for path in self.display.save(message)]
        heading = f"{where} {'changed' if before else 'appeared'}"
        self.display.show([*changed(before, lines), *paths], heading=heading)

    def _buttons(self, message: Message) -> list[str]:
        """A line that says how to press what can be pressed."""
        named: list[str] = []
        for part in controls(message):
            key = (message.id, str(part["custom_id"]))
            if key not in self._numbers:
                self._numbers.append(key)
            verb = "press" if part["type"] == 2 else "choose"
            emoji: Json = part.get("emoji") or {}
            label = str(part.get("label") or part.get("placeholder") or emoji.get("name") or "")
            named.append(f"{verb} {self._numbers.index(key) + 1} [{label}]")
        return ["   ".join(named)] if named else []

    # what is done

    async def _command(self, line: str) -> None:
        commands = self.person.commands(self.channel)
        names = self._names
        phrase = parse(
            line,
            commands,
            people=names.people,
            channels=names.channels,
            roles=names.roles,
            mentions=mentions(self.stage.guild, self.person),
        )
        if self._upload is not None:
            name = _attachment_option(commands, phrase.name)
            if name is not None and name not in phrase.options:
                phrase.options[name] = self._upload
                self._upload = None
        await self._used(await self.person.command(self.channel, phrase.name, **phrase.options))

    async def _used(self, use: Invocation) -> None:
        try:
            await use.acknowledged()
        except (NoAnswer, TimeoutError):
            self.display.say(NO_ANSWER, style="red")
            return
        if use.modal is not None:
            self.form = use
            self.display.say(f"A form opens: {use.modal['title']}")
            self.display.show(described(use.modal, self._names))
            self.display.say("`fill text`, or `fill 1=text 2=value` for several.")

    def _numbered(self, text: str) -> tuple[Message, str]:
        if not text.isdigit():
            return self._labelled(text)
        number = int(text)
        if not 1 <= number <= len(self._numbers):
            raise Unclear(f"there is no button {text!r}; numbers are shown below the messages")
        message_id, custom_id = self._numbers[number - 1]
        for channel in self.stage.world.channels.values():
            if message_id in channel.messages:
                return channel.messages[message_id], custom_id
        raise Unclear("its message was deleted")

    def _labelled(self, text: str) -> tuple[Message, str]:
        """The button with that on it, on the newest message that has one."""
        for message in reversed(self.person.sees(self.channel)):
            for part in controls(message):
                emoji: Json = part.get("emoji") or {}
                if text in {part.get("label"), emoji.get("name")}:
                    return message, str(part["custom_id"])
        raise Unclear(f"there is no button {text!r} here")

    async def _press(self, text: str) -> None:
        message, custom_id = self._numbered(text)
        await self._used(await self.person.press(message, custom_id=custom_id))

    async def _choose(self, text: str) -> None:
        number, space, values = text.partition(" ")
        message, custom_id = self._numbered(number)
        part = next((each for each in controls(message) if each["custom_id"] == custom_id), None)
        if part is None or part["type"] == _BUTTON:
            raise Unclear("that isn't a menu you can use now")
        if not space and part.get("min_values") != 0:
            raise Unclear(f"options: {offered(part, self._names)}")
        picked = chosen(part, values, self._names)
        await self._used(await self.person.select(message, *picked, custom_id=custom_id))

    async def _fill(self, text: str) -> None:
        form = self.form
        if form is None or form.modal is None:
            raise Unclear("no form is open")
        sent = await self.person.submit(form, written(form.modal, text, self._names))
        self.form = None
        await self._used(sent)

    async def _apps(self, text: str) -> None:
        seen = {message.id: message for message in self.person.sees(self.channel)}
        first, _, rest = text.partition(" ")
        message_id = target(first, list(seen))
        name = text if message_id is None else rest.strip()
        if not seen:
            raise Unclear("there is no message here")
        message = list(seen.values())[-1] if message_id is None else seen[message_id]
        if not name:
            names = ", ".join(self.person.message_commands(message)) or "nothing"
            raise Unclear(f"the menu of message {str(message.id)[-4:]} has {names}")
        await self._used(await self.person.message_command(message, name))

    async def _say(self, text: str) -> None:
        """Writes in the channel; a file that was taken with `upload` goes along."""
        files = [] if self._upload is None else [self._upload]
        message = await self.person.say(self.channel, mentioned(text, mentions(self.stage.guild, self.person)), *files)
        self._upload = None
        self._show_own(message)

    def _show_own(self, message: Message) -> None:
        lines = self.display.lines(message, locale=self.person.user.locale)
        self.display.show(lines, heading=f"{_name(message.channel)}  message {str(message.id)[-4:]} of yours")

    async def _reply(self, text: str, *, ping: bool = True) -> None:
        # As Discord's clients have it.
        to = [one for one in self.person.sees(self.channel) if not (one.system or one.ephemeral)]
        message, words = self._message(text, to)
        words = mentioned(words, mentions(self.stage.guild, self.person))
        self._show_own(await self.person.reply_to(message, words, ping=ping))

    async def _quietly(self, text: str) -> None:
        await self._reply(text, ping=False)

    async def _edit(self, text: str) -> None:
        message, words = self._message(text, self._own)
        await self.person.edit(message, mentioned(words, mentions(self.stage.guild, self.person)))

    async def _delete(self, text: str) -> None:
        own = self._own if not text else self.person.sees(self.channel)
        await self.person.delete(self._message(text, own)[0])

    @property
    def _own(self) -> list[Message]:
        return [each for each in self.person.sees(self.channel) if each.author is self.person.user]

    def _message(self, text: str, among: list[Message]) -> tuple[Message, str]:
        """The message whose number's end a line begins with, else the newest; and the rest of the line."""
        first, _, rest = text.partition(" ")
        if not among:
            raise Unclear("there is no message here")
        message_id = target(first, [each.id for each in among])
        found = next((each for each in among if each.id == message_id), None)
        return (among[-1], text) if found is None else (found, rest.strip())

    async def _as(self, text: str) -> None:
        name = text.removeprefix("@")
        if name not in self.stage.scene.people:
            raise Unclear(f"members: {', '.join(self._who(known) for known in self.stage.scene.people)}")
        self.person = self.stage.person(name)
        self.display.say(f"You are {self._who(name)}.")

    def _who(self, name: str) -> str:
        """A person with their language and roles."""
        person, guild = self.stage.person(name), self.stage.guild
        member = guild.members.get(person.id)
        roles = [] if member is None else [guild.roles[role_id].name for role_id in member.role_ids]
        about = [person.user.locale, *roles, *(["owner"] if person.id == guild.owner_id else [])]
        return f"{name} ({', '.join(about)})"

    @property
    def _names(self) -> Names:
        guild = self.stage.guild
        channels = {str(each.name): each for each in guild.channels.values()}
        roles = {each.name.removeprefix("@"): each for each in guild.roles.values()}
        return Names(self.stage.scene.people, channels, roles)

    async def _in(self, text: str) -> None:
        """Goes to a channel or thread; without a name it lists them."""
        if not text:
            self.display.show(listed(self.stage.guild, self.person))
            return
        self.channel = self.person.dm() if text == "dm" else place_named(self.stage.guild, self.person, text)
        self.display.say(f"You are in {_name(self.channel)}.")

    async def _lang(self, text: str) -> None:
        self.person.user.locale = text or "en-US"
        self.display.say(f"{self.person.name}'s Discord language is now {self.person.user.locale}.")

    async def _take(self, text: str) -> None:
        self._upload = await asyncio.to_thread(file_at, text)
        self.display.say(
            f"{self._upload.filename} will be attached to the next command that takes a file, or to `say`."
        )

    async def _restart(self, text: str) -> None:
        del text
        await self.stage.restart()
        self.display.say(f"The bot is back after {self.stage.ready_seconds:.1f} s.")

    async def _kill(self, text: str) -> None:
        del text
        await self.stage.kill()
        self.display.say("The bot was killed. Type `restart` to start it again.")

    async def wait(self, text: str) -> None:
        """Until no message is growing or waiting, at most so many seconds (60)."""
        seconds = float(text) if text.replace(".", "", 1).isdigit() else _AT_THE_END
        try:
            async with asyncio.timeout(seconds):
                with self.stage.world.observers.subscribe() as changes:
                    while self._busy():
                        await changes.get()
        except TimeoutError:
            self.display.say(f"Still not finished after {seconds:g} s.")
        await asyncio.sleep(0)  # the watcher shows what has just changed

    def _busy(self) -> bool:
        messages = (each for channel in self.stage.world.channels.values() for each in channel.messages.values())
        return any(map(is_being_made, messages))

    async def _log(self, text: str) -> None:
        self.display.show(self.stage.bot.log_end(int(text) if text.isdigit() else 20).splitlines())

    async def _list_words(self, text: str) -> None:
        del text
        self.display.show(help_text().splitlines())

    async def _help(self, text: str) -> None:
        del text
        self.display.show(_HELP.splitlines(), indent="")


def _name(channel: Channel) -> str:
    return f"#{channel.name}" if channel.name else "direct messages"


def _attachment_option(commands: Iterable[Json], name: str) -> str | None:
    """The option of a command that takes a file."""
    for command in commands:
        if command["name"] == name:
            options: list[Json] = command.get("options") or []
            return next((str(option["name"]) for option in options if option["type"] == 11), None)
    return None
