"""Jobs of the account that were not launched here: found, and from then on watched like our own."""

from datetime import datetime, timedelta

from django.db import transaction

from apps.aws.models import Workspace
from apps.core import clock
from apps.core.events import publish_on_commit
from apps.training.aws import jobs as aws
from apps.training.models import TrainingJob
from apps.training.states import TrainingJobStatus

# A listing may lag behind a creation: look back this far beyond what was seen.
OVERLAP = timedelta(minutes=5)
BATCH = 500


def discover(workspace: Workspace) -> int:
    """Write down the jobs not known yet and answer how many; raises AwsFailure.

    Where nothing was seen yet, all of the account's jobs count.
    """
    began = clock.now()
    since = workspace.discovered_until - OVERLAP if workspace.discovered_until else None
    listed = dict(aws.created_since(workspace, since))
    names = list(listed)
    known: set[str] = set()
    for start in range(0, len(names), BATCH):
        rows = TrainingJob.objects.filter(workspace=workspace, name__in=names[start : start + BATCH])
        known |= set(rows.values_list("name", flat=True))
    new = [name for name in names if name not in known]
    with transaction.atomic():
        TrainingJob.objects.bulk_create(
            (_row(workspace, name, listed[name]) for name in new), ignore_conflicts=True, batch_size=BATCH
        )
        Workspace.objects.filter(pk=workspace.pk).update(discovered_until=began)
        if new:
            publish_on_commit(workspace.pk, "jobs")
    return len(new)


def _row(workspace: Workspace, name: str, created_at: datetime) -> TrainingJob:
    """A row of which the next refresh learns everything; until then its ARN only marks it as SageMaker's."""
    now = clock.now()
    return TrainingJob(
        workspace=workspace,
        name=name,
        created_at=created_at,
        status=TrainingJobStatus.IN_PROGRESS,
        arn="-",
        next_poll_at=now,
        logs_due_at=now,
        usage_due_at=now,
    )
