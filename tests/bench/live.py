"""How soon a person sees what happens: a line that a job writes, and the first line after the Launch click."""

import statistics
import time
from collections.abc import Iterator

from playwright.sync_api import Page, sync_playwright

from tests.bench.figure import Figure
from tests.browser.conftest import PASSWORD
from tests.jobs import Jobs
from tests.stack import Stack, until

LAUNCHES = 3
WATCHED_MS = 20_000
SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
# Each new row's age when it appears: the line's own time in CloudWatch against the browser's clock.
WATCH = """() => {
  const rows = () => [...document.querySelectorAll("#log .line:not([data-missing])")];
  const known = new Set(rows().map((row) => row.dataset.number));
  window.ages = [];
  new MutationObserver(() => {
    for (const row of rows().filter(({ dataset }) => !known.has(dataset.number))) {
      known.add(row.dataset.number);
      window.ages.push(Date.now() - new Date(row.querySelector("time").dateTime));
    }
  }).observe(document.getElementById("log"), { childList: true, subtree: true });
}"""
# A job that lasts on any machine: each round of dart is slower than the one before.
DART = {"booster": "dart", "rate_drop": 0.1}


def measure() -> Iterator[Figure]:
    """The group `live`."""
    stack = Stack(bare=False)
    try:
        stack.start()
        stack.wait_until_healthy()
        jobs = Jobs(stack)
        first = until(lambda: next(iter(jobs.names()), None), 120, "the first job, once its data is there")
        jobs.wait_for_end(first)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES)
            page = browser.new_page(base_url=stack.url)
            _sign_in(page, stack)
            took = [_launch(page) for _ in range(LAUNCHES)]
            yield Figure("live.first-line-after-launch", "s", statistics.median(took), 2)
            yield Figure("live.line-to-browser-p95", "s", _ages(page, jobs), 1.5)
            browser.close()
    finally:
        stack.remove()


def _sign_in(page: Page, stack: Stack) -> None:
    page.goto(stack.sign_in_link())
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password confirmation").fill(PASSWORD)
    page.get_by_role("button", name="Keep password and sign in").click()
    page.get_by_role("heading", name="Home").wait_for()


def _launch(page: Page) -> float:
    """Seconds from the click to the first log line in the page."""
    page.goto("/w/local/train/xgboost/?dataset=breast-cancer")
    button = page.get_by_role("button", name="Launch job")
    began = time.perf_counter()
    button.click()
    page.locator("#log .line").first.wait_for()
    return time.perf_counter() - began


def _ages(page: Page, jobs: Jobs) -> float:
    """Seconds within which 95 % of the lines of a running job were in the page."""
    name = jobs.launch(jobs.upload(), 100_000, **DART)
    page.goto(f"/w/local/training-jobs/{name}/")
    page.locator("#log .line").first.wait_for()
    page.evaluate(WATCH)
    page.wait_for_timeout(WATCHED_MS)
    ages: list[float] = page.evaluate("window.ages")
    jobs.stop(name)
    return statistics.quantiles(ages, n=20)[-1] / 1000
