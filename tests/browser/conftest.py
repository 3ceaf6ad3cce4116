"""A person at the console in Chromium: signed in by the one-time link, with sample data, every complaint noted."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from tests.jobs import DART, LASTING, Jobs
from tests.stack import Stack

PASSWORD = "correct horse battery staple"
# How long a small job may take from launch to its end on a busy machine, in milliseconds.
JOB_TIME = 240_000
expect.set_options(timeout=30_000)

NewPage = Callable[..., Page]


class Watch:
    """Notes what no page may do: log an error, break the Content-Security-Policy, ask another host for anything."""

    def __init__(self, page: Page, home: str) -> None:
        self.home = home
        self.problems: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium logs a refused form (422) and other refusals that a test provokes as errors; the tests look at those.
        refused = re.search(r"(the server responded with a status of|Response Status Error Code) 4", message.text)
        if message.type in ("error", "warning") and not refused:
            self.problems.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.problems.append(f"request to another host: {request.url}")


@pytest.fixture(scope="session")
def jobs(stack: Stack) -> Jobs:
    """Launches jobs by the REST API, where it is not the launch that a test looks at."""
    stack.manage("first_light")
    return Jobs(stack)


@pytest.fixture(scope="session")
def signed_in(browser: Browser, stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first visit: the printed link asks for a password, then home is shown; answers the browser's cookies."""
    page = browser.new_page()
    page.goto(stack.sign_in_link())
    expect(page.get_by_role("heading", name="Choose a password")).to_be_visible()
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password confirmation").fill(PASSWORD)
    page.get_by_role("button", name="Keep password and sign in").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    assert page.url == f"{stack.url}/w/local/"
    cookies = tmp_path_factory.mktemp("browser") / "state.json"
    page.context.storage_state(path=cookies)
    page.close()
    return cookies


@pytest.fixture(scope="session")
def second_link(stack: Stack, signed_in: Path) -> str:
    """A fresh one-time link, made by command, that no test uses up."""
    return stack.manage("sign_in_link", "admin").strip()


@pytest.fixture
def open_page(browser: Browser, stack: Stack) -> Iterator[NewPage]:
    """Opens watched pages in contexts of their own; fails the test when one had something to complain of."""
    opened: list[tuple[Page, Watch]] = []

    def make(**options: Any) -> Page:
        page = browser.new_context(base_url=stack.url, **options).new_page()
        page.set_default_timeout(60_000)
        opened.append((page, Watch(page, stack.url)))
        return page

    yield make
    problems = [problem for _, watch in opened for problem in watch.problems]
    for page, _ in opened:
        page.context.close()
    assert problems == []


@pytest.fixture
def visitor(open_page: NewPage) -> Page:
    """A page of somebody who has not signed in."""
    return open_page()


@pytest.fixture
def desk(open_page: NewPage, signed_in: Path, jobs: Jobs) -> Page:
    """A page of the signed-in person, with the sample data sets there."""
    return open_page(storage_state=signed_in)


@pytest.fixture(scope="session")
def completed(jobs: Jobs) -> str:
    """The name of a job that has completed."""
    name = jobs.launch(jobs.upload(), 20)
    assert jobs.wait_for_end(name)["status"] == "Completed"
    return name


@pytest.fixture(scope="session")
def failed(jobs: Jobs) -> str:
    """The name of a job that has failed, for its data is not there."""
    name = jobs.launch("s3://sagemaker-us-east-1-123456789012/nowhere/train.csv", 20)
    assert jobs.wait_for_end(name)["status"] == "Failed"
    return name


@pytest.fixture
def running(jobs: Jobs) -> Iterator[str]:
    """The name of a job that trains for longer than any test looks at it, and is stopped afterwards."""
    name = jobs.launch(jobs.upload(), LASTING, **DART)
    jobs.wait_for_rounds(name)
    yield name
    jobs.stop(name)
