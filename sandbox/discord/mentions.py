"""Whom a message pings: its text against `allowed_mentions` (Discord's "Allowed Mentions Object")."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.discord.errors import form_error

if TYPE_CHECKING:
    from sandbox.discord.models import Json, JsonValue

USER = re.compile(r"<@!?(\d+)>")
ROLE = re.compile(r"<@&(\d+)>")
EVERYONE = re.compile(r"@(everyone|here)\b")
CODE = re.compile(r"```.*?```|``.*?``|`[^`\n]*`", re.DOTALL)
PARSE = ("everyone", "roles", "users")


@dataclass(frozen=True, slots=True)
class Allowed:
    """`users` and `roles`: None lets everyone mentioned be pinged, a set only those in it."""

    users: frozenset[int] | None = None
    roles: frozenset[int] | None = None
    everyone: bool = True
    replied_user: bool = True


def read(form: Json | None) -> Allowed:
    """Read an `allowed_mentions` object; None is Discord's default: whatever stands in the text.

    Raises: DiscordError 50035 on what Discord refuses (unknown parse types, both `parse` and a list, over 100 ids).
    """
    if form is None:
        return Allowed()
    parse: list[JsonValue] = form.get("parse") or []
    for index, kind in enumerate(parse):
        if kind not in PARSE:
            raise form_error(
                ("allowed_mentions", "parse", index), "BASE_TYPE_CHOICES", f"Value must be one of {PARSE}."
            )
    lists: dict[str, frozenset[int] | None] = {}
    for key in ("users", "roles"):
        ids: list[JsonValue] = form.get(key) or []
        if ids and key in parse:
            text = f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.'
            raise form_error(("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text)
        if len(ids) > 100:
            raise form_error(("allowed_mentions", key), "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.")
        lists[key] = None if key in parse else frozenset(int(each) for each in ids)
    return Allowed(
        users=lists["users"],
        roles=lists["roles"],
        everyone="everyone" in parse,
        replied_user=bool(form.get("replied_user", False)),
    )


@dataclass(frozen=True, slots=True)
class Pinged:
    users: tuple[int, ...]
    roles: tuple[int, ...]
    everyone: bool


def find(text: str, allowed: Allowed) -> Pinged:
    """Ids that the text pings. Mentions inside code are text."""
    if "@" not in text:
        return Pinged((), (), everyone=False)
    text = CODE.sub("", text)
    users = tuple(dict.fromkeys(int(found) for found in USER.findall(text)))
    roles = tuple(dict.fromkeys(int(found) for found in ROLE.findall(text)))
    return Pinged(
        users=tuple(each for each in users if allowed.users is None or each in allowed.users),
        roles=tuple(each for each in roles if allowed.roles is None or each in allowed.roles),
        everyone=allowed.everyone and EVERYONE.search(text) is not None,
    )
