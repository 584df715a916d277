"""What people read, by key, in their language: gettext catalogues under `locales/`, the locale always explicit.

The `.po` files are the source and what is loaded: Babel compiles one in memory when its language is first needed
(about 10 ms), so no compiled file can fall behind. The message ids are keys such as `video.running`; the texts hold
named facts (`{when}`). A text with plural forms is chosen by the fact `count`; a fact that is a function is asked for
its words in the locale.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from gettext import GNUTranslations
from importlib.resources import files
from io import BytesIO

LOCALES = ("en", "zh_CN")
DEFAULT_LOCALE = "en"


def locale_of(discord_locale: object) -> str:
    """The catalogue for one of Discord's locales (`en-US`, `zh-CN`, `zh-TW`, …): any Chinese reads 简体中文."""
    # Of one that the library does not know it makes an object of a kind of its own, with the value in it.
    name = str(getattr(discord_locale, "value", discord_locale))
    return "zh_CN" if name.lower().startswith("zh") else DEFAULT_LOCALE


def written(locale: str) -> bytes:
    """A catalogue as it stands in its file."""
    return (files("bot") / "locales" / locale / "LC_MESSAGES" / "bot.po").read_bytes()


@cache
def _catalogue(locale: str) -> GNUTranslations:
    # Babel's reader is imported with the first catalogue: 30 ms that the start of the process need not wait for.
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(written(locale)), locale=locale))
    compiled.seek(0)
    return GNUTranslations(compiled)


def load() -> None:
    """Read every language now: the event loop waits for one that is read when it is first needed."""
    for locale in LOCALES:
        _catalogue(locale)


def text(locale: str, key: str, **facts: object) -> str:
    """The sentence `key` in `locale` with `facts` filled in. An unknown locale reads English."""
    said = {name: fact(locale) if callable(fact) else fact for name, fact in facts.items()}
    return template(locale, key, said.get("count")).format_map(said)


def listed(locale: str, parts: Iterable[str]) -> str:
    """Several things one after another."""
    return ("、" if locale.startswith("zh") else ", ").join(parts)


def template(locale: str, key: str, count: object = None) -> str:
    """The sentence as the catalogue has it, with the names of its facts in braces."""
    catalogue = _catalogue(locale if locale in LOCALES else DEFAULT_LOCALE)
    message = catalogue.ngettext(key, key, count) if isinstance(count, int) else key
    return catalogue.gettext(key) if message == key else message
