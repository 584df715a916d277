from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson
import pytest

from bot.api.client import OneKeyClient, Timeouts
from bot.api.images import ImageRequest
from bot.api.permits import Permit
from bot.api.pictures import Picture
from bot.errors import (
    ApiError,
    BadAnswer,
    Declined,
    InvalidRequest,
    KeyRefused,
    ModelNotFound,
    NotAnApi,
    QuotaExhausted,
    RateLimited,
    Uncertain,
)
from tests.unit.service import KEY, Drop, Hang, Reply, Service

REQUEST = ImageRequest("wan2.7-image", "a fox", 2, "1024x1024")
URL = "https://storage.example/a.png?sig=1"
PNG = b"\x89PNG\r\n\x1a\nrest"
B64 = base64.b64encode(PNG).decode()


async def test_what_is_sent(service: Service, client: OneKeyClient) -> None:
    service.say(Reply({"created": 1, "data": [{"url": URL}]}))
    await client.generate_images(REQUEST, Permit())
    await client.generate_images(ImageRequest("wan2.7-image", "a fox", 1, None), Permit())
    assert (service.seen[0].method, service.seen[0].path) == ("POST", "/v1/images/generations")
    assert service.seen[0].headers["Authorization"] == f"Bearer {KEY}"
    assert service.seen[0].body == {"model": "wan2.7-image", "prompt": "a fox", "n": 2, "size": "1024x1024"}
    assert service.seen[1].body == {"model": "wan2.7-image", "prompt": "a fox", "n": 1}


@pytest.mark.parametrize(
    ("entries", "pictures"),
    [
        ([{"url": URL, "b64_json": "", "revised_prompt": ""}], [Picture(URL, None)]),
        ([{"url": "", "b64_json": B64, "revised_prompt": "a red fox"}], [Picture(None, PNG)]),
        ([{"url": None, "b64_json": B64}], [Picture(None, PNG)]),
        ([{"b64_json": f"data:image/png;base64,{B64}"}], [Picture(None, PNG)]),
        ([{"b64_json": B64.rstrip("=")}], [Picture(None, PNG)]),
        ([{"b64_json": B64[:8] + "\n" + B64[8:]}], [Picture(None, PNG)]),
        ([{"url": f"data:image/png;base64,{B64}"}], [Picture(None, PNG)]),
        ([{"url": URL, "b64_json": "§§§"}], [Picture(URL, None)]),  # what can't be decoded is not there
        ([{"url": URL, "b64_json": B64}], [Picture(URL, PNG)]),
        ([{"url": URL}, {"url": "", "b64_json": ""}], [Picture(URL, None)]),  # fewer than asked for
        ([{"url": URL}, {"b64_json": "A"}], [Picture(URL, None)]),
        ([{"url": URL}, None, {"url": URL}], [Picture(URL, None)] * 2),
        ([{"url": URL}] * 9, [Picture(URL, None)] * 2),  # never more than asked for
        ([{"url": "javascript:alert(1)"}, {"url": URL}], [Picture(URL, None)]),
    ],
)
async def test_pictures(service: Service, client: OneKeyClient, entries: list[Any], pictures: list[Picture]) -> None:
    service.say(Reply({"created": 1, "data": entries}))
    assert list((await client.generate_images(REQUEST, Permit())).pictures) == pictures


GIF = b"GIF89a" + bytes(60)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(60)
AVIF = b"\x00\x00\x00\x1cftypavif" + bytes(60)
TIFF = b"II*\x00\x08\x00\x00\x00" + bytes(60)
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(60)
OTHER = "https://storage.example/b"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


SHAPES: list[tuple[Any, list[str | bytes]]] = [
    ({"data": {"url": URL}}, [URL]),
    ({"data": {"url": [URL, OTHER]}}, [URL, OTHER]),
    ({"data": [URL, OTHER]}, [URL, OTHER]),
    ({"data": URL}, [URL]),
    ({"data": B64}, [PNG]),
    ({"data": [B64, b64(GIF)]}, [PNG, GIF]),
    ({"images": [{"url": URL}]}, [URL]),
    ({"images": [URL, B64]}, [URL, PNG]),
    ({"images": [{"image_url": {"url": URL}}, {"image_url": {"url": OTHER}}]}, [URL, OTHER]),
    ({"image_url": URL}, [URL]),
    ({"image_url": {"url": URL}}, [URL]),
    ({"image": B64}, [PNG]),
    ({"url": URL}, [URL]),
    ({"output": URL}, [URL]),
    ({"output": [URL]}, [URL]),
    ([{"url": URL}, {"url": OTHER}], [URL, OTHER]),
    ([URL, OTHER], [URL, OTHER]),
    # A file under another key than it should be, in other spellings of base64, judged by what it holds.
    ({"data": [{"b64_json": URL}]}, [URL]),
    ({"data": [{"url": B64}]}, [PNG]),
    ({"data": [{"image": b64(JPEG)}]}, [JPEG]),
    (
        {"data": [{"b64_json": b64(PNG + b"\xfb\xff\xfe" * 9).replace("+", "-").replace("/", "_")}]},
        [PNG + b"\xfb\xff\xfe" * 9],
    ),
    ({"data": [{"b64_json": "\r\n".join(b64(WEBP)[at : at + 20] for at in range(0, 120, 20))}]}, [WEBP]),
    ({"data": [{"b64_json": f"data:image/png;base64,{B64[:9]}\n{B64[9:]}"}]}, [PNG]),
    *(
        ({"data": [{"b64_json": spelled}]}, [PNG])
        for spelled in (
            *(f"b'{B64}'", f'"{B64}"', f"base64,{B64}", f"base64://{B64}", f"{B64[:9]}\\n{B64[9:]}"),
            *(f"data:image/png;base64,data:image/png;base64,{B64}", f"data:image/png;base64,{quote(B64, safe='')}"),
        )
    ),
    *(
        ({"data": [{"url": spelled}]}, [URL])
        for spelled in (f" `{URL}` ", f"<{URL}>", f"[a fox]({URL})", URL.replace("/", "\\/"))
    ),
    ({"data": [{"url": f"DATA:image/tiff;charset=x;base64,{b64(TIFF)}"}]}, [TIFF]),
    ({"data": [{"b64_json": b64(AVIF)}]}, [AVIF]),
    ({"artifacts": [{"base64": b64(TIFF), "finishReason": "SUCCESS"}]}, [TIFF]),
    ({"predictions": [{"mimeType": "image/png", "bytesBase64Encoded": B64}]}, [PNG]),
    (
        {
            "candidates": [
                {"content": {"parts": [{"text": "Here."}, {"inlineData": {"mimeType": "image/png", "data": B64}}]}}
            ]
        },
        [PNG],
    ),
    # Suppliers' own answers, handed through.
    (
        {
            "output": {
                "choices": [
                    {
                        "finish_reason": "stop",
                        "message": {
                            "role": "assistant",
                            "content": [{"image": URL, "type": "image"}, {"image": OTHER}],
                        },
                    }
                ]
            },
            "usage": {"image_count": 2},
            "request_id": "r",
        },
        [URL, OTHER],
    ),
    (
        {
            "output": {
                "task_status": "SUCCEEDED",
                "results": [{"orig_prompt": "https://x.example/p.png", "url": URL}, {"code": "x", "message": "no"}],
            }
        },
        [URL],
    ),
    ({"choices": [{"message": {"content": f"Here it is: ![a fox]({URL})", "images": []}}]}, [URL]),
    ({"choices": [{"message": {"content": f"Here it is: ![a fox]({OTHER})"}}]}, [OTHER]),
    (
        {
            "choices": [
                {
                    "message": {
                        "content": "",
                        "images": [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{B64}"}}],
                    }
                }
            ]
        },
        [PNG],
    ),
    ({"code": 0, "data": {"task_result": {"images": [{"index": 0, "url": URL}]}}}, [URL]),
    ({"status": "succeeded", "urls": {"get": OTHER, "cancel": OTHER}, "output": [URL]}, [URL]),
    ({"data": [{"url": URL, "thumbnail_url": OTHER}]}, [URL]),
    ({"data": [{"url": URL}], "images": [{"url": OTHER}]}, [URL]),
    ({"input": {"image_url": OTHER}, "prompt": OTHER, "images": [URL]}, [URL]),
    ({"message": "https://docs.example/x", "images": [URL]}, [URL]),
    ({"data": [{"url": "https://sent.example/fox.png"}, {"url": URL}]}, [URL]),
    # In one text, under yet other keys, in a page; one of several missing.
    *(({"data": f"{URL}{between}{OTHER}"}, [URL, OTHER]) for between in (",", "; ", "\n", " | ")),
    ({"data": [{"url": f"{URL},{OTHER}"}]}, [URL, OTHER]),
    *(({key: OTHER}, [OTHER]) for key in ("photo", "sample", "content")),
    ({"result": {"sample": OTHER}}, [OTHER]),
    ({"content": f'<p><img alt="" src="{OTHER}?a=1&amp;b=2"></p>'}, [f"{OTHER}?a=1&b=2"]),
    ({"data": {"0": {"url": URL}, "1": {"url": OTHER}}}, [URL, OTHER]),
    ({"data": [{"url": ""}, {"b64_json": None}, {"error": {"message": "no"}}, {"url": OTHER}]}, [OTHER]),
]


@pytest.mark.parametrize(("body", "found"), SHAPES)
async def test_shapes(service: Service, client: OneKeyClient, body: Any, found: list[str | bytes]) -> None:
    service.say(Reply(body))
    images = await client.generate_images(replace(REQUEST, prompt="a fox as in https://sent.example/fox.png"), Permit())
    assert [one.url or one.data for one in images.pictures] == found


WHOLE = orjson.dumps({"data": [{"url": URL}]})


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + WHOLE,
        b"\n: PING\n\n: PING\n\n" + WHOLE,
        b"event: result\ndata: " + WHOLE + b"\n\ndata: [DONE]\n\n",
        WHOLE + b"\n{}",
        *(WHOLE[:-1] + b', "more": ' + odd + b"}" for odd in (b"NaN", b'"a\nb"', b'"\\ud83d"', b'"\xff"')),
    ],
)
@pytest.mark.parametrize("content_type", ["application/json", "text/html"])
async def test_json_that_is_none_to_the_letter(
    service: Service, client: OneKeyClient, body: bytes, content_type: str
) -> None:
    service.say(Reply(body, content_type=content_type))
    assert [one.url for one in (await client.generate_images(REQUEST, Permit())).pictures] == [URL]


@pytest.mark.parametrize("picture", [PNG, JPEG, GIF, AVIF, TIFF])
async def test_an_answer_that_is_the_picture(service: Service, client: OneKeyClient, picture: bytes) -> None:
    service.say(Reply(picture, content_type="image/png"))
    assert [one.data for one in (await client.generate_images(REQUEST, Permit())).pictures] == [picture]


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        ("/files/a%2Fb.png?x=%7E", "{origin}/files/a%2Fb.png?x=%7E"),
        ("/v1/files/a", "{origin}/v1/files/a"),
        ("files/a.png", "{origin}/v1/files/a.png"),
        ("//storage.example/a.png", "http://storage.example/a.png"),
    ],
)
async def test_links_without_a_host(service: Service, client: OneKeyClient, link: str, absolute: str) -> None:
    for body in ({"data": [{"url": link}]}, {"images": [link]}, {"image_url": {"url": link}}):
        service.say(Reply(body))
        assert (await client.generate_images(REQUEST, Permit())).pictures[0].url == absolute.format(
            origin=service.origin
        )


@pytest.mark.parametrize(
    "body",
    [
        {"data": [{"url": "https://storage.example/clip.mp4"}]},
        {"message": "Sorry, I can not draw that for you today"},
        {"choices": [{"message": {"content": "Sorry, I can not draw that for you today."}}]},
        {"input": {"image": B64}},
        {"data": [{"revised_prompt": URL}]},
        {"id": "0123456789abcdef0123456789abcdef", "status": "queued"},
        {"data": {"id": "https"}},
    ],
)
async def test_what_holds_no_picture(service: Service, client: OneKeyClient, body: Any) -> None:
    service.say(Reply(body))
    with pytest.raises(BadAnswer):
        await client.generate_images(REQUEST, Permit())


async def test_a_size_that_the_model_does_not_take_is_left_to_it(service: Service, client: OneKeyClient) -> None:
    refusal = Reply({"error": {"message": "size must be one of 2K, 4K", "code": "invalid_parameter"}}, status=400)
    service.say(refusal, Reply({"data": [{"url": URL}]}))
    assert (await client.generate_images(REQUEST, Permit())).pictures
    assert ["size" in seen.body for seen in service.seen] == [True, False]
    service.say(refusal)
    with pytest.raises(InvalidRequest):
        await client.generate_images(REQUEST, Permit())
    assert len(service.seen) == 4
    service.say(Reply({"error": {"message": "oversized prompt"}}, status=400))
    with pytest.raises(InvalidRequest):
        await client.generate_images(REQUEST, Permit())
    assert len(service.seen) == 5


async def test_a_doubled_path_on_the_own_host_is_collapsed(service: Service, client: OneKeyClient) -> None:
    service.say(Reply({"data": [{"url": f"{service.origin}/v1/v1/files/a.png"}]}))
    assert (await client.generate_images(REQUEST, Permit())).pictures[0].url == f"{service.origin}/v1/files/a.png"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"created": 1, "data": None}, BadAnswer),
        ({"created": 1, "data": []}, BadAnswer),
        ({"created": 1, "data": [{"url": "", "b64_json": "", "revised_prompt": ""}]}, BadAnswer),
        ({"created": 1, "data": [{"b64_json": "§"}]}, BadAnswer),
        ({"created": 1, "data": "soon"}, BadAnswer),
        ({}, BadAnswer),
        (b"garbage", BadAnswer),
        (b"", BadAnswer),
        (b"[1]", BadAnswer),
        ({"error": {"message": "no such size", "type": "invalid_request_error"}}, InvalidRequest),
        ({"error": {"message": "…", "code": "DataInspectionFailed"}}, Declined),
        ({"error": {"message": "upstream died", "type": "upstream_error"}}, Uncertain),
        ({"error": {"message": "busy", "code": 429}}, RateLimited),
        # Refused deep inside.
        ({"output": {"task_status": "FAILED", "code": "DataInspectionFailed", "message": "…"}}, Declined),
        ({"output": {"results": [{"code": "DataInspectionFailed", "message": "…"}]}}, Declined),
        ({"data": [{"error": {"code": "content_policy_violation", "message": "…"}}]}, Declined),
        ({"choices": [{"message": {"content": "No."}, "finish_reason": "content_filter"}]}, Declined),
        ({"promptFeedback": {"blockReason": "SAFETY"}}, Declined),
        ({"status": "failed", "message": "insufficient balance"}, QuotaExhausted),
        ({"task_id": "a", "status": "queued"}, BadAnswer),
        ({"error": {"message": "key", "code": "401"}}, KeyRefused),
        ({"code": "insufficient_user_quota", "message": "…", "data": None}, QuotaExhausted),
        ({"code": "fail", "message": "余额不足", "data": {"url": ""}}, QuotaExhausted),
        ({"code": 429, "message": "busy", "data": {"left": 1}}, RateLimited),
        ({"error": True, "message": "insufficient balance"}, QuotaExhausted),
        ({"success": "false", "message": "insufficient balance"}, QuotaExhausted),
        ({"Error": {"Code": "n", "Message": "insufficient balance"}}, QuotaExhausted),
        ({"error_code": 17, "error_msg": "insufficient balance"}, QuotaExhausted),
        ({"object": "error", "message": "insufficient balance", "code": None}, QuotaExhausted),
    ],
)
async def test_200_without_a_picture(
    service: Service, client: OneKeyClient, body: object, kind: type[ApiError]
) -> None:
    service.say(Reply(body, headers={"X-Oneapi-Request-Id": "r1"}))
    with pytest.raises(kind) as caught:
        await client.generate_images(REQUEST, Permit())
    assert caught.value.request_id == "r1"
    assert len(service.seen) == 1


async def test_what_is_no_error_beside_pictures(service: Service, client: OneKeyClient) -> None:
    for nothing in ({"message": "", "code": ""}, {"message": "success", "code": 0}, "null", False):
        service.say(Reply({"error": nothing, "data": [{"url": URL}]}))
        assert (await client.generate_images(REQUEST, Permit())).pictures
    for place in ("images", "output", "image_urls", "result"):
        service.say(Reply({"code": 10000, "message": "Success", place: [{"url": URL}]}))
        assert (await client.generate_images(REQUEST, Permit())).pictures


async def test_a_web_page_with_200(service: Service, client: OneKeyClient) -> None:
    for content_type in ("text/html", "text/plain"):
        service.say(Reply(b"<html>", content_type=content_type))
        with pytest.raises(NotAnApi):
            await client.generate_images(REQUEST, Permit())


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(b"<html><title>502 Bad Gateway</title>", status=502, content_type="text/html"), Uncertain),
        (Reply({"error": {"message": "boom"}}, status=500), Uncertain),
        (Reply(b"", status=503), Uncertain),
        (Reply(b"", status=504), Uncertain),
        (Reply({"error": {"message": "…", "code": "sensitive_words_detected"}}, status=500), Declined),
        (Reply({"error": {"message": "…", "code": "DataInspectionFailed"}}, status=400), Declined),
        (Reply({"error": {"message": "…", "code": "DataInspectionFailed"}}, status=500), Declined),
        (
            Reply({"error": {"message": "No available channel for model X", "code": "model_not_found"}}, status=503),
            ModelNotFound,
        ),
        (Reply({"error": {"message": "当前分组 default 下对于模型 X 无可用渠道"}}, status=503), ModelNotFound),
        (Reply({"error": {"message": "n must be 1"}}, status=400), InvalidRequest),
        (Drop(), Uncertain),
        (Drop(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{"), Uncertain),
        (Drop(b"SSH-2.0-OpenSSH\r\n"), Uncertain),
    ],
)
async def test_sent_once_only(
    service: Service, client: OneKeyClient, reply: Reply | Drop, kind: type[ApiError]
) -> None:
    service.say(reply)
    with pytest.raises(kind):
        await client.generate_images(REQUEST, Permit())
    assert len(service.seen) == 1


async def test_a_connection_that_went_stale_is_uncertain_and_not_tried_again(
    service: Service, client: OneKeyClient
) -> None:
    service.say(Reply({"data": [{"url": URL}]}), Drop())
    await client.generate_images(REQUEST, Permit())
    with pytest.raises(Uncertain):
        await client.generate_images(REQUEST, Permit())
    assert len(service.seen) == 2
    assert len(service.connections) == 1


async def test_again_after_429(service: Service, client: OneKeyClient) -> None:
    service.say(Reply(b"", status=429, headers={"Retry-After": "0"}), Reply({"data": [{"url": URL}]}))
    assert (await client.generate_images(REQUEST, Permit())).pictures
    assert len(service.seen) == 2


async def test_no_answer_in_time(service: Service, session: aiohttp.ClientSession) -> None:
    service.say(Hang())
    client = OneKeyClient(session, base_url=service.base_url, api_key=KEY, timeouts=Timeouts(images=0.1))
    with pytest.raises(Uncertain):
        await client.generate_images(REQUEST, Permit())
    assert len(service.seen) == 1


def test_a_slow_model_has_the_time_it_needs() -> None:
    assert Timeouts().images >= 240
