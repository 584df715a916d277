"""What the tests of /setup share: its panel, pressed as people press it. Every press is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.discord.models import walk
from tests.e2e.configuring import answer_to, menu, plain
from tests.words import en

if TYPE_CHECKING:
    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Channel, Json, Message
    from sandbox.discord.people import Person


@dataclass
class Panel:
    """One person's panel. `presses`: buttons, menus and sent forms so far."""

    who: Person
    message: Message
    presses: int = 0

    @property
    def text(self) -> str:
        return plain(self.message.text)

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    async def press(self, label: str) -> str:
        """Press a button by what stands on it; what the panel says then."""
        return await self._changed(await self.who.press(self.message, label=label))

    async def choose(self, name: str, *values: object) -> str:
        """Choose in the menu whose custom_id begins so."""
        custom_id = str(menu(self.message, name)["custom_id"])
        return await self._changed(await self.who.select(self.message, *values, custom_id=custom_id))

    async def form(self, label: str) -> tuple[Invocation, dict[str, Json]]:
        """Open a form; its parts by their names."""
        self.presses += 1
        opened = await self.who.press(self.message, label=label)
        return opened, parts_of(await opened.form())

    async def send(self, opened: Invocation, **values: Any) -> str:
        """`on` and `only`: boxes of a command's form."""
        ticked = {name: values.pop(name) for name in ("on", "only") if name in values}
        if ticked:
            boxes = parts_of(await opened.form())["boxes"]
            before = {str(one["value"]): bool(one.get("default")) for one in boxes["options"]}
            values["boxes"] = [name for name, on in (before | ticked).items() if on]
        return await self._changed(await self.who.submit(opened, values))

    async def fill(self, label: str, **values: Any) -> str:
        """Open a form and send it with some of its parts changed."""
        opened, _ = await self.form(label)
        return await self.send(opened, **values)

    async def refused(self, label: str) -> str:
        """Press a button that only answers why not."""
        return await answer_to(await self.who.press(self.message, label=label))

    async def _changed(self, use: Invocation) -> str:
        self.presses += 1
        await use.acknowledged()
        assert use.response is self.message, f"not in its place: {use.text}"
        return self.text


async def set_up(who: Person, at: Channel) -> Panel:
    """Type /setup."""
    use = await who.command(at, "setup")
    message = await use.message()
    assert message.visible_to == who.id
    return Panel(who, message)


async def opened(who: Person, at: Channel) -> Panel:
    """The panel; the presets are passed over where nothing was set yet."""
    panel = await set_up(who, at)
    if en("setup.welcome") in panel.text:
        await panel.press(en("button.set_up_myself"))
        panel.presses = 0
    return panel


def parts_of(form: Json) -> dict[str, Json]:
    """A form's parts by their names."""
    return {str(part["custom_id"]): part for part in walk(tuple(form["components"])) if "custom_id" in part}
