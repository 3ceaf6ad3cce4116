"""Handing work to the Celery worker: by name, after the commit, and never as the only record of it."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def enqueue(task: str, *args: object, expires: float | None = None, countdown: float | None = None) -> None:
    """Send one task by its name, to be begun in `countdown` seconds and not after `expires`.

    A queue that is away is only logged: the row waits, and a sweep finds it.
    """
    try:
        current_app.send_task(task, args=args, expires=expires, countdown=countdown, retry=False)
    except OperationalError as error:
        log.warning("%s%s not queued, the next sweep will find it: %s", task, args, error)


def enqueue_on_commit(task: str, *args: object) -> None:
    """Send the task when the current transaction commits; at once outside one."""
    transaction.on_commit(lambda: enqueue(task, *args), robust=True)
