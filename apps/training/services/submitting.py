"""From `Requested` to a job that SageMaker knows: claim, call, apply, with no transaction open during the call."""

import logging
from datetime import timedelta

from apps.aws.errors import Passing, Rejected
from apps.core import clock
from apps.core.errors import Refusal
from apps.core.events import publish_on_commit
from apps.training.aws import jobs as aws
from apps.training.models import TrainingJob
from apps.training.services.retrying import put_off
from apps.training.states import TrainingJobStatus as Status

log = logging.getLogger(__name__)

# Longer than the slowest create call with its retries; a worker that dies in it is followed by another after that.
LEASE = timedelta(seconds=90)


def submit(pk: int) -> None:
    """Create the requested job in SageMaker, or say why that cannot be. Safe to call any number of times."""
    job = TrainingJob.objects.filter(status=Status.REQUESTED).claim(pk, "next_poll_at", LEASE)
    if job is None:
        return
    try:
        arn = _stopped_in_time(job) if job.stop_requested_at else _create(job)
    except Passing as error:
        put_off(job, error)
    except (Rejected, Refusal) as error:
        log.info("%s was refused: %s", job.name, error.message)
        _end(job, Status.FAILED, error.message)
    else:
        if arn is None:
            _end(job, Status.STOPPED, "")
            return
        now = clock.now()
        TrainingJob.objects.move(
            job.pk,
            Status.IN_PROGRESS,
            arn=arn,
            next_poll_at=now,
            logs_due_at=now,
            usage_due_at=now,
            attempts=0,
            trouble="",
        )
        publish_on_commit(job.workspace_id, job.topic, "jobs")


def _create(job: TrainingJob) -> str:
    """Note the try, then make it: what comes after knows whether SageMaker may have the job."""
    TrainingJob.objects.filter(pk=job.pk).update(create_tried_at=clock.now())
    return aws.create(job)


def _stopped_in_time(job: TrainingJob) -> str | None:
    """None when SageMaker never had the job, so that it need not be asked to stop it; else its ARN."""
    return aws.created_already(job) if job.create_tried_at else None


def _end(job: TrainingJob, status: Status, reason: str) -> None:
    """The job ended before SageMaker ever had it."""
    TrainingJob.objects.move(job.pk, status, failure_reason=reason, ended_at=clock.now(), next_poll_at=None, trouble="")
    publish_on_commit(job.workspace_id, job.topic, "jobs")
