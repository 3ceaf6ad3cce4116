"""What every operation of the local region works on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from apps.localregion.store.documents import Documents
from apps.localregion.store.objects import Objects

if TYPE_CHECKING:
    from apps.localregion.compute.jobs import Jobs


@dataclass(frozen=True)
class Region:
    """The region's name, account and stores; all state lives under `home`."""

    home: Path
    documents: Documents
    objects: Objects
    jobs: Jobs
    name: str = "us-east-1"
    account: str = "123456789012"


def open_region(home: Path) -> Region:
    """The region whose state is in `home`, made at the first start."""
    from apps.localregion.compute.jobs import Jobs

    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = home / "region.sqlite3"
    documents = Documents(database)
    objects = Objects(database, home / "blobs")
    return Region(home, documents, objects, Jobs(home, documents, objects))
