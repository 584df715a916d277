"""POST /images/edits: a form with the pictures in it, and answers as of any picture."""

from __future__ import annotations

import base64
from dataclasses import replace
from email import message_from_bytes
from email.policy import HTTP
from typing import TYPE_CHECKING

import pytest

from bot.api.images import EditRequest, InputPicture
from bot.api.permits import Permit
from bot.api.pictures import Picture
from bot.errors import ApiError, BadAnswer, Declined, InvalidRequest, KeyRefused, ModelNotFound, NoSuchRoute, Uncertain
from tests.unit.service import KEY, Drop, Reply, Seen

if TYPE_CHECKING:
    from bot.api.client import OneKeyClient
    from tests.unit.service import Service

URL = "https://storage.example/a.png?sig=1"
MADE = Reply({"created": 1, "data": [{"url": URL}]})
PNG = b"\x89PNG\r\n\x1a\n\r\n--boundary?\x00\xff"
FOX = InputPicture("1.png", "image/png", PNG)
WOLF = InputPicture("狼.jpg", "image/jpeg", b"\xff\xd8\xff")
SIZED = EditRequest("qwen-image-edit", "把它变成冬天", 2, "512x512", (FOX,))
REQUEST = replace(SIZED, size=None)
NO_SIZE = Reply({"error": {"message": "Invalid value for 'size'.", "param": "size", "code": "invalid_value"}}, 400)
NO_JSON = Reply({"error": {"message": "Unsupported content type: this method only accepts 'multipart/form-data'"}}, 400)


def parts(seen: Seen) -> list[tuple[object, str | None, str, object]]:
    """Each part of the form that was sent: field, file's name, content type, content."""
    head = f"Content-Type: {seen.headers['Content-Type']}\r\n\r\n".encode()
    form = message_from_bytes(head + seen.body, policy=HTTP)
    assert form.get_content_type() == "multipart/form-data"
    return [
        (
            part.get_param("name", header="content-disposition"),
            part.get_filename(),
            part.get_content_type(),
            part.get_payload(decode=True),
        )
        for part in form.iter_parts()
    ]


async def test_what_is_sent(service: Service, client: OneKeyClient) -> None:
    service.say(MADE)
    images = await client.edit_images(REQUEST, Permit())
    assert list(images.pictures) == [Picture(URL, None)]
    seen = service.seen[0]
    assert (seen.method, seen.path) == ("POST", "/v1/images/edits")
    assert seen.headers["Authorization"] == f"Bearer {KEY}"
    assert int(seen.headers["Content-Length"]) == len(seen.body)
    assert parts(seen) == [
        ("model", None, "text/plain", b"qwen-image-edit"),
        ("prompt", None, "text/plain", "把它变成冬天".encode()),
        ("n", None, "text/plain", b"2"),
        ("image", "1.png", "image/png", PNG),
    ]


async def test_several_pictures_and_no_size(service: Service, client: OneKeyClient) -> None:
    service.say(MADE)
    await client.edit_images(EditRequest("m", "both", 1, None, (FOX, WOLF)), Permit())
    sent = parts(service.seen[0])
    assert [part[0] for part in sent] == ["model", "prompt", "n", "image[]", "image[]"]
    assert [part[3] for part in sent[3:]] == [PNG, b"\xff\xd8\xff"]


async def test_a_chosen_size_goes_as_json_which_keeps_it(service: Service, client: OneKeyClient) -> None:
    service.say(MADE)
    await client.edit_images(replace(SIZED, pictures=(FOX, WOLF)), Permit())
    (seen,) = service.seen
    assert seen.headers["Content-Type"] == "application/json"
    assert seen.body == {
        "model": "qwen-image-edit",
        "prompt": "把它变成冬天",
        "n": 2,
        "size": "512x512",
        "input": {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"image": f"data:image/png;base64,{base64.b64encode(PNG).decode()}"},
                        {"image": "data:image/jpeg;base64,/9j/"},
                        {"text": "把它变成冬天"},
                    ],
                }
            ]
        },
    }


def forms(service: Service) -> list[tuple[str, bool]]:
    """Of each request: its form, and whether it names a size."""
    found: list[tuple[str, bool]] = []
    for seen in service.seen:
        is_json = seen.headers["Content-Type"] == "application/json"
        sized = "size" in (seen.body if is_json else [part[0] for part in parts(seen)])
        found.append(("json" if is_json else "multipart", sized))
    return found


@pytest.mark.parametrize(
    "refusal",
    [
        NO_JSON,
        Reply(b"", 415),
        Reply({"error": {"message": "Missing required parameter: 'image'."}}, 400),
        Reply({"error": {"message": "request Content-Type isn't multipart/form-data", "code": "bad"}}, 400),
        Reply({"detail": [{"loc": ["body", "image"], "msg": "Field required"}]}, 422),
        Reply({"error": {"message": "Unknown parameter: 'input'."}}, 400),
    ],
)
async def test_the_other_form_where_the_first_is_refused_and_from_then_on(
    service: Service, client: OneKeyClient, refusal: Reply
) -> None:
    service.say(refusal, MADE)
    await client.edit_images(SIZED, Permit())
    await client.edit_images(SIZED, Permit())
    assert forms(service) == [("json", True), ("multipart", True), ("multipart", True)]
    await client.edit_images(replace(SIZED, model="other"), Permit())
    assert forms(service)[-1] == ("json", True)


async def test_json_where_there_is_no_form(service: Service, client: OneKeyClient) -> None:
    service.say(Reply({"error": {"message": "invalid character '-' in numeric literal"}}, 400), MADE)
    await client.edit_images(REQUEST, Permit())
    await client.edit_images(REQUEST, Permit())
    assert forms(service) == [("multipart", False), ("json", False), ("json", False)]


async def test_a_size_that_the_model_does_not_take_is_left_to_it(service: Service, client: OneKeyClient) -> None:
    service.say(NO_SIZE, MADE)
    await client.edit_images(SIZED, Permit())
    assert forms(service) == [("json", True), ("json", False)]
    # Once: what speaks of a size then is something else.
    service.say(NO_SIZE)
    with pytest.raises(InvalidRequest):
        await client.edit_images(SIZED, Permit())
    assert len(service.seen) == 4
    with pytest.raises(InvalidRequest):
        await client.edit_images(REQUEST, Permit())
    assert len(service.seen) == 5
    # In the other form it is asked for again.
    service.seen.clear()
    service.say(NO_JSON, NO_SIZE, MADE)
    await client.edit_images(SIZED, Permit())
    assert forms(service) == [("json", True), ("multipart", True), ("multipart", False)]


async def test_what_was_sent_along_is_no_result(service: Service, client: OneKeyClient) -> None:
    echoed = base64.b64encode(PNG).decode()
    service.say(Reply({"images": [echoed, URL], "message": {"content": [{"image": echoed}]}}))
    assert [one.url for one in (await client.edit_images(SIZED, Permit())).pictures] == [URL]


@pytest.mark.parametrize(
    ("script", "kind", "tries"),
    [
        (
            Reply({"error": {"message": "A required image is of an unsupported form", "code": "image_too_large"}}, 400),
            ApiError,
            1,
        ),
        (Reply({"error": {"message": "missing balance", "code": "insufficient_user_quota"}}, 400), ApiError, 1),
        (Reply({"error": {"message": "The body of this image is unsafe content"}}, 400), Declined, 1),
        (Reply({"error": {"message": "unknown"}}, 500), Uncertain, 1),
        (Reply({"error": {"message": "bad picture", "code": "invalid_image_file"}}, 400), InvalidRequest, 1),
        (Reply({"error": {"message": "no", "code": "invalid_api_key"}}, 401), KeyRefused, 1),
        (Reply({"error": {"message": "no channel", "code": "model_not_found"}}, 503), ModelNotFound, 1),
        (Reply({"error": {"message": "no", "code": "content_policy_violation"}}, 400), Declined, 1),
        (Reply({"created": 1, "data": []}), BadAnswer, 1),
        (Reply(b"<html>404</html>", 404, content_type="text/html"), NoSuchRoute, 2),  # under /v1/v1, too
        # Sent, and perhaps made: never sent a second time.
        (Drop(), Uncertain, 1),
    ],
)
async def test_failures_are_those_of_any_picture(
    service: Service, client: OneKeyClient, script: Reply | Drop, kind: type[ApiError], tries: int
) -> None:
    service.say(script)
    for request in (REQUEST, SIZED):
        service.seen.clear()
        with pytest.raises(kind):
            await client.edit_images(request, Permit())
        assert len(service.seen) == tries


async def test_what_is_tried_again_is_the_same(service: Service, client: OneKeyClient) -> None:
    service.say(Reply({"error": {"message": "busy"}}, 429), MADE)
    await client.edit_images(REQUEST, Permit())
    assert len(service.seen) == 2
    assert parts(service.seen[0]) == parts(service.seen[1])


def test_no_picture_stands_in_a_log() -> None:
    assert "boundary" not in repr(REQUEST)
