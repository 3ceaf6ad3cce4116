"""From `Requested` to a job that SageMaker knows: claim, call, apply, with no transaction open during the call."""

import logging

from apps.aws.errors import Rejected
from apps.aws.services import note_back
from apps.core import clock
from apps.core.events import publish_on_commit
from apps.core.queue import enqueue
from apps.training.aws import jobs as aws
from apps.training.models import TrainingJob
from apps.training.services.pace import LEASE
from apps.training.services.retrying import looked_after
from apps.training.services.sourcing import bring_from_git
from apps.training.sources import NoSuchSource
from apps.training.states import TrainingJobStatus as Status

log = logging.getLogger(__name__)


def submit(pk: int) -> None:
    """Create the requested job in SageMaker, or say why that cannot be. Safe to call any number of times."""
    job = TrainingJob.objects.filter(status=Status.REQUESTED).claim(pk, "next_poll_at", LEASE)
    if job is None:
        return
    with looked_after(job):
        try:
            arn = _stopped_in_time(job) if job.stop_requested_at else _create(job)
        except (Rejected, NoSuchSource) as error:
            log.info("%s was refused: %s", job.name, error.message)
            _end(job, Status.FAILED, error.message)
            return
        if arn is None:
            _end(job, Status.STOPPED, "")
        else:
            _begin(job, arn)


def _begin(job: TrainingJob, arn: str) -> None:
    """SageMaker has the job: watch it from now on."""
    now = clock.now()
    watch = {"next_poll_at": now, "logs_due_at": now, "usage_due_at": now}
    TrainingJob.objects.move(job.pk, Status.IN_PROGRESS, arn=arn, attempts=0, trouble="", **watch)
    publish_on_commit(job.workspace_id, job.topic, "jobs")
    for task in ("refresh", "collect_logs"):
        enqueue(f"apps.training.tasks.{task}", job.pk)
    note_back(job.workspace)


def _create(job: TrainingJob) -> str:
    """Note the try, then make it: what comes after knows whether SageMaker may have the job."""
    if job.source.get("git_url") and not job.source.get("s3_uri"):
        bring_from_git(job)
    TrainingJob.objects.filter(pk=job.pk).update(create_tried_at=clock.now())
    return aws.create(job)


def _stopped_in_time(job: TrainingJob) -> str | None:
    """None when SageMaker never had the job, so that it need not be asked to stop it; else its ARN."""
    return aws.created_already(job) if job.create_tried_at else None


def _end(job: TrainingJob, status: Status, reason: str) -> None:
    """The job ended before SageMaker ever had it."""
    TrainingJob.objects.move(job.pk, status, failure_reason=reason, ended_at=clock.now(), next_poll_at=None, trouble="")
    publish_on_commit(job.workspace_id, job.topic, "jobs")
