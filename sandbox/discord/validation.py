"""What Discord accepts as a message: content, embeds, flags and how they go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sandbox.discord import mentions
from sandbox.discord.components import MessageComponents
from sandbox.discord.errors import FormErrors, empty_message
from sandbox.discord.models import (
    COMPONENTS_V2,
    EPHEMERAL,
    LOADING,
    SUPPRESS_EMBEDS,
    SUPPRESS_NOTIFICATIONS,
    Message,
)
from sandbox.discord.settling import settle
from sandbox.discord.state import Draft

if TYPE_CHECKING:
    from sandbox.discord.errors import Path
    from sandbox.discord.models import Attachment, Json, JsonValue

MAX_CONTENT = 2000
SETTABLE = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2
EMBED_LIMITS = (("title", 256), ("description", 4096))
MAX_EMBEDS = 10
MAX_EMBED_TEXT = 6000


def new_message(
    form: Json, attachments: list[Attachment], *, prefix: Path = (), ephemeral: bool = False, flags: int = SETTABLE
) -> Draft:
    """Check the body of a new message. `prefix`: where it stands in the request; `flags`: which may be set.

    Raises: DiscordError 50035 with the tree of errors, 50006 when nothing is in it.
    """
    wanted = _flags(form) & (flags | (EPHEMERAL if ephemeral else 0))
    v2 = bool(wanted & COMPONENTS_V2)
    errors = FormErrors()
    content = _content(errors, form)
    embeds = _embeds(errors, form, attachments)
    if v2:
        _no_legacy(errors, form, content, embeds)
    components = _components(errors, form, attachments, v2=v2)
    errors.raise_if_any(prefix)
    empty = not components if v2 else not (content.strip() or embeds or components or attachments or form.get("poll"))
    if empty:
        raise empty_message()
    return Draft(
        content=content,
        embeds=embeds,
        components=components,
        attachments=attachments,
        flags=wanted,
        allowed=mentions.read(form.get("allowed_mentions")),
    )


def edited_message(message: Message, form: Json, attachments: list[Attachment], *, prefix: Path = ()) -> Draft:
    """Check an edit against what stands there. `attachments` are those the message will have.

    Components V2 can be switched on (the old content, embeds and attachments must be cleared in the same edit) and
    never off. Raises: as `new_message`.
    """
    flags = message.flags & ~LOADING
    if "flags" in form and form["flags"] is not None:
        # Only these two may be changed by an edit; V2 stays once it is set, the rest is ignored without an error.
        wanted = _flags(form)
        flags = (flags & ~SUPPRESS_EMBEDS) | (wanted & (SUPPRESS_EMBEDS | COMPONENTS_V2))
    v2 = bool(flags & COMPONENTS_V2)
    errors = FormErrors()
    content = _content(errors, form) if "content" in form else message.content
    embeds = _embeds(errors, form, attachments) if "embeds" in form else message.embeds
    if v2:
        _no_legacy(errors, form, content, embeds)
        if not message.v2 and message.attachments and "attachments" not in form:
            _legacy(errors, "attachments")
    if form.get("components") is not None:
        components = _components(errors, form, attachments, v2=v2)
    elif "components" in form:
        components = []
    else:
        components = message.components
    errors.raise_if_any(prefix)
    if not (content.strip() or embeds or components or (attachments and not v2)):
        raise empty_message()
    return Draft(
        content=content,
        embeds=embeds,
        components=components,
        attachments=attachments,
        flags=flags,
        allowed=mentions.read(form.get("allowed_mentions")),
    )


def _flags(form: Json) -> int:
    flags = form.get("flags") or 0
    if isinstance(flags, int) and not isinstance(flags, bool):
        return flags
    errors = FormErrors()
    errors.add(("flags",), "NUMBER_TYPE_COERCE", f'Value "{flags}" is not int.')
    raise errors.error()


def _content(errors: FormErrors, form: Json) -> str:
    content = form.get("content")
    if content is None:
        return ""
    text = str(content)
    errors.length(("content",), text, 0, MAX_CONTENT, required=False)
    return text


def _legacy(errors: FormErrors, name: str) -> None:
    text = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
    errors.add((name,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", text)


def _no_legacy(errors: FormErrors, form: Json, content: str, embeds: list[Json]) -> None:
    if content:
        _legacy(errors, "content")
    if embeds:
        _legacy(errors, "embeds")
    for name in ("poll", "sticker_ids"):
        if form.get(name):
            _legacy(errors, name)


def _components(errors: FormErrors, form: Json, attachments: list[Attachment], *, v2: bool) -> list[Json]:
    given: JsonValue = form.get("components") or []
    if not isinstance(given, list):
        errors.add(("components",), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        return []
    components = cast("list[Json]", given)
    by_name = {each.filename: each for each in attachments}
    before = bool(errors)
    MessageComponents(errors, v2=v2, find=by_name.get).check(components)
    if errors or before:
        return []
    return settle(components, v2=v2, find=by_name.get)


def _embeds(errors: FormErrors, form: Json, attachments: list[Attachment]) -> list[Json]:
    embeds: list[JsonValue] = form.get("embeds") or []
    if not errors.count(("embeds",), len(embeds), 0, MAX_EMBEDS):
        return []
    by_name = {each.filename: each for each in attachments}
    total = 0
    made: list[Json] = []
    for index, embed in enumerate(embeds):
        path: Path = ("embeds", index)
        total += _embed(errors, embed, path)
        made.append(_settled_embed(embed, by_name))
    if total > MAX_EMBED_TEXT:
        text = f"Embed size exceeds maximum size of {MAX_EMBED_TEXT}"
        errors.add(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", text)
    return made


def _embed(errors: FormErrors, embed: Json, path: Path) -> int:
    """Check one embed; its share of the 6000 characters."""
    total = 0
    for key, limit in EMBED_LIMITS:
        value = embed.get(key)
        if value is not None:
            errors.length((*path, key), value, 0, limit, required=False)
            total += len(str(value))
    fields: list[Json] = embed.get("fields") or []
    errors.count((*path, "fields"), len(fields), 0, 25)
    for number, entry in enumerate(fields):
        errors.length((*path, "fields", number, "name"), entry.get("name"), 1, 256)
        errors.length((*path, "fields", number, "value"), entry.get("value"), 1, 1024)
        total += len(str(entry.get("name", ""))) + len(str(entry.get("value", "")))
    for key, inner, limit in (("footer", "text", 2048), ("author", "name", 256)):
        part: Json | None = embed.get(key)
        if part is not None:
            errors.length((*path, key, inner), part.get(inner), 0, limit, required=False)
            total += len(str(part.get(inner, "")))
    return total


def _settled_embed(embed: Json, by_name: dict[str, Attachment]) -> Json:
    made: Json = {**embed, "type": "rich"}
    for key in ("image", "thumbnail"):
        part: Json | None = embed.get(key)
        shown = None if part is None else by_name.get(str(part.get("url")).removeprefix("attachment://"))
        if shown is not None:
            made[key] = {"url": shown.url, "proxy_url": shown.url, "width": shown.width, "height": shown.height}
    return made
