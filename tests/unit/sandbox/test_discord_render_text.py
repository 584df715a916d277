"""Text as a member reads it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sandbox.discord.render import render


def shown(content: str) -> str:
    message = SimpleNamespace(content=content, embeds=[], components=[], attachments=[], flags=0)
    return "\n".join(render(message, name_of={1: "@alice"}.get, now=1000.0))  # pyright: ignore[reportArgumentType] - the fields that are read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"\[words\:20\] \<@1\> \*not bold\*", "[words:20] <@1> *not bold*"),
        ("<@1> came <t:940:R>", "@alice came 1 minute ago"),
        (r"back\\slash", r"back\slash"),
        (r"`\*code\*` and \*", r"`\*code\*` and *"),
        ("```\n\\[x\\]\n```", "```\n\\[x\\]\n```"),
        (r"\letters and \数 stay", r"\letters and \数 stay"),
    ],
)
def test_escaped_signs_are_shown_and_take_no_effect(written: str, read: str) -> None:
    assert shown(written) == read
