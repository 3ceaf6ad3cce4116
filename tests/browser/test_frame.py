"""What every page's frame offers: the palette, the shortcuts, the toasts."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.test_pages import complaints

SAY = "text => document.dispatchEvent(new CustomEvent('toast', {detail: {toasts: [text]}}))"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_palette_finds_a_job_by_the_keyboard_alone(
    open_page: NewPage, signed_in: Path, completed: str, theme: str
) -> None:
    page = open_page(storage_state=signed_in, color_scheme=theme)
    page.goto("/w/local/data/")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox")
    expect(field).to_be_focused()
    expect(page.get_by_role("option", name="New training job")).to_be_visible()
    assert complaints(page) == []
    page.keyboard.type(completed)
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=completed, exact=True)).to_be_visible()


def test_the_palette_changes_the_theme_and_says_when_nothing_is_found(desk: Page) -> None:
    desk.goto("/w/local/")
    desk.keyboard.press("Control+k")
    desk.keyboard.type("no such thing")
    expect(desk.get_by_text("Nothing is called that here")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("combobox")).to_be_hidden()
    desk.keyboard.press("Control+k")
    desk.keyboard.type("dark")
    desk.keyboard.press("Enter")
    expect(desk.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_sheet_lists_the_shortcuts_which_do_nothing_while_somebody_types(desk: Page) -> None:
    desk.goto("/w/local/training-jobs/")
    desk.locator(".filters input").first.focus()
    desk.keyboard.type("?gd")
    expect(desk.locator(".filters input").first).to_have_value("?gd")
    desk.locator("h1").click()
    desk.keyboard.press("?")
    sheet = desk.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet.get_by_text("Go to Data")).to_be_visible()
    expect(sheet.get_by_text("Find jobs, data, pages and actions")).to_be_visible()
    assert complaints(desk) == []
    desk.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_a_toast_is_undone_by_its_button_or_a_key_and_goes_when_it_is_closed(desk: Page) -> None:
    desk.goto("/w/local/")
    desk.evaluate(SAY, {"text": "The first", "level": "bad", "undo": ""})
    desk.evaluate(SAY, {"text": "Archived 3 jobs", "level": "good", "undo": "/w/local/undone/"})
    toasts = desk.get_by_role("region", name="Messages")
    expect(toasts).to_contain_text("Archived 3 jobs")
    expect(toasts.get_by_role("button", name="Undo")).to_have_count(1)
    assert complaints(desk) == []
    toasts.get_by_role("button", name="Close this message").first.click()
    expect(toasts).not_to_contain_text("The first")
    with desk.expect_request("**/w/local/undone/") as undone:
        desk.keyboard.press("u")
    assert "next=%2Fw%2Flocal%2F" in (undone.value.post_data or "")
