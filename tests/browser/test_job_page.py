"""The job's page as people use it: a log of a million lines, curves over each other, note, tags, star, deletion."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import JOB_TIME
from tests.jobs import Jobs
from tests.stack import Stack

LINES = 1_000_000
# An ended job with that many lines of two instances, one of them an error.
LONG_LOG = f"""
from apps.aws.models import Workspace
from apps.training.models import LogChunk, LogStream, TrainingJob
job = TrainingJob.objects.create(
    workspace=Workspace.objects.get(slug="local"), name="million", algorithm="xgboost", status="Completed",
    next_poll_at=None, log_lines={LINES}, log_levels={{"error": {{"count": 1, "first": 750_001}}}},
)
streams = [LogStream.objects.create(job=job, name=f"million/algo-{{n}}") for n in (1, 2)]
def chunk(start):
    lines = [[1764000000000 + number, f"line {{number}}"] for number in range(start + 1, start + 1001)]
    broken = start == 750_000
    if broken:
        lines[0][1] = "ValueError: the needle"
    flagged = {{"error": [start + 1]}} if broken else {{}}
    return LogChunk(job=job, stream=streams[start // 1000 % 2], first_line=start + 1, last_line=start + 1000,
                    lines=lines, flagged=flagged)
for part in range(0, {LINES}, 50_000):
    LogChunk.objects.bulk_create(chunk(start) for start in range(part, part + 50_000, 1000))
"""
ONLY_IN_SIGHT = """([low, high]) => {
  const pane = document.getElementById("log").getBoundingClientRect();
  const seen = [...document.querySelectorAll("#log .line:not([data-missing])")].filter((row) => {
    const { top, bottom } = row.getBoundingClientRect();
    return top >= pane.top && bottom <= pane.bottom;
  }).map((row) => Number(row.dataset.number));
  return seen.length > 5 && seen[0] >= low && seen.at(-1) <= high;
}"""


@pytest.fixture(scope="module")
def million(stack: Stack, jobs: Jobs) -> str:
    """The name of a job with a million log lines."""
    stack.manage("shell", "-c", LONG_LOG)
    return "million"


def see(page: Page, low: int, high: int) -> None:
    """Wait until lines between these are in sight, and nothing else is."""
    page.wait_for_function(ONLY_IN_SIGHT, arg=[low, high])


def test_a_log_of_a_million_lines_is_scrolled_searched_and_filtered(desk: Page, million: str) -> None:
    desk.goto(f"/w/local/training-jobs/{million}/")
    log = desk.locator("#log")
    see(desk, LINES - 50, LINES)
    log.evaluate("pane => { pane.scrollTop = pane.scrollHeight / 2; }")
    see(desk, 499_000, 501_000)
    log.evaluate("pane => { pane.scrollTop = 0; }")
    see(desk, 1, 50)
    assert log.locator(".line").count() < 300
    desk.get_by_role("button", name="First error").click()
    see(desk, 749_950, 750_050)
    expect(log.locator(".hit")).to_have_text(re.compile("ValueError: the needle"))
    desk.get_by_label("Search the log").fill("LINE 99999")
    expect(desk.locator("[data-log-found]")).to_have_text("2 of 11")  # the first is above what is in sight
    see(desk, 999_940, LINES)
    desk.get_by_role("button", name="Next place").click()
    expect(desk.locator("[data-log-found]")).to_have_text("3 of 11")
    expect(log.locator(".hit mark")).to_have_text("line 99999")
    desk.get_by_label("Search the log").fill("")
    desk.get_by_label("Level").select_option(label="Errors (1)")
    expect(log.locator(".line")).to_have_count(1)
    desk.get_by_label("Level").select_option("")
    desk.get_by_label("Instance").select_option(label="algo-1")
    see(desk, 998_950, 999_000)


def test_curves_are_smoothed_put_on_a_log_scale_and_laid_over_each_other(
    desk: Page, jobs: Jobs, completed: str
) -> None:
    other = jobs.launch(jobs.upload(), 15)
    assert jobs.wait_for_end(other)["status"] == "Completed"
    desk.goto(f"/w/local/training-jobs/{completed}/")
    traces = desk.locator("#curve .scatterlayer .trace")
    expect(traces).to_have_count(3)
    desk.get_by_label("Smooth").fill("0.5")
    expect(traces).to_have_count(5)
    desk.get_by_label("Smooth").fill("0")
    desk.get_by_label("Log scale").check()
    desk.get_by_label("Along").select_option("time")
    expect(desk.locator("#curve")).to_contain_text("since the start")
    desk.goto(f"/w/local/training-jobs/{completed}/?with={other}")
    legend = desk.locator("[data-curve-legend] li")
    expect(legend).to_have_count(2)
    expect(legend.last).to_contain_text(other)


def test_a_note_is_written_in_place_and_what_was_not_kept_survives_a_reload(desk: Page, completed: str) -> None:
    desk.goto(f"/w/local/training-jobs/{completed}/")
    desk.get_by_text("Write a note").click()
    desk.get_by_label("Note, in Markdown").fill("a **bold** try")
    desk.get_by_role("button", name="Keep note").click()
    expect(desk.locator("[data-note-read] strong")).to_have_text("bold")
    desk.locator("#note-edit summary").click()
    desk.get_by_label("Note, in Markdown").fill("typed and not kept")
    desk.reload()
    expect(desk.get_by_label("Note, in Markdown")).to_have_value("typed and not kept")


def test_tags_star_and_archive_are_changed_and_taken_back(desk: Page, completed: str) -> None:
    desk.goto(f"/w/local/training-jobs/{completed}/")
    tags = desk.get_by_role("group", name="Tags")
    tags.get_by_text("Tag", exact=True).click()
    desk.get_by_label("Tag name").fill("team")
    desk.get_by_label("Tag value").fill("risk")
    tags.get_by_role("button", name="Set").click()
    expect(tags).to_contain_text("team = risk")
    tags.get_by_role("button", name="Remove the tag team").click()
    expect(tags).not_to_contain_text("team = risk")
    desk.get_by_role("button", name="Undo").last.click()
    expect(tags).to_contain_text("team = risk")
    desk.get_by_role("button", name="Star").click()
    expect(desk.get_by_role("button", name="Star")).to_have_attribute("aria-pressed", "true")
    desk.get_by_role("button", name="Archive").click()
    expect(desk.locator("#job")).to_contain_text("the history shows it only when asked")
    desk.get_by_role("button", name="Undo").last.click()
    expect(desk.get_by_role("button", name="Archive")).to_be_visible()


def test_a_job_is_launched_again_and_deleted_after_its_question(desk: Page, jobs: Jobs, failed: str) -> None:
    desk.goto(f"/w/local/training-jobs/{failed}/")
    desk.get_by_role("button", name="Launch again").click()
    expect(desk.locator("#job .pill")).to_have_text("Failed", timeout=JOB_TIME)
    name = desk.url.rstrip("/").rsplit("/", 1)[-1]
    assert name != failed
    expect(desk.get_by_role("link", name=failed)).to_be_visible()
    desk.get_by_role("button", name="Delete").click()
    dialog = desk.get_by_role("dialog", name=f"Delete {name}?")
    expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
    dialog.get_by_role("button", name="Delete job").click()
    expect(desk.get_by_role("heading", name="Training jobs")).to_be_visible()
    expect(desk.get_by_role("row", name=name)).to_have_count(0, timeout=30_000)
    assert failed in jobs.names()
    assert name not in jobs.names()


def test_a_models_files_are_listed_and_the_launch_shown_as_code(desk: Page, completed: str) -> None:
    desk.goto(f"/w/local/training-jobs/{completed}/")
    expect(desk.locator(".kv.files")).to_contain_text("xgboost-model", timeout=30_000)
    desk.get_by_text("Show as code").click()
    expect(desk.locator("#code pre").first).to_contain_text("create_training_job")
