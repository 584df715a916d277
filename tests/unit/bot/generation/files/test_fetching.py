from __future__ import annotations

import asyncio
import gzip
import io
import itertools
import random
import resource
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from PIL import Image

from bot.api.addresses import exact_url
from bot.api.filetypes import content_type_of
from bot.errors import ForbiddenAddress, LinkMayWork, ResultError, ResultTooLarge, ResultUnavailable, WrongType
from bot.generation.files.address_rules import is_public
from bot.generation.files.fetching import ResultFetcher, ResultLimits
from bot.generation.files.on_disk import ResultFile, remove_unfinished
from bot.kinds import Kind
from tests.unit.service import KEY, Drop, Hang, Reply, Service, Stream, serve

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00" + bytes(100)


class Names(AbstractResolver):
    """Name resolution as a stranger's own server would do it: another answer each time, the last for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - the name is the base class's
    ) -> list[ResolveResult]:
        self.asked.append(host)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
            for address in answer
        ]

    async def close(self) -> None:
        pass


@pytest.fixture
async def api() -> AsyncIterator[Service]:
    async with serve(Service()) as running:
        yield running


@pytest.fixture
async def stranger() -> AsyncIterator[Service]:
    async with serve(Service()) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "results" / "7"


@pytest.fixture
async def strict(api: Service) -> AsyncIterator[ResultFetcher]:
    """As on a real server: only the API's own host and port are allowed besides public addresses."""
    async with ResultFetcher(api_base_url=api.base_url, api_key=KEY) as fetcher:
        yield fetcher


@pytest.fixture
async def tiny(api: Service) -> AsyncIterator[ResultFetcher]:
    """Everywhere is allowed, but little."""
    limits = ResultLimits(image_bytes=1000, video_bytes=2000)
    async with ResultFetcher(api_base_url=api.base_url, api_key=KEY, allow_private=True, limits=limits) as fetcher:
        yield fetcher


@pytest.fixture
async def brief(api: Service) -> AsyncIterator[ResultFetcher]:
    """Everywhere is allowed, but briefly."""
    limits = ResultLimits(image_seconds=0.3, video_seconds=0.3)
    async with ResultFetcher(api_base_url=api.base_url, api_key=KEY, allow_private=True, limits=limits) as fetcher:
        yield fetcher


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


async def fetch_image(fetcher: ResultFetcher, url: str, folder: Path) -> ResultFile:
    return await fetcher.fetch(url, kind=Kind.IMAGE, directory=folder, name="0")


# -- what is kept


async def test_a_picture(strict: ResultFetcher, api: Service, folder: Path) -> None:
    api.say(Reply(PNG, content_type="text/plain"))  # the content decides
    file = await fetch_image(strict, f"{api.origin}/a.txt", folder)
    assert file == ResultFile(folder / "0.png", "image/png", len(PNG))
    assert file.path.read_bytes() == PNG
    assert files(folder) == ["0.png"]
    assert api.seen[0].headers["Accept-Encoding"] == "identity"


async def test_a_large_clip_comes_whole(strict: ResultFetcher, api: Service, folder: Path) -> None:
    body = MP4 + bytes(range(256)) * 16 * 1024  # 4 MiB: several writes
    api.say(Stream([body[:10], body[10:60], body[60:1_000_000], body[1_000_000:]], content_type="video/mp4"))
    file = await strict.fetch(f"{api.origin}/a.mp4", kind=Kind.VIDEO, directory=folder, name="clip")
    assert (file.path.name, file.content_type, file.size) == ("clip.mp4", "video/mp4", len(body))
    assert file.path.read_bytes() == body


async def test_a_doubled_path_of_the_api_is_collapsed(strict: ResultFetcher, api: Service, folder: Path) -> None:
    api.say(Reply(PNG))
    await fetch_image(strict, f"{api.origin}/v1/v1/videos/a/content?x=1", folder)
    assert api.paths == ["/v1/videos/a/content?x=1"]


async def test_pictures_that_came_in_the_answer(strict: ResultFetcher, folder: Path) -> None:
    file = await strict.save(PNG, kind=Kind.IMAGE, directory=folder, name="0")
    assert file == ResultFile(folder / "0.png", "image/png", len(PNG))
    assert file.path.read_bytes() == PNG
    assert files(folder) == ["0.png"]


def drawn(form: str, mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (64, 48)).save(file, form)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (drawn("AVIF"), "image/jpeg"),
        (drawn("BMP"), "image/png"),
        (drawn("TIFF"), "image/png"),
        (drawn("TIFF", "CMYK"), "image/png"),
        (drawn("JPEG", "CMYK"), "image/jpeg"),
        (drawn("PNG", "I;16"), "image/png"),
        (drawn("GIF"), "image/gif"),
        (drawn("WEBP"), "image/webp"),
        (drawn("JPEG"), "image/jpeg"),
    ],
)
async def test_pictures_become_such_as_are_shown(
    strict: ResultFetcher, api: Service, folder: Path, data: bytes, content_type: str
) -> None:
    api.say(Reply(data, content_type="application/octet-stream"))
    for file in (
        await strict.save(data, kind=Kind.IMAGE, directory=folder, name="0"),
        await fetch_image(strict, f"{api.origin}/a", folder),
    ):
        assert file.content_type == content_type
        assert (file.size, files(folder)) == (file.path.stat().st_size, [file.path.name])
        with Image.open(file.path) as picture:
            assert picture.get_format_mimetype() == content_type
            assert picture.mode in {"L", "P", "RGB"}


@pytest.mark.parametrize("data", [drawn("AVIF")[:300], drawn("TIFF")[:100]])
async def test_what_can_not_be_converted_is_kept_as_it_is(strict: ResultFetcher, folder: Path, data: bytes) -> None:
    """It was paid for."""
    file = await strict.save(data, kind=Kind.IMAGE, directory=folder, name="0")
    assert file.path.read_bytes() == data
    assert files(folder) == [file.path.name]


@pytest.mark.parametrize("data", [b"", b"<html>", MP4, PNG[:7]])
async def test_pictures_in_the_answer_that_are_none(strict: ResultFetcher, folder: Path, data: bytes) -> None:
    with pytest.raises(WrongType):
        await strict.save(data, kind=Kind.IMAGE, directory=folder, name="0")
    assert files(folder) == []


async def test_a_picture_in_the_answer_that_is_too_large(tiny: ResultFetcher, folder: Path) -> None:
    with pytest.raises(ResultTooLarge):
        await tiny.save(PNG + bytes(1000), kind=Kind.IMAGE, directory=folder, name="0")


@pytest.mark.parametrize("name", ["", "..", "../a", "a/b", ".hidden"])
async def test_names_that_are_paths(strict: ResultFetcher, folder: Path, name: str) -> None:
    with pytest.raises(ValueError, match="file name"):
        await strict.save(PNG, kind=Kind.IMAGE, directory=folder, name=name)


@pytest.mark.parametrize(
    ("head", "content_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"GIF89a....", "image/gif"),
        (b"GIF87a....", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", None),
        (MP4, "video/mp4"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  ", "video/quicktime"),
        (b"\x00\x00\x00\x08wide\x00\x00\x00\x00mdat", "video/quicktime"),
        (b"\x00\x00\x00\x1cftypavif", "image/avif"),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf", "image/avif"),
        (b"BM\x36\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00", "image/bmp"),
        (b"BMW is a car and no picture", None),
        (b"II*\x00\x08\x00\x00\x00", "image/tiff"),
        (b"MM\x00*\x00\x00\x00\x08", "image/tiff"),
        (b"P6\n8 8\n255\n", "image/x-portable-anymap"),
        (b"\x00\x00\x00\x1cftypheic", "image/heic"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
        (b"\0\0\1\0\1\0", "image/x-icon"),
        (b"\0\0\1\xba", None),
        (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm", "video/webm"),
        (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x88matroska", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", None),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_types_by_content(head: bytes, content_type: str | None) -> None:
    assert content_type_of(head) == content_type


# -- where it may be fetched from


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://storage.example/a.png",
        "gopher://x/",
        "data:image/png;base64,AAAA",
        "a.png",
        "",
        "http://",
        "//storage.example/a.png",
        "http://user:pw@storage.example/a.png",
        "http://[::1",
        "http://a:99999/",
        "http://127.0.0.1/",
        "http://127.0.0.1:22/",
        "http://localhost/",
        "http://localhost./",
        "http://[::1]/",
        "http://127.1/",
        "http://0x7f.1/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://127.0.0.1./",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::127.0.0.1]/",
        "http://0.0.0.0/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1%25lo]/",
        "http://[::]/",
        "http://10.0.0.1/",
        "http://192.168.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.100.100.200/",
        "http://１２７.0.0.1/",
        "http://134744072/",
    ],
)
async def test_addresses_that_are_never_called(strict: ResultFetcher, folder: Path, url: str) -> None:
    with pytest.raises(ForbiddenAddress):
        await fetch_image(strict, url, folder)
    assert files(folder) == []


async def test_another_port_of_the_apis_own_host(strict: ResultFetcher, stranger: Service, folder: Path) -> None:
    with pytest.raises(ForbiddenAddress):
        await fetch_image(strict, f"{stranger.origin}/a.png", folder)
    assert stranger.seen == []


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["10.0.0.1"], ["::1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"], ["169.254.169.254"]],
)
async def test_names_with_an_address_that_is_not_public(
    api: Service, stranger: Service, folder: Path, addresses: list[str]
) -> None:
    names = Names(addresses)
    async with ResultFetcher(api_base_url=api.base_url, api_key=KEY, resolver=names) as fetcher:
        url = f"http://storage.example:{stranger.port}/a.png"
        with pytest.raises(ForbiddenAddress):
            await fetch_image(fetcher, url, folder)
        assert is_public(url)  # by its spelling
    assert stranger.seen == []


async def test_a_name_is_resolved_once_for_check_and_call(api: Service, stranger: Service, folder: Path) -> None:
    """A name that is public when it is checked and private when it is called would have to be asked for twice."""
    names = Names(["127.0.0.1"], ["8.8.8.8"])
    async with ResultFetcher(api_base_url=api.base_url, api_key=KEY, resolver=names) as fetcher:
        with pytest.raises(ForbiddenAddress):
            await fetch_image(fetcher, f"http://storage.example:{stranger.port}/a.png", folder)
    assert names.asked == ["storage.example"]
    assert stranger.seen == []


async def test_a_name_without_an_address_may_come_back(api: Service, folder: Path) -> None:
    class NoNames(Names):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            raise OSError(None, f"no address for {host}:{port} in {family!r}")

    async with ResultFetcher(api_base_url=api.base_url, api_key=KEY, resolver=NoNames([])) as fetcher:
        with pytest.raises(ResultUnavailable):
            await fetch_image(fetcher, "https://storage.example/a.png", folder)


async def test_the_apis_own_name_may_be_private(api: Service, folder: Path) -> None:
    api.say(Reply(PNG))
    base_url = f"http://gateway.lan:{api.port}/v1"
    async with ResultFetcher(api_base_url=base_url, api_key=KEY, resolver=Names(["127.0.0.1"])) as fetcher:
        assert (await fetch_image(fetcher, f"http://GATEWAY.lan:{api.port}/a.png", folder)).size == len(PNG)


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:1/a.png",
        "http://2130706433/a.png",
        "http://[::ffff:127.0.0.1]:1/",
        "file:///etc/passwd",
        "http://localhost:1/",
        "http://u:p@storage.example/",
        "//127.0.0.1:1/a.png",
        "http://[::1",
        "HTTP://127.0.0.1:1/",
        "//storage.example@127.0.0.1:1/",
        "http:\\\\127.0.0.1:1\\a.png",
    ],
)
async def test_redirects_into_our_own_network(strict: ResultFetcher, api: Service, folder: Path, location: str) -> None:
    api.say(Reply(b"", status=302, headers={"Location": location}))
    with pytest.raises(ForbiddenAddress):
        await fetch_image(strict, f"{api.origin}/a.png", folder)
    assert files(folder) == []


async def test_redirects_are_followed_five_times(strict: ResultFetcher, api: Service, folder: Path) -> None:
    api.say(*[Reply(b"", status=307, headers={"Location": f"/hop{hop}"}) for hop in range(5)], Reply(PNG))
    assert (await fetch_image(strict, f"{api.origin}/a.png", folder)).size == len(PNG)
    api.say(Reply(b"", status=307, headers={"Location": "/again"}))
    api.seen.clear()
    with pytest.raises(ResultUnavailable, match="redirects"):
        await fetch_image(strict, f"{api.origin}/a.png", folder)
    assert len(api.seen) == 6


EXACT = [
    "/a%2Fb.png?sig=x%3D%3D",
    "/a%2fb%20c+d/%7Ee~f/%E4%B8%AD?X=%27%3A%7E%2B&Y='(z)*!$;,:@",
    "/x/../y/./z//w?a=1&&b=&c",
    "/%2e%2e/a?a=%00%0a",
    "/a?Expires=1&Signature=aB%2Fc%3D&redirect=https://other.example/?x=y/z",
    "?only=query",
]


@pytest.mark.parametrize("rest", EXACT)
async def test_an_address_is_asked_for_as_it_came(strict: ResultFetcher, api: Service, folder: Path, rest: str) -> None:
    api.say(Reply(PNG))
    url = f"{api.origin}{rest}"
    await fetch_image(strict, url, folder)
    assert api.lines[-1].split()[1] == (rest if rest.startswith("/") else f"/{rest}")
    # After a redirect too, absolute and not.
    for location in [url] + [rest] * rest.startswith("/"):
        api.say(Reply(b"", status=302, headers={"Location": location}), Reply(PNG))
        await fetch_image(strict, f"{api.origin}/first", folder)
        assert api.lines[-1].split()[1] == (rest if rest.startswith("/") else f"/{rest}")
    assert str(exact_url(url)).replace("/?", "?") == url.replace("/?", "?")


@pytest.mark.parametrize(
    ("rest", "asked"),
    [
        ("/a b.png", "/a%20b.png"),
        ("/中.png?q=é", "/%E4%B8%AD.png?q=%C3%A9"),
        ("/100%.png", "/100%25.png"),
        ('/a|b^c`{d}"<e>\\f', "/a%7Cb%5Ec%60%7Bd%7D%22%3Ce%3E%5Cf"),
        ("/a\r\nHost: evil\r\n\r\nGET /b", "/a%0D%0AHost:%20evil%0D%0A%0D%0AGET%20/b"),
        ("/a?x=1#fragment", "/a?x=1"),
        ("/a\x00b\x7f", "/a%00b%7F"),
    ],
)
async def test_what_is_illegal_in_an_address_is_escaped(
    strict: ResultFetcher, api: Service, folder: Path, rest: str, asked: str
) -> None:
    api.say(Reply(PNG))
    await fetch_image(strict, f"  {api.origin}{rest}\n", folder)
    assert [line.split()[1] for line in api.lines] == [asked]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/files/a.mp4",
        "/files/a.mp4",
        "/v1/videos/a/contents",
        "/v1/videos/a/b/content",
        "/v1/videos/../content",
        "/v1/videos/%2e%2e/content",
        "/v1/videos/..%2F..%2Faccount/content",
        "/v1/videos/..%5C..%5Caccount/content",
        "/videos/a/content",
        "/v1/account?x=/v1/videos/a/content",
        "/v1/x/../videos/a/content",
    ],
)
async def test_the_key_goes_along_only_for_a_clip_of_the_apis_own(
    strict: ResultFetcher, api: Service, folder: Path, path: str
) -> None:
    api.say(Reply(PNG))
    await fetch_image(strict, f"{api.origin}{path}", folder)
    assert "Authorization" not in api.seen[-1].headers
    for own in ("/v1/videos/a%2Fb%20c/content", "/v1/videos/a/content?variant=video"):
        await fetch_image(strict, f"{api.origin}{own}", folder)
        assert api.seen[-1].headers["Authorization"] == f"Bearer {KEY}"
    # A redirect of the API's own from there is not a stranger's, but it leads elsewhere.
    api.say(Reply(b"", status=302, headers={"Location": path}), Reply(PNG))
    await fetch_image(strict, f"{api.origin}/v1/videos/a/content", folder)
    assert "Authorization" not in api.seen[-1].headers


async def test_the_key_goes_to_the_api_alone(
    tiny: ResultFetcher, api: Service, stranger: Service, folder: Path
) -> None:
    api.say(Reply(b"", status=302, headers={"Location": f"{stranger.origin}/b.png"}))
    stranger.say(Reply(PNG))
    await fetch_image(tiny, f"{api.base_url}/videos/a/content", folder)
    assert api.seen[0].headers["Authorization"] == f"Bearer {KEY}"
    assert "Authorization" not in stranger.seen[0].headers


async def test_a_stranger_can_not_have_the_api_called_with_the_key(
    tiny: ResultFetcher, api: Service, stranger: Service, folder: Path
) -> None:
    stranger.say(Reply(b"", status=302, headers={"Location": f"{api.base_url}/account"}))
    api.say(Reply(PNG))
    await fetch_image(tiny, f"{stranger.origin}/b.png", folder)
    assert "Authorization" not in api.seen[0].headers


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://storage.example/a.mp4?sig=1", True),
        ("http://8.8.8.8/a.mp4", True),
        ("https://user:pw@storage.example/a.mp4", False),
        ("http://127.0.0.1:8000/a.mp4", False),
        ("http://localhost/a.mp4", False),
        ("http://2130706433/a.mp4", False),
        ("http://nas/a.mp4", False),
        ("ftp://storage.example/a.mp4", False),
        ("javascript:alert(1)", False),
        ("https://storage.example\\@127.0.0.1/a.mp4", False),
        ("https://storage.example /a.mp4", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_links_that_may_be_shown(url: str, public: bool) -> None:
    assert is_public(url) is public


async def test_links_on_the_apis_own_host_may_be_shown_too(strict: ResultFetcher, api: Service) -> None:
    assert strict.addresses.may_show("https://storage.example/a.mp4")
    assert strict.addresses.may_show(f"{api.origin}/a.mp4")
    assert not strict.addresses.may_show(f"http://user:pw@127.0.0.1:{api.port}/a.mp4")
    assert not strict.addresses.may_show("http://127.0.0.1:1/a.mp4")
    assert not strict.addresses.may_show("http://[::1")


async def test_with_private_addresses_allowed_their_links_may_be_shown(tiny: ResultFetcher) -> None:
    assert tiny.addresses.may_show("http://127.0.0.1:1/a.mp4")
    assert not tiny.addresses.may_show("file:///etc/passwd")


# -- what comes


async def test_an_endless_body(tiny: ResultFetcher, stranger: Service, folder: Path) -> None:
    stranger.say(Stream([PNG] + [bytes(500)] * 1000, content_type="image/png"))
    with pytest.raises(ResultTooLarge):
        await fetch_image(tiny, f"{stranger.origin}/a.png", folder)
    assert files(folder) == []


async def test_a_body_that_says_that_it_is_too_large(tiny: ResultFetcher, stranger: Service, folder: Path) -> None:
    stranger.say(Reply(PNG + bytes(1000)))
    with pytest.raises(ResultTooLarge, match="announced"):
        await fetch_image(tiny, f"{stranger.origin}/a.png", folder)


async def test_each_kind_has_its_cap(tiny: ResultFetcher, stranger: Service, folder: Path) -> None:
    stranger.say(Reply(MP4 + bytes(1500)))
    assert (await tiny.fetch(f"{stranger.origin}/a", kind=Kind.VIDEO, directory=folder, name="0")).size > 1000


@pytest.mark.parametrize("length", [40, 400])
async def test_a_length_that_is_a_lie(tiny: ResultFetcher, stranger: Service, folder: Path, length: int) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {length}\r\n\r\n".encode()
    stranger.say(Drop(head + PNG))
    with pytest.raises(ResultUnavailable):
        await fetch_image(tiny, f"{stranger.origin}/a.png", folder)
    assert files(folder) == []


async def test_a_body_that_stops(brief: ResultFetcher, stranger: Service, folder: Path) -> None:
    stranger.say(Stream([PNG, asyncio.Event()], content_type="image/png"))
    with pytest.raises(ResultUnavailable, match="time"):
        await fetch_image(brief, f"{stranger.origin}/a.png", folder)
    assert files(folder) == []


async def test_a_service_that_does_not_answer(brief: ResultFetcher, stranger: Service, folder: Path) -> None:
    stranger.say(Hang())
    with pytest.raises(ResultUnavailable, match=r"0\.3 s"):
        await fetch_image(brief, f"{stranger.origin}/a.png", folder)


async def test_a_connection_that_breaks(tiny: ResultFetcher, stranger: Service, folder: Path) -> None:
    stranger.say(Stream([PNG, Drop()], content_type="image/png"))
    with pytest.raises(ResultUnavailable):
        await fetch_image(tiny, f"{stranger.origin}/a.png", folder)
    assert files(folder) == []


async def test_a_connection_that_is_refused(tiny: ResultFetcher, folder: Path) -> None:
    with pytest.raises(ResultUnavailable):
        await fetch_image(tiny, "http://127.0.0.1:1/a.png", folder)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<html>not a picture</html>", "image/png"),
        (MP4, "image/png"),
        (b"", "image/png"),
        (PNG[:7], "image/png"),
        (b'{"error":"no"}', "application/json"),
        (b"<svg/>", "image/svg+xml"),
    ],
)
async def test_what_is_no_picture(
    tiny: ResultFetcher, stranger: Service, folder: Path, body: bytes, content_type: str
) -> None:
    stranger.say(Reply(body, content_type=content_type))
    with pytest.raises(WrongType):
        await fetch_image(tiny, f"{stranger.origin}/a.png", folder)
    assert files(folder) == []


async def test_a_wrong_type_is_known_before_the_whole_has_come(
    tiny: ResultFetcher, stranger: Service, folder: Path
) -> None:
    stranger.say(Stream([b"x" * 100, asyncio.Event()]))
    with pytest.raises(WrongType):
        await fetch_image(tiny, f"{stranger.origin}/a.png", folder)


async def test_a_picture_is_no_clip(tiny: ResultFetcher, stranger: Service, folder: Path) -> None:
    stranger.say(Reply(PNG))
    with pytest.raises(WrongType, match="image/png instead of video"):
        await tiny.fetch(f"{stranger.origin}/a", kind=Kind.VIDEO, directory=folder, name="0")


@pytest.mark.parametrize("headers", [{"Content-Encoding": "gzip"}, {}])
@pytest.mark.parametrize("pieces", [1, 2, 50])
async def test_a_compressed_body_is_unpacked(
    strict: ResultFetcher, api: Service, folder: Path, headers: dict[str, str], pieces: int
) -> None:
    whole = PNG + random.Random(1).randbytes(1_000_000) + bytes(2_000_000)
    packed = gzip.compress(whole)
    at = [0, *(number for number in range(1, pieces)), len(packed)]
    api.say(Stream([packed[a:b] for a, b in itertools.pairwise(at)], headers=headers))
    file = await fetch_image(strict, f"{api.origin}/a.png", folder)
    assert (file.content_type, file.size) == ("image/png", len(whole))
    assert file.path.read_bytes() == whole


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (gzip.compress(PNG + bytes(10_000_000)), ResultTooLarge),
        (gzip.compress(b"<html>"), WrongType),
        (gzip.compress(MP4), WrongType),
        (gzip.compress(PNG)[:-20], ResultUnavailable),
        (gzip.compress(PNG)[:12] + b"x" * 50, WrongType),
        (gzip.compress(b""), WrongType),
        (b"\x1f\x8b\x08", ResultUnavailable),
        (b"\x1f\x8b", WrongType),
    ],
    ids=itertools.count(),  # what gzip makes holds the time
)
async def test_a_compressed_body_that_holds_no_picture(
    tiny: ResultFetcher, stranger: Service, folder: Path, body: bytes, kind: type[ResultError]
) -> None:
    stranger.say(Reply(body, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(kind):
        await fetch_image(tiny, f"{stranger.origin}/a.png", folder)
    assert files(folder) == []


async def test_a_compressed_body_that_breaks_late_is_tried_by_no_other_link(
    strict: ResultFetcher, api: Service, folder: Path
) -> None:
    packed = gzip.compress(PNG + random.Random(1).randbytes(1_000_000))
    api.say(Reply(packed[:-8] + bytes(8)))
    with pytest.raises(LinkMayWork):
        await fetch_image(strict, f"{api.origin}/a.png?x=1&amp;y=2", folder)
    assert len(api.paths) == 1
    assert files(folder) == []


async def test_headers_that_say_nothing_of_the_file(tiny: ResultFetcher, stranger: Service, folder: Path) -> None:
    for headers in (
        {"Content-Encoding": "aws-chunked"},
        {"Content-Encoding": "gzip"},
        {"X-Policy": "a" * 20_000},
        {f"X-Hop-{number}": "a" for number in range(300)},
    ):
        stranger.say(Reply(PNG, headers=headers))
        assert (await fetch_image(tiny, f"{stranger.origin}/a.png", folder)).content_type == "image/png"


async def fetch_content(fetcher: ResultFetcher, api: Service, folder: Path) -> ResultFile:
    return await fetcher.fetch(f"{api.base_url}/videos/a/content", kind=Kind.VIDEO, directory=folder, name="0")


@pytest.mark.parametrize("key", ["url", "video_url", "data"])
async def test_a_link_where_the_clip_should_be(
    tiny: ResultFetcher, api: Service, stranger: Service, folder: Path, key: str
) -> None:
    stranger.say(Reply(MP4))
    for link in (f"{stranger.origin}/a.mp4?sig=%2F", "/files/a.mp4"):
        api.say(Reply({key: link}), Reply(MP4))
        assert (await fetch_content(tiny, api, folder)).content_type == "video/mp4"
    assert stranger.paths == ["/a.mp4?sig=%2F"]
    assert "Authorization" not in stranger.seen[0].headers
    assert api.paths[-1] == "/files/a.mp4"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"error": {"message": "video is not ready"}}, ResultUnavailable),
        ({"status": "processing", "cover_url": "https://x.example/a.png"}, ResultUnavailable),
        (b'{"url": ', ResultUnavailable),
        (b"{" + b" " * 300, ResultUnavailable),
        ({"url": "http://10.0.0.1/a.mp4"}, ForbiddenAddress),
        ({"url": "/v1/videos/a/content"}, WrongType),  # for ever
    ],
)
async def test_json_where_the_clip_should_be(
    strict: ResultFetcher, api: Service, folder: Path, body: object, kind: type[ResultError]
) -> None:
    api.say(Reply(body))
    with pytest.raises(kind):
        await fetch_content(strict, api, folder)
    assert len(api.seen) <= 2
    assert files(folder) == []


async def test_only_the_service_itself_says_where_a_clip_is(
    tiny: ResultFetcher, api: Service, stranger: Service, folder: Path
) -> None:
    stranger.say(Reply({"url": f"{api.origin}/a.mp4"}))
    with pytest.raises(WrongType):
        await tiny.fetch(f"{stranger.origin}/v1/videos/a/content", kind=Kind.VIDEO, directory=folder, name="0")
    assert api.seen == []


@pytest.mark.parametrize("refused", [Reply(b"", status=403), Reply(b"<html>")])
async def test_a_link_out_of_a_page(tiny: ResultFetcher, stranger: Service, folder: Path, refused: Reply) -> None:
    """It is asked for as it came first, and so is one that only looks like that."""
    stranger.say(refused, Reply(PNG))
    await fetch_image(tiny, f"{stranger.origin}/a.png?Expires=1&amp;Signature=b%2F", folder)
    assert stranger.paths == ["/a.png?Expires=1&amp;Signature=b%2F", "/a.png?Expires=1&Signature=b%2F"]
    await fetch_image(tiny, f"{stranger.origin}/a.png?x=1&amp;y", folder)
    assert stranger.paths[2:] == ["/a.png?x=1&amp;y"]


@pytest.mark.parametrize("status", [204, 206, 302, 304, 403, 404, 410, 429, 500, 503])
async def test_other_statuses(tiny: ResultFetcher, stranger: Service, folder: Path, status: int) -> None:
    stranger.say(Reply(b"", status=status))
    with pytest.raises(ResultUnavailable, match=str(status)) as caught:
        await fetch_image(tiny, f"{stranger.origin}/a.png?signature=secret", folder)
    assert "secret" not in str(caught.value)
    assert files(folder) == []


# -- what may happen here


async def test_cancelling_leaves_nothing_behind(strict: ResultFetcher, api: Service, folder: Path) -> None:
    sent = asyncio.Event()
    api.say(Stream([PNG, sent, asyncio.Event()]))
    sent.set()
    task = asyncio.create_task(fetch_image(strict, f"{api.origin}/a.png", folder))
    await asyncio.wait_for(api.asked.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(api.gone.wait(), 5)
    assert files(folder) == []


async def test_a_full_disk_is_an_error_of_ours(strict: ResultFetcher, api: Service, folder: Path) -> None:
    api.say(Reply(MP4 + bytes(4 * 1024 * 1024)))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * 1024 * 1024, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            await strict.fetch(f"{api.origin}/a.mp4", kind=Kind.VIDEO, directory=folder, name="0")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files(folder) == []


async def test_a_folder_that_can_not_be_made_is_an_error_of_ours(
    strict: ResultFetcher, api: Service, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        await fetch_image(strict, f"{api.origin}/a.png", tmp_path / "file" / "7")
    assert api.seen == []


async def test_fetching_again_replaces_the_file(strict: ResultFetcher, api: Service, folder: Path) -> None:
    api.say(Reply(PNG), Reply(PNG + b"new"))
    await fetch_image(strict, f"{api.origin}/a.png", folder)
    file = await fetch_image(strict, f"{api.origin}/a.png", folder)
    assert file.path.read_bytes() == PNG + b"new"
    assert files(folder) == ["0.png"]


def test_what_is_left_of_a_killed_process(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "0.12345678.part").write_bytes(b"half")
    (folder / "0.png").write_bytes(PNG)
    assert remove_unfinished(folder.parent) == 1
    assert files(folder) == ["0.png"]


async def test_it_can_be_closed_and_used_again(strict: ResultFetcher, api: Service, folder: Path) -> None:
    api.say(Reply(PNG))
    await fetch_image(strict, f"{api.origin}/a.png", folder)
    await strict.close()
    assert (await fetch_image(strict, f"{api.origin}/a.png", folder)).size == len(PNG)
