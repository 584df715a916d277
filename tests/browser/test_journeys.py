"""What people do on the page, with keys and mouse: commands, answers that grow, buttons, forms, menus, files."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.async_api import expect

from tests.browser.typing_in import add_option, answers, pressable, type_command

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.browser.conftest import Windows

pytestmark = pytest.mark.asyncio(loop_scope="module")


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(file, "PNG")
    return file.getvalue()


async def test_an_answer_grows_in_place_and_keeps_the_focus(windows: Windows) -> None:
    windows.stage.api.next("chat", words=3000, words_per_second=40.0)
    page = await windows.open("alice")
    await type_command(page, "ask", "Why do foxes have white tail tips?")
    entry = answers(page, "white tail tips").last
    stop = pressable(entry, ":stop")
    await expect(stop).to_be_visible()
    await stop.focus()
    number = await entry.get_attribute("data-id")
    before = len(await entry.inner_text())
    await expect(stop).to_be_focused()
    await page.wait_for_function(
        "([id, length]) => document.getElementById(`m${id}`).innerText.length > length + 60", arg=[number, before]
    )
    await expect(stop).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(stop).to_have_count(0)
    await expect(page.locator(f"#m{number}")).to_have_count(1)


async def test_images_are_shown_and_open_large(windows: Windows) -> None:
    page = await windows.open("bob", "pictures")
    await type_command(page, "imagine", "A red fox in the snow", model="qwen-image", shape="Square")
    entry = answers(page, "red fox").last
    pictures = entry.locator("img")
    await expect(pictures.first).to_be_visible()
    await page.wait_for_function(
        "img => img.complete && img.naturalWidth > 0", arg=await pictures.first.element_handle()
    )
    rounded = await pictures.first.evaluate("img => getComputedStyle(img).borderRadius")
    assert rounded == "8px", "on all four corners: the frame of a single picture may be wider than it"
    await entry.locator("[data-large]").first.click()
    lightbox = page.locator("#lightbox")
    await expect(lightbox.locator("img")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(lightbox).not_to_be_visible()


async def test_a_clip_plays(windows: Windows) -> None:
    page = await windows.open("小明", "plans")
    await type_command(
        page,
        "video",
        "一只狐狸在雪地里奔跑",
    )
    clip = answers(page).last.locator("video")
    await expect(clip).to_be_visible()
    played = await clip.evaluate(
        "async clip => { clip.muted = true; await clip.play();"
        " await new Promise(done => clip.addEventListener('timeupdate', () => clip.currentTime > 0.2 && done()));"
        " return [clip.videoWidth, clip.error] }"
    )
    assert played[0] > 0
    assert played[1] is None


async def test_a_form_opens_is_checked_and_sent(windows: Windows) -> None:
    page = await windows.open("bob", "pictures")
    await type_command(page, "imagine", "An owl at dusk")
    entry = answers(page, "owl at dusk").last
    await pressable(entry, ":remix").click()
    dialog = page.get_by_role("dialog")
    prompt = dialog.locator("textarea").first
    await expect(prompt).to_have_value("An owl at dusk")
    await prompt.fill("")
    await dialog.locator("[type=submit]").click()
    await expect(dialog.locator(".is-wrong [role=alert]").first).not_to_be_empty()
    await prompt.fill("An owl at dawn")
    await dialog.locator("[type=submit]").click()
    await expect(dialog).to_have_count(0)
    await expect(answers(page, "owl at dawn").last.locator("img").first).to_be_visible()


async def test_a_form_closes_by_escape_and_gives_the_focus_back(windows: Windows) -> None:
    page = await windows.open("bob", "pictures")
    await type_command(page, "imagine", "A hare")
    button = pressable(answers(page, "A hare").last, ":remix")
    await button.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(button).to_be_focused()


async def test_a_menu_is_chosen_from_by_keys(windows: Windows) -> None:
    page = await windows.open("dave")
    await type_command(page, "setup")
    panel = page.locator(".entry").last
    await pressable(panel, ":what").click()
    menu = panel.locator('[data-menu^="setup:place:"] .menu-button').first
    await expect(menu).to_be_visible()
    await menu.press("Enter")
    await page.keyboard.type("pictures")
    await page.keyboard.press("Enter")
    await expect(panel.locator(".body")).to_contain_text("Settings in #pictures")
    await expect(menu).to_have_accessible_name(re.compile("pictures"))


async def test_suggestions_come_from_the_bot(windows: Windows) -> None:
    page = await windows.open("alice")
    await page.locator("#write").press_sequentially("/ask")
    await page.keyboard.press("Enter")
    await page.keyboard.type("Hi")
    await add_option(page, "model")
    options = page.locator("#suggestions [role=option]")
    await expect(options.filter(has_text="qwen3-max")).to_be_visible()
    await page.keyboard.type("reasoner")
    await expect(options).to_have_count(1)
    await expect(options).to_contain_text("deepseek-reasoner")


async def test_what_only_one_may_see_is_seen_by_one(windows: Windows) -> None:
    alice, bob = await windows.open("alice"), await windows.open("bob")
    await type_command(alice, "usage")
    private = alice.locator(".message.private").last
    await expect(private).to_contain_text("Only you can see this")
    await alice.locator("#write").fill("after it")
    await alice.keyboard.press("Enter")
    await expect(bob.locator(".entry", has_text="after it").last).to_be_visible()
    await expect(bob.locator(".message.private")).to_have_count(0)
    await private.locator("[data-dismiss]").click()
    await expect(alice.locator(".message.private")).to_have_count(0)


@pytest.mark.parametrize("way", ["paste", "drop"])
async def test_a_file_is_pasted_or_dropped_and_goes_with_a_command(windows: Windows, way: str) -> None:
    page = await windows.open("alice")
    await give_file(page, way, f"{way}.png", png())
    await expect(page.locator("#attached")).to_contain_text(f"{way}.png")
    await type_command(page, "ask", f"What is in this {way}?", model="qwen3-vl")
    await expect(answers(page, f"this {way}").last).to_contain_text("qwen3-vl-plus")
    requests = windows.stage.api.requests
    asked = f"this {way}".encode()
    await requests.until(lambda: any(asked in each.body for each in requests.of("chat")))
    [sent] = [each for each in requests.of("chat") if asked in each.body]
    assert b"data:image/png;base64," in sent.body


async def give_file(page: Page, way: str, name: str, content: bytes) -> None:
    """A file from the clipboard, or from elsewhere on the desk."""
    await page.evaluate(
        """([way, name, bytes]) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
            const target = document.getElementById("write");
            if (way === "paste") {
                target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
                return;
            }
            for (const step of ["dragenter", "dragover", "drop"]) {
                target.dispatchEvent(new DragEvent(step, { dataTransfer: data, bubbles: true, cancelable: true }));
            }
        }""",
        [way, name, list(content)],
    )


async def keeps_focus(page: Page) -> None:
    """The message box has it, also when the menu that is gone has told so."""
    await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    await expect(page.locator("#write")).to_be_focused()


async def test_a_message_is_sent_answered_to_and_deleted(windows: Windows) -> None:
    page = await windows.open("carol")
    await page.locator("#write").fill("First\nsecond line of **it**")
    await page.keyboard.press("Enter")
    sent = page.locator(".entry", has_text="second line").last
    await expect(sent.locator("strong")).to_have_text("it")
    entry = page.locator(f"#m{await sent.get_attribute('data-id')}")
    await entry.click(button="right")
    menu = page.get_by_role("menu", name="More")
    await menu.get_by_role("menuitem", name="Reply").click()
    await keeps_focus(page)
    await page.keyboard.type("An answer to it")
    await page.keyboard.press("Enter")
    await expect(page.locator(".entry", has_text="An answer to it").last.locator(".quote")).to_contain_text("First")
    await entry.click(button="right")
    await page.locator("#write").click()
    await expect(menu).to_be_hidden()
    await keeps_focus(page)
    await entry.click(button="right")
    await page.keyboard.press("Escape")
    await expect(entry.locator(".message")).to_be_focused()
    await entry.click(button="right")
    await menu.get_by_role("menuitem", name="Delete").click()
    await expect(entry).to_have_count(0)
    await expect(page.locator(".entry", has_text="An answer to it").last).to_contain_text("was deleted")


async def test_the_menu_of_a_message_has_what_the_bot_offers(windows: Windows) -> None:
    page = await windows.open("carol")
    await page.locator("#write").fill("A fox in a spacesuit")
    await page.keyboard.press("Enter")
    entry = page.locator(".entry", has_text="spacesuit").last
    await entry.hover()
    await entry.locator("[data-more]").click()
    offered = await page.get_by_role("menuitem").all_inner_texts()
    assert "Ask about this" in offered
    await page.get_by_role("menuitem", name="Ask about this").click()
    await expect(page.get_by_role("dialog").locator("textarea")).to_be_visible()


async def test_direct_messages(windows: Windows) -> None:
    page = await windows.open("bob", windows.stage.person("bob").dm())
    await type_command(page, "ask", "Are we alone?")
    await expect(answers(page, "Are we alone?").last).to_contain_text("deepseek-chat")


async def test_somebody_else_is_chosen_by_keys(windows: Windows) -> None:
    page = await windows.open("alice")
    await page.locator("#me").press("Enter")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/as/bob/**")
    await expect(page.locator("#me")).to_contain_text("bob")


async def test_a_dead_bot_does_not_answer_and_comes_back(windows: Windows) -> None:
    stage = windows.stage
    page = await windows.open("alice")
    stage.world.rules.acknowledge_within, within = 0.3, stage.world.rules.acknowledge_within
    try:
        await stage.kill()
        await type_command(page, "ask", "Is anybody there?")
        failed = page.locator(".message.failed")
        await expect(failed).to_contain_text("The application did not respond")
        await failed.get_by_role("button").click()
        await expect(failed).to_have_count(0)
    finally:
        stage.world.rules.acknowledge_within = within
    await stage.start()
    await type_command(page, "ask", "And now?")
    await expect(answers(page, "And now?").last).to_contain_text("deepseek-chat")
