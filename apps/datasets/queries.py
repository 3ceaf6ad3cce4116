"""Reads of data sets."""

from django.db.models import QuerySet

from apps.aws.models import Workspace
from apps.core.errors import NotFound, Refusal
from apps.datasets.models import Dataset, DatasetVersion


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
