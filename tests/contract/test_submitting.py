"""A worker that dies between SageMaker's answer and its own row starts no second job.

On the local region alone: moto's server takes a name twice.
"""

from collections.abc import Callable

import pytest

from apps.aws.account import bucket
from apps.aws.models import Workspace
from apps.core import clock
from apps.training.aws import jobs as aws
from apps.training.models import TrainingJob
from apps.training.services import launch, request_stop
from apps.training.services.submitting import submit
from apps.training.spec import Channel, LaunchSpec
from apps.training.states import TrainingJobStatus as Status

Crash = Callable[[TrainingJob], TrainingJob]


@pytest.fixture
def spec(workspace: Workspace) -> LaunchSpec:
    """A small job."""
    return LaunchSpec(
        algorithm="xgboost",
        hyperparameters={"num_round": "10"},
        channels={"train": Channel(f"s3://{bucket(workspace)}/submitting/train.csv", "text/csv")},
        instance_type="ml.m5.xlarge",
        instance_count=1,
        max_runtime_seconds=600,
    )


@pytest.fixture
def crash_after_create() -> Crash:
    """Leaves the row as a worker does that was killed just after SageMaker had answered."""

    def crash(job: TrainingJob) -> TrainingJob:
        TrainingJob.objects.filter(pk=job.pk).update(create_tried_at=clock.now())
        aws.create(job)
        return job

    return crash


def test_the_next_worker_finds_the_job_instead_of_starting_a_second(
    workspace: Workspace, spec: LaunchSpec, crash_after_create: Crash
) -> None:
    job = crash_after_create(launch(workspace, None, spec))
    submit(job.pk)
    job.refresh_from_db()
    assert job.status == Status.IN_PROGRESS
    assert job.arn.endswith(job.name)
    assert [name for name, _ in aws.created_since(workspace, None)].count(job.name) == 1


def test_a_wish_to_stop_after_the_crash_reaches_the_job(
    workspace: Workspace, spec: LaunchSpec, crash_after_create: Crash
) -> None:
    job = crash_after_create(launch(workspace, None, spec))
    request_stop(job, None)
    submit(job.pk)
    job.refresh_from_db()
    assert (job.status, job.display_status) == (Status.IN_PROGRESS, "Stopping")


def test_a_name_that_another_program_took_is_no_success(workspace: Workspace, spec: LaunchSpec) -> None:
    theirs, ours = launch(workspace, None, spec), launch(workspace, None, spec)
    theirs.name = ours.name
    aws.create(theirs)
    submit(ours.pk)
    ours.refresh_from_db()
    assert ours.status == Status.FAILED
    assert ours.failure_reason
