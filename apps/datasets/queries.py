"""Reads of data sets."""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Count, QuerySet

from apps.accounts.models import User
from apps.aws.models import Workspace
from apps.core import clock
from apps.core.errors import NotFound, Refusal
from apps.datasets.models import Dataset, DatasetVersion, Upload

# A sweep hands out at most so many rows; the rest is found by the next one.
SWEEP_LIMIT = 20
SOME = 3


def datasets(workspace: Workspace) -> QuerySet[Dataset]:
    """The workspace's data sets by name."""
    return Dataset.objects.filter(workspace=workspace).select_related("owner", "current")


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
