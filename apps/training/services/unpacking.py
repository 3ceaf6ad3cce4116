"""What a model archive holds: looked into once, by the worker, when somebody first sees its job."""

import logging

from apps.aws.errors import AwsFailure
from apps.core.events import publish_on_commit
from apps.core.queue import enqueue
from apps.training.aws import artifacts
from apps.training.models import TrainingJob

log = logging.getLogger(__name__)

LIST_MODEL = "apps.training.tasks.list_model"


def want_model_files(job: TrainingJob) -> None:
    """Somebody looks at an ended job whose archive was not looked into yet: have it done."""
    if job.is_terminal and job.model_s3_uri and job.model_files is None:
        enqueue(LIST_MODEL, job.pk, expires=60.0)


def list_model(pk: int) -> None:
    """Write down what the job's archive holds. Safe to call any number of times; asked again if unreadable."""
    waiting = TrainingJob.objects.filter(pk=pk, model_files__isnull=True).exclude(model_s3_uri="")
    job = waiting.select_related("workspace").first()
    if job is None:
        return
    try:
        files, complete = artifacts.archive_files(job.workspace, job.model_s3_uri)
    except AwsFailure as error:
        log.info("the model of %s cannot be looked into: %s", job.name, error.message)
        return
    TrainingJob.objects.filter(pk=pk).update(model_files={"files": files, "complete": complete})
    publish_on_commit(job.workspace_id, job.topic)
