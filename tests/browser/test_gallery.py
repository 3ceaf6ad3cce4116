"""The gallery and the form, as a person uses them: search, be told at once what is wrong, see the launch as code."""

import re

from playwright.sync_api import Page, expect


def test_an_algorithm_is_found_by_words_task_and_hyperparameter_and_the_address_keeps_the_search(desk: Page) -> None:
    desk.goto("/w/local/train/?dataset=abalone")
    recommended = desk.get_by_role("region", name="Recommended for Abalone")
    expect(recommended.get_by_role("link", name="XGBoost", exact=True)).to_be_visible()
    expect(desk.get_by_role("article").filter(has_text="Semantic segmentation")).to_contain_text("only on AWS")
    search, found = desk.get_by_label("Search", exact=True), desk.get_by_role("status").filter(has_text="algorithm")
    search.fill("time series")
    expect(found).to_have_text("1 algorithm")
    expect(desk.get_by_role("link", name="DeepAR forecasting", exact=True)).to_be_visible()
    search.fill("colsample_bytree")
    expect(found).to_have_text("1 algorithm")
    search.fill("")
    desk.get_by_label("Task").select_option("clustering")
    expect(found).to_have_text("1 algorithm")
    expect(desk).to_have_url(re.compile("task=clustering"))
    search.fill("pictures")
    expect(desk.get_by_role("heading", name="No algorithm fits")).to_be_visible()
    desk.reload()
    expect(search).to_have_value("pictures")
    expect(found).to_have_text("0 algorithms")


def test_the_form_says_at_once_what_is_wrong_and_shows_the_launch_as_code(desk: Page) -> None:
    desk.goto("/w/local/train/xgboost/?dataset=breast-cancer")
    eta = desk.get_by_label("eta", exact=True)
    eta.fill("7")
    eta.blur()
    expect(eta).to_have_attribute("aria-invalid", "true")
    expect(eta).to_have_accessible_description(re.compile("eta must be 0 to 1, not 7"))
    desk.get_by_text("Show as code").click()
    expect(desk.locator("#code")).to_contain_text("as soon as the form is complete")
    eta.fill("0.25")
    eta.blur()
    expect(eta).not_to_have_attribute("aria-invalid", "true")
    for label in ("The call for boto3", "The line for the AWS CLI", "The call for the SageMaker SDK"):
        expect(desk.get_by_label(label)).to_contain_text('"eta": "0.25"')
    expect(desk.locator("[data-summary=set]")).to_contain_text("eta 0.25")

    desk.get_by_label("Find a hyperparameter").fill("rate_drop")
    dropped = desk.locator(".hp", has=desk.get_by_label("rate_drop"))
    expect(dropped).to_contain_text("dropped each round")
    expect(desk.get_by_label("num_round")).to_be_hidden()
    expect(dropped).to_have_class(re.compile("idle"))

    name = desk.get_by_label("Job name")
    made_up = name.input_value()
    desk.get_by_role("radio", name="Abalone").check()
    expect(name).to_have_value(made_up.replace("breast-cancer", "abalone"))
