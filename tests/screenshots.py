"""`make screenshots`: the pictures of docs/, taken of a real console with jobs that run, completed and failed."""

from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.conftest import chromium
from tests.jobs import BUCKET, JOBS, Jobs
from tests.stack import CHECKOUT, Stack

PASSWORD = "correct horse battery staple"
WINDOW = ViewportSize(width=1440, height=900)
FOLDER = CHECKOUT / "docs"
# What each completed job has learned with; the pictures show the one of depth 4.
VARIANTS = (
    {"max_depth": 2, "eta": 0.3},
    {"max_depth": 6, "eta": 0.05, "subsample": 0.8},
    {"max_depth": 3, "eta": 0.2, "min_child_weight": 4},
    {"max_depth": 4, "eta": 0.1},
)
# Rounds that cost the more the further it is: with them a job lasts.
LASTING = {"booster": "dart", "rate_drop": 0.1, "num_round": 20_000}


def launch(jobs: Jobs, name: str, **hyperparameters: object) -> None:
    """Launch XGBoost of that name on the sample data."""
    given = {"objective": "binary:logistic", "eval_metric": "auc,logloss", "num_round": 150, "nthread": 1}
    body = {
        "name": name,
        "algorithm": "xgboost",
        "dataset": "breast-cancer",
        "hyperparameters": given | hyperparameters,
    }
    status, answer = jobs.stack.request("POST", JOBS, body | {"hyperparameters": given | hyperparameters}, jobs.token)
    assert status == 201, answer


def fill(jobs: Jobs) -> tuple[str, str]:
    """Launch what the pictures show; answers the names of a job that completed and of one that runs."""
    names = [f"breast-cancer-depth-{variant['max_depth']}" for variant in VARIANTS]
    for name, variant in zip(names, VARIANTS, strict=True):
        launch(jobs, name, **variant)
    lost = jobs.launch(f"s3://{BUCKET}/nowhere/train.csv", 100)
    for name in (*names, lost):
        jobs.wait_for_end(name)
    launch(jobs, "breast-cancer-dart", **LASTING)
    jobs.wait_for_rounds("breast-cancer-dart")
    return names[-1], "breast-cancer-dart"


def sign_in(page: Page, link: str) -> None:
    """Choose a password by the one-time link."""
    page.goto(link)
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password confirmation").fill(PASSWORD)
    page.get_by_role("button", name="Keep password and sign in").click()
    page.wait_for_url("**/w/local/")


def take(page: Page, home: str, completed: str, running: str) -> None:
    """Each picture once what it shows is there."""
    page.goto(home)
    page.get_by_role("link", name=running).first.wait_for()
    page.screenshot(path=FOLDER / "home.png")
    page.goto(f"{home}training-jobs/?filter=algorithm+%3D+xgboost")
    page.get_by_role("link", name=completed).wait_for()
    page.screenshot(path=FOLDER / "history.png")
    page.goto(f"{home}training-jobs/{completed}/")
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    page.locator(".js-plotly-plot").get_by_text("best").first.wait_for()
    page.screenshot(path=FOLDER / "job.png")
    page.goto(f"{home}train/xgboost/?dataset=breast-cancer")
    page.locator("[data-summary=hourly]", has_text="$").wait_for()
    page.screenshot(path=FOLDER / "form.png")


def main() -> None:
    """Start a console, fill it, look at it and remove it."""
    stack = Stack()
    try:
        stack.start()
        stack.wait_until_healthy()
        stack.manage("first_light")
        jobs = Jobs(stack, stack.token())
        completed, running = fill(jobs)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**chromium())
            page = browser.new_page(viewport=WINDOW, color_scheme="light", reduced_motion="reduce")
            sign_in(page, stack.sign_in_link())
            take(page, f"{stack.url}/w/local/", completed, running)
            browser.close()
        jobs.stop(running)
    finally:
        stack.remove()


if __name__ == "__main__":
    main()
