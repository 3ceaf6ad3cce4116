"""The history's filter in the browser: Enter shows, a new order shows itself, the address holds both."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.test_pages import complaints, sideways
from tests.jobs import Jobs

FAILED = "/w/local/training-jobs/?filter=status+%3D+Failed&sort=name"
WRONG = "/w/local/training-jobs/?filter=colour+%3D+red"


def test_enter_shows_what_the_filter_says_and_a_live_update_leaves_it_so(
    desk: Page, jobs: Jobs, completed: str, failed: str
) -> None:
    desk.goto("/w/local/training-jobs/")
    filter_field = desk.get_by_role("searchbox", name="Filter")
    filter_field.fill("status = Failed")
    filter_field.press("Enter")
    expect(desk.get_by_role("row", name=completed)).to_have_count(0)
    expect(desk.get_by_role("row", name=failed)).to_be_visible()
    filter_field.fill("status = Comp")
    with desk.expect_response(lambda response: "filter=status" in response.url):
        other = jobs.launch(jobs.upload(), 2)
    assert jobs.wait_for_end(other)["status"] == "Completed"
    expect(filter_field).to_have_value("status = Comp")
    expect(filter_field).to_be_focused()
    expect(desk.get_by_role("row", name=other)).to_have_count(0)
    expect(desk.get_by_role("link", name="Failed", exact=True)).to_have_attribute("aria-current", "true")


def test_a_new_order_shows_itself_keeps_the_filter_and_the_focus(desk: Page, completed: str, failed: str) -> None:
    desk.goto(FAILED)
    order = desk.get_by_role("combobox", name="Order")
    order.select_option("oldest first")
    desk.wait_for_url(re.compile("sort=created"))
    expect(order).to_be_focused()
    expect(order).to_have_value("created")
    expect(desk.get_by_role("searchbox", name="Filter")).to_have_value("status = Failed")
    desk.goto(FAILED)
    expect(order).not_to_be_focused()


def test_without_scripts_the_button_shows_the_chosen_order(
    open_page: NewPage, signed_in: Path, completed: str, failed: str
) -> None:
    page = open_page(storage_state=signed_in, java_script_enabled=False)
    page.goto("/w/local/training-jobs/")
    page.get_by_role("combobox", name="Order").select_option("by name")
    page.get_by_role("button", name="Show").click()
    names = page.locator("tbody th a").all_inner_texts()
    assert {completed, failed} <= set(names)
    assert names == sorted(names)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_history_with_its_filter_is_accessible_and_fits_a_phone(
    open_page: NewPage, signed_in: Path, completed: str, failed: str, theme: str
) -> None:
    page = open_page(storage_state=signed_in, color_scheme=theme, viewport={"width": 380, "height": 800})
    for address in (FAILED, WRONG):
        page.goto(address)
        assert complaints(page) == []
        assert sideways(page) == 0


def test_selected_rows_are_compared_and_the_comparison_is_accessible(desk: Page, completed: str, failed: str) -> None:
    desk.goto("/w/local/training-jobs/")
    boxes = [desk.get_by_role("checkbox", name=f"Select {name}", exact=True) for name in (completed, failed)]
    heights = [box.evaluate("box => box.getBoundingClientRect().top") for box in boxes]
    for box in boxes:
        box.check()
    expect(desk.get_by_text("2 jobs selected")).to_be_visible()
    assert [box.evaluate("box => box.getBoundingClientRect().top") for box in boxes] == heights
    assert complaints(desk) == []
    desk.get_by_role("link", name="Compare", exact=True).click()
    expect(desk.get_by_role("heading", name="Compare 2 jobs")).to_be_visible()
    expect(desk.get_by_role("row", name=re.compile("^Status"))).to_contain_text("Completed")
    assert complaints(desk) == []


def test_the_builder_writes_a_condition(desk: Page, completed: str, failed: str) -> None:
    desk.goto("/w/local/training-jobs/")
    desk.get_by_text("Add a condition").click()
    desk.get_by_role("combobox", name="Field").fill("status")
    desk.get_by_role("combobox", name="Value").fill("Failed")
    desk.get_by_role("button", name="And this").click()
    expect(desk.get_by_role("searchbox", name="Filter")).to_have_value("status = Failed")
    expect(desk.get_by_role("row", name=failed)).to_be_visible()
