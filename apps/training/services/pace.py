"""How often AWS is asked about a job, and how long it is left in peace after a failure."""

from datetime import timedelta

from apps.core import clock
from apps.core.queue import enqueue
from apps.training.models import TrainingJob

# Always at the local region, which is this machine; often at young jobs on AWS, seldom at old ones.
LOCAL_INTERVAL = timedelta(seconds=1)
# A log that grows is read on twice a second here, so that a line is in the browser in about one.
LOCAL_LOG_INTERVAL = timedelta(seconds=0.4)
YOUNG_INTERVAL = timedelta(seconds=5)
OLD_INTERVAL = timedelta(seconds=20)
YOUNG = timedelta(minutes=10)
# A hint that was not taken by then is dropped: the sweep gives another.
HINT_SECONDS = 10.0
FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=2)
LONGEST_LOCAL_WAIT = timedelta(seconds=10)
# A worker that dies in a call is followed by another after that. One that is only slow does no harm: a second one
# writes the same, or finds by cursor, guard or launch tag that the first was there.
LEASE = timedelta(seconds=20)


def interval(job: TrainingJob) -> timedelta:
    """How long until the next look at a job that goes on."""
    if job.workspace.is_local:
        return LOCAL_INTERVAL
    return YOUNG_INTERVAL if clock.now() - job.created_at < YOUNG else OLD_INTERVAL


def log_interval(job: TrainingJob, grew: bool) -> timedelta:
    """How long until the next look at the log of a job that goes on; `grew`: it had something new this time."""
    if job.workspace.is_local and (grew or not job.log_lines):
        return LOCAL_LOG_INTERVAL
    return interval(job)


def again_in(task: str, job: TrainingJob, wait: timedelta) -> None:
    """Have this machine's next look begin in time: the sweep, which comes once a second, is late for it."""
    if job.workspace.is_local:
        enqueue(task, job.pk, countdown=wait.total_seconds(), expires=wait.total_seconds() + HINT_SECONDS)


def backoff(job: TrainingJob, failures: int) -> timedelta:
    """How long to wait after so many failures in a row: 1 s doubling to 2 minutes, to 10 s on this machine."""
    longest = LONGEST_LOCAL_WAIT if job.workspace.is_local else LONGEST_WAIT
    return min(FIRST_WAIT * (1 << min(failures, 10)), longest)
