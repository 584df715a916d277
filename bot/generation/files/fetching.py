"""Fetching a result's file safely: from a URL that a stranger wrote, into a directory of ours.

What is guarded against: addresses inside our own network (also behind a redirect, an odd spelling or a name that
resolves anew), the key going elsewhere, files without end, and files that are not what they are called.
"""

from __future__ import annotations

import asyncio
import errno
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Self

import aiohttp
from aiohttp.abc import AbstractResolver

from bot.api import clips
from bot.api.addresses import collapse_doubled, exact_url, joined, normalise_base_url
from bot.api.filetypes import HEAD
from bot.api.session import HEADER_LIMIT, MOST_HEADERS
from bot.api.shapes import mapping, read_json
from bot.errors import ForbiddenAddress, LinkMayWork, ResultError, ResultTooLarge, ResultUnavailable, WrongType
from bot.generation.files import on_disk as files
from bot.generation.files.address_rules import AddressRules, CheckedResolver
from bot.generation.files.bodies import Body
from bot.generation.files.filetypes import BY_FFMPEG, EXTENSIONS, checked_type
from bot.generation.files.fit import as_png
from bot.generation.files.on_disk import ResultFile
from bot.image_decoding import convert
from bot.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import TracebackType


_REDIRECTS: Final = 5
_CHUNK: Final = 512 * 1024
_CONVERTED_AT_ONCE: Final = 2
_REDIRECT_STATUS: Final = frozenset({301, 302, 303, 307, 308})
_AS_IN_HTML: Final = "&amp;"
"""As it came is how it may be signed; where that is refused, the link was taken out of a page."""
_TOLD_LIMIT: Final = 64 * 1024


class _Elsewhere(WrongType):
    """An answer that says where the file is."""

    def __init__(self, url: str) -> None:
        super().__init__("a link instead of a file")
        self.url = url


@dataclass(frozen=True, slots=True)
class ResultLimits:
    """Bytes of one file, and seconds for the whole of fetching it, redirects included."""

    image_bytes: int = 32 * 1024 * 1024
    video_bytes: int = 512 * 1024 * 1024
    image_seconds: float = 60.0
    video_seconds: float = 300.0
    connect_seconds: float = 10.0
    silent_seconds: float = 30.0
    """Without an answer, or a further byte of it."""

    def bytes_of(self, kind: Kind) -> int:
        return self.image_bytes if kind == Kind.IMAGE else self.video_bytes

    def seconds_of(self, kind: Kind) -> float:
        return self.image_seconds if kind == Kind.IMAGE else self.video_seconds


class ResultFetcher:
    """Fetches results over connections of its own; an async context manager, or `close()` it.

    Where it may go, and with the key, is `AddressRules`' matter. URLs are asked for byte for byte. `resolver` replaces
    the system's name resolution.
    """

    def __init__(
        self,
        *,
        api_base_url: str,
        api_key: str,
        trusted: Collection[str] = (),
        allow_private: bool = False,
        limits: ResultLimits | None = None,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self.addresses = AddressRules(api_base_url, trusted=trusted, allow_private=allow_private)
        self._base = exact_url(f"{normalise_base_url(api_base_url)}/")
        self._key = api_key.strip()
        self._limits = limits or ResultLimits()
        self._resolver = resolver
        self._converting = asyncio.Semaphore(_CONVERTED_AT_ONCE)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close its connections; a later fetch opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def fetch(self, url: str, *, kind: Kind, directory: Path, name: str) -> ResultFile:
        """Fetch `url` into `directory` (made if need be) as `name` and the extension of its type.

        A picture that Discord does not show as it is becomes one that it shows.

        Raises ForbiddenAddress, ResultTooLarge, WrongType; ResultUnavailable for what may pass (a status other than
        200, a time-out, a broken connection), and as LinkMayWork where the link may work for others all the same. An
        OSError is our own disk's (full, read-only) and not the remote's.
        Nothing is left behind on failure.
        """
        part = files.part_of(directory, name)
        file = files.create(part)  # on the loop: a cancelled thread might create it after we have cleaned up
        try:
            content_type, size = await self._download(url, kind, file)
            path = directory / f"{name}.{EXTENSIONS[content_type]}"
            await asyncio.to_thread(files.complete, file, part, path)
        finally:
            files.discard(file, part)
        return await self._shown(ResultFile(path, content_type, size))

    async def save(self, data: bytes, *, kind: Kind, directory: Path, name: str) -> ResultFile:
        """Keep a file that came inside an answer, under the same rules as `fetch`."""
        content_type = checked_type(data[:HEAD], kind)
        if len(data) > self._limits.bytes_of(kind):
            message = f"{len(data)} bytes"
            raise ResultTooLarge(message)
        path = directory / f"{name}.{EXTENSIONS[content_type]}"
        await asyncio.to_thread(files.write_whole, data, files.part_of(directory, name), path)
        return await self._shown(ResultFile(path, content_type, len(data)))

    async def _shown(self, file: ResultFile) -> ResultFile:
        """The file, or what it is converted to. What can't be read here was paid for, and may be read elsewhere."""
        if not await asyncio.to_thread(files.is_odd, file):
            return file
        async with self._converting:
            made = await (as_png if file.content_type in BY_FFMPEG else convert)(file.path)
        if made is None:
            return file
        return await asyncio.to_thread(files.put_in_place, file, made)

    async def _download(self, url: str, kind: Kind, file: BinaryIO) -> tuple[str, int]:
        """Content type and size of what was written to `file`."""
        deadline = asyncio.get_running_loop().time() + self._limits.seconds_of(kind)
        try:
            return await self._from(url, kind, file, deadline)
        except _Elsewhere as told:
            return await self._from(told.url, kind, file, deadline)
        except (ResultUnavailable, WrongType) as error:
            # Nothing is written yet.
            if _AS_IN_HTML not in url or isinstance(error, LinkMayWork):
                raise
            return await self._from(url.replace(_AS_IN_HTML, "&"), kind, file, deadline)

    async def _from(self, url: str, kind: Kind, file: BinaryIO, deadline: float) -> tuple[str, int]:
        try:
            async with asyncio.timeout_at(deadline):
                response = await self._open(collapse_doubled(url, self.addresses.api))
        except TimeoutError as error:
            message = f"no answer within {self._limits.seconds_of(kind):g} s"
            raise ResultUnavailable(message) from error
        try:
            return await self._receive(response, kind, file, deadline)
        finally:
            response.close()

    async def _receive(
        self, response: aiohttp.ClientResponse, kind: Kind, file: BinaryIO, deadline: float
    ) -> tuple[str, int]:
        limit = self._limits.bytes_of(kind)
        if (response.content_length or 0) > limit:
            message = f"{response.content_length} bytes announced"
            raise ResultTooLarge(message)
        body = Body(response, deadline)
        content_type: str | None = None
        size = 0
        held = bytearray()
        while True:
            try:
                chunk = await body.read()
            except (ResultUnavailable, WrongType) as error:
                if content_type is None:
                    raise
                raise LinkMayWork(str(error)) from error  # some of it is written: no other link is tried
            size += len(chunk)
            if size > limit:
                message = f"more than {limit} bytes"
                raise ResultTooLarge(message)
            held += chunk
            if content_type is None and (len(held) >= HEAD or not chunk):
                if held.lstrip().startswith(b"{") and self.addresses.gets_key(response.url):
                    raise await self._told(held, body)
                content_type = checked_type(bytes(held[:HEAD]), kind)
            if held and content_type is not None and (len(held) >= _CHUNK or not chunk):
                await asyncio.to_thread(file.write, held)
                held = bytearray()
            if not chunk and content_type is not None:
                return content_type, size

    async def _told(self, held: bytearray, body: Body) -> ResultError:
        """What is to be made of JSON where the service keeps a task's clip: where it is, or why not there yet."""
        while len(held) < _TOLD_LIMIT and (chunk := await body.read()):
            held += chunk
        try:
            document = mapping(read_json(bytes(held[:_TOLD_LIMIT])))
        except ValueError:
            document = {}
        clip = clips.find(document, base=self._base)
        return _Elsewhere(clip.links[0]) if clip.likely and clip.links else ResultUnavailable("JSON instead of a clip")

    async def _open(self, url: str) -> aiohttp.ClientResponse:
        """A 200 answer, redirects followed by hand so that each address is checked and none gets our key by chance."""
        own = True  # a stranger's redirect to the API's own host is not called with the key
        for _ in range(_REDIRECTS + 1):
            target = self.addresses.checked(url)
            own = own and self.addresses.gets_key(target)
            headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
            if own:
                headers["Authorization"] = f"Bearer {self._key}"
            try:
                response = await self._connections().get(target, headers=headers, allow_redirects=False)
            except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
                message = "no usable address"
                raise ForbiddenAddress(message) from error
            except (aiohttp.ClientError, OSError) as error:
                if isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ClientError):
                    raise  # the time for the whole is over
                message = f"{target.origin()}: {type(error).__name__}"
                raise (LinkMayWork if _no_way_there(error) else ResultUnavailable)(message) from error
            if response.status == 200:
                return response
            response.close()
            location = response.headers.get("Location")
            if response.status not in _REDIRECT_STATUS or not location:
                message = f"{target.origin()}: HTTP {response.status}"
                raise ResultUnavailable(message)
            url = joined(target, location)
        message = f"more than {_REDIRECTS} redirects"
        raise ResultUnavailable(message)

    def _connections(self) -> aiohttp.ClientSession:
        if self._session is None:
            resolver = CheckedResolver(self._resolver or aiohttp.ThreadedResolver(), self.addresses.permits)
            connector = aiohttp.TCPConnector(
                limit=32,
                resolver=resolver,
                use_dns_cache=False,  # what was checked is what is connected to, each time
                keepalive_timeout=5,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=self._limits.connect_seconds, sock_read=self._limits.silent_seconds
                ),
                auto_decompress=False,
                trust_env=False,
                max_field_size=HEADER_LIMIT,
                max_line_size=HEADER_LIMIT,
                max_headers=MOST_HEADERS,
                headers={"User-Agent": "onekey-bot"},
            )
        return self._session


def _no_way_there(error: Exception) -> bool:
    """Whether it is this machine that knows no way to the host; what was refused there was tried."""
    unreachable = {errno.ENETUNREACH, errno.EHOSTUNREACH}
    return isinstance(error, aiohttp.ClientConnectorDNSError) or getattr(error, "errno", None) in unreachable
