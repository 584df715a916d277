"""Messages as lines of text."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord.models import Attachment, Channel, Json, Message, User
from sandbox.discord.render import WAITING, controls, is_being_made, render, when

NOW = 1_800_000_000
NAMES = {7: "@alice", 8: "#general"}
FOX = Attachment(3, "fox.png", bytes(120 * 1024), "image/png", "http://x/fox.png", width=1024, height=1024)
CLIP = Attachment(4, "clip.mp4", bytes(3_565_158), "video/mp4", "http://x/clip.mp4")


def lines(**parts: Any) -> list[str]:
    message = Message(1, Channel(2, 0, "general"), User(5, "bot", bot=True), **parts)
    return render(message, name_of=NAMES.get, now=NOW)


def test_a_card_reads_as_it_looks():
    media: Json = {"url": FOX.url, "attachment_id": "3"}
    button: Json = {"type": 2, "style": 2, "label": "Stop", "custom_id": "x"}
    box: Json = {
        "type": 17,
        "accent_color": 0x5865F2,
        "components": [
            {"type": 10, "content": f"### A fox\n-# for <@7> in <#8>, <@9>\nStarted <t:{NOW - 125}:R>"},
            {"type": 14},
            {"type": 12, "items": [{"media": media, "description": "a fox"}, {"media": {"url": "http://y/z.png"}}]},
            {
                "type": 9,
                "components": [{"type": 10, "content": "More"}],
                "accessory": button | {"label": "Prompt", "disabled": True},
            },
            {
                "type": 1,
                "components": [button, {"type": 2, "style": 5, "label": "Open", "url": "http://y"}],
            },
        ],
    }
    assert lines(flags=1 << 15, components=[box], attachments=[FOX]) == [
        "┃ ### A fox  (#5865f2)",
        "┃ -# for @alice in #general, <@9>",
        "┃ Started 2 minutes ago",
        "┃ ────────",
        "┃ [image fox.png 1024x1024 120 KB] a fox",
        "┃ [media http://y/z.png]",
        "┃ More  [Prompt, off]",
        "┃ [Stop] [Open → http://y]",
    ]


def test_a_plain_message_shows_its_files_and_menus():
    menu: Json = {"type": 3, "placeholder": "Model", "options": [{"label": "A", "value": "a"}]}
    shown = lines(
        content="hello",
        attachments=[CLIP],
        components=[{"type": 1, "components": [menu]}],
    )
    assert shown == ["hello", "[video clip.mp4 3.4 MB]", "[▾ Model]"]


def test_thinking_and_private_are_said():
    assert lines(flags=128 | 64) == ["-# … is thinking", "-# Only you can see this"]


@pytest.mark.parametrize(
    ("moment", "style", "text"),
    [
        (NOW, "R", "0 seconds ago"),
        (NOW - 1, "R", "1 second ago"),
        (NOW + 7200, "R", "in 2 hours"),
        (NOW - 86400 * 400, "R", "1 year ago"),
        (0, "f", "01 January 1970 00:00"),
        (0, "t", "00:00"),
    ],
)
def test_times_are_told(moment: int, style: str, text: str):
    assert when(moment, style, NOW) == text


def test_only_what_can_be_used_is_a_control():
    parts: list[Json] = [
        {"type": 2, "label": "a", "custom_id": "a"},
        {"type": 2, "label": "b", "custom_id": "b", "disabled": True},
        {"type": 2, "label": "c", "url": "http://y"},
    ]
    message = Message(1, Channel(2, 0, "g"), User(5, "bot"), components=[{"type": 1, "components": parts}])
    assert [part["label"] for part in controls(message)] == ["a"]


@pytest.mark.parametrize(
    ("ids", "made"),
    [([], True), (["image:1:prompt"], True), (["video:1:cancel"], True), (["jam:1:join", "jam:1:add"], False)],
)
def test_what_waits_for_people_is_not_being_made(ids: list[str], made: bool) -> None:
    buttons = [{"type": 2, "style": 2, "label": each, "custom_id": each} for each in ids]
    row: list[Json] = [{"type": 1, "components": buttons}] if ids else []
    box: Json = {"type": 17, "accent_color": WAITING, "components": [{"type": 10, "content": "A fox"}, *row]}
    message = Message(1, Channel(2, 0, "general"), User(5, "bot", bot=True), components=[box])
    assert is_being_made(message) is made
    message.deleted = True
    assert not is_being_made(message)
