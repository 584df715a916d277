from __future__ import annotations

from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from bot.api.client import OneKeyClient, Timeouts
from bot.api.permits import Permit
from bot.api.rungs import VideoRequest, ratio_of, tier_of
from bot.api.video import VideoStatus
from bot.errors import (
    ApiError,
    BadAnswer,
    ConnectionBroke,
    Declined,
    InvalidRequest,
    KeyRefused,
    ModelNotFound,
    NoAnswer,
    NoSuchRoute,
    NotAnApi,
    RateLimited,
    TaskNotFound,
    Uncertain,
    Unreachable,
)
from tests.unit.service import KEY, Drop, Hang, Reply, Service

REQUEST = VideoRequest("wan2.7-t2v", "a city", "1280*720")
URL = "https://storage.example/v1/v1/video.mp4?sig=1"
INVALID_POST = Reply({"error": {"message": "Invalid URL (POST /v1/video/generations)", "code": ""}}, status=404)
INVALID_GET = Reply({"error": {"message": "Invalid URL (GET /v1/video/generations/a)", "code": ""}}, status=404)
REFUSAL = "task failed, code: DataInspectionFailed, message: …"


# -- submit


WIDE = {"resolution": "1280*720", "size": "1280*720"}
SHAPE = {"resolution": "720P", "ratio": "16:9"}
LINK = "https://x.example/a.png"


def text_to_video(resolution: str | None = "1280*720", duration: int | None = None) -> VideoRequest:
    return VideoRequest("wan2.7-t2v", "a city", resolution, duration)


def image_to_video(image: str = LINK, resolution: str | None = "1280*720") -> VideoRequest:
    return VideoRequest("wan2.7-t2v", "a city", resolution, image=image)


def first(image: str) -> dict[str, Any]:
    return {"media": [{"type": "first_frame", "url": image}]}


RUNGS: list[tuple[VideoRequest, list[dict[str, Any]]]] = [
    (REQUEST, [{**WIDE, "metadata": {"parameters": SHAPE}}, WIDE, {"resolution": "1280*720"}]),
    (text_to_video("1280x720"), [{**WIDE, "metadata": {"parameters": SHAPE}}, WIDE, {"resolution": "1280*720"}]),
    (text_to_video("1280 × 720"), [{**WIDE, "metadata": {"parameters": SHAPE}}, WIDE, {"resolution": "1280*720"}]),
    (text_to_video("1280X720"), [{**WIDE, "metadata": {"parameters": SHAPE}}, WIDE, {"resolution": "1280*720"}]),
    (
        text_to_video("720P"),
        [
            {"resolution": "720P", "size": "720P", "metadata": {"parameters": {"resolution": "720P"}}},
            {"resolution": "720P", "size": "720P"},
            {"resolution": "720P"},
        ],
    ),
    # Of a shape without a name nothing is claimed.
    (text_to_video("700*300"), [{"resolution": "700*300", "size": "700*300"}, {"resolution": "700*300"}]),
    (text_to_video(None), [{}]),
    # Below these rungs a chosen length or picture would be lost.
    (text_to_video(None, 5), [{"duration": 5, "metadata": {"parameters": {"duration": 5}}}, {"duration": 5}]),
    (
        text_to_video(duration=5),
        [
            {**WIDE, "duration": 5, "metadata": {"parameters": {**SHAPE, "duration": 5}}},
            {**WIDE, "duration": 5},
        ],
    ),
    (
        image_to_video(),
        [
            {
                "resolution": "1280*720",
                "size": "720P",
                "image": LINK,
                "images": [LINK],
                "input_reference": LINK,
                "metadata": {"input": first(LINK), "parameters": {"resolution": "720P"}},
            },
            {**WIDE, "image": LINK},
        ],
    ),
    (
        image_to_video(resolution=None),
        [
            {"image": LINK, "images": [LINK], "input_reference": LINK, "metadata": {"input": first(LINK)}},
            {"image": LINK},
        ],
    ),
]


@pytest.mark.parametrize(("request_", "bodies"), RUNGS)
async def test_what_is_sent_in_turn(
    service: Service, client: OneKeyClient, request_: VideoRequest, bodies: list[dict[str, Any]]
) -> None:
    service.say(Reply({"error": {"message": "Unknown parameter"}}, status=400))
    with pytest.raises(InvalidRequest):
        await client.submit_video(request_, Permit())
    assert [seen.body for seen in service.seen] == [
        {"model": "wan2.7-t2v", "prompt": "a city", **one} for one in bodies
    ]
    seen = service.seen[0]
    assert (seen.method, seen.path) == ("POST", "/v1/video/generations")
    assert seen.headers["Authorization"] == f"Bearer {KEY}"


async def test_a_large_picture_is_not_said_four_times(service: Service, client: OneKeyClient) -> None:
    image = "data:image/png;base64," + "A" * 4_000_000
    service.say(Reply({"id": "a"}))
    await client.submit_video(image_to_video(image), Permit())
    assert int(service.seen[0].headers["Content-Length"]) < 2.1 * len(image)
    assert service.seen[0].body["metadata"]["input"] == first(image)


@pytest.mark.parametrize(
    ("resolution", "tier", "ratio"),
    [
        ("1280*720", "720P", "16:9"),
        ("720x1280", "720P", "9:16"),
        ("960*960", "720P", "1:1"),
        ("1088*832", "720P", "4:3"),
        ("832*1088", "720P", "3:4"),
        ("1920*1080", "1080P", "16:9"),
        ("1248*1632", "1080P", "3:4"),
        ("1440*1440", "1080P", "1:1"),
        ("832*480", None, "16:9"),
        ("1080p", "1080P", None),
        ("720", None, None),
        ("2560*1080", None, None),
        (None, None, None),
        ("wide", None, None),
    ],
)
def test_tiers_and_shapes(resolution: str | None, tier: str | None, ratio: str | None) -> None:
    assert (tier_of(resolution), ratio_of(resolution)) == (tier, ratio)


class Notes:
    """A store that outlives a client."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def recall(self, key: str) -> str | None:
        return self.kept.get(key)

    async def note(self, key: str, value: str) -> None:
        self.kept[key] = value


async def test_the_form_that_worked_is_remembered_for_the_model(
    service: Service, session: aiohttp.ClientSession
) -> None:
    notes = Notes()
    refusal = Reply({"error": {"message": "Unknown parameter: metadata"}}, status=422)
    service.say(refusal, Reply({"id": "a"}))
    client = OneKeyClient(session, base_url=service.base_url, api_key=KEY, memory=notes)
    await client.submit_video(REQUEST, Permit())
    client = OneKeyClient(session, base_url=service.base_url, api_key=KEY, memory=notes)  # after a restart
    await client.submit_video(REQUEST, Permit())
    assert ["metadata" in seen.body for seen in service.seen] == [True, False, False]
    await client.submit_video(VideoRequest("other", "a city", "1280*720"), Permit())
    assert "metadata" in service.seen[-1].body
    # The next rung from there, and what is chosen is not dropped because another order had nothing to lose.
    service.say(refusal, Reply({"id": "a"}))
    await client.submit_video(REQUEST, Permit())
    assert service.seen[-1].body == {"model": "wan2.7-t2v", "prompt": "a city", "resolution": "1280*720"}
    await client.submit_video(image_to_video(), Permit())
    assert service.seen[-1].body["image"] == LINK


@pytest.mark.parametrize(
    ("reply", "kind", "tries"),
    [
        (Reply({"error": {"message": "no", "code": "DataInspectionFailed"}}, status=400), Declined, 1),
        (Reply({"error": {"message": "no", "code": "insufficient_user_quota"}}, status=422), ApiError, 1),
        (Reply({"error": {"message": "The model `x` does not exist"}}, status=400), ModelNotFound, 1),
        (Reply({"error": {"message": "no"}}, status=401), KeyRefused, 1),
        (Reply({"error": {"message": "no"}}, status=500), Uncertain, 1),
        (Reply({"error": {"message": "no"}}, status=502), Uncertain, 1),
        (Drop(), Uncertain, 1),
        (Reply({"code": "build_request_failed", "message": "no", "data": None}, status=500), InvalidRequest, 3),
        (Reply({"code": "convert_to_ali_request_failed", "message": "x", "data": None}, status=500), InvalidRequest, 3),
        (Reply({"code": "plugin_request_invalid", "message": "x", "data": None}, status=400), InvalidRequest, 3),
        (Reply({"error": {"message": "size: extra fields not permitted"}}, status=422), InvalidRequest, 3),
    ],
)
async def test_a_lower_rung_only_where_nothing_was_made(
    service: Service, client: OneKeyClient, reply: Reply | Drop, kind: type[ApiError], tries: int
) -> None:
    service.say(reply)
    with pytest.raises(kind):
        await client.submit_video(REQUEST, Permit())
    assert len(service.seen) == tries


async def test_an_unknown_outcome_ends_the_steps_down(service: Service, client: OneKeyClient) -> None:
    service.say(Reply({"error": {"message": "Unknown parameter"}}, status=400), Reply(b"", status=504))
    with pytest.raises(Uncertain):
        await client.submit_video(REQUEST, Permit())
    assert len(service.seen) == 2


@pytest.mark.parametrize(
    ("body", "task_id"),
    [
        ({"id": "148ed382-b7e1", "status": "in_progress", "created_at": 1715865000}, "148ed382-b7e1"),
        ({"id": "task_8f", "task_id": "task_8f", "object": "video", "status": "queued", "progress": 0}, "task_8f"),
        ({"task_id": "t"}, "t"),
        ({"task_id": "t", "status": "queued"}, "t"),
        ({"code": "success", "message": "", "data": {"task_id": "t", "status": "queued"}}, "t"),
        ({"code": "success", "message": "", "data": {"id": 17, "task_id": "t"}}, "t"),
        ({"id": 17, "task_id": "t"}, "t"),
        ({"id": "", "task_id": "t"}, "t"),
        ({"output": {"task_id": "t", "task_status": "PENDING"}, "request_id": "r"}, "t"),
        ({"code": 0, "message": "SUCCEED", "request_id": "r", "data": {"task_id": "t"}}, "t"),
        ({"id": 17}, "17"),
        ({"code": "success", "data": {"id": 17}}, "17"),
        ({"task_id": 17, "id": 3}, "17"),
        ({"id": 17, "data": {"id": 3, "task_id": 9}}, "9"),
        ({"request_id": "r"}, "r"),
        ({"request_id": "r", "id": 17}, "r"),
        ({"data": {"id": "t"}}, "t"),
        ({"data": [{"task_id": "t"}]}, "t"),
        ([{"task_id": "t"}], "t"),
        ({"result": {"taskId": "t"}}, "t"),
    ],
)
async def test_task_ids(service: Service, client: OneKeyClient, body: dict[str, Any], task_id: str) -> None:
    service.say(Reply(body))
    assert (await client.submit_video(REQUEST, Permit())).id == task_id


@pytest.mark.parametrize(
    "body",
    [
        {"status": "queued"},
        {"code": "success", "data": None},
        {},
        b"garbage",
        b"",
        b"[1]",
        b"null",
        {"request_id": "r", "message": "try later"},
        {"id": True},
    ],
)
async def test_accepted_without_an_id_is_uncertain(service: Service, client: OneKeyClient, body: object) -> None:
    service.say(Reply(body))
    with pytest.raises(Uncertain):
        await client.submit_video(REQUEST, Permit())
    assert len(service.seen) == 1


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply({"error": {"message": "x", "code": "DataInspectionFailed"}}), Declined),
        (Reply({"error": {"message": "x", "code": "DataInspectionFailed"}}, status=400), Declined),
        (
            Reply(
                {"code": "fail_to_fetch_task", "message": '{"code":"DataInspectionFailed"}', "data": None}, status=400
            ),
            Declined,
        ),
        (Reply({"code": "fail_to_fetch_task", "message": "InvalidApiKey", "data": None}, status=401), Unreachable),
        (Reply({"code": "fail_to_fetch_task", "message": "boom", "data": None}, status=500), Uncertain),
        (
            Reply({"error": {"message": "No available channel for model X", "code": "model_not_found"}}, status=503),
            ModelNotFound,
        ),
        (Reply({"error": {"message": "Invalid token", "code": ""}}, status=401), KeyRefused),
        (Reply(b"<html>", status=502, content_type="text/html"), Uncertain),
        (Reply(b"", status=503), Uncertain),
        (Reply(b"<html>", content_type="text/html"), NotAnApi),
        (Drop(), ConnectionBroke),
        (Drop(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{"), Uncertain),
    ],
)
async def test_a_failed_submit_is_never_sent_again(
    service: Service, client: OneKeyClient, reply: Reply | Drop, kind: type[ApiError]
) -> None:
    service.say(reply)
    with pytest.raises(kind):
        await client.submit_video(REQUEST, Permit())
    assert len(service.seen) == 1


async def test_no_answer_in_time(service: Service, session: aiohttp.ClientSession) -> None:
    service.say(Hang())
    client = OneKeyClient(session, base_url=service.base_url, api_key=KEY, timeouts=Timeouts(video_submit=0.1))
    with pytest.raises(NoAnswer):
        await client.submit_video(REQUEST, Permit())
    assert len(service.seen) == 1


@pytest.mark.parametrize(
    "missing",
    [
        INVALID_POST,
        Reply({"detail": "Not Found"}, status=404),
        Reply(b"<html>404</html>", status=404, content_type="text/html"),
        Reply(b"404 page not found", status=404, content_type="text/plain"),
        Reply(b"", status=404),
    ],
)
async def test_the_doubled_path_is_tried_once_and_remembered(
    service: Service, client: OneKeyClient, missing: Reply
) -> None:
    service.say(missing, Reply({"id": "a"}))
    await client.submit_video(REQUEST, Permit())
    await client.submit_video(REQUEST, Permit())
    doubled = "/v1/v1/video/generations"
    assert service.paths == ["/v1/video/generations", doubled, doubled]


async def test_the_doubled_path_is_forgotten_when_the_other_works_again(service: Service, client: OneKeyClient) -> None:
    service.say(INVALID_POST, Reply({"id": "a"}), INVALID_POST, Reply({"id": "b"}))
    await client.submit_video(REQUEST, Permit())
    await client.submit_video(REQUEST, Permit())
    await client.submit_video(REQUEST, Permit())
    single, doubled = "/v1/video/generations", "/v1/v1/video/generations"
    assert service.paths == [single, doubled, doubled, single, single]


async def test_neither_path_exists(service: Service, client: OneKeyClient) -> None:
    service.say(INVALID_POST)
    with pytest.raises(NoSuchRoute, match="Invalid URL"):
        await client.submit_video(REQUEST, Permit())
    assert len(service.seen) == 2


# -- poll


def running(progress: float | None = None) -> VideoStatus:
    return VideoStatus("running", None, None, declined=False, progress=progress)


def done(url: str, progress: float | None = None) -> VideoStatus:
    return VideoStatus("succeeded", url, None, declined=False, progress=progress)


def failed(reason: str | None, *, declined: bool = False) -> VideoStatus:
    return VideoStatus("failed", None, reason, declined=declined, progress=None)


def wrapped(**fields: Any) -> dict[str, Any]:
    return {"code": "success", "message": "", "data": fields}


SHAPES: list[tuple[Any, VideoStatus]] = [
    ({"id": "a", "status": "succeeded", "created_at": 1, "video_url": URL}, done(URL)),
    (
        wrapped(
            id=17,
            task_id="a",
            status="SUCCESS",
            fail_reason="",
            result_url=URL,
            progress="100%",
            data={"output": {"task_status": "SUCCEEDED", "video_url": "https://other.example"}, "usage": {}},
        ),
        done(URL, 100.0),
    ),
    (wrapped(status="SUCCESS", data={"output": {"video_url": URL}}), done(URL)),
    (
        wrapped(task_id="a", status="FAILURE", fail_reason=REFUSAL, result_url="task failed, code: …"),
        failed(REFUSAL, declined=True),
    ),
    (wrapped(task_id="a", status="FAILURE", fail_reason="out of memory"), failed("out of memory")),
    (wrapped(task_id="a", status="SUCCESS", fail_reason=URL), done(URL)),
    (wrapped(task_id="a", status="NOT_START", progress="0%"), running(0.0)),
    (
        {
            "code": "success",
            "data": {"error": None, "format": "mp4", "status": "succeeded", "task_id": "a", "url": URL},
        },
        done(URL),
    ),
    ({"code": "success", "data": None}, running()),
    (
        {"id": "a", "object": "video", "status": "completed", "progress": 100, "metadata": {"url": URL}},
        done(URL, 100.0),
    ),
    (wrapped(status="completed", metadata={"url": URL}), done(URL)),
    (
        {
            "id": "a",
            "object": "video",
            "status": "failed",
            "error": {"message": "no", "code": "DataInspectionFailed"},
            "metadata": {"url": ""},
        },
        failed("no", declined=True),
    ),
    ({"id": "a", "status": "failed", "error": {"message": "boom", "code": None}}, failed("boom")),
    ({"id": "a", "status": "failed", "error": "sensitive words"}, failed("sensitive words", declined=True)),
    ({"id": "a", "status": "failed"}, failed(None)),
    ({"task_id": "a", "status": "in-progress"}, running()),
    ({"status": "succeeded", "content": {"video_url": URL}}, done(URL)),
    ({"status": "completed", "url": URL}, done(URL)),
    ({"status": "completed", "result_url": URL}, done(URL)),
    (wrapped(status="succeeded", content={"video_url": URL}), done(URL)),
    (
        {"status": "completed", "url": "ftp://x", "video_url": "", "result_url": None, "metadata": {"url": URL}},
        done(URL),
    ),
    ({"status": "completed", "video_url": URL, "url": "https://other.example"}, done(URL)),
    ({"status": "in_progress", "progress": "30%"}, running(30.0)),
    ({"status": "in_progress", "progress": 20}, running(20.0)),
    ({"status": "in_progress", "progress": "soon"}, running()),
    ({"status": "in_progress", "video_url": URL}, running()),  # a URL counts on success only
    ({"id": "a"}, running()),
    ({}, running()),
    *(({"status": status}, running()) for status in ("unknown", "queued", "not_start", "NOT-START", "???", 3, None)),
    *(({"status": status, "url": URL}, done(URL)) for status in ("succeeded", "SUCCESS", "Completed")),
    *(
        ({"status": status}, failed(None))
        for status in ("failed", "FAILURE", "cancelled", "canceled", "expired", "error")
    ),
]


@pytest.mark.parametrize(("body", "status"), SHAPES)
async def test_polls(service: Service, client: OneKeyClient, body: Any, status: VideoStatus) -> None:
    service.say(Reply(body))
    assert replace(await client.get_video("a"), others=()) == status
    seen = service.seen[0]
    assert (seen.method, seen.path) == ("GET", "/v1/video/generations/a")
    assert seen.headers["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    "body", [{"id": "a", "object": "video", "status": "completed"}, {"status": "completed", "url": "not a URL"}]
)
async def test_success_without_a_url_is_fetched_from_the_service(
    service: Service, client: OneKeyClient, body: dict[str, Any]
) -> None:
    service.say(Reply(body))
    assert (await client.get_video("a/b c")).url == f"{service.base_url}/videos/a%2Fb%20c/content"


async def test_a_doubled_path_on_the_own_host_is_collapsed(service: Service, client: OneKeyClient) -> None:
    service.say(Reply({"status": "completed", "url": f"{service.origin}/v1/v1/videos/a/content"}))
    assert (await client.get_video("a")).url == f"{service.origin}/v1/videos/a/content"


@pytest.mark.parametrize("task_id", ["a/../../users", "a?b=c", "ü", "a%2Fb", "…"])
async def test_ids_are_opaque(service: Service, client: OneKeyClient, task_id: str) -> None:
    service.say(Reply({"status": "queued"}))
    await client.get_video(task_id)
    path = service.paths[0].removeprefix("/v1/video/generations/")
    assert "/" not in path
    assert "?" not in path


@pytest.mark.parametrize("task_id", ["", ".", ".."])
async def test_ids_that_would_be_another_path(client: OneKeyClient, task_id: str) -> None:
    with pytest.raises(TaskNotFound):
        await client.get_video(task_id)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply({"code": "task_not_exist", "message": "task_not_exist", "data": None}, status=400), TaskNotFound),
        (Reply({"code": "task_not_exist", "message": "task_not_exist", "data": None}), TaskNotFound),
        (Reply({"error": {"message": "video not found"}}, status=404), TaskNotFound),
        (Reply(b"<html>", status=404, content_type="text/html"), NotAnApi),
        (Reply({"code": "fail_to_fetch_task", "message": "boom", "data": None}, status=500), Unreachable),
        (Reply({"error": {"message": "boom", "type": "server_error"}}), Unreachable),
        (Reply({"success": False, "message": "no"}), InvalidRequest),
        (Reply(b"", status=429), RateLimited),
        (Reply(b"<html>", status=502, content_type="text/html"), Unreachable),
        (Reply(b"<html>", content_type="text/html"), NotAnApi),
        (Reply(b"garbage"), BadAnswer),
        (Reply(b"[]"), BadAnswer),
        (Drop(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{"), Unreachable),
    ],
)
async def test_a_failed_poll_is_one_try(
    service: Service, client: OneKeyClient, reply: Reply | Drop, kind: type[ApiError]
) -> None:
    service.say(reply)
    with pytest.raises(kind):
        await client.get_video("a")
    assert len(service.seen) == 1


@pytest.mark.parametrize("status", [200, 400, 500])
async def test_a_refusal_instead_of_a_status_is_final(service: Service, client: OneKeyClient, status: int) -> None:
    service.say(Reply({"error": {"message": "no", "code": "DataInspectionFailed"}}, status=status))
    assert await client.get_video("a") == failed("no", declined=True)


async def test_a_busy_service_says_when(service: Service, client: OneKeyClient) -> None:
    service.say(Reply(b"", status=429, headers={"Retry-After": "7"}))
    with pytest.raises(RateLimited) as caught:
        await client.get_video("a")
    assert caught.value.retry_after == 7


async def test_the_doubled_path_for_polls_too(service: Service, client: OneKeyClient) -> None:
    service.say(INVALID_GET, Reply({"status": "queued"}))
    assert await client.get_video("a") == running()
    assert service.paths == ["/v1/video/generations/a", "/v1/v1/video/generations/a"]


async def test_no_poll_answer_in_time(service: Service, session: aiohttp.ClientSession) -> None:
    service.say(Hang())
    client = OneKeyClient(session, base_url=service.base_url, api_key=KEY, timeouts=Timeouts(poll=0.1))
    with pytest.raises(Unreachable):
        await client.get_video("a")


async def test_the_key_is_in_no_reason(service: Service, client: OneKeyClient) -> None:
    service.say(Reply({"status": "failed", "error": {"message": f"Bearer {KEY} was refused"}}))
    assert KEY not in ((await client.get_video("a")).reason or KEY)
