"""What the tests of the page share: typing a command as a person does, and waiting for what is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page


async def type_command(page: Page, name: str, prompt: str = "", **options: str) -> None:
    """Types /name and its first option, chooses the others from what is offered, and sends it; keys only."""
    await page.locator("#write").press_sequentially(f"/{name}")
    await expect(page.locator("#suggestions [role=option]").first).to_contain_text(f"/{name}")
    await page.keyboard.press("Enter")
    bar = page.locator("#command")
    await expect(bar).to_be_visible()
    await page.keyboard.type(prompt)
    for option, value in options.items():
        await add_option(page, option)
        await choose_value(page, value)
    await page.keyboard.press("Enter")


async def add_option(page: Page, option: str) -> None:
    """Adds an optional option of the command that is being typed."""
    await page.locator("#command .chip-end").focus()
    await page.keyboard.type(option)
    await expect(page.locator("#suggestions [role=option]").first).to_contain_text(option)
    await page.keyboard.press("Enter")
    await expect(page.locator("#command .chip-name", has_text=option)).to_be_visible()


async def choose_value(page: Page, value: str) -> None:
    """Types the beginning of a value and takes the first that is offered."""
    await page.keyboard.type(value)
    offered = page.locator("#suggestions [role=option].active")
    await expect(offered).to_contain_text(value)
    await page.keyboard.press("Enter")


def answers(page: Page, text: str = "") -> Locator:
    """The bot's messages that hold a text."""
    bots = page.locator(".entry", has=page.locator(".tag"))
    return bots.filter(has_text=text) if text else bots


def pressable(page: Page | Locator, custom_id: str) -> Locator:
    """Buttons of messages by how their custom_id ends."""
    return page.locator(f'[data-press$="{custom_id}"]:not([disabled])')
