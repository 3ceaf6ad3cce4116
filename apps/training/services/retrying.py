"""When AWS cannot be asked just now: wait longer each time, and say so on the job's page."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from apps.aws.errors import AwsFailure, Unreachable
from apps.aws.services import note_away
from apps.core import clock
from apps.core.events import publish_on_commit
from apps.training.models import TrainingJob
from apps.training.services.pace import backoff

log = logging.getLogger(__name__)

UNFORESEEN = "the console made a mistake when it asked SageMaker; it is in the worker's log and will be tried again"


@contextmanager
def looked_after(job: TrainingJob) -> Iterator[None]:
    """Ask AWS about a claimed job; whatever goes wrong, the job is looked at again later and its page says why."""
    try:
        yield
    except AwsFailure as error:
        log.info("%s: %s", job.name, error.message)
        if isinstance(error, Unreachable):
            note_away(job.workspace)
        _put_off(job, error.message)
    except Exception:
        log.exception("%s is put off", job.name)
        _put_off(job, UNFORESEEN)


def _put_off(job: TrainingJob, trouble: str) -> None:
    """Look again later; what was in the way stands in `trouble` until a look succeeds."""
    TrainingJob.objects.filter(pk=job.pk).update(
        next_poll_at=clock.now() + backoff(job, job.attempts), attempts=job.attempts + 1, trouble=trouble
    )
    publish_on_commit(job.workspace_id, job.topic)
