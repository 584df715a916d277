"""Typed lines as slash commands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.discord.choosing import Upload
from sandbox.names import mentioned
from sandbox.terminal.command_lines import Unclear, parse

COMMANDS: list[dict[str, Any]] = [
    {
        "name": "ask",
        "options": [
            {"name": "prompt", "type": 3, "required": True},
            {"name": "model", "type": 3},
            {"name": "file", "type": 11},
            {"name": "private", "type": 5},
        ],
    },
    {
        "name": "imagine",
        "options": [
            {"name": "prompt", "type": 3, "required": True},
            {"name": "count", "type": 4},
            {"name": "size", "type": 3, "choices": [{"name": "square", "value": "1024x1024"}]},
        ],
    },
    {
        "name": "config",
        "options": [
            {
                "name": "set",
                "type": 1,
                "options": [
                    {"name": "setting", "type": 3, "required": True},
                    {"name": "value", "type": 3, "required": True},
                ],
            },
            {"name": "show", "type": 1},
        ],
    },
    {"name": "who", "options": [{"name": "member", "type": 6, "required": True}]},
]


@pytest.mark.parametrize(
    ("line", "name", "options"),
    [
        ("/ask what is a fox?", "ask", {"prompt": "what is a fox?"}),
        ("/ask prompt:what is a fox? model:x", "ask", {"prompt": "what is a fox?", "model": "x"}),
        ("/ask this: see http://a.b/c:d", "ask", {"prompt": "this: see http://a.b/c:d"}),
        ("/ask a fox [fault:429*2] --private", "ask", {"prompt": "a fox [fault:429*2]", "private": True}),
        ("/ask a fox private:no", "ask", {"prompt": "a fox", "private": False}),
        ("/ask --model x --prompt a fox", "ask", {"prompt": "a fox", "model": "x"}),
        ('/ask model:x prompt:"a fox"', "ask", {"prompt": "a fox", "model": "x"}),
        ("/imagine a red fox --count=2", "imagine", {"prompt": "a red fox", "count": 2}),
        ("/imagine a fox count:2 size:square", "imagine", {"prompt": "a fox", "count": 2, "size": "1024x1024"}),
        ("/config set chat_model qwen3-max", "config set", {"setting": "chat_model", "value": "qwen3-max"}),
        ("/config show", "config show", {}),
        ("/who @bob", "who", {"member": "Bob"}),
    ],
)  # fmt: skip
def test_understood(line: str, name: str, options: dict[str, object]):
    phrase = parse(line, COMMANDS, people={"bob": "Bob"})
    assert (phrase.name, phrase.options) == (name, options)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/nothing", "/ask, /imagine"),
        ("/", "/ask, /imagine"),
        ("/ask", "needs prompt"),
        ("/ask a fox --colour red", "no option colour"),
        ("/imagine a fox count:two", "count: 'two'"),
        ("/ask a fox private:perhaps", "true or false"),
        ("/config", "set, show"),
        ("/config show me", "no options"),
        ("/who carol", "carol"),
        ("/ask a fox file:/nowhere/fox.txt", "No such file"),
    ],
)
def test_unclear(line: str, says: str):
    with pytest.raises(Unclear, match=says):
        parse(line, COMMANDS, people={"bob": "Bob"})


def test_a_file_goes_along(tmp_path: Path):
    (tmp_path / "fox.txt").write_text("vulpes", encoding="utf-8")
    phrase = parse(f"/ask what is it? --file {tmp_path / 'fox.txt'}", COMMANDS)
    assert phrase.options["file"] == Upload("fox.txt", b"vulpes")


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("@bob, @bobby and @bob-b", "<@1>, @bobby and @bob-b"),
        ("@OneKey Bot in #plans-2 (#plans)", "<@&3> in <#5> (<#4>)"),
        ("mail a@bob, <@bob>, C#plans", "mail a@bob, <@bob>, C#plans"),
        ("@OneKey", "@OneKey"),
        ("no names", "no names"),
    ],
)
def test_names_become_mentions_where_they_stand_alone(typed: str, sent: str):
    known = {"@bob": "<@1>", "@OneKey Bot": "<@&3>", "#plans": "<#4>", "#plans-2": "<#5>"}
    assert mentioned(typed, known) == sent


def test_only_texts_have_mentions():
    phrase = parse("/imagine @bob in the snow size:square count:2", COMMANDS, mentions={"@bob": "<@1>", "square": "x"})
    assert phrase.options == {"prompt": "<@1> in the snow", "size": "1024x1024", "count": 2}
