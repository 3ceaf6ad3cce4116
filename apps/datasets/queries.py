"""Reads of data sets."""

from apps.aws.models import Workspace
from apps.core.errors import NotFound
from apps.datasets.models import Dataset


def datasets(workspace: Workspace) -> list[Dataset]:
    """The workspace's data sets by name."""
    return list(Dataset.objects.filter(workspace=workspace).select_related("owner"))


def count(workspace: Workspace) -> int:
    """How many data sets the workspace has."""
    return Dataset.objects.filter(workspace=workspace).count()


def find(workspace: Workspace, name: str) -> Dataset:
    """One data set by its name; raises NotFound."""
    dataset = Dataset.objects.filter(workspace=workspace, name=name).select_related("owner").first()
    if dataset is None:
        raise NotFound(f"there is no data set {name!r} in workspace {workspace.slug!r}", "dataset")
    return dataset
