"""Jobs of the account that were not launched here: found, and from then on watched like our own."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from apps.aws.errors import AwsFailure, Unreachable
from apps.aws.models import Workspace
from apps.aws.services import note_away, note_back
from apps.core import clock
from apps.core.events import publish_on_commit
from apps.training.aws import jobs as aws
from apps.training.models import TrainingJob
from apps.training.states import TrainingJobStatus

# A listing may lag behind a creation: look back this far beyond what was seen.
OVERLAP = timedelta(minutes=5)
BATCH = 500
INTERVAL = timedelta(seconds=15)
LEASE = timedelta(minutes=5)

log = logging.getLogger(__name__)


def discover(pk: int) -> None:
    """Write down the workspace's jobs that are not known yet. Safe to call any number of times.

    Where nothing was seen yet, all of the account's jobs count.
    """
    workspace = _claim(pk)
    if workspace is None:
        return
    try:
        _take_in(workspace)
        note_back(workspace)
    except AwsFailure as error:
        log.info("workspace %s cannot be searched for jobs: %s", workspace, error.message)
        if isinstance(error, Unreachable):
            note_away(workspace)
    Workspace.objects.filter(pk=pk).update(discover_due_at=clock.now() + INTERVAL)


def _claim(pk: int) -> Workspace | None:
    """The workspace, when it is due and nobody else searches it; one whose searcher died is due after the lease."""
    due = Workspace.objects.filter(pk=pk, discover_due_at__lte=clock.now())
    return Workspace.objects.get(pk=pk) if due.update(discover_due_at=clock.now() + LEASE) else None


def _take_in(workspace: Workspace) -> None:
    began = clock.now()
    since = workspace.discovered_until - OVERLAP if workspace.discovered_until else None
    listed = dict(aws.created_since(workspace, since))
    known = _known(workspace, list(listed))
    new = [name for name in listed if name not in known]
    with transaction.atomic():
        TrainingJob.objects.bulk_create(
            (_row(workspace, name, listed[name]) for name in new), ignore_conflicts=True, batch_size=BATCH
        )
        Workspace.objects.filter(pk=workspace.pk).update(discovered_until=began)
        if new:
            publish_on_commit(workspace.pk, "jobs")


def _known(workspace: Workspace, names: list[str]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(names), BATCH):
        rows = TrainingJob.objects.filter(workspace=workspace, name__in=names[start : start + BATCH])
        known |= set(rows.values_list("name", flat=True))
    return known


def _row(workspace: Workspace, name: str, created_at: datetime) -> TrainingJob:
    """A row of which the next refresh learns everything; until then its ARN only marks it as SageMaker's."""
    return TrainingJob(
        workspace=workspace,
        name=name,
        created_at=created_at,
        status=TrainingJobStatus.IN_PROGRESS,
        arn="-",
        next_poll_at=clock.now(),
    )
