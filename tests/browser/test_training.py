"""The whole way of a job, as a person goes it: launch, watch, finish; fail; stop; wrong input."""

import re
import tarfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import JOB_TIME

# Every half pixel of every curve, looked for within the box of the label's letters.
POINTS_UNDER_THE_LABEL = """() => {
  const labels = [...document.querySelectorAll("#curve .annotation-text")];
  const box = labels.find((label) => label.textContent.startsWith("best ")).getBoundingClientRect();
  let hidden = 0;
  const paths = [...document.querySelectorAll("#curve .scatterlayer path.js-line")];
  if (paths.length !== 2) throw new Error(`${paths.length} curves`);
  for (const path of paths) {
    const matrix = path.getScreenCTM();
    for (let at = 0; at <= path.getTotalLength(); at += 0.5) {
      const { x, y } = path.getPointAtLength(at).matrixTransform(matrix);
      hidden += x > box.left && x < box.right && y > box.top && y < box.bottom;
    }
  }
  return hidden;
}"""


def launch(page: Page, rounds: int) -> str:
    """Fill in the rounds and launch; answers the job's name once its page is there."""
    page.get_by_label("num_round").fill(str(rounds))
    page.get_by_role("button", name="Launch job").click()
    page.wait_for_url(re.compile(r"/training-jobs/[^/]+/$"))
    return page.url.rstrip("/").rsplit("/", 1)[-1]


def wait_for_status(page: Page, status: str) -> None:
    """Wait until the job's page says so."""
    expect(page.locator("#job .pill")).to_have_text(status, timeout=JOB_TIME)


def test_a_job_is_launched_and_watched_to_completed_without_a_reload_and_its_model_downloaded(
    desk: Page, tmp_path: Path
) -> None:
    desk.goto("/w/local/")
    desk.get_by_role("navigation", name="Lifecycle").get_by_role("link", name="Data").click()
    desk.get_by_role("link", name="Breast cancer").click()
    desk.get_by_role("link", name="Train on this").click()
    recommended = desk.get_by_role("region", name="Recommended for Breast cancer")
    recommended.get_by_role("link", name="XGBoost", exact=True).click()
    expect(desk.locator("[data-summary=hourly]")).to_have_text("$0.23")
    expect(desk.locator("[data-summary=worst]")).to_have_text("$0.23")
    desk.get_by_label("Instance count").fill("2")
    expect(desk.locator("[data-summary=hourly]")).to_have_text("$0.46")
    desk.get_by_label("Instance count").fill("1")
    name = launch(desk, 300)

    desk.evaluate("window.stillTheSamePage = true")
    wait_for_status(desk, "Completed")
    expect(desk.locator("#log")).to_contain_text("[299]")
    expect(desk.locator("#curve .scatterlayer .trace")).to_have_count(3)
    expect(desk.locator("#curve")).to_contain_text("best 0.9")
    expect(desk.locator(".facts")).to_contain_text("300 / 300")
    expect(desk.locator("[data-log-state]")).to_have_text("ended")
    assert desk.evaluate("window.stillTheSamePage") is True

    with desk.expect_download() as download:
        desk.get_by_role("link", name="Download model").click()
    download.value.save_as(tmp_path / "model.tar.gz")
    assert download.value.suggested_filename == f"{name}-model.tar.gz"
    with tarfile.open(tmp_path / "model.tar.gz") as archive:
        assert "xgboost-model" in archive.getnames()

    with desk.expect_download() as download:
        desk.get_by_role("link", name="Download", exact=True).click()
    assert "[299]#011train-auc" in Path(download.value.path()).read_text()

    desk.get_by_role("navigation", name="Lifecycle").get_by_role("link", name="Train").click()
    row = desk.get_by_role("row", name=name)
    for text in ("Completed", "xgboost", "breast-cancer", "admin", "auc"):
        expect(row).to_contain_text(text)


def test_a_failed_job_says_why_in_its_page_and_in_the_history_and_can_be_changed_and_launched_again(
    desk: Page, failed: str
) -> None:
    desk.goto(f"/w/local/training-jobs/{failed}/")
    expect(desk.get_by_role("heading", name="Failed: what happened")).to_be_visible()
    reason = desk.locator(".reason").inner_text()
    assert "No S3 objects found" in reason
    expect(desk.locator(".failure")).to_contain_text("What usually helps. Check the S3 URIs")
    desk.get_by_role("link", name="Change and launch again").click()
    expect(desk.get_by_label("Train: S3 URI")).to_have_value(re.compile("nowhere/train.csv"))
    expect(desk.get_by_label("num_round")).to_have_value("20")
    desk.goto("/w/local/training-jobs/")
    expect(desk.get_by_role("row", name=failed)).to_contain_text(reason[:40])


def test_a_job_is_stopped_after_one_question(desk: Page) -> None:
    desk.goto("/w/local/train/xgboost/?dataset=abalone")
    launch(desk, 200_000)
    wait_for_status(desk, "Training")
    desk.get_by_role("button", name="Stop").click()
    desk.get_by_role("button", name="Keep it running").click()
    expect(desk.get_by_role("dialog")).to_be_hidden()
    desk.get_by_role("button", name="Stop").click()
    desk.get_by_role("dialog").get_by_role("button", name="Stop job").click()
    wait_for_status(desk, "Stopped")
    expect(desk.get_by_role("button", name="Stop")).to_have_count(0)


def test_wrong_input_is_refused_beside_its_field_and_everything_typed_stays(desk: Page) -> None:
    desk.goto("/w/local/train/xgboost/")
    desk.get_by_role("radio", name="S3 URIs").check()
    desk.get_by_label("Train: S3 URI").fill("http://somewhere/train.csv")
    desk.get_by_label("num_round").fill("many")
    desk.get_by_label("eta").fill("7")
    desk.get_by_label("Job name").fill("not a name")
    desk.get_by_role("button", name="Launch job").click()
    expect(desk.get_by_role("alert")).to_contain_text("Nothing was launched: 4 entries need a correction.")
    expect(desk.get_by_role("alert")).to_be_focused()
    for label, typed, refusal in (
        ("Train: S3 URI", "http://somewhere/train.csv", "Give an S3 URI"),
        ("num_round", "many", "must be a whole number"),
        ("eta", "7", "eta must be 0 to 1, not 7."),
        ("Job name", "not a name", "letters, digits and hyphens"),
    ):
        field = desk.get_by_label(label)
        expect(field).to_have_value(typed)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile(re.escape(refusal)))


def test_another_data_set_brings_its_own_hyperparameters_but_keeps_what_was_typed(desk: Page) -> None:
    desk.goto("/w/local/train/xgboost/?dataset=breast-cancer")
    expect(desk.get_by_label("objective")).to_have_value("binary:logistic")
    desk.get_by_label("eta").fill("0.07")
    desk.get_by_role("radio", name="Abalone").check()
    expect(desk.get_by_label("objective")).to_have_value("reg:squarederror")
    expect(desk.get_by_label("eta")).to_have_value("0.07")


def test_another_data_set_for_an_earlier_job_brings_all_that_suits_it_and_keeps_what_was_typed(
    desk: Page, completed: str
) -> None:
    desk.goto(f"/w/local/train/?from={completed}")
    expect(desk.get_by_label("objective")).to_have_value("binary:logistic")
    desk.get_by_label("num_round").fill("33")
    desk.get_by_role("radio", name="Abalone").check()
    for label, value in (
        ("objective", "reg:squarederror"),
        ("eval_metric", "rmse"),
        ("eta", "0.1"),
        ("num_round", "33"),
    ):
        expect(desk.get_by_label(label)).to_have_value(value)
    desk.get_by_role("radio", name="S3 URIs").check()
    for label, value in (("objective", ""), ("eval_metric", ""), ("eta", ""), ("num_round", "33")):
        expect(desk.get_by_label(label)).to_have_value(value)


def test_the_best_points_label_hides_nothing_of_the_curves(desk: Page, completed: str) -> None:
    desk.goto(f"/w/local/training-jobs/{completed}/")
    expect(desk.locator("#curve .annotation-text").filter(has_text="best ")).to_be_visible()
    assert desk.evaluate(POINTS_UNDER_THE_LABEL) == 0
    desk.set_viewport_size({"width": 390, "height": 800})
    desk.reload()
    expect(desk.locator("#curve .annotation-text").filter(has_text="best ")).to_be_visible()
    assert desk.evaluate(POINTS_UNDER_THE_LABEL) == 0
