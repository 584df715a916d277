"""POST /images/edits: a form with the pictures in it, and answers as of any picture."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import HTTP
from typing import TYPE_CHECKING

import pytest

from bot.api.images import EditRequest, InputPicture, Picture
from bot.errors import ApiError, BadAnswer, Declined, InvalidRequest, KeyRefused, ModelNotFound, NoSuchRoute, Uncertain
from tests.unit.api.service import KEY, Drop, Reply, Seen

if TYPE_CHECKING:
    from bot.api.client import OneKeyClient
    from tests.unit.api.service import Service

URL = "https://storage.example/a.png?sig=1"
MADE = Reply({"created": 1, "data": [{"url": URL}]})
PNG = b"\x89PNG\r\n\x1a\n\r\n--boundary?\x00\xff"
FOX = InputPicture("1.png", "image/png", PNG)
WOLF = InputPicture("狼.jpg", "image/jpeg", b"\xff\xd8\xff")
REQUEST = EditRequest("qwen-image-edit", "把它变成冬天", 2, "512x512", (FOX,))


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
    images = await client.edit_images(REQUEST)
    assert list(images.pictures) == [Picture(URL, None, None)]
    seen = service.seen[0]
    assert (seen.method, seen.path) == ("POST", "/v1/images/edits")
    assert seen.headers["Authorization"] == f"Bearer {KEY}"
    assert int(seen.headers["Content-Length"]) == len(seen.body)
    assert parts(seen) == [
        ("model", None, "text/plain", b"qwen-image-edit"),
        ("prompt", None, "text/plain", "把它变成冬天".encode()),
        ("n", None, "text/plain", b"2"),
        ("size", None, "text/plain", b"512x512"),
        ("image", "1.png", "image/png", PNG),
    ]


async def test_several_pictures_and_no_size(service: Service, client: OneKeyClient) -> None:
    service.say(MADE)
    await client.edit_images(EditRequest("m", "both", 1, None, (FOX, WOLF)))
    sent = parts(service.seen[0])
    assert [part[0] for part in sent] == ["model", "prompt", "n", "image[]", "image[]"]
    assert [part[3] for part in sent[3:]] == [PNG, b"\xff\xd8\xff"]


async def test_a_size_that_the_model_does_not_take_is_left_to_it(service: Service, client: OneKeyClient) -> None:
    refusal = Reply({"error": {"message": "Invalid value for 'size'.", "param": "size", "code": "invalid_value"}}, 400)
    service.say(refusal, MADE)
    await client.edit_images(REQUEST)
    assert [[part[0] for part in parts(seen)] for seen in service.seen] == [
        ["model", "prompt", "n", "size", "image"],
        ["model", "prompt", "n", "image"],
    ]
    # Once: what speaks of a size then is something else.
    service.say(refusal)
    with pytest.raises(InvalidRequest):
        await client.edit_images(REQUEST)
    assert len(service.seen) == 4
    with pytest.raises(InvalidRequest):
        await client.edit_images(EditRequest("m", "no size", 1, None, (FOX,)))
    assert len(service.seen) == 5


@pytest.mark.parametrize(
    ("script", "kind", "tries"),
    [
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
    with pytest.raises(kind):
        await client.edit_images(REQUEST)
    assert len(service.seen) == tries


async def test_what_is_tried_again_is_the_same(service: Service, client: OneKeyClient) -> None:
    service.say(Reply({"error": {"message": "busy"}}, 429), MADE)
    await client.edit_images(REQUEST)
    assert len(service.seen) == 2
    assert parts(service.seen[0]) == parts(service.seen[1])


def test_no_picture_stands_in_a_log() -> None:
    assert "boundary" not in repr(REQUEST)
