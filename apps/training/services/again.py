"""Launching a job once more, as it was."""

import re
import secrets

from django.db import transaction

from apps.accounts.models import User
from apps.accounts.services import record
from apps.aws.prices import price_per_hour
from apps.core.errors import Refusal
from apps.core.events import publish_on_commit
from apps.core.queue import enqueue_on_commit
from apps.training.catalogue import ALGORITHMS
from apps.training.models import TrainingJob
from apps.training.services import facts
from apps.training.services.launching import MAX_NAME, SUBMIT

# What was asked for: a second job of these is the same request.
ASKED = (
    "workspace", "algorithm", "dataset", "dataset_version", "hyperparameters", "channels", "instance_type",
    "instance_count", "volume_size_gb", "max_runtime_seconds", "max_wait_seconds", "checkpoint_s3_uri", "environment",
    "source", "training_image", "tags", "metric_definitions", "objective_metric",
)  # fmt: skip
# What the console puts behind the names it makes up, and this puts behind any.
ENDING = re.compile(r"-[0-9a-f]{6}$")


def can_retry(job: TrainingJob) -> bool:
    """Whether the console knows enough of the job to ask for it again: those found in the account it may not."""
    return job.algorithm in ALGORITHMS and bool(job.channels) and all(c.get("s3_uri") for c in job.channels.values())


def retry(job: TrainingJob, by: User | None) -> TrainingJob:
    """Launch the same request under a new name; raises Refusal for a job that the console cannot launch."""
    if not can_retry(job):
        raise Refusal(f"{job.name} was not launched here and is of no algorithm that the console launches.")
    asked = {column: getattr(job, column) for column in ASKED}
    name = f"{ENDING.sub('', job.name)[: MAX_NAME - 7].strip('-')}-{secrets.token_hex(3)}"
    with transaction.atomic():
        price = price_per_hour(job.instance_type)
        new = TrainingJob.objects.create(**asked, name=name, owner=by, cloned_from=job, price_per_hour=price)
        facts.keep(new, "hyperparameters", new.hyperparameters)
        facts.keep(new, "tags", new.tags)
        record(by, "launch training job", workspace=job.workspace.slug, target=name, again=job.name)
        publish_on_commit(job.workspace_id, "jobs")
        enqueue_on_commit(SUBMIT, new.pk)
    return new
