"""The row is the queue: claims and guarded changes, against the real database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from apps.aws.models import Workspace
from apps.core import clock
from apps.training.models import TrainingJob
from apps.training.queries import due
from apps.training.states import TrainingJobStatus as Status

MINUTE = timedelta(minutes=1)


def claim_in_a_thread(pk: int) -> bool:
    """As a worker's thread does it, on a database connection of its own."""
    try:
        return TrainingJob.objects.claim(pk, "next_poll_at", MINUTE) is not None
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_gets_a_row(make_job: Callable[..., TrainingJob]) -> None:
    job = make_job()
    with ThreadPoolExecutor(8) as workers:
        assert sum(workers.map(claim_in_a_thread, [job.pk] * 24)) == 1


def test_a_claimed_row_is_due_again_when_its_lease_runs_out(make_job: Callable[..., TrainingJob]) -> None:
    job = make_job()
    assert TrainingJob.objects.claim(job.pk, "next_poll_at", -MINUTE)
    assert TrainingJob.objects.claim(job.pk, "next_poll_at", MINUTE)
    assert TrainingJob.objects.claim(job.pk, "next_poll_at", MINUTE) is None


@pytest.mark.parametrize("last", [Status.COMPLETED, Status.FAILED, Status.STOPPED])
def test_a_late_answer_changes_nothing_of_a_job_that_has_ended(
    make_job: Callable[..., TrainingJob], last: Status
) -> None:
    job = make_job(status=last, failure_reason="as it was")
    assert not TrainingJob.objects.move(job.pk, Status.IN_PROGRESS, failure_reason="late")
    job.refresh_from_db()
    assert (job.status, job.failure_reason) == (last, "as it was")


def test_the_sweep_finds_what_is_due_and_nothing_else(make_job: Callable[..., TrainingJob]) -> None:
    requested = make_job()
    running = make_job(status=Status.IN_PROGRESS, logs_due_at=clock.now())
    make_job(status=Status.IN_PROGRESS, next_poll_at=clock.after(minutes=1), logs_due_at=clock.after(minutes=1))
    make_job(status=Status.COMPLETED, next_poll_at=None)
    prefix = "apps.training.tasks."
    Workspace.objects.update(discover_due_at=clock.after(minutes=1))
    assert sorted(due()) == sorted(
        [(f"{prefix}submit", requested.pk), (f"{prefix}refresh", running.pk), (f"{prefix}collect_logs", running.pk)]
    )
