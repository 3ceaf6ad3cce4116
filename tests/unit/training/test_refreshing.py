"""What SageMaker says is taken over whatever else fails, against a small HTTP server that says it."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from apps.aws.models import Workspace
from apps.core import clock
from apps.training.models import TrainingJob
from apps.training.queries import due
from apps.training.services.discovery import _row
from apps.training.services.refreshing import refresh
from apps.training.states import TrainingJobStatus as Status

LATER = clock.after(days=1)
DESCRIPTION = {
    "TrainingJobName": "theirs",
    "TrainingJobArn": "arn:aws:sagemaker:us-east-1:123456789012:training-job/theirs",
    "TrainingJobStatus": "Completed",
    "SecondaryStatus": "Completed",
    "AlgorithmSpecification": {"TrainingImage": "1.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"},
    "HyperParameters": {"num_round": "10", "eval_metric": "auc"},
    "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
    "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    "ModelArtifacts": {"S3ModelArtifacts": "s3://hidden/model.tar.gz"},
    "FinalMetricDataList": [{"MetricName": "train:auc", "Value": 0.75, "Timestamp": 1.0}],
    "TrainingStartTime": 1.0,
    "TrainingEndTime": 61.0,
}


@dataclass
class Region:
    """What the server answers, by operation; a status alone is a refusal."""

    url: str
    answers: dict[str, Any] = field(default_factory=lambda: {"DescribeTrainingJob": dict(DESCRIPTION)})


@pytest.fixture
def region(monkeypatch: pytest.MonkeyPatch) -> Iterator[Region]:
    """A server that refuses one thing and answers another, which no AWS double can be told to do."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._say(found.answers.get(self.headers["X-Amz-Target"].split(".")[1]))

        def do_HEAD(self) -> None:
            self._say(None)

        def _say(self, answer: dict[str, Any] | None) -> None:
            body = json.dumps(answer or {"__type": "AccessDeniedException", "message": "no"}).encode()
            self.send_response(200 if answer else 403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Region(f"http://127.0.0.1:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def theirs(workspace: Workspace, region: Region) -> TrainingJob:
    """A job that discovery has just found."""
    Workspace.objects.filter(pk=workspace.pk).update(endpoint_url=region.url)
    workspace.refresh_from_db()
    job = _row(workspace, "theirs", clock.now())
    job.save()
    return job


def test_a_status_is_taken_over_though_model_and_tags_may_not_be_seen(theirs: TrainingJob) -> None:
    refresh(theirs.pk)
    theirs.refresh_from_db()
    assert (theirs.status, theirs.algorithm, theirs.next_poll_at) == (Status.COMPLETED, "xgboost", None)
    assert (theirs.tags, theirs.model_size) == ({}, None)


def test_metrics_that_no_log_gave_are_sagemakers_own(theirs: TrainingJob) -> None:
    refresh(theirs.pk)
    theirs.refresh_from_db()
    assert theirs.best_metrics == {"train:auc": {"value": 0.75, "step": None}}
    assert theirs.objective_value == 0.75


def test_the_log_of_a_found_job_waits_until_its_metrics_are_known(theirs: TrainingJob, region: Region) -> None:
    assert (theirs.logs_due_at, theirs.display_status) == (None, "InProgress")
    region.answers["DescribeTrainingJob"] |= {"TrainingJobStatus": "InProgress", "SecondaryStatus": "Training"}
    del region.answers["DescribeTrainingJob"]["TrainingEndTime"]
    refresh(theirs.pk)
    theirs.refresh_from_db()
    assert theirs.logs_due_at
    assert theirs.display_status == "Training"


def test_the_log_of_a_job_that_ended_long_ago_is_not_fetched_unasked(theirs: TrainingJob) -> None:
    refresh(theirs.pk)
    theirs.refresh_from_db()
    assert theirs.ended_at
    assert theirs.logs_due_at is None


def test_a_status_that_the_console_does_not_know_is_waited_out(theirs: TrainingJob, region: Region) -> None:
    region.answers["DescribeTrainingJob"]["TrainingJobStatus"] = "Deleting"
    refresh(theirs.pk)
    theirs.refresh_from_db()
    assert theirs.status == Status.IN_PROGRESS
    assert "Deleting" in theirs.trouble
    assert theirs.next_poll_at


def test_a_reason_with_a_nul_byte_can_be_written(theirs: TrainingJob, region: Region) -> None:
    region.answers["DescribeTrainingJob"] |= {"TrainingJobStatus": "Failed", "FailureReason": "bad \0 byte"}
    refresh(theirs.pk)
    theirs.refresh_from_db()
    assert (theirs.status, theirs.failure_reason) == (Status.FAILED, "bad \ufffd byte")


def test_a_workspace_that_does_not_answer_is_left_in_peace_and_holds_up_no_other(
    workspace: Workspace, make_job: Callable[..., TrainingJob]
) -> None:
    other = Workspace.objects.create(slug="other", name="other", region="us-east-1", discover_due_at=LATER)
    job, there = make_job(status="InProgress", arn="-"), make_job(workspace=other, status="InProgress", arn="-")
    refresh(job.pk)
    job.refresh_from_db()
    workspace.refresh_from_db()
    assert job.trouble
    assert workspace.away_until
    TrainingJob.objects.filter(pk=job.pk).update(next_poll_at=clock.now())
    assert list(due()) == [("apps.training.tasks.refresh", there.pk)]
