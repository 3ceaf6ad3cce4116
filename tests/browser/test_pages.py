"""What holds for every page: accessible in light and dark, usable on a phone, light to load."""

import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response, expect

from tests.browser.conftest import NewPage
from tests.jobs import Jobs
from tests.stack import Stack

PAGES = (
    "",
    "data/",
    "data/breast-cancer/",
    "train/",
    "train/xgboost/",
    "train/scikit-learn/",
    "training-jobs/",
    "validate/",
    "deploy/",
    "monitor/",
    "cleanup/",
)
OUTSIDE = ("/me/tokens/", "/api/v1/docs")
LIMIT_WITHOUT_CHART = 60_000  # bytes over the wire, compressed
MANY_JOBS = """
from apps.aws.models import Workspace
from apps.training.models import TrainingJob
workspace = Workspace.objects.get(slug="crowd")
TrainingJob.objects.bulk_create(
    TrainingJob(workspace=workspace, name=f"job-{n:04}", algorithm="xgboost", status="Completed", next_poll_at=None)
    for n in range(1000)
)
"""


def complaints(page: Page) -> list[str]:
    """What axe has against the page as it stands."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {json.dumps([node['target'] for node in each['nodes']])}" for each in found]


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_accessible(
    open_page: NewPage, signed_in: Path, jobs: Jobs, completed: str, failed: str, theme: str
) -> None:
    page = open_page(storage_state=signed_in, color_scheme=theme)
    found = {}
    inside = (*PAGES, f"training-jobs/{completed}/", f"training-jobs/{failed}/")
    for path in (*OUTSIDE, *(f"/w/local/{path}" for path in inside)):
        page.goto(path)
        page.wait_for_load_state()
        found[path] = complaints(page)
    assert {path: each for path, each in found.items() if each} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_signing_in_and_error_pages_are_accessible(
    open_page: NewPage, signed_in: Path, second_link: str, theme: str
) -> None:
    page = open_page(color_scheme=theme)
    for path in ("/sign-in/", "/sign-in/unknown/", second_link):
        page.goto(path)
        assert complaints(page) == []
    page = open_page(storage_state=signed_in, color_scheme=theme)
    page.goto("/w/local/nowhere/")
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    assert complaints(page) == []


def test_no_page_scrolls_sideways_on_a_phone(
    open_page: NewPage, signed_in: Path, jobs: Jobs, completed: str, failed: str
) -> None:
    page = open_page(storage_state=signed_in, viewport={"width": 380, "height": 800})
    wide = {}
    inside = (*PAGES, f"training-jobs/{completed}/", f"training-jobs/{failed}/")
    for path in (*OUTSIDE, *(f"/w/local/{path}" for path in inside)):
        page.goto(path)
        wide[path] = sideways(page)
    assert {path: pixels for path, pixels in wide.items() if pixels} == {}


@pytest.mark.parametrize("path", ["", "data/breast-cancer/", "train/", "train/xgboost/", "training-jobs/"])
def test_a_page_without_a_chart_is_light(desk: Page, path: str) -> None:
    answers: list[Response] = []
    desk.on("response", lambda response: answers.append(response))
    desk.goto(f"/w/local/{path}")
    desk.wait_for_load_state()
    pages = [answer for answer in answers if not answer.url.endswith("/events")]
    size = sum(answer.request.sizes()["responseBodySize"] for answer in pages)
    assert len(pages) > 10
    assert 20_000 < size < LIMIT_WITHOUT_CHART


def test_the_chosen_theme_is_remembered(desk: Page) -> None:
    desk.goto("/w/local/")
    desk.get_by_role("button", name="admin: theme, sign out").click()
    desk.get_by_text("Dark", exact=True).click()
    desk.goto("/w/local/data/")
    assert desk.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    dark = desk.evaluate("getComputedStyle(document.body).backgroundColor")
    desk.get_by_role("button", name="admin: theme, sign out").click()
    desk.get_by_text("Light", exact=True).click()
    assert desk.evaluate("getComputedStyle(document.body).backgroundColor") != dark


def test_the_keyboard_travels_along_the_rail_and_through_the_history(desk: Page, completed: str, failed: str) -> None:
    desk.goto("/w/local/")
    desk.keyboard.press("Tab")
    expect(desk.get_by_role("link", name="Skip to the page")).to_be_focused()
    desk.keyboard.press("g")
    desk.keyboard.press("t")
    expect(desk.get_by_role("heading", name="Training jobs")).to_be_visible()
    for key in "jjk":
        desk.keyboard.press(key)
    first = desk.locator("tbody th a").first
    expect(first).to_be_focused()
    name = first.inner_text()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name=name, exact=True)).to_be_visible()


def test_a_thousand_jobs_are_paged_through_newest_first(desk: Page, stack: Stack) -> None:
    stack.manage("add_workspace", "crowd", "--region", "us-east-1", "--endpoint-url", "http://127.0.0.1:9")
    stack.manage("shell", "-c", MANY_JOBS)
    desk.goto("/w/crowd/training-jobs/")
    expect(desk.locator("#jobs")).to_contain_text("1,000 jobs")
    expect(desk.locator("tbody tr")).to_have_count(50)
    seen = desk.locator("tbody th a").all_inner_texts()
    desk.get_by_role("link", name="Next page").click()
    expect(desk.get_by_role("link", name="First page")).to_be_visible()
    expect(desk.locator("tbody tr")).to_have_count(50)
    assert not set(seen) & set(desk.locator("tbody th a").all_inner_texts())
