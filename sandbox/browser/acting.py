"""What a person does in their window: says, commands, presses, chooses, fills in, dismisses.

Every answer is JSON: {} when it was taken, `form` when one opens, `refused` for what Discord's client does not let
them do, `failed` when the bot did not answer in time.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from aiohttp import BodyPartReader, web

from sandbox.browser import entities, options
from sandbox.browser.drawing import marked
from sandbox.browser.entities import offered
from sandbox.browser.windows import path_to
from sandbox.browser.words import LANGUAGES, words
from sandbox.discord.choosing import ClientRefusal, Upload
from sandbox.discord.invocation import NoAnswer
from sandbox.discord.models import walk
from sandbox.discord.render import size_text
from sandbox.names import mentioned, mentions

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from sandbox.browser.drawing import Drawing
    from sandbox.browser.windows import Window
    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Json

_FORMS: Final = 50
"""Forms that stay open; of more the oldest are forgotten."""
_CHECKBOX, _CHECKBOXES, _FILES = 23, 22, 19
_MENUS: Final = (3, 5, 6, 7, 8)


class Acting:
    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._forms: OrderedDict[str, Invocation] = OrderedDict()

    async def say(self, request: web.Request, window: Window) -> Any:  # noqa: ANN401 - JSON
        sent = await _read(request, window)
        text = sent.text("text")
        if window.guild is not None:
            text = mentioned(text, mentions(window.guild, window.person))
        if sent.text("reply"):
            await window.person.reply_to(window.message(sent.text("reply")), text, *sent.files("files"))
        elif text.strip() or sent.files("files"):
            await window.person.say(window.channel, text, *sent.files("files"))
        return {}

    async def command(self, request: web.Request, window: Window) -> Any:  # noqa: ANN401 - JSON
        sent = await _read(request, window)
        name = sent.text("command")
        given, files = sent.under("option.")
        use = window.person.command(window.channel, name, **options.values(window, name, given, files))
        return await self._used(window, use)

    async def suggest(self, request: web.Request, window: Window) -> Any:  # noqa: ANN401 - JSON
        """What the bot suggests for a value that is being typed."""
        sent = await _read(request, window)
        name, focused = sent.text("command"), sent.text("focused")
        given, _ = sent.under("option.")
        value = given.pop(focused, "")
        try:
            others = options.values(window, name, given, {})
            found = await window.person.autocomplete(window.channel, name, focused=focused, value=value, options=others)
        except (NoAnswer, TimeoutError):
            return {"failed": True}
        return {"choices": [{"name": str(each["name"]), "value": str(each["value"])} for each in found]}

    async def press(self, request: web.Request, window: Window) -> Any:  # noqa: ANN401 - JSON
        sent = await _read(request, window)
        message = window.message(sent.text("message"))
        return await self._used(window, window.person.press(message, custom_id=sent.text("custom_id")))

    async def choose(self, request: web.Request, window: Window) -> Any:  # noqa: ANN401 - JSON
        sent = await _read(request, window)
        message, custom_id = window.message(sent.text("message")), sent.text("custom_id")
        part = next((each for each in walk(message.components) if each.get("custom_id") == custom_id), {"type": 3})
        picked = _picked(window, part, sent.texts("value"))
        return await self._used(window, window.person.select(message, *picked, custom_id=custom_id))

    async def apps(self, request: web.Request, window: Window) -> Any:  # noqa: ANN401 - JSON
        """Uses a command of a message's menu; without a name it lists them."""
        sent = await _read(request, window)
        message = window.message(sent.text("message"))
        if not sent.text("command"):
            return {
                "commands": window.person.message_commands(message),
                "deletable": window.person.may_delete(message),
            }
        return await self._used(window, window.person.message_command(message, sent.text("command")))

    async def submit(self, request: web.Request, window: Window) -> Any:  # noqa: ANN401 - JSON
        sent = await _read(request, window)
        opened = self._forms.get(sent.text("use"))
        if opened is None or opened.modal is None or opened.interaction.user is not window.person.user:
            msg = "This form is no longer open."
            raise ClientRefusal(msg)
        values: dict[str, Any] = {}
        for part in walk(opened.modal["components"]):
            if "custom_id" in part:
                values[part["custom_id"]] = _filled(window, part, sent)
        made = await self._used(window, window.person.submit(opened, values))
        if not made.get("failed"):
            self._forms.pop(sent.text("use"), None)
        return made

    async def delete(self, request: web.Request, window: Window) -> Any:  # noqa: ANN401 - JSON
        sent = await _read(request, window)
        await window.person.delete(window.message(sent.text("message")))
        return {}

    async def language(self, request: web.Request, window: Window) -> Any:  # noqa: ANN401 - JSON
        """Sets the language of this person's Discord."""
        sent = await _read(request, window)
        if (chosen := sent.text("locale")) in LANGUAGES:
            window.person.user.locale = chosen
        return {}

    async def thread(self, request: web.Request, window: Window) -> Any:  # noqa: ANN401 - JSON
        sent = await _read(request, window)
        made = await window.person.start_thread(window.message(sent.text("message")), sent.text("name"))
        return {"to": path_to(window.name, made)}

    async def post(self, request: web.Request, window: Window) -> Any:  # noqa: ANN401 - JSON
        sent = await _read(request, window)
        made = await window.person.post(window.channel, sent.text("title"), sent.text("text"), *sent.files("files"))
        return {"to": path_to(window.name, made)}

    def keep(self, use: Invocation) -> str:
        """Keeps a form until it is sent; the key that it is sent with."""
        key = str(use.interaction.id)
        self._forms[key] = use
        while len(self._forms) > _FORMS:
            self._forms.popitem(last=False)
        return key

    def form(self, window: Window, key: str) -> dict[str, str] | None:
        """An open form of this person as the page shows it."""
        use = self._forms.get(key)
        if use is None or use.interaction.user is not window.person.user:
            return None
        html = self._drawing.html(
            "form.html", window, modal=use.modal, md=partial(marked, window), offered=partial(offered, window)
        )
        return {"use": key, "html": html}

    async def _used(self, window: Window, acted: Awaitable[Invocation]) -> dict[str, Any]:
        use = await acted
        try:
            await use.acknowledged()
        except (NoAnswer, TimeoutError):
            return {"failed": words(window.locale)["failed"]}
        return {"form": self.form(window, self.keep(use))} if use.modal is not None else {}


class _Sent:
    """Fields and files of a request."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {}
        self._files: dict[str, list[Upload]] = {}

    def add(self, name: str, value: str | Upload) -> None:
        if isinstance(value, str):
            self._texts.setdefault(name, []).append(value)
        else:
            self._files.setdefault(name, []).append(value)

    def text(self, name: str) -> str:
        return self._texts.get(name, [""])[0]

    def texts(self, name: str) -> list[str]:
        return self._texts.get(name, [])

    def files(self, name: str) -> list[Upload]:
        return self._files.get(name, [])

    def under(self, prefix: str) -> tuple[dict[str, str], dict[str, Upload]]:
        """The texts and files whose names begin so, by the rest of it."""
        texts = {name.removeprefix(prefix): each[0] for name, each in self._texts.items() if name.startswith(prefix)}
        files = {name.removeprefix(prefix): each[0] for name, each in self._files.items() if name.startswith(prefix)}
        return texts, files


async def _read(request: web.Request, window: Window) -> _Sent:
    """A form's fields and files.

    Raises:
        ClientRefusal: a file is larger than this place allows.
    """
    limit = window.stage.world.filesize_limit(window.channel)
    sent = _Sent()
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            continue
        data = await part.read()
        if part.filename is None:
            sent.add(part.name or "", data.decode(errors="replace"))
            continue
        if len(data) > limit:
            sentence = words(window.locale)["files_too_large"]
            raise ClientRefusal(sentence.format(limit=size_text(limit)))
        sent.add(part.name or "", Upload(part.filename, bytes(data)))
    return sent


def _picked(window: Window, part: Json, given: list[str]) -> list[Any]:
    return given if part["type"] == 3 else [entities.entity(window, each) for each in given]


def _filled(window: Window, part: Json, sent: _Sent) -> Any:  # noqa: ANN401 - a field's kind decides
    """What stands in a field of a form."""
    kind, name = part["type"], f"field.{part['custom_id']}"
    if kind == _FILES:
        return sent.files(name)
    if kind in _MENUS:
        return _picked(window, part, sent.texts(name))
    if kind == _CHECKBOX:
        return bool(sent.texts(name))
    given = sent.texts(name)
    if kind == _CHECKBOXES:
        return given
    return cast("Any", given[0] if given else "") if kind == 4 else given
