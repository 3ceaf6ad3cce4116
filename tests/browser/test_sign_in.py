"""Signing in: by the one-time link, by password, after a session's end."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD
from tests.browser.test_pages import complaints
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


def test_when_the_session_has_ended_the_page_asks_to_sign_in_again_and_keeps_what_was_typed(
    desk: Page, jobs: Jobs
) -> None:
    desk.goto("/w/local/training-jobs/")
    desk.locator(".filters input").first.fill("status = Failed")
    desk.context.clear_cookies()
    desk.evaluate("htmx.trigger('#rail', 'sse:jobs')")
    dialog = desk.get_by_role("dialog", name="Your session has ended")
    expect(dialog).to_be_visible()
    assert complaints(desk) == []
    dialog.get_by_label("Password").fill("not the password")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog.get_by_role("alert")).to_contain_text("not the right password")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_be_hidden()
    expect(desk.locator(".filters input").first).to_have_value("status = Failed")


def test_a_form_sent_after_the_session_has_ended_is_sent_once_its_person_is_back(desk: Page) -> None:
    desk.goto("/me/tokens/")
    desk.get_by_label("What for").fill("kept through the sign-in")
    desk.context.clear_cookies(name=re.compile("session"))
    desk.get_by_role("button", name="Make token").click()
    expect(desk.get_by_role("status")).to_contain_text("is kept in this page")
    sign_in(desk, PASSWORD)
    expect(desk.get_by_role("heading", name="Your new token")).to_be_visible()
    expect(desk.get_by_role("row", name="kept through the sign-in")).to_be_visible()
    desk.get_by_role("button", name="Revoke kept through the sign-in").click()
    desk.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(desk.locator(".toast")).to_contain_text("Revoked kept through the sign-in")
