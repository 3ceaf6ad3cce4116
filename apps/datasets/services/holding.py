"""Holding a version while a worker works on it: the lease is renewed as it goes on, and its pages are told."""

import time
from datetime import timedelta

from apps.core import clock
from apps.core.events import publish_on_commit
from apps.datasets.models import DatasetVersion

# A worker that has not renewed its lease for so long is taken for dead, and another begins again.
LEASE = timedelta(seconds=20)
EVERY = 0.7
LIST_TOPIC = "datasets"
# The task that does what is due for a version.
WORK = "apps.datasets.tasks.work"


class Lost(Exception):
    """The version is another's now, or is to be deleted: stop, and change nothing."""


class Hold:
    """One worker's hold of a claimed version."""

    def __init__(self, version: DatasetVersion) -> None:
        self.version = version
        self.told = 0.0

    def is_due(self) -> bool:
        """Whether it is time to tell how far the work is."""
        return time.monotonic() - self.told > EVERY

    def tell(self, **columns: object) -> None:
        """Renew the lease and keep these columns; raises Lost when the version is no longer ours."""
        kept = DatasetVersion.objects.held(self.version).update(due_at=clock.now() + LEASE, **columns)
        if not kept:
            raise Lost
        self.told = time.monotonic()
        tell(self.version)


def tell(version: DatasetVersion) -> None:
    """Say to the open pages that the version changed."""
    publish_on_commit(version.dataset.workspace_id, version.dataset.topic, LIST_TOPIC)
