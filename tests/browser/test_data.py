"""A file on its way: picked, uploaded, profiled before one's eyes, prepared by a choice, deleted."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.test_pages import complaints, sideways

# How long reading a small file may take on a busy machine, in milliseconds.
READING = 60_000
ROWS = "".join(f"{'yes' if n % 3 else 'no'},{n},{n / 7:.3f},{'red' if n % 2 else ''}\n" for n in range(400))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A CSV file with two classes."""
    path = tmp_path / "Shells of 2026.csv"
    path.write_text(f"bought,visits,spent,colour\n{ROWS}")
    return path


def looked_at(page: Page) -> list[str]:
    """What is wrong with the page in light and dark, and on a phone."""
    found = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        found += complaints(page)
    page.set_viewport_size({"width": 380, "height": 800})
    found += [f"{pixels} pixels too wide" for pixels in [sideways(page)] if pixels]
    page.set_viewport_size({"width": 1280, "height": 720})
    return found


def upload(page: Page, path: Path) -> None:
    """Pick the file on the page and send it."""
    page.goto("/w/local/data/new/")
    page.locator("#file").set_input_files(path)
    page.get_by_role("button", name="Upload").click()


def test_a_file_is_uploaded_chosen_from_and_deleted(desk: Page, table: Path) -> None:
    desk.goto("/w/local/data/new/")
    desk.get_by_role("button", name="Upload").click()
    expect(desk.get_by_text("Choose a file.")).to_be_visible()
    assert looked_at(desk) == []
    upload(desk, table)
    expect(desk.get_by_role("heading", name="Choose target and columns")).to_be_visible(timeout=READING)
    assert desk.url.endswith("/data/Shells-of-2026/")
    assert looked_at(desk) == []
    desk.get_by_role("radio", name="bought is the target").check()
    expect(desk.get_by_role("checkbox", name="Learn from bought")).to_be_disabled()
    desk.get_by_role("button", name="Prepare for training").click()
    expect(desk.get_by_role("link", name="Train on this")).to_be_visible(timeout=READING)
    expect(desk.get_by_text("0 no, 1 yes")).to_be_visible()
    assert looked_at(desk) == []
    desk.get_by_role("button", name="Delete").click()
    desk.get_by_role("button", name="Delete data set").click()
    expect(desk.get_by_role("heading", name="Data", exact=True)).to_be_visible()
    expect(desk.get_by_role("link", name="Shells-of-2026")).to_have_count(0, timeout=READING)


def test_an_upload_goes_on_where_the_console_says_and_a_broken_file_is_told_by_line(desk: Page, table: Path) -> None:
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if route.request.method == "PUT" and not lost:
            lost.append(route.request.url)
            route.fulfill(status=409, json={"errors": {}, "offset": 0})
        else:
            route.continue_()

    table.write_text("a,b\n1,2\n1\n")
    desk.route("**/data/uploads/**", lose_the_first)
    desk.goto("/w/local/data/new/")
    desk.locator("#file").set_input_files(table)
    desk.locator("#id_name").fill("lost")
    desk.get_by_role("button", name="Upload").click()
    expect(desk.get_by_text("This file cannot be used: line 3, column 2")).to_be_visible(timeout=READING)
    assert len(lost) == 1
    assert looked_at(desk) == []
