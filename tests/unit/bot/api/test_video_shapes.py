"""Polls in every shape that gateways send, or hand through from their suppliers: a clip that was paid for is found."""

from __future__ import annotations

import base64
import logging
import time
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from bot.api.walk import MOST_VALUES, leaves
from tests.unit.service import Reply

if TYPE_CHECKING:
    from bot.api.client import OneKeyClient
    from bot.api.video import VideoStatus
    from tests.unit.service import Service

URL = "https://storage.example/a%2Fb.mp4?sig=x%3D%3D&t=%7E"
BARE = "https://storage.example/9f3c"
COVER = "https://storage.example/cover.jpg"
MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + bytes(range(256)) * 8
WEBM = b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm" + bytes(200)
B64 = base64.b64encode(MP4).decode()


def wrapped(**fields: Any) -> dict[str, Any]:
    return {"code": "success", "message": "", "data": fields}


KLING = {"code": 0, "message": "SUCCEED", "request_id": "r"}
DELIVERED: list[tuple[Any, str]] = [
    # Words, under every key and at every depth.
    *(
        ({"status": word, "video_url": URL}, URL)
        for word in (
            *("succeed", "succeeded", "success", "complete", "completed", "done", "finished", "ready", "ok"),
            *("SUCCEED", "Finished", "FINISHED", " ready ", "OK"),
        )
    ),
    *(
        ({"status": word, "video_url": URL}, URL)
        for word in (
            "Succeeded.",
            "TaskStatus.SUCCEEDED",
            "TASK_COMPLETED",
            "video-ready",
            "successed",
            "已完成",
            "处理完了",
        )
    ),
    ({"code": 10000, "message": "Success", "video_url": URL}, URL),
    ({"code": "success", "data": orjson.dumps({"status": "succeeded", "video_url": URL}).decode()}, URL),
    ({"state": "FINISHED", "url": URL}, URL),
    ({"task_status": "succeed", "url": URL}, URL),
    ({"taskStatus": "Success", "videoUrl": URL}, URL),
    ({"output": {"task_status": "SUCCEEDED", "video_url": URL}}, URL),
    ({"data": {"task": {"state": "done"}, "video_url": URL}}, URL),
    ({"data": {"result": {"output": {"status": "done", "url": URL}}}}, URL),
    ({"result": [{"status": "done", "url": URL}]}, URL),
    ([{"status": "done", "url": URL}], URL),
    ({"status": {"state": "completed"}, "url": URL}, URL),
    ({"status": "TASK_STATUS_SUCCEED", "url": URL}, URL),
    # A number, or a word that nobody knows, with a link beside it.
    ({"status": 2, "url": URL}, URL),
    ({"status": "2", "video_url": URL}, URL),
    ({"status": 200, "data": {"status": "succeed", "url": URL}}, URL),
    ({"state": 1, "data": {"video_url": BARE}}, BARE),
    ({"status": "published", "result_url": URL}, URL),
    ({"status": "accepted", "data": {"status": "succeeded", "url": URL}}, URL),
    ({"done": True, "response": {"generateVideoResponse": {"generatedSamples": [{"video": {"uri": URL}}]}}}, URL),
    ({"id": "a", "video_url": URL}, URL),
    # The result as a list, an object, an object of links, a list of objects.
    ({"status": "succeeded", "video_url": [URL]}, URL),
    ({"status": "succeeded", "video_url": {"url": URL}}, URL),
    ({"status": "succeeded", "video_url": [{"url": URL, "cover_url": COVER}]}, URL),
    ({"status": "succeeded", "url": {"mp4": URL, "cover": COVER}}, URL),
    ({"status": "succeeded", "result_url": {"cover": COVER, "origin": URL}}, URL),
    ({"status": "succeeded", "video": URL}, URL),
    ({"status": "succeeded", "video": {"url": URL, "thumbnail_url": COVER}}, URL),
    ({"status": "succeeded", "videos": [URL, "https://storage.example/second.mp4"]}, URL),
    ({"status": "succeeded", "videos": {"hd": URL}}, URL),
    ({"status": "succeeded", "works": [{"resource": {"resource": URL}, "cover": {"resource": COVER}}]}, URL),
    ({"status": "succeeded", "output": URL}, URL),
    ({"status": "succeeded", "output": [URL]}, URL),
    ({"status": "succeeded", "result": {"files": [{"name": "a", "link": URL}]}}, URL),
    ({"status": "succeeded", "resultJson": orjson.dumps({"resultUrls": [URL]}).decode()}, URL),
    ({"status": "succeeded", "data": {"resp_data": orjson.dumps({"urls": [URL]}).decode()}}, URL),
    # Covers first: by key, and by their ending.
    ({"status": "succeeded", "cover_url": COVER, "video_url": URL}, URL),
    ({"status": "succeeded", "video_cover_url": BARE, "video": {"url": URL}}, URL),
    ({"status": "succeeded", "thumbnail": {"url": BARE}, "assets": {"image": COVER, "video": URL}}, URL),
    ({"status": "succeeded", "url": COVER, "videos": [{"url": URL}]}, URL),
    ({"status": "succeeded", "first_frame_url": BARE, "last_frame_url": BARE, "content": {"video_url": URL}}, URL),
    ({"status": "succeeded", "watermark_url": BARE, "output_url": URL}, URL),
    ({"status": "succeeded", "audio_url": "https://storage.example/a.mp3", "downloads": {"file": URL}}, URL),
    # An echoed input, and what is no result at all.
    ({"status": "succeeded", "input": {"video_url": BARE, "image": COVER}, "output": [URL]}, URL),
    ({"status": "succeeded", "metadata": {"input": {"url": BARE}, "url": URL}}, URL),
    ({"status": "succeeded", "properties": {"url": BARE}, "prompt": BARE, "results": [{"url": URL}]}, URL),
    ({"status": "succeeded", "urls": {"get": BARE, "cancel": BARE, "web": BARE}, "output": URL}, URL),
    ({"status": "COMPLETED", "status_url": BARE, "response_url": BARE, "cancel_url": BARE, "video": {"url": URL}}, URL),
    ({"status": "succeeded", "image_url": "https://sent.example/x", "url": URL}, URL),
    ({"status": "succeeded", "prompt_text": "as in https://sent.example/y.mp4", "file_url": URL}, URL),
    ({"status": "succeeded", "source": "https://sent.example/y.mp4", "file_url": URL}, URL),
    # Suppliers' own answers, handed through.
    (
        {
            **KLING,
            "data": {
                "task_status": "succeed",
                "task_status_msg": "",
                "task_result": {"videos": [{"id": "v", "url": URL}]},
            },
        },
        URL,
    ),
    # Runway
    ({"id": "r", "status": "SUCCEEDED", "createdAt": "2026-11-01", "output": [URL]}, URL),
    # Luma
    (
        {
            "id": "l",
            "state": "completed",
            "failure_reason": None,
            "assets": {"image": COVER, "video": URL},
            "request": {"keyframes": {"frame0": {"url": BARE}}},
        },
        URL,
    ),
    # MiniMax
    (
        {
            "task_id": "m",
            "status": "Success",
            "file_id": "1",
            "base_resp": {"status_code": 0, "status_msg": "success"},
            "file": {"download_url": URL},
        },
        URL,
    ),
    # Pika
    ({"id": "p", "status": "finished", "video": {"url": URL, "poster": COVER}, "progress": 100}, URL),
    # Veo
    ({"name": "operations/x", "done": True, "response": {"videos": [{"gcsUri": "gs://b/o", "uri": URL}]}}, URL),
    # DashScope
    (
        {
            "request_id": "d",
            "output": {"task_id": "a", "task_status": "SUCCEEDED", "orig_prompt": "p", "video_url": URL},
            "usage": {"video_count": 1},
        },
        URL,
    ),
    # Zhipu
    ({"model": "cogvideox", "task_status": "SUCCESS", "video_result": [{"cover_image_url": COVER, "url": URL}]}, URL),
    # Volcengine
    (
        {
            "id": "cgt",
            "model": "seedance",
            "status": "succeeded",
            "content": {"video_url": URL},
            "usage": {"total_tokens": 1},
        },
        URL,
    ),
    # Jimeng
    ({"code": 10000, "message": "Success", "data": {"status": "done", "video_url": URL, "resp_data": "{}"}}, URL),
    # Vidu
    ({"id": "v", "state": "success", "err_code": "", "creations": [{"id": "c", "url": URL, "cover_url": COVER}]}, URL),
    # PixVerse
    ({"ErrCode": 0, "ErrMsg": "Success", "Resp": {"id": 1, "status": 1, "url": URL}}, URL),
    # Hunyuan
    (
        {"Response": {"Status": "DONE", "ErrorCode": "", "ErrorMessage": "", "ResultVideoUrl": URL, "RequestId": "r"}},
        URL,
    ),
    # Novita
    (
        {
            "task": {"task_id": "n", "status": "TASK_STATUS_SUCCEED", "reason": ""},
            "videos": [{"video_url": URL, "video_url_ttl": "3600"}],
            "images": [],
        },
        URL,
    ),
    # FAL
    ({"status": "COMPLETED", "logs": None, "metrics": {}, "video": {"url": URL, "content_type": "video/mp4"}}, URL),
    (
        wrapped(
            task_id="a",
            status="SUCCESS",
            data={**KLING, "data": {"task_status": "succeed", "task_result": {"videos": [{"url": URL}]}}},
        ),
        URL,
    ),
    # In one text with another, and in a page.
    ({"status": "succeeded", "video_url": f"{URL}, https://storage.example/second.mp4"}, URL),
    ({"status": "succeeded", "output": f"{URL}\nhttps://storage.example/second.mp4"}, URL),
    (
        {"status": "succeeded", "content": f'<img src="{COVER}"><video controls src="{URL.replace("&", "&amp;")}">'},
        URL,
    ),
]


@pytest.mark.parametrize(("body", "url"), DELIVERED)
async def test_the_clip_is_found(service: Service, client: OneKeyClient, body: Any, url: str) -> None:
    service.say(Reply(body))
    status = await client.get_video("a", sent=("a city as in https://sent.example/x",))
    assert (status.state, status.url) == ("succeeded", url)
    for never in (COVER, "https://sent.example/x", "https://sent.example/y.mp4"):
        assert never not in status.others or body.get("url") == never


@pytest.mark.parametrize(
    "body",
    [
        {"status": "succeeded", "video_url": f"data:video/mp4;base64,{B64}"},
        {"status": "succeeded", "video_url": f"data:application/octet-stream;base64,{B64}"},
        {"status": "succeeded", "b64_json": B64},
        {"status": "succeeded", "data": [{"b64_json": B64}]},
        {"status": "succeeded", "video": {"data": "\n".join(B64[at : at + 76] for at in range(0, len(B64), 76))}},
        {"status": 3, "video": B64.rstrip("=").replace("+", "-").replace("/", "_")},
        {"done": True, "response": {"predictions": [{"bytesBase64Encoded": B64, "mimeType": "video/mp4"}]}},
        {"status": "done", "image": base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(99)).decode(), "clip": B64},
    ],
)
async def test_a_clip_inside_the_answer(service: Service, client: OneKeyClient, body: Any) -> None:
    service.say(Reply(body))
    status = await client.get_video("a")
    assert (status.state, status.data) == ("succeeded", MP4)


async def test_a_clip_that_is_the_answer(service: Service, client: OneKeyClient) -> None:
    for clip in (MP4, WEBM):
        service.say(Reply(clip, content_type="video/mp4"))
        status = await client.get_video("a")
        assert (status.state, status.data) == ("succeeded", clip)


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        ("/v1/videos/a/content", "{origin}/v1/videos/a/content"),
        ("/v1/v1/videos/a/content", "{origin}/v1/videos/a/content"),
        ("v1/videos/a/content", "{origin}/v1/videos/a/content"),
        ("videos/a/content", "{origin}/v1/videos/a/content"),
        ("/files/a%2Fb.mp4?x=%7E", "{origin}/files/a%2Fb.mp4?x=%7E"),
        ("//storage.example/a.mp4", "http://storage.example/a.mp4"),
    ],
)
@pytest.mark.parametrize("key", ["video_url", "url", "content"])
async def test_links_without_a_host(service: Service, client: OneKeyClient, link: str, absolute: str, key: str) -> None:
    service.say(Reply({"status": "succeeded", key: link}))
    assert (await client.get_video("a")).url == absolute.format(origin=service.origin)


@pytest.mark.parametrize(
    "body",
    [
        {"id": "a", "object": "video", "status": "completed"},
        {"status": "completed", "url": "not a URL"},
        {"status": "completed", "url": "ftp://x/y"},
        {"status": "completed", "cover_url": COVER, "thumbnails": [{"url": BARE}]},
        {"status": "completed", "video_url": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA"},
        {"status": "completed", "input": {"video_url": URL}},
        {"status": "completed", "prompt": URL},
        {"status": "completed", "message": "done, see https://docs.example/videos"},
        {"status": "ok", "data": {"status": "completed"}},
        *({"status": word} for word in ("TaskStatus.Completed", "successful", "finish", "生成成功")),
    ],
)
async def test_nothing_anywhere_is_asked_of_the_service(service: Service, client: OneKeyClient, body: Any) -> None:
    service.say(Reply(body))
    status = await client.get_video("a")
    assert (status.state, status.url) == ("succeeded", f"{service.base_url}/videos/a/content")


async def test_where_there_is_doubt_there_are_others(service: Service, client: OneKeyClient) -> None:
    content = f"{service.base_url}/videos/a/content"
    for body, urls in (
        ({"status": "succeeded", "video_url": URL}, [URL]),
        ({"status": "succeeded", "url": COVER}, [COVER, content]),
        ({"status": "succeeded", "url": COVER, "items": [{"x": BARE}]}, [BARE, COVER, content]),
        ({"status": "succeeded", "video_url": BARE, "result": {"url": URL}}, [BARE, URL, content]),
        ({"status": "succeeded", "gif_url": BARE, "preview": URL, "mp4": BARE + "2"}, [BARE + "2", BARE, URL, content]),
    ):
        service.say(Reply(body))
        status = await client.get_video("a")
        assert [status.url, *status.others] == urls


@pytest.mark.parametrize(
    "body",
    [
        *(
            {"status": word}
            for word in (
                *("queued", "PENDING", "submitted", "in-progress", "In Progress", "processing", "running", "NOT_START"),
                *("unknown", "preparing", "generating", "dreaming", "THROTTLED", "starting", "InProgress", "NotStart"),
                *("排队中", "cancelling", "retrying_failed", "partially_succeeded", "TaskState.Running", "finishing"),
            )
        ),
        {"status": 0},
        {"status": 5, "message": "success"},
        {"status": "1"},
        {"status": "waiting", "error": None, "fail_reason": "", "error_code": 0, "urls": {"get": URL}},
        {"status": "waiting", "error": {"code": None, "message": ""}},
        {"status": "waiting", "input": {"url": URL}, "cover_url": COVER},
        {"status": "success", "data": {"status": "processing"}},
        {"status": "success", "data": {"status": "dreaming"}},
        {"status": "success", "data": None},
        {"status": "ok", "data": {"status": 5, "url": ""}},
        {"status": "succeeded", "output": {"task_status": "RUNNING"}},
        {"status": "processing", "url": URL},
        {"status": "In.Progress", "url": URL},
        {"code": "success", "data": '{"status": "processing"}'},
        *({"status": "waiting", "error": nothing} for nothing in ("null", False, {"code": 0, "message": "ok"})),
        {"status": "accepted", "data": {"state": "processing", "url": URL}},
        {"code": "success", "data": {"data": {"output": {"task_status": "PENDING"}}}},
        {"code": 0, "message": "SUCCEED", "data": {"task_status": "processing", "task_status_msg": ""}},
        {"name": "operations/x", "done": False},
        {"name": "operations/x", "metadata": {"progressPercent": 3}},
        {"status": "waiting", "data": "x" * 100_000},
        b'{"status": "waiting", "error": ' + b"[" * 1000 + b"]" * 1000 + b"}",
    ],
)
async def test_what_is_still_running(service: Service, client: OneKeyClient, body: Any) -> None:
    service.say(Reply(body))
    assert (await client.get_video("a")).state == "running"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        *(
            ({"status": word, "error": {"message": "boom"}}, "boom")
            for word in (
                *("fail", "failed", "failure", "cancelled", "canceled", "expired", "error", "rejected", "timeout"),
                *("FAIL", "Failed", "TASK_STATUS_FAILED", "TaskStatus.Failed", "task-failed", "timed_out", "Time-Out"),
                *("CANCELLED_BY_USER", "errored", "aborted", "生成失败", "已取消"),
            )
        ),
        ({"status": 3, "error": {"message": "boom"}}, "boom"),
        ({"status": "moderated", "fail_reason": "boom"}, "boom"),
        ({"status": "moderated", "failure_reason": "boom"}, "boom"),
        ({"status": "7", "data": {"error_message": "boom"}}, "boom"),
        ({"status": "success", "data": {"status": "failed", "reason": "boom"}}, "boom"),
        ({"status": "accepted", "data": {"state": "fail", "failMsg": "boom"}}, "boom"),
        ({**KLING, "data": {"task_status": "failed", "task_status_msg": "boom"}}, "boom"),
        ({"output": {"task_status": "FAILED", "code": "InternalError", "message": "boom"}}, "boom"),
        ({"id": "l", "state": "failed", "failure_reason": "boom", "assets": None}, "boom"),
        ({"status": "FAILED", "failure": "boom", "failureCode": "INTERNAL"}, "boom"),
        ({"Response": {"Status": "FAIL", "ErrorCode": "X", "ErrorMessage": "boom"}}, "boom"),
        ({"done": True, "error": {"code": 13, "message": "boom"}}, "boom"),
        ({"status": "failed", "video_url": URL}, None),
        *(({"status": word}, None) for word in ("timed_out", "TASK_FAILED", "失败")),
        ({"status": "失败", "message": "boom"}, "boom"),
        ({"status": "failed", "error": ["boom"]}, "boom"),
        ({"status": "failed", "error": {"detail": {"msg": "boom"}}}, "boom"),
        ({"status": "failed", "statusMessage": "boom"}, "boom"),
        ({"video": {"id": "v", "status": "failed", "error": "boom"}}, "boom"),
        ({"code": "success", "data": '{"status": "failed", "error": {"message": "boom"}}'}, "boom"),
    ],
)
async def test_what_failed(service: Service, client: OneKeyClient, body: Any, reason: str | None) -> None:
    service.say(Reply(body))
    status = await client.get_video("a")
    assert (status.state, status.url, status.reason) == ("failed", None, reason)


async def test_a_new_word_is_named_once(
    service: Service, client: OneKeyClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for body in ({"status": "Dreaming"}, {"data": {"status": "dreaming"}}, {"status": 4}, {"status": "queued"}):
        service.say(Reply(body))
        await client.get_video("a")
    named = [record.getMessage() for record in caplog.records if "not known" in record.getMessage()]
    assert named == [
        "a video's status is a word that is not known: 'dreaming'",
        "a video's status is a word that is not known: '4'",
    ]


def nested(depth: int, inside: object) -> object:
    for number in range(depth):
        inside = {"data": inside} if number % 2 else [inside]
    return inside


@pytest.mark.parametrize(
    "body",
    [
        nested(200, {"status": "succeeded", "url": URL}),
        b'{"data":' * 900 + b'{"status":"done"}' + b"}" * 900,
        {"status": "succeeded", **{f"k{number}": f"https://x.example/{number}.png" for number in range(50_000)}},
        {"status": "succeeded", "output": [[["x"] * 50_000]]},
        {"status": "succeeded", "output": [{"status": "a", "data": {"state": "b"}}] * 20_000},
        {"status": "succeeded", "url": "/" * 3_000_000},
        {"status": "succeeded", "url": "{" * 200_000, "output": ["[" * 200_000] * 50},
        {"status": "succeeded", "k" * 2_000_000: "x", "video_url": " " * 2_000_000},
        {"status": "x" * 3_000_000, "error": "y" * 1_000_000},
        {"status": "succeeded", "output": ["http" + " " * 200_000, "http://a " * 20_000, "<img " * 40_000] * 5},
    ],
)
async def test_what_means_harm_takes_no_time(service: Service, client: OneKeyClient, body: Any) -> None:
    service.say(Reply(body))
    started = time.process_time()
    status: VideoStatus = await client.get_video("a")
    assert time.process_time() - started < 1.0  # in one process with the service, which dumps it
    assert status.state in {"succeeded", "running", "failed"}


def test_the_walk_is_bounded() -> None:
    wide = [["x"] * 300 for _ in range(300)]
    assert len(list(leaves(wide))) < MOST_VALUES
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert list(leaves(deep)) == []
    assert [leaf.keys for leaf in leaves({"aB": [{"c_d": "x"}, "y"], "Input": "z"})] == [("ab", "cd"), ("ab",)]
