"""What the worker does for data sets: one service call a task. The sweep finds every row whose time has come."""

from celery import shared_task

from apps.core.queue import enqueue
from apps.datasets import queries
from apps.datasets.services import uploading, working

# A hint that was not taken by then is dropped; the next sweep gives another.
HINT_SECONDS = 10.0


@shared_task
def work(pk: int) -> None:
    """Do what is due for a version: profile, prepare or delete it."""
    working.work(pk)


@shared_task
def sweep() -> None:
    """Hand out every version whose time has come, whatever became of its earlier message."""
    for pk in queries.due():
        enqueue("apps.datasets.tasks.work", pk, expires=HINT_SECONDS)


@shared_task
def expire_uploads() -> None:
    """Give up uploads that nobody went on with."""
    uploading.expire()
