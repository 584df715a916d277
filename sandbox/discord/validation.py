"""What Discord accepts as a message: content, components, flags and how they go together.

Polls and stickers are refused altogether: nothing here shows them. Of embeds the texts are kept.
"""

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
    _unknown(errors, form, v2=v2)
    if v2 and content:
        _legacy(errors, "content")
    components = _components(errors, form, attachments, v2=v2)
    errors.raise_if_any(prefix)
    embeds: list[Json] = form.get("embeds") or []
    if not components and (v2 or not (content.strip() or attachments or embeds)):
        raise empty_message()
    return Draft(
        content=content,
        components=components,
        attachments=attachments,
        embeds=embeds,
        flags=wanted,
        allowed=mentions.read(form.get("allowed_mentions")),
    )


def edited_message(message: Message, form: Json, attachments: list[Attachment], *, prefix: Path = ()) -> Draft:
    """Check an edit against what stands there. `attachments` are those the message will have.

    Components V2 can be switched on (the old content and attachments must be cleared in the same edit) and
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
    _unknown(errors, form, v2=v2)
    if v2 and content:
        _legacy(errors, "content")
    if v2 and not message.v2 and message.attachments and "attachments" not in form:
        _legacy(errors, "attachments")
    if form.get("components") is not None:
        components = _components(errors, form, attachments, v2=v2)
    elif "components" in form:
        components = []
    else:
        components = message.components
    errors.raise_if_any(prefix)
    embeds: list[Json] = message.embeds if form.get("embeds") is None else form["embeds"]
    if not (content.strip() or components or ((attachments or embeds) and not v2)):
        raise empty_message()
    return Draft(
        content=content,
        components=components,
        attachments=attachments,
        embeds=[] if v2 else embeds,
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


def _unknown(errors: FormErrors, form: Json, *, v2: bool) -> None:
    """What this stand-in does not know, and what a V2 message may not have."""
    for name in ("embeds", "poll", "sticker_ids"):
        if form.get(name) and v2:
            _legacy(errors, name)
        elif form.get(name) and name != "embeds":
            errors.add((name,), "NOT_IN_THE_STAND_IN", f"The stand-in has no {name}.")


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
