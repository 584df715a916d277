"""Templates and what they all may use. Everything that is not made here is text to them, never HTML."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

from jinja2 import ChainableUndefined, Environment, PackageLoader
from markupsafe import Markup

from sandbox.browser import markdown
from sandbox.browser.words import LANGUAGES, words
from sandbox.discord.render import size_text

if TYPE_CHECKING:
    from sandbox.browser.windows import Window
    from sandbox.discord.models import Attachment, User

_AVATARS: Final = 8
"""Colours of avatars, in style.css."""


class Drawing:
    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("sandbox.browser"),
            autoescape=True,
            undefined=ChainableUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        helpers: dict[str, Any] = {
            "colour": colour,
            "initials": initials,
            "size_text": size_text,
            "file_path": file_path,
            "languages": LANGUAGES,
        }
        cast("dict[str, Any]", self._templates.globals).update(helpers)

    def html(self, template: str, window: Window, **facts: Any) -> str:  # noqa: ANN401 - each template has its own
        """A template with what a window always knows: `window`, its client's words `w`, its language."""
        return self._templates.get_template(template).render(
            window=window, w=words(window.locale), locale=window.locale, **facts
        )


def colour(user: User) -> int:
    """The colour of somebody's avatar: the same in every sandbox."""
    return hashlib.blake2s(user.name.encode()).digest()[1] % _AVATARS


def initials(name: str) -> str:
    """What stands in a round of colour: "OL" of "OneKey Lab", "A" of "alice"."""
    return "".join(word[0] for word in name.split()[:2]).upper()


def file_path(attachment: Attachment) -> str:
    """Where the page itself serves a file: nothing is fetched from elsewhere."""
    return f"/files/{attachment.id}/{attachment.filename}"


def local(moment: datetime) -> datetime:
    """A moment in this machine's time, which is the browser's too."""
    return moment.astimezone()


def marked(window: Window, text: str) -> Markup:
    """Somebody's text as Discord shows it to this person."""
    html = markdown.html(text, name_of=window.name_of, locale=window.locale)
    return Markup(html)  # noqa: S704 - made of nothing but tags of its own (sandbox/browser/markdown.py)
