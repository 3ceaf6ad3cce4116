"""What every operation of the local region works on."""

from __future__ import annotations

import fcntl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from apps.localregion.identity import ACCOUNT, REGION, Identity, local_user
from apps.localregion.store.documents import Documents
from apps.localregion.store.objects import Objects

if TYPE_CHECKING:
    from apps.localregion.compute.batch_warden import BatchJobs
    from apps.localregion.compute.jobs import Jobs

LOCAL = local_user(ACCOUNT)


@dataclass(frozen=True)
class Region:
    """The region's name, account and stores; all state lives under `home`."""

    home: Path
    documents: Documents
    objects: Objects
    jobs: Jobs
    batches: BatchJobs
    name: str = REGION
    account: str = ACCOUNT
    caller: Identity = LOCAL  # of the request that an operation works on


def lock_home(home: Path) -> TextIO:
    """Make the folder if need be and hold it as long as the answered file is open.

    Raises RuntimeError when another region has it: two would take each other's unfinished files for rubbish.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = (home / "region.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise RuntimeError(f"another region already runs on {home}: stop it first") from error
    return lock


def open_region(home: Path) -> Region:
    """The region whose state is in `home`, which `lock_home` has made ours."""
    from apps.localregion.compute.batch_warden import BatchJobs
    from apps.localregion.compute.jobs import Jobs

    database = home / "region.sqlite3"
    documents = Documents(database)
    objects = Objects(database, home / "blobs")
    jobs = Jobs(home, documents, objects)
    return Region(home, documents, objects, jobs, BatchJobs(home, documents, objects, jobs.logs))
