from __future__ import annotations

import base64
import time
from dataclasses import replace
from typing import Any

import aiohttp
import orjson
import pytest

from bot.api.client import OneKeyClient, Timeouts
from bot.api.permits import Permit
from bot.api.rungs import Part, VideoRequest, ratio_of, tier_of
from bot.api.video import VideoStatus, VideoTask
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
    WouldDrop,
)
from tests.unit.service import KEY, Drop, Hang, Reply, Service

REQUEST = VideoRequest("wan2.7-t2v", "a city", "1280*720")
URL = "https://storage.example/v1/v1/video.mp4?sig=1"
INVALID_POST = Reply({"error": {"message": "Invalid URL (POST /v1/video/generations)", "code": ""}}, status=404)
INVALID_GET = Reply({"error": {"message": "Invalid URL (GET /v1/video/generations/a)", "code": ""}}, status=404)
REFUSAL = "task failed, code: DataInspectionFailed, message: …"


MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00" + bytes(100)


# -- submit


LINK = "https://x.example/a.png"
LAST = "https://x.example/b.png"
SOUND = "https://x.example/a.mp3"
CLIP = "https://x.example/a.mp4"
OF_WORDS, OF_IMAGES = "wan2.7-t2v", "wan2.7-i2v"


def text_to_video(resolution: str | None = "1280*720", duration: int | None = None, **more: Any) -> VideoRequest:
    return VideoRequest(OF_WORDS, "a city", resolution, duration, **more)


def image_to_video(image: str | None = LINK, resolution: str | None = "1280*720", **more: Any) -> VideoRequest:
    return VideoRequest(OF_IMAGES, "a city", resolution, image=image, **more)


HEAD = '{"model":"wan2.7-t2v","prompt":"a city",'
OF_IMAGE = '{"model":"wan2.7-i2v","prompt":"a city",'
WIDE = '"resolution":"1280*720","size":"1280*720"'
WATERMARK = '"watermark":false'
USUAL = [
    HEAD + WIDE + ',"metadata":{"parameters":{"resolution":"720P","ratio":"16:9",' + WATERMARK + "}}}",
    HEAD + WIDE + "}",
    HEAD + '"resolution":"1280*720"}',
]
FIRST = '{"type":"first_frame","url":"https://x.example/a.png"}'
RUNGS: list[tuple[VideoRequest, list[str]]] = [
    (REQUEST, USUAL),
    (text_to_video("1280x720"), USUAL),
    (text_to_video("1280 × 720"), USUAL),
    (text_to_video("1280X720"), USUAL),
    (
        text_to_video("720P"),
        [
            HEAD
            + '"resolution":"720P","size":"720P","metadata":{"parameters":{"resolution":"720P",'
            + WATERMARK
            + "}}}",
            HEAD + '"resolution":"720P","size":"720P"}',
            HEAD + '"resolution":"720P"}',
        ],
    ),
    # What has no name of its own is made as the nearest that has, not as the dearest.
    (
        text_to_video("300*700"),
        [
            HEAD
            + '"resolution":"300*700","size":"300*700","metadata":{"parameters":{"resolution":"720P","ratio":"9:16",'
            + WATERMARK
            + "}}}",
            HEAD + '"resolution":"300*700","size":"300*700"}',
            HEAD + '"resolution":"300*700"}',
        ],
    ),
    # Below these rungs a chosen length, image or word would be lost.
    (
        text_to_video("720*1280", 5, seed=7, avoid="text", sound=SOUND),
        [
            HEAD
            + '"resolution":"720*1280","size":"720*1280","duration":5,"metadata":{"input":{"negative_prompt":"text",'
            '"audio_url":"https://x.example/a.mp3"},"parameters":{"resolution":"720P","ratio":"9:16","seed":7,'
            + WATERMARK
            + "}}}"
        ],
    ),
    (
        text_to_video(duration=5),
        [
            HEAD
            + WIDE
            + ',"duration":5,"metadata":{"parameters":{"resolution":"720P","ratio":"16:9",'
            + WATERMARK
            + "}}}",
            HEAD + WIDE + ',"duration":5}',
        ],
    ),
    (
        image_to_video(),
        [
            OF_IMAGE + '"image":"https://x.example/a.png","images":["https://x.example/a.png"],'
            '"input_reference":"https://x.example/a.png","resolution":"1280*720","size":"720P",'
            '"metadata":{"input":{"media":[' + FIRST + ']},"parameters":{"resolution":"720P"}}}',
            OF_IMAGE + '"image":"https://x.example/a.png",' + WIDE + "}",
        ],
    ),
    # `input_reference` would take the place of both frames.
    (
        image_to_video(last=LAST, duration=5),
        [
            OF_IMAGE
            + '"image":"https://x.example/a.png","images":["https://x.example/a.png","https://x.example/b.png"],'
            '"resolution":"1280*720","size":"720P","duration":5,"metadata":{"input":{"media":['
            + FIRST
            + ',{"type":"last_frame","url":"https://x.example/b.png"}]},"parameters":{"resolution":"720P"}}}'
        ],
    ),
    (
        image_to_video(sound=SOUND, seed=1, resolution="1920*1080"),
        [
            OF_IMAGE + '"image":"https://x.example/a.png","images":["https://x.example/a.png"],'
            '"input_reference":"https://x.example/a.png","resolution":"1920*1080","size":"1080P",'
            '"metadata":{"input":{"media":[' + FIRST + ',{"type":"driving_audio","url":"https://x.example/a.mp3"}]},'
            '"parameters":{"resolution":"1080P","seed":1}}}'
        ],
    ),
    (
        image_to_video(None, clip=CLIP, duration=10),
        [
            OF_IMAGE + '"resolution":"1280*720","size":"720P","duration":10,"metadata":{"input":{"media":['
            '{"type":"first_clip","url":"https://x.example/a.mp4"}]},"parameters":{"resolution":"720P"}}}'
        ],
    ),
]


@pytest.mark.parametrize(("request_", "bodies"), RUNGS)
async def test_what_is_sent_in_turn(
    service: Service, client: OneKeyClient, request_: VideoRequest, bodies: list[str]
) -> None:
    service.say(Reply({"error": {"message": "Unknown parameter"}}, status=400))
    with pytest.raises(InvalidRequest):
        await client.submit_video(request_, Permit())
    assert [orjson.dumps(seen.body).decode() for seen in service.seen] == bodies
    assert [int(seen.headers["Content-Length"]) for seen in service.seen] == [len(body) for body in bodies]
    seen = service.seen[0]
    assert (seen.method, seen.path) == ("POST", "/v1/video/generations")
    assert seen.headers["Authorization"] == f"Bearer {KEY}"


async def test_a_large_picture_is_not_said_four_times(service: Service, client: OneKeyClient) -> None:
    image = "data:image/png;base64," + "A" * 4_000_000
    service.say(Reply({"id": "a"}))
    await client.submit_video(image_to_video(image), Permit())
    assert int(service.seen[0].headers["Content-Length"]) < 2.1 * len(image)
    assert service.seen[0].body["metadata"]["input"] == {"media": [{"type": "first_frame", "url": image}]}


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
        ("832*480", "720P", "16:9"),
        ("1024*768", "720P", "4:3"),
        ("300*700", "720P", "9:16"),
        ("1080p", "1080P", None),
        ("720", None, None),
        ("2560*1080", "1080P", "16:9"),
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
    await client.submit_video(replace(REQUEST, image=LINK), Permit())
    assert service.seen[-1].body["image"] == LINK
    # After a week it is asked for all of it again.
    [key] = [key for key in notes.kept if key.startswith("video_form")]
    notes.kept[key] = f"2 {int(time.time() // 86_400) - 7}"
    await client.submit_video(REQUEST, Permit())
    assert "metadata" in service.seen[-1].body
    assert notes.kept[key].startswith("0 ")


def refusal_of(message: str, status: int = 400) -> Reply:
    return Reply({"error": {"message": message}}, status=status)


@pytest.mark.parametrize(
    ("request_", "said", "dropped_and_learned"),
    [
        (image_to_video(), "model wan2.7-i2v does not support image input", ("image", "image")),
        (image_to_video(duration=5), "Unknown parameter: 'duration'.", ("image seconds", "seconds")),
        (image_to_video(duration=5), "duration: extra fields not permitted", ("image seconds", "seconds")),
        (image_to_video(last=LAST), "media type last_frame is not supported", ("last", "last")),
        (text_to_video(seed=1, avoid="text"), "Unknown parameter: 'metadata'.", ("seed avoid", "seed avoid")),
        (text_to_video(sound=SOUND), "不支持音频输入", ("sound", "sound")),
        # Of this one, not of any: nothing is learned.
        (text_to_video(duration=7), "duration 7 is not supported", ("seconds", "")),
        (image_to_video(), "image format not supported", ("image", "")),
        (image_to_video(), "prompt is not supported", ("image", "")),
    ],
)
async def test_what_would_be_dropped_is_not_sent_and_what_a_model_lacks_is_learned(
    service: Service, client: OneKeyClient, request_: VideoRequest, said: str, dropped_and_learned: tuple[str, str]
) -> None:
    dropped, lacks = (set(names.split()) for names in dropped_and_learned)
    service.say(refusal_of(said))
    with pytest.raises(WouldDrop) as refused:
        await client.submit_video(request_, Permit())
    assert set(refused.value.parts) == dropped
    assert refused.value.detail == said
    assert await client.video_lacks(request_.model) == lacks
    assert await client.video_lacks("another") == set()


async def test_a_form_that_the_service_takes_tells_what_it_has_no_room_for(
    service: Service, client: OneKeyClient
) -> None:
    refusal = refusal_of("extra fields not permitted", 422)
    service.say(refusal, refusal, Reply({"id": "a"}))
    await client.submit_video(REQUEST, Permit())
    assert await client.video_lacks(REQUEST.model) == set(Part)


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
        ({"task_id": "t", "status": "succeeded", "video_url": URL}, "t"),  # it is asked after as ever
        ({"data": {"id": "t"}}, "t"),
        ({"data": [{"task_id": "t"}]}, "t"),
        ([{"task_id": "t"}], "t"),
        ({"result": {"taskId": "t"}}, "t"),
        # Under another key, or alone; beside words that only seem to tell of a failure.
        *(({key: "t-1"}, "t-1") for key in ("video_id", "generationId", "job_id", "taskUUID")),
        ({"code": "success", "data": "task-17"}, "task-17"),
        ({"code": 1, "message": "submitted", "result": "1320098173412546"}, "1320098173412546"),
        ({"code": "success", "data": '{"task_id": "t"}'}, "t"),
        *(({"id": "t", "error": nothing}, "t") for nothing in ("null", False, {"code": 0, "message": "success"})),
        *(({"code": code, "message": "created", "id": "t"}, "t") for code in (1, 201, "10000")),
    ],
)
async def test_task_ids(service: Service, client: OneKeyClient, body: dict[str, Any], task_id: str) -> None:
    service.say(Reply(body))
    assert (await client.submit_video(REQUEST, Permit())).id == task_id


@pytest.mark.parametrize(
    ("body", "url", "data"),
    [
        ({"status": "succeeded", "video_url": URL}, URL, None),
        ({"created": 1, "data": [{"url": URL}]}, URL, None),
        ({"video": {"url": URL}, "request_id": "r"}, URL, None),
        ({"data": [{"b64_json": base64.b64encode(MP4).decode()}]}, None, MP4),
        (MP4, None, MP4),
    ],
)
async def test_a_clip_at_once(
    service: Service, client: OneKeyClient, body: object, url: str | None, data: bytes | None
) -> None:
    service.say(Reply(body))
    made = replace(done(""), url=url, data=data)
    assert await client.submit_video(REQUEST, Permit()) == VideoTask(None, made)


@pytest.mark.parametrize(
    "body",
    [
        {"status": "succeeded"},
        {"status": "succeeded", "cover_url": "https://storage.example/a.png"},
        {"status": "processing", "video_url": URL},
        {"docs_url": "https://docs.example/videos", "message": "submitted"},
        {"status": "queued"},
        {"code": "success", "data": None},
        {},
        b"garbage",
        b"",
        b"[1]",
        b"null",
        {"request_id": "r", "message": "try later"},
        {"id": True},
        {"data": "submitted"},
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
        (Reply({"output": {"code": "DataInspectionFailed", "message": "x"}, "request_id": "r"}), Declined),
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
        (Reply({"error": {"message": "task not found"}}, status=404), TaskNotFound),
        (Reply({"error": {"message": "video is gone"}}, status=410), TaskNotFound),
        (Reply({"code": "fail_to_fetch_task", "message": "boom", "data": None}, status=500), Unreachable),
        (Reply({"error": {"message": "boom", "type": "server_error"}}), Unreachable),
        (Reply({"success": False, "message": "no"}), InvalidRequest),
        (Reply(b"", status=429), RateLimited),
        # It is the question that failed.
        (Reply({"status": "failed", "message": "boom"}, status=500), Unreachable),
        (Reply({"id": "r-1", "status": "error", "message": "boom"}, status=502), Unreachable),
        (Reply({"id": "a", "status": "running", "message": "boom"}, status=500), Unreachable),
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


@pytest.mark.parametrize("status", [400, 404, 422, 429, 500, 502])
@pytest.mark.parametrize(
    "body",
    [
        {"id": "a", "status": "failed", "error": {"message": "no"}},
        {"code": "task_failed", "data": {"task_id": "a", "status": "FAILURE", "fail_reason": "no"}},
        {"output": {"task_status": "FAILED", "message": "no"}, "request_id": "r"},
    ],
)
async def test_a_task_that_failed_has_ended_whatever_the_status_of_the_call(
    service: Service, client: OneKeyClient, body: object, status: int
) -> None:
    service.say(Reply(body, status=status))
    assert await client.get_video("a") == failed("no")


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply({"error": {"message": "video not found"}}, status=404), TaskNotFound),
        (Reply(b"<html>", status=404, content_type="text/html"), NotAnApi),
    ],
)
async def test_what_is_on_neither_path(
    service: Service, client: OneKeyClient, reply: Reply, kind: type[ApiError]
) -> None:
    service.say(reply)
    with pytest.raises(kind):
        await client.get_video("a")
    assert len(service.seen) == 2


async def test_a_busy_service_says_when(service: Service, client: OneKeyClient) -> None:
    service.say(Reply(b"", status=429, headers={"Retry-After": "7"}))
    with pytest.raises(RateLimited) as caught:
        await client.get_video("a")
    assert caught.value.retry_after == 7


@pytest.mark.parametrize(
    "missing", [INVALID_GET, Reply({"detail": "Not Found"}, status=404), Reply(b"404 page not found", status=404)]
)
async def test_the_doubled_path_for_polls_too(service: Service, client: OneKeyClient, missing: Reply) -> None:
    service.say(missing, Reply({"status": "queued"}))
    assert await client.get_video("a") == running()
    assert await client.get_video("a") == running()
    doubled = "/v1/v1/video/generations/a"
    assert service.paths == ["/v1/video/generations/a", doubled, doubled]


async def test_no_poll_answer_in_time(service: Service, session: aiohttp.ClientSession) -> None:
    service.say(Hang())
    client = OneKeyClient(session, base_url=service.base_url, api_key=KEY, timeouts=Timeouts(poll=0.1))
    with pytest.raises(Unreachable):
        await client.get_video("a")


async def test_the_key_is_in_no_reason(service: Service, client: OneKeyClient) -> None:
    service.say(Reply({"status": "failed", "error": {"message": f"Bearer {KEY} was refused"}}))
    assert KEY not in ((await client.get_video("a")).reason or KEY)
