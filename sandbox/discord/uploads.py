"""Reading a request's body, JSON or multipart, and turning its files into a message's attachments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import orjson
from aiohttp import BodyPartReader

from sandbox.discord.errors import DiscordError, form_error, invalid_json, too_large

if TYPE_CHECKING:
    from aiohttp import web

    from sandbox.discord.models import Attachment, Channel, Json, JsonValue
    from sandbox.discord.state import State

FILE_FIELD = re.compile(r"files\[(\d+)\]|file")
UNSAFE = re.compile(r"[^A-Za-z0-9_.\-]")


@dataclass(frozen=True, slots=True)
class UploadedFile:
    filename: str
    data: bytes


@dataclass(slots=True)
class Body:
    """A request's JSON (any JSON value) and its files by the n of `files[n]`. `size` in bytes."""

    json: JsonValue = None
    files: dict[int, UploadedFile] = field(default_factory=dict[int, UploadedFile])
    size: int = 0

    @property
    def form(self) -> Json:
        """The body as an object. Raises: DiscordError 50109 when it is something else."""
        if self.json is None:
            return {}
        if not isinstance(self.json, dict):
            raise invalid_json()
        return cast("Json", self.json)


async def read(request: web.Request, *, limit: int) -> Body:
    """Read a body of up to `limit` bytes.

    A larger one is read to its end and thrown away: a client that is still writing sees the answer, not a reset.
    Raises: DiscordError 40005 (too large), 50109 (no JSON).
    """
    if not request.can_read_body:
        return Body()
    if request.content_type.startswith("multipart/"):
        return await _multipart(request, limit)
    raw = bytearray()
    size = 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size <= limit:
            raw += chunk
    if size > limit:
        raise too_large()
    return Body(json=_json(bytes(raw)) if raw else None, size=size)


async def _multipart(request: web.Request, limit: int) -> Body:
    body = Body()
    reader = await request.multipart()
    fields: Json = {}
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            continue
        data = bytearray()
        while chunk := await part.read_chunk(65536):
            body.size += len(chunk)
            if body.size <= limit:
                data += chunk
        if body.size > limit:
            continue
        name = part.name or ""
        matched = FILE_FIELD.fullmatch(name)
        if name == "payload_json":
            body.json = _json(bytes(data))
        elif matched is not None:
            body.files[int(matched[1] or 0)] = UploadedFile(part.filename or "file", bytes(data))
        else:
            fields[name] = data.decode(errors="replace")
    if body.size > limit:
        raise too_large()
    if body.json is None and fields:
        body.json = fields
    return body


def _json(raw: bytes) -> JsonValue:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise invalid_json() from error


def safe_name(filename: str) -> str:
    """A file's name as Discord stores it: an attachment:// reference must use this one."""
    return UNSAFE.sub("", filename.replace(" ", "_")) or "unknown"


def merged(
    state: State,
    channel: Channel,
    form: Json,
    files: dict[int, UploadedFile],
    *,
    kept: list[Attachment] | None = None,
    ephemeral: bool = False,
) -> list[Attachment]:
    """The attachments a message will have. `kept`: those it has now (an edit), None for a new message.

    On an edit with an `attachments` array only what it lists stays or comes; without one, everything stays and the
    files are added. Raises: DiscordError 40005 for a file over the place's limit, 50035 for an unknown id, 30015 for
    more than ten.
    """
    limit = state.filesize_limit(channel)
    if any(len(file.data) > limit for file in files.values()):
        raise too_large()
    listed: list[Json] | None = form.get("attachments")
    existing = {each.id: each for each in kept or ()}
    made: list[Attachment] = list(existing.values()) if listed is None else []
    used: set[int] = set()
    for position, entry in enumerate(listed or ()):
        entry_id = int(entry.get("id", -1))
        if entry_id in existing:
            made.append(existing[entry_id])
            if "description" in entry:
                existing[entry_id].description = entry["description"]
        elif entry_id in files:
            used.add(entry_id)
            name = str(entry.get("filename") or files[entry_id].filename)
            made.append(_stored(state, channel, files[entry_id], name, entry.get("description"), ephemeral=ephemeral))
        else:
            path = ("attachments", position, "id")
            raise form_error(path, "ATTACHMENT_NOT_FOUND", f"Attachment {entry_id} was not found")
    if listed is None or kept is None:
        for number, file in files.items():
            if number not in used:
                made.append(_stored(state, channel, file, file.filename, None, ephemeral=ephemeral))
    allowed = state.rules.files_per_message
    if len(made) > allowed:
        raise DiscordError(400, 30015, f"Maximum number of attachments in a message reached ({allowed})")
    return made


def _stored(
    state: State, channel: Channel, file: UploadedFile, name: str, description: str | None, *, ephemeral: bool
) -> Attachment:
    return state.attach(channel, safe_name(name), file.data, description=description, ephemeral=ephemeral)
