"""What Discord makes of components it accepted: every part numbered, attachments turned into addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.discord.components import FILE, Find
from sandbox.discord.models import walk

if TYPE_CHECKING:
    from sandbox.discord.models import Json


def settle(components: list[Json], *, v2: bool, find: Find) -> list[Json]:
    """Checked components as Discord stores them: every part numbered, `attachment://` replaced by addresses."""
    taken = {part["id"] for part in walk(components) if part.get("id")}
    return [_settled(part, _numbers(taken), find) for part in components] if v2 else _numbered(components, taken)


def _numbered(components: list[Json], taken: set[int]) -> list[Json]:
    numbers = _numbers(taken)
    none: Find = lambda _: None  # noqa: E731 (nothing in a legacy message shows an attachment)
    return [_settled(part, numbers, none) for part in components]


def _numbers(taken: set[int]) -> Callable[[], int]:
    last = 0

    def number() -> int:
        nonlocal last
        last += 1
        while last in taken:
            last += 1
        taken.add(last)
        return last

    return number


def _settled(part: Json, number: Callable[[], int], find: Find) -> Json:
    made = dict(part)
    if not made.get("id"):
        made["id"] = number()
    for key in ("media", "file"):
        if key in made:
            made[key] = _media(made[key], find)
    if made["type"] == FILE:
        shown = find(part["file"]["url"].removeprefix("attachment://"))
        if shown is not None:
            made |= {"name": shown.filename, "size": shown.size}
    if "items" in made:
        items: list[Json] = made["items"]
        made["items"] = [{**item, "media": _media(item["media"], find)} for item in items]
    for key in ("accessory", "component"):
        if made.get(key) is not None:
            made[key] = _settled(made[key], number, find)
    if made.get("default_values"):
        defaults: list[Json] = made["default_values"]
        made["default_values"] = [{**default, "id": str(default["id"])} for default in defaults]
    children: list[Json] | None = made.get("components")
    if children is not None:
        made["components"] = [_settled(child, number, find) for child in children]
    return made


def _media(media: Json, find: Find) -> Json:
    url: str = media["url"]
    shown = find(url.removeprefix("attachment://")) if url.startswith("attachment://") else None
    if shown is None:
        return {"url": url, "proxy_url": url, "width": 0, "height": 0, "content_type": "", "loading_state": 2}
    return {
        "url": shown.url,
        "proxy_url": shown.url,
        "width": shown.width or 0,
        "height": shown.height or 0,
        "content_type": shown.content_type,
        "attachment_id": str(shown.id),
        "loading_state": 2,
        "flags": 0,
    }
