"""What SageMaker must be told of a job besides starting and stopping it: its new tags, its deletion.

Claim, call, apply, with no transaction open during the calls; after a crash the row is due again, and calls may repeat.
"""

import logging
from datetime import timedelta

from django.db import transaction

from apps.aws.errors import AwsFailure, Missing, Rejected
from apps.core import clock
from apps.core.events import publish_on_commit
from apps.datasets.aws import delete as delete_object
from apps.training.aws import jobs as aws
from apps.training.models import REFUSED, TrainingJob
from apps.training.services import facts
from apps.training.services.pace import LEASE, backoff

log = logging.getLogger(__name__)

# SageMaker says "Deleting" for a moment; and a job that is just being submitted has no ARN yet.
SOON = timedelta(seconds=2)


def tell(pk: int) -> None:
    """Tell SageMaker what is due of one job. Safe to call any number of times."""
    job = TrainingJob.objects.claim(pk, "tell_due_at", LEASE)
    if job is None:
        return
    try:
        done = _delete(job) if job.delete_asked_at else _tag(job)
    except Rejected as error:
        _give_up(job, error.message)
    except AwsFailure as error:
        log.info("%s is told later: %s", job.name, error.message)
        TrainingJob.objects.filter(pk=pk).update(
            tell_due_at=clock.now() + backoff(job, job.attempts + 1), attempts=job.attempts + 1
        )
    else:
        if not done:
            TrainingJob.objects.filter(pk=pk, tell_due_at=job.tell_due_at).update(tell_due_at=clock.now() + SOON)


def _tag(job: TrainingJob) -> bool:
    """Bring SageMaker's tags in line with the row's; tags that others have set there stay."""
    in_sagemaker = job.arn.startswith("arn:")
    if not in_sagemaker and not job.is_terminal:
        return False
    if in_sagemaker:
        before = job.tags_before or {}
        aws.change_tags(
            job.workspace,
            job.arn,
            removed=sorted(before.keys() - job.tags.keys()),
            added={key: value for key, value in job.tags.items() if before.get(key) != value},
        )
    # Changed meanwhile: then it is due again at that change's time, and this leaves it so.
    TrainingJob.objects.filter(pk=job.pk, tell_due_at=job.tell_due_at).update(tell_due_at=None, tags_before=None)
    return True


def _delete(job: TrainingJob) -> bool:
    """Delete the job in SageMaker and then the row; False while SageMaker still has it."""
    if job.delete_model and job.model_s3_uri:
        delete_object(job.workspace, job.model_s3_uri)
    if job.arn:
        try:
            if aws.describe(job.workspace, job.name)["TrainingJobStatus"] != "Deleting":
                aws.delete(job.workspace, job.name)
            aws.describe(job.workspace, job.name)
            return False
        except Missing:
            log.info("SageMaker no longer has %s", job.name)
    job.delete()
    publish_on_commit(job.workspace_id, job.topic, "jobs")
    return True


def _give_up(job: TrainingJob, reason: str) -> None:
    """SageMaker said no, and will say so again: the job stays as SageMaker has it, and its page says why."""
    what = "deleted" if job.delete_asked_at else "tagged"
    tags = job.tags if job.delete_asked_at or job.tags_before is None else job.tags_before
    with transaction.atomic():
        ours = TrainingJob.objects.filter(pk=job.pk, tell_due_at=job.tell_due_at).update(
            tell_due_at=None,
            tags=tags,
            tags_before=None,
            delete_asked_at=None,
            trouble=f"{REFUSED} {what}: {reason}",
        )
        if ours:
            facts.replace(job, "tags", job.tags, tags)
    publish_on_commit(job.workspace_id, job.topic, "jobs")
