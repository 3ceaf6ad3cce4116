"""CPU, memory and disk use of a job's instance, fetched from CloudWatch: claim, read on, apply."""

from datetime import datetime, timedelta

from django.db.models import Max

from apps.aws.errors import AwsFailure
from apps.core import clock
from apps.core.events import publish_on_commit
from apps.training.aws import usage as aws
from apps.training.models import TrainingJob, UsagePoint
from apps.training.services.pace import LEASE, backoff

LOCAL_INTERVAL = timedelta(seconds=3)
AWS_INTERVAL = timedelta(seconds=60)
# CloudWatch may take values late: look back this far each time, and once more this long after the end.
OVERLAP = timedelta(minutes=2)


def collect_usage(pk: int) -> None:
    """Fetch the use of a job's instance since the last time. Safe to call any number of times."""
    job = TrainingJob.objects.claim(pk, "usage_due_at", LEASE)
    if job is None:
        return
    every = LOCAL_INTERVAL if job.workspace.is_local else AWS_INTERVAL
    due: datetime | None = clock.now() + every
    try:
        if job.started_at:
            _fetch(job, job.started_at)
        if job.is_terminal and clock.now() - (job.ended_at or job.created_at) > every:
            due = None
    except AwsFailure:
        due = clock.now() + backoff(job, job.attempts + 3)
    TrainingJob.objects.filter(pk=pk).update(usage_due_at=due)


def _fetch(job: TrainingJob, started_at: datetime) -> None:
    latest = UsagePoint.objects.filter(job=job).aggregate(at=Max("at"))["at"]
    now = clock.now()
    since = max(started_at, latest - OVERLAP) if latest else started_at - OVERLAP
    period = aws.usage_period(started_at, now)
    series = aws.usage(job.workspace, job.name, since, now, period)
    points = [
        UsagePoint(job=job, name=name, at=at, value=value) for name, values in series.items() for at, value in values
    ]
    UsagePoint.objects.bulk_create(points, ignore_conflicts=True)
    if any(latest is None or point.at > latest for point in points):
        publish_on_commit(job.workspace_id, f"{job.topic}-usage")
