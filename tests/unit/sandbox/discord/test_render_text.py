"""Text as a member reads it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sandbox.discord.render import render, when


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


NOON = 1616241600  # 2021-03-20 12:00 UTC, a Saturday


@pytest.mark.parametrize(
    ("moment", "style", "read"),
    [
        (NOON + 54000, "R", "15 小时后"),
        (NOON - 1, "R", "1 秒前"),
        (NOON, "R", "0 秒前"),
        (NOON + 125, "R", "2 分钟后"),
        (NOON - 3 * 86400, "R", "3 天前"),
        (NOON + 70 * 86400, "R", "2 个月后"),
        (NOON - 800 * 86400, "R", "2 年前"),
        (NOON, "t", "12:00"),
        (NOON, "T", "12:00:00"),
        (NOON, "d", "2021/3/20"),
        (NOON, "D", "2021年3月20日"),
        (NOON, "f", "2021年3月20日 12:00"),
        (NOON, "F", "2021年3月20日星期六 12:00"),
    ],
)
def test_times_of_a_chinese_client(moment: int, style: str, read: str) -> None:
    assert when(moment, style, NOON, "zh-CN") == read


def test_what_a_chinese_client_writes_itself() -> None:
    message = SimpleNamespace(content="<t:1616241600>恢复", embeds=[], components=[], attachments=[], flags=64)
    lines = render(message, name_of={0: ""}.get, now=NOON, locale="zh-CN")  # pyright: ignore[reportArgumentType] - the fields that are read
    assert lines == ["2021年3月20日 12:00恢复", "-# 只有您能看到此消息"]
    message.flags = 128
    assert render(message, name_of={0: ""}.get, now=NOON, locale="zh-CN") == ["-# … 正在思考"]  # pyright: ignore[reportArgumentType] - likewise
