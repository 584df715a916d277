"""What each person's window shows and does."""

from __future__ import annotations

import json

import pytest
from markupsafe import escape

from sandbox.discord.commands import overwrite
from sandbox.discord.models import COMPONENTS_V2, EPHEMERAL
from sandbox.discord.state import Draft
from tests.unit.sandbox.browser.conftest import Visitor

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "[x](javascript:alert(1))", "\u202egnp.exe"]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_texts_stay_texts(visitor: Visitor, text: str) -> None:
    world, general = visitor.stage.world, visitor.stage.channel("general")
    button = {"type": 2, "id": 3, "style": 1, "label": text, "custom_id": text}
    option = {"label": text, "value": text, "description": text}
    menu = {"type": 3, "id": 5, "custom_id": "m", "placeholder": text, "options": [option]}
    parts = [
        {"type": 10, "id": 1, "content": text},
        {"type": 1, "id": 2, "components": [button]},
        {"type": 1, "id": 4, "components": [menu]},
    ]
    world.create_message(general, world.application.bot, Draft(components=parts, flags=COMPONENTS_V2))
    file = world.attach(general, text, b"data")
    world.create_message(general, world.application.bot, Draft(content=text, attachments=[file]))
    html = await visitor.page("bob")
    assert str(escape(text)) in html
    assert "<script>" not in html
    assert "<img src=x" not in html
    assert 'href="javascript:' not in html


async def test_a_private_answer_is_seen_by_one_person_only(visitor: Visitor) -> None:
    world, general = visitor.stage.world, visitor.stage.channel("general")
    bob = visitor.stage.person("bob")
    world.create_message(general, world.application.bot, Draft(content="for bob", flags=EPHEMERAL), visible_to=bob.id)
    assert "for bob" in await visitor.page("bob")
    assert "Only you can see this" in await visitor.page("bob")
    assert "for bob" not in await visitor.page("alice")


async def test_a_reply_quotes_plain_text_and_a_gallery_shows_files_of_other_messages(visitor: Visitor) -> None:
    world, general = visitor.stage.world, visitor.stage.channel("general")
    file = world.attach(general, "fox.png", b"\x89PNG\r\n\x1a\n")
    shown = [{"type": 10, "id": 1, "content": "### A **fox**\n-# of bob's"}]
    first = world.create_message(
        general, world.application.bot, Draft(components=shown, attachments=[file], flags=COMPONENTS_V2)
    )
    await visitor.act("bob", "say", text="Which one?", reply=str(first.id))
    gallery = [{"type": 12, "id": 1, "items": [{"media": {"url": f"{file.url}"}}]}]
    world.create_message(general, world.application.bot, Draft(components=gallery, flags=COMPONENTS_V2))
    html = await visitor.page("bob")
    quote = html.split('class="quote-text"')[1].split("</a>")[0].partition(">")[2]
    assert quote.split() == ["A", "fox", "of", "bob&#39;s"]
    assert f'<img src="/files/{file.id}/fox.png"' in html
    assert file.url not in html


async def test_who_does_not_see_a_channel_finds_no_window(visitor: Visitor) -> None:
    async with visitor.session.get(visitor.origin + visitor.path("bob", "mod-log")) as response:
        assert response.status == 404
    assert "mod-log" in await visitor.page("carol", "mod-log")
    assert "mod-log" not in await visitor.page("bob")


async def test_the_client_speaks_the_person_s_language(visitor: Visitor) -> None:
    html = await visitor.page("小明")
    assert 'lang="zh-CN"' in html
    assert "给 #general 发消息" in html


async def test_a_menu_s_command_is_named_in_the_reader_s_language(visitor: Visitor) -> None:
    world, general = visitor.stage.world, visitor.stage.channel("general")
    form = {"type": 3, "name": "Remove", "name_localizations": {"zh-CN": "移除"}}
    overwrite(world.application, [form], new_id=world.ids)
    sent = world.create_message(general, world.application.bot, Draft(content="Removed."))
    used = {
        "id": "1",
        "type": 2,
        "name": "Remove",
        "command_type": 3,
        "user": {"id": str(visitor.stage.person("bob").id)},
    }
    sent.interaction = used
    assert '<span class="command-name">Remove</span>' in await visitor.page("bob")
    assert '<span class="command-name">移除</span>' in await visitor.page("小明")


async def test_what_is_said_reaches_every_window_at_once(visitor: Visitor) -> None:
    url = f"{visitor.origin}{visitor.path('bob', 'general')}/live?since=1e18"
    async with visitor.session.ws_connect(url, headers={"Origin": visitor.origin}) as socket:
        assert "places" in await socket.receive_json(timeout=5)
        assert await visitor.act("alice", "say", text="hello @bob", files=b"a note") == {}
        news = await socket.receive_json(timeout=5)
    [(number, html)] = news["rows"]
    message = visitor.stage.channel("general").messages[int(number)]
    assert message.content == f"hello {visitor.stage.person('bob').user.mention}"
    assert "pinged" in html
    assert "note.txt" in html


async def test_a_window_that_fell_behind_is_told_how_things_are_now(visitor: Visitor) -> None:
    alice, general = visitor.stage.person("alice"), visitor.stage.channel("general")
    first = await alice.say(general, "first")
    url = f"{visitor.origin}{visitor.path('bob', 'general')}/live?since=1e18"
    async with visitor.session.ws_connect(url, headers={"Origin": visitor.origin}) as socket:
        await socket.receive_json(timeout=5)
        for number in range(1000):
            visitor.stage.world.edit_message(first, Draft(content=f"edit {number}"))
            await alice.say(general, f"message {number}")
        news = await socket.receive_json(timeout=5)
    assert news["anew"]
    assert len(news["rows"]) == 50
    assert "message 999" in news["rows"][-1][1]


async def test_older_messages_come_page_by_page(visitor: Visitor) -> None:
    alice, general = visitor.stage.person("alice"), visitor.stage.channel("general")
    said = [await alice.say(general, f"message {number};") for number in range(120)]
    html = await visitor.page("alice")
    assert html.count("<article") == 50
    url = f"{visitor.origin}{visitor.path('alice', 'general')}/before/"
    async with visitor.session.get(url + str(said[70].id)) as response:
        page = await response.json()
    assert page["html"].count("<article") == 50
    assert page["more"]
    async with visitor.session.get(url + str(said[20].id)) as response:
        page = await response.json()
    assert page["html"].count("<article") == 20
    assert not page["more"]


async def test_a_refusal_is_an_answer(visitor: Visitor) -> None:
    answer = await visitor.act("bob", "command", command="nothing")
    assert "not offered" in answer["refused"]


async def test_a_file_that_is_too_large_is_refused_with_the_limit(visitor: Visitor) -> None:
    answer = await visitor.act("bob", "say", text="", files=b"0" * (10 * 1024 * 1024 + 1))
    assert "10.0 MB" in answer["refused"]


async def test_files_come_in_ranges_and_only_pictures_are_shown(visitor: Visitor) -> None:
    world, general = visitor.stage.world, visitor.stage.channel("general")
    clip = world.attach(general, "clip.mp4", b"\0\0\0\x18ftypisom" + b"0123456789")
    page = world.attach(general, "page.html", b"<script>alert(1)</script>")
    url = f"{visitor.origin}/files/{clip.id}/clip.mp4"
    async with visitor.session.get(url, headers={"Range": "bytes=12-14"}) as response:
        assert response.status == 206
        assert response.headers["Content-Range"] == "bytes 12-14/22"
        assert await response.read() == b"012"
    async with visitor.session.get(url, headers={"Range": "bytes=99-"}) as response:
        assert response.status == 416
    for invalid in ("bytes=5-2", "bytes=x", "pages=1-2", "bytes=0-1,3-4"):
        async with visitor.session.get(url, headers={"Range": invalid}) as response:
            assert (response.status, len(await response.read())) == (200, 22), invalid
    async with visitor.session.get(f"{visitor.origin}/files/{page.id}/page.html") as response:
        assert response.content_type == "application/octet-stream"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


async def test_a_post_in_a_forum_leads_to_its_thread(visitor: Visitor) -> None:
    forum = next(each for each in visitor.stage.guild.channels.values() if each.name == "ideas")
    answer = await visitor.act("bob", "post", forum, title="A fox", text="in the snow")
    async with visitor.session.get(visitor.origin + answer["to"]) as response:
        assert "in the snow" in await response.text()
    assert json.dumps("A fox")[1:-1] in await visitor.page("alice", forum)
