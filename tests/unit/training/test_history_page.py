"""The history's page: columns, suggestions, bulk changes with undo, the file."""

import csv
from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import AuditEntry, User
from apps.aws.models import Workspace
from apps.core import clock
from apps.training import queries
from apps.training.columns import columns_of
from apps.training.csvfile import lines
from apps.training.filterfields import Asker
from apps.training.models import HistoryColumns, TrainingJob
from apps.training.services import facts, set_tags

HERE = "/w/there/training-jobs/"


@pytest.fixture
def page(client: Client, alice: User) -> Client:
    """A signed-in person's browser."""
    client.force_login(alice)
    return client


def get(page: Client, address: str) -> str:
    """A page's text."""
    return page.get(address).content.decode()


@pytest.fixture
def jobs(make_job: Callable[..., TrainingJob]) -> list[TrainingJob]:
    """Two that have ended and one that runs, with a hyperparameter and a metric."""
    made = []
    for status, eta, auc in (("Completed", "0.1", 0.9), ("Failed", "0.3", 0.8), ("InProgress", "0.5", None)):
        values = {} if auc is None else {"validation:auc": auc}
        job = make_job(
            status=status,
            hyperparameters={"eta": eta},
            best_metrics={name: {"value": value, "step": 1} for name, value in values.items()},
            objective_metric="validation:auc",
            spark=[0.5, 0.7, 0.9] if values else [],
            ended_at=None if status == "InProgress" else clock.now(),
        )
        facts.keep(job, "hyperparameters", {"eta": eta})
        facts.keep(job, "metrics", values)
        made.append(job)
    return made


def test_any_hyperparameter_or_metric_is_a_column_that_can_be_sorted_by(page: Client, jobs: list[TrainingJob]) -> None:
    text = get(page, f"{HERE}?columns=status,hp.eta,metrics.validation:auc&sort=-hp.eta")
    assert text.index("0.5</td>") < text.index("0.3</td>") < text.index("0.1</td>")
    assert 'aria-sort="descending"' in text
    assert "0.9000" in text
    assert "Algorithm</a>" not in text


def test_chosen_columns_stay_and_stand_in_the_address(page: Client, jobs: list[TrainingJob]) -> None:
    form = {"columns": ["status", "cost"], "facts": "hp.eta", "filter": "status = Failed"}
    answer = page.post("/w/there/history/columns/", form)
    assert answer["Location"] == f"{HERE}?filter=status+%3D+Failed&columns=status%2Ccost%2Chyperparameters.eta"
    assert HistoryColumns.objects.get().names == ["status", "cost", "hyperparameters.eta"]
    assert "Algorithm</a>" not in get(page, HERE)
    page.post("/w/there/history/columns/", {})
    assert "Algorithm</a>" in get(page, HERE)


def test_a_column_that_is_none_is_refused_by_name(page: Client, jobs: list[TrainingJob]) -> None:
    page.post("/w/there/history/columns/", {"facts": "colour"})
    assert "&#x27;colour&#x27; is not a column" in get(page, HERE)
    assert page.get(f"{HERE}?columns=colour").status_code == 404


def test_a_row_draws_the_course_of_its_objective_metric(page: Client, jobs: list[TrainingJob]) -> None:
    assert get(page, HERE).count('<svg class="spark"') == 2


def test_how_many_match_is_told_apart(page: Client, jobs: list[TrainingJob]) -> None:
    assert 'data-count="3"' in get(page, "/w/there/history/count/")
    assert 'data-count="1"' in get(page, "/w/there/history/count/?filter=status+%3D+Failed")
    assert page.get("/w/there/history/count/?filter=colour+%3D").status_code == 404


@pytest.mark.parametrize(
    ("query", "items"),
    [
        ("q=hp.", ["hyperparameters.eta"]),
        ("q=metrics.val", ["metrics.validation:auc"]),
        ("q=sta", ["status", "started", "starred"]),
        ("field=hp.eta&q=0.", ["0.1", "0.3", "0.5"]),
        ("field=status&q=f", ["Failed"]),
        ("field=archived", ["yes", "no"]),
        ("field=algorithm&q=xg", ["xgboost"]),
        ("field=created", []),
        ("field=colour", []),
    ],
)
def test_fields_and_values_are_suggested(page: Client, jobs: list[TrainingJob], query: str, items: list[str]) -> None:
    found = page.get(f"/w/there/history/suggestions/?{query}").json()["items"]
    assert sorted(found) == sorted(items)


def test_archiving_many_tells_what_was_refused_and_is_taken_back(page: Client, jobs: list[TrainingJob]) -> None:
    names = [job.name for job in jobs]
    page.post("/w/there/history/bulk/", {"action": "archive", "jobs": names})
    text = get(page, HERE)
    assert "Archived: 2 jobs." in text
    assert f"Not done for {names[2]}" in text
    assert [f'value="{name}"' in text for name in names] == [False, False, True]
    assert names[0] in get(page, f"{HERE}?filter=archived+%3D+yes")
    assert AuditEntry.objects.filter(action="archive training job").count() == 2
    page.post("/w/there/history/bulk/undo/")
    assert all(name in get(page, HERE) for name in names)
    assert page.post("/w/there/history/bulk/undo/").status_code == 404


def test_a_tag_for_all_that_match_leaves_the_others_and_is_taken_back(
    page: Client, alice: User, jobs: list[TrainingJob]
) -> None:
    set_tags(jobs[0], alice, {"team": "risk"})
    form = {"action": "tag", "tag": "team=growth", "all": "yes", "filter": "status in (Completed, Failed)"}
    page.post("/w/there/history/bulk/", form)
    tags = dict(TrainingJob.objects.values_list("name", "tags"))
    assert [tags[job.name] for job in jobs] == [{"team": "growth"}, {"team": "growth"}, {}]
    page.post("/w/there/history/bulk/undo/")
    tags = dict(TrainingJob.objects.values_list("name", "tags"))
    assert [tags[job.name] for job in jobs] == [{"team": "risk"}, {}, {}]


def test_stopping_many_stops_those_that_go_on(page: Client, jobs: list[TrainingJob]) -> None:
    page.post("/w/there/history/bulk/", {"action": "stop", "jobs": [job.name for job in jobs]})
    assert list(TrainingJob.objects.exclude(stop_requested_at=None)) == [jobs[2]]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"action": "archive"}, "Choose at least one job"),
        ({"action": "burn", "jobs": "job-1"}, "cannot be done"),
        ({"action": "tag", "jobs": "job-1"}, "as in team=risk"),
        ({"action": "stop", "all": "yes", "filter": "colour = red"}, "is not a field"),
    ],
)
def test_what_cannot_be_done_to_many_is_refused_in_words(
    page: Client, jobs: list[TrainingJob], form: dict[str, str], says: str
) -> None:
    page.post("/w/there/history/bulk/", form)
    assert says in get(page, HERE)


def test_the_file_holds_the_whole_view_and_no_formula(
    page: Client, workspace: Workspace, jobs: list[TrainingJob]
) -> None:
    TrainingJob.objects.filter(pk=jobs[1].pk).update(failure_reason="=cmd()")
    view = queries.View.of(Asker(workspace), "", "hp.eta")
    rows = list(csv.DictReader(b"".join(lines(view, columns_of(["status"]))).decode().splitlines()))
    assert [row["hyperparameters.eta"] for row in rows] == ["0.1", "0.3", "0.5"]
    assert [row["metrics.validation:auc"] for row in rows] == ["0.9", "0.8", ""]
    assert rows[1]["failure_reason"] == "'=cmd()"
    assert list(rows[0])[:2] == ["name", "status"]


def test_a_file_of_a_wrong_filter_is_not_begun(page: Client, jobs: list[TrainingJob]) -> None:
    response = page.get("/w/there/history/jobs.csv?sort=hp.eta&columns=status")
    assert response["Content-Disposition"] == 'attachment; filename="training-jobs-there.csv"'
    assert page.get("/w/there/history/jobs.csv?filter=colour+%3D+red").status_code == 404


def test_what_a_job_says_is_text_and_never_a_part_of_the_page(
    page: Client, make_job: Callable[..., TrainingJob]
) -> None:
    make_job(status="Failed", failure_reason="<b>'no'</b>", algorithm="<i>own", hyperparameters={"eta": "<u>"})
    text = get(page, f"{HERE}?columns=algorithm,hp.eta")
    assert "&lt;b&gt;" in text
    assert all(part not in text for part in ("<b>'no'", "<i>own", "<u>"))
