"""The pages' own behaviour: what they refuse, what they keep, what they say in partials."""

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.aws.models import Workspace
from apps.training.models import LogChunk, LogStream, TrainingJob

HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(client: Client, alice: User) -> Client:
    """Alice, signed in."""
    client.force_login(alice)
    return client


def test_nobody_sees_a_page_without_signing_in(client: Client, workspace: Workspace) -> None:
    for path in ("", "data/", "train/", "training-jobs/", "training-jobs/job-1/", "header/", "events", "deploy/"):
        response = client.get(f"/w/there/{path}")
        assert (response.status_code, response["Location"].split("?")[0]) == (302, "/sign-in/")


def test_a_live_update_shows_the_same_rows_as_the_page(desk: Client, make_job: Callable[..., TrainingJob]) -> None:
    make_job(name="one", status="Failed", failure_reason="ClientError: no <data>", next_poll_at=None)
    page, partial = (desk.get("/w/there/training-jobs/", headers=headers).content.decode() for headers in ({}, HTMX))
    assert "<!doctype html>" in page
    assert "<!doctype html>" not in partial
    rows = [text[text.index("<tbody") : text.index("</tbody>")] for text in (page, partial)]
    assert rows[0] == rows[1]
    assert "no &lt;data&gt;" in rows[0]


def test_a_cursor_of_nobodys_making_is_not_found(desk: Client, workspace: Workspace) -> None:
    assert desk.get("/w/there/training-jobs/?before=nonsense").status_code == 404


def test_a_stage_that_does_not_exist_is_not_found(desk: Client, workspace: Workspace) -> None:
    assert desk.get("/w/there/validate/").status_code == 200
    assert desk.get("/w/there/fly/").status_code == 404


def test_the_page_of_a_job_stops_polling_when_the_job_has_ended(
    desk: Client, make_job: Callable[..., TrainingJob]
) -> None:
    make_job(name="on", status="InProgress", secondary_status="Training")
    make_job(name="off", status="Completed", next_poll_at=None)
    assert desk.get("/w/there/training-jobs/on/live/", headers=HTMX).status_code == 200
    assert desk.get("/w/there/training-jobs/off/live/", headers=HTMX).status_code == 286


def test_a_failed_job_says_why_with_its_last_lines_and_advice(
    desk: Client, make_job: Callable[..., TrainingJob]
) -> None:
    job = make_job(status="Failed", failure_reason="AlgorithmError: out of memory", log_lines=3, next_poll_at=None)
    stream = LogStream.objects.create(job=job, name="algo-1")
    lines = [[0, "first"], [1, "[0]#011train-auc:0.5"], [2, "last"]]
    LogChunk.objects.create(job=job, stream=stream, first_line=1, last_line=3, lines=lines)
    text = desk.get(f"/w/there/training-jobs/{job.name}/").content.decode()
    failure = text[text.index('class="failure"') : text.index("</section>")]
    assert "AlgorithmError: out of memory" in failure
    assert "choose a larger instance type" in failure
    assert "last\n" in failure
    assert "[0]\ttrain-auc:0.5" in text


def test_a_job_that_sagemaker_refused_is_not_told_to_read_a_log_that_is_empty(
    desk: Client, make_job: Callable[..., TrainingJob]
) -> None:
    job = make_job(status="Failed", failure_reason="ValidationException: no such thing", next_poll_at=None)
    text = desk.get(f"/w/there/training-jobs/{job.name}/").content.decode()
    assert "There is no log" in text
    assert "log below" not in text
    assert "The last lines of its log" not in text


def test_a_job_without_news_says_so_in_its_page_and_in_the_history(
    desk: Client, make_job: Callable[..., TrainingJob]
) -> None:
    make_job(name="asked", trouble="Could not connect")
    make_job(name="far", status="InProgress", secondary_status="Training", trouble="Could not connect")
    make_job(name="over", status="Completed", trouble="Could not connect", next_poll_at=None)
    said = {name: desk.get(f"/w/there/training-jobs/{name}/").content.decode() for name in ("asked", "far", "over")}
    assert "SageMaker does not have this job yet." in said["asked"]
    assert "No news from SageMaker" in said["far"]
    assert "Could not connect" not in said["over"]
    history = desk.get("/w/there/training-jobs/").content.decode()
    assert history.count("No news: Could not connect") == 2


def test_a_form_without_its_token_is_refused_on_a_page_of_ours(
    alice: User, make_job: Callable[..., TrainingJob]
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    response = strict.post(f"/w/there/training-jobs/{make_job().name}/stop/")
    assert response.status_code == 403
    assert "That is not allowed" in response.content.decode()


def test_stopping_takes_a_post_and_an_ended_job_is_told_so(desk: Client, make_job: Callable[..., TrainingJob]) -> None:
    job = make_job(status="Completed", next_poll_at=None)
    address = f"/w/there/training-jobs/{job.name}/stop/"
    assert desk.get(address).status_code == 405
    text = desk.post(address, follow=True).content.decode()
    assert f"{job.name} has ended already: Completed." in text


def test_a_model_that_is_not_there_is_said_on_the_jobs_page(desk: Client, make_job: Callable[..., TrainingJob]) -> None:
    job = make_job(status="Failed", next_poll_at=None)
    text = desk.get(f"/w/there/training-jobs/{job.name}/model.tar.gz", follow=True).content.decode()
    assert "The model cannot be downloaded: this job has no model artifact" in text


def test_a_refused_launch_keeps_what_was_typed_and_launches_nothing(desk: Client, workspace: Workspace) -> None:
    typed = {"train_s3_uri": "s3://bucket/<train>.csv", "hp_num_round": "ten", "instance_type": "ml.m5.xlarge"}
    response = desk.post("/w/there/train/xgboost/", typed | {"instance_count": "1", "max_runtime_seconds": "60"})
    text = response.content.decode()
    assert response.status_code == 422
    assert "num_round must be a whole number" in text
    assert 'value="s3://bucket/&lt;train&gt;.csv"' in text
    assert 'value="ten"' in text
    assert not TrainingJob.objects.exists()


def test_launching_again_starts_from_the_earlier_jobs_values(
    desk: Client, make_job: Callable[..., TrainingJob]
) -> None:
    channels = {"train": {"s3_uri": "s3://bucket/train/", "content_type": "text/libsvm"}}
    job = make_job(hyperparameters={"num_round": "77"}, channels=channels, instance_type="ml.c5.xlarge")
    text = desk.get(f"/w/there/train/?from={job.name}", follow=True).content.decode()
    assert 'value="s3://bucket/train/"' in text
    assert 'value="77"' in text
    assert '<option value="text/libsvm" selected>' in text
    assert desk.get("/w/there/train/?from=nobody").status_code == 404


def test_the_history_shows_what_its_filter_says_and_keeps_it_in_the_address(
    desk: Client, make_job: Callable[..., TrainingJob]
) -> None:
    make_job(name="kept", status="Failed")
    make_job(name="left-out", status="Completed")
    page = desk.get("/w/there/training-jobs/?filter=status+%3D+Failed&sort=name").content.decode()
    assert "kept" in page
    assert "left-out" not in page
    assert 'value="status = Failed"' in page
    assert '<option value="name" selected>' in page


def test_a_filter_that_cannot_be_read_is_refused_beside_its_field_and_kept(desk: Client, workspace: Workspace) -> None:
    answer = desk.get("/w/there/training-jobs/?filter=colour+%3D+red")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "is not a field; known are" in page
    assert 'value="colour = red"' in page
