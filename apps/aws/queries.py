"""Reads of workspaces."""

from apps.aws.models import Workspace
from apps.core.errors import NotFound


def workspaces() -> list[Workspace]:
    """All workspaces, the oldest first."""
    return list(Workspace.objects.all())


def find_workspace(slug: str) -> Workspace:
    """The workspace of that slug; raises NotFound."""
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is None:
        raise NotFound(f"there is no workspace {slug!r}", "workspace")
    return workspace
