"""What a person asks for is written down, once and whole."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from apps.accounts.models import AuditEntry, User
from apps.aws.models import Workspace
from apps.core.errors import InvalidInput, Refusal
from apps.training.models import TrainingJob
from apps.training.services import launch, request_stop
from apps.training.services.submitting import submit
from apps.training.spec import LaunchSpec
from apps.training.states import TrainingJobStatus as Status


def test_a_launch_is_a_row_and_a_line_of_the_audit_trail(workspace: Workspace, alice: User, spec: LaunchSpec) -> None:
    job = launch(workspace, alice, spec)
    assert (job.status, job.owner, job.objective_metric) == (Status.REQUESTED, alice, "train:auc")
    assert job.name.startswith("xgboost-")
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.target) == (alice, "launch training job", job.name)


def test_a_name_is_used_once_and_the_loser_leaves_nothing(workspace: Workspace, alice: User, spec: LaunchSpec) -> None:
    launch(workspace, alice, replace(spec, name="mine"))
    with pytest.raises(InvalidInput) as refusal:
        launch(workspace, alice, replace(spec, name="mine"))
    assert "name" in refusal.value.fields
    assert TrainingJob.objects.count() == AuditEntry.objects.count() == 1


def test_a_job_stopped_before_it_was_submitted_never_reaches_sagemaker(
    workspace: Workspace, alice: User, spec: LaunchSpec
) -> None:
    job = launch(workspace, alice, spec)
    request_stop(job, alice)
    submit(job.pk)
    job.refresh_from_db()
    assert (job.status, job.arn, job.next_poll_at) == (Status.STOPPED, "", None)


def test_an_unreachable_region_leaves_the_job_requested_and_says_why(
    workspace: Workspace, alice: User, spec: LaunchSpec
) -> None:
    job = launch(workspace, alice, spec)
    submit(job.pk)
    job.refresh_from_db()
    assert job.status == Status.REQUESTED
    assert job.trouble
    assert job.attempts == 1


def test_what_has_ended_cannot_be_stopped(make_job: Callable[..., TrainingJob], alice: User) -> None:
    with pytest.raises(Refusal, match="has ended already: Completed"):
        request_stop(make_job(status=Status.COMPLETED), alice)


def test_a_second_wish_to_stop_changes_nothing(make_job: Callable[..., TrainingJob], alice: User) -> None:
    job = make_job()
    request_stop(job, alice)
    first = job.stop_requested_at
    request_stop(job, alice)
    assert first
    assert job.stop_requested_at == first
    assert AuditEntry.objects.count() == 1
