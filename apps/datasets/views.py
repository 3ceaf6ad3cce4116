"""The pages of data sets."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.aws.access import WorkspaceRequest, in_workspace
from apps.aws.models import Workspace
from apps.datasets import queries


@require_safe
@in_workspace
def datasets(request: WorkspaceRequest, workspace: Workspace) -> HttpResponse:
    """The workspace's data sets."""
    return render(request, "datasets/list.html", {"datasets": queries.datasets(workspace)})


@require_safe
@in_workspace
def detail(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponse:
    """One data set: its facts and its first rows."""
    return render(request, "datasets/detail.html", {"dataset": queries.find(workspace, name)})
