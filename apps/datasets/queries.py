"""Reads of data sets."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from apps.accounts.models import User
from apps.aws.models import Workspace
from apps.core import clock
from apps.core.errors import NotFound, Refusal
from apps.datasets.models import Dataset, DatasetVersion, Upload

# A sweep hands out at most so many rows; the rest is found by the next one.
SWEEP_LIMIT = 20
SOME = 3
SHOWN_JOBS = 20


def datasets(workspace: Workspace) -> QuerySet[Dataset]:
    """The workspace's data sets by name."""
    return Dataset.objects.filter(workspace=workspace).select_related("owner", "current")


def with_states(workspace: Workspace) -> QuerySet[Dataset]:
    """The same, each with the state of its newest version in `newest_state`."""
    versions = DatasetVersion.objects.filter(dataset=OuterRef("pk")).order_by("-number")
    return datasets(workspace).annotate(newest_state=Subquery(versions.values("state")[:1]))


def trainable(workspace: Workspace) -> QuerySet[Dataset]:
    """Those of which a version is ready, in `current`."""
    return datasets(workspace).exclude(current=None)


def count(workspace: Workspace) -> int:
    """How many data sets the workspace has."""
    return Dataset.objects.filter(workspace=workspace).count()


def find(workspace: Workspace, name: str) -> Dataset:
    """One data set by its name; raises NotFound."""
    dataset = datasets(workspace).filter(name=name).first()
    if dataset is None:
        raise NotFound(f"there is no data set {name!r} in workspace {workspace.slug!r}", "dataset")
    return dataset


def find_by_key(workspace: Workspace, key: str) -> Dataset:
    """One data set by its id, else by its name (which is never digits alone); raises NotFound."""
    if key.isascii() and key.isdigit():
        by_id = datasets(workspace).filter(pk=int(key[:18])).first()
        if by_id is not None:
            return by_id
    return find(workspace, key)


@dataclass(frozen=True)
class Row:
    """A data set as the list shows it: its newest version, how many there are, and its latest training job."""

    dataset: Dataset
    version: DatasetVersion
    versions: int
    job: Any


def listed(workspace: Workspace, words: str) -> list[Row]:
    """The data sets that have all the words in name, title or source, those last changed first; five reads in all."""
    found = datasets(workspace)
    for word in words.split():
        found = found.filter(Q(name__icontains=word) | Q(title__icontains=word) | Q(source__icontains=word))
    rows = list(found)
    newest: dict[int, DatasetVersion] = {}
    counts: Counter[int] = Counter()
    brief = DatasetVersion.objects.filter(dataset__in=rows).defer("columns", "preview", "encodings", "features")
    for version in brief.order_by("number"):
        newest[version.dataset_id] = version
        counts[version.dataset_id] += 1
    latest = _latest_jobs(rows)
    kept = [Row(row, newest[row.pk], counts[row.pk], latest.get(row.pk)) for row in rows if row.pk in newest]
    return sorted(kept, key=lambda row: row.version.created_at, reverse=True)


def _latest_jobs(rows: list[Dataset]) -> dict[int, Any]:
    """The latest job on each data set, by the data set's key; their model stands above this app, so it is looked up."""
    jobs: Any = apps.get_model("training", "TrainingJob")._default_manager
    last = jobs.filter(dataset__in=rows).values("dataset").annotate(last=Max("pk")).values("last")
    return {job.dataset_id: job for job in jobs.filter(pk__in=last)}


def jobs_of(version: DatasetVersion) -> list[Any]:
    """The latest jobs that trained on the version."""
    return list(version.training_jobs.select_related("owner").order_by("-pk")[:SHOWN_JOBS])


def ready(dataset: Dataset) -> DatasetVersion:
    """The version to train on; raises Refusal while there is none."""
    if dataset.current is None:
        raise Refusal(f"{dataset.name} has no version that is ready to train on.", "dataset")
    return dataset.current


def versions(dataset: Dataset) -> list[DatasetVersion]:
    """All versions, the newest first, with how many jobs trained on each in `jobs`."""
    return list(dataset.versions.select_related("owner").annotate(jobs=Count("training_jobs")))


def find_version(dataset: Dataset, number: int) -> DatasetVersion:
    """One version by its number; raises NotFound."""
    version = dataset.versions.filter(number=number).select_related("dataset__workspace", "owner").first()
    if version is None:
        raise NotFound(f"{dataset.name} has no version {number}", "version")
    return version


def newest(dataset: Dataset) -> DatasetVersion:
    """The newest version, whatever its state; raises NotFound."""
    version = dataset.versions.select_related("dataset__workspace", "owner").first()
    if version is None:
        raise NotFound(f"{dataset.name} has no version", "version")
    return version


def busy_jobs(dataset: Dataset) -> list[str]:
    """The names of the jobs that have not ended and train on the data set, a few of them."""
    return list(dataset.training_jobs.filter(ended_at=None).values_list("name", flat=True)[:SOME])


def due() -> Iterator[int]:
    """The versions that a worker has something to do for now."""
    yield from DatasetVersion.objects.due().order_by("due_at").values_list("pk", flat=True)[:SWEEP_LIMIT]


def find_upload(workspace: Workspace, owner: User, pk: UUID) -> Upload:
    """One upload of this person; raises NotFound when it is over, expired or another's."""
    upload = Upload.objects.filter(workspace=workspace, owner=owner, pk=pk).select_related("workspace", "owner").first()
    if upload is None:
        raise NotFound("This upload is over or has expired. Begin again.", "upload")
    return upload


def unfinished(workspace: Workspace, owner: User) -> QuerySet[Upload]:
    """This person's uploads that can be gone on with."""
    return Upload.objects.filter(workspace=workspace, owner=owner, expires_at__gt=clock.now())
