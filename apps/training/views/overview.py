"""Home, the history, the rail, and the stages that have no page of their own yet."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.aws.access import WorkspaceRequest, in_workspace
from apps.aws.models import Workspace
from apps.datasets.queries import count as dataset_count
from apps.training import queries
from apps.training.context import PLAIN_STAGES

RECENT = 8


@require_safe
@in_workspace
def home(request: WorkspaceRequest, workspace: Workspace) -> HttpResponse:
    """The first page: what runs, what failed, what it costs, what waits for the reader, what to do next."""
    jobs = queries.history(workspace, limit=RECENT).items
    context = {
        "counts": queries.counts(workspace),
        "jobs": jobs,
        "dataset_count": dataset_count(workspace),
        "running": next((job for job in jobs if not job.is_terminal), None),
        "waiting": queries.attention(workspace, request.user),
        "spent": queries.spent_since_yesterday(workspace),
    }
    return render(request, f"training/home.html{'#now' if request.htmx else ''}", context)


@require_safe
@in_workspace
def header(request: WorkspaceRequest, workspace: Workspace) -> HttpResponse:
    """The rail and what is burning now, as they stand."""
    return render(request, "training/header.html")


@require_safe
@in_workspace
def stage(request: WorkspaceRequest, workspace: Workspace, stage: str) -> HttpResponse:
    """What can be done today at a stage that has no tools of its own yet, and where."""
    if stage not in PLAIN_STAGES:
        raise Http404(f"there is no stage {stage!r}")
    return render(request, f"training/stages/{stage}.html")
