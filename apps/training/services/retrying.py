"""When AWS cannot be asked just now: wait longer each time, and say so on the job's page."""

from datetime import timedelta

from apps.aws.errors import Passing
from apps.core import clock
from apps.core.events import publish_on_commit
from apps.training.models import TrainingJob

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=2)


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many failures in a row: 1 s doubling to 2 minutes."""
    return min(FIRST_WAIT * (1 << min(attempts, 10)), LONGEST_WAIT)


def put_off(job: TrainingJob, error: Passing) -> None:
    """Look again later; what was in the way stands in `trouble` until a look succeeds."""
    TrainingJob.objects.filter(pk=job.pk).update(
        next_poll_at=clock.now() + backoff(job.attempts), attempts=job.attempts + 1, trouble=error.message
    )
    publish_on_commit(job.workspace_id, job.topic)
