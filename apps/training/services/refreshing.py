"""What SageMaker says of a job, taken over into its row: claim, describe, apply."""

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction

from apps.aws.errors import AwsFailure, Missing, Rejected
from apps.aws.services import note_back
from apps.core import clock
from apps.core.events import publish_on_commit
from apps.training.aws import artifacts
from apps.training.aws import jobs as aws
from apps.training.models import TrainingJob
from apps.training.services import described, facts
from apps.training.services.collecting import fill_in, read_to_end
from apps.training.services.pace import LEASE, again_in, interval
from apps.training.services.retrying import looked_after
from apps.training.states import TERMINAL, TrainingJobStatus

log = logging.getLogger(__name__)

# The log and the use of a job that was found are fetched unless it ended longer ago; of old ones, when they are opened.
FRESH = timedelta(days=1)
REFRESH = "apps.training.tasks.refresh"
GONE = "SageMaker no longer knows this training job: it was deleted there."


def refresh(pk: int) -> None:
    """Bring one job's row up to date, and pass on a wish to stop. Safe to call any number of times."""
    job = TrainingJob.objects.exclude(arn="").claim(pk, "next_poll_at", LEASE)
    if job is None:
        return
    with looked_after(job):
        try:
            if job.stop_requested_at and job.status == TrainingJobStatus.IN_PROGRESS:
                _stop(job)
            answer = aws.describe(job.workspace, job.name)
        except Missing:
            _apply(job, TrainingJobStatus.FAILED, {"failure_reason": GONE, "ended_at": clock.now()})
            return
        status, changes = described.status(answer), described.changing(answer)
        if not job.image_uri:
            changes |= described.lasting(job, answer) | _collection(job, changes)
        if status in TERMINAL:  # the log first, so that who sees the last status sees the last metrics too
            read_to_end(job)
            fill_in(job, described.final_metrics(answer))
        _apply(job, status, changes)
        note_back(job.workspace)
        if status == TrainingJobStatus.COMPLETED and job.model_size is None:
            _measure_model(job, changes["model_s3_uri"])


def _stop(job: TrainingJob) -> None:
    """Ask SageMaker; that the job ended in the meantime is told by the description that follows."""
    try:
        aws.stop(job.workspace, job.name)
    except Missing:
        raise
    except Rejected as error:
        log.info("%s was not stopped: %s", job.name, error.message)


def _collection(job: TrainingJob, changes: dict[str, Any]) -> dict[str, Any]:
    """When to begin collecting the log of a job that was found; its metric definitions are known from now on."""
    ended = changes["ended_at"]
    if job.logs_due_at or (ended and clock.now() - ended > FRESH):
        return {}
    return {"logs_due_at": clock.now(), "usage_due_at": clock.now()}


def _measure_model(job: TrainingJob, s3_uri: str) -> None:
    """How large the model is; unknown where it may not be seen, since nothing hangs on it."""
    try:
        size = artifacts.object_size(job.workspace, s3_uri) if s3_uri else None
    except AwsFailure as error:
        log.info("the model of %s cannot be measured: %s", job.name, error.message)
        return
    TrainingJob.objects.filter(pk=job.pk).update(model_size=size)
    publish_on_commit(job.workspace_id, job.topic)


def _apply(job: TrainingJob, status: TrainingJobStatus, changes: dict[str, Any]) -> None:
    """Write what was found, unless a later status is there already, and tell the open pages what they show of it."""
    changed = status != job.status or any(getattr(job, name) != value for name, value in changes.items())
    due = None if status in TERMINAL else clock.now() + interval(job)
    with transaction.atomic():
        TrainingJob.objects.move(job.pk, status, next_poll_at=due, attempts=0, trouble="", **changes)
        for kind in ("hyperparameters", "tags"):
            facts.keep(job, kind, changes.get(kind, {}))
    if due:
        again_in(REFRESH, job, interval(job))
    if changed or job.trouble:
        publish_on_commit(job.workspace_id, job.topic, "jobs")
