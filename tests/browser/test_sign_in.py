"""Signing in: by the one-time link, by password, after a session's end."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD
from tests.jobs import Jobs
from tests.stack import Stack


def sign_in(page: Page, password: str) -> None:
    """Fill in and send the sign-in form."""
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_the_one_time_link_does_not_work_a_second_time(visitor: Page, stack: Stack, signed_in: Path) -> None:
    visitor.goto(stack.sign_in_link())
    expect(visitor.get_by_role("heading", name="This link no longer works")).to_be_visible()
    visitor.get_by_role("link", name="Go to sign-in").click()
    expect(visitor.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_weak_password_is_refused_and_the_link_still_works(visitor: Page, second_link: str) -> None:
    visitor.goto(second_link)
    visitor.get_by_label("New password", exact=True).fill("12345678")
    visitor.get_by_label("New password confirmation").fill("12345678")
    visitor.get_by_role("button", name="Keep password and sign in").click()
    expect(visitor.locator(".error")).to_contain_text("too common")
    visitor.goto(second_link)
    expect(visitor.get_by_role("heading", name="Choose a password")).to_be_visible()


def test_a_person_signs_in_by_password_reaches_the_page_asked_for_and_signs_out(visitor: Page, signed_in: Path) -> None:
    visitor.goto("/w/local/data/")
    expect(visitor.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(visitor, "not the password")
    expect(visitor.get_by_role("alert")).to_contain_text("correct username and password")
    sign_in(visitor, PASSWORD)
    expect(visitor.get_by_role("heading", name="Data", exact=True)).to_be_visible()
    visitor.get_by_role("button", name="admin: theme, sign out").click()
    visitor.get_by_role("button", name="Sign out", exact=True).click()
    expect(visitor.get_by_role("heading", name="Sign in")).to_be_visible()
    visitor.goto("/w/local/data/")
    expect(visitor.get_by_role("heading", name="Sign in")).to_be_visible()


def test_when_the_session_has_ended_a_live_update_sends_the_whole_page_to_sign_in(desk: Page, jobs: Jobs) -> None:
    with desk.expect_response("**/events"):
        desk.goto("/w/local/training-jobs/")
    desk.context.clear_cookies()
    jobs.launch(jobs.upload(), 2)
    desk.wait_for_url("**/sign-in/?next=*training-jobs*")
    expect(desk.locator(".rail")).to_have_count(0)
