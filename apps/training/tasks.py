"""What the worker does: one service call a task. Messages are hints, the sweep finds every row whose time has come."""

from celery import shared_task

from apps.core.queue import enqueue
from apps.training import queries
from apps.training.services import collecting, discovery, measuring, refreshing, submitting, telling, unpacking

# A hint that was not taken by then is dropped; the next sweep gives another.
HINT_SECONDS = 10.0


@shared_task
def submit(pk: int) -> None:
    """Create a requested job in SageMaker."""
    submitting.submit(pk)


@shared_task
def refresh(pk: int) -> None:
    """Take over what SageMaker says of a job."""
    refreshing.refresh(pk)


@shared_task
def collect_logs(pk: int) -> None:
    """Fetch a job's new log lines and the metric values in them."""
    collecting.collect_logs(pk)


@shared_task
def collect_usage(pk: int) -> None:
    """Fetch the CPU, memory and disk use of a job's instance."""
    measuring.collect_usage(pk)


@shared_task
def tell(pk: int) -> None:
    """Tell SageMaker of a job's new tags, or of its deletion."""
    telling.tell(pk)


@shared_task
def list_model(pk: int) -> None:
    """Look into a job's model archive."""
    unpacking.list_model(pk)


@shared_task
def sweep() -> None:
    """Hand out every row whose time has come, whatever became of its earlier message."""
    for task, pk in queries.due():
        enqueue(task, pk, expires=HINT_SECONDS)


@shared_task
def discover(pk: int) -> None:
    """Find jobs of one workspace's account that were not launched here."""
    discovery.discover(pk)
