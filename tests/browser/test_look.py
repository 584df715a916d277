"""How the page looks and reads: roles and contrast in both themes, small windows, hostile texts, times and spoilers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import pytest
from axe_playwright_python.base import AXE_SCRIPT  # pyright: ignore[reportMissingTypeStubs] - ships none
from playwright.async_api import expect

from sandbox.discord.models import COMPONENTS_V2, EPHEMERAL
from sandbox.discord.state import Draft
from tests.browser.typing_in import type_command

if TYPE_CHECKING:
    from playwright.async_api import Page

    from sandbox.discord.models import Channel
    from tests.browser.conftest import Theme, Windows

pytestmark = pytest.mark.asyncio(loop_scope="module")

THEMES: Final[dict[Theme, dict[str, Any]]] = {
    # What people write has headings in whatever order they like.
    "dark": {"rules": {"heading-order": {"enabled": False}}},
    # Names and roles are the same there.
    "light": {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}},
}
MARKED: Final = """\
# Heading
## Second **bold** *italic* __under__ ~~struck~~
### Third ||spoiler with [a link](https://example.com)||
-# subtext with `code`, <t:1700000000:f> and </ask:1>
> quoted <@{person}> in <#{channel}>
- one
  1. two
[a link](https://example.com) https://example.com/bare <:fox:1> @everyone
Words around [a link](https://example.com), which is told from them without its colour.
```python
def fox(name: str = "x") -> int:  # why
    return len(name) + 1
```
"""
HOSTILE: Final = [
    "<script>window.hacked = true</script>",
    '"><img src=x onerror="window.hacked = true">',
    "[click](javascript:window.hacked=true) <javascript:window.hacked=true>",
    "https://example.com/\"onmouseover='window.hacked=true'",
    "\u202e\u2066exe.gnp",
    "```html\n</code></pre><script>window.hacked = true</script>\n```",
]


def card(windows: Windows, channel: Channel, *, only: int | None = None) -> None:
    """A message with every component there is; `only`: whoever alone sees it."""
    world = windows.stage.world
    file = world.attach(channel, "notes.txt", b"text")
    button: dict[str, Any] = {"type": 2, "custom_id": "b"}
    buttons = [button | {"style": style, "label": f"Style {style}", "custom_id": f"b{style}"} for style in (1, 2, 3, 4)]
    off = button | {"style": 2, "label": "Off", "custom_id": "off", "disabled": True}
    options = [{"label": "First", "value": "1", "description": "the first"}, {"label": "Second", "value": "2"}]
    inside: list[dict[str, Any]] = [
        {"type": 10, "content": "### A card\n-# with all there is"},
        {"type": 9, "components": [{"type": 10, "content": "A section"}], "accessory": buttons[0] | {"custom_id": "s"}},
        {"type": 14, "divider": True, "spacing": 2},
        {"type": 13, "file": {"url": f"attachment://{file.filename}", "attachment_id": str(file.id)}},
        {"type": 1, "components": [*buttons[1:], off, {"type": 2, "style": 5, "label": "Link", "url": "https://a.b"}]},
        {"type": 1, "components": [{"type": 3, "custom_id": "m", "placeholder": "A menu", "options": options}]},
    ]
    container = {"type": 17, "accent_color": 0x5865F2, "components": inside}
    flags = COMPONENTS_V2 if only is None else COMPONENTS_V2 | EPHEMERAL
    draft = Draft(components=[container], attachments=[file], flags=flags)
    world.create_message(channel, world.application.bot, draft, visible_to=only)


async def read_by_axe(page: Page, where: str, within: str = "html") -> list[str]:
    """What axe finds wrong in the page, or in a part of it, as it is now: in one theme, and of colours in the other."""
    await expect(page.locator(within)).to_be_visible()
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    found: list[str] = []
    for theme, options in THEMES.items():
        await page.emulate_media(color_scheme=theme)
        violations: list[dict[str, Any]] = await page.evaluate(
            "async ([within, options]) => (await axe.run(within, options)).violations",
            [within, options | {"resultTypes": ["violations"]}],
        )
        found += [
            f"{where}, {theme}: {each['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
            for each in violations
            for node in each["nodes"]
        ]
    return found


async def test_roles_and_contrast(windows: Windows) -> None:
    stage = windows.stage
    alice, place = stage.person("alice"), stage.channel("late-night")
    text = MARKED.format(person=alice.id, channel=place.id)
    await alice.say(place, text)
    card(windows, place)
    card(windows, place, only=alice.id)
    page = await windows.open("alice", "late-night")
    await type_command(page, "ask", "Why?")
    await expect(page.locator(".entry").last).to_contain_text("deepseek-chat")
    found: list[str] = []
    found += await read_by_axe(page, "messages")

    await page.locator("#me").click()
    found += await read_by_axe(page, "who I am", "#drawer")
    await page.keyboard.press("Escape")
    await page.locator("#write").press_sequentially("/imagine")
    await page.keyboard.press("Enter")
    found += await read_by_axe(page, "a command", "#composer")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await page.locator('[data-menu="m"] .menu-button').first.click()
    found += await read_by_axe(page, "a menu", ".popup:popover-open")
    await page.keyboard.press("Escape")
    await page.locator(".entry .markdown .spoiler").last.press("Enter")
    await page.locator(".entry").last.click(button="right")
    found += await read_by_axe(page, "the menu of a message", ".popup:popover-open")
    await page.keyboard.press("Escape")
    await page.locator("#panel-button").click()
    for tab in ("service", "discord", "events", "limits", "switches"):
        await page.locator(f"#tab-{tab}").click()
        if tab == "service":
            await page.locator(".exchange summary").first.click()
            await expect(page.locator(".exchange pre").first).to_be_visible()
        await expect(page.locator(f"#shown-{tab}")).not_to_be_empty()
        found += await read_by_axe(page, f"the panel's {tab}", "#panel")
    assert not found, "\n".join(found)


async def test_a_form_has_roles_and_contrast(windows: Windows) -> None:
    page = await windows.open("bob", "pictures")
    await page.locator("#write").fill("A fox")
    await page.keyboard.press("Enter")
    entry = page.locator(".entry", has_text="A fox").last
    await entry.click(button="right")
    await page.get_by_role("menuitem", name="Ask about this").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    found = await read_by_axe(page, "a form", "dialog[open]")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("machine", ["dark", "light"])
async def test_the_theme_is_chosen_and_kept(windows: Windows, machine: Theme) -> None:
    page = await windows.open("bob", theme=machine)
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    before = await page.evaluate(ground)
    await page.locator("#theme").click()
    after = await page.evaluate(ground)
    assert after != before
    await page.reload()
    assert await page.evaluate(ground) == after


async def test_hostile_texts_stay_text(windows: Windows) -> None:
    stage = windows.stage
    bob, place = stage.person("bob"), stage.channel("late-night")
    for text in HOSTILE:
        await bob.say(place, text)
    thread = stage.world.thread(place, HOSTILE[0], owner=bob.user)
    page = await windows.open("bob", "late-night")
    log = page.locator("#log")
    for text in (HOSTILE[0], HOSTILE[1], "javascript:window.hacked=true", "</code></pre><script>"):
        await expect(log).to_contain_text(text)
    links = await log.locator("a").evaluate_all("links => links.map(link => link.protocol)")
    assert set(links) <= {"http:", "https:"}
    await type_command(page, "ask", HOSTILE[0] + HOSTILE[1])
    await expect(page.locator(".entry").last).to_contain_text("deepseek-chat")
    await page.locator("#panel-button").click()
    await page.locator(".exchange summary").first.click()
    await expect(page.locator(".exchange pre").first).to_contain_text("<script>")
    await page.goto(windows.site.page.address_of(bob, thread))
    await expect(page.get_by_role("heading", level=1)).to_contain_text("<script>")
    assert await page.evaluate("window.hacked") is None


async def test_no_page_can_run_what_is_not_its_own(windows: Windows) -> None:
    page = await windows.open("bob")
    response = await page.reload()
    assert response is not None
    policy = await response.header_value("content-security-policy")
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    [cookie] = [each for each in await page.context.cookies() if each.get("name", "").startswith("sandbox-")]
    assert cookie.get("sameSite") == "Strict"
    assert cookie.get("httpOnly") is True


async def test_a_small_window(windows: Windows) -> None:
    stage = windows.stage
    place = stage.channel("plans")
    await stage.person("bob").say(place, MARKED.format(person=1, channel=2))
    await stage.person("bob").say(place, "x" * 400)
    card(windows, place)
    page = await windows.open("bob", "plans", viewport=(380, 700))
    wide = "[document.documentElement, document.querySelector('#scroller')].some(each => each.scrollWidth > innerWidth)"
    assert await page.evaluate(wide) is False
    drawer = page.get_by_role("button", name="Channels and threads")
    await drawer.press("Enter")
    await expect(page.locator("#drawer .place.here")).to_be_focused()
    found = await read_by_axe(page, "the drawer", "#drawer")
    assert not found, "\n".join(found)
    await page.keyboard.press("Escape")
    await expect(drawer).to_be_focused()
    await drawer.click()
    await page.get_by_role("link", name="general").click()
    await page.wait_for_url(f"**/channel/{stage.channel('general').id}")
    await type_command(page, "ask", "Is it small here?")
    await expect(page.locator(".entry").last).to_contain_text("deepseek-chat")
    assert await page.evaluate(wide) is False
    await page.locator("#panel-button").click()
    await expect(page.locator("#panel")).to_be_visible()
    assert await page.evaluate(wide) is False
    await page.keyboard.press("Escape")
    await expect(page.locator("#panel")).not_to_be_visible()
    await expect(page.locator("#panel-button")).to_be_focused()


async def test_times_count_and_spoilers_open_by_keyboard(windows: Windows) -> None:
    bob, place = windows.stage.person("bob"), windows.stage.channel("plans")
    page = await windows.open("bob", "plans")
    await bob.say(place, f"<t:{int(time.time()) + 3600}:R> <t:1715865000:t> ||the butler [did](https://a.b)||")
    entry = page.locator(".entry", has_text="the butler").last
    await expect(entry.locator("time[data-style=R]")).to_have_text("in 59 minutes")
    await expect(entry.locator("time[data-style=t]").last).to_have_text("1:10 PM")
    chinese = (await windows.open("小明", "plans")).locator(".entry", has_text="the butler").last
    await expect(chinese.locator("time[data-style=R]")).to_have_text("59 分钟后")
    spoiler = entry.get_by_role("button", name="Spoiler")
    await expect(entry.get_by_role("link", name="did")).to_have_count(0)
    await spoiler.press("Enter")
    await expect(entry.get_by_role("link", name="did")).to_be_visible()
