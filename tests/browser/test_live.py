"""Live, and still: what changes changes in place, and nothing else does."""

from playwright.sync_api import Page, expect

from tests.jobs import Jobs

OBSERVE_SHIFTS = """() => {
  window.shifts = [];
  const place = ({ node }) => node && (node.id || node.className || node.nodeName);
  const note = (list) => window.shifts.push(...list.getEntries().flatMap(({ sources }) => sources.map(place)));
  new PerformanceObserver(note).observe({ type: "layout-shift" });
}"""
AT_THE_END = """() => {
  const { scrollHeight, scrollTop, clientHeight } = document.getElementById("log");
  return scrollHeight - scrollTop - clientHeight < 24;
}"""


def done(page: Page) -> int:
    """The rounds that the job's page says are done."""
    return int(page.locator("progress").get_attribute("value") or 0)


def wait_for_news(page: Page, times: int) -> None:
    """Wait until the rounds done have changed so many times."""
    for _ in range(times):
        page.wait_for_function("(old) => document.querySelector('progress').value > old", arg=done(page))


def test_a_live_update_keeps_focus_selection_and_place(desk: Page, running: str) -> None:
    desk.goto(f"/w/local/training-jobs/{running}/")
    expect(desk.locator("#curve .scatterlayer")).to_be_visible()
    desk.get_by_role("button", name="Stop").focus()
    desk.evaluate("getSelection().selectAllChildren(document.querySelector('#log .line'))")
    selected = desk.evaluate("getSelection().toString()")
    desk.evaluate(OBSERVE_SHIFTS)
    wait_for_news(desk, 3)
    expect(desk.get_by_role("button", name="Stop")).to_be_focused()
    assert desk.evaluate("getSelection().toString()") == selected != ""
    assert desk.evaluate("window.shifts") == []


def test_a_paused_log_stays_where_it_is_and_following_goes_to_its_end(desk: Page, running: str) -> None:
    desk.goto(f"/w/local/training-jobs/{running}/")
    log = desk.locator("#log")
    state = desk.locator("[data-log-state]")
    expect(state).to_have_text("following")
    desk.wait_for_function("() => { const log = document.getElementById('log'); return log.scrollTop > 200; }")
    log.evaluate("element => { element.scrollTop = 0; }")
    expect(state).to_have_text("paused")
    wait_for_news(desk, 2)
    assert log.evaluate("element => element.scrollTop") == 0
    desk.get_by_role("button", name="Follow").click()
    expect(state).to_have_text("following")
    desk.wait_for_function(AT_THE_END)
    assert log.locator(".line").count() <= 3000


def test_a_new_job_appears_in_the_history_but_not_under_the_pointer(desk: Page, jobs: Jobs, completed: str) -> None:
    desk.goto("/w/local/training-jobs/")
    row = desk.get_by_role("row", name=completed)
    row.hover()
    name = jobs.launch(jobs.upload(), 5)
    with desk.expect_response(lambda response: response.url.endswith("/training-jobs/")):
        jobs.wait_for_end(name)
    expect(desk.get_by_role("row", name=name)).to_have_count(0)
    desk.get_by_role("heading", name="Training jobs").hover()
    other = jobs.launch(jobs.upload(), 5)
    expect(desk.get_by_role("row", name=name)).to_contain_text("Completed")
    expect(desk.get_by_role("row", name=other)).to_contain_text("Completed", timeout=30_000)
